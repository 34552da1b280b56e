"""Every form of Dublin Core is read into the same words; nothing is guessed, and nothing is lost without a word."""

import json
from dataclasses import fields, replace
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from katalod import records
from katalod.formats import FORMATS
from katalod.model import Agent, Finding, RawRecord, Record, Relation, Series, Severity, Subject, Text
from katalod.records.authorities import iri
from katalod.records.languages import tag
from katalod.sources import files

DATA = Path(__file__).parents[2] / "data"
Row = tuple[str, str] | tuple[str, str, str | None]


def raw(form: str, payload: str, identifier: str = "oai:repository.example.org:difu/1") -> RawRecord:
    return RawRecord("files", identifier, "2024-05-01T00:00:00Z", False, form, payload.encode(), "a.xml", 3)


def dim(*rows: Row) -> str:
    inner = ""
    for field, value, *lang in rows:
        schema, element, *qualifier = field.split(".")
        inner += f'<dim:field mdschema="{schema}" element="{element}"'
        inner += f' qualifier="{qualifier[0]}"' if qualifier else ""
        inner += f' lang="{lang[0]}"' if lang and lang[0] else ""
        inner += f">{escape(value)}</dim:field>"
    return f'<metadata><dim:dim xmlns:dim="http://www.dspace.org/xmlns/dspace/dim">{inner}</dim:dim></metadata>'


def xoai(*rows: Row) -> str:
    inner = ""
    for field, value, *lang in rows:
        names = [*field.split("."), (lang[0] if lang else None) or "none"]
        inner += "".join(f'<element name="{name}">' for name in names)
        inner += f'<field name="value">{escape(value)}</field>' + "</element>" * len(names)
    return f'<metadata><metadata xmlns="http://www.lyncode.com/xoai">{inner}</metadata></metadata>'


def dspace7(*rows: Row) -> str:
    metadata: dict[str, list[dict[str, str | None]]] = {}
    for field, value, *lang in rows:
        metadata.setdefault(field, []).append({"value": value, "language": lang[0] if lang else None})
    return json.dumps({"metadata": metadata, "type": "item"})


def oai_dc(*rows: Row) -> str:
    inner = "".join(
        f"<dc:{field}{f' xml:lang={chr(34)}{lang[0]}{chr(34)}' if lang else ''}>{escape(value)}</dc:{field}>"
        for field, value, *lang in rows
    )
    return (
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/">{inner}</oai_dc:dc></metadata>'
    )


def read(*rows: Row) -> Record:
    return known(records.read(raw("dim", dim(*rows))))


def known(result: Record | Finding) -> Record:
    assert isinstance(result, Record)
    return result


def refused(result: Record | Finding) -> Finding:
    assert isinstance(result, Finding)
    return result


ROWS: tuple[Row, ...] = (
    ("dc.title", "Wohnen in der Stadt", "de"),
    ("dc.contributor.author", "Muster, Maria"),
    ("dc.date.issued", "2021"),
    ("dc.subject", "Stadt", "de"),
    ("dc.description.abstract", "Text", "en"),
)


def test_the_four_forms_say_the_same() -> None:
    expected = read(*ROWS)
    assert expected.titles == (Text("Wohnen in der Stadt", "de"),)
    assert known(records.read(raw("xoai", xoai(*ROWS)))) == expected
    assert known(records.read(raw("dspace7", dspace7(*ROWS)))) == expected
    simple = known(
        records.read(raw("oai_dc", oai_dc(("title", "Wohnen in der Stadt", "de"), ("creator", "Muster, Maria"))))
    )
    assert (simple.titles, simple.creators) == (expected.titles, expected.creators)


@pytest.mark.parametrize(
    "rows",
    [
        ROWS,
        (),
        (("dc.type", "Bericht"),),
        (("dc.title", " "), ("DC.Title", "<b>Zwei</b> : und mehr", "en"), ("dc.title", "Dritter", "en")),
        (("dcterms.title", "Titel"), ("dcterms.identifier", "https://hdl.handle.net/difu/2")),
        (("dc.identifier.uri", "https://repository.example.org/handle/difu/2"), ("dc.identifier.handle", "difu/1")),
        (("dc.identifier.handle", "kein Handle"), ("dc.identifier.doi", "10.1234/abc")),
        (("dc.description.provenance", "difu/2"), ("dc.nonsense", "x"), ("dc.title", "\ufeff\u0007")),
    ],
)
def test_a_record_is_known_as_what_it_is_read_as(rows: tuple[Row, ...]) -> None:
    for one in (raw("dim", dim(*rows)), raw("dspace7", dspace7(*rows)), raw("xoai", xoai(*rows)), raw("dim", "<a")):
        result = records.read(one)
        title = result.titles[0].value if isinstance(result, Record) and result.titles else ""
        assert records.known_as(one) == (result.path, title)


