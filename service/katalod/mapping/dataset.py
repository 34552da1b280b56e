"""The dataset described by itself: VoID for linked-data clients, DCAT 3 for portals."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from katalod.mapping.dates import typed
from katalod.rdf import GND, dataset_iri, prefixes, term
from katalod.settings import Settings


@dataclass(frozen=True, slots=True)
class Statistics:
    """What was counted while a release was built."""

    triples: int
    works: int
    keywords: int
    classes: Mapping[str, int]  # class IRI -> instances
    properties: Mapping[str, int]  # property IRI -> triples
    links: Mapping[str, int]  # SKOS or dcterms property IRI -> links to the GND
    modified: str  # the newest datestamp among the records, or ""
    example: str  # the IRI of one work, or ""


def dataset_triples(settings: Settings, statistics: Statistics) -> Iterator[Triple]:
    """Describe the dataset, its dump, its endpoint and its links; the same release gives the same triples."""
    dataset = dataset_iri(settings.base)
    yield from _named(dataset, settings)
    yield from _counted(dataset, settings, statistics)
    yield from _partitions(dataset, statistics)
    yield from _linksets(dataset, statistics)
    yield from _ways_in(dataset, settings)


def _named(dataset: NamedNode, settings: Settings) -> Iterator[Triple]:
    yield Triple(dataset, term("rdf:type"), term("void:Dataset"))
    yield Triple(dataset, term("rdf:type"), term("dcat:Dataset"))
    titles = {"de": settings.dataset_title_de, "en": settings.dataset_title_en}
    defaults = {
        "de": "Die Nachweise eines Repositoriums als Linked Open Data, veröffentlicht mit katalod.",
        "en": "A repository's records as linked open data, published with katalod.",
    }
    descriptions = {"de": settings.dataset_description_de, "en": settings.dataset_description_en}
    catalogue = NamedNode(f"{settings.base}#catalogue")
    for tag in ("de", "en"):
        for thing in (dataset, catalogue):
            yield Triple(thing, term("dcterms:title"), Literal(titles[tag], language=tag))
            yield Triple(thing, term("dcterms:description"), Literal(descriptions[tag] or defaults[tag], language=tag))
    yield Triple(dataset, term("dcterms:license"), NamedNode(settings.dataset_licence))
    publisher = NamedNode(settings.dataset_publisher_iri or f"{settings.base}#publisher")
    yield Triple(dataset, term("dcterms:publisher"), publisher)
    yield Triple(catalogue, term("dcterms:publisher"), publisher)
    yield Triple(publisher, term("rdf:type"), term("foaf:Organization"))
    yield Triple(publisher, term("foaf:name"), Literal(settings.dataset_publisher or settings.dataset_title_de))
    if settings.dataset_contact:
        contact = NamedNode(f"{settings.base}#contact")
        yield Triple(dataset, term("dcat:contactPoint"), contact)
        yield Triple(contact, term("rdf:type"), term("vcard:Organization"))
        yield Triple(contact, term("vcard:fn"), Literal(settings.dataset_publisher or settings.dataset_title_de))
        yield Triple(contact, term("vcard:hasEmail"), NamedNode(f"mailto:{settings.dataset_contact}"))


def _counted(dataset: NamedNode, settings: Settings, statistics: Statistics) -> Iterator[Triple]:
    yield Triple(dataset, term("void:triples"), _number(statistics.triples))
    yield Triple(dataset, term("void:entities"), _number(statistics.works + statistics.keywords))
    yield Triple(dataset, term("void:uriSpace"), Literal(f"{settings.base}id/"))
    if statistics.example:
        yield Triple(dataset, term("void:exampleResource"), NamedNode(statistics.example))
    if modified := typed(statistics.modified):
        yield Triple(dataset, term("dcterms:modified"), modified)
    used = {space for space in prefixes().values() for name in statistics.properties if name.startswith(space)}
    for space in sorted(used):
        yield Triple(dataset, term("void:vocabulary"), NamedNode(space))


def _partitions(dataset: NamedNode, statistics: Statistics) -> Iterator[Triple]:
    for n, (name, count) in enumerate(sorted(statistics.classes.items()), 1):
        node = NamedNode(f"{dataset.value}-class-{n}")
        yield Triple(dataset, term("void:classPartition"), node)
        yield Triple(node, term("void:class"), NamedNode(name))
        yield Triple(node, term("void:entities"), _number(count))
    for n, (name, count) in enumerate(sorted(statistics.properties.items()), 1):
        node = NamedNode(f"{dataset.value}-property-{n}")
        yield Triple(dataset, term("void:propertyPartition"), node)
        yield Triple(node, term("void:property"), NamedNode(name))
        yield Triple(node, term("void:triples"), _number(count))


def _linksets(dataset: NamedNode, statistics: Statistics) -> Iterator[Triple]:
    gnd = NamedNode(f"{dataset.value}-gnd")
    for n, (name, count) in enumerate(sorted(statistics.links.items()), 1):
        node = NamedNode(f"{dataset.value}-linkset-{n}")
        yield Triple(dataset, term("void:subset"), node)
        yield Triple(node, term("rdf:type"), term("void:Linkset"))
        yield Triple(node, term("void:subjectsTarget"), dataset)
        yield Triple(node, term("void:objectsTarget"), gnd)
        yield Triple(node, term("void:linkPredicate"), NamedNode(name))
        yield Triple(node, term("void:triples"), _number(count))
    if statistics.links:
        # What it is and how it is called stands beside the headings that were taken from it (authority_triples).
        yield Triple(gnd, term("void:uriSpace"), Literal(GND))


def _ways_in(dataset: NamedNode, settings: Settings) -> Iterator[Triple]:
    endpoint, dump = NamedNode(f"{settings.base}sparql"), NamedNode(f"{settings.base}dumps/latest.nq.gz")
    catalogue, file, service = (NamedNode(f"{settings.base}#{name}") for name in ("catalogue", "dump", "sparql"))
    yield Triple(dataset, term("foaf:homepage"), NamedNode(settings.base))
    yield Triple(dataset, term("void:sparqlEndpoint"), endpoint)
    yield Triple(dataset, term("void:dataDump"), dump)
    yield Triple(dataset, term("dcat:distribution"), file)
    yield Triple(file, term("rdf:type"), term("dcat:Distribution"))
    yield Triple(file, term("dcat:downloadURL"), dump)
    yield Triple(file, term("dcat:accessURL"), NamedNode(f"{settings.base}dumps/"))
    yield Triple(file, term("dcterms:license"), NamedNode(settings.dataset_licence))
    media = "https://www.iana.org/assignments/media-types/application/"
    yield Triple(file, term("dcat:mediaType"), NamedNode(f"{media}n-quads"))
    yield Triple(file, term("dcat:compressFormat"), NamedNode(f"{media}gzip"))
    yield Triple(service, term("rdf:type"), term("dcat:DataService"))
    yield Triple(service, term("dcterms:title"), Literal("SPARQL 1.1"))
    yield Triple(service, term("dcat:endpointURL"), endpoint)
    yield Triple(service, term("dcat:servesDataset"), dataset)
    yield Triple(catalogue, term("rdf:type"), term("dcat:Catalog"))
    yield Triple(catalogue, term("dcterms:license"), NamedNode(settings.dataset_licence))
    yield Triple(catalogue, term("dcat:dataset"), dataset)
    yield Triple(catalogue, term("dcat:service"), service)


def _number(count: int) -> Literal:
    return Literal(str(count), datatype=term("xsd:integer"))
