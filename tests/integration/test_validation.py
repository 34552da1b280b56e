"""Works, concepts and the dataset against their shapes: what is found, for whom, and just what pySHACL finds."""

from collections.abc import Iterable, Iterator
from itertools import product

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize
from rdflib import Graph
from rdflib.namespace import SH

from katalod import validation
from katalod.model import Finding, Severity
from katalod.rdf import prefixes, term
from katalod.validation.engine import results
from katalod.validation.graph import Batch, to_graph


def to_rdflib(triples: Iterable[Triple]) -> Graph:
    """Copy triples into an ordinary rdflib graph, by way of text: what our own graph is held against."""
    return Graph().parse(data=serialize(triples, format=RdfFormat.N_TRIPLES), format="nt")


BASE = "https://example.org/"
PREFIXES = "".join(f"@prefix {name}: <{space}> .\n" for name, space in prefixes().items())
DIFU = """
<id/difu/581658> a bibo:Report ;
    dcterms:type coar:c_93fc ; rdau:P60584 gnd:4128022-2 ; dc11:type "Graue Literatur/ Bericht"@de ;
    dcterms:title "Vielfalt in den Städten: Zuwanderung und Wohnen"@de ;
    dcterms:abstract "Wie Städte mit p < 0,05 und Zuwanderung umgehen."@de , "How towns go about immigration."@en ;
    bibo:isbn13 "9783881186766" ; bibo:handle "difu/581658" ; bibo:doi "10.34744/difu.581658" ;
    foaf:isPrimaryTopicOf <https://repository.difu.de/handle/difu/581658> ;
    dcterms:language lang:ger ; dcterms:license <http://creativecommons.org/licenses/by/4.0/> ;
    dcterms:issued "2021"^^xsd:gYear ; dcterms:available "2021-05-28"^^xsd:date ;
    dc11:subject "Migration"@de , "Wohnungsmarkt"@de ;
    dcterms:subject <id/keyword/migration> , <id/keyword/wohnungsmarkt> , gnd:4120730-0 , gnd:4066794-7 ;
    dcterms:creator <id/difu/581658#author-a> , <https://orcid.org/0000-0002-1825-0097> ;
    bibo:authorList <id/difu/581658#authors-1> ;
    dcterms:isPartOf <id/difu/581658#series> ; bibo:volume "12" ;
    wdrs:describedby <doc/difu/581658> .
<id/difu/581658#author-a> a foaf:Person ; foaf:name "Reimann, Bettina" .
<id/difu/581658#authors-1> rdf:first <id/difu/581658#author-a> ; rdf:rest <id/difu/581658#authors-2> .
<id/difu/581658#authors-2> rdf:first <https://orcid.org/0000-0002-1825-0097> ; rdf:rest rdf:nil .
<id/difu/581658#series> a bibo:Series ; dcterms:title "Difu-Papers" ; bibo:issn "1864-2853" .
<doc/difu/581658> a foaf:Document ; foaf:primaryTopic <id/difu/581658> ; void:inDataset <#dataset> ;
    dcterms:license <http://creativecommons.org/publicdomain/zero/1.0/> ; dcterms:modified "2023-02-04"^^xsd:date .
"""
KEYWORD = """
<id/keyword/migration> a skos:Concept ; skos:inScheme <id/keywords> ; skos:prefLabel "Migration"@de ;
    skos:exactMatch gnd:4120730-0 .
<id/keyword/migration#link-4120730-0> a sssom:Mapping ; sssom:subject_id <id/keyword/migration> ;
    sssom:predicate_id skos:exactMatch ; sssom:object_id gnd:4120730-0 ; sssom:object_label "Migration" ;
    sssom:mapping_justification semapv:LexicalMatching ; sssom:confidence 0.9 ;
    sssom:mapping_date "2026-01-01"^^xsd:date .
"""
DATASET = """
<#dataset> a void:Dataset , dcat:Dataset ; dcterms:title "Katalog"@de , "Catalogue"@en ;
    dcterms:description "Alles"@de , "All"@en ; dcterms:license <http://creativecommons.org/publicdomain/zero/1.0/> ;
    dcterms:publisher <#publisher> ; void:triples 42 ; void:sparqlEndpoint <sparql> ;
    void:dataDump <dumps/latest.nq.gz> ; dcat:distribution <#dump> .
<#publisher> a foaf:Organization ; foaf:name "Difu" .
<#dump> a dcat:Distribution ; dcat:accessURL <dumps/> ;
    dcterms:license <http://creativecommons.org/publicdomain/zero/1.0/> ;
    dcat:mediaType <https://www.iana.org/assignments/media-types/application/n-quads> ; spdx:checksum <#sum> .
<#sum> a spdx:Checksum ; spdx:algorithm spdx:checksumAlgorithm_sha256 ; spdx:checksumValue "00ff"^^xsd:hexBinary .
<#dataset> dcat:contactPoint <#contact> .
<#contact> a vcard:Organization ; vcard:hasEmail <mailto:lod@example.org> .
<#catalogue> a dcat:Catalog ; dcterms:title "Katalog"@de ; dcterms:description "Dies"@de ;
    dcterms:publisher <#publisher>, <#publisher> ; dcat:dataset <#dataset> ; dcat:service <#sparql> .
<#sparql> a dcat:DataService ; dcterms:title "SPARQL 1.1" ; dcat:endpointURL <sparql> .
"""
Term = NamedNode | Literal | ox.BlankNode
OWNER = validation.owners(BASE)
WORK = NamedNode(f"{BASE}id/difu/581658")


