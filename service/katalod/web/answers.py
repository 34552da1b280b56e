"""How every interface answers: the request's reader, the negotiated form, validators, links, HTML.

A view reads the request, calls one function, and answers with one of these.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from flask import Response, current_app, g, json, render_template, request
from pyoxigraph import Quad

from katalod import __version__
from katalod.formats import FORMATS, Format
from katalod.model import Release
from katalod.search import FILTERS
from katalod.settings import Settings
from katalod.web.negotiation import LANGUAGES, language, negotiate
from katalod.web.reader import Reader

if TYPE_CHECKING:
    from katalod.edition import Edition

ASKED = ("q", "page", "sort", "letter", "size", "also", *FILTERS)  # what of a page's query its own links repeat
LONGEST_QUERY = 300  # characters of a query that the Link header repeats; servers in front take few kilobytes
LONGEST_VALUE = 500  # characters of each value
MOST_VALUES = 32
HTML = "text/html"
JSON = "application/json"
XML = "text/xml; charset=utf-8"  # of OAI-PMH (3.1.2.1) and SRU
SHORT = "public, max-age=60"  # pages of the current release: a new one shows within a minute
FOREVER = "public, max-age=31536000, immutable"
BY_SUFFIX = {form.suffix: form for form in FORMATS}
MEDIA = {form.media: form for form in FORMATS} | {name: form for form in FORMATS for name in form.also}
OFFERS = (*(form.media for form in FORMATS), HTML, *(name for form in FORMATS for name in form.also))
DATA = tuple(name for name in OFFERS if name != HTML)


@dataclass(frozen=True, slots=True)
class Document:
    """A document in all its forms: the quads, the page, and where its fixed forms are."""

    address: str  # of the negotiated document, below the root: "doc/difu/581658"
    stem: str  # of the fixed forms, to which a suffix is added
    quads: list[Quad]
    page: Callable[[Reader], str]
    topic: str = ""  # the address of what it describes
    more: Callable[[], list[str]] = list  # further links, as a Link header has them
    mark: str = ""  # what sets its forms apart from those of other documents at the address, as a validator has it
    query: str = ""  # what its forms are asked with: "?_profile=dc"
    offers: tuple[str, ...] = OFFERS  # the forms that there are
    vary: str = "Accept, Accept-Language"
    spoken: bool = False  # its data is in the reader's language, as its page is


def settings() -> Settings:
    """Give the settings that the service was started with."""
    found: Settings = current_app.extensions["katalod.settings"]
    return found


def edition() -> "Edition":
    """Give the current release, opened, the same for the whole of a request; raises NoRelease."""
    if "edition" not in g:
        g.edition = current_app.extensions["katalod"].edition()
    found: Edition = g.edition
    return found


def reader(base: str = "") -> Reader:
    """Say for whom this request's page is written, and with which base the IRIs of its data begin."""
    chosen = request.args.get("lang")
    tongue = language(chosen, request.headers.get("Accept-Language"))
    given = ((name, value[:LONGEST_VALUE]) for name, value in request.args.items(multi=True) if name in ASKED)
    query = tuple(islice(given, MOST_VALUES))
    root = urlsplit(settings().base).path or "/"
    return Reader(tongue, base or settings().base, root, chosen in LANGUAGES, request.path.lstrip("/"), query)


def wants_html() -> bool:
    """Whether this client would rather read HTML than anything else that we could say it in."""
    return negotiate(request.headers.get("Accept"), ("text/plain", HTML, *OFFERS)) == HTML


def render(template: str, who: Reader, **values: Any) -> str:
    """Write a page."""
    return render_template(
        template,
        reader=who,
        t=who.t,
        to=who.to,
        settings=settings(),
        stamp=current_app.config["STAMP"],
        version=__version__,
        notices=current_app.extensions["katalod.notices"](settings(), who),
        **values,
    )


def page(template: str, state: str = "", **values: Any) -> Response:
    """Answer with a page of the current release in the reader's language.

    What shows more than the release, as the list of releases does, names that as its `state`.
    """
    release = edition().release
    who = reader(release.base)
    mark = f"html-{who.lang}{state and '-' + stamp(state)}"
    answer = unchanged(release, mark) or html(render(template, who, release=release, **values), who)
    return _stated(validated(answer, release, mark), state)


def _stated(answer: Response, state: str) -> Response:
    if state:
        answer.headers["Cache-Control"] = "no-cache"
    return answer


def html(body: str, who: Reader, status: int = 200) -> Response:
    """Answer with HTML."""
    headers = {"Content-Language": who.lang, "Vary": "Accept, Accept-Language", "Cache-Control": SHORT}
    return Response(body, status, headers, content_type=f"{HTML}; charset=utf-8")


def lasting(mark: str, type: str, write: Callable[[], str | bytes], vary: str = "") -> Response:
    """Answer with what is a function of the current release and the request, unless the client has it already."""
    release = edition().release
    answer = unchanged(release, mark) or Response(write(), content_type=type)
    answer.headers["Cache-Control"] = SHORT
    if vary:
        answer.headers["Vary"] = vary
    else:
        del answer.headers["Vary"]
    return validated(answer, release, mark)


def page_or_json(template: str, values: Mapping[str, Any], data: Callable[[], Any], state: str = "") -> Response:
    """Answer with a page, or with its data as JSON for a client that would rather have that."""
    wanted = negotiate(request.headers.get("Accept"), (HTML, JSON))
    if wanted is None:
        return not_acceptable((HTML, JSON))
    if wanted == HTML:
        return page(template, state, **values)
    mark = f"json{state and '-' + stamp(state)}"

    def write() -> str:
        return json.dumps(data(), ensure_ascii=False) + "\n"

    return _stated(lasting(mark, JSON, write, "Accept, Accept-Language"), state)


