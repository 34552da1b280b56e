"""What other catalogues say, made fit to be shown: cut to a length, cleaned, identifiers normalised."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from urllib.parse import quote, urlsplit

from katalod.errors import KatalodError
from katalod.mapping.identifiers import doi_name, isbn13, urn_name
from katalod.records.cleaning import clean

LONGEST = 300  # characters of a title
MOST_PEOPLE = 4
MOST_WORKS = 50  # of an answer that are read
MOST_VALUES = 100  # of one field

_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)", re.ASCII)
_ISBN = re.compile(r"(?<![\d-])(?:97[89][- ]?)?\d(?:[- ]?\d){8}[- ]?[\dXx](?![\dXx])", re.ASCII)
_MARKED = re.compile(r"isbn|97[89]-?\d", re.IGNORECASE | re.ASCII)
_SORTING = re.compile("[\x88\x89\x98\x9c]")  # controls of ISO 6630 around words that are not sorted by
_PUNCTUATION = " /:;,="  # that ISBD has between areas, and MARC 21 at the end of subfields


@dataclass(frozen=True, slots=True)
class Work:
    """A work as another catalogue describes it."""

    title: str
    people: tuple[str, ...] = ()
    year: str = ""  # four digits
    address: str = ""  # of its page there
    identifiers: tuple[str, ...] = ()  # isbn:9783…, doi:10.…, urn:…, sorted


@dataclass(frozen=True, slots=True)
class Found:
    """What a catalogue has found: how many, None where it does not say, and the first of them."""

    total: int | None
    works: tuple[Work, ...]


class State(StrEnum):
    """How it went to ask a catalogue."""

    ANSWERED = "answered"
    LATE = "late"  # no answer in its time
    UNREACHABLE = "unreachable"
    REFUSED = "refused"  # it says why it does not answer
    UNREADABLE = "unreadable"
    BUSY = "busy"  # it was not asked, because too many others are asking


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking one catalogue."""

    target: str
    label: str
    state: State
    why: str = ""  # where it did not answer; never the address, whose parameters may be secret
    seconds: float = 0.0
    total: int | None = None
    works: tuple[Work, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """How to ask: parameters of the address, and the media type that is wanted."""

    parameters: tuple[tuple[str, str], ...]
    accept: str


class Refused(KatalodError):  # noqa: N818 - it describes the catalogue
    """A catalogue says, in its protocol's own form, why it does not answer."""


def work(
    title: str, people: Iterable[str], year: str, addresses: Iterable[str], identifiers: Iterable[str]
) -> Work | None:
    """Make a work of what a record says; None where it has no title. Of the addresses, the first that can be one.

    Of values that are given one by one, no more are asked for than are read: a record may have 100,000.
    """
    called = line(title)
    if not called:
        return None
    names = (line(name, 100) for name in islice(people, MOST_VALUES))
    known = tuple(sorted({identifier for identifier in islice(identifiers, MOST_VALUES) if identifier}))
    found = _YEAR.search(year)
    return Work(
        called,
        tuple(dict.fromkeys(name for name in names if name))[:MOST_PEOPLE],
        found[0] if found else "",
        next((address for address in (*islice(addresses, MOST_VALUES), *_resolved(known)) if _web(address)), ""),
        known,
    )


def line(text: str, most: int = LONGEST) -> str:
    """Give a text in one line, without markup and controls, and no longer than so many characters."""
    plain, _ = clean(_SORTING.sub("", text[: 4 * most]))
    plain = plain.strip(_PUNCTUATION)
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + "…"


def isbn(text: str) -> str:
    """Give an ISBN as an identifier, whatever stands behind it; empty where its check digit is wrong."""
    found = _ISBN.search(text[:100])
    digits = isbn13(found[0]) if found else ""
    return f"isbn:{digits}" if digits else ""


def named(text: str) -> str:
    """Give a DOI, a URN or a marked ISBN as an identifier, also from a resolver's address; empty for all else."""
    plain = text.strip()[:LONGEST]
    if doi := doi_name(plain):
        return f"doi:{doi}"
    urn = urn_name(plain[plain.lower().find("urn:") :] if "urn:" in plain.lower() else "")
    if urn.lower().startswith("urn:isbn:"):
        return isbn(urn)
    return urn or (isbn(plain) if _MARKED.match(plain) else "")


def page(template: str, id: str) -> str:
    """Give the address of a record's page; empty without a template or a number."""
    return template.replace("{id}", quote(id.strip()[:100], safe="/")) if template and id.strip() else ""


def _resolved(identifiers: Iterable[str]) -> Iterable[str]:
    for identifier in identifiers:
        if identifier.startswith("doi:"):
            yield f"https://doi.org/{quote(identifier[4:], safe='/:;().-_~+,=@!*')}"
        elif identifier.startswith("urn:nbn:"):
            yield f"https://nbn-resolving.org/{identifier}"


def _web(address: str) -> bool:
    """Whether a stranger's text can be linked to: of the web, without signs that no address has."""
    if not re.fullmatch(r"""https?://[^\s<>"'`{}|\\^\x00-\x20\x7f-\x9f]{1,1000}""", address):
        return False
    try:
        return bool(urlsplit(address).hostname)
    except ValueError:
        return False
