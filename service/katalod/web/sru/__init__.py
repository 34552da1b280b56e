"""The SRU 1.2 server: library systems and portals search with CQL, and get records as XML.

::

    asking       the request's parameters -> Search
    terms        a term of CQL -> letters, masks, anchors
    indexes      what may be asked for, and what a term means there
    clauses      a query of CQL -> a tree of the search index
    sorting      sortBy, sortKeys -> Order
    records      paths -> records in the forms of `exchange`
    explain      the service's description, ZeeRex
    response     all of it -> the protocol's XML
    diagnostics  what was wrong, by number
"""

from http import HTTPStatus

from flask import Blueprint, Response, request

from katalod.errors import Busy, QueryError
from katalod.web import answers
from katalod.web.errors import RETRY_AFTER
from katalod.web.sru import asking
from katalod.web.sru.clauses import MASKED
from katalod.web.sru.diagnostics import Diagnostic
from katalod.web.sru.explain import explain
from katalod.web.sru.response import explained, found, refused
from katalod.web.turns import turn

interface = Blueprint("sru", __name__)

LARGEST = 1 << 16  # bytes of a form; a query has few thousand characters


@interface.route("/sru", methods=["GET", "POST"])
def sru() -> Response:
    """Answer a request of the protocol; what is wrong with it is said as the protocol's diagnostic, with status 200."""
    request.max_content_length = LARGEST
    asked = asking.opened(request.values.lists())
    try:
        return answers.lasting("sru", answers.XML, lambda: _in_turn(asked))
    except Busy:
        fault = Diagnostic(2, "", f"too much is asked for at once; ask again in {RETRY_AFTER} seconds")
        answer = Response(_refused(asked, fault), HTTPStatus.SERVICE_UNAVAILABLE, content_type=answers.XML)
        answer.headers |= {"Retry-After": RETRY_AFTER, "Cache-Control": "no-store"}
        return answer


def _in_turn(asked: asking.Request) -> str:
    with turn():
        return _answer(asked)


def _answer(asked: asking.Request) -> str:
    edition, settings = answers.edition(), answers.settings()
    try:
        given = asking.check(asked)
        if asked.operation == "explain":
            about, ignored = explain(settings, edition.release), asking.passed_over(given)
            return explained(asked, about, asking.packed(given), ignored)
        return found(edition, settings, asked, asking.searched(given, settings.base))
    except Diagnostic as fault:
        return _refused(asked, fault)
    except QueryError as error:
        return _refused(asked, Diagnostic(30, str(MASKED), str(error)))


def _refused(asked: asking.Request, fault: Diagnostic) -> str:
    """Say what is wrong; an explain explains all the same, as its schema wants it."""
    about = explain(answers.settings(), answers.edition().release) if asked.operation == "explain" else ""
    return refused(asked, fault, about)
