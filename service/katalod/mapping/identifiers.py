"""Identifiers, normalised and held to their check digits (ISO 2108, ISO 3297, ISO 26324)."""

import re
from collections.abc import Iterator
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from katalod.mapping.at import At
from katalod.mapping.parts import carrier
from katalod.model import Finding
from katalod.rdf import term

_DOI = re.compile(r"(?i)^(?:(?:https?://)?(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)$")
_URN = re.compile(r"(?i)urn:[a-z0-9][a-z0-9-]{1,31}:[^\s<>\"{}|\\^`]+")

_RESOLVER = re.compile(
    r"(?i)^(?:https?://(?:(?:dx\.|www\.)?doi\.org|hdl\.handle\.net|(?:www\.)?nbn-resolving\.(?:org|de))/"
    r"|info:(?:doi|hdl)/|(?:doi|hdl|handle):\s*)"
)


def bare(text: str) -> str:
    """Give an identifier without the resolver, or the name of its kind, that is written before it."""
    return _RESOLVER.sub("", text.strip(), count=1)


def isbn13(text: str) -> str:
    """Give an ISBN as 13 digits, whatever it was written as; empty where its check digit is wrong."""
    from stdnum import isbn as standard  # imported here: stdnum reads its tables on import

    digits = _digits(text)
    return standard.to_isbn13(digits).replace("-", "") if standard.is_valid(digits) else ""


def doi_name(text: str) -> str:
    """Give a DOI in lower case, without the address or `doi:` before it; empty where it is none."""
    match = _DOI.match(text.strip())
    return match[1].lower() if match else ""


def urn_name(text: str) -> str:
    """Give a URN, a URN:NBN's beginning in lower case; empty where it is none."""
    name = re.sub(r"(?i)^urn:nbn:[a-z]{2}\b", lambda match: match[0].lower(), text.strip())
    return name if _URN.fullmatch(name) else ""


def _digits(text: str) -> str:
    from stdnum import isbn as standard

    return str(standard.compact(re.sub(r"(?i)isbn(-1[03])?:?|\([^)]*\)", "", text)).replace("–", ""))


def isbn(values: tuple[str, ...], at: At) -> Iterator[Triple | Finding]:
    """Say an ISBN as 13 digits, and as 10 where it came so; one with a wrong check digit stays a string."""
    for value in values:
        long = isbn13(value)
        if not long:
            yield from _refused(value, "isbn-check-digit", "ISBN", at)
            continue
        if len(digits := _digits(value)) == 10:
            yield Triple(at.work, term("bibo:isbn10"), Literal(digits))
        yield Triple(at.work, at.property, Literal(long))


def issn(values: tuple[str, ...], at: At) -> Iterator[Triple | Finding]:
    """Say an ISSN of the series or journal, never of the work in it (bibo:issn has the domain bibo:Collection)."""
    from stdnum import issn as standard

    for value in values:
        digits = standard.compact(re.sub(r"(?i)e?-?issn:?|\([^)]*\)", "", value))
        if not standard.is_valid(digits):
            yield from _refused(value, "issn-check-digit", "ISSN", at)
            continue
        node = yield from carrier(at)
        yield Triple(node, at.property, Literal(standard.format(digits)))


def doi(values: tuple[str, ...], at: At) -> Iterator[Triple | Finding]:
    """Say a DOI in lower case, and that its web address names something like the work (KIM: umbel:isLike)."""
    for value in values:
        name = doi_name(value)
        if not name:
            yield from _refused(value, "doi-form", "DOI", at)
            continue
        yield Triple(at.work, at.property, Literal(name))
        yield Triple(
            at.work, term("umbel:isLike"), NamedNode("https://doi.org/" + quote(name, safe="/:;().-_~+,=@!*'"))
        )


def urn(values: tuple[str, ...], at: At) -> Iterator[Triple | Finding]:
    """Say a URN:NBN in lower case, and its resolver's address; another URN as it is."""
    for value in values:
        name = urn_name(value)
        if not name:
            yield from _refused(value, "urn-form", "URN", at)
            continue
        yield Triple(at.work, at.property, Literal(name))
        if name.startswith("urn:nbn:"):
            yield Triple(at.work, term("umbel:isLike"), NamedNode(f"https://nbn-resolving.org/{name}"))


def dewey(values: tuple[str, ...], at: At) -> Iterator[Triple | Finding]:
    """Say a Dewey number as a typed string."""
    for value in values:
        match = re.search(r"\d{3}(?:\.\d+)?", value)
        literal = Literal(match[0], datatype=term("dcterms:DDC")) if match else Literal(value)
        yield Triple(at.work, at.property, literal)


def _refused(value: str, shape: str, name: str, at: At) -> Iterator[Triple | Finding]:
    if at.otherwise is not None:
        yield Triple(at.work, at.otherwise, Literal(value))
    yield at.finding(
        shape,
        value,
        f"Keine gültige {name}; die Angabe bleibt als Text stehen. Bitte in der Quelle berichtigen."
        if name in ("ISBN", "ISSN", "URN")
        else f"Kein gültiger {name}; die Angabe bleibt als Text stehen. Bitte in der Quelle berichtigen.",
        f"Not a valid {name}; it stays as text. Please correct it in the source.",
    )
