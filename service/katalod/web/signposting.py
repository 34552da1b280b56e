"""FAIR Signposting: where a machine that landed on a page finds the thing's name, its authors and its metadata.

Level 1 stands in the Link header and in the page's head, level 2 is a linkset (RFC 9264) of the page and its forms.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, json, request
from pyoxigraph import Quad

from katalod.formats import FORMATS
from katalod.rdf import curie, doc_iri, work_iri
from katalod.web import answers
from katalod.web.errors import Gone
from katalod.web.negotiation import negotiate
from katalod.web.schema_org import KINDS
from katalod.web.statements import Statements

if TYPE_CHECKING:
    from katalod.edition import Edition

interface = Blueprint("signposting", __name__)

LINKSET = "application/linkset+json"
PROFILE = "https://w3id.org/katalod/profile"  # what our own descriptions keep to
MOST_AUTHORS = 20  # in a header; the linkset names all

_SCHEMA = "https://schema.org/"
_RESOLVERS = ("https://doi.org/", "https://nbn-resolving.org/")


@dataclass(frozen=True, slots=True)
class Signpost:
    """A typed link from a page."""

    rel: str
    href: str
    type: str = ""

    def header(self) -> str:
        """Write it as part of a Link header (RFC 8288)."""
        return f'<{self.href}>; rel="{self.rel}"' + (f'; type="{self.type}"' if self.type else "")


def signposts(base: str, path: str, quads: Iterable[Quad]) -> list[Signpost]:
    """Say where the page of a work or a keyword leads."""
    topic, document, said = work_iri(base, path).value, doc_iri(base, path).value, Statements(quads)
    named = [iri for stem in _RESOLVERS for iri in said.iris(topic, "umbel:isLike") if iri.startswith(stem)]
    kinds = {KINDS[name] for iri in said.iris(topic, "rdf:type") if (name := curie(iri)) in KINDS}
    kind = "DefinedTerm" if path.startswith("keyword/") else min(kinds, default="CreativeWork")
    authors = [iri for iri in said.iris(topic, "dcterms:creator") if not iri.startswith(f"{topic}#")]
    return [
        Signpost("cite-as", named[0] if named else topic),
        Signpost("type", f"{_SCHEMA}AboutPage"),
        Signpost("type", f"{_SCHEMA}{kind}"),
        *(Signpost("author", iri) for iri in authors),
        *(Signpost("describedby", f"{document}.{form.suffix}", form.media) for form in FORMATS),
        Signpost("linkset", f"{base}linkset/{document.removeprefix(f'{base}doc/')}", LINKSET),
    ]


def header(base: str, path: str, quads: Iterable[Quad]) -> list[str]:
    """Write the signposts for a Link header; of very many authors only the first."""
    found, authors = [], 0
    for one in signposts(base, path, quads):
        authors += one.rel == "author"
        if one.rel != "author" or authors <= MOST_AUTHORS:
            found.append(one.header())
    return [*found, f'<{PROFILE}>; rel="profile"']


def asked_for() -> bool:
    """Whether the client would rather have the linkset than the document; it has to name it."""
    accepted = request.headers.get("Accept", "")
    return LINKSET in accepted.lower() and negotiate(accepted, (*answers.OFFERS, LINKSET)) == LINKSET


@interface.get("/linkset/<path:path>")
def linkset(path: str) -> Response:
    """Give all links of a document as a linkset."""
    return given(answers.edition(), path)


def given(edition: "Edition", path: str) -> Response:
    """Answer with the linkset of a document; 308 where it moved, 410 where it was deleted, 404 where none was."""
    quads = edition.described(path)
    if not quads:
        if moved := edition.moved(path):
            return answers.redirect(f"linkset/{moved}", HTTPStatus.PERMANENT_REDIRECT)
        if change := edition.gone(path):
            raise Gone(change)
        return abort(404)

    def write() -> str:
        links = _linkset(answers.settings().base, path, quads, answers.settings().dataset_licence)
        return json.dumps(links, ensure_ascii=False, indent=1) + "\n"

    return answers.lasting("linkset", LINKSET, write, "Accept, Accept-Language, Accept-Profile")


def _linkset(base: str, path: str, quads: Iterable[Quad], licence: str) -> Mapping[str, Any]:
    page = doc_iri(base, path).value
    contexts: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for one in signposts(base, path, quads):
        if one.rel != "linkset":
            contexts[one.rel].append({"href": one.href} | ({"type": one.type} if one.type else {}))
    contexts["license"].append({"href": licence})
    contexts["collection"].append({"href": base})
    forms = [
        {
            "anchor": f"{page}.{form.suffix}",
            "describes": [{"href": page, "type": answers.HTML}],
            "profile": [{"href": PROFILE}],
        }
        for form in FORMATS
    ]
    return {"linkset": [{"anchor": page, **contexts}, *forms]}
