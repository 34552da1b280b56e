"""What a page shows of the quads of a document: pure functions from statements and labels to values.

Templates lay out these values and decide nothing. Nothing that a document says is left out of its page:
what has no place of its own stands among the rows, under the label of its property.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pyoxigraph import Literal, NamedNode

from katalod.model import MATCHES
from katalod.rdf import GND
from katalod.web.reader import Reader
from katalod.web.statements import Statements, Term, local_name, readable

ROLES = ("dcterms:creator", "marcrel:edt", "marcrel:ths", "marcrel:trl", "marcrel:ill", "marcrel:fnd")
AGENTS = (*ROLES, "dcterms:contributor")
IDENTIFIERS = (
    "bibo:isbn13", "bibo:isbn10", "bibo:doi", "bibo:handle", "bibo:issn", "dcterms:identifier", "dc11:identifier",
)  # fmt: skip
DETAILS = (
    "dcterms:alternative", "dcterms:issued", "dcterms:publisher", "dc11:publisher", "rdau:P60163",
    "dcterms:isPartOf", "dcterms:language", "isbd:P1053", "dcterms:license", "dcterms:accessRights",
)  # fmt: skip
SHOWN_APART = {
    "rdf:type", "dcterms:type", "dcterms:title", "rdau:P60493", "dcterms:abstract", "dcterms:subject", "dc11:subject",
    "bibo:authorList", "bibo:volume", "bibo:numPages", "wdrs:describedby", "umbel:isLike", "foaf:isPrimaryTopicOf",
    "dcterms:bibliographicCitation", *AGENTS, *IDENTIFIERS,
}  # fmt: skip
DATED = ("dcterms:created", "dcterms:modified")  # what a description says of itself first
FRAME = {"rdf:type", "foaf:primaryTopic"}  # what every description says
DATES = ("date", "dateTime", "gYear", "gYearMonth")

_ADDRESS = re.compile(r"https?://\S+")  # a source may write an address where a name or a text belongs


@dataclass(frozen=True, slots=True)
class Value:
    """One value as it is read: its text, its language, where it leads, what stands quietly beside it."""

    text: str
    lang: str = ""
    href: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A property's label and its values."""

    label: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword of the library and the headings that it leads to."""

    name: Value
    headings: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """A work's page."""

    title: Value
    subtitles: tuple[Value, ...]
    kinds: tuple[str, ...]
    people: tuple[Row, ...]
    issued: str
    abstracts: tuple[Value, ...]
    keywords: tuple[Keyword, ...]
    identifiers: tuple[Row, ...]
    details: tuple[Row, ...]
    description: tuple[Row, ...]
    documents: tuple[Value, ...]  # where the work itself can be read
    permanent: str


@dataclass(frozen=True, slots=True)
class Page:
    """What a document is shown from: its statements, the labels of what it mentions, and its reader."""

    said: Statements
    labels: Mapping[str, str]
    reader: Reader
    topic: str  # the IRI of the thing that the page is about

    def label(self, iri: str) -> str:
        """Call a thing by its label, else by its name in the document, else readably."""
        known = self.labels.get(iri) or self.said.name(iri, self.reader.lang)
        if known and _ADDRESS.fullmatch(known):
            return readable(known)
        return known or (local_name(iri) if iri.startswith(self.reader.base) else readable(iri))

    def property(self, name: str) -> str:
        """Call a property by its label."""
        iri = self.said.iri(name)
        return self.labels.get(iri) or local_name(iri).capitalize()

    def value(self, term: Term) -> Value:
        """Show one value."""
        if isinstance(term, Literal):
            return self._literal(term)
        own = term.value.startswith(f"{self.topic}#")
        return Value(self.label(term.value), href="" if own else self.reader.link(term.value), note=self._beside(term))

    def row(self, subject: str, name: str) -> Row:
        """Show one property of a subject."""
        return Row(self.property(name), tuple(self.value(term) for term in self.said.values(subject, name)))

    def _literal(self, term: Literal) -> Value:
        if _ADDRESS.fullmatch(term.value):
            return Value(readable(term.value), href=self.reader.link(term.value))
        kind = term.datatype.value.rpartition("#")[2].rpartition("/")[2]
        text = self.reader.day(term.value) if kind in DATES else term.value
        return Value(text, lang=term.language or "", note="DDC" if kind == "DDC" else "")

    def _beside(self, term: NamedNode) -> str:
        parts = [self.reader.t("in_series", volume=v) for v in self._volumes(term.value)]
        issn = self.said.first(term.value, "bibo:issn")
        return " · ".join([*parts, f"ISSN {issn}"] if issn else parts)

    def _volumes(self, node: str) -> list[str]:
        """Give the volume beside its series; with several series no one knows whose it is."""
        series = self.said.iris(self.topic, "dcterms:isPartOf")
        volumes = [literal.value for literal in self.said.literals(self.topic, "bibo:volume")]
        return volumes if series == [node] else []


