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
from pyoxigraph import RdfFormat, serialize

from katalod.errors import QueryError, QueryTimeout, StoreError
from katalod.store import Answer, Crowded, Gone, TooLarge, Unacceptable, check
from katalod.web import answers
from katalod.web.negotiation import negotiate
from katalod.web.result_forms import FORMS, HTML, ResultForm, Table, choose, table
from katalod.web.service_description import EXAMPLES, describe

if TYPE_CHECKING:
    from katalod.store import TripleStore

sparql = Blueprint("sparql", __name__)

MOST_PARAMETERS = 1000
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]*")
_WISHES = ("format", "output", "results")
_PAGE_ONLY = frozenset({"lang", *_WISHES})

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the protocol carries."""

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()


@sparql.get("/sparql")
@sparql.post("/sparql")
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
    query_form = check(asked.query, answers.settings().sparql_services).form
    if not query_form:  # the engine says what is wrong with it, and where
        _ask(asked, "*/*").close()
        raise QueryError("this is no query: it begins with none of SELECT, ASK, CONSTRUCT and DESCRIBE")
    form = choose(query_form, asked.wishes, request.headers.get("Accept"))
    if form is None:
        with suppress(Unacceptable):  # a wrong query is wrong in any form
            _ask(asked, "application/x-none").close()
        return answers.not_acceptable(tuple(one.media for one in FORMS[query_form]))
    answer = _ask(asked, form.engine)
    if form.media == HTML:
        return _page(query=asked.query, found=table(form, answer, answers.reader()))
    return _sent(form, answer)


def _ask(asked: Asked, media: str) -> Answer:
    store: TripleStore | None = current_app.extensions["katalod.pool"]
    if store is None:
        raise StoreError("there is no engine to ask")
    gone = request.environ.get("waitress.client_disconnected", lambda: False)
    client = request.remote_addr or ""
    return store.ask(asked.query, media, client, asked.default_graphs, asked.named_graphs, gone)


def _sent(form: ResultForm, answer: Answer) -> Response:
    headers = {"Vary": "Accept", "Cache-Control": answers.SHORT}
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
        response = _page(status, query=query, message=message)
    else:
        response = Response(message + "\n", status, content_type="text/plain; charset=utf-8")
    response.headers |= {"Vary": "Accept, Accept-Language", "Cache-Control": "no-store"}
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
    quads = describe(settings)
    if answers.MEDIA[wanted].name == "jsonld":
        body = serialize([quad.triple for quad in quads], format=RdfFormat.JSON_LD)  # needs no context
    else:
        body = answers.MEDIA[wanted].write(quads, settings.base)
    kind = f"{wanted}; charset=utf-8" if wanted.startswith("text/") else wanted
    headers = {"Vary": "Accept, Accept-Language", "Cache-Control": answers.SHORT}
    return Response(body, headers=headers, content_type=kind)


def _page(
    status: int = HTTPStatus.OK, query: str = "", message: str = "", found: Table | None = None
) -> Response:
    """Give the form, with what was asked and what came of it; it needs no JavaScript."""
    who = answers.reader()
    values = {"query": query or EXAMPLES[0].query, "message": message, "found": found, "examples": EXAMPLES}
    body = answers.render("sparql.html", who, release=None, **values)
    return answers.html(body, who, status)
