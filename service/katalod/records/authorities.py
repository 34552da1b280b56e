"""Identifiers that a source gives for people, bodies and headings: taken only if they can be right."""

import re

_GND = re.compile(r"(?:\(DE-588\)|https?://(?:www\.)?d-nb\.info/gnd/|gnd[:/\s]\s*)?(\d{1,9}-?[\dXx])", re.IGNORECASE)
_ORCID = re.compile(r"(?:https?://(?:www\.)?orcid\.org/|orcid:\s*)?((?:\d{4}-){3}\d{3}[\dXx])", re.IGNORECASE)
_ROR = re.compile(r"(?:https?://)?ror\.org/(0[a-hj-km-np-tv-z0-9]{6}\d\d)", re.IGNORECASE)


def iri(text: str | None) -> str | None:
    """Give the IRI of a GND heading, an ORCID or a ROR; None for what is none, or has a wrong check digit."""
    if not text or len(text) > 100:
        return None
    written = text.strip()
    if (match := _ORCID.fullmatch(written)) and _orcid(match[1].upper()):
        return f"https://orcid.org/{match[1].upper()}"
    if match := _ROR.fullmatch(written):
        return f"https://ror.org/{match[1].lower()}"
    match = _GND.fullmatch(written)
    # A bare number may be a key of the source's own: only the lengths that GND identifiers have.
    if match and (match[1] != written or len(written) >= 9) and gnd(match[1].upper()):
        return f"https://d-nb.info/gnd/{match[1].upper()}"
    return None


def gnd(identifier: str) -> bool:
    """Whether a GND identifier has its right check digit: with a hyphen, or of nine or ten characters without."""
    body, check = identifier[:-1].rstrip("-"), identifier[-1]
    if not body.isdigit() or len(identifier) < 5:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(range(len(body) + 1, 1, -1), body, strict=True))
    value = total % 11 if "-" in identifier else -total % 11
    return check == ("X" if value == 10 else str(value))


def _orcid(identifier: str) -> bool:
    """Whether an ORCID has its right check character (ISO 7064, MOD 11-2)."""
    total = 0
    for digit in identifier[:-1].replace("-", ""):
        total = (total + int(digit)) * 2
    value = (12 - total % 11) % 11
    return identifier[-1] == ("X" if value == 10 else str(value))
