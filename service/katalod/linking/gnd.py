"""GND identifiers, and what the terms of the GND's vocabulary say."""

import re
from functools import lru_cache

from katalod.rdf import GND

GNDO = "https://d-nb.info/standards/elementset/gnd#"

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
_FACTS = {
    "altLabel": "named",
    "authoritativeLabel": "named",
    "closeMatch": "match",
    "dateModified": "modified",
    "deprecatedUri": "former",
    "exactMatch": "match",
    "isReplacedBy": "replaced",
    "license": "licence",
    "modified": "modified",
    "oldAuthorityNumber": "former",
    "prefLabel": "named",
    "relatedTerm": "related",
    "replacedBy": "replaced",
    "sameAs": "same",
}
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


@lru_cache(1024)
def meaning(predicate: str) -> tuple[str, str]:
    """Which fact a predicate states, and of which kind of heading; empty for what is not needed.

    A predicate is known by its local name, so that IRIs, CURIEs and the keys of lobid's JSON are read alike.
    """
    name = re.split(r"[#/:]", predicate)[-1]
    if found := _NAME.fullmatch(name):
        return found[1], KINDS.get(found[2], "subject") if found[2] else ""
    if name.startswith("broaderTerm"):
        return "broader", ""
    return _FACTS.get(name, ""), ""


@lru_cache(256)
def kind_of(type_name: str) -> str:
    """Which kind of heading a class or type name stands for; empty for one that names no kind."""
    name = re.split(r"[#/:]", type_name)[-1]
    if name.startswith(("SubjectHeading", "NomenclatureInBiology", "ProductName", "SoftwareProduct")):
        return "subject"
    return KINDS.get(name, "")
