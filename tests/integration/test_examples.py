"""The example queries and the service description over the release of the demo."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from katalod import pipeline
from katalod.assets import asset
from katalod.catalogue import Catalogue
from katalod.endpoint import Endpoint
from katalod.rdf import term
from katalod.settings import Settings
from katalod.store import check
from katalod.store.examples import FIRST_QUESTIONS, examples
from katalod.web import create_app

BASE = "http://127.0.0.1:8080/"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    settings = Settings(home=tmp_path_factory.mktemp("demo") / "home", publish_jobs=1)
    pipeline.publish(settings, (str(asset("data")),), lambda what, done, total: None)
    catalogue = Catalogue(settings)
    endpoint = Endpoint.of(catalogue)
    yield create_app(settings, catalogue, endpoint).test_client()
    endpoint.close()
    catalogue.close()


@pytest.fixture(scope="module")
def described(client: FlaskClient) -> list[Quad]:
    return list(parse(client.get("/sparql", headers={"Accept": "text/turtle"}).data, format=RdfFormat.TURTLE))


@pytest.mark.parametrize("number", range(12))
def test_every_example_finds_something(client: FlaskClient, number: int) -> None:
    example = examples(BASE)[number]
    media = "text/csv" if example.form in ("SELECT", "ASK") else "application/n-triples"
    answer = client.get("/sparql", query_string={"query": example.query}, headers={"Accept": media})
    assert answer.status_code == 200
    assert answer.data == b"true" if example.form == "ASK" else answer.data.count(b"\n") > 1


def test_there_are_no_more_and_each_is_in_both_languages() -> None:
    assert len(examples(BASE)) == 12
    for example in examples(BASE):
        assert example.de
        assert example.en
        assert check(example.query).form == example.form
        assert check(example.query).lasting


def test_first_questions_can_be_asked() -> None:
    assert len(set(FIRST_QUESTIONS)) == len(FIRST_QUESTIONS)
    assert {check(query).form for query in FIRST_QUESTIONS} == {"SELECT"}


def objects(quads: list[Quad], subject: str, predicate: str) -> list[NamedNode | Literal]:
    found = [quad.object for quad in quads if quad.subject == NamedNode(subject) and quad.predicate == term(predicate)]
    return [one for one in found if isinstance(one, NamedNode | Literal)]


def test_the_description_counts(client: FlaskClient, described: list[Quad]) -> None:
    """Class and property partitions hang on the default graph; what they say is so, but for the description itself."""
    graph = f"{BASE}sparql#default-graph"
    (triples,) = objects(described, graph, "void:triples")
    assert int(triples.value) > 100
    classes = {
        objects(described, part.value, "void:class")[0].value: int(
            objects(described, part.value, "void:entities")[0].value
        )
        for part in objects(described, graph, "void:classPartition")
    }
    assert classes["http://purl.org/ontology/bibo/Report"] == 1
    described_only = {"http://rdfs.org/ns/void#Dataset"}
    for name, count in ((name, count) for name, count in classes.items() if name not in described_only):
        query = f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ ?s a <{name}> }}"
        answer = client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"})
        assert answer.data == b"n\r\n%d\r\n" % count, name
    properties = objects(described, graph, "void:propertyPartition")
    assert len(properties) > 20
    assert all(objects(described, part.value, "void:triples") for part in properties)


def test_the_description_holds_the_examples_as_executables(described: list[Quad]) -> None:
    executables = {quad.subject.value for quad in described if quad.object == term("sh:SPARQLExecutable")}  # type: ignore[union-attr]
    assert len(executables) == 12
    for one in executables:
        assert one.startswith(f"{BASE}sparql#example-")
        (declared,) = objects(described, one, "sh:prefixes")
        assert objects(described, declared.value, "sh:declare")
        (text,) = (found for name in ("sh:select", "sh:ask", "sh:construct") for found in objects(described, one, name))
        used = {name for name in ("bibo", "dcterms", "rdf", "skos", "sssom", "void", "xsd") if f"{name}:" in text.value}
        known = {
            objects(described, prefix.value, "sh:prefix")[0].value
            for prefix in objects(described, declared.value, "sh:declare")
        }
        assert used <= known


def test_a_query_of_the_description_is_in_the_menu_of_the_page(client: FlaskClient) -> None:
    page = client.get("/sparql", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert Path("yasgui.min.js").name in page
    for example in examples(BASE):
        assert example.de.split("„")[0].strip() in page
