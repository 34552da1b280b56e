"""What a search is narrowed by: read from the address, named for people, and written into addresses again."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request
from pyoxigraph import NamedNode

from katalod.rdf import GND, term, valid_iri
from katalod.search import FACETS, SORTS, Asked
from katalod.web.reader import Reader

if TYPE_CHECKING:
    from katalod.edition import Edition

MOST_CHOSEN = 12  # facet values that a search may be narrowed by
TONGUES = "http://id.loc.gov/vocabulary/iso639-2/"


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value that results may be narrowed by."""

    label: str
    count: int
    href: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """What results may be narrowed by."""

    name: str
    values: tuple[FacetValue, ...]


def asked_for(text: str) -> Asked:
    """Read what is searched for from the address; what is no facet is passed over."""
    given = [(name, value[:300]) for name in FACETS for value in request.args.getlist(name) if value]
    first, last = (request.args.get(name, "").strip() for name in ("from", "to"))
    spans = [value[:20] for value in request.args.getlist("year") if value]
    if first or last:
        spans.append(f"{first[:4]}-{last[:4]}")
    chosen = (*given, *(("year", span) for span in spans))
    sort = request.args.get("sort", "")
    return Asked(text, tuple(dict.fromkeys(chosen))[:MOST_CHOSEN], sort if sort in SORTS else "relevance")


def names(edition: "Edition", who: Reader, values: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Call facet values by their labels, in the reader's language."""
    iris = {pair: iri for pair in values if (iri := facet_iri(edition.release.base, *pair))}
    labels = edition.labels(set(iris.values()), who.lang)
    return {pair: labels.get(iris.get(pair, ""), pair[1]) for pair in values}


def facet_iri(base: str, name: str, value: str) -> str:
    """Give the IRI that a facet's value stands for; empty where it is a text of its own."""
    if name == "type":
        prefix, colon, _ = value.partition(":")
        try:
            return term(value).value if colon and prefix else ""
        except (KeyError, ValueError):
            return value if valid_iri(value) and _named(value) else ""
    iri = {"keyword": f"{base}id/keyword/{value}", "heading": GND + value, "language": TONGUES + value}.get(name, "")
    return iri if valid_iri(iri) and _named(iri) else ""


def _named(iri: str) -> bool:
    """Whether the store takes a text as an IRI at all; it is stricter than the web."""
    try:
        return bool(NamedNode(iri))
    except ValueError:
        return False


def narrowed(who: Reader, name: str, value: str) -> str:
    """Give the address of the search narrowed by a value, or without it where it is chosen already."""
    now = who.asked(name)
    after = tuple(one for one in now if one != value) if value in now else (*now, value)
    return who.again(**{name: after, "page": ""})


def span(first: int, last: int) -> str:
    """Write a span of years as searches take it."""
    return str(first) if first == last else f"{first or ''}-{last}"


def address(who: Reader, iri: str) -> str:
    """Give the address of our page about a heading; that of the heading itself where it is not the GND's."""
    return who.to(f"heading/{iri.removeprefix(GND)}") if iri.startswith(GND) else who.link(iri)
