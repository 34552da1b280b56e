"""The web service: pages, negotiated data and operation over the current release.

`create_app` puts the interfaces together; each is a blueprint with thin views. The one table from errors to
statuses is `errors.STATUSES`.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from katalod import __version__
from katalod.errors import KatalodError
from katalod.settings import Settings
from katalod.web import (
    answers,
    browse,
    curation,
    discovery,
    dumps,
    elsewhere,
    entities,
    errors,
    feeds,
    finding,
    fragments,
    headings,
    home,
    oai,
    operation,
    quality,
    reconciliation,
    signposting,
    site,
    sparql,
    sru,
)
from katalod.web.citation import Citations
from katalod.web.hot import Hot
from katalod.web.turns import Turns

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from katalod.catalogue import Catalogue
    from katalod.endpoint import Endpoint

INTERFACES: tuple[Blueprint, ...] = (
    home.interface,
    finding.interface,
    headings.interface,
    browse.interface,
    site.interface,
    entities.interface,
    quality.interface,
    curation.interface,
    sparql.interface,
    fragments.interface,
    operation.interface,
    oai.interface,
    sru.interface,
    feeds.interface,
    signposting.interface,
    discovery.interface,
    dumps.interface,
    reconciliation.interface,
)
"""What the service offers: a new federation interface is a blueprint and its name here."""

SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
    " img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
OPEN_TO_ALL = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Allow, Content-Language, Content-Location, ETag, Link, Retry-After, Vary",
}
LARGEST_BODY = 2 * 1024 * 1024  # a query of 1 MB, escaped as a form


def create_app(settings: Settings, catalogue: "Catalogue", pool: "Endpoint | None" = None) -> Flask:
    """Make the web service over the current release; it follows the catalogue to the next one."""
    site.check(settings)
    app = Flask("katalod.web", static_folder="static")
    app.extensions |= {
        "katalod": catalogue,
        "katalod.pool": pool,
        "katalod.settings": settings,
        "katalod.requests": operation.Requests(),
        "katalod.notices": site.notices,
        "katalod.citations": Citations(settings.site_citation),
        "katalod.federation": elsewhere.federation(settings),
        "katalod.turns": Turns(settings.server_share),
        "katalod.questions": {},
        "katalod.links": {},
        "katalod.figures": [pool.figures] if pool else [],
    }
    app.config |= {
        "STAMP": answers.stamp(f"{__version__} {settings}"),
        "MAX_CONTENT_LENGTH": LARGEST_BODY,
        "SEND_FILE_MAX_AGE_DEFAULT": 86400,
    }
    # The framework's own redirects would be absolute, and so repeat the Host header.
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for interface in INTERFACES:
        app.register_blueprint(interface)
    app.register_error_handler(HTTPException, errors.of_http)
    app.register_error_handler(KatalodError, errors.of_katalod)
    app.register_error_handler(Exception, errors.of_anything)
    app.after_request(_complete)
    app.wsgi_app = _below(urlsplit(settings.base).path, app.wsgi_app)  # type: ignore[assignment]
    return app


def create_server_app(settings: Settings, catalogue: "Catalogue", pool: "Endpoint | None" = None) -> "WSGIApplication":
    """Make the web service as a server runs it: with the cache of hot answers in front."""
    app = create_app(settings, catalogue, pool)
    requests: operation.Requests = app.extensions["katalod.requests"]
    return Hot(app, lambda: catalogue.edition().release.id, requests.count, settings.server_cache << 20)


def _complete(answer: Response) -> Response:
    """Add what every answer bears, and count it."""
    for name, value in (SECURITY | OPEN_TO_ALL).items():
        answer.headers.setdefault(name, value)
    if request.method == "OPTIONS":
        answer.headers["Access-Control-Allow-Methods"] = answer.headers.get("Allow", "GET, HEAD, OPTIONS")
        asked = "Accept, Accept-Language, Accept-Profile, Content-Type, If-None-Match"
        answer.headers["Access-Control-Allow-Headers"] = asked
        answer.headers["Access-Control-Max-Age"] = "86400"
    current_app.extensions["katalod.requests"].count(answer.status_code)
    return answer


def _below(root: str, inner: "WSGIApplication") -> "WSGIApplication":
    """Answer at the path of the setting `base` as well as at the top.

    A proxy in front may hand on that path or strip it; the pages' links bear it in both cases.
    """
    if root in ("", "/"):
        return inner

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if f"{path}/".startswith(root):
            environ["PATH_INFO"] = "/" + path[len(root) :]
        return inner(environ, start_response)

    return app
