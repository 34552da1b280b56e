"""Curated decisions: what an SSSOM table may look like, and what is said of one that is amiss."""

import pickle
from pathlib import Path

import pytest

from katalod.assets import asset
from katalod.errors import AuthorityError
from katalod.linking import curated
from katalod.linking.curated import Curated

GND = "https://d-nb.info/gnd/"
HEAD = (
    "#mapping_set_id: https://example.org/links\n#mapping_set_version: 3\n#curie_map:\n"
    "#  gnd: https://d-nb.info/gnd/\n#license: CC0\n"
)
COLUMNS = (
    "subject_id\tsubject_label\tpredicate_id\tpredicate_modifier\tobject_id\tobject_label"
    "\tmapping_justification\tauthor_label\tmapping_date\tconfidence\tcomment\n"
)
MANUAL = "semapv:ManualMappingCuration"
GOOD = f"\tTeilhabe\tskos:closeMatch\t\tgnd:4044789-3\tPartizipation\t{MANUAL}\tA. Muster\t2024-05-31\t0,8\tnote\n"


def read(tmp_path: Path, *rows: str, head: str = HEAD + COLUMNS) -> Curated:
    path = tmp_path / "links.sssom.tsv"
    path.write_text(head + "".join(rows), "utf-8")
    return curated.read(path)


def row(label: str, predicate: str = "skos:closeMatch", target: str = "gnd:4044789-3", **more: str) -> str:
    cells = {"subject_label": label, "predicate_id": predicate, "object_id": target, "mapping_justification": MANUAL}
    return "\t".join((cells | more).get(column, "") for column in COLUMNS.strip().split("\t")) + "\n"


def test_a_decision_is_read_whole_and_holds_for_every_spelling(tmp_path: Path) -> None:
    links = read(tmp_path, GOOD)
    assert links.findings == ()
    assert links.version == "3"
    for label in ("Teilhabe", "teilhabe", " TEILHABE"):
        (decision,) = links.about(label)
        assert (decision.predicate, decision.iri) == ("closeMatch", GND + "4044789-3")
        assert (decision.author, decision.date, decision.confidence) == ("A. Muster", "2024-05-31", 0.8)
        assert (decision.object_label, decision.comment, decision.line) == ("Partizipation", "note", 7)
    assert links.about("Teilhaber") == ()
    assert links.about("\ud800ä") == ()
    assert Curated().about("Teilhabe") == ()
    assert pickle.loads(pickle.dumps(links)).about("teilhabe") == links.about("teilhabe")


