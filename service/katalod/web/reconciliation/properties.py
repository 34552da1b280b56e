"""What an entity says of itself, by property: for comparing, and for taking away."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType

from katalod.edition import borrowed_labels
from katalod.model import Agent
from katalod.rdf import GND, slug, term
from katalod.search import Asked
from katalod.web.exchange import Facts
from katalod.web.reader import Reader
from katalod.web.reconciliation.entities import KEYWORD, PERSON, SAME, At, Entity

MOST = 50  # values of a property that are handed out
Value = str | int | Entity


@dataclass(frozen=True, slots=True)
class Property:
    """Something that entities of some types say of themselves."""

    id: str
    types: tuple[str, ...]
    term: str = ""  # a CURIE that names it in ontology/labels.ttl; else its words are our own
    entity: str = ""  # the type of the entities that are its values

    def name(self, who: Reader) -> str:
        """Call the property by its name."""
        if not self.term:
            return who.t(f"reconcile_{self.id}")
        return borrowed_labels(who.lang).get(term(self.term).value, self.id)


_WORK, _SUBJECT, _OTHERS = ("work",), ("keyword", "heading"), ("keyword", "heading", "person")

PROPERTIES: Mapping[str, Property] = MappingProxyType(
    {
        one.id: one
        for one in (
            Property("title", _WORK, "dcterms:title"),
            Property("subtitle", _WORK, "rdau:P60493"),
            Property("creator", _WORK, entity="person"),
            Property("contributor", _WORK, "dcterms:contributor", entity="person"),
            Property("year", _WORK),
            Property("issued", _WORK, "dcterms:issued"),
            Property("publisher", _WORK, "dc11:publisher"),
            Property("place", _WORK, "rdau:P60163"),
            Property("type", _WORK, "dc11:type"),
            Property("language", _WORK, "dcterms:language"),
            Property("isbn", _WORK, "bibo:isbn13"),
            Property("issn", _WORK, "bibo:issn"),
            Property("doi", _WORK, "bibo:doi"),
            Property("urn", _WORK),
            Property("handle", _WORK, "bibo:handle"),
            Property("series", _WORK),
            Property("abstract", _WORK, "dcterms:abstract"),
            Property("page", _WORK, "foaf:isPrimaryTopicOf"),
            Property("keyword", ("work", "heading"), entity="keyword"),
            Property("heading", ("work", "keyword"), entity="heading"),
            Property("label", _SUBJECT, "skos:prefLabel"),
            Property("variant", _SUBJECT, "skos:altLabel"),
            Property("broader", ("heading",), "skos:broader", entity="heading"),
            Property("narrower", ("heading",), "skos:narrower", entity="heading"),
            Property("related", ("heading",), "skos:related", entity="heading"),
            Property("name", ("person",), "foaf:name"),
            Property("identifier", ("work", "heading", "person"), "dcterms:identifier"),
            Property("work", _OTHERS, entity="work"),
            Property("works", _OTHERS),
        )
    }
)
"""The properties that queries may compare and extensions may take, in the order in which they are proposed."""


def of_type(name: str) -> list[Property]:
    """Give the properties of a type; all without one."""
    return [one for one in PROPERTIES.values() if not name or name in one.types]


def named(properties: Iterable[Property], who: Reader) -> list[dict[str, str]]:
    """Give properties with their names."""
    return [{"id": one.id, "name": one.name(who)} for one in properties]


def values(at: At, entity: Entity, name: str, most: int = MOST) -> tuple[Value, ...]:
    """Give the values of one property of an entity, at most so many; none for what it does not have."""
    known = PROPERTIES.get(name)
    if known is None or not set(known.types) & set(entity.types):
        return ()
    if "work" in entity.types:
        found: Iterable[Value] = _SAID[name](at.facts(entity.id))
    elif name in ("work", "works"):
        return _works(at, entity, name, most)
    elif entity.id.startswith(PERSON):
        found = (entity.name,) if name == "name" else ()
    else:
        found = _of_other(at, entity, name)
    return tuple(dict.fromkeys(islice(found, most)))


def bearers(at: At, path: str) -> set[str]:
    """Give the identifiers of all people, keywords and headings that a work names."""
    work = at.facts(path)
    names = ("creator", "contributor", "keyword", "heading")
    return {one.id for name in names for one in _SAID[name](work) if isinstance(one, Entity)}


def _people(agents: Iterable[Agent]) -> list[Value]:
    return [Entity(one.iri or f"{PERSON}{one.name}", one.name, ("person",)) for one in agents]


_SAID: Mapping[str, Callable[[Facts], Iterable[Value]]] = MappingProxyType(
    {
        "title": lambda work: [text.value for text in work.titles],
        "subtitle": lambda work: [text.value for text in work.subtitles],
        "creator": lambda work: _people(work.creators),
        "contributor": lambda work: _people(work.contributors),
        "year": lambda work: [int(work.year)] if work.year else [],
        "issued": lambda work: [work.issued] if work.issued else [],
        "publisher": lambda work: work.publishers,
        "place": lambda work: work.places,
        "type": lambda work: [text.value for text in work.types],
        "language": lambda work: work.languages,
        "isbn": lambda work: work.isbns,
        "issn": lambda work: (*work.issns, *(one.issn for one, _ in work.series if one.issn)),
        "doi": lambda work: work.dois,
        "urn": lambda work: work.urns,
        "handle": lambda work: work.handles,
        "series": lambda work: [one.title for one, _ in work.series if one.title],
        "abstract": lambda work: [text.value for text in work.abstracts],
        "page": lambda work: work.pages,
        "keyword": lambda work: [
            Entity(f"{KEYWORD}{slug(word.value)}", word.value, ("keyword",)) for word in work.keywords
        ],
        "heading": lambda work: [
            Entity(iri, label or iri, ("heading",)) for iri, label in work.headings if iri.startswith(GND)
        ],
        "identifier": lambda work: (*work.identifiers, work.path),
    }
)
"""What a work says of itself, by property."""


def _of_other(at: At, entity: Entity, name: str) -> Iterator[Value]:
    """Give what is said of a keyword, a heading, or an agent of an authority."""
    iri, said = at.subject(entity), at.said(entity)
    match name:
        case "label" | "name" | "variant":
            marks = {"label": "skos:prefLabel", "name": "foaf:name", "variant": "skos:altLabel"}
            yield from (literal.value for literal in said.literals(iri, marks[name]))
        case "identifier":
            yield iri
        case "broader" | "related":
            yield from _headings(at, said.iris(iri, f"skos:{name}"))
        case "narrower":
            yield from _headings(at, at.edition.headings.narrower(iri))
        case "heading":
            yield from _headings(at, said.iris(iri, *(f"skos:{match}" for match in SAME)))
        case "keyword":
            yield from at.keywords(iri)


def _headings(at: At, iris: list[str]) -> Iterator[Entity]:
    names = at.edition.labels(iris, "de") if iris else {}
    yield from (Entity(iri, names.get(iri, iri), ("heading",)) for iri in iris if iri.startswith(GND))


def _works(at: At, entity: Entity, name: str, most: int) -> tuple[Value, ...]:
    """Give the works that bear a keyword or a heading, or are by a person; or how many they are."""
    if "person" in entity.types and not entity.id.startswith(PERSON):
        paths = at.edition.identity.works_by(entity.id)
        if name == "works":
            return (len(paths),)
        return tuple(Entity(path, at.edition.title(path) or path, ("work",)) for path in paths[:most])
    facet, value = {
        "keyword": ("keyword", entity.id.removeprefix(KEYWORD)),
        "heading": ("borne", entity.id.removeprefix(GND)),
        "person": ("person", entity.name),
    }[entity.types[0]]
    asked = Asked("", ((facet, value),), "title")
    if name == "works":
        return (at.edition.index.count(asked),)
    return tuple(at.work(hit.path, hit.title, hit) for hit in at.edition.index.find(asked, most)[1])
