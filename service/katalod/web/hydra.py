"""What a page of a fragment says of itself: how many triples there are, which page is next, how others are asked for.

Triple Pattern Fragments, 3.2 to 3.4, in Hydra's terms. It stands in a graph of its own, apart from the data.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Quad

from katalod.fragments import SIZE, Fragment
from katalod.rdf import dataset_iri, term
from katalod.store.embedded import NAMES

_STRAY = re.compile("%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a page was asked for: in all that is said of it, it is named as the client names it (3.4)."""

    path: str  # with the base, or from the root
    query: str  # as the request has it, safe in an IRI
    number: int = 1

    @property
    def here(self) -> str:
        """The page."""
        return self.path + (f"?{self.query}" if self.query else "")

    @property
    def fragment(self) -> str:
        """The fragment that it is a page of."""
        rest = self._rest()
        return self.path + (f"?{rest}" if rest else "")

    def page(self, number: int) -> str:
        """Another page of the same fragment."""
        return f"{self.path}?{'&'.join(filter(None, (self._rest(), f'page={number}')))}"

    def near(self, more: bool) -> dict[str, int]:
        """The numbers of the first page, and of those before and after this one, where there are."""
        numbers = {"first": 1, "previous": self.number - 1, "next": self.number + 1 if more else 0}
        return {name: number for name, number in numbers.items() if number}

    def _rest(self) -> str:
        return "&".join(part for part in self.query.split("&") if part and part.partition("=")[0] != "page")


def controls(base: str, at: Address, found: Fragment) -> Iterator[Quad]:
    """Give the metadata and the controls of a page."""
    dataset, fragment, here = dataset_iri(base), NamedNode(at.fragment), NamedNode(at.here)
    graph, search = NamedNode(f"{at.here}#metadata"), NamedNode(f"{base}fragments#search")
    total, size = (Literal(str(number), datatype=term("xsd:integer")) for number in (found.total, SIZE))
    mappings = {name: NamedNode(f"{base}fragments#{name}") for name in NAMES}
    rows: list[tuple[NamedNode, str, NamedNode | Literal]] = [
        (graph, "foaf:primaryTopic", fragment),
        (dataset, "void:subset", fragment),
        (dataset, "hydra:search", search),
        (fragment, "rdf:type", term("hydra:Collection")),
        (fragment, "void:triples", total),
        (fragment, "hydra:totalItems", total),
        (fragment, "void:subset", here),
        (fragment, "hydra:view", here),
        (here, "rdf:type", term("hydra:PartialCollectionView")),
        (here, "hydra:itemsPerPage", size),
        *((here, f"hydra:{name}", NamedNode(at.page(number))) for name, number in at.near(found.more).items()),
        (search, "rdf:type", term("hydra:IriTemplate")),
        (search, "hydra:template", Literal(f"{base}fragments{{?{','.join(NAMES)}}}")),
        (search, "hydra:variableRepresentation", term("hydra:ExplicitRepresentation")),
        *((search, "hydra:mapping", mapping) for mapping in mappings.values()),
        *((mapping, "rdf:type", term("hydra:IriTemplateMapping")) for mapping in mappings.values()),
        *((mapping, "hydra:variable", Literal(name)) for name, mapping in mappings.items()),
        *((mapping, "hydra:property", term(f"rdf:{name}")) for name, mapping in mappings.items()),
    ]
    return (Quad(subject, term(name), value, graph) for subject, name, value in rows)


def safe(query: bytes) -> str:
    """Escape what may not stand in an IRI, and nothing else."""
    return _STRAY.sub("%25", quote(query, safe="!$%&'()*+,-./:;=?@_~"))
