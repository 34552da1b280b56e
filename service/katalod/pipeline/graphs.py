"""The graphs that belong to no single record: keyword concepts, authority context, the dataset itself."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from katalod import mapping, validation
from katalod.linking.authority import Authority
from katalod.model import Agent, Finding, Severity, Subject
from katalod.pipeline.partition import bench
from katalod.pipeline.tally import Tally
from katalod.rdf import graph_iri, slug, term, work_iri
from katalod.settings import Settings

_BATCH = 500  # keyword concepts validated together


@dataclass(frozen=True, slots=True)
class Graph:
    """The lines of a named graph, and what was found amiss in it."""

    lines: tuple[bytes, ...]
    findings: tuple[Finding, ...]
    properties: Counter[str]
    classes: Counter[str]


def shared_graphs(settings: Settings, tally: Tally, executor: Executor) -> Iterator[Graph]:
    """Give the named graphs of a release: keywords with their evidence, authority context, dataset."""
    spellings: defaultdict[str, list[tuple[Subject, int]]] = defaultdict(list)
    for subject, uses in tally.subjects.items():
        spellings[slug(subject.label)].append((subject, uses))
    keywords = [tuple(spellings[key]) for key in sorted(spellings)]
    batches = [tuple(keywords[n : n + _BATCH]) for n in range(0, len(keywords), _BATCH)]
    graphs = list(executor.map(keyword_graph, batches, [settings] * len(batches)))
    graphs.append(_graph(mapping.scheme_triples(settings), settings, "keywords"))
    graphs.append(_graph(_authority(tally, bench(settings).authority), settings, "authority"))
    yield from graphs
    for graph in graphs:
        tally.properties.update(graph.properties)
        tally.classes.update(graph.classes)
    lines = sum(tally.properties.values())
    links = {
        name: n for name, n in tally.properties.items() if name.startswith(term("skos:").value) and "Match" in name
    }
    statistics = mapping.Statistics(
        triples=lines,
        works=tally.works,
        keywords=len(keywords),
        classes=tally.classes,
        properties=tally.properties,
        links=links | ({term("dcterms:subject").value: tally.links} if tally.links else {}),
        modified=tally.modified,
        example=work_iri(settings.base, tally.example).value if tally.example else "",
    )
    yield executor.submit(dataset_graph, statistics, settings).result()


def keyword_graph(keywords: tuple[tuple[tuple[Subject, int], ...], ...], settings: Settings) -> Graph:
    """Describe and validate keyword concepts; runs in a process of its own, as pySHACL must."""
    triples = [list(mapping.keyword_triples(spellings, settings.base)) for spellings in keywords]
    faults = validation.check(
        (triple for one in triples for triple in one), bench(settings).concept_shapes, lambda iri: iri.partition("#")[0]
    )
    refused = {iri for iri, found in faults.items() if any(f.severity is Severity.VIOLATION for f in found)}
    kept = (triple for one in triples if one[0].subject.value not in refused for triple in one)  # type: ignore[union-attr]
    findings = (
        replace(f, path=iri.removeprefix(settings.base).partition("/")[2]) for iri in faults for f in faults[iri]
    )
    return _graph(kept, settings, "keywords", tuple(findings))


def dataset_graph(statistics: mapping.Statistics, settings: Settings) -> Graph:
    """Describe and validate the dataset; what its shapes find is reported, and the release goes on."""
    triples = list(mapping.dataset_triples(settings, statistics))
    faults = validation.check(triples, validation.load("dataset"), lambda iri: "")
    return _graph(triples, settings, "dataset", tuple(f for found in faults.values() for f in found))


def _authority(tally: Tally, authority: Authority) -> Iterator[Triple]:
    """Say of every linked heading, and of all above it, what it is called; and of agents with an authority's IRI."""
    linked = {link.concept.iri: link.concept for subject in tally.subjects for link in subject.links}
    above = {iri for concept in linked.values() for iri in authority.ancestors(concept.iri)}
    for iri in sorted(linked.keys() | above):
        concept = authority.heading(iri) or linked.get(iri)
        if concept is not None:
            yield from mapping.concept_triples(concept)
    names: defaultdict[str, list[tuple[Agent, int]]] = defaultdict(list)
    for agent, uses in tally.agents.items():
        names[agent.iri or ""].append((agent, uses))
    for iri in sorted(names):
        agent = min(names[iri], key=lambda pair: (-pair[1], pair[0].name))[0]
        yield Triple(NamedNode(iri), term("rdf:type"), term("foaf:Organization" if agent.body else "foaf:Person"))
        yield Triple(NamedNode(iri), term("foaf:name"), Literal(agent.name))


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
