"""A release built from what changed is the release that a full build gives: same dump, counts, report, search."""

import gzip
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.conftest import dim_page, dim_record, work_fields, works_page

from katalod import pipeline, releases
from katalod.catalogue import opened
from katalod.changes import ChangeLog, Span
from katalod.pipeline import dump
from katalod.report import Report
from katalod.search import Asked
from katalod.settings import Settings

steps = st.lists(
    st.lists(
        st.tuples(
            st.integers(0, 9),
            st.sampled_from(["create", "update", "retitle", "delete", "break", "rekey", "person", "move", "join"]),
        ),
        min_size=1,
        max_size=5,
    ),
    min_size=1,
    max_size=4,
)


def changed(number: int, act: str, step: int) -> str:
    identifier, stamp = f"oai:x:difu/{number}", f"2024-06-{step + 1:02d}T00:00:00Z"
    fields = work_fields(number)
    match act:
        case "delete":
            return dim_record(identifier, None, stamp)
        case "break":
            fields = fields[1:]
        case "retitle":
            fields = work_fields(number, f"Neuer Titel {step}")
        case "update":
            fields = [*fields, ("subject", "soziale teilhabe", "de"), ("subject", "ZUWANDERUNG", "de")]
        case "rekey":
            fields = [field for field in fields if field[0] != "subject"]
        case "move" | "join":
            path = f"neu/{number}" if act == "move" else f"difu/{number + 1}"
            fields = [field for field in fields if field[0] != "identifier.uri"]
            fields.append(("identifier.uri", f"https://repository.example.org/handle/{path}", None))
        case "person":
            fields = [*fields, ("identifier.isbn", "978-3-88118-676-6", None), ("date.issued", "c2021", None)]
    return dim_record(identifier, fields, stamp)


def state(settings: Settings) -> dict[str, object]:
    """All that a release shows, but for its name and when it was made."""
    release = releases.find(settings.home)
    folder = releases.folder(settings.home)
    with opened(settings) as edition:
        found = {
            text: edition.index.find(Asked(text), 50) for text in ("Bericht", "Stadt Titel", "Zuwanderung", "neuer")
        }
        documents = {path: edition.document(path) for path, *_ in Report(folder).all_works()}
        keywords = {slug: edition.keyword(slug) for slug in ("zuwanderung", "teilhabe", "dorf", "soziale-teilhabe")}
        return {
            "dump": (folder / dump.NAME).read_bytes(),
            "counts": release.counts,
            "digests": release.digests,
            "modified": release.modified,
            "works": list(Report(folder).all_works()),
            "findings": edition.findings(limit=1000),
            "search": found,
            "documents": documents,
            "keywords": keywords,
            "dataset": edition.dataset(),
            "moved": {
                path: edition.moved(path) for number in range(11) for path in (f"difu/{number}", f"neu/{number}")
            },
            "log": log(settings),
        }


def log(settings: Settings) -> list[tuple[str, str, str, tuple[str, ...], int]]:
    """The change log, with the number of the release instead of the time, which the clock decides."""
    times = {release.created: number for number, release in enumerate(reversed(releases.listing(settings.home)))}
    entries = ChangeLog(releases.folder(settings.home)).entries(Span(), 1000)
    return [(one.path, one.kind, one.title, one.sets, times[one.changed]) for one in entries]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("start")
    (folder / "a.xml").write_text(works_page(range(6)).replace("oai:repository.example.org", "oai:x"), "utf-8")
    made = Settings(home=folder / "home", publish_jobs=1)
    pipeline.publish(made, (str(folder / "a.xml"),), lambda *_: None)
    return made


@hypothesis_settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_from_what_changed_is_in_full(
    start: Settings, tmp_path_factory: pytest.TempPathFactory, steps: list[list[tuple[int, str]]]
) -> None:
    folder = tmp_path_factory.mktemp("steps")
    ways = {full: replace(start, home=folder / f"home-{full}") for full in (False, True)}
    for made in ways.values():
        shutil.copytree(start.home, made.home)
    for number, step in enumerate(steps):
        page = folder / f"{number}.xml"
        page.write_text(dim_page(changed(*act, number) for act in step), "utf-8")
        for full, made in ways.items():
            published = pipeline.publish(made, (str(page),), lambda *_: None, full=full)
            how = "in full: it was asked for" if full else "from what changed"
            assert not published.new or published.built == how
        changed_states = [state(made) for made in ways.values()]
        for part, value in changed_states[0].items():
            assert changed_states[1][part] == value, part


