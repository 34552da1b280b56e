"""Ways through the catalogue for those who know no word to search for: by heading, year, type and person."""

from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, request

from katalod.rdf import GND
from katalod.search import Asked
from katalod.web import answers, charts
from katalod.web.facets import address, names, span
from katalod.web.paging import asked_page
from katalod.web.reader import Reader

if TYPE_CHECKING:
    from katalod.edition import Edition

interface = Blueprint("browse", __name__)

LETTERS = "abcdefghijklmnopqrstuvwxyz"
MOST = 30  # values that a chart of names shows


@interface.get("/browse/")
def ways() -> Response:
    """Give the ways through the catalogue."""
    edition = answers.edition()
    who = answers.reader(edition.release.base)
    return answers.page(
        "browse.html",
        years=years(edition, who),
        types=charts.named(counted(edition, who, "type", 12)),
        headings=charts.named(counted(edition, who, "heading", 12)),
        languages=charts.named(counted(edition, who, "language", 8)),
        letters=LETTERS,
    )


@interface.get("/browse/headings/")
def headings() -> Response:
    """Give the headings: the widest with what is below them, then all by how many works they have."""
    edition, asked = answers.edition(), asked_page(100)
    who = answers.reader(edition.release.base)
    widest = [(iri, works) for iri, works in edition.headings.widest if works][:MOST]
    every = edition.headings.works
    page = list(islice(every.items(), asked.offset, asked.offset + asked.size))
    labels = edition.labels({*(iri for iri, _ in widest), *(iri for iri, _ in page)}, who.lang)
    return answers.page(
        "browse_headings.html",
        widest=[(labels.get(iri, iri), address(who, iri), works) for iri, works in widest],
        rows=[(labels.get(iri, iri.removeprefix(GND)), address(who, iri), works) for iri, works in page],
        paging=asked.of(len(every)),
    )


@interface.get("/browse/<any(years, types, languages):way>/")
def values(way: str) -> Response:
    """Give all years, types or languages with their works."""
    edition = answers.edition()
    who = answers.reader(edition.release.base)
    if way == "years":
        rows = [(str(year), count, who.to("search", year=year)) for year, count in edition.index.years(Asked())[::-1]]
        return answers.page("browse_values.html", way=way, rows=rows, chart=years(edition, who))
    rows = counted(edition, who, way[:-1], 1 << 20)
    return answers.page("browse_values.html", way=way, rows=rows, chart=charts.named(rows[:MOST]))


@interface.get("/browse/people/")
def people() -> Response:
    """Give the people whose name begins with a letter."""
    edition, asked = answers.edition(), asked_page(100)
    letter = request.args.get("letter", "a").casefold()
    if letter not in tuple(LETTERS):
        return abort(HTTPStatus.NOT_FOUND)
    every = edition.index.names(letter)
    return answers.page(
        "browse_people.html",
        letter=letter,
        letters=LETTERS,
        people=every[asked.offset : asked.offset + asked.size],
        paging=asked.of(len(every)),
    )


def years(edition: "Edition", who: Reader) -> charts.Bars | None:
    """Draw all works by year."""
    return charts.years(edition.index.years(Asked()), lambda first, last: who.to("search", year=span(first, last)))


def counted(edition: "Edition", who: Reader, facet: str, most: int) -> list[tuple[str, int, str]]:
    """Give the values of a facet: label, works, and the address of the search for them."""
    found = edition.index.values(facet, most)
    labels = names(edition, who, [(facet, value) for value, _ in found])
    heading = facet == "heading"
    return [
        (labels[facet, value], count, who.to(f"heading/{value}") if heading else who.to("search", **{facet: value}))
        for value, count in found
    ]
