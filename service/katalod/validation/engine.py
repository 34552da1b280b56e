"""The one door to pySHACL."""

from collections.abc import Iterator
from dataclasses import dataclass

from pyshacl.errors import ConstraintLoadError, ShapeLoadError
from pyshacl.pytypes import SHACLExecutor
from rdflib import Graph
from rdflib.namespace import SH
from rdflib.term import Node

from katalod.errors import ValidationError
from katalod.validation.shapes import Shapes


@dataclass(frozen=True, slots=True)
class Result:
    """What SHACL calls a validation result, in its essentials."""

    shape: Node
    focus: Node
    value: Node | None


def results(graph: Graph, shapes: Shapes) -> Iterator[Result]:
    """Ask every shape of every node that it targets, and yield what does not hold.

    This is the middle of `pyshacl.validate`: the same shapes objects do the same work, but they are made
    once a process instead of once a call, and no report graph is written. A test holds both to the same results.
    Raises ValidationError when a shape cannot be used; whatever else pySHACL raises goes through.
    """
    executor = SHACLExecutor()
    for shape in shapes.engine.shapes:
        if shape.node not in shapes.rules:
            continue  # without a target: it is asked by another shape
        try:
            _, reports = shape.validate(executor, graph)
        except (ConstraintLoadError, ShapeLoadError) as error:
            raise ValidationError(f"reading the shape {shape.node}: {error}; mend it") from error
        for _, node, statements in reports:
            said = {p: o for s, p, o in statements if s == node}
            # pySHACL pairs a term with the graph that it is from
            yield Result(said[SH.sourceShape][1], said[SH.focusNode][1], said.get(SH.value, (None, None))[1])
