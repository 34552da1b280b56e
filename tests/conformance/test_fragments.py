"""Triple Pattern Fragments by Comunica, which knows of us no more than our controls say; and read by rdflib.

Comunica is taken from the folder that KATALOD_CLIENTS names, as in test_clients.py.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib
from rdflib.namespace import DCTERMS, RDF
from tests.conformance.test_clients import COMUNICA, NODE
from tests.endpoint import serve
from tests.federation import Site, second, served, work

from katalod import releases
from katalod.rdf import GND
from katalod.store.embedded import Embedded

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
needs_comunica = pytest.mark.skipif(
    not COMUNICA.exists(), reason="KATALOD_CLIENTS names no folder with Comunica; it would federate us"
)
HYDRA, VOID = rdflib.Namespace("http://www.w3.org/ns/hydra/core#"), rdflib.Namespace("http://rdfs.org/ns/void#")
PREFIXES = """PREFIX dcterms: <http://purl.org/dc/terms/> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX bibo: <http://purl.org/ontology/bibo/> PREFIX foaf: <http://xmlns.com/foaf/0.1/>
"""
Rows = set[tuple[tuple[str, str], ...]]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("fragments")) as found:
        found.publish([*(work(number) for number in range(60)), work(70, 'Er sagt "Was?" & geht <weiter>')])
        second(found)
        yield found


def comunica(query: str, *sources: str) -> Rows:
    command = [str(NODE), str(COMUNICA), *sources, "-t", "application/sparql-results+json", "-q", PREFIXES + query]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert ran.returncode == 0, ran.stderr
    rows = json.loads(ran.stdout)["results"]["bindings"]
    return {tuple(sorted((name, cell["value"]) for name, cell in row.items())) for row in rows}


def ours(site: Site, query: str) -> Rows:
    """The answer of our own store."""
    store = Embedded.open(releases.folder(site.settings.home, site.steps[-1].id) / "store")
    rows = store.query(PREFIXES + query)
    names = [variable.value for variable in rows.variables]  # type: ignore[union-attr]
    return {tuple(sorted((name, row[name].value) for name in names)) for row in rows}  # type: ignore[index, union-attr]


@needs_comunica
@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?work ?title ?word { ?work a bibo:Report ; dcterms:title ?title ; dcterms:subject ?k ."
        " ?k skos:prefLabel ?word }",  # over several pages
        'SELECT ?work { ?work dcterms:title "Er sagt \\"Was?\\" & geht <weiter>"@de ; dcterms:issued ?year }',
        'SELECT ?work ?name { ?work dcterms:issued "1995"^^<http://www.w3.org/2001/XMLSchema#gYear> ;'
        " dcterms:creator ?who . ?who foaf:name ?name }",
        "SELECT ?work { ?work dcterms:title ?title ; <http://example.org/nothing> ?o }",
    ],
    ids=["join", "literal", "typed", "nothing"],
)
def test_comunica_answers_over_fragments_alone(site: Site, query: str) -> None:
    found = comunica(query, f"{site.url}fragments")
    assert found == ours(site, query)
    assert found or "nothing" in query


@needs_comunica
def test_comunica_federates_fragments_an_endpoint_and_a_document(site: Site, tmp_path: Path) -> None:
    """Only the document names the release, only the endpoint knows this work, only the fragments know the others."""
    folder = releases.folder(site.settings.home, site.steps[-1].id)
    this = f"<{site.url}id/difu/5> dcterms:subject ?heading"
    those = f"?work dcterms:subject ?heading ; dcterms:title ?title FILTER(STRSTARTS(STR(?heading), '{GND}'))"
    query = f"SELECT * {{ <{site.url}#dataset> <http://www.w3.org/ns/dcat#version> ?release . {this} . {those} }}"
    with served(tmp_path) as other, serve(folder / "store", site.settings) as endpoint:
        other.publish(work(number) for number in range(100, 130))
        found = comunica(query, f"{other.url}fragments", f"sparql@{endpoint.url}/sparql", f"{site.url}index.ttl")
        headings = {cell for row in ours(site, f"SELECT ?heading {{ {this} }}") for cell in row}
        both = ours(site, f"SELECT * {{ {those} }}") | ours(other, f"SELECT * {{ {those} }}")
        expected = {tuple(sorted((*row, ("release", site.steps[-1].id)))) for row in both if headings & set(row)}
        assert found == expected
        works = {dict(row)["work"] for row in found}
        assert {one for one in works if one.startswith(other.url)} and {
            one for one in works if one.startswith(site.url)
        }


def test_rdflib_walks_all_pages_by_the_controls(site: Site) -> None:
    """Controls alone lead on: the form is filled by its mappings, pages are followed by `next`."""
    start = rdflib.Dataset().parse(data=site.get("fragments", "application/trig").content, format="trig")
    controls = rdflib.Graph()
    for one in start.graphs():
        controls += one
    (form,) = controls.objects(None, HYDRA.search)
    names = {
        controls.value(m, HYDRA.property): controls.value(m, HYDRA.variable)
        for m in controls.objects(form, HYDRA.mapping)
    }
    stem = str(controls.value(form, HYDRA.template)).partition("{")[0]
    page: rdflib.term.Node | None = rdflib.URIRef(f"{stem}?{names[RDF.predicate]}={DCTERMS.subject}")
    found, pages = rdflib.Graph(), 0
    while page is not None:
        answer = site.get(str(page).removeprefix(site.url), "text/turtle")
        read = rdflib.Graph().parse(data=answer.content, format="turtle")
        found += read
        pages, page = pages + 1, read.value(page, HYDRA.next)
    total = found.value(rdflib.URIRef(f"{stem}?{names[RDF.predicate]}={DCTERMS.subject}"), VOID.triples)
    assert pages > 1
    assert len(list(found.triples((None, DCTERMS.subject, None)))) == int(str(total))
