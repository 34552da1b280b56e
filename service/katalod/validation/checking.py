"""From validation results to findings, each with the work or concept that it is about."""

import logging
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import unquote

from pyoxigraph import BlankNode, NamedNode, Triple
from rdflib import Graph

from katalod.errors import ValidationError
from katalod.model import Finding, Severity
from katalod.validation.engine import Result, results
from katalod.validation.graph import to_graph
from katalod.validation.shapes import Rule, Shapes

Owner = Callable[[str], str]
"""Folds the IRI of a node to what its findings go to: the path of the work (or concept) that it belongs to."""

LENGTH = 300
"""Characters of a value that a finding shows; a report is for reading."""

log = logging.getLogger(__name__)


def owners(base: str) -> Owner:
    """Make the owner function of a dataset: works, their documents and what is made below them go to the path."""
    places = (f"{base}id/", f"{base}doc/")

    def owner(iri: str) -> str:
        for place in places:
            if iri.startswith(place):
                return unquote(iri[len(place) :].partition("#")[0])
        return iri

    return owner


def check(triples: Iterable[Triple], shapes: Shapes, owner: Owner) -> dict[str, list[Finding]]:
    """Find what does not hold in a batch of works: findings by owner, in an order that the input alone decides.

    A value that several works bear is found in each. If pySHACL fails over a batch, its works are asked one by
    one, and one that it fails over again gets the Violation "validator-failed": nothing is lost, nobody waits.
    """
    batch = tuple(triples)
    try:
        return _check(batch, shapes, owner)
    except ValidationError:
        raise  # the shapes are at fault, not the works
    except Exception as error:  # noqa: BLE001 - whatever pySHACL or rdflib raise over hostile data
        log.warning("validating %s triples: %r; their works are asked one by one", len(batch), error)
    found: dict[str, list[Finding]] = {}
    for path, own in _apart(batch, owner).items():
        try:
            for about, findings in _check(own, shapes, owner).items():
                found.setdefault(about, []).extend(findings)
        except ValidationError:
            raise
        except Exception as error:  # noqa: BLE001
            found.setdefault(path, []).append(_failed(path, error))
    return found


def _check(triples: Iterable[Triple], shapes: Shapes, owner: Owner) -> dict[str, list[Finding]]:
    graph = to_graph(triples, shapes.predicates)
    found: dict[str, set[Finding]] = {}
    for result in results(graph, shapes):
        rule = shapes.rules[result.shape]
        for about, field in _whose(result, rule, graph):
            path = owner(about)
            value = _shown(result, rule, graph)
            finding = Finding(rule.severity, rule.name, field, value, rule.de, rule.en, path=path)
            found.setdefault(path, set()).add(finding)
    return {path: sorted(found[path], key=lambda f: (f.shape, f.field, f.value)) for path in sorted(found)}


def _whose(result: Result, rule: Rule, graph: Graph) -> Iterator[tuple[str, str]]:
    """Name the nodes that a result is about, and by which property: a bad value goes to whoever bears it."""
    borne = False
    for predicate, curie in rule.borne.items():
        for subject in graph.subjects(predicate, result.focus):
            borne = True
            yield str(subject), rule.field or curie
    if not borne:
        yield str(result.focus), rule.field


def _shown(result: Result, rule: Rule, graph: Graph) -> str:
    """The value that is at fault; where it is their number, all that there are."""
    if result.value is not None:
        text = str(result.value)
    elif rule.path is not None:
        text = " | ".join(sorted(str(value) for value in graph.objects(result.focus, rule.path)))
    else:
        text = str(result.focus)
    return text if len(text) <= LENGTH else text[: LENGTH - 1] + "…"


def _apart(triples: Iterable[Triple], owner: Owner) -> dict[str, list[Triple]]:
    works: dict[str, list[Triple]] = {}
    for triple in triples:
        subject = triple.subject
        name = subject.value if isinstance(subject, NamedNode | BlankNode) else str(subject)
        works.setdefault(owner(name), []).append(triple)
    return works


def _failed(path: str, error: Exception) -> Finding:
    return Finding(
        Severity.VIOLATION,
        "validator-failed",
        "",
        repr(error)[:LENGTH],
        "Die Aufnahme ließ sich nicht prüfen und ist daher nicht veröffentlicht. Bitte mit der Aufnahme melden.",
        "The record could not be checked, and so is not published. Please report this with the record.",
        path=path,
    )
