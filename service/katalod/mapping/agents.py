"""People and bodies: a thing with an IRI each, below the record's own where no authority names them."""

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Triple

from katalod.mapping.at import At
from katalod.model import Agent, Finding
from katalod.rdf import made_iri, term

RELATORS = {
    "editor": "marcrel:edt",
    "advisor": "marcrel:ths",
    "illustrator": "marcrel:ill",
    "translator": "marcrel:trl",
    "funder": "marcrel:fnd",
}


def creator(values: tuple[Agent, ...], at: At) -> Iterator[Triple | Finding]:
    """Say who made the work, and in which order they are named (bibo:authorList)."""
    nodes = []
    for agent in values:
        yield from _agent(agent, at)
        nodes.append(iri(agent, at.work))
    yield from _list(tuple(dict.fromkeys(nodes)), at)


def contributor(values: tuple[Agent, ...], at: At) -> Iterator[Triple | Finding]:
    """Say who contributed, and as what (MARC relators)."""
    for agent in values:
        yield from _agent(agent, at)
        if agent.role in RELATORS:
            yield Triple(at.work, term(RELATORS[agent.role]), iri(agent, at.work))


def publisher(values: tuple[Agent, ...], at: At) -> Iterator[Triple | Finding]:
    """Say who published the work: the name as written, and the body itself where its IRI is known."""
    for agent in values:
        if at.otherwise is not None:
            yield Triple(at.work, at.otherwise, Literal(agent.name))
        if agent.iri:
            yield from _agent(agent, at)


def iri(agent: Agent, work: NamedNode) -> NamedNode:
    """Give the authority's IRI of an agent, else one made from the record's own; names are never merged."""
    return NamedNode(agent.iri) if agent.iri else made_iri(work, agent.role, agent.name)


def _agent(agent: Agent, at: At) -> Iterator[Triple]:
    node = iri(agent, at.work)
    yield Triple(at.work, at.property, node)
    if not agent.iri:  # an authority's IRI belongs to many records: its name stands in the authority graph
        yield Triple(node, term("rdf:type"), term("foaf:Organization" if agent.body else "foaf:Person"))
        yield Triple(node, term("foaf:name"), Literal(agent.name))


def _list(nodes: tuple[NamedNode, ...], at: At) -> Iterator[Triple]:
    """Write an rdf:List whose cells are IRIs below the work's, because blank nodes are not published."""
    if len(nodes) < 2:
        return
    cells = [made_iri(at.work, "authors", str(n)) for n in range(1, len(nodes) + 1)]
    yield Triple(at.work, term("bibo:authorList"), cells[0])
    for cell, node, rest in zip(cells, nodes, [*cells[1:], term("rdf:nil")], strict=True):
        yield Triple(cell, term("rdf:first"), node)
        yield Triple(cell, term("rdf:rest"), rest)
