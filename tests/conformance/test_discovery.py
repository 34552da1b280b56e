"""How others find us: FAIR Signposting by its client, every RDF answer by rdflib, DCAT by its own demands."""

import gzip
import json
import warnings
from collections.abc import Iterator

import pytest
import rdflib
from pyoxigraph import RdfFormat, parse
from rdflib.namespace import DCAT, DCTERMS, RDF
from signposting import (
    Signposting,
    find_signposting_html,
    find_signposting_http,
    find_signposting_linkset,
)
from tests.federation import Site, second, served, work

from katalod import validation
from katalod.formats import FORMATS
from katalod.rdf import dataset_iri

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
VOID, SPDX = rdflib.Namespace("http://rdfs.org/ns/void#"), rdflib.Namespace("http://spdx.org/rdf/terms#")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("discovery")) as found:
        found.publish(work(number) for number in range(12))
        second(found)
        yield found


def links(found: Signposting) -> set[tuple[str, str]]:
    return {(str(one.rel), str(one.target)) for one in found}


def test_the_signposting_client_finds_every_link_in_header_page_and_linkset(site: Site) -> None:
    page = f"{site.url}doc/difu/5"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        header, html = find_signposting_http(page), find_signposting_html(f"{page}.html")
        linkset = find_signposting_linkset(str(header.linksets and next(iter(header.linksets)).target))
    level_two = linkset.for_context(page)
    for found in (header, html, level_two):
        assert str(found.citeAs and found.citeAs.target) == f"{site.url}id/difu/5"
        assert {str(one.target) for one in found.types} == {"https://schema.org/AboutPage", "https://schema.org/Report"}
        described = {str(one.target): str(one.type) for one in found.describedBy}
        for form in FORMATS:
            assert described[f"{page}.{form.suffix}"] == form.media
    assert header.license is not None
    assert set(map(str, linkset.other_contexts)) >= {f"{page}.{form.suffix}" for form in FORMATS}


def test_the_linkset_is_negotiated_too(site: Site) -> None:
    answer = site.get("doc/difu/5", "application/linkset+json")
    assert answer.headers["Content-Type"] == "application/linkset+json"
    assert answer.json() == site.get("linkset/difu/5").json()
    assert site.get("doc/difu/5", "application/linkset+json;q=0.1, text/turtle").headers["Content-Type"] == (
        "text/turtle; charset=utf-8"
    )
    assert site.get("linkset/difu/999").status_code == 404


def test_rdflib_reads_every_answer(site: Site) -> None:
    read = {
        "text/turtle": "turtle",
        "application/n-triples": "nt",
        "application/n-quads": "nquads",
        "application/rdf+xml": "xml",
    }
    release = site.steps[-1].id
    stream = f"ldes/{release}/0"
    asked = [(path, media) for path in ("", "doc/difu/5", "doc/keyword/dorf") for media in read]
    asked += [(f"doc/difu/5?_profile={name}", media) for name in ("dc", "schema") for media in read]
    asked += [("ldes", "text/turtle"), ("ldes/shape", "text/turtle"), (stream, "application/n-quads")]
    for path, media in asked:
        answer = site.get(path, media)
        assert answer.headers["Content-Type"].startswith(media), path
        assert len(rdflib.Dataset().parse(data=answer.content, format=read[media])), path
    assert len(rdflib.Dataset().parse(data=site.get(stream, "application/trig").content, format="trig"))


def test_a_page_of_the_stream_keeps_to_its_shape(site: Site) -> None:
    from pyshacl import validate

    for step in site.steps:
        page = rdflib.Dataset().parse(data=site.get(f"ldes/{step.id}/0", "application/trig").content, format="trig")
        shape = rdflib.Graph().parse(data=site.get("ldes/shape").content, format="turtle")
        conforms, _, text = validate(page.default_graph, shacl_graph=shape)
        assert conforms, text


def test_the_description_holds_what_dcat_demands_and_is_true(site: Site) -> None:
    answer = site.get("index.nt")
    triples = [quad.triple for quad in parse(answer.content, format=RdfFormat.N_TRIPLES)]
    faults = validation.check(triples, validation.load("dataset"), validation.owners(site.url))
    assert not [fault for found in faults.values() for fault in found]
    graph = rdflib.Graph().parse(data=answer.content, format="nt")
    dataset = rdflib.URIRef(dataset_iri(site.url).value)
    dump = rdflib.URIRef(f"{site.url}#dump")
    whole = site.get("dumps/latest.nq.gz").content
    assert int(str(graph.value(dump, DCAT.byteSize))) == len(whole)
    assert str(graph.value(dataset, DCAT.version)) == site.steps[-1].id
    assert (
        f"{graph.value(graph.value(dump, SPDX.checksum), SPDX.checksumValue)!s}  "
        in site.get(f"dumps/{site.steps[-1].id}/SHA256SUMS").text
    )
    lines = gzip.decompress(whole).decode().splitlines()
    told = [line for line in lines if not line.endswith(f"<{site.url}graph/dataset> .")]
    assert int(str(graph.value(dataset, VOID.triples))) == len(told)
    linksets = {str(graph.value(one, VOID.linkPredicate)) for one in graph.subjects(RDF.type, VOID.Linkset)}
    assert str(DCTERMS.subject) in linksets
    for service in graph.subjects(RDF.type, DCAT.DataService):
        endpoint = str(graph.value(service, DCAT.endpointURL)).removeprefix(site.url)
        if endpoint != "sparql":  # no engine runs here
            assert site.get(endpoint).status_code == 200, endpoint


def test_sitemaps_and_robots_lead_to_every_work(site: Site) -> None:
    assert f"Sitemap: {site.url}sitemap.xml" in site.get("robots.txt").text
    index, first = site.get("sitemap.xml").text, site.get("sitemap/0.xml").text
    assert f"<loc>{site.url}sitemap/0.xml</loc><lastmod>{site.steps[1].created}</lastmod>" in index
    assert first.count("<url>") == 12
    assert f"<loc>{site.url}doc/difu/4</loc><lastmod>{site.steps[1].created}</lastmod>" in first
    assert f"<loc>{site.url}doc/difu/5</loc><lastmod>{site.steps[0].created}</lastmod>" in first
    assert site.get("sitemap/1.xml").status_code == 404


def test_the_context_has_a_name_that_lasts(site: Site) -> None:
    plain = site.get("context.jsonld", Origin="https://elsewhere.example")
    fixed = site.get(plain.headers["Content-Location"].lstrip("/"))
    assert fixed.content == plain.content
    assert "immutable" in fixed.headers["Cache-Control"]
    assert plain.headers["Access-Control-Allow-Origin"] == fixed.headers["Access-Control-Allow-Origin"] == "*"
    assert json.loads(fixed.content)["@context"]
    assert site.get("context/0123456789abcdef.jsonld").status_code == 404
