"""The things and their documents: /id/ redirects to /doc/, which is negotiated or fixed by a suffix."""

import re
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, current_app
from pyoxigraph import Quad

from katalod.formats import FORMATS
from katalod.model import MATCHES
from katalod.rdf import GND, doc_iri, work_iri
from katalod.search import Asked
from katalod.web import answers, charts, citing, exchange, neighbours, presentation, profiles, schema_org, signposting
from katalod.web.citation import Citations
from katalod.web.errors import Gone
from katalod.web.evidence import keyword_page
from katalod.web.facets import span
from katalod.web.heading_page import HeadingPage, around, laid_out
from katalod.web.paging import asked_page
from katalod.web.presentation import Page, Row
from katalod.web.reader import Reader
from katalod.web.statements import Statements

if TYPE_CHECKING:
    from katalod.edition import Edition

interface = Blueprint("entities", __name__)

SUFFIXES = ("html", *(form.suffix for form in FORMATS))

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffd]")


@interface.get("/id/<path:path>")
def thing(path: str) -> Response:
    """Send the client from a thing to the document about it (Cool URIs for the Semantic Web, 4.2)."""
    edition = answers.edition()
    if not _quads(edition, path):
        return _elsewhere(edition, path, "id/")
    return answers.redirect(f"doc/{path}", HTTPStatus.SEE_OTHER)


@interface.get("/id/")
@interface.get("/id/keywords")
def scheme() -> Response:
    """Send the client from the space of all names, and from the keywords' scheme, to the dataset that holds both."""
    return answers.redirect("", HTTPStatus.SEE_OTHER)


@interface.get("/doc/<path:path>")
def document(path: str) -> Response:
    """Give a document in the negotiated form, or in the one that its suffix fixes."""
    edition = answers.edition()
    for stem, suffix in readings(path):
        if quads := _quads(edition, stem):
            if not suffix and signposting.asked_for():
                return signposting.given(edition, stem)
            return answers.document(_profiled(edition, stem, quads, suffix), suffix)
    for form in citing.FORMS:
        stem = path.removesuffix(f".{form.suffix}")
        if stem != path and not stem.startswith("keyword/") and _quads(edition, stem):
            return _citation(edition, stem, form)
    return _elsewhere(edition, path, "doc/")


def _citation(edition: "Edition", path: str, form: citing.Form) -> Response:
    """Give a work as reference managers take it."""
    who = answers.reader(edition.release.base)
    mark = f"{form.name}-{who.lang}"

    def write() -> str:
        return form.write([citing.item(_shown(edition, path, _quads(edition, path), who))])

    return answers.lasting(mark, form.content_type, write, "Accept-Language")


def readings(path: str) -> Iterator[tuple[str, str]]:
    """Read a path as a document with a fixed form first, then as a document whose name has a dot in it."""
    stem, _, suffix = path.rpartition(".")
    if stem and suffix in SUFFIXES:
        yield stem, suffix
    yield path, ""


def possible(path: str) -> bool:
    """Whether a path can be that of anything at all; the store is not asked about others."""
    parts = path.split("/")
    return len(path) <= 1000 and not _CONTROL.search(path) and not any(part in ("", ".", "..") for part in parts)


def _quads(edition: "Edition", path: str) -> list[Quad]:
    return edition.described(path) if possible(path) else []


def _elsewhere(edition: "Edition", path: str, room: str) -> Response:
    """Answer for a path that has no document now: moved, deleted, or never there."""
    cited = ((path.removesuffix(f".{form.suffix}"), form.suffix) for form in citing.FORMS)
    for stem, suffix in (*readings(path), *(one for one in cited if one[0] != path)):
        if not possible(stem):
            continue
        if moved := edition.moved(stem):
            return answers.redirect(room + moved + (f".{suffix}" if suffix else ""), HTTPStatus.PERMANENT_REDIRECT)
        if change := edition.gone(stem):
            raise Gone(change)
    return abort(HTTPStatus.NOT_FOUND)


def _document(edition: "Edition", path: str, quads: list[Quad]) -> answers.Document:
    show = _keyword_page if path.startswith("keyword/") else _work_page
    return answers.Document(
        f"doc/{path}", f"doc/{path}", quads, lambda who: show(edition, path, quads, who), topic=f"id/{path}",
        more=lambda: signposting.header(edition.release.base, path, quads),
    )  # fmt: skip