def work(page: Page) -> Work:
    """Lay out the page of a work; the statements hold those of its keywords too."""
    said, topic = page.said, page.topic
    title = said.best(topic, page.reader.lang, "dcterms:title")
    document = next(iter(said.iris(topic, "wdrs:describedby")), "")
    return Work(
        title=page.value(title) if title else Value(page.reader.t("untitled")),
        subtitles=tuple(page.value(term) for term in said.values(topic, "rdau:P60493")),
        kinds=kinds(page),
        people=tuple(people(page)),
        issued=page.reader.day(said.first(topic, "dcterms:issued")),
        abstracts=abstracts(page),
        keywords=tuple(keywords(page)),
        identifiers=tuple(identifiers(page)),
        details=tuple(details(page, title)),
        description=tuple(
            page.row(document, name) for name in sorted(said.about(document), key=_dates_first) if name not in FRAME
        ),
        documents=tuple(
            Value(readable(iri), href=href)
            for iri in said.iris(topic, "foaf:isPrimaryTopicOf")
            if (href := page.reader.link(iri))
        ),
        permanent=page.reader.link(topic),
    )


def _dates_first(name: str) -> int:
    return DATED.index(name) if name in DATED else len(DATED)


def kinds(page: Page) -> tuple[str, ...]:
    """Name what the work is: the narrow type of the repositories' list, and the class where that says more."""
    narrow = [page.label(iri) for iri in page.said.iris(page.topic, "dcterms:type")]
    wide = [page.label(iri) for iri in page.said.iris(page.topic, "rdf:type")]
    return tuple(dict.fromkeys(narrow or wide))


def people(page: Page) -> Iterator[Row]:
    """Name the people and bodies by their roles; authors in the order in which the work names them."""
    placed: set[str] = set()
    head = next(iter(page.said.iris(page.topic, "bibo:authorList")), "")
    for role in AGENTS:
        found = page.said.values(page.topic, role)
        if role == "dcterms:creator" and head:
            order = list(page.said.chain(head))
            found = sorted(found, key=lambda term: order.index(term.value) if term.value in order else len(order))
        if role == "dcterms:contributor":
            found = [term for term in found if term.value not in placed]
        placed |= {term.value for term in found}
        if found:
            yield Row(page.property(role), tuple(page.value(term) for term in found))


def abstracts(page: Page) -> tuple[Value, ...]:
    """Give the abstracts, the one in the reader's language first."""
    found = [page.value(term) for term in page.said.values(page.topic, "dcterms:abstract")]
    return tuple(sorted(found, key=lambda value: value.lang != page.reader.lang))


def identifiers(page: Page) -> Iterator[Row]:
    """Give the identifiers with where they lead: DOI and URN to their resolvers, a handle to its page."""
    targets = page.said.iris(page.topic, "umbel:isLike", "foaf:isPrimaryTopicOf")
    for name in IDENTIFIERS:
        values = []
        for term in page.said.values(page.topic, name):
            value = page.value(term)
            target = next((iri for iri in targets if iri.casefold().endswith(f"/{value.text.casefold()}")), "")
            text = isbn(value.text) if name.startswith("bibo:isbn") else value.text
            values.append(replace(value, text=text, href=page.reader.link(target) if target else value.href))
        if values:
            yield Row(page.property(name), tuple(values))


def isbn(digits: str) -> str:
    """Hyphenate an ISBN; what is none stays as it is."""
    from stdnum import isbn as standard  # imported here: stdnum reads its tables on import

    return str(standard.format(digits)) if standard.is_valid(digits) else digits


def details(page: Page, title: Literal | None) -> Iterator[Row]:
    """Give every property that has no place of its own, the well-known first."""
    said, topic = page.said, page.topic
    others = [term for term in said.values(topic, "dcterms:title") if term != title]
    if others:
        yield Row(page.property("dcterms:title"), tuple(page.value(term) for term in others))
    rest = [name for name in said.about(topic) if name not in SHOWN_APART and name not in DETAILS]
    if len(said.iris(topic, "dcterms:isPartOf")) != 1:
        rest.append("bibo:volume")
    for name in (*DETAILS, *sorted(rest, key=page.property)):
        if said.values(topic, name):
            yield page.row(topic, name)
    known = {value.casefold() for value in (*page.labels.values(), *(key.name.text for key in keywords(page)))}
    words = [term for term in said.values(topic, "dc11:subject") if term.value.casefold() not in known]
    if words:
        yield Row(page.property("dc11:subject"), tuple(page.value(term) for term in words))


def keywords(page: Page) -> Iterator[Keyword]:
    """Show the keywords, then the headings that the work bears without a keyword that leads to them."""
    borne = page.said.iris(page.topic, "dcterms:subject")
    ours = [keyword(page, iri) for iri in borne if iri.startswith(f"{page.reader.base}id/keyword/")]
    yield from sorted(ours, key=lambda one: one.name.text.casefold())
    led = {heading.href for one in ours for heading in one.headings}
    for iri in borne:
        if iri.startswith(GND) and page.reader.link(iri) not in led:
            yield Keyword(Value(""), (Value(page.label(iri), href=page.reader.link(iri), note="from_source"),))


def keyword(page: Page, concept: str) -> Keyword:
    """Show a keyword concept: its name, and beside it the headings with how they stand to it."""
    name = page.said.name(concept, page.reader.lang) or page.label(concept)
    headings = [
        Value(page.label(iri), href=page.reader.link(iri), note=match)
        for match in MATCHES
        for iri in page.said.iris(concept, f"skos:{match}")
    ]
    return Keyword(Value(name, href=page.reader.link(concept)), tuple(headings))
