"""GND identifiers, and a dump of the GND read as facts.

A reader takes an open file and yields facts `(kind, subject, value)`, a statement at a time: DNB's dumps
do not keep the statements of a heading together. Another form of dump is another line in `READERS`.
"""

import re
from collections.abc import Callable, Iterator
from typing import IO

import pyoxigraph as ox

from katalod.rdf import GND

Fact = tuple[str, str, str]
"""What is said (preferred, variant, broader, modified, or kind: and a kind), of which IRI, and the value."""

GNDO = "https://d-nb.info/standards/elementset/gnd#"
MODIFIED = "http://purl.org/dc/terms/modified"

KINDS = {
    "ConferenceOrEvent": "event",
    "CorporateBody": "body",
    "Family": "family",
    "Person": "person",
    "PlaceOrGeographicName": "place",
    "SubjectHeading": "subject",
    "Work": "work",
}

_NAME = re.compile(rf"(preferred|variant)Name(?:ForThe({'|'.join(KINDS)}))?")
_IDENTIFIER = re.compile(
    r"(?:https?://d-nb\.info/gnd/|\(DE-588[a-d]?\)\s*|(?:gnd|GND)[:/]\s*)?"
    r"(?P<digits>[0-9]{1,9})(?P<hyphen>-?)(?P<check>[0-9Xx])/?"
)


def identifier(text: str) -> str | None:
    """Give the canonical IRI of a GND identifier in any usual spelling; None if its check digit fails."""
    found = _IDENTIFIER.fullmatch(text.strip())
    if not found:
        return None
    digits, hyphen, check = found["digits"], found["hyphen"], found["check"].upper()
    if not hyphen and len(digits) not in (8, 9):
        return None
    weighted = sum(int(digit) * weight for weight, digit in enumerate(reversed(digits), start=2))
    expected = weighted % 11 if hyphen else -weighted % 11
    if check != ("X" if expected == 10 else str(expected)):
        return None
    return f"{GND}{digits}{hyphen}{check}"


def local(iri: str) -> str:
    """Give the bare identifier at the end of a canonical IRI."""
    return iri.removeprefix(GND)


def turtle(stream: IO[bytes]) -> Iterator[Fact]:
    """Read Turtle as the DNB publishes it.

    Lenient, because one ill-formed link to elsewhere among millions must not cost the whole dump; labels
    and identifiers are checked by whoever takes the facts.
    """
    meanings: dict[str, tuple[str, str]] = {}
    for quad in ox.parse(stream, format=ox.RdfFormat.TURTLE, lenient=True):
        predicate = quad.predicate.value
        if predicate not in meanings:
            meanings[predicate] = _meaning(predicate)
        fact, kind = meanings[predicate]
        subject, value = quad.subject, quad.object
        if not fact or not isinstance(subject, ox.NamedNode) or not isinstance(value, ox.NamedNode | ox.Literal):
            continue
        if isinstance(value, ox.NamedNode) is (fact == "broader"):
            yield fact, subject.value, value.value
            if kind and fact == "preferred":
                yield f"kind:{kind}", subject.value, ""


def _meaning(predicate: str) -> tuple[str, str]:
    """Which fact a predicate states, and of which kind of heading; empty for what is not needed."""
    if predicate == MODIFIED:
        return "modified", ""
    name = predicate.removeprefix(GNDO)
    if name == predicate:
        return "", ""
    if name.startswith("broaderTerm"):
        return "broader", ""
    if found := _NAME.fullmatch(name):
        return found[1], KINDS.get(found[2] or "SubjectHeading", "subject")
    return "", ""


READERS: dict[str, Callable[[IO[bytes]], Iterator[Fact]]] = {".ttl": turtle}
"""Readers by the suffix of the file, with or without `.gz` behind it."""
