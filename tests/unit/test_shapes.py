"""The shapes themselves: named, in two languages, quick, and looking at all that is mapped."""

import re
import time
import tomllib
from pathlib import Path

import pyshacl
import pytest
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, SH

from katalod import validation
from katalod.assets import asset
from katalod.errors import ValidationError
from katalod.rdf import term

NAMES = ("record", "concept", "dataset")
TARGETS = (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf)


@pytest.fixture(scope="module", params=NAMES)
def graph(request: pytest.FixtureRequest) -> Graph:
    return Graph().parse(asset(f"shapes/{request.param}.ttl"))


def shapes_of(graph: Graph) -> set[URIRef]:
    return {s for kind in (SH.NodeShape, SH.PropertyShape) for s in graph.subjects(RDF.type, kind)}


def test_shapes_are_named_and_speak_german_and_english(graph: Graph) -> None:
    for shape in shapes_of(graph):
        assert re.fullmatch(r"https://w3id\.org/katalod/shapes#[a-z0-9]+(-[a-z0-9]+)*", shape), shape
        if any((shape, target, None) in graph for target in TARGETS):
            messages = list(graph.objects(shape, SH.message))
            assert sorted(m.language for m in messages) == ["de", "en"], shape
            assert graph.value(shape, SH.severity) in (SH.Violation, SH.Warning), shape


def test_no_two_files_name_a_shape_alike() -> None:
    named = [s for name in NAMES for s in shapes_of(Graph().parse(asset(f"shapes/{name}.ttl")))]
    assert len(named) == len(set(named))


def test_blank_nodes_are_cells_of_lists_and_inverse_paths_only(graph: Graph) -> None:
    for node in {s for s in graph.subjects() if isinstance(s, BNode)}:
        assert set(graph.predicates(node)) in ({RDF.first, RDF.rest}, {SH.inversePath})


def test_nothing_is_fetched_or_computed(graph: Graph) -> None:
    assert (None, OWL.imports, None) not in graph
    for costly in (SH.sparql, SH.js, SH.property, SH.node, SH["not"], SH.xone, SH.qualifiedValueShape, SH.rule):
        assert (None, costly, None) not in graph


def test_shapes_are_valid_shacl(graph: Graph) -> None:
    conforms, _, text = pyshacl.validate(Graph(), shacl_graph=graph, meta_shacl=True)
    assert conforms, text


def test_patterns_end_in_linear_time() -> None:
    patterns = {str(p) for name in NAMES for p in Graph().parse(asset(f"shapes/{name}.ttl")).objects(None, SH.pattern)}
    assert len(patterns) > 10
    length = 200_000  # where two ways to match would take hours
    starts = ("", "10.1/", "2021-", "https://d-nb.info/gnd/", "https://x/id/keyword/", "a/", "<")
    hostile = [(start + unit * length)[:length] + end for start in starts for unit in "a<0-. /" for end in ("", "\x01")]
    hostile += ["< " * length, "<<a " * length, "10." * length]
    began = time.process_time()
    for pattern in sorted(patterns):
        compiled = re.compile(pattern)
        for text in hostile:
            compiled.search(text)
    assert time.process_time() - began < 20


def test_every_mapped_property_is_looked_at() -> None:
    seen = validation.load("record").predicates
    fields = tomllib.loads(asset("ontology/mapping.toml").read_text("utf-8"))["field"]
    mapped = {row[key] for row in fields for key in ("property", "otherwise") if key in row}
    assert sorted(curie for curie in mapped if term(curie).value not in seen) == []


SHAPE = """
@prefix : <https://w3id.org/katalod/shapes#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <http://example.org/> .
"""


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("this is no Turtle", "bad.ttl"),
        (":a a sh:NodeShape ; sh:targetClass ex:C ; sh:message 'x'@de .", "@en"),
        ("[] a sh:NodeShape ; sh:targetClass ex:C ; sh:message 'x'@de , 'y'@en .", "no IRI"),
        (":a a sh:PropertyShape ; sh:targetClass ex:C ; sh:message 'x'@de , 'y'@en .", "sh:path"),
        (":a a sh:NodeShape ; sh:severity ex:Much ; sh:targetClass ex:C ; sh:message 'x'@de , 'y'@en .", "severity"),
        (":a a sh:NodeShape ; sh:closed true ; sh:targetClass ex:C ; sh:message 'x'@de , 'y'@en .", "sh:closed"),
    ],
)
def test_shapes_that_cannot_be_used_say_so(text: str, fault: str, tmp_path: Path) -> None:
    (tmp_path / "bad.ttl").write_text(SHAPE + text, "utf-8")
    with pytest.raises(ValidationError, match=re.escape(fault)):
        validation.load("bad", folder=tmp_path)


def test_a_file_that_is_not_there_says_so() -> None:
    with pytest.raises(ValidationError, match="nowhere"):
        validation.load("nowhere")


def test_rules_carry_the_words_of_their_shapes() -> None:
    rules = {rule.name: rule for rule in validation.load("record").rules.values()}
    assert rules["no-title"].severity == "Violation"
    assert rules["no-title"].field == "dcterms:title"
    assert "Titel" in rules["no-title"].de
    assert Literal(rules["no-title"].en, lang="en") in Graph().parse(asset("shapes/record.ttl")).objects()
