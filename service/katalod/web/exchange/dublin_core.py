"""A work in the fifteen elements of Dublin Core: as OAI-PMH and as SRU wrap them, and as triples."""

from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Triple

from katalod.model import Text
from katalod.rdf import term
from katalod.web.exchange.facts import Facts
from katalod.web.exchange.xml import attribute, element, located

NAMESPACE = "http://www.openarchives.org/OAI/2.0/oai_dc/"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
SRW = "info:srw/schema/1/dc-schema"
SRW_SCHEMA = "http://www.loc.gov/standards/sru/recordSchemas/dc-schema.xsd"


def elements(work: Facts) -> Iterator[tuple[str, Text]]:
    """Give the elements with their values, in the order of the element set; what is an address stays one."""
    yield from _named("title", (*work.titles, *work.subtitles, *work.alternatives))
    yield from _plain("creator", (agent.name for agent in work.creators))
    yield from _named("subject", work.keywords)
    known = {word.value for word in work.keywords}
    labels = ((iri, "" if label in known else label) for iri, label in work.headings)
    yield from _plain("subject", (part for iri, label in labels for part in (label, iri)))
    yield from _plain("subject", (f"ddc:{number}" for number in work.classes))
    yield from _named("description", (*work.abstracts, *work.descriptions, *work.contents))
    yield from _plain("publisher", work.publishers)
    yield from _plain("contributor", (agent.name for agent in work.contributors))
    yield from _plain("date", [work.issued] if work.issued else work.dates)
    said = {kind.value for kind in work.types}
    yield from _named("type", work.types)
    yield from _plain("type", (*work.genres, *(label for _, label in work.forms if label not in said)))
    yield from _plain("format", (*work.formats, *work.extents))
    yield from _plain("identifier", identifiers(work))
    yield from _plain("source", (*work.sources, *work.citations))
    yield from _plain("language", work.languages)
    hosts = (f"{one.title} ; {one.volume}" if one.volume else one.title for one, _ in work.series)
    issns = (one.issn and f"ISSN {one.issn}" for one, _ in work.series)
    yield from _plain("relation", (*hosts, *issns, *work.relations))
    yield from _plain("coverage", work.coverage)
    yield from _plain("rights", (*work.licences, *work.rights))


def identifiers(work: Facts) -> Iterator[str]:
    """Give what identifies a work, our own address first; an ISBN as a URN (RFC 3187), a DOI as its address."""
    yield work.iri
    yield from (f"https://doi.org/{doi}" for doi in work.dois)
    yield from work.urns
    yield from work.pages
    yield from (f"urn:isbn:{isbn}" for isbn in work.isbns)
    yield from work.identifiers


def oai_dc(work: Facts) -> str:
    """Write a work as unqualified Dublin Core in OAI's wrapper."""
    return _wrapped("oai_dc", NAMESPACE, SCHEMA, work)


def srw_dc(work: Facts) -> str:
    """Write a work as unqualified Dublin Core in SRU's wrapper."""
    return _wrapped("srw_dc", SRW, SRW_SCHEMA, work)


def _wrapped(prefix: str, namespace: str, schema: str, work: Facts) -> str:
    inner = (element(f"dc:{name}", text.value, attribute("xml:lang", text.lang)) for name, text in elements(work))
    return (
        f'<{prefix}:dc xmlns:{prefix}="{namespace}" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        f"{located(namespace, schema)}>{''.join(inner)}</{prefix}:dc>"
    )


def triples(work: Facts) -> Iterator[Triple]:
    """Say a work in Dublin Core alone, with plain values."""
    subject = NamedNode(work.iri)
    for name, text in elements(work):
        yield Triple(subject, term(f"dc11:{name}"), Literal(text.value, language=text.lang or None))


def _named(name: str, values: tuple[Text, ...]) -> Iterator[tuple[str, Text]]:
    return ((name, value) for value in values if value.value)


def _plain(name: str, values: Iterable[str | None]) -> Iterator[tuple[str, Text]]:
    return ((name, Text(value)) for value in values if value)
