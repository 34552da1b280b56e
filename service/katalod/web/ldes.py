"""The event stream (LDES): every version of every work, each in a graph of its own, in pages that never change."""

from collections.abc import Iterator, Sequence

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, serialize

from katalod.changes import Entry
from katalod.formats import parted
from katalod.rdf import prefixes, term, work_iri
from katalod.settings import Settings
from katalod.web.slices import SIZE, Slice, version

FORMS = {"application/trig": RdfFormat.TRIG, "application/n-quads": RdfFormat.N_QUADS, "text/turtle": RdfFormat.TRIG}
"""The root node has no named graph, and is Turtle too."""

_KINDS = {"created": "as:Create", "updated": "as:Update", "deleted": "as:Delete"}
_USED = ("as", "bibo", "dc11", "dcterms", "foaf", "ldes", "tree", "wdrs", "xsd")


def stream(base: str) -> NamedNode:
    """Name the stream."""
    return NamedNode(f"{base}ldes#stream")


def root(settings: Settings, found: Sequence[Slice]) -> Iterator[Quad]:
    """Describe the stream, and lead to the first page of each slice."""
    base, here, node = settings.base, stream(settings.base), NamedNode(f"{settings.base}ldes")
    yield Quad(here, term("rdf:type"), term("ldes:EventStream"))
    yield Quad(here, term("dcterms:title"), Literal(settings.dataset_title_de, language="de"))
    yield Quad(here, term("dcterms:title"), Literal(settings.dataset_title_en, language="en"))
    yield Quad(here, term("dcterms:license"), NamedNode(settings.dataset_licence))
    yield Quad(here, term("ldes:timestampPath"), term("as:published"))
    yield Quad(here, term("ldes:versionOfPath"), term("as:object"))
    for name in ("Create", "Update", "Delete"):
        yield Quad(here, term(f"ldes:version{name}Object"), term(f"as:{name}"))
    yield Quad(here, term("tree:shape"), NamedNode(f"{base}ldes/shape"))
    yield Quad(here, term("tree:view"), node)
    yield Quad(node, term("rdf:type"), term("tree:Node"))
    kept = NamedNode(f"{node.value}#retention")
    yield Quad(node, term("ldes:retentionPolicy"), kept)
    yield Quad(kept, term("rdf:type"), term("ldes:LatestVersionSubset"))
    for name in ("ldes:amount", "ldes:versionAmount"):  # the name in older and in newer texts of the specification
        yield Quad(kept, term(name), Literal("1", datatype=term("xsd:integer")))
    for one in found:
        ends = one.page(0)[0].changed, one.edition.release.created
        yield from _relation(node, one.name.replace("/", "-"), page_iri(base, one, 0), *ends)


def page_iri(base: str, found: Slice, number: int) -> NamedNode:
    """Name a page of a slice."""
    return NamedNode(f"{base}ldes/{found.name}/{number}")


def page(base: str, found: Slice, number: int, entries: Sequence[Entry]) -> Iterator[Quad]:
    """Give one page: its members, and where the slice goes on."""
    node = page_iri(base, found, number)
    yield Quad(node, term("rdf:type"), term("tree:Node"))
    yield Quad(stream(base), term("tree:view"), NamedNode(f"{base}ldes"))
    following = found.page(number + 1)[:1] if len(entries) == SIZE else []
    for first in following:
        target = page_iri(base, found, number + 1)
        yield from _relation(node, "next", target, first.changed, found.edition.release.created)
    yield from members(base, found, entries)


def members(base: str, found: Slice, entries: Sequence[Entry]) -> Iterator[Quad]:
    """Give members of the stream: what happened to which work and when, and what is said of it since."""
    described = found.edition.documents([entry.path for entry in entries if not entry.deleted])
    for entry in entries:
        name = NamedNode(version(base, entry))
        yield Quad(stream(base), term("tree:member"), name)
        yield Quad(name, term("rdf:type"), term(_KINDS[entry.kind]))
        yield Quad(name, term("as:object"), work_iri(base, entry.path))
        yield Quad(name, term("as:published"), _time(entry.changed))
        if not entry.deleted:
            _, quads = next(described)
            yield from (Quad(quad.subject, quad.predicate, quad.object, name) for quad in quads)


def _relation(node: NamedNode, name: str, target: NamedNode, first: str, last: str) -> Iterator[Quad]:
    """Say that all members from a time up to another are to be found at a page."""
    for end, kind, time in (("from", "GreaterThanOrEqualTo", first), ("until", "LessThanOrEqualTo", last)):
        relation = NamedNode(f"{node.value}#{name}-{end}")
        yield Quad(node, term("tree:relation"), relation)
        yield Quad(relation, term("rdf:type"), term(f"tree:{kind}Relation"))
        yield Quad(relation, term("tree:path"), term("as:published"))
        yield Quad(relation, term("tree:value"), _time(time))
        yield Quad(relation, term("tree:node"), target)


def written(quads: Iterator[Quad], form: RdfFormat) -> bytes:
    """Write quads; the same ones give the same bytes."""
    if form == RdfFormat.N_QUADS:
        return serialize(quads, format=form) or b""
    used = {name: prefixes()[name] for name in _USED}
    head, rest = parted(serialize(quads, format=form, prefixes=used) or b"")
    return b"".join([*head, *rest])


def _time(text: str) -> Literal:
    return Literal(text, datatype=term("xsd:dateTime"))
