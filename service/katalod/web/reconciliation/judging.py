"""How well an entity answers a query, and whether it is certain that it is meant."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import fmean

from katalod.edition import borrowed_labels
from katalod.linking.likeness import likeness
from katalod.mapping.identifiers import bare, isbn13
from katalod.rdf import slug
from katalod.search import SHOWN_PEOPLE, Hit, phrase
from katalod.web.facets import TONGUES
from katalod.web.negotiation import LANGUAGES
from katalod.web.reconciliation.asking import Given, Query
from katalod.web.reconciliation.entities import PERSON, At, Entity
from katalod.web.reconciliation.properties import PROPERTIES, Value, bearers, values
from katalod.web.reconciliation.sightings import Sighting, sightings

AGREES, DISAGREES = 0.9, 0.7  # from which, and below which, a property speaks for an entity, and against it
UNKNOWN = 0.5  # what a property counts of which the entity says nothing
NAME = 0.6  # what the name counts beside the properties
CLOSE_YEAR = 0.5
READ = 5  # candidates, of those that have but a like name, whose properties are read
SPEAKING = 3  # words of a title that says something by itself
SAME_TITLE = 3  # works of one title that are looked at
CONTRADICTING = frozenset(
    ("title", "creator", "contributor", "year", "isbn", "doi", "urn", "handle", "identifier", "name", "work")
)
"""Properties that speak against an entity where they disagree; others may be said in other words."""

TELLING = frozenset(("publisher", "series", "issn", "subtitle", "abstract"))
"""Properties that, with the year, tell works of one title apart."""

_PEOPLE = {"creator": "contributor", "contributor": "creator"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity that may be meant: how well it fits (0 to 100), by which features, and whether it is certain."""

    entity: Entity
    score: float
    match: bool
    features: tuple[tuple[str, float], ...]


def candidates(at: At, query: Query) -> list[Candidate]:
    """Give the entities that a query may mean, the best first; certain is one at most."""
    seen = sightings(at, query)
    # What is certain must be alone in it: all of an exact name are read, of the others the best.
    exact = [one for one in seen if one.sure or one.exact or not query.text]
    read = {one.entity.id for one in (*exact, *[one for one in seen if one not in exact][:READ])}
    judged = [_judged(at, query, one, one.entity.id in read) for one in seen]
    if sum(one.match for one in judged) == 1:
        # OpenRefine takes a match only from the first place.
        judged = [replace(one, score=100.0) if one.match else one for one in judged]
    else:
        judged = [replace(one, match=False) for one in judged]
    return sorted(judged, key=lambda one: (not one.match, -one.score, one.entity.id))[: query.limit]


def _judged(at: At, query: Query, seen: Sighting, read: bool) -> Candidate:
    """Give an entity with its score, and whether it would be certain if no other were."""
    agreements = {
        name: _agreement(at, seen.entity, name, given, read)
        for name, given in query.properties
        if name in PROPERTIES and given
    }
    known = {name: one for name, one in agreements.items() if one is not None}
    parts = [UNKNOWN if one is None else one for one in agreements.values()]
    score = seen.alike
    if parts:
        score = NAME * seen.alike + (1 - NAME) * fmean(parts) if query.text or seen.sure else fmean(parts)
    features = ({"name": seen.alike} if query.text else {}) | known
    told = tuple((name, round(100 * value, 1)) for name, value in features.items())
    return Candidate(seen.entity, round(100 * score, 1), _certain(seen, known), told)


def _certain(seen: Sighting, known: Mapping[str, float]) -> bool:
    """Whether an entity is surely meant.

    Nothing that is known of it may speak against it. Then its identifier is enough, or the name of a keyword, or of a
    heading by the rules of the linking. A title needs one of its people beside it, a short one the year too; or the
    year and what else tells a "Jahresbericht" from others. A person's name, however rare, needs one of the works.
    """
    if any(one < DISAGREES for name, one in known.items() if name in CONTRADICTING):
        return False
    if seen.sure or not seen.exact:
        return seen.sure
    agreeing = {name for name, one in known.items() if one >= (1.0 if PROPERTIES[name].entity else AGREES)}
    if "person" in seen.entity.types:
        return "work" in agreeing
    short = len(phrase(seen.entity.name).split()) < SPEAKING
    by = not agreeing.isdisjoint(_PEOPLE) and ("year" in agreeing or not short)
    return "work" in seen.entity.types and (by or ("year" in agreeing and not agreeing.isdisjoint(TELLING)))


def _agreement(at: At, entity: Entity, name: str, given: tuple[Given, ...], read: bool) -> float | None:
    """Say how well the values of a property agree with what is given, 0 to 1; None where the entity says nothing."""
    if name == "work":
        return _borne(at, entity, given) if read else None
    own = _told(entity.hit, name, given)
    if not own and read:
        # Whoever names a person seldom knows as what.
        own = tuple(value for one in (name, _PEOPLE.get(name)) if one for value in values(at, entity, one))
    return fmean(max(_alike(name, one, value) for value in own) for one in given) if own else None


def _told(hit: Hit | None, name: str, given: tuple[Given, ...]) -> tuple[Value, ...]:
    """Give the values of a property that a hit has told already, so that the work need not be read; else none."""
    if hit is None:
        return ()
    if name == "year":
        return (hit.year,) if hit.year else ()
    if name not in _PEOPLE or any(one.id for one in given) or len(hit.people) == SHOWN_PEOPLE:  # it may leave some out
        return ()
    return tuple(Entity(f"{PERSON}{one}", one, ("person",)) for one in hit.people)


def _borne(at: At, entity: Entity, given: tuple[Given, ...]) -> float | None:
    """Say whether a keyword, heading or person stands in works that are given by title or identifier."""
    found: list[float] = []
    for one in given:
        paths = [one.id] if one.id else [hit.path for hit in at.edition.index.titled(one.text, SAME_TITLE)]
        named = [bearers(at, path) for path in paths if at.edition.title(path)]
        if named:
            found.append(float(any(entity.id in ids for ids in named)))
    return fmean(found) if found else None


def _alike(name: str, given: Given, value: Value) -> float:
    if isinstance(value, Entity):
        if given.id:
            return float(given.id == value.id)
        if given.text in (value.id, value.id.rpartition("/")[2]) or slug(given.text) == slug(value.name):
            return 1.0
        return likeness(phrase(given.text), phrase(value.name))
    if isinstance(value, int):
        digits = given.text.strip()[:4]
        return {0: 1.0, 1: CLOSE_YEAR}.get(abs(int(digits) - value), 0.0) if digits.isdecimal() else 0.0
    if name == "isbn":
        return float(isbn13(given.text) == value)
    if name in ("doi", "urn", "handle", "issn", "identifier", "page"):
        return float(bare(given.text).casefold() == bare(value).casefold())
    if name == "language":
        names = {value, *(borrowed_labels(tongue).get(TONGUES + value, value) for tongue in LANGUAGES)}
        return float(given.text.strip().casefold() in {one.casefold() for one in names})
    return likeness(phrase(given.text), phrase(value))
