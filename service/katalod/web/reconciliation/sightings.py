"""The entities that a query may mean, each with how alike the names are and whether it is surely meant."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice

from katalod.linking.doubts import Held
from katalod.linking.labels import normal
from katalod.linking.likeness import likeness
from katalod.linking.matching import decide
from katalod.model import Link, Subject
from katalod.rdf import GND, slug
from katalod.search import Asked, Suggestion, phrase
from katalod.web.reconciliation.asking import Given, Query
from katalod.web.reconciliation.entities import KEYWORD, PERSON, At, Entity
from katalod.web.statements import Statements

CALLED = 40  # names that are looked at
TITLES = 20  # works with a title that is like another one
NAMES = 10  # of each kind that are judged
FEWEST, LEAST = 0.5, 0.4  # likeness of a title that is worth a look; what a name found by a variant is worth
HELD, LINKED = 0.85, 0.8  # what a heading that the linking holds back is worth, and a keyword linked to the heading
IDENTIFYING = ("isbn", "doi", "urn", "handle", "identifier")
NARROWING = {"year": "year", "creator": "person", "contributor": "person", "keyword": "keyword", "heading": "borne",
             "language": "language"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sighting:
    """An entity that may be meant."""

    entity: Entity
    alike: float  # the names, 0 to 1
    sure: bool = False  # an identifier, or the rules of the linking, say so
    exact: bool = False  # the name is the very same, but for what spelling is free to do


def sightings(at: At, query: Query) -> list[Sighting]:
    """Give the entities of the wanted types that a query may mean: the surest first, then those most alike."""
    found: dict[str, Sighting] = {}
    for one in _seen(at, query):
        here = set(one.entity.types) & set(query.types)
        if here and (not query.every or here == set(query.types)):
            before = found.get(one.entity.id, one)
            best = max(before, one, key=lambda seen: seen.alike)
            found[one.entity.id] = replace(best, sure=one.sure or before.sure, exact=one.exact or before.exact)
    return sorted(found.values(), key=lambda one: (not one.sure, -one.alike, one.entity.id))


def _seen(at: At, query: Query) -> Iterator[Sighting]:
    folded = phrase(query.text)
    yield from (Sighting(entity, 1.0, sure=True) for entity in at.named(query.text) if query.text)
    for name, values in query.properties:
        if name in IDENTIFYING:
            yield from (one for value in values for one in _identified(at, value.id or value.text, folded))
    if not query.text:
        yield from _narrowed(at, query)
        return
    if not folded:
        return
    if "work" in query.types:
        yield from _titled(at, query.text, folded)
    if set(query.types) != {"work"}:
        yield from _named(at, query, folded)


def _identified(at: At, identifier: str, folded: str) -> Iterator[Sighting]:
    """Give what bears an identifier that stands among the properties; surely meant unless its name is quite another."""
    for entity in at.named(identifier):
        alike = likeness(folded, phrase(entity.name)) if folded else 1.0
        yield Sighting(entity, alike, sure=alike >= FEWEST)


def _narrowed(at: At, query: Query) -> Iterator[Sighting]:
    """Give works by their properties alone."""
    rows = ((NARROWING[name], values[0]) for name, values in query.properties if name in NARROWING and values)
    filters = tuple((facet, _facet_value(facet, value)) for facet, value in rows)
    if filters and "work" in query.types:
        for hit in at.edition.index.find(Asked("", filters), TITLES)[1]:
            yield Sighting(at.work(hit.path, hit.title, hit), 0.0)


def _facet_value(facet: str, value: Given) -> str:
    if facet == "borne":
        return (value.id or value.text).removeprefix(GND)
    if facet == "keyword":
        return value.id.removeprefix(KEYWORD) or slug(value.text)
    return value.id.removeprefix(PERSON) if value.id.startswith(PERSON) else value.text


def _titled(at: At, text: str, folded: str) -> Iterator[Sighting]:
    exact = at.edition.index.titled(text, TITLES)
    few = len(exact) < TITLES  # else there are more, and none can be the only one
    for hit in exact:
        whole = phrase(hit.title) == folded  # the index cuts long ones
        yield Sighting(at.work(hit.path, hit.title, hit), 1.0, exact=few and whole)
    if exact:
        return
    for hit in at.edition.index.alike(text, TITLES):
        if (alike := likeness(folded, phrase(hit.title))) >= FEWEST:
            yield Sighting(at.work(hit.path, hit.title, hit), alike)


def _named(at: At, query: Query, folded: str) -> Iterator[Sighting]:
    """Give keywords, headings and people of a name."""
    called = at.edition.index.called(query.text, CALLED)
    links, held = _decided(at, query.text)
    if "person" in query.types:
        for one in _kind(called, "person", folded):
            alike = likeness(folded, phrase(one.label))
            yield from (Sighting(entity, alike, exact=alike == 1.0) for entity in at.suggested(one))
    if "keyword" in query.types:
        if entity := at.entity(f"{KEYWORD}{slug(query.text)}"):  # spellings of one slug are one keyword (decision 2)
            yield Sighting(entity, 1.0, sure=True, exact=True)
        near = chain.from_iterable(at.keywords(link.concept.iri) for link in links if link.certain)
        yield from (Sighting(entity, LINKED) for entity in islice(near, NAMES))
        yield from _suggested(at, _kind(called, "keyword", folded), folded)
    if "heading" in query.types:
        yield from _judged(at, links, held, folded)
        unknown = not links and not held and not (at.desk and at.desk.curated.about(query.text))
        yield from _own(at, _kind(called, "heading", folded), query.text, folded, unknown)


def _decided(at: At, text: str) -> tuple[tuple[Link, ...], tuple[Held, ...]]:
    if at.desk is None:
        return (), ()
    return decide(Subject(text), at.desk.authority, at.desk.curated, at.desk.rules)


def _judged(at: At, links: tuple[Link, ...], held: tuple[Held, ...], folded: str) -> Iterator[Sighting]:
    """Give the headings that the linking names: those that its rules link are certain, those held back are not."""
    for link in links:
        if entity := at.entity(link.concept.iri):
            exact = link.predicate == "exactMatch"
            # A person's "nearly the same" is said of a keyword; a method's, of a name that the heading bears.
            yield Sighting(entity, link.confidence, sure=exact or (link.certain and bool(link.rule)), exact=exact)
    for hit in [hit for reason in held for hit in reason.hits][:NAMES]:
        if entity := at.entity(hit.iri):
            yield Sighting(entity, HELD * likeness(folded, phrase(hit.name)))


def _own(at: At, called: list[Suggestion], text: str, folded: str, unknown: bool) -> Iterator[Sighting]:
    """Give the headings of the release; of a name unknown to the authority, the release alone says whose it is."""
    bearing = {one.id for one in called if _bears(at, GND + one.id, text)}
    for one in _suggested(at, called, folded):
        exact = one.entity.id.removeprefix(GND) in bearing
        alike = 1.0 if exact else one.alike
        yield Sighting(one.entity, alike, sure=exact and unknown and len(bearing) == 1, exact=exact)


def _bears(at: At, iri: str, text: str) -> bool:
    """Whether a heading has a name, or a variant, that is spelled so."""
    said = Statements(at.edition.headings.described(iri))
    names = said.literals(iri, "skos:prefLabel", "skos:altLabel")
    return any(normal(name.value) == normal(text) for name in names)


def _suggested(at: At, called: list[Suggestion], folded: str) -> Iterator[Sighting]:
    for one in called:
        alike = max(likeness(folded, phrase(one.label)), LEAST)  # it may be found by a variant
        yield from (Sighting(entity, alike) for entity in at.suggested(one))


def _kind(called: tuple[Suggestion, ...], kind: str, folded: str) -> list[Suggestion]:
    """Give what is called so of one kind: what was found first, perhaps by a variant, and those most alike."""
    own = [one for one in called if one.kind == kind]
    alike = sorted(own, key=lambda one: -likeness(folded, phrase(one.label)))
    return list(dict.fromkeys((*own[: NAMES // 2], *alike)))[:NAMES]
