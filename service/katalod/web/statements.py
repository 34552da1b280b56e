"""What a set of quads says, by subject and property: the way that pages, citations and schema.org read it."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from pyoxigraph import Literal, NamedNode, Quad

from katalod.rdf import curie

Term = NamedNode | Literal
NAMES = ("foaf:name", "dcterms:title", "skos:prefLabel", "rdfs:label")

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Statements:
    """The quads of a document, in their order, by subject and by property (a CURIE of the profile)."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        """Index the quads; what holds a blank node or a quoted triple is passed over, as we publish none."""
        self._rows: dict[str, dict[str, list[Term]]] = {}
        self._properties: dict[str, str] = {}  # CURIE -> IRI
        for quad in quads:
            if not isinstance(quad.subject, NamedNode) or not isinstance(quad.object, NamedNode | Literal):
                continue
            name = _short(quad.predicate.value)
            self._properties[name] = quad.predicate.value
            values = self._rows.setdefault(quad.subject.value, {}).setdefault(name, [])
            if quad.object not in values:
                values.append(quad.object)

    def subjects(self) -> Iterator[str]:
        """Give the subjects, in the order of the quads."""
        return iter(self._rows)

    def about(self, subject: str) -> dict[str, list[Term]]:
        """Give the properties of a subject with their values; empty where nothing is said."""
        return self._rows.get(subject, {})

    def values(self, subject: str, *properties: str) -> list[Term]:
        """Give the values of some properties, in the order of the properties."""
        return [value for name in properties for value in self.about(subject).get(name, [])]

    def iris(self, subject: str, *properties: str) -> list[str]:
        """Give those values that are IRIs."""
        return [value.value for value in self.values(subject, *properties) if isinstance(value, NamedNode)]

    def literals(self, subject: str, *properties: str) -> list[Literal]:
        """Give those values that are literals."""
        return [value for value in self.values(subject, *properties) if isinstance(value, Literal)]

    def first(self, subject: str, *properties: str) -> str:
        """Give the text of the first literal, or an empty one."""
        return next((value.value for value in self.literals(subject, *properties)), "")

    def best(self, subject: str, language: str, *properties: str) -> Literal | None:
        """Give the literal in a language, else the first one."""
        found = self.literals(subject, *properties)
        return next((one for one in found if one.language == language), next(iter(found), None))

    def name(self, subject: str, language: str) -> str:
        """Give what a thing is called, or an empty text."""
        found = self.best(subject, language, *NAMES)
        return found.value if found else ""

    def chain(self, head: str) -> Iterator[str]:
        """Walk an rdf:List of IRIs; a list that bites its own tail ends there."""
        seen: set[str] = set()
        while head in self._rows and head not in seen:
            seen.add(head)
            yield from self.iris(head, "rdf:first")[:1]
            head = next(iter(self.iris(head, "rdf:rest")), "")

    def iri(self, property: str) -> str:
        """Give the IRI of a property that was met under its CURIE."""
        return self._properties.get(property, property)

    def mentioned(self) -> set[str]:
        """Name every property and every IRI that stands as a value: what a page may need a label for."""
        names = set(self._properties.values())
        for rows in self._rows.values():
            names |= {value.value for values in rows.values() for value in values if isinstance(value, NamedNode)}
        return names


@lru_cache(1024)
def _short(property: str) -> str:
    return curie(property)


def readable(iri: str) -> str:
    """Say an IRI that has no label in a way that a person can read; never the bare IRI."""
    if "d-nb.info/gnd/" in iri:
        return "GND " + iri.rpartition("/")[2]
    parts = urlsplit(iri)
    rest = unquote(parts.path.lstrip("/"))
    if rest and parts.hostname in ("doi.org", "dx.doi.org"):
        return f"DOI {rest}"
    if rest and parts.hostname == "orcid.org":
        return f"ORCID {rest}"
    if rest and parts.hostname == "nbn-resolving.org":
        return rest
    ours = curie(iri) != iri
    return local_name(iri) if ours or not parts.hostname else parts.hostname


def local_name(iri: str) -> str:
    """Split the last part of an IRI into words: `…/bibliographicCitation` is "bibliographic citation"."""
    last = unquote(re.split(r"[/#:]", iri.rstrip("/#:"))[-1]).replace("_", " ")
    return _CAMEL.sub(" ", last).lower() if _CAMEL.search(last) else last
