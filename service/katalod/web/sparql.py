"""The SPARQL endpoint: the query operation of the SPARQL 1.1 Protocol, whole; updates are refused."""

import logging
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from flask import Blueprint, Response, abort, current_app, request
from pyoxigraph import Quad, RdfFormat, serialize

from katalod.endpoint import Inquiry
from katalod.errors import NoRelease, QueryError, QueryTimeout, ReleaseError, StoreError
from katalod.store import Answer, Crowded, Gone, TooLarge, Unacceptable, Unanswered
from katalod.store.account import outcome_of
from katalod.store.examples import examples
from katalod.web import answers
from katalod.web.editor import EDITOR_POLICY, editor
from katalod.web.negotiation import negotiate
from katalod.web.result_forms import FORMS, HTML, ResultForm, Table, choose, table
from katalod.web.service_description import describe
from katalod.web.turns import client

if TYPE_CHECKING:
    from katalod.endpoint import Endpoint
    from katalod.store.guard import Reading

interface = Blueprint("sparql", __name__)

MOST_PARAMETERS = 1000
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]*")
_WISHES = ("format", "output", "results")
_PAGE_ONLY = frozenset({"lang", *_WISHES})
_VARY = {False: "Accept", True: "Accept, Accept-Language"}  # by whether the answer is written for people

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the protocol carries."""

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()


@interface.get("/sparql")
@interface.post("/sparql")
def endpoint() -> Response:
    """Answer a query; without one, say what this endpoint is, as a page to people."""
    query = ""
    try:
        if request.method != "POST" and _pairs(request.query_string).keys() <= _PAGE_ONLY:
            return _description()
        asked = _asked()
        query = asked.query
        return _answer(asked)
    except StoreError as error:
        return _refusal(error, query)


def _answer(asked: Asked) -> Response:
    reading = _engines().read(asked.query)
    if not reading.form:  # the engine says what is wrong with it, and where
        _ask(_inquiry(asked, reading, "*/*")).close()
        raise QueryError("this is no query: it begins with none of SELECT, ASK, CONSTRUCT and DESCRIBE")
    form = choose(reading.form, asked.wishes, request.headers.get("Accept"))
    if form is None:
        with suppress(Unacceptable):  # a wrong query is wrong in any form
            _ask(_inquiry(asked, reading, "application/x-none")).close()
        return answers.not_acceptable(tuple(one.media for one in FORMS[reading.form]))
    inquiry = _inquiry(asked, reading, form.engine)
    if (same := _unchanged(inquiry, form)) is not None:
        return same
    answer = _ask(inquiry)
    sent = _shown(asked, form, answer) if form.media == HTML else _sent(form, answer)
    sent.headers["Cache-Control"] = answers.SHORT if reading.lasting else "no-store"
    if answer.release and request.method != "POST":
        sent.set_etag(_tag(answer.release, inquiry, form), weak=True)
    return sent


def _engines() -> "Endpoint":
    found: Endpoint | None = current_app.extensions["katalod.pool"]
    if found is None:
        raise StoreError("there is no engine to ask")
    return found


def _inquiry(asked: Asked, reading: "Reading", media: str) -> Inquiry:
    return Inquiry(asked.query, media, reading, asked.default_graphs, asked.named_graphs)


def _ask(inquiry: Inquiry) -> Answer:
    return _engines().ask(inquiry, client(), request.environ.get("waitress.client_disconnected", lambda: False))


def _tag(release: str, inquiry: Inquiry, form: ResultForm) -> str:
    """Name an answer. Weak: of rows without an order, each order is as good as another."""
    language = answers.reader().lang if form.media == HTML else ""
    return f"{release}-{current_app.config['STAMP']}-{inquiry.name[:32]}-{form.media.replace('/', '.')}{language}"


def _unchanged(inquiry: Inquiry, form: ResultForm) -> Response | None:
    """Answer 304 if the client has this release's answer already; nobody need ask an engine."""
    known = request.headers.get("If-None-Match")
    if known is None or request.method == "POST" or not inquiry.name or not _engines().keeps:
        return None
    tag = _tag(_engines().release, inquiry, form)
    if not request.if_none_match.contains_weak(tag):
        return None
    headers = {"Cache-Control": answers.SHORT, "Vary": _VARY[form.media == HTML]}
    same = Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    same.set_etag(tag, weak=True)
    return same


def _shown(asked: Asked, form: ResultForm, answer: Answer) -> Response:
    """Give a table for people."""
    return _page(query=asked.query, found=table(form, answer, answers.reader()))


def _sent(form: ResultForm, answer: Answer) -> Response:
    headers = {"Vary": _VARY[False]}
    if request.method == "HEAD":
        answer.close()
        return Response(headers=headers, content_type=form.content_type)
    if request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        # Without chunks such a client could not tell a cut answer from a whole one.
        return Response(answer.read(), headers=headers, content_type=form.content_type)
    response = Response(answer.body, headers=headers, content_type=form.content_type)
    if answer.size is not None:
        response.content_length = answer.size
    response.call_on_close(answer.close)
    return response