def test_the_first_record_is_the_same_in_its_three_forms() -> None:
    text, xml, item = (
        known(records.read(next(r for r in files.records(str(DATA / name)) if isinstance(r, RawRecord))))
        for name in ("difu-581658.txt", "difu-581658.dim.xml", "difu-581658.json")
    )
    for field in fields(Record):
        if field.name not in ("identifier", "datestamp", "findings"):
            assert getattr(xml, field.name) == getattr(item, field.name) == getattr(text, field.name), field.name
    assert xml.path == "difu/581658"
    prose = next(r for r in files.records(str(DATA / "difu-581658.txt")) if isinstance(r, RawRecord))
    assert records.known_as(prose) == (xml.path, xml.titles[0].value)
    assert (xml.identifier, item.identifier) == ("oai:repository.difu.de:difu/581658", "difu/581658")
    assert (xml.datestamp, item.datestamp) == ("2023-02-04T00:00:00Z", "2023-02-04T00:00:00Z")
    assert xml.findings == item.findings == ()


def test_every_row_of_the_table_fills_a_field_of_record() -> None:
    from katalod.records.fields import FIELDS
    from katalod.records.forms import Value

    names = {field.name for field in fields(Record)}
    for field, (make, argument) in FIELDS.items():
        for value in ("Berlin: Difu", "https://example.org/handle/difu/1", "978-3-88118-676-6", "Reihe ; 3"):
            assert {name for name, _ in make(Value(field, value), argument)} <= names, field


def test_findings_name_the_place() -> None:
    (finding,) = read(("dc.title", "<b>x</b>")).findings
    assert (finding.origin, finding.position, finding.path) == ("a.xml", 3, "difu/1")
    assert (finding.shape, finding.field, finding.severity) == ("markup", "dc.title", Severity.WARNING)
    assert finding.value == "<b>x</b>"


def test_submitters_are_never_read_nor_repeated() -> None:
    note = "Submitted by Maria Muster (maria@example.org) on 2015-03-02T10:00:00Z"
    record = read(("dc.title", "x"), ("dc.description.provenance", note), ("dc.description", note))
    assert "Muster" not in repr(record)
    assert [finding.shape for finding in record.findings] == ["provenance"]


def test_a_field_without_mapping_is_named_once_and_its_value_kept_nowhere() -> None:
    record = read(("dc.title", "x"), ("thesis.degree.name", "geheim"), ("thesis.degree.name", "geheim"), ("uk.x", " "))
    assert [(f.shape, f.field, f.severity) for f in record.findings] == [
        ("not-mapped", "thesis.degree.name", Severity.INFO)
    ]
    assert "geheim" not in repr(record)


def test_dcmi_terms_mean_what_the_dspace_fields_mean() -> None:
    record = read(
        ("dcterms.title", "T"),
        ("dcterms.abstract", "A"),
        ("dcterms.issued", "2020"),
        ("dcterms.isPartOf", "B"),
        ("dcterms.license", "https://creativecommons.org/licenses/by/4.0/"),
    )
    assert (record.titles, record.abstracts, record.issued) == ((Text("T"),), (Text("A"),), ("2020",))
    assert record.relations == (Relation("isPartOf", "B"),)
    assert record.licences == ("https://creativecommons.org/licenses/by/4.0/",)
    assert record.findings == ()


def test_titles_are_sorted() -> None:
    record = read(
        ("dc.title", "Haupt : mit Zusatz. Und Satz", "de"),
        ("dc.title", "Main", "en_US"),
        ("dc.title", "Zweiter", "de"),
        ("dc.title", "Nr.1: kein Zusatz", "fr"),
    )
    assert record.titles == (Text("Haupt", "de"), Text("Main", "en-US"), Text("Nr.1: kein Zusatz", "fr"))
    assert record.subtitles == (Text("mit Zusatz. Und Satz", "de"),)
    assert record.alternatives == (Text("Zweiter", "de"),)


