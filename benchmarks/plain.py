"""The plain way: rdflib and pySHACL as their manuals show them, one graph a record, one process.

It maps the same records to the same core of properties, links by a dictionary of the same headings, and
validates with the same shapes, parsed once. It builds no search index and no store on disk, and is so
spared some of the work that katalod does.
"""

import gzip
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pyshacl
from rdflib import RDF, Dataset, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, FOAF, SKOS, XSD

BIBO = Namespace("http://purl.org/ontology/bibo/")
DC11 = Namespace("http://purl.org/dc/elements/1.1/")
WDRS = Namespace("http://www.w3.org/2007/05/powder-s#")
GNDO = Namespace("https://d-nb.info/standards/elementset/gnd#")
BASE = "http://127.0.0.1:8080/"
CC0 = URIRef("http://creativecommons.org/publicdomain/zero/1.0/")

NAMES = {
    "dc.title": DCTERMS.title,
    "dc.description.abstract": DCTERMS.abstract,
    "dc.description": DCTERMS.description,
    "dc.identifier.doi": BIBO.doi,
    "dc.identifier.ppn": DCTERMS.identifier,
    "dc.publisher": DC11.publisher,
    "dc.rights": DC11.rights,
    "dc.type": DC11.type,
}


def records(pages: list[Path]) -> Iterator[tuple[str, list[tuple[str, str, str | None]]]]:
    """Read `dim` pages: identifier and fields of each record."""
    for page in pages:
        with gzip.open(page) as stream:
            root = ET.parse(stream).getroot()
        for record in root.iter("{http://www.openarchives.org/OAI/2.0/}record"):
            identifier = record.findtext(".//{http://www.openarchives.org/OAI/2.0/}identifier") or ""
            fields = []
            for field in record.iter("{http://www.dspace.org/xmlns/dspace/dim}field"):
                name = ".".join(filter(None, (field.get("mdschema"), field.get("element"), field.get("qualifier"))))
                fields.append((name, field.text or "", field.get("lang")))
            yield identifier.rpartition(":")[2], fields


def headings(authority: Path) -> dict[str, URIRef]:
    """Read the authority file into a dictionary from heading to IRI."""
    graph = Graph()
    with gzip.open(authority) as stream:
        graph.parse(stream, format="turtle")
    return {str(label): iri for iri, label in graph.subject_objects(GNDO.preferredNameForTheSubjectHeading)}


def describe(path: str, fields: list[tuple[str, str, str | None]], names: dict[str, URIRef]) -> Graph:
    """Map one record."""
    graph = Graph()
    work, doc = URIRef(f"{BASE}id/{path}"), URIRef(f"{BASE}doc/{path}")
    graph.add((work, RDF.type, BIBO.Document))
    graph.add((work, WDRS.describedby, doc))
    graph.add((doc, RDF.type, FOAF.Document))
    graph.add((doc, DCTERMS.license, CC0))
    for number, (name, value, lang) in enumerate(fields):
        if name in NAMES:
            graph.add((work, NAMES[name], Literal(value, lang=lang)))
        elif name == "dc.contributor.author":
            agent = URIRef(f"{work}#author-{number}")
            graph.add((work, DCTERMS.creator, agent))
            graph.add((agent, RDF.type, FOAF.Person))
            graph.add((agent, FOAF.name, Literal(value)))
        elif name == "dc.date.issued" and len(value) == 4 and value.isdigit():
            graph.add((work, DCTERMS.issued, Literal(value, datatype=XSD.gYear)))
        elif name == "dc.identifier.uri" and " " not in value:
            graph.add((work, FOAF.isPrimaryTopicOf, URIRef(value)))
        elif name == "dc.relation.ispartofseries":
            graph.add((work, DCTERMS.isPartOf, URIRef(f"{work}#series")))
            graph.add((URIRef(f"{work}#series"), DCTERMS.title, Literal(value)))
        elif name == "dc.subject":
            graph.add((work, DC11.subject, Literal(value, lang=lang)))
            if value in names:
                graph.add((work, DCTERMS.subject, names[value]))
                graph.add((names[value], SKOS.prefLabel, Literal(value, lang="de")))
    return graph


def run(pages: list[Path], authority: Path, shapes: Path, dump: Path) -> dict[str, float]:
    """Publish the pages the plain way; gives seconds for loading the authority and for the rest."""
    began = time.perf_counter()
    names = headings(authority)
    loaded = time.perf_counter()
    rules = Graph().parse(shapes, format="turtle")
    whole, count = Dataset(), 0
    for path, fields in records(pages):
        graph = describe(path, fields, names)
        pyshacl.validate(graph, shacl_graph=rules, inference="none")
        for triple in graph:
            whole.add(triple)
        count += 1
    whole.serialize(dump, format="nquads")
    return {"records": count, "authority": loaded - began, "publish": time.perf_counter() - loaded}
