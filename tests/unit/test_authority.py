"""The authority index: what goes in, what comes out, and that the last good one survives."""

import gzip
import pickle
import signal
import sqlite3
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from katalod.assets import asset
from katalod.errors import AuthorityError
from katalod.linking import authority
from katalod.linking.authority import Authority
from katalod.linking.labels import clean, fold, qualified

GND = "https://d-nb.info/gnd/"
PREFIXES = """
@prefix gndo: <https://d-nb.info/standards/elementset/gnd#> .
@prefix gnd: <https://d-nb.info/gnd/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
"""

# The statements of one heading lie apart, umlauts are decomposed, and one IRI is http, as in DNB's dumps.
DUMP = PREFIXES + unicodedata.normalize(
    "NFD",
    """
<https://d-nb.info/gnd/4128319-3> a gndo:SubjectHeadingSensoStricto .
<https://d-nb.info/gnd/4128319-3/about> dcterms:modified "2022-11-26T05:36:56.000" .
<https://d-nb.info/gnd/4061638-1> gndo:preferredNameForTheSubjectHeading "Umweltökonomie" .
<https://d-nb.info/gnd/4128319-3> gndo:variantNameForTheSubjectHeading "Hauptschule / Lehrer" ;
  gndo:relatedTerm <https://d-nb.info/gnd/4128319-3> ;
  gndo:broaderTermGeneral <http://d-nb.info/gnd/4035088-5> .
<http://d-nb.info/gnd/4128319-3> gndo:preferredNameForTheSubjectHeading "Hauptschullehrer" .
<https://d-nb.info/gnd/4035088-5> gndo:preferredNameForTheSubjectHeading "Lehrer" ;
  gndo:broaderTermInstantial <https://d-nb.info/gnd/4061638-1>, <https://d-nb.info/gnd/4128319-3> .
<https://d-nb.info/gnd/4005728-8> gndo:preferredNameForThePlaceOrGeographicName "Berlin" .
<https://d-nb.info/gnd/4061638-2> gndo:preferredNameForTheSubjectHeading "Falsche Prüfziffer" .
<https://example.org/1> gndo:preferredNameForTheSubjectHeading "Anderswo" .
<https://d-nb.info/gnd/4128319-3/about> dcterms:modified "2021-01-01T00:00:00.000" .
""",
)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    source = tmp_path / "dump.ttl"
    source.write_text(DUMP, "utf-8")
    authority.build(source, tmp_path / "gnd.sqlite")
    return tmp_path / "gnd.sqlite"


@pytest.mark.parametrize(
    ("text", "iri"),
    [
        ("4134681-6", GND + "4134681-6"),
        (" (DE-588)4134681-6 ", GND + "4134681-6"),
        ("(DE-588c)4134681-6", GND + "4134681-6"),
        ("gnd/4134681-6", GND + "4134681-6"),
        ("gnd:4134681-6", GND + "4134681-6"),
        ("http://d-nb.info/gnd/4134681-6", GND + "4134681-6"),
        ("https://d-nb.info/gnd/102213227X", GND + "102213227X"),
        ("102213227x", GND + "102213227X"),
        ("118540238", GND + "118540238"),
        ("2-4", GND + "2-4"),
        ("4134681-7", None),
        ("4134618-6", None),
        ("1022132275", None),
        ("41346816", None),
        ("４134681-6", None),
        ("https://d-nb.info/gnd/4134681-6/about", None),
        ("https://example.org/gnd/4134681-6", None),
        ("", None),
    ],
)
def test_an_identifier_is_canonical_or_none(text: str, iri: str | None) -> None:
    assert authority.identifier(text) == iri


@given(st.integers(min_value=0, max_value=9_999_999), st.integers(min_value=0, max_value=6), st.integers(1, 9))
def test_a_wrong_digit_never_passes(number: int, place: int, by: int) -> None:
    digits = f"{number:07d}"
    (right,) = [c for c in "0123456789X" if authority.identifier(f"{digits}-{c}")]
    wrong = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1 :]
    assert authority.identifier(f"{wrong}-{right}") is None


def test_statements_that_lie_apart_make_one_heading(built: Path) -> None:
    with Authority.open(built) as index:
        concept = index.heading("4128319-3")
        assert concept is not None
        assert (concept.iri, concept.label) == (GND + "4128319-3", "Hauptschullehrer")
        assert concept.variants == ("Hauptschule / Lehrer",)
        assert concept.broader == (GND + "4035088-5",)


def test_the_summary_tells_what_was_refused(tmp_path: Path) -> None:
    source = tmp_path / "dump.ttl.gz"
    source.write_bytes(gzip.compress(DUMP.encode()))
    summary = authority.build(source, tmp_path / "new" / "gnd.sqlite")
    assert (summary.headings, summary.variants, summary.refused) == (4, 1, 1)
    assert summary.version == "2022-11-26"
    (finding,) = summary.findings
    assert finding.origin == str(source)
    assert finding.value == "4061638-2"
    assert "4061638-2" in finding.de and "4061638-2" in finding.en