def document(found: Document, suffix: str = "") -> Response:
    """Answer with a document: in the form that the suffix fixes, else in the one that the client likes best."""
    release = edition().release
    who = reader(release.base)
    wanted = _fixed(suffix) if suffix else negotiate(request.headers.get("Accept"), found.offers)
    if wanted not in found.offers:
        return not_acceptable(OFFERS[: len(FORMATS) + 1], links(found))
    form = MEDIA.get(wanted)
    mark = found.mark + (form.name if form else "html") + (f"-{who.lang}" if found.spoken or not form else "")
    answer = unchanged(release, mark) or _body(found, form, wanted, who)
    answer.headers["Link"] = links(found, form)
    if not suffix:
        answer.headers["Vary"] = found.vary
        fixed = f"{found.stem}.{form.suffix if form else 'html'}"
        answer.headers["Content-Location"] = who.root + quote(fixed, safe="/-._~:") + found.query
    elif form and not found.spoken:
        del answer.headers["Vary"]  # one address, one form, no language
    else:
        answer.headers["Vary"] = "Accept-Language"
    return validated(answer, release, mark)


def _fixed(suffix: str) -> str:
    return HTML if suffix == "html" else BY_SUFFIX[suffix].media


def _body(found: Document, form: Format | None, media: str, who: Reader) -> Response:
    if form is None:
        return html(found.page(who), who)
    data = form.write(found.quads, settings().base)
    return Response(data, 200, {"Cache-Control": SHORT}, content_type=content_type(media))


def content_type(media: str) -> str:
    """Say the encoding of what is text."""
    return f"{media}; charset=utf-8" if media.startswith("text/") else media


def links(found: Document, form: Format | None = None) -> str:
    """Write the Link header of a document (RFC 8288): its other forms, its topic, licence and collection."""
    root = reader().root
    stem, address = (root + quote(part, safe="/-._~:") for part in (found.stem, found.address))
    suffixes = [(f.suffix, f.media) for f in FORMATS if f is not form]
    if form is not None and HTML in found.offers:
        suffixes.append(("html", HTML))
    if len(found.query) > LONGEST_QUERY:
        suffixes.clear()
    rows = [f'<{stem}.{suffix}{found.query}>; rel="alternate"; type="{media}"' for suffix, media in suffixes]
    if found.topic:
        topic = root + quote(found.topic, safe="/-._~:")
        rows += [f'<{topic}>; rel="describes"', f'<{address}>; rel="describedby"; anchor="{topic}"']
    else:
        rows.append(f'<{address}>; rel="describedby"')
    rows += found.more()
    return ", ".join([*rows, f'<{settings().dataset_licence}>; rel="license"', f'<{root}>; rel="collection"'])


def redirect(path: str, status: HTTPStatus, **query: str) -> Response:
    """Send the client to another page of ours by a path-absolute address; the Host header is not asked.

    The language and the profile that the address asked for go with the client.
    """
    profile = {"_profile": request.args.get("_profile", "")[:LONGEST_VALUE]}
    address = reader().to(path, **(profile | query))
    answer = Response(f"{address}\n", status, content_type="text/plain; charset=utf-8")
    answer.headers |= {"Location": address, "Vary": "Accept, Accept-Language", "Cache-Control": SHORT}
    return answer


def not_acceptable(offers: tuple[str, ...], link: str = "") -> Response:
    """Say which forms there are, to a client that accepts none of them."""
    text = "\n".join(f"{who.t('e406_text', forms=', '.join(offers))}" for who in _both())
    answer = Response(text + "\n", HTTPStatus.NOT_ACCEPTABLE, content_type="text/plain; charset=utf-8")
    answer.headers |= {"Vary": "Accept, Accept-Language"} | ({"Link": link} if link else {})
    return answer


def _both() -> list[Reader]:
    who = reader()
    return sorted((Reader(tongue, who.base) for tongue in LANGUAGES), key=lambda one: one.lang != who.lang)


def etag(release: Release, mark: str) -> str:
    """Name what is sent: a release never changes, so its id, the form and our own stamp are enough."""
    return f"{release.id}-{current_app.config['STAMP']}-{mark}"


def unchanged(release: Release, mark: str) -> Response | None:
    """Answer 304 if the client has this already, before anything is written."""
    if request.method not in ("GET", "HEAD"):
        return None
    if request.headers.get("If-None-Match") is not None:
        same = request.if_none_match.contains_weak(etag(release, mark))
    else:
        # Compared exactly: after a roll-back the current release is older than what the client has seen.
        same = request.headers.get("If-Modified-Since") == last_modified(release) is not None
    if not same:
        return None
    return Response(status=304, headers={"Cache-Control": SHORT, "Vary": "Accept, Accept-Language"})


def validated(answer: Response, release: Release, mark: str) -> Response:
    """Add the validators of an answer."""
    answer.set_etag(etag(release, mark))
    if modified := last_modified(release):
        answer.headers["Last-Modified"] = modified
    return answer


def last_modified(release: Release) -> str | None:
    """Write when a release was built as HTTP does; None where the manifest says no readable time."""
    try:
        moment = datetime.fromisoformat(release.created.replace("Z", "+00:00"))
    except ValueError:
        return None
    return format_datetime((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC), usegmt=True)


def stamp(made_of: str) -> str:
    """Name in a few letters what our own pages are made of: the version and the settings."""
    return hashlib.sha256(made_of.encode()).hexdigest()[:8]