def _asked() -> Asked:
    """Read the request; QueryError, or a status of the protocol, where it is not as it should be."""
    if request.method != "POST":
        return _of_pairs(_pairs(request.query_string))
    kind = request.mimetype
    if kind not in ("application/sparql-query", "application/x-www-form-urlencoded"):
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    body = request.get_data(cache=False)
    if kind == "application/x-www-form-urlencoded":
        return _of_pairs(_pairs(body))
    pairs = _pairs(request.query_string)
    if "query" in pairs:
        raise QueryError("the query stands in the address and in the body; send one of them")
    return _of_pairs(pairs | {"query": [_text(body)]})


def _of_pairs(pairs: dict[str, list[str]]) -> Asked:
    if "update" in pairs:
        raise QueryError("this endpoint only reads, and takes no updates")
    queries = pairs.get("query", [])
    if len(queries) != 1:
        raise QueryError(f"there are {len(queries)} parameters 'query'; send one" if queries else "there is no query")
    if not queries[0].strip():
        raise QueryError("the query is empty")
    default, named = (tuple(pairs.get(name, ())) for name in ("default-graph-uri", "named-graph-uri"))
    for iri in (*default, *named):
        if not _IRI.fullmatch(iri):
            raise QueryError(f"a graph is named by an absolute IRI, which {iri[:100]!r} is not")
    return Asked(queries[0], default, named, tuple(wish for name in _WISHES for wish in pairs.get(name, ())))


def _pairs(encoded: bytes) -> dict[str, list[str]]:
    """Read parameters; what is no UTF-8 is refused, for the framework would quietly replace it."""
    pairs: dict[str, list[str]] = {}
    try:
        found = parse_qsl(encoded.decode("ascii"), True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except UnicodeDecodeError as error:
        raise QueryError("the parameters are not percent-encoded UTF-8") from error
    except ValueError as error:
        raise TooLarge(f"there are more than {MOST_PARAMETERS} parameters") from error
    for name, value in found:
        pairs.setdefault(name, []).append(value)
    return pairs


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise QueryError("the query is not UTF-8") from error


def _refusal(error: StoreError, query: str) -> Response:
    """Say why there is no answer; of our insides only the log hears."""
    status, message = _verdict(error)
    logger.log(logging.INFO if status < HTTPStatus.INTERNAL_SERVER_ERROR else logging.WARNING, "%s", error)
    if negotiate(request.headers.get("Accept"), ("text/plain", HTML, *_refusable())) == HTML:
        response = _page(status, query=query, message=message, outcome=outcome_of(error))
    else:
        response = Response(message + "\n", status, content_type="text/plain; charset=utf-8")
    response.headers |= {"Vary": _VARY[True], "Cache-Control": "no-store"}
    if isinstance(error, Crowded):
        response.headers["Retry-After"] = str(error.retry)
    elif status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "30"
    return response


def _refusable() -> Iterable[str]:
    """Name what a program asks for, which gets its refusal as text."""
    return (form.media for forms in FORMS.values() for form in forms if form.media != HTML)


def _verdict(error: StoreError) -> tuple[HTTPStatus, str]:
    match error:
        case TooLarge():
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(error)
        case QueryError():
            return HTTPStatus.BAD_REQUEST, str(error)
        case Gone():
            return HTTPStatus.REQUEST_TIMEOUT, str(error)
        case Crowded(own=True):
            return HTTPStatus.TOO_MANY_REQUESTS, str(error)
        case Unanswered():
            return HTTPStatus.BAD_GATEWAY, str(error)
        case QueryTimeout() | Crowded():
            return HTTPStatus.SERVICE_UNAVAILABLE, str(error)
        case _:
            return HTTPStatus.SERVICE_UNAVAILABLE, "the query cannot be answered at present; ask again in a while"


def _description() -> Response:
    wanted = negotiate(request.headers.get("Accept"), answers.OFFERS)
    if wanted is None:
        return answers.not_acceptable(answers.OFFERS)
    if wanted == HTML:
        return _page()
    settings = answers.settings()
    quads = describe(settings, _dataset())
    if answers.MEDIA[wanted].name == "jsonld":
        body = serialize([quad.triple for quad in quads], format=RdfFormat.JSON_LD)  # needs no context
    else:
        body = answers.MEDIA[wanted].write(quads, settings.base)
    kind = f"{wanted}; charset=utf-8" if wanted.startswith("text/") else wanted
    return Response(body, headers={"Vary": _VARY[True], "Cache-Control": answers.SHORT}, content_type=kind)


def _dataset() -> list[Quad]:
    """Give what the current release says of itself; nothing where there is none."""
    try:
        return answers.edition().dataset()
    except (NoRelease, ReleaseError):
        return []


def _page(
    status: int = HTTPStatus.OK, query: str = "", message: str = "", outcome: str = "", found: Table | None = None
) -> Response:
    """Give the form, with what was asked and what came of it; it needs no script, and becomes an editor by one."""
    who = answers.reader()
    settings = answers.settings()
    offered = examples(settings.base)
    values = {"query": query or offered[0].query, "message": message, "outcome": outcome, "found": found}
    body = answers.render(
        "sparql.html", who, release=None, examples=offered, editor=editor(settings, who, _dataset()), **values
    )
    page = answers.html(body, who, status)
    page.headers["Content-Security-Policy"] = EDITOR_POLICY
    return page
