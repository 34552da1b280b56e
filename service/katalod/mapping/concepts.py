"""Keyword concepts with their links and evidence, and the headings of the authority that they link to."""

from collections import Counter
from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Triple

from katalod.mapping.dates import typed
from katalod.mapping.languages import primary
from katalod.model import Concept, Link, Subject
from katalod.rdf import dataset_iri, keyword_iri, made_iri, term, valid_iri
from katalod.settings import Settings


def keyword_triples(subjects: Iterable[tuple[Subject, int]], base: str) -> Iterator[Triple]:
    """Describe one keyword concept from all its spellings, each with the number of works that use it.

    The most used spelling of a language is its preferred label (at most one each, SKOS S14), others are
    alternative labels. Every link comes with its evidence as an SSSOM mapping at an IRI of its own.
    """
    spellings: Counter[tuple[str, str | None]] = Counter()
    links: dict[tuple[str, str], Link] = {}
    for subject, uses in subjects:
        spellings[subject.label, primary(subject.lang)] += uses
        for link in subject.links:  # of two ways to one heading, the surer one is told
            key = (link.concept.iri, link.predicate)
            links[key] = max(links.get(key, link), link, key=_sure)
    ranked = sorted(spellings, key=lambda spelling: (-spellings[spelling], spelling[0], spelling[1] or ""))
    concept = keyword_iri(base, ranked[0][0])
    yield Triple(concept, term("rdf:type"), term("skos:Concept"))
    yield Triple(concept, term("skos:inScheme"), NamedNode(f"{base}id/keywords"))
    preferred: set[str | None] = set()
    for label, tag in ranked:
        property = "skos:altLabel" if tag in preferred else "skos:prefLabel"
        preferred.add(tag)
        yield Triple(concept, term(property), Literal(label, language=tag) if tag else Literal(label))
    for (_, _), link in sorted(links.items()):
        yield from _evidence(concept, link)


def scheme_triples(settings: Settings) -> Iterator[Triple]:
    """Describe the scheme that the keyword concepts are in."""
    scheme = NamedNode(f"{settings.base}id/keywords")
    yield Triple(scheme, term("rdf:type"), term("skos:ConceptScheme"))
    yield Triple(scheme, term("dcterms:title"), Literal(f"Schlagwörter: {settings.dataset_title_de}", language="de"))
    yield Triple(scheme, term("dcterms:title"), Literal(f"Keywords: {settings.dataset_title_en}", language="en"))


def _evidence(concept: NamedNode, link: Link) -> Iterator[Triple]:
    """Say why a keyword stands for a heading (SSSOM 1.0: a mapping with justification and confidence)."""
    predicate, heading = term(f"skos:{link.predicate}"), NamedNode(link.concept.iri)
    mapping = made_iri(concept, "link", link.concept.iri.rsplit("/", 1)[-1])
    yield Triple(concept, predicate, heading)
    yield Triple(mapping, term("rdf:type"), term("sssom:Mapping"))
    yield Triple(mapping, term("sssom:subject_id"), concept)
    yield Triple(mapping, term("sssom:predicate_id"), predicate)
    yield Triple(mapping, term("sssom:object_id"), heading)
    yield Triple(mapping, term("sssom:object_label"), Literal(link.concept.label))
    yield Triple(mapping, term("sssom:mapping_justification"), term(f"semapv:{link.method}"))
    yield Triple(mapping, term("sssom:confidence"), Literal(f"{link.confidence:g}", datatype=term("xsd:decimal")))
    yield Triple(mapping, term("sssom:object_source_version"), Literal(link.authority))
    if link.author:
        yield Triple(mapping, term("sssom:author_label"), Literal(link.author))
    if link.date:
        yield Triple(mapping, term("sssom:mapping_date"), Literal(link.date, datatype=term("xsd:date")))
    if link.reviewer:
        yield Triple(mapping, term("sssom:reviewer_label"), Literal(link.reviewer))
    if link.rule:
        yield Triple(mapping, term("sssom:mapping_tool"), Literal(f"katalod: {link.rule}"))
    if link.comment:
        yield Triple(mapping, term("sssom:comment"), Literal(link.comment))


def _sure(link: Link) -> tuple[float, str, str]:
    return link.confidence, link.rule, link.comment


def concept_triples(concept: Concept) -> Iterator[Triple]:
    """Describe a heading of the authority: label, variants, broader and related headings."""
    node = NamedNode(concept.iri)
    yield Triple(node, term("rdf:type"), term("skos:Concept"))
    yield Triple(node, term("skos:prefLabel"), Literal(concept.label, language="de"))
    for variant in concept.variants:
        yield Triple(node, term("skos:altLabel"), Literal(variant, language="de"))
    for broader in concept.broader:
        yield Triple(node, term("skos:broader"), NamedNode(broader))
    for related in concept.related:
        yield Triple(node, term("skos:related"), NamedNode(related))


def authority_triples(base: str, name: str, version: str, modified: str, licence: str) -> Iterator[Triple]:
    """Say of the authority file which version of it the links were made with, and under which licence it stands."""
    node = NamedNode(f"{dataset_iri(base).value}-gnd")
    yield Triple(node, term("rdf:type"), term("void:Dataset"))
    yield Triple(node, term("dcterms:title"), Literal("Gemeinsame Normdatei (GND)", language="de"))
    yield Triple(node, term("owl:versionInfo"), Literal(f"{name} {version}"))
    if valid_iri(licence):
        yield Triple(node, term("dcterms:license"), NamedNode(licence))
    if issued := typed(modified):
        yield Triple(node, term("dcterms:modified"), issued)