def test_labels_are_found_composed_in_any_case_and_with_their_kind(built: Path) -> None:
    with Authority.open(built) as index:
        for label in ("Umweltökonomie", unicodedata.normalize("NFD", "Umweltökonomie"), " UMWELTÖKONOMIE "):
            assert [hit.iri for hit in index.look_up(label)] == [GND + "4061638-1"]
        (berlin,) = index.look_up("Berlin")
        assert berlin.kind == "place"
        (variant,) = index.look_up("Hauptschule / Lehrer")
        assert not variant.preferred
        assert str(variant) == "4128319-3 Hauptschullehrer"
        assert index.look_up("Anderswo") == ()
        assert index.look_up("\ud800" * 3) == ()
        assert index.look_up("x" * 1_000_000) == ()


def test_ancestors_come_nearest_first_and_circles_end(built: Path) -> None:
    with Authority.open(built) as index:
        assert index.ancestors(GND + "4128319-3") == (GND + "4035088-5", GND + "4061638-1")
        assert index.ancestors("nothing") == ()
        labels = index.labels([GND + "4035088-5", GND + "118540238", "nonsense"])
        assert labels == {GND + "4035088-5": "Lehrer"}


def test_an_open_index_crosses_to_another_process(built: Path) -> None:
    with Authority.open(built) as index, pickle.loads(pickle.dumps(index)) as other:
        assert other.look_up("Lehrer") == index.look_up("Lehrer")
        assert (other.name, other.version, other.digest) == (index.name, index.version, index.digest)


def test_the_same_dump_gives_the_same_answers_and_bytes(tmp_path: Path) -> None:
    source = tmp_path / "dump.ttl"
    source.write_text(DUMP, "utf-8")
    authority.build(source, tmp_path / "one.sqlite")
    authority.build(source, tmp_path / "two.sqlite")
    assert (tmp_path / "one.sqlite").read_bytes() == (tmp_path / "two.sqlite").read_bytes()


def test_without_a_date_the_version_is_of_the_bytes(tmp_path: Path) -> None:
    source = tmp_path / "dump.ttl"
    source.write_text(PREFIXES + 'gnd:4035088-5 gndo:preferredNameForTheSubjectHeading "Lehrer" .', "utf-8")
    summary = authority.build(source, tmp_path / "gnd.sqlite")
    assert summary.version == summary.digest[:12]
    assert authority.build(source, tmp_path / "gnd.sqlite", version="2024-1").version == "2024-1"


