"""The serialisations that we offer: a row here, and negotiation, dumps, links and VoID all know it."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from katalod.assets import asset
from katalod.rdf import curie, prefixes, term


@dataclass(frozen=True, slots=True)
class Format:
    """One serialisation of RDF."""

    name: str
    media: str
    suffix: str
    label: str
    write: Callable[[list[Quad], str], bytes]  # quads of one document, base IRI -> bytes
    also: tuple[str, ...] = ()  # other media types that mean the same


def _triples(quads: Iterable[Quad]) -> list[Triple]:
    """Drop the graph names and what is then double; keep the order."""
    return list(dict.fromkeys(quad.triple for quad in quads))


def _used(triples: Iterable[Triple]) -> dict[str, str]:
    """Give the prefixes that some statements need."""
    iris = {part.value for triple in triples for part in triple if isinstance(part, NamedNode)}
    iris |= {triple.object.datatype.value for triple in triples if isinstance(triple.object, Literal)}
    return {name: space for name, space in prefixes().items() if any(iri.startswith(space) for iri in iris)}


def _turtle(quads: list[Quad], base: str) -> bytes:
    triples = _triples(quads)
    return _prefixed(triples, RdfFormat.TURTLE, _used(triples))


def _trig(quads: list[Quad], base: str) -> bytes:
    return _prefixed(quads, RdfFormat.TRIG, _used(_triples(quads)))


def _prefixed(statements: Iterable[Quad] | Iterable[Triple], form: RdfFormat, used: dict[str, str]) -> bytes:
    head, rest = parted(serialize(statements, format=form, prefixes=used) or b"")
    return b"".join([*head, b"\n" * bool(head), *rest])


def parted(document: bytes) -> tuple[list[bytes], list[bytes]]:
    """Part Turtle or TriG into its prefixes, sorted because the serialiser gives them in any order, and the rest."""
    lines = document.splitlines(keepends=True)
    head = sum(1 for _ in takewhile(lambda line: line.startswith(b"@prefix "), lines))
    return sorted(lines[:head]), lines[head:]


def _rdfxml(quads: list[Quad], base: str) -> bytes:
    """Write RDF/XML; the namespace declarations are sorted for the same reason."""
    triples = _triples(quads)
    document = serialize(triples, format=RdfFormat.RDF_XML, prefixes=_used(triples)) or b""
    head, tag, rest = document.partition(b"<rdf:RDF")
    attributes, _, body = rest.partition(b">")
    return head + tag + b" " + b" ".join(sorted(attributes.split())) + b">" + body


def _nquads(quads: list[Quad], base: str) -> bytes:
    return serialize(quads, format=RdfFormat.N_QUADS) or b""


def _ntriples(quads: list[Quad], base: str) -> bytes:
    return serialize(_triples(quads), format=RdfFormat.N_TRIPLES) or b""


@cache
def _context() -> tuple[dict[str, str], dict[str, str]]:
    """Read the served context: property IRI to term, and term to the type that its values are read as."""
    document = json.loads(asset("ontology/context.jsonld").read_text("utf-8"))["@context"]
    rows = {name: row for name, row in document.items() if isinstance(row, dict)}
    return {term(row["@id"]).value: name for name, row in rows.items()}, {
        name: row["@type"] for name, row in rows.items() if "@type" in row
    }


Rows = dict[str, list[Any]]  # predicate IRI -> objects


def _jsonld(quads: list[Quad], base: str) -> bytes:
    """Write JSON-LD 1.1, compacted against the served context: a tree that begins with the first subject.

    A thing that is described too stands where it is first named; what nothing names follows in the graph.
    """
    nodes: dict[str, Rows] = {}
    for triple in _triples(quads):
        rows = nodes.setdefault(_iri(triple.subject), {})
        rows.setdefault(triple.predicate.value, []).append(triple.object)
    trees = []
    while nodes:
        iri = next(iter(nodes))
        trees.append(_node(iri, nodes))
    document = {"@context": f"{base}context.jsonld"} | (trees[0] if len(trees) == 1 else {"@graph": trees})
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"


def _node(iri: str, nodes: dict[str, Rows]) -> dict[str, Any]:
    """Write one node, taking it and what it names from the nodes that are still to be written."""
    rows = nodes.pop(iri)
    node: dict[str, Any] = {"@id": iri}
    by_iri, types = _context()
    for predicate, objects in rows.items():
        values: list[Any]
        if predicate == term("rdf:type").value:
            key, values = "@type", [_compact(_iri(value)) for value in objects]
        else:
            name = by_iri.get(predicate)
            key = name or _compact(predicate)
            values = [_value(value, types.get(name or ""), nodes) for value in objects]
        node[key] = values[0] if len(values) == 1 else values
    return node


def _value(value: Any, coerced: str | None, nodes: dict[str, Rows]) -> Any:
    if isinstance(value, NamedNode):
        if value.value in nodes:
            return _node(value.value, nodes)
        return value.value if coerced == "@id" else {"@id": value.value}
    if not isinstance(value, Literal):
        raise TypeError(f"{value} is neither an IRI nor a literal; nothing else is published")
    if value.language:
        return {"@language": value.language, "@value": value.value}
    if value.datatype == term("xsd:string"):
        return value.value if coerced is None else {"@value": value.value}
    return {"@type": _compact(value.datatype.value), "@value": value.value}


def _iri(node: object) -> str:
    if not isinstance(node, NamedNode):
        raise TypeError(f"{node} is no IRI; nothing else is published as a subject")
    return node.value


def _compact(iri: str) -> str:
    """Shorten to a CURIE where JSON-LD reads it back as the same IRI."""
    short = curie(iri)
    return iri if short.partition(":")[2].startswith("//") else short


FORMATS: tuple[Format, ...] = (
    Format("turtle", "text/turtle", "ttl", "Turtle", _turtle, ("application/x-turtle",)),
    Format("jsonld", "application/ld+json", "jsonld", "JSON-LD", _jsonld, ("application/json",)),
    Format("ntriples", "application/n-triples", "nt", "N-Triples", _ntriples),
    Format("nquads", "application/n-quads", "nq", "N-Quads", _nquads),
    Format("trig", "application/trig", "trig", "TriG", _trig),
    Format("rdfxml", "application/rdf+xml", "rdf", "RDF/XML", _rdfxml),
)
"""In the server's order of preference: ties between what a client accepts go to the first."""
