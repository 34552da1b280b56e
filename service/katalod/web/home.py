"""The front door: what the dataset is, and the JSON-LD context."""

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, send_file

from katalod.assets import asset
from katalod.describing import served
from katalod.formats import FORMATS
from katalod.store.examples import examples
from katalod.web import answers, browse, charts, schema_org
from katalod.web.discovery import context_digest
from katalod.web.entities import SUFFIXES
from katalod.web.reader import Reader

if TYPE_CHECKING:
    from katalod.edition import Edition

interface = Blueprint("home", __name__)

COUNTED = ("works", "keywords", "links", "triples")
SHOWN = 6  # works on the front page
TOP = 10  # headings in the front page's chart
EXAMPLES = 3


@interface.get("/")
def front() -> Response:
    """Give the dataset's description: a page for people, VoID and DCAT for machines."""
    return answers.document(_dataset(answers.edition()))


@interface.get("/index.<suffix>")
def front_fixed(suffix: str) -> Response:
    """Give the dataset's description in a fixed form."""
    if suffix not in SUFFIXES:
        return abort(HTTPStatus.NOT_FOUND)
    return answers.document(_dataset(answers.edition()), suffix)


@interface.get("/.well-known/void")
def void() -> Response:
    """Lead to the dataset's description from where VoID clients look for it (VoID, 7.2)."""
    return answers.redirect("", HTTPStatus.SEE_OTHER)


@interface.get("/context.jsonld")
def context() -> Response:
    """Give the JSON-LD context that our JSON-LD refers to."""
    answer = send_file(asset("ontology/context.jsonld"), mimetype="application/ld+json", conditional=True)
    fixed = f"{answers.reader().root}context/{context_digest()}.jsonld"
    answer.headers |= {"Cache-Control": "public, max-age=86400", "Content-Location": fixed}
    return answer


def _dataset(edition: "Edition") -> answers.Document:
    dump = edition.dump()
    size = dump.stat().st_size if dump else 0
    quads = [*edition.dataset(), *served(answers.settings(), edition.release, size)]
    return answers.Document("", "index", quads, lambda who: _page(edition, who))


def _page(edition: "Edition", who: Reader) -> str:
    settings, release = answers.settings(), edition.release
    description = settings.dataset_description_de if who.lang == "de" else settings.dataset_description_en
    description = description or who.t("default_description")
    return answers.render(
        "home.html",
        who,
        description=description,
        counts=[(name, release.count(name)) for name in COUNTED if release.count(name)],
        works=edition.newest(SHOWN),
        years=browse.years(edition, who),
        headings=charts.named(browse.counted(edition, who, "heading", TOP)),
        examples=examples(edition.release.base)[:EXAMPLES],
        licence=edition.labels({settings.dataset_licence}, who.lang).get(settings.dataset_licence, who.t("licence")),
        schema_org=schema_org.script(schema_org.dataset(settings, release, who.lang, description)),
        release=release,
        formats=FORMATS,
    )
