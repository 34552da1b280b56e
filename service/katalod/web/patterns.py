"""Triple patterns as a request writes them: by Hydra's explicit representation, and as people write terms in Turtle."""

import re
from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from katalod.rdf import prefixes, term
from katalod.store.embedded import Pattern

_VARIABLE = re.compile(r"\?\w*")
_LITERAL = re.compile(r'"(.*)"(?:@([A-Za-z0-9-]+)|\^\^(<[^<>"]*>|[^<>"]+))?', re.S)


def read(subject: str, predicate: str, object: str) -> list[Pattern]:
    """Give the patterns that may be meant, the likelier first; raises ValueError with the place of a bad term.

    A literal with a backslash can be read twice: as it stands (Hydra escapes nothing), and with the escapes of Turtle.
    """
    place = "subject"
    try:
        first = _named(subject)
        place = "predicate"
        second = _named(predicate)
        place = "object"
        return [(first, second, value) for value in _values(object)]
    except ValueError as error:
        raise ValueError(place) from error


def _named(text: str) -> NamedNode | None:
    """Read an IRI: bare, in angle brackets, or with a prefix of ours; None for a variable."""
    if not text or _VARIABLE.fullmatch(text):
        return None
    if text.startswith("<") and text.endswith(">"):
        return NamedNode(text[1:-1])
    prefix, _, local = text.partition(":")
    space = "" if local.startswith("//") else prefixes().get(prefix, "")
    return NamedNode(space + local if space else text)


def _values(text: str) -> list[NamedNode | Literal | None]:
    """Read an object."""
    if not text.startswith('"'):
        return [_named(text)]
    found = _LITERAL.fullmatch(text)
    if found is None:
        raise ValueError(text)
    value, language, kind = found.groups()
    values = dict.fromkeys((value, *_unescaped(value)))
    if language:
        return [Literal(one, language=language) for one in values]
    datatype = _named(kind) if kind else term("xsd:string")
    if datatype is None:
        raise ValueError(kind)
    return [Literal(one, datatype=datatype) for one in values]


def _unescaped(text: str) -> Iterator[str]:
    """Take the escapes of Turtle out of a string, where it is one."""
    if "\\" in text:
        try:
            (quad,) = parse(f'<x:> <x:> "{text}" .', format=RdfFormat.N_TRIPLES)
        except (SyntaxError, ValueError):
            return
        if isinstance(quad.object, Literal):
            yield quad.object.value