def triples(turtle: str) -> list[Triple]:
    return [q.triple for q in ox.parse(PREFIXES + turtle, format=RdfFormat.TURTLE, base_iri=BASE)]


def changed(turtle: str, old: str, new: str) -> list[Triple]:
    assert old in turtle
    return triples(turtle.replace(old, new))


@pytest.fixture(scope="module")
def shapes() -> dict[str, validation.Shapes]:
    return {name: validation.load(name) for name in ("record", "concept", "dataset")}


def found(batch: list[Triple], shapes: validation.Shapes) -> list[Finding]:
    return [finding for findings in validation.check(batch, shapes, OWNER).values() for finding in findings]


@pytest.mark.parametrize(("name", "turtle"), [("record", DIFU), ("concept", KEYWORD), ("dataset", DATASET)])
def test_what_is_sound_has_no_findings(name: str, turtle: str, shapes: dict[str, validation.Shapes]) -> None:
    assert len(triples(turtle)) > 8
    assert validation.check(triples(turtle), shapes[name], OWNER) == {}


BROKEN = [
    ("record", "no-title", 'dcterms:title "Vielfalt in den Städten: Zuwanderung und Wohnen"@de ;', ""),
    ("record", "title-empty", '"Vielfalt in den Städten: Zuwanderung und Wohnen"@de', '" \\t\\u00A0"@de'),
    ("record", "title-language", '"Vielfalt in', '"Zweiter Titel"@de , "Vielfalt in'),
    ("record", "record-class", "a bibo:Report ;", ""),
    ("record", "record-class", "a bibo:Report ;", "a skos:Concept ;"),
    ("record", "record-type", "dcterms:type coar:c_93fc ;", ""),
    ("record", "record-type", "dcterms:type coar:c_93fc ;", "dcterms:type <http://example.org/report> ;"),
    ("record", "record-issued", 'dcterms:issued "2021"^^xsd:gYear ;', ""),
    ("record", "record-language", "dcterms:language lang:ger ;", ""),
    ("record", "record-described", "wdrs:describedby <doc/difu/581658> .", 'bibo:edition "1" .'),
    ("record", "issued-once", '"2021"^^xsd:gYear', '"2021"^^xsd:gYear , "2022"^^xsd:gYear'),
    ("record", "issued-datatype", '"2021"^^xsd:gYear', '"2021"'),
    ("record", "issued-datatype", '"2021"^^xsd:gYear', '"2021"^^xsd:integer'),
    ("record", "issued-datatype", '"2021"^^xsd:gYear', '"2021-13-40"^^xsd:date'),
    ("record", "issued-datatype", '"2021"^^xsd:gYear', "<http://example.org/2021>"),
    ("record", "issued-year", '"2021"^^xsd:gYear', '"1021"^^xsd:gYear'),
    ("record", "issued-year", '"2021"^^xsd:gYear', '"2201-01-01"^^xsd:date'),
    ("record", "date-form", '"2021-05-28"^^xsd:date', '"28.5.2021"'),
    ("record", "date-form", '"2023-02-04"^^xsd:date', '"gestern"@de'),
    ("record", "thing", "dcterms:language lang:ger", 'dcterms:language "de"'),
    ("record", "thing", "dcterms:isPartOf <id/difu/581658#series>", 'dcterms:isPartOf "Difu-Papers"'),
    ("record", "thing", "<https://repository.difu.de/handle/difu/581658>", "<javascript:alert(1)>"),
    ("record", "language-term", "lang:ger", "<http://example.org/de>"),
    ("record", "subject-concept", "gnd:4120730-0", "<http://d-nb.info/gnd/4120730-0>"),
    ("record", "subject-concept", "gnd:4120730-0", '"Migration"'),
    ("record", "form-concept", "gnd:4128022-2", "<http://example.org/form>"),
    ("record", "isbn13", "9783881186766", "978-3-88118-676-6"),
    ("record", "isbn10", 'bibo:isbn13 "9783881186766"', 'bibo:isbn10 "388118676"'),
    ("record", "issn", "1864-2853", "18642853"),
    ("record", "doi", "10.34744/difu.581658", "https://doi.org/10.34744/difu.581658"),
    ("record", "handle", '"difu/581658"', '"581658"'),
    ("record", "abstract-untagged", '"How towns go about immigration."@en', '"How towns go about immigration."'),
    ("record", "abstract-language", '"How towns go about immigration."@en', '"How towns go about immigration."@de'),
    ("record", "keyword-text", 'dc11:subject "Migration"@de , "Wohnungsmarkt"@de ;', ""),
    ("record", "markup", "Wie Städte", "<p>Wie Städte"),
    ("record", "markup", "Vielfalt", "<script>alert(1)</script>"),
    ("record", "markup", "Vielfalt", "Viel\\u0007falt"),
    ("record", "markup", "Vielfalt", "Vielf\\uFFFDlt"),
    ("record", "keyword-markup", '"Wohnungsmarkt"@de', '"<b>Wohnungsmarkt</b>"@de'),
    ("record", "agent-name", 'foaf:name "Reimann, Bettina"', 'foaf:nick "R"'),
    ("record", "agent-name-empty", '"Reimann, Bettina"', '""'),
    ("record", "series-title", 'dcterms:title "Difu-Papers" ;', ""),
    ("record", "author-list-head", "bibo:authorList <id/difu/581658#authors-1>", "bibo:authorList <id/difu/x>"),
    ("record", "author-list-member", "rdf:first <https://orcid.org/0000-0002-1825-0097> ;", ""),
    ("record", "author-list-member", "rdf:first <id/difu/581658#author-a>", 'rdf:first "Reimann, Bettina"'),
    ("record", "author-list-rest", "; rdf:rest rdf:nil", ""),
    ("record", "author-list-rest", "rdf:rest rdf:nil", "rdf:rest rdf:nil , <id/difu/581658#authors-1>"),
    ("record", "document-licence", "<#dataset> ;\n    dcterms:license", "<#dataset> ;\n    dcterms:rights"),
    ("record", "document-topic", "foaf:primaryTopic <id/difu/581658>", "foaf:topic <id/difu/581658>"),
    ("concept", "concept-label", 'skos:prefLabel "Migration"@de', 'skos:altLabel "Migration"@de'),
    ("concept", "concept-label-language", '"Migration"@de', '"Migration"@de , "Wanderung"@de'),
    ("concept", "concept-label-empty", 'prefLabel "Migration"@de', 'prefLabel ""@de'),
    ("concept", "concept-markup", 'prefLabel "Migration"@de', 'prefLabel "<i>Migration</i>"@de'),
    ("concept", "concept-scheme", "skos:inScheme <id/keywords> ;", ""),
    ("concept", "concept-link", "skos:exactMatch gnd:4120730-0 .", "skos:exactMatch <http://example.org/1> ."),
    ("concept", "concept-evidence", "sssom:subject_id <id/keyword/migration>", "sssom:subject_id <id/keyword/x>"),
    ("concept", "link-evidence", "sssom:object_id gnd:4120730-0", "sssom:object_id gnd:4066794-7"),
    ("concept", "evidence-subject", "sssom:subject_id <id/keyword/migration> ;", ""),
    ("concept", "evidence-object", "sssom:object_id gnd:4120730-0 ;", ""),
    ("concept", "evidence-predicate", "sssom:predicate_id skos:exactMatch", "sssom:predicate_id owl:sameAs"),
    ("concept", "evidence-justification", "semapv:LexicalMatching", '"lexical"'),
    ("concept", "evidence-confidence", "sssom:confidence 0.9", "sssom:confidence 1.9"),
    ("concept", "evidence-confidence", "sssom:confidence 0.9", 'sssom:confidence "high"'),
    ("concept", "evidence-date", '"2026-01-01"^^xsd:date', '"January"'),
    ("dataset", "dataset-title", '"Katalog"@de , "Catalogue"@en', '"Katalog"'),
    ("dataset", "dataset-description", '"Alles"@de', '"Alles"@en'),
    ("dataset", "dataset-licence", "<http://creativecommons.org/publicdomain/zero/1.0/>", '"CC0"'),
    ("dataset", "dataset-publisher", "dcterms:publisher <#publisher> ;", ""),
    ("dataset", "dataset-publisher-name", 'foaf:name "Difu"', 'foaf:name ""'),
    ("dataset", "dataset-triples", "void:triples 42 ;", 'void:triples "many" ;'),
    ("dataset", "dataset-endpoint", "void:sparqlEndpoint <sparql> ;", ""),
    ("dataset", "dataset-dump", "void:dataDump <dumps/latest.nq.gz> ;", ""),
    ("dataset", "dataset-distribution", "; dcat:distribution <#dump>", ""),
    ("dataset", "distribution-access", "dcat:accessURL <dumps/> ;", ""),
    ("dataset", "distribution-media-type", "dcat:mediaType", "dcat:packageFormat"),
    ("dataset", "catalogue-title", 'dcterms:title "Katalog"@de ;', ""),
    ("dataset", "catalogue-description", '"Dies"@de', '"Dies"@de , "Das"@de'),
    ("dataset", "catalogue-publisher", "dcterms:publisher <#publisher>, <#publisher>", "dcterms:publisher <#p>, <#q>"),
    ("dataset", "catalogue-dataset", "dcat:dataset <#dataset> ;", ""),
    ("dataset", "service-title", 'dcterms:title "SPARQL 1.1" ;', ""),
    ("dataset", "service-endpoint", "dcat:endpointURL <sparql>", 'dcat:endpointURL "sparql"'),
    ("dataset", "checksum-value", '"00ff"^^xsd:hexBinary', '"00ff"'),
    ("dataset", "checksum-algorithm", "spdx:algorithm spdx:checksumAlgorithm_sha256 ;", ""),
    ("dataset", "contact-address", "<mailto:lod@example.org>", "<https://example.org/>"),
]
TURTLE = {"record": DIFU, "concept": KEYWORD, "dataset": DATASET}


