"""Record -> triples: the table of `ontology/mapping.toml`, and the named emitters that it refers to."""

from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import NamedNode, Triple

from katalod.mapping.at import At
from katalod.mapping.concepts import authority_triples, concept_triples, keyword_triples, scheme_triples
from katalod.mapping.dataset import Statistics, dataset_triples
from katalod.mapping.emitters import EMITTERS
from katalod.mapping.table import Table
from katalod.mapping.table import load as load_table
from katalod.model import Description, Finding, Record
from katalod.rdf import CC0, dataset_iri, doc_iri, term, work_iri

__all__ = [
    "Statistics",
    "Table",
    "authority_triples",
    "concept_triples",
    "dataset_triples",
    "describe",
    "keyword_triples",
    "load",
    "scheme_triples",
]


def load(folder: Path | None = None) -> Table:
    """Read mapping, types and languages from `ontology/`; raises MappingError with file and row of a fault."""
    return load_table(EMITTERS, folder)


def describe(record: Record, table: Table, base: str) -> Description:
    """Say in triples what a record says: the work, the document that describes it, and what was amiss.

    The triples are sorted and bear no blank node; everything made lies below the work's own IRI.
    """
    work, doc = work_iri(base, record.path), doc_iri(base, record.path)
    triples: set[Triple] = set(_frame(work, doc, base))
    findings: list[Finding] = list(record.findings)
    for row in table.rows:
        values = getattr(record, row.field)
        if not values:
            continue
        otherwise = term(row.otherwise) if row.otherwise else None
        at = At(record, base, work, doc, row.field, term(row.property), otherwise, table)
        for item in EMITTERS[row.value](values, at):
            if isinstance(item, Finding):
                findings.append(item)
            else:
                triples.add(item)
    if not any(t.subject == work and t.predicate == term("rdf:type") for t in triples):
        triples.add(Triple(work, term("rdf:type"), term("bibo:Document")))
    return Description(record.path, tuple(sorted(triples, key=str)), tuple(dict.fromkeys(findings)))


def _frame(work: NamedNode, doc: NamedNode, base: str) -> Iterator[Triple]:
    """Join the work and its description, which are two resources (docs/mapping.md, principle 1)."""
    yield Triple(work, term("wdrs:describedby"), doc)
    yield Triple(doc, term("rdf:type"), term("foaf:Document"))
    yield Triple(doc, term("foaf:primaryTopic"), work)
    yield Triple(doc, term("dcterms:license"), NamedNode(CC0))
    yield Triple(doc, term("void:inDataset"), dataset_iri(base))
