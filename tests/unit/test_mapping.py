"""What becomes of each field: the mapping profile, clause by clause (docs/mapping.md)."""

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from katalod import mapping
from katalod.errors import MappingError
from katalod.model import Agent, Concept, Finding, Link, Record, Relation, Series, Severity, Subject, Text
from katalod.rdf import term

BASE = "https://data.example.org/"
WORK = NamedNode(f"{BASE}id/difu/581658")
DOC = NamedNode(f"{BASE}doc/difu/581658")
TABLE = mapping.load()


def described(**fields: object) -> tuple[set[Triple], list[Finding]]:
    record = Record("difu/581658", "oai:x:1", **{"titles": (Text("Titel", "de"),)} | fields)  # type: ignore[arg-type]
    description = mapping.describe(record, TABLE, BASE)
    return set(description.triples), list(description.findings)


def says(triples: set[Triple], predicate: str, value: object, subject: NamedNode = WORK) -> bool:
    return Triple(subject, term(predicate), value) in triples  # type: ignore[arg-type]


def shapes(findings: list[Finding]) -> list[str]:
    return [finding.shape for finding in findings]


def test_work_and_description_are_two_resources() -> None:
    triples, _ = described(accessioned=("2023-02-04", "2021-05-28"))
    assert says(triples, "wdrs:describedby", DOC)
    assert says(triples, "foaf:primaryTopic", WORK, DOC)
    day = term("xsd:date")
    assert says(triples, "dcterms:created", Literal("2021-05-28", datatype=day), DOC)
    assert says(triples, "dcterms:modified", Literal("2023-02-04", datatype=day), DOC)
    assert not any(t.subject == WORK and t.predicate == term("dcterms:modified") for t in triples)


@pytest.mark.parametrize(
    ("written", "kind"),
    [("2021", "gYear"), ("2021-05", "gYearMonth"), ("2021-05-28", "date"), ("2021-05-28T10:00:00Z", "dateTime")],
)
def test_a_date_is_typed_by_its_shape(written: str, kind: str) -> None:
    triples, findings = described(issued=(written,))
    assert says(triples, "dcterms:issued", Literal(written, datatype=term(f"xsd:{kind}")))
    assert not findings


@pytest.mark.parametrize(
    "written",
    ["[2021]", "c2021", "2010/2014", "(1876)", "2021-13-40", "2021-02-30", "0000", "2021-5-1", "２０２１", ""],
)
def test_what_is_no_date_keeps_its_string(written: str) -> None:
    triples, findings = described(issued=(written,))
    assert says(triples, "dc11:date", Literal(written))
    assert not any(t.predicate == term("dcterms:issued") for t in triples)
    assert shapes(findings) == ["date-form"]


def test_of_three_dates_one_is_issued_and_none_is_lost() -> None:
    triples, findings = described(issued=("2019", "c2020", "2021"))
    assert says(triples, "dcterms:issued", Literal("2019", datatype=term("xsd:gYear")))
    assert {t.object.value for t in triples if t.predicate == term("dc11:date")} == {"c2020", "2021"}
    assert sorted(shapes(findings)) == ["date-form", "date-more-than-one"]


def test_instants_are_written_canonically() -> None:
    triples, _ = described(available=("2012-06-26T21:58:24.000+02:00",))
    assert says(triples, "dcterms:available", Literal("2012-06-26T19:58:24Z", datatype=term("xsd:dateTime")))


def test_the_earliest_day_is_when_it_became_available() -> None:
    triples, _ = described(available=("2023-02-04", "2021-05-28"))
    assert [t.object.value for t in triples if t.predicate == term("dcterms:available")] == ["2021-05-28"]


@pytest.mark.parametrize(
    ("written", "thirteen", "ten"),
    [
        ("978-3-88118-676-6", "9783881186766", None),
        ("ISBN 978-3-88118-676-6 (pbk.)", "9783881186766", None),
        ("3-16-148410-X", "9783161484100", "316148410X"),
    ],
)
def test_an_isbn_is_normalised(written: str, thirteen: str, ten: str | None) -> None:
    triples, findings = described(isbns=(written,))
    assert says(triples, "bibo:isbn13", Literal(thirteen))
    assert says(triples, "bibo:isbn10", Literal(ten)) if ten else not findings
    assert not any(t.predicate == term("bibo:issn") for t in triples)


@pytest.mark.parametrize("written", ["978-3-88118-676-7", "12345", "978-3-88118", "<script>"])
def test_an_isbn_with_a_wrong_digit_stays_a_string(written: str) -> None:
    triples, findings = described(isbns=(written,))
    assert says(triples, "dc11:identifier", Literal(written))
    assert shapes(findings) == ["isbn-check-digit"]
    assert findings[0].value == written


def test_an_issn_belongs_to_the_series() -> None:
    triples, _ = described(series=(Series("Difu-Impulse", "4"),), issns=("1863-7949",))
    series = NamedNode(f"{WORK.value}#series")
    assert says(triples, "dcterms:isPartOf", series)
    assert says(triples, "bibo:issn", Literal("1863-7949"), series)
    assert says(triples, "bibo:volume", Literal("4"))
    assert not says(triples, "bibo:issn", Literal("1863-7949"))


