"""What the SPARQL endpoint says of itself (SPARQL 1.1 Service Description): forms, graphs, figures, examples."""

from collections.abc import Iterable

from pyoxigraph import NamedNode, Quad

from katalod.rdf import dataset_iri, graph_iri, term
from katalod.settings import Settings
from katalod.store.examples import example_quads

_FORMATS = "http://www.w3.org/ns/formats/"
RESULT_FORMATS = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "JSON-LD",
    "N-Triples",
    "RDF_XML",
    "N-Quads",
    "TriG",
)
GRAPHS = ("keywords", "authority", "dataset")
_FIGURES = ("void:triples", "void:entities", "void:classPartition", "void:propertyPartition", "void:vocabulary")
_OF_PARTS = ("void:class", "void:property", "void:entities", "void:triples")


def describe(settings: Settings, dataset: Iterable[Quad] = ()) -> list[Quad]:
    """Describe the endpoint at <base>sparql, with the figures of the dataset's own description; no blank nodes."""
    endpoint = NamedNode(f"{settings.base}sparql")
    served, default = (NamedNode(f"{endpoint.value}#{name}") for name in ("dataset", "default-graph"))
    said: list[tuple[NamedNode, str, NamedNode]] = [
        (endpoint, "rdf:type", term("sd:Service")),
        (endpoint, "sd:endpoint", endpoint),
        (endpoint, "sd:supportedLanguage", term("sd:SPARQL11Query")),
        (endpoint, "sd:feature", term("sd:UnionDefaultGraph")),
        *((endpoint, "sd:resultFormat", NamedNode(_FORMATS + name)) for name in RESULT_FORMATS),
        (endpoint, "sd:defaultDataset", served),
        (endpoint, "dcterms:isPartOf", dataset_iri(settings.base)),
        (served, "rdf:type", term("sd:Dataset")),
        (served, "sd:defaultGraph", default),
        (default, "rdf:type", term("sd:Graph")),
    ]
    if settings.sparql_services:
        said.append((endpoint, "sd:feature", term("sd:BasicFederatedQuery")))
    for name in GRAPHS:
        graph = NamedNode(f"{endpoint.value}#{name}")
        said.append((served, "sd:namedGraph", graph))
        said.append((graph, "rdf:type", term("sd:NamedGraph")))
        said.append((graph, "sd:name", graph_iri(settings.base, name)))
    described = [Quad(subject, term(predicate), object_) for subject, predicate, object_ in said]
    return [*described, *_figures(default, dataset, settings), *example_quads(settings.base)]


def _figures(default: NamedNode, dataset: Iterable[Quad], settings: Settings) -> Iterable[Quad]:
    """Repeat of the default graph what was counted of the dataset; the parts keep their names."""
    whole, of_whole, of_parts = dataset_iri(settings.base), *(set(map(term, names)) for names in (_FIGURES, _OF_PARTS))
    for quad in dataset:
        if quad.subject == whole and quad.predicate in of_whole:
            yield Quad(default, quad.predicate, quad.object)
        elif quad.subject != whole and quad.predicate in of_parts:
            yield Quad(quad.subject, quad.predicate, quad.object)
