"""From files to a release that is served: whole, unchanged by accidents, the same every time."""

import gzip
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store, parse
from tests.conftest import dim_page, dim_record, work_fields, works_page

from katalod import pipeline, releases
from katalod.catalogue import opened
from katalod.errors import Busy, NoRelease, ReleaseError, SourceError
from katalod.model import Finding, Severity
from katalod.pipeline import Published
from katalod.report import Report
from katalod.settings import Settings

Write = Callable[[str, str], str]
DATA = Path(__file__).parents[2] / "data"


def publish(settings: Settings, *targets: str) -> Published:
    return pipeline.publish(settings, targets, lambda *_: None)


def findings(settings: Settings) -> list[Finding]:
    with opened(settings) as edition:
        return edition.findings(limit=10_000)[1]


def dump(settings: Settings, release: str = "") -> bytes:
    return gzip.decompress((releases.folder(settings.home, release) / "dump.nq.gz").read_bytes())


def test_the_first_record_is_one_work_in_three_forms(made: Settings) -> None:
    published = publish(made, str(DATA))
    assert published.new
    assert published.release.count("works") == 1
    assert published.release.count("violations") == 0
    subjects = subjects_of_the_first_record(made)
    assert {"4315666-6", "4120730-0", "4066794-7", "4077814-9", "4044789-3"} <= subjects
    assert "4134681-6" not in subjects, "Teilhabe is the philosophers'"
    same = [f for f in findings(made) if f.shape == "same-work"]
    assert {f.origin.rpartition(".")[2] for f in same} == {"json", "txt"}


def subjects_of_the_first_record(settings: Settings) -> set[str]:
    query = "SELECT ?s WHERE { <http://127.0.0.1:8080/id/difu/581658> <http://purl.org/dc/terms/subject> ?s }"
    with opened(settings) as edition:
        return {row.rpartition("/")[2].strip() for row in edition.ask(query, "csv").splitlines()}


def test_the_three_forms_give_the_same_graph(tmp_path: Path, made: Settings) -> None:
    digests = set()
    for name in ("difu-581658.txt", "difu-581658.dim.xml", "difu-581658.json"):
        settings = replace(made, home=tmp_path / name)
        publish(settings, str(DATA / name))
        with Report(releases.folder(settings.home)) as report:
            digests |= {digest for path, _, _, digest in report.all_works()}
    assert len(digests) == 1


def test_the_dump_is_sorted_has_no_blank_node_and_is_what_the_store_holds(made: Settings, page: Write) -> None:
    publish(made, page("a.xml", works_page(range(120))))
    lines = dump(made).splitlines()
    assert lines == sorted(set(lines))
    assert b"_:" not in b" ".join(line.split(b" ", 2)[0] + line.split(b" ", 3)[2] for line in lines)
    stored = set(Store.read_only(str(releases.folder(made.home) / "store")))
    assert stored == set(parse(dump(made), format=RdfFormat.N_QUADS)), "what the engine rewrites was not canonical"
    assert len({quad.triple for quad in stored}) == len(stored), "no triple has two owners"
    assert len(stored) == len(lines) == releases.find(made.home).count("triples")


def test_the_same_harvest_gives_the_same_bytes(tmp_path: Path, made: Settings, page: Write) -> None:
    source = page("a.xml", works_page(range(60)))
    digests = set()
    for jobs, batch in ((1, 100), (2, 7)):
        settings = replace(made, home=tmp_path / str(jobs), publish_jobs=jobs, publish_batch=batch)
        publish(settings, source)
        digests.add(hashlib.sha256((releases.folder(settings.home) / "dump.nq.gz").read_bytes()).hexdigest())
    assert len(digests) == 1


def test_nothing_changed_is_no_release(made: Settings, page: Write) -> None:
    source = page("a.xml", works_page(range(3)))
    first = publish(made, source)
    again = publish(made, source)
    assert not again.new
    assert again.release == first.release
    assert len(releases.listing(made.home)) == 1
    assert not list((made.home / "releases").glob(".draft-*"))


def test_without_source_the_memory_is_released_anew(made: Settings, page: Write) -> None:
    publish(made, page("a.xml", works_page(range(3))))
    moved = publish(replace(made, base="https://data.example.org/"))
    assert moved.new
    assert moved.release.count("works") == 3
    assert b"<https://data.example.org/id/difu/1>" in dump(made)
    assert b"127.0.0.1" not in dump(made)