@pytest.mark.parametrize(("name", "shape", "old", "new"), BROKEN)
def test_each_fault_is_found(name: str, shape: str, old: str, new: str, shapes: dict[str, validation.Shapes]) -> None:
    findings = found(changed(TURTLE[name], old, new), shapes[name])
    mine = [finding for finding in findings if finding.shape == shape]
    assert mine, [f.shape for f in findings]
    assert all(finding.field and finding.de and finding.en for finding in mine)


def test_every_shape_has_a_fault_that_it_finds(shapes: dict[str, validation.Shapes]) -> None:
    for name in shapes:
        assert {rule.name for rule in shapes[name].rules.values()} == {row[1] for row in BROKEN if row[0] == name}


@pytest.mark.parametrize(
    ("title", "fault"),
    [
        ("Social psychology <dt.>", False),
        ("Werte < 0,05 und > 3 <", False),
        ("<<Die>> Stadt, a<b", True),
        ("a<b", False),
        ("Die <i>Stadt</i>", True),
        ("Die Stadt<br/>", True),
        ("Die Stadt <img src=x onerror=alert(1)>", True),
        ("Die Stadt <!-- x", True),
        ("<1> und <2>", False),
    ],
)
def test_what_is_markup_in_a_text(title: str, fault: bool, shapes: dict[str, validation.Shapes]) -> None:
    findings = found(changed(DIFU, "Vielfalt in den Städten: Zuwanderung und Wohnen", title), shapes["record"])
    assert [f.shape for f in findings] == ["markup"] * fault


