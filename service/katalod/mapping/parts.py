"""What a work is part of, and what it is related to."""

from collections.abc import Generator, Iterator

from pyoxigraph import Literal, NamedNode, Triple

from katalod.mapping.at import At
from katalod.mapping.vocabularies import kind
from katalod.model import Finding, Relation, Series
from katalod.rdf import made_iri, term, valid_iri

_SERIAL = ("bibo:Journal", "bibo:Periodical", "bibo:Series")


def series(values: tuple[Series, ...], at: At) -> Iterator[Triple | Finding]:
    """Say which series a work is part of, and its volume there."""
    for number, value in enumerate(values, 1):
        node = _series(at.work, number)
        yield Triple(at.work, at.property, node)
        yield Triple(node, term("rdf:type"), term("bibo:Series"))
        yield Triple(node, term("dcterms:title"), Literal(value.title))
        if value.issn:
            yield Triple(node, term("bibo:issn"), Literal(value.issn))
        if value.volume:
            yield Triple(at.work, term("bibo:volume"), Literal(value.volume))


def carrier(at: At) -> Generator[Triple, None, NamedNode]:
    """Give what an ISSN belongs to: the work if it is a serial, else its only series, else a periodical.

    The periodical is made here, below the work's IRI, because the record names none.
    """
    kinds = {found.type for text in at.record.types if (found := kind(text.value, at.table))}
    if kinds & set(_SERIAL):
        return at.work
    if len(at.record.series) == 1:
        return _series(at.work, 1)
    node = made_iri(at.work, "periodical")
    yield Triple(at.work, term("dcterms:isPartOf"), node)
    yield Triple(node, term("rdf:type"), term("bibo:Periodical"))
    return node


def relation(values: tuple[Relation, ...], at: At) -> Iterator[Triple | Finding]:
    """Say a relation to another work: by its IRI where there is one, else by its string."""
    for value in values:
        if valid_iri(value.value):
            yield Triple(at.work, term(f"dcterms:{value.kind}"), NamedNode(value.value))
        elif value.kind == "isPartOf":
            # A literal never stands where a thing is meant: the host becomes a thing of its own.
            node = made_iri(at.work, "host", value.value)
            yield Triple(at.work, term("dcterms:isPartOf"), node)
            yield Triple(node, term("rdf:type"), term("bibo:Collection"))
            yield Triple(node, term("dcterms:title"), Literal(value.value))
        elif at.otherwise is not None:
            yield Triple(at.work, at.otherwise, Literal(value.value))


def _series(work: NamedNode, number: int) -> NamedNode:
    return made_iri(work, "series") if number == 1 else made_iri(work, "series", str(number))
