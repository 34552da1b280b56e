"""What the dataset's own description says beside what the release holds: its files, with size and digest, and ways in.

The digest of the dump cannot stand in the dump; and what the service offers depends on the service, not on the data.
So these statements are added when the description is served. The same release gives the same ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad

from katalod.mapping.dates import typed
from katalod.model import Release
from katalod.rdf import dataset_iri, term
from katalod.settings import Settings

_MEDIA = "https://www.iana.org/assignments/media-types/"
_FILES = (
    ("dump-turtle", "latest/whole.ttl.gz", "text/turtle", "Turtle"),
    ("dump-json-lines", "latest/whole.jsonl.gz", "application/ld+json", "JSON-LD, one work a line"),
)


@dataclass(frozen=True, slots=True)
class Service:
    """A way in for other catalogues and tools, by a standard."""

    name: str  # the fragment of its IRI
    address: str  # below the base
    title: str
    standard: str


SERVICES = (
    Service("oai", "oai", "OAI-PMH 2.0", "http://www.openarchives.org/OAI/2.0/"),
    Service("sru", "sru", "SRU 1.2", "http://www.loc.gov/standards/sru/"),
    Service(
        "reconciliation",
        "reconcile",
        "Reconciliation Service API 0.2",
        "https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/",
    ),
    Service("ldes-service", "ldes", "Linked Data Event Stream", "https://w3id.org/ldes/specification"),
    Service(
        "fragments", "fragments", "Triple Pattern Fragments",
        "https://linkeddatafragments.org/specification/triple-pattern-fragments/",
    ),
    Service("activity-service", "activity", "ActivityStreams 2.0", "https://www.w3.org/TR/activitystreams-core/"),
)  # fmt: skip
"""What DCAT and the page of the data list; SPARQL stands in the release's own description."""


def served(settings: Settings, release: Release, size: int) -> Iterator[Quad]:
    """Describe the release's files and the services over it; `size` is that of the dump in bytes."""
    dataset = dataset_iri(settings.base)
    yield Quad(dataset, term("dcat:version"), Literal(release.id))
    if issued := typed(release.created):
        yield Quad(dataset, term("dcterms:issued"), issued)
    yield Quad(dataset, term("dcat:landingPage"), NamedNode(settings.base))
    yield from _dump(settings, release, size)
    for name, address, media, title in _FILES:
        yield from _file(settings, name, address, media, title)
    yield from _services(settings, dataset)


def _dump(settings: Settings, release: Release, size: int) -> Iterator[Quad]:
    """Say how large the dump is, of when, and by which digest it is known."""
    file = NamedNode(f"{settings.base}#dump")
    yield Quad(file, term("dcterms:title"), Literal("N-Quads"))
    yield Quad(file, term("dcat:byteSize"), Literal(str(size), datatype=term("xsd:nonNegativeInteger")))
    if issued := typed(release.created):
        yield Quad(file, term("dcterms:issued"), issued)
    if digest := dict(release.digests).get("sha256"):
        checksum = NamedNode(f"{settings.base}#dump-checksum")
        yield Quad(file, term("spdx:checksum"), checksum)
        yield Quad(checksum, term("rdf:type"), term("spdx:Checksum"))
        yield Quad(checksum, term("spdx:algorithm"), term("spdx:checksumAlgorithm_sha256"))
        yield Quad(checksum, term("spdx:checksumValue"), Literal(digest, datatype=term("xsd:hexBinary")))


def _file(settings: Settings, name: str, address: str, media: str, title: str) -> Iterator[Quad]:
    file, target = NamedNode(f"{settings.base}#{name}"), NamedNode(f"{settings.base}dumps/{address}")
    yield Quad(dataset_iri(settings.base), term("dcat:distribution"), file)
    yield Quad(file, term("rdf:type"), term("dcat:Distribution"))
    yield Quad(file, term("dcterms:title"), Literal(title, language="en"))
    yield Quad(file, term("dcat:accessURL"), NamedNode(f"{settings.base}dumps/"))
    yield Quad(file, term("dcat:downloadURL"), target)
    yield Quad(file, term("dcterms:license"), NamedNode(settings.dataset_licence))
    yield Quad(file, term("dcat:compressFormat"), NamedNode(f"{_MEDIA}application/gzip"))
    yield Quad(file, term("dcat:mediaType"), NamedNode(_MEDIA + media))
    yield Quad(dataset_iri(settings.base), term("void:dataDump"), target)


def _services(settings: Settings, dataset: NamedNode) -> Iterator[Quad]:
    catalogue = NamedNode(f"{settings.base}#catalogue")
    for one in SERVICES:
        service = NamedNode(f"{settings.base}#{one.name}")
        yield Quad(catalogue, term("dcat:service"), service)
        yield Quad(service, term("rdf:type"), term("dcat:DataService"))
        yield Quad(service, term("dcterms:title"), Literal(one.title))
        yield Quad(service, term("dcterms:conformsTo"), NamedNode(one.standard))
        yield Quad(service, term("dcat:endpointURL"), NamedNode(settings.base + one.address))
        yield Quad(service, term("dcat:servesDataset"), dataset)
