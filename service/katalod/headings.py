"""The headings of a release: what it says of them, and how they stand to each other and to the keywords."""

from collections.abc import Mapping
from functools import cached_property

from pyoxigraph import NamedNode, Quad

from katalod.model import MATCHES
from katalod.rdf import GND, graph_iri, term
from katalod.search import Index
from katalod.store.embedded import Embedded


class Headings:
    """The headings that a release's works and keywords lead to, with those above them; safe in several threads."""

    def __init__(self, store: Embedded, index: Index, base: str) -> None:
        """Take a release's store and index, and the base of its IRIs."""
        self._store = store
        self._index = index
        self._base = base

    def described(self, iri: str) -> list[Quad]:
        """Give what the release says of a heading; none if it bears none of that name."""
        return self._store.describe([iri])

    def narrower(self, iri: str) -> list[str]:
        """Name the headings right below a heading."""
        return [node.value for node in self._store.subjects(term("skos:broader"), NamedNode(iri))]

    def above(self, iri: str) -> list[str]:
        """Give one way up from a heading to the widest above it, the nearest first; a circle ends there."""
        way: list[str] = []
        while nearest := self._broader.get(way[-1] if way else iri):
            if nearest[0] in way or nearest[0] == iri:
                break
            way.append(nearest[0])
        return way

    @cached_property
    def _broader(self) -> Mapping[str, list[str]]:
        """Give the broader headings of every heading of the release, sorted."""
        found: dict[str, list[str]] = {}
        for quad in self._store.graph(graph_iri(self._base, "authority")):
            if quad.predicate == term("skos:broader"):
                found.setdefault(quad.subject.value, []).append(quad.object.value)  # type: ignore[union-attr]
        return {iri: sorted(above) for iri, above in found.items()}

    @cached_property
    def works(self) -> Mapping[str, int]:
        """How many works bear each heading or one below it, the most first; what no work bears is not there."""
        return {GND + id: count for id, count in self._index.values("heading")}

    @cached_property
    def widest(self) -> list[tuple[str, int]]:
        """Give the headings with none above them and some below, and the works below each; the most works first."""
        tops = {iri for above in self._broader.values() for iri in above if iri not in self._broader}
        found = [(iri, self.works.get(iri, 0)) for iri in tops]
        return sorted(found, key=lambda row: (-row[1], row[0]))

    def keywords_for(self, iri: str) -> list[tuple[str, str]]:
        """Give the keyword concepts that lead to a heading, each with the SKOS relation in which it stands to it."""
        return [
            (keyword.value, match)
            for match in MATCHES
            for keyword in self._store.subjects(term(f"skos:{match}"), NamedNode(iri))
            if keyword.value.startswith(self._base)
        ]
