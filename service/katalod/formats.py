"""The serialisations that we offer: a row here, and negotiation, dumps, links and VoID all know it."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from katalod.assets import asset
from katalod.rdf import prefixes, term

Statements = Iterable[Triple] | Iterable[Quad]


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


def _oxigraph(format: RdfFormat) -> Callable[[list[Quad], str], bytes]:
    def write(quads: list[Quad], base: str) -> bytes:
        used = {
            name: space
            for name, space in prefixes().items()
            if any(space in str(part) for quad in quads for part in quad)
        }
        return serialize(_triples(quads), format=format, prefixes=used)

    return write


def _nquads(quads: list[Quad], base: str) -> bytes:
    return serialize(quads, format=RdfFormat.N_QUADS)


def _ntriples(quads: list[Quad], base: str) -> bytes:
    return serialize(_triples(quads), format=RdfFormat.N_TRIPLES)


@cache
def _context() -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Read the served context: property IRI to term, and term to its definition."""
    document = json.loads(asset("ontology/context.jsonld").read_text("utf-8"))["@context"]
    terms = {name: row for name, row in document.items() if isinstance(row, dict)}
    return {term(row["@id"]).value: name for name, row in terms.items()}, terms


def _jsonld(quads: list[Quad], base: str) -> bytes:
    """Write JSON-LD compacted against the served context: a tree below the first subject (JSON-LD 1.1)."""
    nodes: dict[str, dict[str, list[Any]]] = {}
    for triple in _triples(quads):
        rows = nodes.setdefault(str(triple.subject.value), {})
        rows.setdefault(triple.predicate.value, []).append(triple.object)
    graph = [_node(iri, rows) for iri, rows in nodes.items()]
    document = {"@context": f"{base}context.jsonld"} | (graph[0] if len(graph) == 1 else {"@graph": graph})
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"


def _node(iri: str, rows: dict[str, list[Any]]) -> dict[str, Any]:
    by_iri, terms = _context()
    node: dict[str, Any] = {"@id": iri}
    for predicate, objects in rows.items():
        if predicate == term("rdf:type").value:
            values = [_compact(value.value) for value in objects]
            node["@type"] = values[0] if len(values) == 1 else values
            continue
        name = by_iri.get(predicate)
        values = [_value(value, terms.get(name, {}).get("@type") if name else None) for value in objects]
        node[name or _compact(predicate)] = values[0] if len(values) == 1 else values
    return node


def _value(value: Any, coerced: str | None) -> Any:
    if isinstance(value, NamedNode):
        return value.value if coerced == "@id" else {"@id": value.value}
    if not isinstance(value, Literal):
        raise TypeError(f"{value} is neither an IRI nor a literal; nothing else is published")
    if value.language:
        return {"@language": value.language, "@value": value.value}
    datatype = value.datatype.value
    if datatype == term("xsd:string").value:
        return value.value if coerced is None else {"@value": value.value}
    if coerced and coerced != "@id" and term(coerced).value == datatype:
        return value.value
    return {"@type": _compact(datatype), "@value": value.value}


def _compact(iri: str) -> str:
    """Shorten to a CURIE where JSON-LD reads it back as the same IRI."""
    for name, space in prefixes().items():
        if iri.startswith(space) and len(iri) > len(space) and not iri[len(space) :].startswith("//"):
            return f"{name}:{iri[len(space):]}"
    return iri


FORMATS: tuple[Format, ...] = (
    Format("turtle", "text/turtle", "ttl", "Turtle", _oxigraph(RdfFormat.TURTLE), ("application/x-turtle",)),
    Format("jsonld", "application/ld+json", "jsonld", "JSON-LD", _jsonld, ("application/json",)),
    Format("ntriples", "application/n-triples", "nt", "N-Triples", _ntriples),
    Format("nquads", "application/n-quads", "nq", "N-Quads", _nquads),
    Format("rdfxml", "application/rdf+xml", "rdf", "RDF/XML", _oxigraph(RdfFormat.RDF_XML)),
)
"""In the server's order of preference: ties between what a client accepts go to the first."""
