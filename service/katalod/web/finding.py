"""Search: one stable address for each, answered as a page, and in every form that tools ask for."""

import json
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode, Quad

from katalod.federation import NoSuchTarget
from katalod.formats import FORMATS
from katalod.rdf import term, work_iri
from katalod.search import SORTS, Asked, Hit
from katalod.web import answers, charts, citing, elsewhere
from katalod.web.facets import Facet, FacetValue, asked_for, names, narrowed, span
from katalod.web.negotiation import negotiate
from katalod.web.paging import Paging, asked_page
from katalod.web.presentation import Page
from katalod.web.reader import Reader
from katalod.web.statements import Statements
from katalod.web.turns import turn

if TYPE_CHECKING:
    from katalod.edition import Edition

interface = Blueprint("finding", __name__)

LONGEST = 500  # characters of a search that are read
SIZES = (25, 50, 100, 200)
TURTLE = FORMATS[0]

FORMS: Mapping[str, str] = {
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "rss": "application/rss+xml",
    "turtle": "text/turtle",
    **{form.name: form.media for form in citing.FORMS},
}
"""What a search may be answered as, beside a page: the value of `format`, and its media type."""

OFFERS = (answers.HTML, *FORMS.values())
DESCRIBING = ("text/turtle", *(form.media for form in citing.FORMS))  # for which each work is read


@interface.get("/search")
def search() -> Response:
    """Give the works that are searched for; all works without a word."""
    wish = request.args.get("format", "")
    wanted = _wished(wish) if wish else negotiate(request.headers.get("Accept"), OFFERS)
    if wanted is None:
        return answers.not_acceptable(OFFERS)
    text = request.args.get("q", "").strip()
    if len(text) > LONGEST:
        return _refused(answers.reader().t("search_too_long", count=LONGEST))
    try:
        targets = elsewhere.chosen() if wanted in (answers.HTML, FORMS["json"]) else ()
    except NoSuchTarget as error:
        return _refused(answers.reader().t("no_such_target", name=error.name, known=", ".join(error.known) or "–"))
    edition, asked, paging = answers.edition(), asked_for(text), asked_page(_size())
    total, hits = edition.index.find(asked, paging.size, paging.offset)
    others = elsewhere.asked(edition, targets, text)
    found = Results(edition, asked, paging.of(total), tuple(hits), others)
    if wanted == answers.HTML:
        return found.page()
    with turn() if wanted in DESCRIBING else nullcontext():
        return found.data(wanted)


@interface.get("/suggest")
def suggest() -> Response:
    """Give what may be meant by the beginning of a word, with where it leads."""
    edition = answers.edition()
    who = answers.reader(edition.release.base)

    def write() -> str:
        rows = [
            {"label": one.label, "kind": one.kind, "named": who.t(f"suggest_{one.kind}"), "works": one.works,
             "href": _led(who, one.kind, one.id)}
            for one in edition.index.suggest(request.args.get("q", "")[:100])
        ]  # fmt: skip
        return json.dumps({"suggestions": rows}, ensure_ascii=False) + "\n"

    return answers.lasting(f"suggest-{who.lang}", answers.JSON, write, "Accept-Language")


def _led(who: Reader, kind: str, id: str) -> str:
    """Give the address that a suggestion leads to."""
    if kind == "person":
        return who.to("search", person=id)
    return who.to({"keyword": "doc/keyword/", "heading": "heading/", "work": "doc/"}[kind] + id)


def _size() -> int:
    text = request.args.get("size", "")
    return int(text) if text in {str(size) for size in SIZES} else SIZES[0]


def _wished(wish: str) -> str | None:
    return answers.HTML if wish == "html" else FORMS.get(wish)


def _refused(text: str) -> Response:
    who = answers.reader()
    title = who.t("e400")
    if not answers.wants_html():
        return Response(f"400 {title}\n{text}\n", HTTPStatus.BAD_REQUEST, content_type="text/plain; charset=utf-8")
    body = answers.render("error.html", who, status=400, title=title, text=text, release=None)
    return answers.html(body, who, HTTPStatus.BAD_REQUEST)


