"""Records that came as running text: fields are found by their shapes, and say that they were."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from katalod import records
from katalod.model import Finding, RawRecord, Record, Severity, Text
from katalod.records.numbers import isbn, leading
from katalod.records.prose import parted

SEED = Path(__file__).parents[2] / "data" / "difu-581658.txt"
GERMAN = (
    "Die vorliegende Studie untersucht, wie sich der Wohnungsmarkt in wachsenden Städten verändert und welche"
    " Folgen das für Haushalte mit geringem Einkommen hat. Sie beruht auf Befragungen in zwölf Kommunen."
)
ENGLISH = (
    "This study examines how the housing market changes in growing cities and what this means for households"
    " with a low income. It draws on interviews in twelve municipalities."
)
TITLE = "Wohnen in wachsenden Städten. Befunde aus zwölf Kommunen"
URL = "https://repository.example.org/handle/difu/4711"


def read(text: str, words: tuple[str, ...] = ()) -> Record:
    raw = RawRecord("files", "text:difu/4711", "", False, "text", text.encode(), "a.txt")
    result = records.read(raw, words)
    assert isinstance(result, Record)
    return result


def test_the_first_record_is_found_in_its_text() -> None:
    record = read(SEED.read_text("utf-8"))
    assert record.path == "difu/581658"
    assert (record.issued, record.available) == (("2021",), ("2021-05-28",))
    assert record.accessioned == ("2021-05-28", "2023-02-04")
    assert record.isbns == ("978-3-88118-676-6",)
    assert record.handles == ("difu/581658",)
    assert record.pages == ("https://repository.difu.de/handle/difu/581658",)
    assert [(text.lang, text.value[:13], text.value[-11:]) for text in record.abstracts] == [
        ("en", "International", " migration."),
        ("de", "Internationale"[:13], "entstanden."),
    ]
    title = (
        "Migration und Teilhabe in städtischen Wohnquartieren. Ergebnisse aus dem Fokusthema „Sozialer Zusammenhalt"
        " und Migration“ der BMBF-Zukunftsstadtforschung. Thesen für die Praxis."
    )
    assert record.titles == (Text(title, "de"),)
    assert record.types == (Text("Graue Literatur/ Bericht", "de"),)
    assert [subject.label for subject in record.subjects] == [
        "Zuwanderung",
        "Migration",
        "Wohnquartier",
        "Wohnungsmarkt",
        "Integrationspolitik",
        "Teilhabe",
        "Forschungsprojekt",
        "Handlungsempfehlung",
    ]
    assert {subject.lang for subject in record.subjects} == {"de"}


def test_every_field_found_has_a_finding() -> None:
    record = read(SEED.read_text("utf-8"), ("Zuwanderung",))
    assert {(finding.shape, finding.severity) for finding in record.findings} == {("recovered", Severity.INFO)}
    said = {finding.value: finding.en for finding in record.findings if finding.field == "subjects"}
    assert len(said) == 8
    assert "confirms" in said["Zuwanderung"]  # by the authority's words
    assert "confirms" in said["Migration"]  # by the title
    assert "capital letters alone" in said["Integrationspolitik"]
    filled = {name for name in Record.__dataclass_fields__ if getattr(record, name)}
    assert filled - {"path", "identifier", "findings"} == {finding.field for finding in record.findings}


@pytest.mark.parametrize("dates", ["2021-05-282021", "2021-05-28T10:11:12Z2021", "2021"])
@pytest.mark.parametrize("abstracts", [(GERMAN,), (ENGLISH,), (ENGLISH, GERMAN), (GERMAN, ENGLISH)])
@pytest.mark.parametrize("kind", ["Buch", "Graue Literatur/Bericht", "doctoralThesis"])
def test_other_records_run_together_the_same_way_are_found_too(
    dates: str, abstracts: tuple[str, ...], kind: str
) -> None:
    record = read(f"{dates}{URL}{''.join(abstracts)}{TITLE}{kind}WohnungsmarktAlternde BevölkerungStadt (Motiv)EU")
    assert record.issued == ("2021",)
    assert record.pages == (URL,)
    assert tuple(text.value for text in record.abstracts) == abstracts
    assert [text.lang for text in record.abstracts] == ["de" if text is GERMAN else "en" for text in abstracts]
    assert record.titles == (Text(TITLE, "de"),)
    assert record.types == (Text(kind, "de"),)
    assert [s.label for s in record.subjects] == ["Wohnungsmarkt", "Alternde Bevölkerung", "Stadt (Motiv)", "EU"]


def test_abstracts_part_where_the_language_changes_though_no_full_stop_stands_there() -> None:
    prose = parted(f"{ENGLISH[:-1]}{GERMAN}{TITLE}BuchStadt", ())
    assert [language for _, language in prose.abstracts] == ["en", "de"]
    assert prose.abstracts[0][0] == ENGLISH[:-1]


def test_headings_keep_keywords_whole_and_part_what_sticks() -> None:
    words = {"OpenStreetMap", "EU", "Migration", "Stadt"}
    prose = parted(f"{TITLE}BuchOpenStreetMapEUMigrationStadt", words)
    assert [word for word, _ in prose.keywords] == ["OpenStreetMap", "EU", "Migration", "Stadt"]
    assert [word for word, _ in parted(f"{TITLE}BuchOpenStreetMap", ()).keywords] == ["Open", "Street", "Map"]


@pytest.mark.parametrize(
    ("text", "tokens", "rest"),
    [
        ("2021978-3-88118-676-6", ["year:2021", "isbn:978-3-88118-676-6"], ""),
        ("20219783881186766X", ["year:2021", "isbn:9783881186766"], "X"),
        ("2021-053-88118-676-XEin", ["month:2021-05", "isbn:3-88118-676-X"], "Ein"),
        ("2021978-3-88118-676-5Ein", ["year:2021"], "978-3-88118-676-5Ein"),
        ("20210340-0352Ein", ["year:2021", "issn:0340-0352"], "Ein"),
        (f"2021{URL}Die Stadt", ["year:2021", f"uri:{URL}"], "Die Stadt"),
        ("https://www.tib.eu/id/TIBKAT%3A183In this", ["uri:https://www.tib.eu/id/TIBKAT%3A183"], "In this"),
        ("202110.1016/bs.2016.08Die Stadt", ["year:2021", "doi:10.1016/bs.2016.08"], "Die Stadt"),
        ("2021-02-30", ["month:2021-02"], "-30"),
        ("Die Stadt 2021", [], "Die Stadt 2021"),
        ("", [], ""),
    ],
)
def test_dates_and_identifiers_are_told_apart(text: str, tokens: list[str], rest: str) -> None:
    found, left = leading(text)
    assert ([f"{token.kind}:{token.text}" for token in found], left) == (tokens, rest)


def test_a_wrong_isbn_is_not_one() -> None:
    assert isbn("978-3-88118-676-6")
    assert isbn("080442957X")
    assert not isbn("978-3-88118-676-5")
    assert not isbn("3881186760")


def test_text_that_says_nothing_is_a_finding() -> None:
    raw = RawRecord("files", "text:x", "", False, "text", b" \n", "a.txt")
    result = records.read(raw)
    assert isinstance(result, Finding)
    assert result.shape == "no-content"


@given(st.text(alphabet=st.characters() | st.sampled_from("2021-.AaBuchhttps://x"), max_size=300))
def test_no_text_crashes(text: str) -> None:
    raw = RawRecord("files", "text:x", "", False, "text", text.encode("utf-8", "replace"), "a.txt")
    assert isinstance(records.read(raw), Record | Finding)