def test_changes_and_deletions(made: Settings, page: Write) -> None:
    publish(made, page("a.xml", works_page(range(5))))
    news = dim_page(
        [
            dim_record("oai:repository.example.org:difu/1", work_fields(1, "Ein neuer Titel"), "2024-06-01"),
            dim_record("oai:repository.example.org:difu/2", None, "2024-06-02"),
            dim_record("oai:repository.example.org:difu/9", work_fields(9), "2024-06-03"),
        ]
    )
    second = publish(made, page("b.xml", news))
    assert dict(second.changes) == {"created": 1, "deleted": 1, "updated": 1}
    log = {change.path: change for change in releases.read_changes(releases.folder(made.home))}
    assert {path: change.kind for path, change in log.items()} == {
        "difu/1": "updated",
        "difu/2": "deleted",
        "difu/9": "created",
    }
    with opened(made) as edition:
        assert edition.document("difu/2") == []
        gone = edition.gone("difu/2")
        assert gone is not None
        assert gone.datestamp == "2024-06-02"
        assert gone.title.startswith("Bericht 2")
    former, now = (release.id for release in reversed(releases.listing(made.home)))
    patch = list(releases.patch(made.home, former, now))
    lines = set(dump(made, former).decode().splitlines(keepends=True))
    for line in patch:
        lines = lines - {line[2:]} if line[0] == "D" else lines | {line[2:]}
    assert lines == set(dump(made, now).decode().splitlines(keepends=True))


def test_rollback_and_prune(made: Settings, page: Write) -> None:
    for n in range(1, 5):
        publish(made, page("a.xml", works_page(range(n))))
    ids = [release.id for release in releases.listing(made.home)]
    assert releases.rollback(made.home).id == ids[1]
    assert releases.current(made.home) == ids[1]
    assert releases.prune(made.home, 1) == [ids[2], ids[3]]
    assert [release.id for release in releases.listing(made.home)] == ids[:2]
    with pytest.raises(ReleaseError, match="no release before"):
        releases.rollback(made.home)
    with pytest.raises(ReleaseError, match="no release"):
        releases.rollback(made.home, "../../etc")


def test_nothing_published_is_said(made: Settings) -> None:
    with pytest.raises(NoRelease, match="katalod publish"), opened(made):
        pass


def test_a_missing_source_stops_before_anything_is_written(made: Settings) -> None:
    with pytest.raises(SourceError, match=r"nowhere\.xml"):
        publish(made, "nowhere.xml")
    assert not (made.home / "current").exists()


BAD = {
    "without-title.xml": (dim_page([dim_record("oai:x:a/1", [("date.issued", "2020", None)])]), "no-title", 0),
    "impossible-date.xml": (
        dim_page([dim_record("oai:x:a/2", [*work_fields(2)[:1], ("date.issued", "2021-13-40", None)])]),
        "date-form",
        1,
    ),
    "wrong-isbn.xml": (
        dim_page([dim_record("oai:x:a/3", [*work_fields(3), ("identifier.isbn", "978-3-88118-676-7", None)])]),
        "isbn-check-digit",
        1,
    ),
    "markup.xml": (
        dim_page([dim_record("oai:x:a/4", [*work_fields(4), ("description", "<p>Text <b>fett</b></p>", "de")])]),
        "markup",
        1,
    ),
    "empty.xml": ("", "empty", 0),
    "no-records.xml": (dim_page([]), "", 0),
    "cut.xml": (works_page(range(70, 72))[:-60], "unreadable", 0),
    "bomb.xml": ('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><OAI-PMH>&b;</OAI-PMH>', "unreadable", 0),
    "twice.xml": (dim_page([dim_record("oai:x:a/5", work_fields(5))] * 2), "record-twice", 1),
}


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("bad")
    for name, (text, _, _) in BAD.items():
        (folder / name).write_text(text, "utf-8")
    (folder / "bytes.xml").write_bytes(b"\x00\xff\xfe<OAI-PMH>")
    (folder / "good.xml").write_text(works_page(range(10, 13)), "utf-8")
    made = Settings(home=folder / "home", publish_jobs=1)
    publish(made, *sorted(str(path) for path in folder.glob("*.xml")))
    return made


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_a_finding_that_names_file_record_and_field(bad: Settings, name: str) -> None:
    shape = BAD[name][1]
    found = [f for f in findings(bad) if f.origin.endswith(name)]
    assert found, f"nothing was said of {name}"
    if shape:
        fault = next(f for f in found if f.shape == shape)
        assert fault.de
        assert fault.en
        if fault.shape not in ("unreadable", "empty"):
            assert fault.identifier
            assert fault.field
            assert fault.position