def _profiled(edition: "Edition", path: str, quads: list[Quad], suffix: str) -> answers.Document:
    """Give the document in the profile that the client wants; keyword concepts have one profile only."""
    whole = _document(edition, path, quads)
    if path.startswith("keyword/"):
        return whole
    who = answers.reader(edition.release.base)
    form = f".{suffix}" if suffix not in ("", "html") else ""  # other profiles have no page
    address = who.to(f"doc/{path}{form}").partition("?")[0]
    profile = profiles.chosen(address, header=not suffix)
    if profile is profiles.OURS:
        links, said = whole.more, quads
    else:
        links, said = list, _in_profile(edition, path, quads, profile)
    return replace(
        whole,
        quads=said,
        more=lambda: [*links(), *profiles.links(address, profile)],
        mark="" if profile is profiles.OURS else f"{profile.token}-",
        query="" if profile is profiles.OURS else f"?_profile={profile.token}",
        offers=answers.OFFERS if profile is profiles.OURS else answers.DATA,
        vary="Accept, Accept-Language, Accept-Profile",
        spoken=profile is profiles.WEB,
    )


def _in_profile(edition: "Edition", path: str, quads: list[Quad], profile: profiles.Profile) -> list[Quad]:
    topic = work_iri(edition.release.base, path).value
    if profile is profiles.PLAIN:
        work = exchange.facts(quads, topic, path, "", edition.names)
        return [Quad(*triple) for triple in exchange.dublin_core.triples(work)]
    node = schema_org.work(_shown(edition, path, quads, answers.reader(edition.release.base)))
    return list(profiles.schema_quads(node, topic))


def _shown(edition: "Edition", path: str, quads: list[Quad], who: Reader) -> Page:
    """Gather what a work's page says: the work, its keywords, and what all of it is called."""
    topic = work_iri(edition.release.base, path).value
    prefix = f"{who.base}id/keyword/"
    borne = Statements(quads).iris(topic, "dcterms:subject")
    keywords = [quad for iri in borne if iri.startswith(prefix) for quad in edition.keyword(iri.removeprefix(prefix))]
    said = Statements([*quads, *keywords])
    above = (way[0] for iri in said.mentioned() if iri.startswith(GND) and (way := edition.headings.above(iri)))
    return Page(said, edition.labels({*said.mentioned(), *above}, who.lang), who, topic)


def _work_page(edition: "Edition", path: str, quads: list[Quad], who: Reader) -> str:
    shown = _shown(edition, path, quads, who)
    item = citing.item(shown)
    citations: Citations = current_app.extensions["katalod.citations"]
    _, findings = edition.findings(path=path)
    return answers.render(
        "work.html",
        who,
        work=presentation.work(shown),
        **neighbours.around(edition, shown, path),
        citation=citations.cite(item, who.lang),
        citation_forms=citing.FORMS,
        coins=citing.coins(item),
        highwire=citing.highwire(item),
        schema_org=schema_org.script(schema_org.work(shown)),
        findings=findings,
        history=edition.history(path),
        signposts=signposting.signposts(edition.release.base, path, quads),
        iri=shown.topic,
        release=edition.release,
        formats=FORMATS,
        stem=f"doc/{path}",
        canonical=doc_iri(edition.release.base, path).value,
    )


def _keyword_page(edition: "Edition", path: str, quads: list[Quad], who: Reader) -> str:
    topic = work_iri(edition.release.base, path).value
    said = Statements(quads)
    shown = Page(said, edition.labels(said.mentioned(), who.lang), who, topic)
    asked = asked_page()
    slug = path.removeprefix("keyword/")
    chosen = Asked("", (("keyword", slug),), "year")
    total, works = edition.index.find(chosen, asked.size, asked.offset)
    return answers.render(
        "keyword.html",
        who,
        page=keyword_page(shown),
        headings=_headings(edition, shown),
        works=works,
        years=charts.years(
            edition.index.years(chosen), lambda first, last: who.to("search", keyword=slug, year=span(first, last))
        ),
        search=who.to("search", keyword=slug),
        topic=topic,
        paging=asked.of(total),
        release=edition.release,
        formats=FORMATS,
        stem=f"doc/{path}",
        canonical=doc_iri(edition.release.base, path).value,
    )


def _headings(edition: "Edition", page: Page) -> dict[str, tuple[HeadingPage, list[Row]]]:
    """Give what the release knows of the headings that a keyword leads to, by the address of each."""
    found = {}
    for iri in (iri for match in MATCHES for iri in page.said.iris(page.topic, f"skos:{match}")):
        if quads := edition.headings.described(iri):
            heading = laid_out(edition, iri, quads, page.reader)
            found[page.reader.link(iri)] = heading, around(heading, page.reader)
    return found
