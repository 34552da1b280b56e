"""rdflib graphs made for validation: quick to fill, quick to ask, and only read once they are full."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import XSD, NamespaceManager
from rdflib.store import Store

Node = URIRef | Literal | BNode
_STRING = str(XSD.string)


class Batch(Store):
    """An rdflib store that knows triples by predicate, then by subject, as shapes ask for them.

    rdflib's own keeps three indexes and the contexts of each triple, which costs twenty times as much to fill
    (10.6 against 0.5 microseconds a triple).
    """

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self._about: dict[Node, dict[Node, dict[Node, None]]] = {}  # the inner ones are sets that keep order
        self._bearers: dict[Node, dict[Node, list[Node]]] = {}
        self._size = 0

    def add(self, triple: Any, context: Any = None, quoted: bool = False) -> None:
        """Take a triple in, if it is new."""
        subject, predicate, object = triple
        objects = self._about.setdefault(predicate, {}).setdefault(subject, {})
        if object not in objects:
            objects[object] = None
            self._size += 1
            self._bearers.pop(predicate, None)

    def bearers(self, predicate: Node, value: Node) -> list[Node]:
        """Give the subjects that have a value for a property."""
        known = self._bearers.get(predicate)
        if known is None:
            known = self._bearers[predicate] = {}
            for subject, objects in self._about.get(predicate, {}).items():
                for object in objects:
                    known.setdefault(object, []).append(subject)
        return known.get(value, [])

    def triples(self, triple_pattern: Any, context: Any = None) -> Iterator[tuple[Any, Iterator[Any]]]:
        """Yield the triples that match a pattern, in the order in which they came."""
        subject, predicate, object = triple_pattern
        nowhere: Iterator[Any] = iter(())
        for p in self._about if predicate is None else (predicate,):
            about = self._about.get(p, {})
            subjects = self.bearers(p, object) if object is not None else about
            for s in subjects if subject is None else (subject,):
                objects = about.get(s, {})
                for o in objects if object is None else [object] if object in objects else []:
                    yield (s, p, o), nowhere

    def __len__(self, context: Any = None) -> int:
        """Count the triples."""
        return self._size


class Full(NamespaceManager):
    """Writes IRIs in full: pySHACL words its results with prefixes, in a text that nobody reads here."""

    def bind(self, *_: Any, **__: Any) -> None:
        """Leave it."""

    def normalizeUri(self, rdfTerm: str) -> str:  # noqa: N802, N803 - rdflib's names
        """Write an IRI as it is."""
        return f"<{rdfTerm}>"


def new_graph() -> Graph:
    """Make an empty graph of this kind."""
    graph = Graph(store=Batch())
    graph.namespace_manager = Full(graph, bind_namespaces="none")
    return graph


def to_graph(triples: Iterable[ox.Triple], predicates: Mapping[str, URIRef]) -> Graph:
    """Copy those triples into an rdflib graph whose predicate is asked for; the others no shape would see.

    Lexical forms stay as they are; rdflib would write some anew.
    """
    graph = new_graph()
    add = graph.store.add
    iris: dict[str, URIRef] = dict(predicates)
    for triple in triples:
        predicate = predicates.get(triple.predicate.value)
        if predicate is not None:
            add((_node(triple.subject, iris), predicate, _node(triple.object, iris)), graph)
    return graph


def _node(term: object, iris: dict[str, URIRef]) -> Node:
    if isinstance(term, ox.NamedNode):
        name = term.value
        return iris.get(name) or iris.setdefault(name, URIRef(name))
    if isinstance(term, ox.Literal):
        if term.language is not None:
            return Literal(term.value, lang=term.language, normalize=False)
        datatype = term.datatype.value
        if datatype == _STRING:
            return Literal(term.value, normalize=False)
        return Literal(term.value, datatype=iris.setdefault(datatype, URIRef(datatype)), normalize=False)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    raise TypeError(f"validating a batch: {term} is no term of RDF 1.1; do not publish triples as terms")
