"""How the catalogue is found: sitemaps with the times of the change log, and the context under a name that lasts."""

import hashlib
from collections.abc import Iterable
from http import HTTPStatus

from flask import Blueprint, Response, abort

from katalod.assets import asset
from katalod.rdf import doc_iri
from katalod.web import answers
from katalod.web.exchange.xml import element

interface = Blueprint("discovery", __name__)

PLACES = 10_000  # addresses in a sitemap; the protocol allows 50,000

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


@interface.get("/sitemap.xml")
def sitemaps() -> Response:
    """Give the index of the sitemaps, each with the time of its latest change."""
    edition, base = answers.edition(), answers.settings().base
    times = edition.log.latest_by_page(PLACES)
    places = ((f"{base}sitemap/{number}.xml", time) for number, time in enumerate(times))
    return _xml("sitemapindex", "sitemap", places)


@interface.get("/sitemap/<int(max=9999999):number>.xml")
def sitemap(number: int) -> Response:
    """Give one sitemap: documents of works, by path, each with the time at which it last changed."""
    edition = answers.edition()
    works = edition.log.living(number, PLACES)
    if not works:
        return abort(HTTPStatus.NOT_FOUND)
    places = ((doc_iri(edition.release.base, work.path).value, work.changed) for work in works)
    return _xml("urlset", "url", places)


@interface.get("/context/<digest>.jsonld")
def fixed_context(digest: str) -> Response:
    """Give the JSON-LD context of a digest, for ever the same; only the present one is to be had."""
    text = asset("ontology/context.jsonld").read_bytes()
    if digest != context_digest():
        return abort(HTTPStatus.NOT_FOUND)
    answer = Response(text, content_type="application/ld+json")
    answer.headers["Cache-Control"] = answers.FOREVER
    answer.set_etag(digest)
    return answer


def context_digest() -> str:
    """Name the present JSON-LD context by its content."""
    return hashlib.sha256(asset("ontology/context.jsonld").read_bytes()).hexdigest()[:16]


def _xml(root: str, name: str, places: Iterable[tuple[str, str]]) -> Response:
    def write() -> str:
        parts = "".join(f"<{name}>{element('loc', at)}{element('lastmod', time)}</{name}>\n" for at, time in places)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_NAMESPACE}">\n{parts}</{root}>\n'

    return answers.lasting("sitemap", "application/xml; charset=utf-8", write)
