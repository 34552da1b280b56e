"""Which of what we have a client wants: `Accept` and `Accept-Language` by RFC 9110, section 12.

Our own table, because the framework's knows no parameters: it finds nothing for
`text/turtle; charset=utf-8`. A header is a stranger's text: no header raises, whatever it holds.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

LOCALES: Mapping[str, str] = MappingProxyType({"de": "de_DE", "en": "en_GB"})
"""The languages of the pages, each with the country whose way of writing numbers and dates is taken."""

LANGUAGES = tuple(LOCALES)

_LONGEST = 4096  # characters of a header that are read; no honest client sends more
_PART = re.compile(r'(?:[^,;"]|"(?:[^"\\]|\\.)*"?)+', re.S)
_ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+', re.S)
_RANGE = re.compile(r"\*/\*|[\w!#$&^.+-]+/(?:\*|[\w!#$&^.+-]+)", re.A)
_TAG = re.compile(r"\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*", re.A | re.I)
_QUALITY = re.compile(r"[01](?:\.[0-9]*)?", re.A)


@dataclass(frozen=True, slots=True)
class Wish:
    """One element of the header: what is wanted, and how much (0 to 1)."""

    name: str
    quality: float


def negotiate(header: str | None, offers: Sequence[str]) -> str | None:
    """Choose the offer that the client likes best, or None where it accepts none.

    The quality decides, then whether the client named the type rather than a wildcard, then the
    order of the offers. So `*/*` and a missing header get the first, and a browser gets HTML.
    """
    wishes = [wish for wish in _wishes(header) if _RANGE.fullmatch(wish.name)]
    if not wishes:
        return offers[0] if offers else None
    ranked = [(*_rank(offer, wishes), -place, offer) for place, offer in enumerate(offers)]
    best = max(ranked, default=None)
    return best[3] if best and best[0] > 0 else None


def language(chosen: str | None, header: str | None) -> str:
    """Choose the language of a page: what was chosen in the address, else what the browser asks for.

    Of languages wanted equally the one named first wins; German where nothing fits.
    """
    if chosen in LANGUAGES:
        return chosen
    best, found = 0.0, LANGUAGES[0]
    refused = {wish.name for wish in _wishes(header) if wish.quality == 0}
    for wish in _wishes(header):
        known = wish.name.partition("-")[0]
        if known == "*":
            known = next((tag for tag in LANGUAGES if tag not in refused), LANGUAGES[0])
        if _TAG.fullmatch(wish.name) and known in LANGUAGES and wish.quality > best:
            best, found = wish.quality, known
    return found


def _rank(offer: str, wishes: Sequence[Wish]) -> tuple[float, int]:
    """Say how much an offer is wanted, and by how exact a name: the most exact name decides."""
    kind = offer.partition("/")[0]
    for exactness, name in ((3, offer), (2, f"{kind}/*"), (1, "*/*")):
        qualities = [wish.quality for wish in wishes if wish.name == name]
        if qualities:
            return max(qualities), exactness
    return 0.0, 0


def _wishes(header: str | None) -> Iterator[Wish]:
    """Read the elements of a header; parameters other than q are tolerated, what is malformed is skipped."""
    for element in _ELEMENT.finditer((header or "")[:_LONGEST]):
        name, *parameters = [part.strip() for part in _PART.findall(element[0])] or [""]
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "q":
                quality = float(value) if _QUALITY.fullmatch(value.strip()) else -1.0
        if name and 0 <= quality <= 1:
            yield Wish(name.lower(), quality)
