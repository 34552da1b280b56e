"""The beginning of a record run together: dates, identifiers and web addresses, told apart by their shapes."""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

_DAY = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_URL_END = r"(?=https?://|doi:|10\.\d{4,9}/|[„“\"»«]|(?<=[a-z0-9/])[A-ZÄÖÜ](?:[a-zäöüß'’-]+)?[\s,:]|[A-ZÄÖÜ][a-zäöüß-]+\s|\s|$)"
# In the order in which they are tried at one place; what reads furthest wins.
_SHAPES = (
    ("instant", re.compile(rf"{_DAY}T\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?", re.ASCII)),
    ("day", re.compile(_DAY, re.ASCII)),
    ("isbn", re.compile(r"97[89](?:[- ]?\d){10}", re.ASCII)),
    ("isbn", re.compile(r"\d{9}[\dX]|\d{1,5}-\d{1,7}-\d{1,7}-[\dX]", re.ASCII)),
    ("issn", re.compile(r"\d{4}-\d{3}[\dX]", re.ASCII)),
    ("month", re.compile(r"\d{4}-(?:0[1-9]|1[0-2])", re.ASCII)),
    ("year", re.compile(r"(?:1[5-9]|20)\d\d", re.ASCII)),
    ("uri", re.compile(r"https?://[^\s/]+/(?:[\w.-]+/)*handle/[\w.]+/\d+")),
    ("uri", re.compile(rf"https?://[^\s<>\"]+?{_URL_END}")),
    ("doi", re.compile(rf"(?:doi:)?10\.\d{{4,9}}/[^\s<>\"]+?{_URL_END}")),
)
_LONGEST = 2000


class Token(NamedTuple):
    """One value at the beginning of the text, and what it is."""

    kind: str  # instant, day, month, year, isbn, issn, uri, doi
    text: str


def leading(text: str) -> tuple[tuple[Token, ...], str]:
    """Give the values that a text begins with, and what follows them.

    `2021978-3-88118-676-6` is a year and an ISBN, because only so all of it is read and the check digit is right.
    """
    tokens, end = _furthest(text[:_LONGEST])
    return tokens, text[end:].strip()


def _furthest(text: str) -> tuple[tuple[Token, ...], int]:
    """Search breadth first: for each place the first way to it, in the order of the shapes."""
    ways: dict[int, tuple[Token, ...]] = {0: ()}
    pending = [0]
    while pending:
        place = pending.pop()
        start = place + len(text[place:]) - len(text[place:].lstrip())
        for token, end in _tokens(text, start):
            if end not in ways or len(ways[end]) > len(ways[place]) + 1:
                ways[end] = (*ways[place], token)
                pending.append(end)
    furthest = max(ways)
    return ways[furthest], furthest


def _tokens(text: str, start: int) -> Iterator[tuple[Token, int]]:
    for kind, shape in _SHAPES:
        match = shape.match(text, start)
        if match and _possible(kind, match[0]):
            yield Token(kind, match[0]), match.end()
            if kind == "uri":
                return  # a handle ends with its digits, whatever else might be an address


def _possible(kind: str, text: str) -> bool:
    if kind == "isbn":
        return isbn(text)
    if kind == "issn":
        return issn(text)
    if kind in ("instant", "day"):
        try:
            date.fromisoformat(text[:10])
        except ValueError:
            return False
    return True


def isbn(text: str) -> bool:
    """Whether an ISBN has its right check digit (ISO 2108)."""
    digits = re.sub(r"[\s–-]", "", text).upper()
    if re.fullmatch(r"\d{13}", digits, re.ASCII):
        return sum(int(digit) * (3 if n % 2 else 1) for n, digit in enumerate(digits)) % 10 == 0
    if re.fullmatch(r"\d{9}[\dX]", digits, re.ASCII):
        return sum((10 - n) * (10 if digit == "X" else int(digit)) for n, digit in enumerate(digits)) % 11 == 0
    return False


def issn(text: str) -> bool:
    """Whether an ISSN has its right check digit (ISO 3297)."""
    digits = text.replace("-", "").upper()
    return sum((8 - n) * (10 if digit == "X" else int(digit)) for n, digit in enumerate(digits)) % 11 == 0