def test_an_issn_without_a_series_belongs_to_a_periodical() -> None:
    triples, _ = described(issns=("1863-7949",))
    assert says(triples, "dcterms:isPartOf", NamedNode(f"{WORK.value}#periodical"))


def test_the_issn_of_a_journal_is_its_own() -> None:
    triples, _ = described(issns=("1863-7949",), types=(Text("Zeitschrift"),))
    assert says(triples, "bibo:issn", Literal("1863-7949"))


@pytest.mark.parametrize("written", ["doi:10.1016/J.X(05)02016-4", "https://doi.org/10.1016/j.x(05)02016-4"])
def test_a_doi_is_lower_case_and_like_its_address(written: str) -> None:
    triples, _ = described(dois=(written,))
    assert says(triples, "bibo:doi", Literal("10.1016/j.x(05)02016-4"))
    assert says(triples, "umbel:isLike", NamedNode("https://doi.org/10.1016/j.x(05)02016-4"))


def test_people_are_things_and_keep_their_order() -> None:
    triples, _ = described(
        creators=(Agent("Zeh, A."), Agent("Abel, B."), Agent("Zeh, A.", iri="https://orcid.org/0000-0002-1825-0097"))
    )
    creators = {t.object for t in triples if t.predicate == term("dcterms:creator")}
    assert len(creators) == 3, "two people of one name are not merged"
    assert all(isinstance(creator, NamedNode) for creator in creators)
    first = NamedNode(f"{WORK.value}#authors-1")
    assert says(triples, "bibo:authorList", first)
    assert Triple(first, term("rdf:rest"), NamedNode(f"{WORK.value}#authors-2")) in triples
    assert any(t.subject == first and t.predicate == term("rdf:first") and "zeh" in str(t.object) for t in triples)


def test_an_authority_s_agent_gets_no_name_from_one_record() -> None:
    """Its IRI is shared: a triple has one owner."""
    triples, _ = described(creators=(Agent("Difu", iri="https://d-nb.info/gnd/5028175-6", body=True),))
    assert says(triples, "dcterms:creator", NamedNode("https://d-nb.info/gnd/5028175-6"))
    assert all(t.subject.value.startswith(BASE) for t in triples)


@pytest.mark.parametrize("written", ["de", "deu", "ger", "de_DE", "Deutsch", "GERMAN"])
def test_a_language_is_a_thing(written: str) -> None:
    triples, _ = described(languages=(written,))
    assert says(triples, "dcterms:language", NamedNode("http://id.loc.gov/vocabulary/iso639-2/ger"))


def test_an_unknown_language_stays_a_string() -> None:
    triples, findings = described(languages=("Klingonisch",))
    assert says(triples, "dc11:language", Literal("Klingonisch"))
    assert shapes(findings) == ["language-unknown"]


def test_the_type_of_the_first_record() -> None:
    triples, findings = described(types=(Text("Graue Literatur/ Bericht", "de"),))
    assert says(triples, "rdf:type", term("bibo:Report"))
    assert says(triples, "dcterms:type", term("coar:c_93fc"))
    assert says(triples, "rdau:P60584", term("gnd:4128022-2"))
    assert says(triples, "dc11:type", Literal("Graue Literatur/ Bericht", language="de"))
    assert not findings


def test_an_unknown_type_is_a_document_and_a_finding() -> None:
    triples, findings = described(types=(Text("Quilt"),))
    assert says(triples, "rdf:type", term("bibo:Document"))
    assert shapes(findings) == ["type-unknown"]


GERMAN = "Internationale Migrations- und Fluchtbewegungen verändern die Gesellschaft, die Städte und die Regionen. " * 2
ENGLISH = "International migration and refugee movements are changing society, the cities and the regions of it. " * 2


@pytest.mark.parametrize(("text", "tag", "published"), [(GERMAN, "en_US", "de"), (ENGLISH, "de", "en")])
def test_a_contradicted_tag_is_corrected_and_said(text: str, tag: str, published: str) -> None:
    triples, findings = described(abstracts=(Text(text, tag.replace("_", "-")),))
    assert says(triples, "dcterms:abstract", Literal(text, language=published))
    assert shapes(findings) == ["language-tag"]


@pytest.mark.parametrize(
    ("text", "tag", "published"),
    [
        (GERMAN, "de", "de"),
        (ENGLISH, "en-US", "en"),
        (GERMAN + ENGLISH, "de", "de"),  # in two languages: the tag stands
        ("Migration", "en", "en"),  # too short to judge
    ],
)
def test_a_tag_that_may_be_right_stands(text: str, tag: str, published: str) -> None:
    triples, findings = described(abstracts=(Text(text, tag),))
    assert says(triples, "dcterms:abstract", Literal(text, language=published))
    assert not findings