def test_a_keyword_may_bear_a_qualifier(shapes: dict[str, validation.Shapes]) -> None:
    assert found(changed(DIFU, '"Migration"@de', '"Migration <Soziologie>"@de'), shapes["record"]) == []
    assert found(changed(KEYWORD, '"Migration"@de', '"Migration <Soziologie>"@de'), shapes["concept"]) == []


def test_a_finding_names_work_field_and_value(shapes: dict[str, validation.Shapes]) -> None:
    batch = changed(DIFU, "1864-2853", "18642853")
    assert validation.check(batch, shapes["record"], OWNER) == {
        "difu/581658": [
            Finding(
                Severity.VIOLATION,
                "issn",
                "bibo:issn",
                "18642853",
                "Die ISSN hat nicht die Form 1234-567X. Bitte in der Quelle berichtigen.",
                "The ISSN is not written 1234-567X. Please correct it in the source.",
                path="difu/581658",
            )
        ]
    }


def test_a_bad_value_is_found_in_every_work_that_bears_it(shapes: dict[str, validation.Shapes]) -> None:
    bad = DIFU.replace("lang:ger", "<http://example.org/de>")
    batch = [t for n in range(3) for t in triples(bad.replace("581658", str(n)))] + triples(DIFU)
    faults = validation.check(batch, shapes["record"], OWNER)
    assert {path: [f.shape for f in findings] for path, findings in faults.items()} == {
        f"difu/{n}": ["language-term"] for n in range(3)
    }


