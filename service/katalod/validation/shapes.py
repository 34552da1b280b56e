"""The shapes, parsed, and what katalod knows of each: its name, severity and words."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pyshacl.errors import ShapeLoadError
from pyshacl.shapes_graph import ShapesGraph
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDF, RDFS, SH
from rdflib.term import Node

from katalod.assets import asset
from katalod.errors import ValidationError
from katalod.model import Severity
from katalod.rdf import curie
from katalod.validation.graph import new_graph

_TARGETS = (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf)
_SEES_ALL = (SH.closed, SH.sparql, SH.select, SH.ask, SH.js, SH.rule)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a shape is called, how much it matters, what it asks and what it says."""

    name: str
    severity: Severity
    field: str  # the property it asks of its target, as a CURIE; "" where it asks the target itself
    path: URIRef | None  # the same as a term; None too for a path of several steps
    borne: Mapping[URIRef, str]  # the properties whose values it targets, with their CURIEs
    de: str
    en: str


@dataclass(frozen=True, slots=True)
class Shapes:
    """Shapes ready for any number of batches in the process that loaded them."""

    engine: ShapesGraph
    rules: Mapping[Node, Rule]  # by the shape's IRI
    predicates: Mapping[str, URIRef]  # of all triples that a shape can see
    graph: Graph


def load(*names: str, folder: Path | None = None) -> Shapes:
    """Parse files of `shapes/` by name, such as "record"; raises ValidationError for what cannot be used."""
    graph = new_graph()
    for name in names:
        try:
            graph.parse((folder or asset("shapes")) / f"{name}.ttl", format="turtle")
        except (OSError, SyntaxError, ValueError) as error:
            raise ValidationError(f"reading shapes/{name}.ttl: {error}; mend it or reinstall katalod") from error
    speaking = {shape for target in _TARGETS for shape in graph.subjects(target)}
    speaking |= set(graph.objects(None, SH.property))
    rules = {shape: _rule(shape, graph) for shape in sorted(speaking, key=str)}
    predicates = _mentioned(graph)
    try:
        engine = ShapesGraph(graph)
        len(engine.shapes)  # pySHACL reads its shapes when they are first asked for: now, not in the first batch
    except ShapeLoadError as error:
        raise ValidationError(f"reading the shapes {', '.join(names)}: {error}; mend them") from error
    return Shapes(engine, rules, predicates, graph)


def _mentioned(graph: Graph) -> dict[str, URIRef]:
    """Give every IRI that the shapes mention: a triple whose predicate is none of them can change no result."""
    for parameter in _SEES_ALL:
        if (None, parameter, None) in graph:
            name = parameter.removeprefix(str(SH))
            raise ValidationError(f"reading the shapes: sh:{name} sees triples that no shape names; say it by sh:path")
    named = {node for node in graph.objects() if isinstance(node, URIRef)} | {RDF.type, RDFS.subClassOf}
    return {str(node): node for node in sorted(named)}


def _rule(shape: Node, graph: Graph) -> Rule:
    """Read what is ours of a shape that findings come from; it must have a name and speak both languages."""
    if not isinstance(shape, URIRef):
        raise ValidationError("reading the shapes: one that findings come from has no IRI; give it one, as their name")
    said = {m.language: str(m) for m in graph.objects(shape, SH.message) if isinstance(m, Literal)}
    if not {"de", "en"} <= said.keys():
        raise ValidationError(f"reading the shape {shape}: it needs one sh:message in @de and one in @en; add them")
    severity = str(graph.value(shape, SH.severity, default=SH.Violation)).removeprefix(str(SH))
    if severity not in set(Severity):
        raise ValidationError(f"reading the shape {shape}: there is no severity {severity}; use {', '.join(Severity)}")
    path = graph.value(shape, SH.path)
    step = graph.value(path, SH.inversePath) if path is not None else None
    return Rule(
        name=shape.rpartition("#")[2],
        severity=Severity(severity),
        field=curie(str(step or path)) if path is not None else "",
        path=path if isinstance(path, URIRef) else None,
        borne={p: curie(p) for p in sorted(map(URIRef, map(str, graph.objects(shape, SH.targetObjectsOf))))},
        de=said["de"],
        en=said["en"],
    )
