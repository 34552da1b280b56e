"""Triple Pattern Fragments: the triples that fit a pattern, page by page, with their number and the way to others."""

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, request
from pyoxigraph import Literal, NamedNode, Quad, Triple

from katalod.formats import FORMATS
from katalod.fragments import FARTHEST, SIZE, Fragment
from katalod.rdf import curie
from katalod.store.embedded import NAMES
from katalod.web import answers, hydra, patterns
from katalod.web.entities import SUFFIXES
from katalod.web.errors import Unclear
from katalod.web.presentation import Page, Value
from katalod.web.reader import Reader
from katalod.web.statements import Statements

if TYPE_CHECKING:
    from katalod.edition import Edition

interface = Blueprint("fragments", __name__)

LONGEST = 16_384  # characters of a query; it stands thirty times in what is said of a page
MOST_TOLD = 200  # characters of what was asked, in what is said of it


@interface.get("/fragments")
@interface.get("/fragments.<suffix>")
def fragments(suffix: str = "") -> Response:
    """Give a page of the triples that fit a pattern."""
    if suffix and suffix not in SUFFIXES:
        return abort(HTTPStatus.NOT_FOUND)
    edition, asked = answers.edition(), _asked()
    query = hydra.safe(request.query_string)
    at = hydra.Address(edition.release.base + request.path.lstrip("/"), query, int(asked["page"]))
    found = _found(edition, asked, at.number)
    quads = [*(Quad(*triple) for triple in found.triples), *hydra.controls(edition.release.base, at, found)]
    document = answers.Document(
        "fragments", "fragments", quads, lambda who: _page(edition, asked, at, found, who),
        more=lambda: _near(at, found), query=f"?{query}" if query else "",
    )  # fmt: skip
    return answers.document(document, suffix)


def _asked() -> dict[str, str]:
    """Read what the address asks for; raises Unclear."""
    if len(request.query_string) > LONGEST:
        return abort(HTTPStatus.REQUEST_URI_TOO_LONG)
    if twice := [name for name in (*NAMES, "page") if len(request.args.getlist(name)) > 1]:
        raise Unclear("e400_twice", place=twice[0])
    page = request.args.get("page", "1")
    if not (page.isascii() and page.isdigit() and len(page) <= 9 and int(page)):
        raise Unclear("e400_page", value=page[:MOST_TOLD])
    return {name: request.args.get(name, "").strip() for name in NAMES} | {"page": page}


def _found(edition: "Edition", asked: Mapping[str, str], number: int) -> Fragment:
    """Give the page, of the first reading of the pattern that anything fits; raises Unclear."""
    try:
        readings = patterns.read(*(asked[name] for name in NAMES))
    except ValueError as error:
        place = str(error)
        raise Unclear("e400_term", place=place, value=asked[place][:MOST_TOLD]) from error
    pages = (edition.fragments.page(pattern, number) for pattern in readings)
    found = next(pages)
    if not found or not found.total:
        found = next(pages, found)
    if found is None:
        raise Unclear("e404_page", HTTPStatus.NOT_FOUND, farthest=FARTHEST)
    return found


def _near(at: hydra.Address, found: Fragment) -> list[str]:
    """Write the pages around this one for its Link header (RFC 8288)."""
    if len(at.query) > answers.LONGEST_QUERY:
        return []
    near = replace(at, path=answers.reader().root + request.path.lstrip("/"))
    names = {"first": "first", "previous": "prev", "next": "next"}
    return [f'<{near.page(number)}>; rel="{names[name]}"' for name, number in at.near(found.more).items()]


def _page(edition: "Edition", asked: Mapping[str, str], at: hydra.Address, found: Fragment, who: Reader) -> str:
    who = replace(who, query=tuple((name, value) for name, value in asked.items() if (name, value) != ("page", "1")))
    said = Statements(Quad(*triple) for triple in found.triples)
    shown = Page(said, edition.labels(said.mentioned() | set(said.subjects()), who.lang), who, "")
    first = (at.number - 1) * SIZE
    return answers.render(
        "fragments.html",
        who,
        places=[(name, asked[name]) for name in NAMES],
        rows=[_row(shown, triple) for triple in found.triples],
        count={"first": first + 1, "last": first + len(found.triples), "total": found.total},
        exact=found.exact,
        near=at.near(found.more),
        release=edition.release,
        formats=FORMATS,
    )


def _row(shown: Page, triple: Triple) -> list[Value]:
    """Show a triple; its predicate leads to all that bear it."""
    predicate = triple.predicate.value
    href = shown.reader.to("fragments", predicate=predicate)
    values = [shown.value(part) for part in (triple.subject, triple.object) if isinstance(part, NamedNode | Literal)]
    return [values[0], Value(shown.property(curie(predicate)), href=href), values[-1]]
