"""Which works and agents of a release an identifier stands for, and by which ones others may know a work."""

from collections.abc import Iterable
from urllib.parse import unquote

from pyoxigraph import Literal, NamedNode

from katalod.rdf import graph_iri, term, valid_iri, work_iri
from katalod.store.embedded import Embedded

_SCHEMES = (("isbn:", "bibo:isbn13"), ("doi:", "bibo:doi"), ("", "dcterms:identifier"))


class Identity:
    """The identifiers of a release; safe in several threads."""

    def __init__(self, store: Embedded, base: str) -> None:
        """Take a release's store, and the base of its IRIs."""
        self._store = store
        self._base = base

    def works(self, property: str, value: str) -> list[str]:
        """Give the paths of the works that bear an identifier, a text or a web address, by its property (a CURIE)."""
        try:
            said = NamedNode(value) if valid_iri(value) else Literal(value)
        except ValueError:  # an address that no statement can hold
            return []
        return self._paths(self._store.subjects(term(property), said))

    def works_by(self, agent: str) -> list[str]:
        """Give the paths of the works that name the IRI of a person or body among those who made them."""
        roles = ("dcterms:creator", "dcterms:contributor")
        return self._paths(node for role in roles for node in self._store.subjects(term(role), NamedNode(agent)))

    def agents(self, name: str) -> list[str]:
        """Give the IRIs of the people and bodies of a name; "" too where a work names one without an IRI."""
        named = term("foaf:name"), Literal(name)
        known = self._store.subjects(*named, graph_iri(self._base, "authority"))
        unknown = [""] if self._store.says(*named) else []
        return [node.value for node in known] + unknown

    def _paths(self, nodes: Iterable[NamedNode]) -> list[str]:
        room = f"{self._base}id/"
        iris = dict.fromkeys(node.value for node in nodes if node.value.startswith(room) and "#" not in node.value)
        return [unquote(iri.removeprefix(room)) for iri in iris]

    def of(self, path: str) -> tuple[str, ...]:
        """Give a work's identifiers by which other catalogues may know it: isbn:9783…, doi:10.…, urn:…; sorted."""
        schemes = {term(property): scheme for scheme, property in _SCHEMES}
        said = self._store.describe([work_iri(self._base, path).value])
        found = {
            schemes[quad.predicate] + quad.object.value
            for quad in said
            if quad.predicate in schemes and isinstance(quad.object, Literal)
        }
        return tuple(sorted(name for name in found if name.startswith(("isbn:", "doi:", "urn:"))))

    def bearing(self, identifiers: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Name the works that bear each of some identifiers, written as `of` gives them."""
        found = {}
        for name in identifiers:
            scheme, property = next(row for row in _SCHEMES if name.startswith(row[0]))
            works = self._store.subjects(term(property), Literal(name.removeprefix(scheme)))
            found[name] = tuple(self._paths(works))
        return found