def test_unqualified_identifiers_are_sorted_by_their_shape() -> None:
    record = known(
        records.read(
            raw(
                "oai_dc",
                oai_dc(
                    ("identifier", "https://repository.example.org/handle/difu/77"),
                    ("identifier", "http://hdl.handle.net/20.500/5"),
                    ("identifier", "https://doi.org/10.1000/ABC"),
                    ("identifier", "urn:nbn:de:101:1-2"),
                    ("identifier", "https://nbn-resolving.org/urn:nbn:de:101:1-3"),
                    ("identifier", "ISBN 3-88118-676-X"),
                    ("identifier", "978-3-88118-676-6"),
                    ("identifier", "ISSN 0340-0352"),
                    ("identifier", "https://example.org/a"),
                    ("identifier", "javascript:alert(1)"),
                    ("identifier", "2021-05-28"),
                    ("relation", "ISSN: 0340-0352"),
                    ("relation", "https://example.org/b"),
                    ("source", "https://example.org/c"),
                    ("rights", "https://creativecommons.org/licenses/by/4.0/"),
                    ("rights", "open access"),
                ),
            )
        )
    )
    assert record.handles == ("difu/77", "20.500/5")
    assert record.dois == ("10.1000/ABC",)
    assert record.urns == ("urn:nbn:de:101:1-2", "urn:nbn:de:101:1-3")
    assert record.isbns == ("3-88118-676-X", "978-3-88118-676-6")
    assert record.issns == ("0340-0352",)
    assert record.pages[-1] == "https://example.org/a"
    assert record.identifiers == ("javascript:alert(1)", "2021-05-28")
    assert record.relations == (Relation("relation", "https://example.org/b"),)
    assert (record.sources, record.rights) == (("https://example.org/c",), ("open access",))
    assert record.licences == ("https://creativecommons.org/licenses/by/4.0/",)


@pytest.mark.parametrize(
    ("dates", "issued"),
    [
        (["2020"], ("2020",)),
        (["2020-05-01", "2021-02-03T10:00:00Z"], ("2020-05-01",)),
        (["2020", "2021"], ()),
        (["2024-02-30"], ()),
        (["c2001", "19uu"], ()),
        (["0000"], ()),
    ],
)
def test_one_plain_date_is_that_of_issue_and_all_stay(dates: list[str], issued: tuple[str, ...]) -> None:
    record = read(*(("dc.date", date) for date in dates))
    assert (record.issued, record.dates) == (issued, tuple(dates))
    assert read(("dc.date", "2020"), ("dc.date.issued", "2019")).issued == ("2019",)


def test_people_and_bodies_have_their_roles() -> None:
    record = read(
        ("dc.contributor.author", "A"),
        ("dc.creator", "B"),
        ("dc.contributor.editor", "C"),
        ("dc.contributor.advisor", "D"),
        ("dc.contributor.institution", "E"),
        ("dc.description.sponsorship", "F"),
        ("dc.publisher", "Berlin: Difu"),
        ("dc.publisher", "Cambridge, Mass. : MIT Press"),
        ("dc.publisher", "North-Holland/Elsevier"),
    )
    assert record.creators == (Agent("A"), Agent("B"))
    assert record.contributors == (
        Agent("C", "editor"),
        Agent("D", "advisor"),
        Agent("E", "other", body=True),
        Agent("F", "funder", body=True),
    )
    names = ("Difu", "MIT Press", "North-Holland/Elsevier")
    assert record.publishers == tuple(Agent(name, "publisher", body=True) for name in names)
    assert record.places == ("Berlin", "Cambridge, Mass.")


@pytest.mark.parametrize(
    ("written", "series"),
    [
        ("Difu-Papers ; 12", Series("Difu-Papers", "12")),
        ("Reihe; Bd. 3", Series("Reihe", "Bd. 3")),
        ("A ; B ; IV", Series("A ; B", "IV")),
        ("Krieg; Frieden", Series("Krieg; Frieden")),
        ("Reihe;", Series("Reihe")),
        ("Reihe", Series("Reihe")),
    ],
)
def test_a_series_is_split_only_before_a_volume(written: str, series: Series) -> None:
    assert read(("dc.relation.ispartofseries", written)).series == (series,)