WHOLE = gzip.compress(DUMP.encode() * 50)
BAD = {
    "cut.ttl": DUMP.encode()[:-20],
    "cut.ttl.gz": WHOLE[: len(WHOLE) // 2],
    "notgz.ttl.gz": b"this is not gzip",
    "damaged.ttl.gz": WHOLE[:200] + b"\x00\xff" * 20 + WHOLE[240:],
    "latin.ttl": PREFIXES.encode() + b'gnd:4035088-5 gndo:preferredNameForTheSubjectHeading "L\xe4rm" .',
    "page.ttl": b"<!DOCTYPE html><html><body>404</body></html>",
    "deep.ttl": PREFIXES.encode() + b"gnd:4035088-5 gndo:x " + b"(" * 200_000,
    "long.ttl": PREFIXES.encode() + b'gnd:4035088-5 gndo:x "' + b"x" * 20_000_000,
    "empty.ttl": b"",
    "none.ttl": PREFIXES.encode() + b'gnd:4035088-5 gndo:gndIdentifier "4035088-5" .',
    "dump.docx": b"PK",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_dump_is_named_and_the_former_index_stays(built: Path, name: str) -> None:
    source = built.parent / name
    source.write_bytes(BAD[name])
    before = built.read_bytes()
    with pytest.raises(AuthorityError, match=name.replace(".", r"\.")):
        authority.build(source, built)
    assert built.read_bytes() == before
    assert not list(built.parent.glob(".*.draft"))


def test_a_missing_dump_and_a_place_that_cannot_be_written_are_errors(tmp_path: Path) -> None:
    with pytest.raises(AuthorityError, match=r"nowhere\.ttl"):
        authority.build(tmp_path / "nowhere.ttl", tmp_path / "gnd.sqlite")
    source = tmp_path / "dump.ttl"
    source.write_text(DUMP, "utf-8")
    with pytest.raises(AuthorityError, match="folder"):
        authority.build(source, source / "gnd.sqlite")


def test_a_foreign_missing_or_cut_off_index_is_refused(built: Path) -> None:
    folder = built.parent
    foreign = sqlite3.connect(folder / "foreign.sqlite")
    foreign.execute("CREATE TABLE x (y)")
    foreign.commit()
    foreign.close()
    (folder / "text.sqlite").write_text("no database" * 100)
    (folder / "empty.sqlite").write_bytes(b"")
    (folder / "cut.sqlite").write_bytes(built.read_bytes()[:-4096])
    for name in ("foreign", "text", "empty", "cut", "missing"):
        with pytest.raises(AuthorityError, match=name):
            Authority.open(folder / f"{name}.sqlite")


def test_an_open_reader_keeps_its_index_while_another_is_built(built: Path) -> None:
    with Authority.open(built) as old:
        source = built.parent / "next.ttl"
        source.write_text(DUMP.replace("Lehrer", "Lehrkraft"), "utf-8")
        authority.build(source, built)
        assert old.look_up("Lehrer")
        with Authority.open(built) as new:
            assert new.look_up("Lehrkraft") and not new.look_up("Lehrer")


def test_a_killed_build_leaves_the_former_index(built: Path) -> None:
    source = built.parent / "large.ttl"
    numbers = [iri for number in range(4_200_000, 4_230_000) if (iri := _checked(number))]
    source.write_text(
        PREFIXES + "".join(f'<{iri}> gndo:preferredNameForTheSubjectHeading "Wort {iri[-9:]}" .\n' for iri in numbers),
        "utf-8",
    )
    code = (
        "from pathlib import Path; from katalod.linking import authority;"
        f"authority.build(Path({str(source)!r}), Path({str(built)!r}))"
    )
    before = built.read_bytes()
    draft = built.with_name(f".{built.name}.draft")
    for delay in (0.0, 0.05, 0.2):
        child = subprocess.Popen([sys.executable, "-c", code])
        while not draft.exists() and child.poll() is None:
            time.sleep(0.005)
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL, "the build ended before it was killed: make its source larger"
        assert built.read_bytes() == before
    assert authority.build(source, built).headings == len(numbers)
    assert not draft.exists()


def _checked(number: int) -> str | None:
    return next((iri for check in "0123456789X" if (iri := authority.identifier(f"{number}-{check}"))), None)


def test_the_shipped_facts_are_whole_and_sorted() -> None:
    text = asset("data/gnd/gnd-facts.ttl").read_text("utf-8")
    subjects = [line.split(">")[0] for line in text.splitlines() if line.startswith("<")]
    assert subjects == sorted(set(subjects))
    assert text == unicodedata.normalize("NFC", text)


def test_the_shipped_index_is_built_once_and_again_for_other_bytes(tmp_path: Path) -> None:
    target = authority.shipped(tmp_path / "home" / "gnd.sqlite")
    made = target.stat().st_ino
    assert authority.shipped(target).stat().st_ino == made
    with Authority.open(target) as index:
        assert index.name == "GND"
        assert index.headings == 821
        assert index.heading("4134681-6").variants == ("Methexis", "Partizipation (Philosophie)")  # type: ignore[union-attr]
        assert {str(hit) for hit in index.homonyms("Migration")} == {
            "4226008-5 Migration (Informatik)",
            "4127744-2 Migration (Geologie)",
            "4528009-5 Migration (Biologie)",
            "4196914-5 Migration (Technik)",
            "4337768-3 Migration (Seismik)",
        }
        wanted = {"4077814-9": "Stadtviertel", "4066752-2": "Wohngebiet", "4077570-7": "Soziale Integration"}
        assert index.labels(wanted) == {GND + number: label for number, label in wanted.items()}
    other = tmp_path / "dump.ttl"
    other.write_text(DUMP, "utf-8")
    authority.build(other, target)
    with Authority.open(authority.shipped(target)) as index:
        assert index.heading("4134681-6") is not None
    target.write_bytes(b"damaged")
    with Authority.open(authority.shipped(target)) as index:
        assert index.heading("4134681-6") is not None


@given(st.text())
def test_cleaning_and_folding_are_done_after_one_pass(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert fold(clean(text)) == fold(text)


@pytest.mark.parametrize(
    ("label", "split"),
    [
        ("Bleistift <Motiv>", ("Bleistift", "Motiv")),
        ("Bleistift (Motiv)", ("Bleistift", "Motiv")),
        ("Älterer Mensch <60-80 Jahre, Motiv>", ("Älterer Mensch", "60-80 Jahre, Motiv")),
        ("Bleistift", None),
        ("(Motiv)", None),
        ("Washington <DC> - Vertrag <1871>", None),
        ("f(x)", None),
    ],
)
def test_a_qualifier_is_told_from_the_word(label: str, split: tuple[str, str] | None) -> None:
    assert qualified(label) == split
