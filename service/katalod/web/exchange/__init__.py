"""Works in the forms that catalogues exchange: read once from the triples, written in each.

OAI-PMH and SRU hand out these forms, and content negotiation by profile some of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pyoxigraph import Quad

from katalod.formats import FORMATS
from katalod.web.exchange import dublin_core, marcxml, mods
from katalod.web.exchange.facts import Facts, Names, facts

__all__ = ["SCHEMAS", "Facts", "Names", "Schema", "dublin_core", "facts"]

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFXML = next(form for form in FORMATS if form.name == "rdfxml")


@dataclass(frozen=True, slots=True)
class Schema:
    """A form of records: its prefix, namespace and schema, and how to write a work in it as an XML element."""

    prefix: str
    namespace: str
    location: str
    write: Callable[[Facts, list[Quad]], str]


def _rdf(work: Facts, quads: list[Quad]) -> str:
    """Write our own description as it is."""
    document = _RDFXML.write(quads, work.iri).decode()
    return document[document.index("<rdf:RDF") :]


SCHEMAS: dict[str, Schema] = {
    schema.prefix: schema
    for schema in (
        Schema("oai_dc", dublin_core.NAMESPACE, dublin_core.SCHEMA, lambda work, _: dublin_core.oai_dc(work)),
        Schema("rdf", _RDF, "http://www.openarchives.org/OAI/2.0/rdf.xsd", _rdf),
        Schema("marcxml", marcxml.NAMESPACE, marcxml.SCHEMA, lambda work, _: marcxml.marcxml(work)),
        Schema("mods", mods.NAMESPACE, mods.SCHEMA, lambda work, _: mods.mods(work)),
    )
}
"""What records are handed out as; the first is the one that every OAI-PMH client knows."""