def test_the_rest_is_published(bad: Settings) -> None:
    expected = sum(works for _, _, works in BAD.values()) + 3
    assert releases.find(bad.home).count("works") == expected
    violations = [f for f in findings(bad) if f.severity is Severity.VIOLATION]
    assert {Path(f.origin).name for f in violations} == {
        "without-title.xml", "cut.xml", "bomb.xml", "bytes.xml",
    }  # fmt: skip


def test_a_record_that_becomes_bad_leaves_the_release(made: Settings, page: Write) -> None:
    publish(made, page("a.xml", works_page(range(3))))
    untitled = dim_record("oai:repository.example.org:difu/1", work_fields(1)[1:], "2024-06-01")
    second = publish(made, page("b.xml", dim_page([untitled])))
    assert dict(second.changes) == {"deleted": 1}
    assert second.release.count("quarantined") == 1
    with opened(made) as edition:
        assert edition.gone("difu/1") is not None
    publish(made, page("c.xml", works_page([4])))
    with opened(made) as edition:
        assert edition.gone("difu/1") is not None, "it is still gone in the release after"


def test_one_publish_at_a_time(made: Settings, page: Write) -> None:
    with releases.publishing(made.home), pytest.raises(Busy, match="another process is publishing"):
        publish(made, page("a.xml", works_page([1])))


def test_killed_at_any_moment_the_former_release_still_serves(made: Settings, page: Write) -> None:
    first = publish(made, page("a.xml", works_page(range(20))))
    expected = dump(made)
    command = [
        sys.executable,
        "-m",
        "katalod",
        "publish",
        page("b.xml", works_page(range(400))),
        "--home",
        str(made.home),
    ]
    began = time.monotonic()
    copy = made.home.with_name("timed")
    subprocess.run([*command[:-1], str(copy)], check=True, capture_output=True)
    took = time.monotonic() - began
    for n in range(10):
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(took * (0.35 + 0.06 * n))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if releases.current(made.home) != first.release.id:
            break  # it was quicker than before, and had promoted the new release: whole, as the end shows
        assert dump(made) == expected
        with opened(made) as edition:
            assert len(edition.document("difu/7")) > 10
    last = publish(made)
    assert last.release.count("works") == 400
    assert dump(made) == dump(replace(made, home=copy))
    assert not list((made.home / "releases").glob(".draft-*"))


@pytest.mark.parametrize("most", [60_000, 400_000, 1_500_000])
def test_a_full_disk_leaves_the_former_release_intact(made: Settings, page: Write, most: int) -> None:
    """No file may grow past some bytes, wherever that bites first: memory, dump, store or report."""
    first = publish(made, page("a.xml", works_page(range(20))))
    expected = dump(made)
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most})); sys.argv = sys.argv[1:];"
        "from katalod.cli import main; main()"
    )
    command = [sys.executable, "-c", code, "katalod", "publish", page("b.xml", works_page(range(3000)))]
    ended = subprocess.run([*command, "--home", str(made.home)], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert ended.stderr.startswith("Error: "), ended.stderr
    assert releases.current(made.home) == first.release.id
    assert dump(made) == expected
    assert not list((made.home / "releases").glob(".draft-*"))
    assert publish(made, page("c.xml", works_page(range(21)))).release.count("works") >= 21


def test_a_publish_without_a_record_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "katalod", "--home", str(tmp_path / "home"), "publish"]
    (tmp_path / "empty").mkdir()
    for words, said in ((["--json"], "harvest first"), ([str(tmp_path / "empty")], "no record was found in")):
        done = subprocess.run([*command, *words], capture_output=True, text=True, check=True)
        assert said in done.stderr
