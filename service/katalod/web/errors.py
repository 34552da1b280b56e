"""What went wrong, said in the form that the client reads: a page, RDF, or a line of text."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from urllib.parse import quote

from flask import Response, current_app, request
from pyoxigraph import Literal, NamedNode, Quad
from werkzeug.exceptions import HTTPException

from katalod.errors import Busy, KatalodError, NoRelease, QueryError, QueryTimeout, StoreError
from katalod.model import Change
from katalod.rdf import term
from katalod.web import answers
from katalod.web.negotiation import LANGUAGES, negotiate
from katalod.web.reader import Reader

STATUSES: dict[type[KatalodError], int] = {
    QueryError: 400,
    QueryTimeout: 503,
    StoreError: 503,
    NoRelease: 503,
    Busy: 503,
    KatalodError: 500,
}
"""The one table from errors to statuses: the nearest class of an error decides."""

RETRY_AFTER = "30"  # seconds; a release is usually there within that time

logger = logging.getLogger(__name__)


class Gone(HTTPException):
    """A work that was deleted at its source."""

    code = HTTPStatus.GONE

    def __init__(self, change: Change) -> None:
        """Keep what is known of the deletion."""
        super().__init__()
        self.change = change


class Unclear(HTTPException):
    """A request that cannot be answered as it was asked."""

    def __init__(self, key: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST, **facts: object) -> None:
        """Keep the key of the wording that says why, and what it tells."""
        super().__init__()
        self.code = status
        self.key = key
        self.facts = facts


def status_of(error: KatalodError) -> int:
    """Give the status for an error: that of its nearest class in the table."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def of_http(error: HTTPException) -> Response:
    """Answer for a status that a view or the framework has raised."""
    if error.response is not None or (error.code or 500) < 400:
        return current_app.make_response(error.get_response())
    if isinstance(error, Unclear):
        answer = failure(error.code or 400, key=error.key, facts=error.facts)
    else:
        answer = failure(error.code or 500, error.change if isinstance(error, Gone) else None)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "WWW-Authenticate", "Content-Range"):
            answer.headers[name] = value
    return answer


def of_katalod(error: KatalodError) -> Response:
    """Answer for an error of ours by the table; what it says of our insides goes to the log only."""
    status = status_of(error)
    logger.log(_weight(error), "%s", error)
    answer = failure(status, key="no_release" if isinstance(error, NoRelease) else "")
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = RETRY_AFTER
    return answer


def _weight(error: KatalodError) -> int:
    if isinstance(error, Busy):
        return logging.INFO  # who sends too much would fill the log as well
    return logging.WARNING if status_of(error) < 500 or isinstance(error, NoRelease) else logging.ERROR


def of_anything(error: Exception) -> Response:
    """Answer for a mistake of ours: a page without internals, and the log knows all."""
    logger.error("answering %s %s", request.method, ascii(request.path)[:500], exc_info=error)
    return failure(500)


def failure(
    status: int, change: Change | None = None, key: str = "", facts: Mapping[str, object] = MappingProxyType({})
) -> Response:
    """Say a failure in the form that the client asks for; text for a client that does not care."""
    wanted = negotiate(request.headers.get("Accept"), ("text/plain", answers.HTML, *answers.OFFERS)) or "text/plain"
    who = answers.reader()
    key = key or (f"e{status}" if who.knows(f"e{status}") else "e400" if status < 500 else "e500")
    if wanted == answers.HTML:
        text = _text(key, who, change, facts)
        body = answers.render("error.html", who, status=status, title=who.t(key), text=text, release=None)
        answer = answers.html(body, who, status)
    elif wanted in answers.MEDIA and len(request.path) <= 1000:
        quads = _quads(key, change, facts)
        data = answers.MEDIA[wanted].write(quads, who.base)
        answer = Response(data, status, content_type=answers.content_type(wanted))
    else:
        lines = f"{status} {who.t(key)}\n{_text(key, who, change, facts)}\n"
        answer = Response(lines, status, content_type="text/plain; charset=utf-8")
    answer.headers["Vary"] = "Accept, Accept-Language"
    answer.headers["Cache-Control"] = "no-store" if status >= 500 else answers.SHORT
    return answer


def _text(key: str, who: Reader, change: Change | None, facts: Mapping[str, object]) -> str:
    allowed = ", ".join(sorted(current_app.url_map.bind("").allowed_methods(request.path)))
    known = {"title": "", "date": "", "allowed": allowed, "forms": ", ".join(answers.OFFERS), **facts}
    if change:
        known |= {"title": change.title or change.path, "date": who.day(change.datestamp)}
    return who.t(f"{key}_text", **known)


def _quads(key: str, change: Change | None, facts: Mapping[str, object]) -> list[Quad]:
    """Say of the address that was asked for that nothing is known of it, or since when it is deleted."""
    base = answers.settings().base
    subject = NamedNode(base + quote(request.path.lstrip("/"), safe="/-._~:"))
    said = [
        Quad(subject, term("rdfs:comment"), Literal(_text(key, Reader(tongue, base), change, facts), language=tongue))
        for tongue in LANGUAGES
    ]
    if change:
        kind = "xsd:dateTime" if "T" in change.datestamp else "xsd:date"
        said.append(Quad(subject, term("dcterms:title"), Literal(change.title or change.path)))
        if change.datestamp:
            said.append(Quad(subject, term("prov:invalidatedAtTime"), Literal(change.datestamp, datatype=term(kind))))
    return said