def test_a_text_without_tag_takes_the_record_s_language() -> None:
    triples, _ = described(titles=(Text("Ein Titel"),), languages=("ger",))
    assert says(triples, "dcterms:title", Literal("Ein Titel", language="de"))
    triples, _ = described(titles=(Text("Ein Titel"),), languages=("ger", "eng"))
    assert says(triples, "dcterms:title", Literal("Ein Titel"))


def linked(predicate: str) -> Subject:
    concept = Concept("https://d-nb.info/gnd/4120730-0", "Migration")
    return Subject("Migration", "de", links=(Link(concept, predicate, "LexicalMatching", 1.0, "GND 2026"),))


def test_a_keyword_is_said_three_times() -> None:
    triples, _ = described(subjects=(linked("exactMatch"),))
    assert says(triples, "dc11:subject", Literal("Migration", language="de"))
    assert says(triples, "dcterms:subject", NamedNode(f"{BASE}id/keyword/migration"))
    assert says(triples, "dcterms:subject", NamedNode("https://d-nb.info/gnd/4120730-0"))


def test_a_related_heading_is_no_subject_of_the_work() -> None:
    triples, _ = described(subjects=(linked("relatedMatch"),))
    assert not says(triples, "dcterms:subject", NamedNode("https://d-nb.info/gnd/4120730-0"))


def test_a_host_is_a_thing_not_a_literal() -> None:
    triples, _ = described(relations=(Relation("isPartOf", "Handbuch der Stadt"), Relation("isVersionOf", "alt")))
    hosts = [t.object for t in triples if t.predicate == term("dcterms:isPartOf")]
    assert len(hosts) == 1
    assert isinstance(hosts[0], NamedNode)
    assert says(triples, "dc11:relation", Literal("alt"))


@pytest.mark.parametrize(
    ("written", "licence"),
    [
        ("https://creativecommons.org/licenses/by/4.0/deed.de", "http://creativecommons.org/licenses/by/4.0/"),
        (
            "http://creativecommons.org/licenses/by-nc-nd/3.0/de/legalcode",
            "http://creativecommons.org/licenses/by-nc-nd/3.0/de/",
        ),
        ("https://rightsstatements.org/page/InC/1.0/", "http://rightsstatements.org/vocab/InC/1.0/"),
    ],
)
def test_a_licence_has_one_iri(written: str, licence: str) -> None:
    triples, _ = described(licences=(written,))
    assert says(triples, "dcterms:license", NamedNode(licence))


@pytest.mark.parametrize(
    "written", ["javascript:alert(1)", "https://x y/", 'https://x/"><script>', "http://", "file:///etc/passwd"]
)
def test_what_is_no_web_address_stays_a_string(written: str) -> None:
    triples, findings = described(pages=(written,))
    assert says(triples, "dc11:identifier", Literal(written))
    assert shapes(findings) == ["iri"]


def test_no_blank_node_and_every_made_iri_below_its_work() -> None:
    triples, _ = described(
        creators=(Agent("A"), Agent("B")),
        contributors=(Agent("C", "editor"),),
        publishers=(Agent("Difu", "publisher", body=True),),
        series=(Series("S", "1"), Series("T")),
        relations=(Relation("isPartOf", "Host"),),
        subjects=(linked("exactMatch"),),
    )
    for triple in triples:
        assert isinstance(triple.subject, NamedNode)
        assert triple.subject == DOC or triple.subject.value.partition("#")[0] == WORK.value


def test_findings_are_in_both_languages_and_name_field_and_value() -> None:
    _, findings = described(isbns=("1",), issued=("c2021",), languages=("xx-klingon",))
    assert len(findings) == 3
    for finding in findings:
        assert finding.de and finding.en and finding.field and finding.value
        assert finding.severity is Severity.WARNING


def test_a_faulty_table_is_refused_with_its_row(tmp_path: object) -> None:
    from pathlib import Path
    from shutil import copytree

    from katalod.assets import asset

    folder = Path(str(tmp_path)) / "ontology"
    copytree(asset("ontology"), folder)
    text = (folder / "mapping.toml").read_text("utf-8")
    (folder / "mapping.toml").write_text(text.replace('value = "isbn"', 'value = "isbnn"'), "utf-8")
    with pytest.raises(MappingError, match=r"row 16.*isbnn"):
        mapping.load(folder)


def test_keyword_concepts_have_one_preferred_label_a_language() -> None:
    spellings = ((linked("exactMatch"), 3), (Subject("migration", "de"), 5), (Subject("Migration", "en"), 1))
    triples = list(mapping.keyword_triples(spellings, BASE))
    concept = NamedNode(f"{BASE}id/keyword/migration")
    preferred = [t.object for t in triples if t.predicate == term("skos:prefLabel")]
    assert preferred == [Literal("migration", language="de"), Literal("Migration", language="en")]
    assert Triple(concept, term("skos:altLabel"), Literal("Migration", language="de")) in triples
    assert Triple(concept, term("skos:exactMatch"), NamedNode("https://d-nb.info/gnd/4120730-0")) in triples
    evidence = NamedNode(f"{concept.value}#link-4120730-0")
    assert Triple(evidence, term("sssom:mapping_justification"), term("semapv:LexicalMatching")) in triples
