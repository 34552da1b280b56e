"""The graphs that belong to no single record: keyword concepts, authority context, the dataset itself."""

from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import islice

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from katalod import mapping, validation
from katalod.ledger import Ledger, Spellings
from katalod.linking.authority import Authority
from katalod.model import Finding, Severity
from katalod.pipeline.partition import bench
from katalod.rdf import graph_iri, term, work_iri
from katalod.report import Report
from katalod.settings import Settings

_BATCH = 500  # keyword concepts validated together


@dataclass(frozen=True, slots=True)
class Graph:
    """The lines of a named graph, and what was found amiss in it."""

    lines: tuple[bytes, ...]
    findings: tuple[Finding, ...]
    properties: Counter[str]
    classes: Counter[str]


def keyword_graphs(settings: Settings, keywords: Iterator[tuple[str, Spellings]], workers: Executor) -> Iterator[Graph]:
    """Describe keyword concepts with the evidence of their links, some at a time."""
    batches = iter(lambda: tuple(spellings for _, spellings in islice(keywords, _BATCH)), ())
    waiting = [workers.submit(keyword_graph, batch, settings) for batch in batches]
    for future in waiting:
        yield future.result()


def keyword_graph(keywords: tuple[Spellings, ...], settings: Settings) -> Graph:
    """Describe and validate keyword concepts; runs in a process of its own, as pySHACL must."""
    triples = [list(mapping.keyword_triples(spellings, settings.base)) for spellings in keywords]
    faults = validation.check(
        (triple for one in triples for triple in one), bench(settings).concept_shapes, lambda iri: iri.partition("#")[0]
    )
    refused = {iri for iri, found in faults.items() if any(f.severity is Severity.VIOLATION for f in found)}
    kept = (triple for one in triples if str(one[0].subject)[1:-1] not in refused for triple in one)
    findings = (
        replace(f, path=iri.removeprefix(settings.base).partition("/")[2]) for iri in faults for f in faults[iri]
    )
    return _graph(kept, settings, "keywords", tuple(findings))


def scheme_graph(settings: Settings) -> Graph:
    """Describe the scheme that the keywords are in."""
    return _graph(mapping.scheme_triples(settings), settings, "keywords")


def authority_subjects(ledger: Ledger) -> str:
    """Name all that the authority graph is about: as long as this is the same, the graph is."""
    return repr(
        [(concept.iri, concept.label) for concept in ledger.concepts()]
        + [(a.iri, a.name, a.body) for a in ledger.agents()]
    )


def authority_graph(settings: Settings, ledger: Ledger) -> Graph:
    """Say what every linked heading and all above it are called, and agents with an authority's IRI."""
    authority = bench(settings).authority
    known = (authority.name, authority.version, authority.modified, authority.licence)
    about = mapping.authority_triples(settings.base, *known) if ledger.concepts() else ()
    return _graph((*about, *_authority(ledger, authority)), settings, "authority")


def dataset_graph(settings: Settings, ledger: Ledger, report: Report, workers: Executor) -> Graph:
    """Describe the dataset from what was counted."""
    properties, example = ledger.counted("property"), report.first()
    matches = {name: n for name, n in properties.items() if name.startswith(term("skos:").value) and "Match" in name}
    subjects = ledger.counted("link")["dcterms:subject"]
    statistics = mapping.Statistics(
        triples=sum(properties.values()),
        works=report.count("work"),
        keywords=ledger.keyword_count(),
        classes=ledger.counted("class"),
        properties=properties,
        links=matches | ({term("dcterms:subject").value: subjects} if subjects else {}),
        modified=report.newest_datestamp(),
        example=work_iri(settings.base, example).value if example else "",
    )
    return workers.submit(_dataset, statistics, settings).result()


def _dataset(statistics: mapping.Statistics, settings: Settings) -> Graph:
    """Describe and validate the dataset; what its shapes find is reported, and the release goes on."""
    triples = list(mapping.dataset_triples(settings, statistics))
    faults = validation.check(triples, validation.load("dataset"), lambda iri: "")
    return _graph(triples, settings, "dataset", tuple(f for found in faults.values() for f in found))


def _authority(ledger: Ledger, authority: Authority) -> Iterator[Triple]:
    linked = {concept.iri: concept for concept in ledger.concepts()}
    above = {iri for concept in linked.values() for iri in authority.ancestors(concept.iri)}
    beside = {iri for known in map(authority.heading, linked) if known for iri in known.related}
    for iri in sorted(linked.keys() | above | beside):
        concept = authority.heading(iri) or linked.get(iri)
        if concept is not None:
            yield from mapping.concept_triples(concept)
    for agent in ledger.agents():
        node = NamedNode(agent.iri or "")
        yield Triple(node, term("rdf:type"), term("foaf:Organization" if agent.body else "foaf:Person"))
        yield Triple(node, term("foaf:name"), Literal(agent.name))


def _graph(triples: Iterable[Triple], settings: Settings, name: str, findings: tuple[Finding, ...] = ()) -> Graph:
    quads = [Quad(t.subject, t.predicate, t.object, graph_iri(settings.base, name)) for t in dict.fromkeys(triples)]
    lines = (serialize(quads, format=RdfFormat.N_QUADS) or b"").splitlines(keepends=True)
    classes = (quad.object for quad in quads if quad.predicate == term("rdf:type"))
    return Graph(
        tuple(lines),
        findings,
        Counter(quad.predicate.value for quad in quads),
        Counter(kind.value for kind in classes if isinstance(kind, NamedNode)),
    )