def test_authorities_that_the_source_gives_are_taken_if_they_can_be_right() -> None:
    entry = {"value": "Städte", "language": "de", "authority": "(DE-588)4120730-0", "confidence": 600}
    author = {"value": "Muster", "authority": "virtual::1586"}
    payload = json.dumps({"metadata": {"dc.subject": [entry], "dc.contributor.author": [author]}})
    record = known(records.read(raw("dspace7", payload)))
    assert record.subjects == (Subject("Städte", "de", None, "https://d-nb.info/gnd/4120730-0"),)
    assert record.creators == (Agent("Muster"),)
    nested = xoai(("dc.subject", "x")).replace("</field>", '</field><field name="authority">4120730-0</field>')
    assert known(records.read(raw("xoai", nested))).subjects[0].authority == "https://d-nb.info/gnd/4120730-0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4120730-0", "https://d-nb.info/gnd/4120730-0"),
        ("(DE-588)4120730-0", "https://d-nb.info/gnd/4120730-0"),
        ("http://d-nb.info/gnd/118540238", "https://d-nb.info/gnd/118540238"),
        ("1098579690", "https://d-nb.info/gnd/1098579690"),
        ("4120730-1", None),
        ("12345", None),
        ("0000-0002-1825-0097", "https://orcid.org/0000-0002-1825-0097"),
        ("https://orcid.org/0000-0002-1694-233x", "https://orcid.org/0000-0002-1694-233X"),
        ("0000-0002-1825-0098", None),
        ("https://ror.org/04z8jg394", "https://ror.org/04z8jg394"),
        ("virtual::1586", None),
        ("will be referenced::ORCID::0000-0002-1825-0097", None),
        ("0a81af48-388e-49c4-936a-547560e4ad1c", None),
        ("https://d-nb.info/gnd/118540238\nx", None),
        ("", None),
        (None, None),
    ],
)
def test_an_authority_has_the_right_check_digit(text: str | None, expected: str | None) -> None:
    assert iri(text) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("de", ("de", False)),
        ("en_US", ("en-US", False)),
        ("EN-us", ("en-US", False)),
        ("zh_hant_TW", ("zh-Hant-TW", False)),
        ("ger", ("de", False)),
        ("und", (None, False)),
        ("", (None, False)),
        (None, (None, False)),
        ("*", (None, True)),
        ("none", (None, True)),
        ("x y", (None, True)),
        ("german", (None, True)),
        ("d", (None, True)),
    ],
)
def test_language_tags_are_brought_to_bcp47(written: str | None, expected: tuple[str | None, bool]) -> None:
    assert tag(written) == expected


def test_an_odd_language_tag_is_named_once_a_field() -> None:
    record = read(("dc.subject", "a", "x y"), ("dc.subject", "b", "x y"), ("dc.title", "t", "*"))
    assert [(f.shape, f.field, f.value) for f in record.findings] == [
        ("language-tag", "dc.subject", "x y"),
        ("language-tag", "dc.title", "*"),
    ]
    assert all(subject.lang is None for subject in record.subjects)


def test_xoai_is_read_but_its_files_and_settings_are_not() -> None:
    payload = xoai(("dc.title", "T", "en_US")).replace(
        "</metadata></metadata>",
        '<element name="bundles"><element name="bundle"><field name="value">secret</field></element></element>'
        '<element name="others"><field name="handle">difu/9</field><field name="owner">secret</field></element>'
        "</metadata></metadata>",
    )
    record = known(records.read(raw("xoai", payload, "x")))
    assert (record.titles, record.handles, record.path) == ((Text("T", "en-US"),), ("difu/9",), "difu/9")
    assert "secret" not in repr(record)


def test_the_old_shape_of_dspace_json_is_read() -> None:
    payload = json.dumps({"handle": "difu/9", "metadata": [{"key": "dc.title", "value": "T", "language": "de"}]})
    record = known(records.read(raw("dspace7", payload, "difu/9")))
    assert (record.titles, record.path) == ((Text("T", "de"),), "difu/9")


@pytest.mark.parametrize(
    ("form", "payload", "shape"),
    [
        ("dim", "<broken", "unreadable"),
        ("dim", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "unreadable"),
        ("dspace7", "{broken", "unreadable"),
        ("dspace7", "[" * 100_000, "unreadable"),
        ("dspace7", "{}", "unreadable"),
        ("dim", "<metadata/>", "no-content"),
        ("dim", dim(("dc.title", " ")), "no-content"),
        ("marc21", "<record/>", "no-reader"),
        ("html", "<html/>", "no-reader"),
    ],
)
def test_what_cannot_be_read_is_a_finding(form: str, payload: str, shape: str) -> None:
    finding = refused(records.read(raw(form, payload)))
    assert (finding.shape, finding.origin, finding.path) == (shape, "a.xml", "difu/1")
    assert finding.de
    assert finding.en