@dataclass(frozen=True, slots=True)
class Results:
    """What a search has found, ready to be said in any form."""

    edition: "Edition"
    asked: Asked
    paging: Paging
    hits: tuple[Hit, ...]
    others: elsewhere.Others | None = None  # what other catalogues have answered, where they were asked

    def page(self) -> Response:
        """Answer with a page."""
        who = answers.reader(self.edition.release.base)
        labels = names(self.edition, who, [("type", one) for hit in self.hits for one in hit.types])
        rows = [(hit, labels.get(("type", hit.types[0]), "") if hit.types else "") for hit in self.hits]
        counts = self.edition.index.years(self.asked)
        years = charts.years(counts, lambda first, last: who.again(year=span(first, last), page=""))
        return (elsewhere.page if self.others else answers.page)(
            "search.html",
            others=self.others,
            targets=elsewhere.targets(),
            repeated=[(name, value) for name, value in who.query if name not in ("page", "also")],
            text=self.asked.text,
            rows=rows,
            paging=self.paging,
            facets=self.facets(who),
            chosen=self.chosen(who),
            years=years,
            sorts=[(name, who.again(sort=name, page=""), name == self.asked.sort) for name in SORTS],
            exports=[(label, who.again(format=name)) for name, label in _labelled()],
            feed=who.again(format="rss", sort="year", page=""),
            kept=[(name, value) for name, value in who.query if name not in ("page", "from", "to", "year")],
            spans=who.asked("year"),
        )

    def facets(self, who: Reader) -> list[Facet]:
        """Give the facets with their counts, and where each value leads."""
        counts = self.edition.index.facets(self.asked)
        shown = [(name, value) for name, values in counts.items() for value, _ in values]
        labels = names(self.edition, who, shown)
        chosen = set(self.asked.filters)
        return [
            Facet(name, tuple(
                FacetValue(labels[name, value], count, narrowed(who, name, value), (name, value) in chosen)
                for value, count in values
            ))
            for name, values in counts.items()
            if len(values) > 1 or any((name, value) in chosen for value, _ in values)
        ]  # fmt: skip

    def chosen(self, who: Reader) -> list[tuple[str, str, str]]:
        """Give the facet values that the search is narrowed by: facet, label, and the address without it."""
        labels = names(self.edition, who, [pair for pair in self.asked.filters if pair[0] != "year"])
        found = []
        for name, value in self.asked.filters:
            rest = tuple(one for one in who.asked(name) if one != value)
            found.append((name, labels.get((name, value), value), who.again(**{name: rest, "page": ""})))
        return found

    def data(self, media: str) -> Response:
        """Answer with data."""
        if self.others:
            return elsewhere.uncached(Response(self._written(media), content_type=_typed(media)))
        mark = f"search-{media}-{answers.reader(self.edition.release.base).lang}"
        answer = answers.lasting(mark, _typed(media), lambda: self._written(media), "Accept, Accept-Language")
        answer.headers["Link"] = self._links()
        return answer

    def _links(self) -> str:
        """Say where the pages before and after this one are (RFC 8288)."""
        who, number = answers.reader(self.edition.release.base), self.paging.number
        near = {"prev": number - 1, "next": number + 1 if number < self.paging.pages else 0}
        given = request.args.get("format")
        rows = [f'<{who.again(page=page, format=given)}>; rel="{name}"' for name, page in near.items() if page]
        return ", ".join([*rows, f'<{answers.settings().dataset_licence}>; rel="license"'])

    def _written(self, media: str) -> str | bytes:
        if media == FORMS["json"]:
            facets = {name: dict(values) for name, values in self.edition.index.facets(self.asked).items()}
            about: dict[str, Any] = {"total": self.paging.total, "page": self.paging.number, "pages": self.paging.pages}
            facets["year"] = {str(year): count for year, count in self.edition.index.years(self.asked)}
            about |= {"works": list(self._rows()), "facets": facets}
            about |= {"elsewhere": self.others.data()} if self.others else {}
            return json.dumps(about, ensure_ascii=False) + "\n"
        if media == FORMS["jsonl"]:
            return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in self._rows())
        if media == FORMS["rss"]:
            return self._rss()
        if media == FORMS["turtle"]:
            return TURTLE.write(self._quads(), answers.settings().base)
        form = next(form for form in citing.FORMS if form.media == media)
        who = answers.reader(self.edition.release.base)
        return form.write([cited(self.edition, hit.path, who) for hit in self.hits])

    def _rows(self) -> Iterator[dict[str, Any]]:
        for hit in self.hits:
            row = {
                "path": hit.path, "iri": self._iri(hit), "title": hit.title, "people": list(hit.people),
                "year": hit.year or None, "type": hit.types[0] if hit.types else None, "snippet": hit.text,
            }  # fmt: skip
            yield row

    def _iri(self, hit: Hit) -> str:
        return work_iri(self.edition.release.base, hit.path).value

    def _quads(self) -> list[Quad]:
        """Give the hits as an ordered list of what is said of each, so that the Turtle stands alone."""
        asked = quote(request.query_string.decode("latin-1"), safe="=&+%")
        here = NamedNode(f"{answers.settings().base}search?{asked}")
        said = [Quad(here, term("void:entities"), Literal(str(self.paging.total), datatype=term("xsd:integer")))]
        said += [Quad(here, term("dcterms:hasPart"), NamedNode(self._iri(hit))) for hit in self.hits]
        return said + [quad for hit in self.hits for quad in self.edition.document(hit.path)]

    def _rss(self) -> str:
        """Write RSS 2.0: the hits as items."""
        who, settings = answers.reader(self.edition.release.base), answers.settings()
        named = who.t("results_for", text=self.asked.text) if self.asked.text else who.t("all_works")
        title, root = settings.title(who.lang), settings.base.rstrip("/")
        here = root + "/" + who.again(format="", page="").removeprefix(who.root)
        items = "".join(
            f"<item><title>{_xml(hit.title or hit.path)}</title><link>{_xml(self._iri(hit))}</link>"
            f'<guid isPermaLink="true">{_xml(self._iri(hit))}</guid>'
            + "".join(f"<dc:creator>{_xml(name)}</dc:creator>" for name in hit.people)
            + (f"<dc:date>{hit.year:04d}</dc:date>" if hit.year else "")
            + f"<description>{_xml(hit.text)}</description></item>\n"
            for hit in self.hits
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
            f' xmlns:atom="http://www.w3.org/2005/Atom">\n<channel><title>{_xml(f"{named} – {title}")}</title>'
            f"<link>{_xml(here)}</link><description>{_xml(title)}</description><language>{who.lang}</language>\n"
            f"{items}</channel></rss>\n"
        )


def cited(edition: "Edition", path: str, who: Reader) -> dict[str, Any]:
    """Give a work as a CSL item."""
    topic = work_iri(edition.release.base, path).value
    quads = edition.document(path)
    prefix = f"{who.base}id/keyword/"
    said = Statements(quads)
    borne = [iri for iri in said.iris(topic, "dcterms:subject") if iri.startswith(prefix)]
    wanted = said.mentioned() | set(borne)
    return citing.item(Page(said, edition.labels(wanted, who.lang), who, topic))


def _labelled() -> list[tuple[str, str]]:
    plain = [("json", "JSON"), ("jsonl", "JSON Lines"), ("rss", "RSS"), ("turtle", "Turtle")]
    return plain + [(form.name, form.label) for form in citing.FORMS]


def _typed(media: str) -> str:
    return media if media.endswith("json") else f"{media}; charset=utf-8"


def _xml(text: str) -> str:
    """Write text for XML 1.0: what may not stand there at all is left out."""
    return escape("".join(c for c in text if c in "\t\n" or (" " <= c < "\ufffe" and not "\ud800" <= c <= "\udfff")))
