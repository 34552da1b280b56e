"""The page of a heading, and the works that bear it or one below it."""

import re
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
from katalod.web.facets import span
from katalod.web.heading_page import laid_out
from katalod.web.paging import asked_page
from katalod.web.reader import Reader

if TYPE_CHECKING:
    from katalod.edition import Edition

interface = Blueprint("headings", __name__)

_ID = re.compile(r"[0-9X-]{2,12}")


@interface.get("/heading/<path:path>")
def heading(path: str) -> Response:
    """Give what the release knows of a heading of the authority: negotiated, or in the form that a suffix fixes."""
    edition = answers.edition()
    for id, suffix in readings(path):
        if _ID.fullmatch(id) and (quads := edition.headings.described(GND + id)):
            show = partial(_page, edition, id, quads)
            return answers.document(answers.Document(f"heading/{id}", f"heading/{id}", quads, show), suffix)
    return abort(HTTPStatus.NOT_FOUND)


def _page(edition: "Edition", id: str, quads: list[Quad], who: Reader) -> str:
    asked = asked_page()
    chosen = Asked("", (("heading", id),), "year")
    total, works = edition.index.find(chosen, asked.size, asked.offset)
    return answers.render(
        "heading.html",
        who,
        page=laid_out(edition, GND + id, quads, who),
        works=works,
        paging=asked.of(total),
        years=charts.years(
            edition.index.years(chosen), lambda first, last: who.to("search", heading=id, year=span(first, last))
        ),
        search=who.to("search", heading=id),
        release=edition.release,
        formats=FORMATS,
        stem=f"heading/{id}",
    )
