"""What the SPARQL endpoint says of itself (SPARQL 1.1 Service Description), and the queries to begin with."""

from dataclasses import dataclass

from pyoxigraph import NamedNode, Quad

from katalod.rdf import dataset_iri, graph_iri, term
from katalod.settings import Settings

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


@dataclass(frozen=True, slots=True)
class Example:
    """A query to begin with, and what it asks in words."""

    de: str
    en: str
    query: str


EXAMPLES = (
    Example(
        "Werke und ihre GND-Schlagwörter",
        "Works and their GND headings",
        """PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?work ?title ?heading ?label WHERE {
  ?work dcterms:subject ?heading ; dcterms:title ?title .
  FILTER(STRSTARTS(STR(?heading), "https://d-nb.info/gnd/"))
  OPTIONAL { ?heading skos:prefLabel ?label }
} LIMIT 100""",
    ),
    Example(
        "Wie viele Werke in jedem Jahr erschienen",
        "How many works appeared in each year",
        """PREFIX dcterms: <http://purl.org/dc/terms/>
SELECT ?year (COUNT(DISTINCT ?work) AS ?works) WHERE {
  ?work dcterms:issued ?issued .
  BIND(SUBSTR(STR(?issued), 1, 4) AS ?year)
} GROUP BY ?year ORDER BY ?year""",
    ),
    Example(
        "Schlagwörter, die mit der GND verknüpft sind, und wie",
        "Keywords that are linked to the GND, and how",
        """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?keyword ?match ?heading WHERE {
  VALUES ?match { skos:exactMatch skos:closeMatch skos:broadMatch skos:narrowMatch skos:relatedMatch }
  ?concept ?match ?heading ; skos:prefLabel ?keyword .
} LIMIT 100""",
    ),
    Example(
        "Was es in diesem Katalog gibt: Klassen und ihre Zahl",
        "What there is in this catalogue: classes and how many of each",
        "SELECT ?class (COUNT(?thing) AS ?things) WHERE { ?thing a ?class } GROUP BY ?class ORDER BY DESC(?things)",
    ),
)


def describe(settings: Settings) -> list[Quad]:
    """Describe the endpoint at <base>sparql; no blank nodes."""
    endpoint = NamedNode(f"{settings.base}sparql")
    dataset, default = (NamedNode(f"{endpoint.value}#{name}") for name in ("dataset", "default-graph"))
    said: list[tuple[NamedNode, str, NamedNode]] = [
        (endpoint, "rdf:type", term("sd:Service")),
        (endpoint, "sd:endpoint", endpoint),
        (endpoint, "sd:supportedLanguage", term("sd:SPARQL11Query")),
        (endpoint, "sd:feature", term("sd:UnionDefaultGraph")),
        *((endpoint, "sd:resultFormat", NamedNode(_FORMATS + name)) for name in RESULT_FORMATS),
        (endpoint, "sd:defaultDataset", dataset),
        (endpoint, "dcterms:isPartOf", dataset_iri(settings.base)),
        (dataset, "rdf:type", term("sd:Dataset")),
        (dataset, "sd:defaultGraph", default),
        (default, "rdf:type", term("sd:Graph")),
    ]
    if settings.sparql_services:
        said.append((endpoint, "sd:feature", term("sd:BasicFederatedQuery")))
    for name in GRAPHS:
        graph = NamedNode(f"{endpoint.value}#{name}")
        said.append((dataset, "sd:namedGraph", graph))
        said.append((graph, "rdf:type", term("sd:NamedGraph")))
        said.append((graph, "sd:name", graph_iri(settings.base, name)))
    return [Quad(subject, term(predicate), object_) for subject, predicate, object_ in said]
