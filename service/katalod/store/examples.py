"""Queries to begin with: those that ship with katalod, and those that clients ask before anything else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from katalod.assets import asset
from katalod.rdf import term

FORMS = {"sh:select": "SELECT", "sh:ask": "ASK", "sh:construct": "CONSTRUCT"}

FIRST_QUESTIONS = (
    *(f"SELECT (COUNT(*) AS ?{name}) WHERE {{ ?s ?p ?o }}" for name in ("count", "n", "c", "triples", "total")),
    *(f"SELECT (COUNT(*) AS ?{name}) {{ ?s ?p ?o }}" for name in ("count", "n")),
    *(f"SELECT (COUNT(*) AS ?{name}) WHERE {{ ?s ?p ?o . }}" for name in ("count", "n")),
    "SELECT ( COUNT( * ) AS ?count ) WHERE { ?s ?p ?o . }",  # Comunica's
    *(f"SELECT DISTINCT ?{name} WHERE {{ ?s a ?{name} }}" for name in ("type", "class", "t", "c")),
    *(f"SELECT DISTINCT ?{name} WHERE {{ ?s a ?{name} . }}" for name in ("type", "class")),
    *(f"SELECT DISTINCT ?{name} WHERE {{ ?s ?{name} ?o }}" for name in ("p", "property", "predicate")),
    *(f"SELECT DISTINCT ?{name} WHERE {{ ?s ?{name} ?o . }}" for name in ("p", "property")),
    "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }",
    "SELECT ?g (COUNT(*) AS ?count) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g",
    "SELECT ?p (COUNT(*) AS ?count) WHERE { ?s ?p ?o } GROUP BY ?p ORDER BY DESC(?count)",
    "SELECT ?type (COUNT(?s) AS ?count) WHERE { ?s a ?type } GROUP BY ?type ORDER BY DESC(?count)",
    "SELECT ?class (COUNT(?s) AS ?count) WHERE { ?s a ?class } GROUP BY ?class ORDER BY DESC(?count)",
    "select distinct ?Concept where {[] a ?Concept} LIMIT 100",
    "PREFIX dcterms: <http://purl.org/dc/terms/>\n"
    "SELECT ?work ?title WHERE { ?work dcterms:title ?title } ORDER BY ?title LIMIT 10",
)
"""Questions of which the engine counts or sorts all there is, in the spellings of common clients."""


@dataclass(frozen=True, slots=True)
class Example:
    """A query to begin with, and what it asks in words."""

    de: str
    en: str
    form: str
    query: str  # with its prefixes


@lru_cache(maxsize=8)
def example_quads(base: str) -> tuple[Quad, ...]:
    """Give what `ontology/examples.ttl` says, as of the endpoint below a base."""
    found = parse(path=str(asset("ontology/examples.ttl")), format=RdfFormat.TURTLE, base_iri=f"{base}sparql")
    return tuple(found)


@lru_cache(maxsize=8)
def examples(base: str) -> tuple[Example, ...]:
    """Give the example queries in their order, each with the prefixes that it uses."""
    said: dict[str, dict[tuple[str, str], str]] = {}
    for quad in example_quads(base):
        if isinstance(quad.object, Literal) and isinstance(quad.subject, NamedNode):
            of_one = said.setdefault(quad.subject.value, {})
            of_one[quad.predicate.value, quad.object.language or ""] = quad.object.value
    short, long = _key("sh:prefix"), _key("sh:namespace")
    namespaces = {of_one[short]: of_one[long] for of_one in said.values() if short in of_one}
    return tuple(
        Example(of_one[_key("rdfs:comment", "de")], of_one[_key("rdfs:comment", "en")], form, _whole(text, namespaces))
        for _, of_one in sorted(said.items())
        for name, form in FORMS.items()
        if (text := of_one.get(_key(name)))
    )


def _key(name: str, language: str = "") -> tuple[str, str]:
    return term(name).value, language


def _whole(text: str, namespaces: Mapping[str, str]) -> str:
    used = [name for name in sorted(namespaces) if re.search(rf"\b{name}:", text)]
    return "".join(f"PREFIX {name}: <{namespaces[name]}>\n" for name in used) + text
