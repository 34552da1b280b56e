"""How long validating a work takes, by the size of the batch, and beside pySHACL used the plain way.

    python benchmarks/validation.py [WORKS]

The works are made: the same report again and again, one in four with something to complain of. Times are
the best of three, in milliseconds a work, on one core, with the making of the rdflib graph.
"""

import sys
import time
from collections.abc import Callable, Iterable

import pyshacl
from pyoxigraph import RdfFormat, Triple, serialize
from rdflib import Graph

from katalod import mapping, validation
from katalod.model import Agent, Concept, Link, Record, Series, Subject, Text


def to_rdflib(triples: Iterable[Triple]) -> Graph:
    """Copy triples into an rdflib graph as a manual shows it: by way of N-Triples."""
    return Graph().parse(data=serialize(triples, format=RdfFormat.N_TRIPLES), format="nt")


BASE = "https://example.org/"
DE = "Der Bericht zeigt, wie zehn Städte mit Zuwanderung und Wohnungsmarkt umgehen, und was daraus folgt. " * 8
EN = "The report shows how ten towns go about immigration and housing, and what follows from this for others. " * 8


def record(n: int) -> Record:
    linked = [Concept(f"https://d-nb.info/gnd/{id}", id) for id in ("4315666-6", "4120730-0", "4066794-7")]
    subjects = tuple(
        Subject(concept.label, "de", links=(Link(concept, "exactMatch", "LexicalMatching", 1.0, "GND"),))
        for concept in linked
    )
    return Record(
        path=f"difu/{n}",
        identifier=f"oai:example.org:difu/{n}",
        titles=(Text(f"Vielfalt in den Städten, Band {n}", "de"),),
        creators=(Agent(f"Reimann, Bettina {n}"), Agent("Kirchhoff, Gudrun")),
        issued=(str(1990 + n % 35),) if n % 4 else (),
        available=("2021-05-28",),
        accessioned=("2021-05-28", "2023-02-04"),
        isbns=("978-3-88118-676-6",),
        handles=(f"difu/{n}",),
        pages=(f"https://repository.difu.de/handle/difu/{n}",),
        languages=("de",),
        abstracts=(Text(DE, "de"), Text(EN, "en")),
        types=(Text("Graue Literatur/ Bericht", "de"),),
        subjects=(*subjects, Subject("Teilhabe", "de"), Subject("Wohnquartier", "de")),
        series=(Series("Difu-Papers", "12"),),
    )


def best(work: Callable[[], object], times: int = 3) -> float:
    def once() -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    return min(once() for _ in range(times))


def plain(batch: list[Triple], shapes_graph: Graph) -> bool:
    conforms, _, _ = pyshacl.validate(to_rdflib(batch), shacl_graph=shapes_graph)
    return bool(conforms)


def main(number: int = 500) -> None:
    table = mapping.load()
    works: list[tuple[Triple, ...]] = [mapping.describe(record(n), table, BASE).triples for n in range(number)]
    shapes, owner = validation.load("record"), validation.owners(BASE)
    shapes_graph = Graph().parse(data=shapes.graph.serialize(format="nt"), format="nt")
    print(f"{number} works, {sum(map(len, works)) / number:.1f} triples each")
    for size in (50, 100, 250, 500):
        batches = [[t for work in works[n : n + size] for t in work] for n in range(0, number, size)]
        seconds = best(lambda batches=batches: [validation.check(batch, shapes, owner) for batch in batches])
        print(f"  katalod, batches of {size:3}        {seconds / number * 1000:6.3f}")
    for size, name in ((100, "batches of 100"), (1, "work by work")):
        some = works[: max(size, min(number, 100))]
        batches = [[t for work in some[n : n + size] for t in work] for n in range(0, len(some), size)]
        seconds = best(
            lambda batches=batches: [pyshacl.validate(to_rdflib(b), shacl_graph=shapes_graph) for b in batches]
        )
        print(f"  pyshacl.validate, {name:14}{seconds / len(some) * 1000:7.3f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