def test_values_of_a_number_that_is_too_high_are_all_shown(shapes: dict[str, validation.Shapes]) -> None:
    (finding,) = found(changed(DIFU, '"2021"^^xsd:gYear', '"2021"^^xsd:gYear , "2022"^^xsd:gYear'), shapes["record"])
    assert (finding.shape, finding.field, finding.value) == ("issued-once", "dcterms:issued", "2021 | 2022")


def test_the_same_batch_gives_the_same_findings_in_any_order(shapes: dict[str, validation.Shapes]) -> None:
    batch = [t for row in BROKEN if row[0] == "record" for t in changed(DIFU, row[2], row[3])]
    faults = validation.check(batch, shapes["record"], OWNER)
    assert validation.check(reversed(batch), shapes["record"], OWNER) == faults
    assert len(faults["difu/581658"]) > 20


@pytest.mark.parametrize(
    ("iri", "path"),
    [
        (f"{BASE}id/difu/581658#series", "difu/581658"),
        (f"{BASE}doc/difu/581658", "difu/581658"),
        (f"{BASE}id/a/gr%C3%BCn%20%231#author-x", "a/grün #1"),
        (f"{BASE}id/keyword/migration#link-4120730-0", "keyword/migration"),
        ("https://orcid.org/0000-0002-1825-0097", "https://orcid.org/0000-0002-1825-0097"),
    ],
)
def test_owners(iri: str, path: str) -> None:
    assert OWNER(iri) == path


# --- the same results as pyshacl.validate, whatever is wrong

Outcome = tuple[str, str, str]


def by_katalod(batch: list[Triple], shapes: validation.Shapes) -> list[Outcome]:
    return sorted(
        (str(r.shape), r.focus.n3(), "" if r.value is None else r.value.n3())
        for r in results(to_graph(batch, shapes.predicates), shapes)
    )


def by_pyshacl(batch: list[Triple], shapes: validation.Shapes) -> list[Outcome]:
    """Ask pySHACL as its users do: every triple, in rdflib's own store, by the front door."""
    _, report, _ = pyshacl.validate(to_rdflib(batch), shacl_graph=shapes.graph)
    return sorted(
        (
            str(report.value(node, SH.sourceShape)),
            report.value(node, SH.focusNode).n3(),
            "" if (value := report.value(node, SH.value)) is None else value.n3(),
        )
        for node in report.objects(None, SH.result)
    )


OBJECTS = (
    Literal("x"),
    Literal(""),
    Literal("<b>fett</b>", language="de"),
    Literal("2021", datatype=term("xsd:gYear")),
    Literal("2021-13-40", datatype=term("xsd:date")),
    Literal("x", datatype=term("xsd:integer")),
    NamedNode("http://example.org/other"),
    NamedNode("urn:isbn:9783881186766"),
)


def variants(turtle: str) -> Iterator[list[Triple]]:
    """Break a description in every single place: each triple dropped, each object another or one more."""
    sound = triples(turtle)
    for n, triple in enumerate(sound):
        rest = [*sound[:n], *sound[n + 1 :]]
        yield rest
        for object in OBJECTS:
            yield [*rest, Triple(triple.subject, triple.predicate, object)]
        yield [*sound, Triple(triple.subject, triple.predicate, OBJECTS[n % len(OBJECTS)])]


@pytest.mark.parametrize(("name", "path"), [("record", "581658"), ("concept", "migration"), ("dataset", "dataset")])
def test_a_batch_of_broken_variants_gets_what_pyshacl_gives(
    name: str, path: str, shapes: dict[str, validation.Shapes]
) -> None:
    broken = [ox.serialize(variant, format=RdfFormat.N_TRIPLES).decode() for variant in variants(TURTLE[name])]
    assert len(broken) > 100
    apart = "".join(text.replace(path, f"{path}-{n}") for n, text in enumerate(broken))
    batch = [quad.triple for quad in ox.parse(apart, format=RdfFormat.N_TRIPLES)]
    ours = by_katalod(batch, shapes[name])
    assert ours == by_pyshacl(batch, shapes[name])
    assert len({shape for shape, _, _ in ours}) > 5


