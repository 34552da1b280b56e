"""Every serialisation says the same graph, and the same bytes for the same graph."""

import json
import subprocess
import sys

import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse, serialize
from rdflib.compare import isomorphic

from katalod.assets import asset
from katalod.formats import FORMATS, Format
from katalod.mapping.context import context
from katalod.rdf import prefixes, slug, term, valid_iri

BASE = "https://data.example.org/"
WRITERS = {row.name: row for row in FORMATS}
PARSED = {
    "turtle": "turtle", "ntriples": "nt", "nquads": "nquads", "trig": "trig", "rdfxml": "xml", "jsonld": "json-ld",
}  # fmt: skip

iris = st.one_of(
    st.sampled_from([f"{space}thing" for space in prefixes().values()]),
    st.from_regex(r"https?://[a-z]{1,8}\.example/[A-Za-z0-9/_.~:-]{0,20}", fullmatch=True),
).map(NamedNode)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=40)
literals = st.one_of(
    texts.map(Literal),
    st.builds(lambda text, tag: Literal(text, language=tag), texts, st.sampled_from(["de", "en", "zh-hans"])),
    st.sampled_from(["2021", "1999"]).map(lambda year: Literal(year, datatype=term("xsd:gYear"))),
    st.just(Literal("2021-05-28", datatype=term("xsd:date"))),
)
predicates = st.sampled_from(
    [term(row["@id"]) for row in json.loads(context())["@context"].values() if isinstance(row, dict)]
)
quads = st.builds(Quad, iris, predicates, st.one_of(iris, literals))


def read_back(row: Format, data: bytes) -> rdflib.Graph:
    if row.name == "jsonld":  # as a client would that has fetched the context
        document = json.loads(data)
        assert document["@context"] == f"{BASE}context.jsonld"
        data = json.dumps(document | json.loads(context())).encode()
    graph = rdflib.Dataset(default_union=True) if row.name in ("nquads", "trig") else rdflib.Graph()
    graph.parse(data=data, format=PARSED[row.name])
    plain = rdflib.Graph()
    for s, p, o in graph.triples((None, None, None)):
        plain.add((s, p, o))
    return plain


@pytest.mark.parametrize("row", FORMATS, ids=lambda row: row.name)
@given(st.lists(quads, max_size=8))
def test_what_is_written_is_read_back(row: Format, statements: list[Quad]) -> None:
    data = row.write(statements, BASE)
    expected = rdflib.Graph()
    expected.parse(data=serialize([q.triple for q in statements], format=RdfFormat.N_TRIPLES), format="nt")
    assert isomorphic(read_back(row, data), expected)


def test_jsonld_is_a_tree_that_begins_with_the_first_subject() -> None:
    work, agent = NamedNode(f"{BASE}id/1"), NamedNode(f"{BASE}id/1#author-x")
    statements = [
        Quad(work, term("dcterms:creator"), agent),
        Quad(work, term("dcterms:title"), Literal("Titel", language="de")),
        Quad(agent, term("foaf:name"), Literal("X")),
    ]
    document = json.loads(WRITERS["jsonld"].write(statements, BASE))
    assert document["@id"] == work.value
    assert document["creator"] == {"@id": agent.value, "name": "X"}
    assert document["title"] == {"@language": "de", "@value": "Titel"}


def test_the_same_graph_gives_the_same_bytes_in_every_process() -> None:
    source = asset("shapes/concept.ttl")
    code = (
        "import sys; from pyoxigraph import *; from katalod.formats import FORMATS\n"
        f"quads=[q for q in parse(path={str(source)!r}, format=RdfFormat.TURTLE)"
        " if isinstance(q.subject, NamedNode) and not isinstance(q.object, BlankNode)]\n"
        "[sys.stdout.buffer.write(row.write(quads, 'https://x/')) for row in FORMATS]"
    )
    outputs = {subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(3)}
    assert len(outputs) == 1
    assert len(outputs.pop()) > 1000


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Wohnungsmarkt", "wohnungsmarkt"),
        ("Ländlicher  Raum", "laendlicher-raum"),
        ("Laendlicher Raum", "laendlicher-raum"),
        ("Großstadt", "grossstadt"),
        ("Public-Private Partnership", "public-private-partnership"),
    ],
)
def test_slugs_are_readable(label: str, expected: str) -> None:
    assert slug(label) == expected


@pytest.mark.parametrize(("one", "other"), [("C", "C++"), ("C++", "C#"), ("Земля", "Зима"), ("", "-"), ("a/b", "a b")])
def test_slugs_keep_apart_what_differs_in_more(one: str, other: str) -> None:
    assert slug(one) != slug(other) or {one, other} == {"", "-"}


@given(st.text(max_size=200))
def test_slugs_are_safe_in_an_iri(label: str) -> None:
    made = slug(label)
    assert made
    assert len(made) <= 80
    assert valid_iri(f"{BASE}id/keyword/{made}")
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_labels_are_turtle() -> None:
    assert sum(1 for _ in parse(path=str(asset("ontology/labels.ttl")), format=RdfFormat.TURTLE)) > 100
