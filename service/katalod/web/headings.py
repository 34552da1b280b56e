"""The page of a heading: what it is called, where it stands, and the works that bear it or one below it."""

import re
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort
from pyoxigraph import Quad

from katalod.formats import FORMATS
from katalod.rdf import GND
from katalod.search import Asked
from katalod.web import answers, charts
from katalod.web.entities import readings
from katalod.web.facets import address, span
from katalod.web.paging import Paging, asked_page
from katalod.web.presentation import MATCHES, Page, Value
from katalod.web.reader import Reader
from katalod.web.statements import Statements

if TYPE_CHECKING:
    from katalod.edition import Edition

interface = Blueprint("headings", __name__)

_ID = re.compile(r"[0-9X-]{2,12}")


@dataclass(frozen=True, slots=True)
class Narrower:
    """A heading below another one, and how many works it has with all below it."""

    label: str
    href: str
    works: int


@dataclass(frozen=True, slots=True)
class HeadingPage:
    """The page of a heading."""

    name: str
    iri: str
    variants: tuple[str, ...]
    above: tuple[Value, ...]  # the widest first
    narrower: tuple[Narrower, ...]
    related: tuple[Value, ...]
    keywords: tuple[Value, ...]  # of the repository, that lead here
    mappings: tuple[Value, ...]  # to other vocabularies


@interface.get("/heading/<path:path>")
def heading(path: str) -> Response:
    """Give what the release knows of a heading of the authority: negotiated, or in the form that a suffix fixes."""
    edition = answers.edition()
    for id, suffix in readings(path):
        if _ID.fullmatch(id) and (quads := edition.heading(GND + id)):
            show = partial(_page, edition, id, quads)
            return answers.document(answers.Document(f"heading/{id}", f"heading/{id}", quads, show), suffix)
    return abort(HTTPStatus.NOT_FOUND)


def _page(edition: "Edition", id: str, quads: list[Quad], who: Reader) -> str:
    asked = asked_page()
    chosen = Asked("", (("heading", id),), "year")
    total, works = edition.find(chosen, asked.size, asked.offset)
    return answers.render(
        "heading.html",
        who,
        page=laid_out(edition, GND + id, quads, who),
        works=works,
        paging=Paging(asked.number, asked.size, total),
        years=charts.years(
            edition.years(chosen), lambda first, last: who.to("search", heading=id, year=span(first, last))
        ),
        search=who.to("search", heading=id),
        release=edition.release,
        formats=FORMATS,
        stem=f"heading/{id}",
    )


def laid_out(edition: "Edition", iri: str, quads: list[Quad], who: Reader) -> HeadingPage:
    """Lay out the page of a heading."""
    said = Statements(quads)
    above, below = edition.above(iri)[::-1], edition.narrower(iri)
    keywords = edition.keywords_for(iri)
    wanted = {*said.mentioned(), *above, *below, *(one for one, _ in keywords)}
    page = Page(said, edition.labels(wanted, who.lang), who, iri)
    return HeadingPage(
        name=said.name(iri, who.lang) or page.label(iri),
        iri=iri,
        variants=tuple(literal.value for literal in said.literals(iri, "skos:altLabel")),
        above=tuple(Value(page.label(one), href=address(who, one)) for one in above),
        narrower=tuple(_narrower(edition, page, below)),
        related=tuple(Value(page.label(one), href=address(who, one)) for one in said.iris(iri, "skos:related")),
        keywords=tuple(Value(page.label(one), href=who.link(one), note=match) for one, match in keywords),
        mappings=tuple(
            Value(page.label(one), href=who.link(one), note=match)
            for match in MATCHES
            for one in said.iris(iri, f"skos:{match}")
        ),
    )


def _narrower(edition: "Edition", page: Page, below: list[str]) -> list[Narrower]:
    found = [
        Narrower(page.label(iri), address(page.reader, iri), count)
        for iri in below
        if (count := works_below(edition, iri))
    ]
    return sorted(found, key=lambda one: (one.label.casefold(), one.href))


def works_below(edition: "Edition", iri: str) -> int:
    """Count the works that bear a heading or one below it."""
    return edition.find(Asked("", (("heading", iri.removeprefix(GND)),)), 1)[0]