def test_a_full_build_that_gives_the_same_is_no_release(start: Settings) -> None:
    again = pipeline.publish(start, (), lambda *_: None, full=True)
    assert not again.new


def test_changed_inputs_force_a_full_build_and_it_says_so(start: Settings, tmp_path: Path) -> None:
    made = replace(start, home=tmp_path / "home")
    shutil.copytree(start.home, made.home)
    links = tmp_path / "links.tsv"
    header = "subject_id\tsubject_label\tpredicate_id\tobject_id\tobject_label\tmapping_justification\n"
    links.write_text(
        "#curie_map:\n#  keyword: http://127.0.0.1:8080/id/keyword/\n" + header
        + "keyword:dorf\tDorf\tskos:closeMatch\tgnd:4120730-0\tMigration\tsemapv:ManualMappingCuration\n"
    )  # fmt: skip
    published = pipeline.publish(replace(made, linking_links=str(links)), (), lambda *_: None)
    assert published.new
    assert published.built == "in full: links changed"
    moved = pipeline.publish(replace(made, base="https://data.example.org/"), (), lambda *_: None)
    assert "base" in moved.built or "127.0.0.1" in moved.built


def test_the_dump_of_a_changed_release_is_plain_gzip(start: Settings, tmp_path: Path) -> None:
    made = replace(start, home=tmp_path / "home")
    shutil.copytree(start.home, made.home)
    (tmp_path / "b.xml").write_text(dim_page([changed(3, "retitle", 1)]), "utf-8")
    pipeline.publish(made, (str(tmp_path / "b.xml"),), lambda *_: None)
    lines = gzip.decompress((releases.folder(made.home) / dump.NAME).read_bytes()).splitlines()
    assert lines == sorted(set(lines))
    assert any(b"Neuer Titel" in line for line in lines)


def first_dump(settings: Settings) -> bytes:
    return (releases.folder(settings.home) / dump.NAME).read_bytes()


def test_another_memory_in_its_place_is_noticed(start: Settings, tmp_path: Path) -> None:
    made = replace(start, home=tmp_path / "home")
    shutil.copytree(start.home, made.home)
    for file in made.home.glob("harvest.sqlite*"):
        file.unlink()
    (tmp_path / "b.xml").write_text(works_page([20]), "utf-8")
    published = pipeline.publish(made, (str(tmp_path / "b.xml"),), lambda *_: None)
    assert published.built == "in full: the harvest memory is another one"
    assert published.release.count("works") == 1


def test_after_an_empty_first_release_both_ways_are_one(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(works_page(range(3)), "utf-8")
    dumps = set()
    for full in (False, True):
        made = Settings(home=tmp_path / str(full), publish_jobs=1)
        assert pipeline.publish(made, (), lambda *_: None).release.count("works") == 0
        pipeline.publish(made, (str(tmp_path / "a.xml"),), lambda *_: None, full=full)
        dumps.add(first_dump(made))
    assert len(dumps) == 1


def test_a_new_title_of_the_dataset_is_everywhere(start: Settings, tmp_path: Path) -> None:
    made = replace(start, home=tmp_path / "home", dataset_title_de="Neuer Name")
    shutil.copytree(start.home, made.home)
    assert pipeline.publish(made, (), lambda *_: None).new
    assert "Schlagwörter: Neuer Name" in gzip.decompress(first_dump(made)).decode()


def test_half_a_character_in_a_record_stops_nothing(start: Settings, tmp_path: Path) -> None:
    made = replace(start, home=tmp_path / "home")
    shutil.copytree(start.home, made.home)
    item = '{"uuid": "u", "handle": "difu/77", "type": "item", "metadata": {"dc.title": [{"value": "Titel \\ud800"}],'
    item += ' "dc.subject": [{"value": "Stadt", "authority": "gnd:\\ud800"}]}}'
    (tmp_path / "half.json").write_text(item, "utf-8")
    assert pipeline.publish(made, (str(tmp_path / "half.json"),), lambda *_: None).release.count("works") == 7


def test_what_was_rolled_back_is_not_pruned(start: Settings, tmp_path: Path) -> None:
    made = replace(start, home=tmp_path / "home")
    shutil.copytree(start.home, made.home)
    for number in (21, 22):
        (tmp_path / "b.xml").write_text(works_page([number]), "utf-8")
        pipeline.publish(made, (str(tmp_path / "b.xml"),), lambda *_: None)
    releases.rollback(made.home, releases.listing(made.home)[-1].id)
    assert releases.prune(made.home, 1) == []