PLACES = triples(DIFU)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(PLACES),
        st.one_of(
            st.sampled_from(OBJECTS),
            st.sampled_from([triple.object for triple in PLACES]),
            st.text(st.characters(exclude_categories=("Cs",)), max_size=20).map(Literal),
            st.none(),
        ),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(CHANGES)
def test_any_mixture_of_faults_gets_what_pyshacl_gives(changes: list[tuple[Triple, Term | None]]) -> None:
    shapes = validation.load("record")
    batch = dict.fromkeys(PLACES)
    for triple, object in changes:
        batch.pop(triple, None)
        if object is not None:
            batch[Triple(triple.subject, triple.predicate, object)] = None
    assert by_katalod(list(batch), shapes) == by_pyshacl(list(batch), shapes)


# --- hostile data

HOSTILE = [
    Literal("<" * 1_000_000),
    Literal("a" * 5_000_000, language="de"),
    Literal("x" * 1000, datatype=term("xsd:gYear")),
    Literal("9" * 10_000, datatype=term("xsd:integer")),
    Literal("1e999999999", datatype=term("xsd:decimal")),
    Literal("<!DOCTYPE x [<!ENTITY a 'aaaa'>]><x>&a;</x>", datatype=term("rdf:XMLLiteral")),
    Literal("x", language="de-x-geheim"),
    NamedNode("http://example.org/ä%00?q=<>".replace("<>", "%3C") + "#😀"),
    NamedNode("http://example.org/" + "a" * 100_000),
    ox.BlankNode("b"),
]


@pytest.mark.parametrize("object", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_values_are_judged_like_others(object: Term, shapes: dict[str, validation.Shapes]) -> None:
    batch = triples(DIFU) + [Triple(t.subject, t.predicate, object) for t in triples(DIFU)]
    faults = validation.check(batch, shapes["record"], OWNER)
    assert "validator-failed" not in {f.shape for findings in faults.values() for f in findings}
    assert "record-class" in {f.shape for f in faults["difu/581658"]}
    assert all(len(f.value) <= 300 for findings in faults.values() for f in findings)


def test_a_work_that_the_validator_fails_over_does_not_stop_the_others(shapes: dict[str, validation.Shapes]) -> None:
    unheard = Triple(WORK, term("dcterms:title"), Triple(WORK, term("rdf:type"), term("bibo:Book")))
    others = changed(DIFU.replace("581658", "2"), "lang:ger", '"de"') + triples(DIFU.replace("581658", "3"))
    faults = validation.check([*triples(DIFU), unheard, *others], shapes["record"], OWNER)
    assert {path: {f.shape for f in findings} for path, findings in faults.items()} == {
        "difu/581658": {"validator-failed"},
        "difu/2": {"thing", "language-term"},
    }
    (failed,) = faults["difu/581658"]
    assert failed.severity is Severity.VIOLATION
    assert "RDF 1.1" in failed.value


# --- the graph that pySHACL is given


def test_a_batch_reads_like_any_rdflib_graph() -> None:
    every = {t.predicate.value for t in triples(DIFU)}
    ours = to_graph(triples(DIFU), {p: rdflib.URIRef(p) for p in every})
    plain = to_rdflib(triples(DIFU))
    assert isinstance(ours.store, Batch)
    assert set(ours) == set(plain)
    assert len(ours) == len(plain)
    for s, p, o in plain:
        for asked in product((s, None), (p, None), (o, None)):
            assert sorted(ours.triples(asked)) == sorted(plain.triples(asked))


def test_triples_that_no_shape_looks_at_are_left_out(shapes: dict[str, validation.Shapes]) -> None:
    graph = to_graph(triples(DIFU), shapes["record"].predicates)
    assert 0 < len(graph) < len(triples(DIFU))
    assert not list(graph.objects(None, rdflib.URIRef(term("bibo:volume").value)))


def test_lexical_forms_stay_as_they_are() -> None:
    year = Triple(WORK, term("dcterms:issued"), Literal("02021", datatype=term("xsd:gYear")))
    predicate = rdflib.URIRef(year.predicate.value)
    assert [str(o) for o in to_graph([year], {str(predicate): predicate}).objects()] == ["02021"]
