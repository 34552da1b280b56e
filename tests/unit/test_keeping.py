"""Decisions written into the table: sorted, so that git merges them; nothing lost, nothing half written."""

import subprocess
from pathlib import Path

import pytest

from katalod.errors import AuthorityError
from katalod.linking import curated, sssom
from katalod.linking.curated import Decision
from katalod.linking.keeping import keep
from katalod.rdf import GND, slug


def decision(label: str, number: str = "4044789-3", predicate: str = "closeMatch", **more: str) -> Decision:
    return Decision(
        slug(label), label, predicate, number and GND + number, author="A. Muster", date="2026-01-02", **more
    )  # type: ignore[arg-type]


def test_what_is_kept_is_what_is_read(tmp_path: Path) -> None:
    target = tmp_path / "home" / "links.sssom.tsv"
    made = (
        decision("Teilhabe", object_label="Partizipation", comment="ein\tGrund\nmit Zeilen", reviewer="B. Beispiel"),
        decision("=SUMME(A1)", comment="@x"),
        decision("Wohnquartier", "", "exactMatch"),
    )
    assert keep(target, made) == 3
    table = curated.read(target)
    assert table.findings == ()
    found = {one.label: one for one in table.decisions}
    assert found.keys() == {"Teilhabe", "=SUMME(A1)", "Wohnquartier"}
    assert found["Teilhabe"].comment == "ein Grund mit Zeilen" and found["Teilhabe"].reviewer == "B. Beispiel"
    assert found["=SUMME(A1)"].comment == "@x" and found["Wohnquartier"].iri == ""
    assert {one.author for one in table.decisions} == {"A. Muster"}
    cells = [cell for line in target.read_text("utf-8").splitlines() for cell in line.split("\t")]
    assert not any(cell.startswith(("=", "@", "+")) for cell in cells), "a spreadsheet program would run it"
    keep(target, made)
    assert curated.read(target) == table


def test_a_new_decision_replaces_that_of_its_keyword_and_leaves_the_rest_as_it_is(tmp_path: Path) -> None:
    target = tmp_path / "links.sssom.tsv"
    target.write_text(
        "#mapping_set_id: https://example.org/links\n#curie_map:\n#  own: https://example.org/\n"
        "subject_label\tpredicate_id\tobject_id\tmapping_justification\tother\n"
        "Zebra\tskos:misspelt\tgnd:4044789-3\t\tkept\nTeilhabe\tskos:exactMatch\tsssom:NoTermFound\t\tgone\n",
        "utf-8",
    )
    keep(target, [decision("Teilhabe")])
    lines = target.read_text("utf-8").splitlines()
    assert lines[:3] == ["#mapping_set_id: https://example.org/links", "#curie_map:", "#  own: https://example.org/"]
    assert lines[3].split("\t")[:5] == ["subject_label", "predicate_id", "object_id", "mapping_justification", "other"]
    assert lines[4].startswith("Teilhabe\tskos:closeMatch\tgnd:4044789-3")
    assert lines[5].startswith("Zebra\tskos:misspelt\tgnd:4044789-3\t\tkept"), "a row with a fault stays, to be mended"


def test_two_peoples_tables_merge_in_git(tmp_path: Path) -> None:
    def git(*words: str) -> str:
        command = ["git", "-c", "user.name=T", "-c", "user.email=t@example.org", *words]
        return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    target = tmp_path / "links.sssom.tsv"
    keep(target, [decision(label) for label in ("Alpha", "Delta", "Kappa", "Omega", "Sigma")])
    git("init", "-q", "-b", "main")
    git("add", "links.sssom.tsv")
    git("commit", "-q", "-m", "one")
    git("checkout", "-q", "-b", "other")
    keep(target, [decision("Zeta")])
    git("commit", "-q", "-a", "-m", "two")
    git("checkout", "-q", "main")
    keep(target, [decision("Beta")])
    git("commit", "-q", "-a", "-m", "three")
    git("merge", "-q", "other", "-m", "four")
    labels = [one.label for one in curated.read(target).decisions]
    assert labels == ["Alpha", "Beta", "Delta", "Kappa", "Omega", "Sigma", "Zeta"]


def test_a_first_decision_begins_with_the_table_that_was_in_force(tmp_path: Path) -> None:
    seed = tmp_path / "shipped.tsv"
    keep(seed, [decision("Teilhabe")])
    keep(tmp_path / "own.tsv", [decision("Wohnen")], seed)
    assert [one.label for one in curated.read(tmp_path / "own.tsv").decisions] == ["Teilhabe", "Wohnen"]


def test_rows_that_nobody_decided_are_passed_over(tmp_path: Path) -> None:
    table = tmp_path / "edited.tsv"
    rows = [
        {"subject_label": "A", "object_id": "gnd:4044789-3", "mapping_justification": "semapv:ManualMappingCuration"},
        {"subject_label": "B", "predicate_id": "skos:exactMatch", "object_id": "gnd:4044789-3"},
    ]
    table.write_text("\n".join(sssom.head({})) + "\n" + "".join(sssom.rows(rows)), "utf-8")
    found = curated.read(table)
    assert [one.label for one in found.decisions] == ["B"] and found.findings == ()


def test_a_table_that_cannot_be_read_is_not_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "links.sssom.tsv"
    target.write_text("no table at all\n", "utf-8")
    with pytest.raises(AuthorityError, match="links"):
        keep(target, [decision("Teilhabe")])
    assert target.read_text("utf-8") == "no table at all\n"
    with pytest.raises(AuthorityError, match="folder"):
        keep(target / "below" / "x.tsv", [decision("Teilhabe")])