def test_a_record_without_title_is_still_a_record() -> None:
    assert read(("dc.subject", "x")).titles == ()


@pytest.mark.parametrize(
    ("identifier", "path"),
    [
        ("oai:repository.example.org:tib/1831631776", "tib/1831631776"),
        ("oai:arXiv.org:cs/0112017", "cs/0112017"),
        ("oai:x:1", "1"),
        ("text:difu/581658", "difu/581658"),
        ("difu/581658", "difu/581658"),
        ("http://hdl.handle.net/123456789/3", "123456789/3"),
        ("https://example.org/a/b", "example.org/a/b"),
        ("1911e8a4-6939-490c-b58b-a5d70f8d91fb", "1911e8a4-6939-490c-b58b-a5d70f8d91fb"),
    ],
)
def test_the_path_of_an_identifier(identifier: str, path: str) -> None:
    assert records.path(identifier) == path


def test_the_path_of_a_record_is_its_handle() -> None:
    uri = ("dc.identifier.uri", "https://repository.example.org/handle/difu/77")
    other = ("dc.identifier.uri", "https://hdl.handle.net/20.500/5")
    assert read(uri).path == "difu/77"
    assert read(other, uri, ("dc.title", "x")).path == "20.500/5"
    assert known(records.read(raw("dim", dim(other, uri), "oai:x:difu/77"))).path == "difu/77"
    for foreign in ("https://x.org/bitstream/handle/difu/78/a.pdf", "https://x.org/handle/../etc", "hdl:a b/c"):
        assert read(("dc.identifier.uri", foreign), ("dc.relation", uri[1])).path == "difu/1"


HOSTILE = (
    "oai:x:../../../../etc/passwd", "<script>alert(1)</script>", "oai:x:'; DROP TABLE records; --", "oai:x:a b",
    "oai:x:a-b", "oai:x:a%20b", "oai:x:a?b", "oai:x:a#b", "oai:x:/a/b", "oai:x:a/b/", "oai:x:a//b", "oai:x:a/../b",
    "oai:x:keyword/a", "oai:x:a.ttl", "oai:x:a.html", "oai:x:A.TTL", "oai:x:", ":", "", " ", "..", "oai:x:\u202ea",
    "oai:x:" + "a" * 500, "oai:x:" + "a" * 501, "oai:x:a\r\nX: y/z", "oai:x:Größe", "oai:x:Gro\u0308ße", "keyword",
)  # fmt: skip


def harmless(path: str) -> bool:
    return (
        0 < len(path) <= 200
        and not path.startswith(("/", "keyword/"))
        and path != "keyword"
        and not path.endswith(("/", ".html", *(f".{format.suffix}" for format in FORMATS)))
        and all(segment not in ("", ".", "..") for segment in path.split("/"))
        and not any(letter in '#?%<>"\\^`{|}' or letter.isspace() or not letter.isprintable() for letter in path)
    )


def test_hostile_identifiers_give_harmless_and_distinct_paths() -> None:
    paths = [records.path(identifier) for identifier in HOSTILE]
    assert [path for path in paths if not harmless(path)] == []
    same = {path for path in paths if paths.count(path) > 1}
    assert len(set(paths)) >= len(HOSTILE) - 2, same  # "" and ":" and " " say nothing to be told apart by


@given(st.text(max_size=300))
def test_every_path_is_harmless(identifier: str) -> None:
    path = records.path(identifier)
    assert harmless(path)
    assert records.path_of(identifier, ()) == path


@given(
    st.lists(
        st.tuples(st.sampled_from(["dc.title", "dc.identifier.uri", "dc.publisher", "a.b"]), st.text()), max_size=5
    )
)
def test_no_value_crashes_a_reader(rows: list[tuple[str, str]]) -> None:
    result = records.read(raw("dspace7", dspace7(*rows)))
    assert isinstance(result, Record | Finding)
    repr(result).encode()


def test_reading_is_repeatable() -> None:
    one = raw("dim", dim(*ROWS, ("x.y", "z"), ("dc.title", "<b>q</b>")))
    assert records.read(one) == records.read(replace(one))
