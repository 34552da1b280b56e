"""The Reconciliation Service API 0.2: OpenRefine and others match their data with ours, and take ours away.

::

    asking      JSON -> queries, held to their bounds
    entities    works, keywords, headings and people: identifiers, names, addresses
    properties  what an entity says of itself, by property
    sightings   a query -> the entities that may be meant
    judging     how alike, and whether certain
    telling     the answers as the protocol writes them
    manifest    what the service can do
"""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import RequestEntityTooLarge

from katalod import curation
from katalod.errors import AuthorityError, Busy
from katalod.search import phrase
from katalod.web import answers
from katalod.web.errors import RETRY_AFTER
from katalod.web.reconciliation import asking, telling
from katalod.web.reconciliation.asking import AskingError
from katalod.web.reconciliation.entities import TYPES, At, Entity, page
from katalod.web.reconciliation.manifest import manifest, types
from katalod.web.reconciliation.properties import named, of_type
from katalod.web.turns import turn

interface = Blueprint("reconciliation", __name__)

FURTHEST = 200  # suggestions that may be skipped
# A preview stands in a frame of the client's page, wherever that is; it loads nothing but its style and can do nothing.
FRAMED = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"


@interface.route("/reconcile", methods=["GET", "POST"])
def reconcile() -> Response:
    """Answer a batch of queries, or a data extension; without either, describe the service."""
    try:
        asked = {name: text for name in ("queries", "extend") if (text := request.values.get(name)) is not None}
        if len(asked) > 1 or (request.method == "POST" and not asked):
            raise AskingError("send either queries or extend, as a form")
        if "queries" in asked:
            queries = asking.batch(asked["queries"])
            with turn():
                return _sent(telling.results(_at(), queries))
        if "extend" in asked:
            ids, wanted = asking.extension(asked["extend"])
            with turn():
                return _sent(telling.extended(_at(), ids, wanted))
    except AskingError as error:
        return _sent({"status": "error", "message": str(error)}, error.status)
    except Busy:
        body = {"status": "error", "message": f"too much is asked for at once; ask again in {RETRY_AFTER} seconds"}
        answer = _sent(body, HTTPStatus.SERVICE_UNAVAILABLE)
        answer.headers |= {"Retry-After": RETRY_AFTER, "Cache-Control": "no-store"}
        return answer
    except RequestEntityTooLarge:
        return _sent({"status": "error", "message": "too large; send it in parts"}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    base = answers.edition().release.base
    return _lasting("manifest", lambda: manifest(answers.settings(), base, answers.reader()))


@interface.get("/reconcile/suggest/entity")
def suggest_entity() -> Response:
    """Suggest entities whose name, or identifier, begins as a user types it."""
    typed, at = _typed("prefix"), _at()
    wanted = {name for name in request.args.getlist("type") if name in TYPES}
    return _lasting("entity", lambda: telling.suggested(at, typed, wanted, min(_number("cursor"), FURTHEST)))


@interface.get("/reconcile/suggest/<any(type, property):kind>")
def suggest(kind: str) -> Response:
    """Suggest types or properties by their identifier or name."""
    who, typed, wanted = answers.reader(), phrase(_typed("prefix")), request.args.get("type", "")
    listed = types(who) if kind == "type" else named(of_type(wanted if wanted in TYPES else ""), who)
    return _lasting(kind, lambda: {"result": [one for one in listed if telling.begins(one, typed)]})


@interface.get("/reconcile/properties")
def proposed() -> Response:
    """Propose the properties that entities of a type can be extended by."""
    who, wanted, limit = answers.reader(), request.args.get("type", "")[:100], _number("limit")
    found: dict[str, Any] = {"properties": named(of_type(wanted)[: limit or None], who), "type": wanted}
    return _lasting("properties", lambda: found | ({"limit": limit} if limit else {}))


@interface.get("/reconcile/preview")
def preview() -> Response:
    """Show an entity in a few lines, in a frame of the client's page."""
    at = _at()
    entity = _wanted(at)
    release, mark = at.edition.release, f"preview-{at.who.lang}"
    address, query = page(entity)
    answer = answers.unchanged(release, mark) or answers.html(
        answers.render(
            "preview.html", at.who, entity=entity, facts=telling.preview(at, entity), href=at.who.to(address, **query)
        ),
        at.who,
    )
    answer.headers["Content-Security-Policy"] = FRAMED
    return answers.validated(answer, release, mark)


@interface.get("/reconcile/view")
def view() -> Response:
    """Send the client to our page about an entity; an address for any identifier, whatever signs are in it."""
    address, query = page(_wanted(_at()))
    return answers.redirect(address, HTTPStatus.SEE_OTHER, **query)


def _at() -> At:
    edition = answers.edition()
    try:
        desk = curation.desk(answers.settings())
    except AuthorityError:  # the release's own headings with their variants are there without it
        desk = None
    return At(edition, desk, answers.reader(edition.release.base))


def _wanted(at: At) -> Entity:
    return at.entity(_typed("id")) or abort(HTTPStatus.NOT_FOUND)


def _typed(name: str) -> str:
    return request.args.get(name, "").strip()[: asking.LONGEST]


def _number(name: str) -> int:
    text = request.args.get(name, "")[:9]
    return int(text) if text.isdecimal() else 0


def _sent(body: dict[str, Any], status: int = HTTPStatus.OK) -> Response:
    # Headings are judged by the authority and the decisions as they are now: a copy has to be asked about.
    return Response(json.dumps(body), status, {"Cache-Control": "no-cache"}, content_type=answers.JSON)


def _lasting(kind: str, body: Callable[[], dict[str, Any]]) -> Response:
    """Answer with what is a function of the release, the address and the language."""
    mark = f"reconcile-{kind}-{answers.reader().lang}"
    return answers.lasting(mark, answers.JSON, lambda: json.dumps(body()), "Accept-Language")