@pytest.mark.parametrize(
    "data",
    [
        ("\ufeff" + HEAD + COLUMNS + GOOD).replace("\n", "\r\n").encode("utf-8"),
        (HEAD + COLUMNS + GOOD).encode("utf-16"),
        (HEAD + COLUMNS + "\n\t\t\n" + GOOD.replace("Teilhabe", '"Teilhabe"').replace("note", '"a ""b""\tc"')).encode(),
        (HEAD.replace("\n", "\t\t\n") + COLUMNS + GOOD).encode(),
        (COLUMNS + GOOD).encode(),
        (HEAD.replace("gnd:", "G:") + COLUMNS + GOOD.replace("gnd:", "G:")).encode(),
        (COLUMNS + GOOD.replace("gnd:", "http://d-nb.info/gnd/")).encode(),
    ],
    ids=["bom-crlf", "utf-16", "quoted", "trailing-tabs", "no-metadata", "own-prefix", "iri"],
)
def test_what_spreadsheets_and_people_write_is_read(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "links.tsv"
    path.write_bytes(data)
    links = curated.read(path)
    assert links.findings == ()
    assert [decision.iri for decision in links.about("Teilhabe")] == [GND + "4044789-3"]


@pytest.mark.parametrize(
    ("bad", "field", "value"),
    [
        (row("X", "skos:closematch"), "predicate_id", "skos:closematch"),
        (row("X", "owl:sameAs"), "predicate_id", "owl:sameAs"),
        (row("X", target="gnd:4044789-4"), "object_id", "gnd:4044789-4"),
        (row("X", target="https://example.org/1"), "object_id", "https://example.org/1"),
        (row("X", target="4044789-3"), "object_id", "4044789-3"),
        (row("X", target=""), "object_id", ""),
        (row(""), "subject_label", ""),
        (row("X", subject_id="keyword:y"), "subject_id", "keyword:y"),
        (row("X", predicate_modifier="Nicht"), "predicate_modifier", "Nicht"),
        (row("X", confidence="80 %"), "confidence", "80 %"),
        (row("X", confidence="nan"), "confidence", "nan"),
        (row("X", mapping_date="31.05.2024"), "mapping_date", "31.05.2024"),
        (row("X", mapping_justification="by hand"), "mapping_justification", "by hand"),
    ],
)
def test_a_bad_row_is_a_finding_and_the_rest_is_used(tmp_path: Path, bad: str, field: str, value: str) -> None:
    links = read(tmp_path, bad, GOOD)
    (finding,) = links.findings
    assert (finding.field, finding.value, finding.position) == (field, value, 7)
    assert finding.origin.endswith("links.sssom.tsv")
    assert finding.en.startswith("line 7: ") and finding.de.startswith("Zeile 7: ")
    assert [decision.label for decision in links.decisions] == ["Teilhabe"]


def test_a_bare_subject_id_is_enough(tmp_path: Path) -> None:
    links = read(tmp_path, row("", subject_id="keyword:soziale-stadt"))
    assert links.about("Soziale Stadt")[0].iri == GND + "4044789-3"


@pytest.mark.parametrize(
    "second",
    [
        row("teilhabe", target="sssom:NoTermFound"),
        row("Teilhabe", "skos:exactMatch"),
        row("Teilhabe", predicate_modifier="Not"),
    ],
)
def test_a_contradiction_is_named_and_suspends_the_keyword(tmp_path: Path, second: str) -> None:
    for rows in ((GOOD, second), (second, GOOD)):
        links = read(tmp_path, *rows)
        (finding,) = links.findings
        assert finding.position == 8
        assert "line 7" in finding.en and "Zeile 7" in finding.de
        (decision,) = links.about("Teilhabe")
        assert decision.iri == ""


def test_several_headings_are_allowed_and_a_repeated_row_counts_once(tmp_path: Path) -> None:
    links = read(
        tmp_path,
        GOOD,
        row("Teilhabe", "skos:relatedMatch", "gnd:4077570-7"),
        row("Teilhabe", "skos:exactMatch", "gnd:4134681-6", predicate_modifier="Not"),
        row("Teilhabe"),
        row("Forschungsprojekt", "skos:exactMatch", "sssom:NoTermFound"),
    )
    assert links.findings == ()
    assert [(each.iri[-9:], each.excluded) for each in links.about("Teilhabe")] == [
        ("4044789-3", False),
        ("4077570-7", False),
        ("4134681-6", True),
    ]
    assert [each.iri for each in links.about("Forschungsprojekt")] == [""]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (COLUMNS.replace("predicate_id\t", ""), "line 1: columns missing: predicate_id"),
        (COLUMNS.replace("\t", ";"), "separated by tabs"),
        (COLUMNS.replace("subject_id\tsubject_label\t", ""), "subject_label"),
        ("", "begin with the columns"),
        (HEAD, "begin with the columns"),
        (COLUMNS + GOOD + '"Teil\thabe\n', "line 3: .*quotation marks"),
        (COLUMNS + '"x"y\t\n', "line 2: .*quotation marks"),
        (COLUMNS + "x" * 200_000 + "\n", "line 2"),
    ],
)
def test_a_file_that_is_no_such_table_is_an_error(tmp_path: Path, data: str, says: str) -> None:
    with pytest.raises(AuthorityError, match=says):
        read(tmp_path, head=data)


def test_a_file_in_another_encoding_or_missing_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "links.tsv"
    path.write_bytes((COLUMNS + GOOD).encode() + "\tStraße\n".encode("latin-1"))
    with pytest.raises(AuthorityError, match="line 3: not UTF-8"):
        curated.read(path)
    with pytest.raises(AuthorityError, match="nowhere"):
        curated.read(tmp_path / "nowhere.tsv")


def test_the_shipped_decisions_are_those_of_the_profile() -> None:
    links = curated.read(asset("data/links.sssom.tsv"))
    assert links.findings == ()
    assert [(each.label, each.predicate, each.iri[len(GND) :]) for each in links.decisions if not each.excluded] == [
        ("Forschungsprojekt", "exactMatch", ""),
        ("Handlungsempfehlung", "exactMatch", ""),
        ("Integrationspolitik", "relatedMatch", "4077570-7"),
        ("Teilhabe", "closeMatch", "4044789-3"),
        ("Wohnquartier", "closeMatch", "4077814-9"),
    ]
