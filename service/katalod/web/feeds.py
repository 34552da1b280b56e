"""The change feeds: an event stream (LDES) at /ldes, ActivityStreams at /activity; both read the one change log."""

import gzip
import hashlib
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, current_app, json, request, send_file
from flask.blueprints import BlueprintSetupState

from katalod.assets import asset
from katalod.errors import ReleaseError
from katalod.web import activity, answers, ldes, slices
from katalod.web.kept import Kept
from katalod.web.negotiation import negotiate
from katalod.web.slices import Slice

if TYPE_CHECKING:
    from katalod.catalogue import Catalogue

interface = Blueprint("feeds", __name__)

PAGES = ("application/trig", "application/n-quads")  # what has named graphs


@interface.record_once
def begin(state: BlueprintSetupState) -> None:
    """Keep pages that were written once; they never change."""
    state.app.extensions["katalod.feeds"] = Kept()


@interface.get("/ldes")
def stream() -> Response:
    """Give the root of the event stream: it alone changes with a new release."""
    form = _form(tuple(ldes.FORMS))

    def write() -> bytes:
        return ldes.written(ldes.root(answers.settings(), list(_lineage())), ldes.FORMS[form])

    return answers.lasting(form, answers.content_type(form), write, "Accept")


@interface.get("/ldes/<release>/<int(max=9999999):number>", defaults={"whole": False})
@interface.get("/ldes/<release>/all/<int(max=9999999):number>", defaults={"whole": True})
def stream_page(release: str, number: int, whole: bool) -> Response:
    """Give a page of the event stream, for ever the same."""
    found, form, base = _slice(release, whole), _form(PAGES), answers.settings().base

    def write() -> bytes:
        entries = found.page(number)
        return ldes.written(ldes.page(base, found, number, entries), ldes.FORMS[form]) if entries else b""

    return _for_ever(found, f"ldes-{found.name}-{number}", form, write)


@interface.get("/ldes/version/<moment>/<path:path>")
def stream_version(moment: str, path: str) -> Response:
    """Give one version of a work, if a release that holds it is still kept."""
    form, base = _form(PAGES), answers.settings().base
    known = ((found, found.edition.log.entry(path)) for found in _lineage())
    wanted = ((found, entry) for found, entry in known if entry and slices.moment(entry) == moment)
    found, entry = next(wanted, None) or abort(HTTPStatus.NOT_FOUND)
    quads = ldes.members(base, found, [entry])
    return _for_ever(found, f"version-{moment}-{path}", form, lambda: ldes.written(quads, ldes.FORMS[form]))


@interface.get("/ldes/shape")
def shape() -> Response:
    """Give the SHACL shape of the stream's members."""
    answer = send_file(asset("shapes/event.ttl"), mimetype="text/turtle", conditional=True)
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer


@interface.get("/activity")
def activities() -> Response:
    """Give the entry point of the ActivityStreams feed."""
    form = _form(activity.MEDIA)

    def write() -> bytes:
        return _json(activity.collection(answers.settings(), list(_lineage())))

    return answers.lasting(form, form, write, "Accept")


@interface.get("/activity/<release>/<int(max=9999999):number>", defaults={"whole": False})
@interface.get("/activity/<release>/all/<int(max=9999999):number>", defaults={"whole": True})
def activity_page(release: str, number: int, whole: bool) -> Response:
    """Give a page of the ActivityStreams feed, for ever the same."""
    found, form = _slice(release, whole), _form(activity.MEDIA)

    def write() -> bytes:
        entries = found.page(number, backwards=True)
        return _json(activity.page(answers.settings(), found, number, entries)) if entries else b""

    return _for_ever(found, f"activity-{found.name}-{number}", form, write)


@interface.get("/activity/before/<release>")
def before(release: str) -> Response:
    """Lead to the first page of what was changed before a release; which one that is depends on what is kept."""
    older = [found for found in _lineage() if found.edition.release.id < release]
    if not older:
        return abort(HTTPStatus.NOT_FOUND)
    return answers.redirect(f"activity/{older[-1].name}/0", HTTPStatus.TEMPORARY_REDIRECT)


def _catalogue() -> "Catalogue":
    found: Catalogue = current_app.extensions["katalod"]
    return found


def _lineage() -> Iterator[Slice]:
    return slices.lineage(_catalogue(), answers.edition())


def _slice(release: str, whole: bool) -> Slice:
    try:
        return slices.slice_of(_catalogue(), release, whole)
    except ReleaseError:
        return abort(HTTPStatus.NOT_FOUND)


def _form(offers: tuple[str, ...]) -> str:
    form = negotiate(request.headers.get("Accept"), offers)
    return form or abort(answers.not_acceptable(offers))


def _for_ever(found: Slice, name: str, form: str, write: Callable[[], bytes]) -> Response:
    """Answer with what never changes: written once, and kept by us and by every cache on the way; 404 for nothing."""
    release, key = found.edition.release, hashlib.sha256(f"{name} {form}".encode()).hexdigest()[:16]
    packed = request.accept_encodings.quality("gzip") > 0
    mark = f"{key}-gzip" if packed else key
    answer = answers.unchanged(release, mark)
    if answer is None:
        kept: Kept = current_app.extensions["katalod.feeds"]
        data = kept.get(f"{release.id} {key}", write) or abort(HTTPStatus.NOT_FOUND)
        answer = Response(data if packed else gzip.decompress(data), content_type=answers.content_type(form))
        answer.headers |= {"Content-Encoding": "gzip"} if packed else {}
    answer.headers |= {"Cache-Control": answers.FOREVER, "Vary": "Accept, Accept-Encoding"}
    return answers.validated(answer, release, mark)


def _json(node: activity.Node) -> bytes:
    return json.dumps(node, ensure_ascii=False, sort_keys=False).encode() + b"\n"
