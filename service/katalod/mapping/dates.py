"""Dates by their shape: a year, a month, a day or an instant; never guessed."""

import re
from datetime import UTC, date, datetime

from pyoxigraph import Literal

from katalod.rdf import term

_SHAPE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?)?)?", re.ASCII)


def typed(text: str) -> Literal | None:
    """Make a typed literal of a date that is written as XSD writes it; None for anything else.

    `2021` is a gYear, `2021-05` a gYearMonth, `2021-05-28` a date, an instant a dateTime in UTC
    (XSD 1.1 Part 2, 3.3). The lexical form is canonical, so that dump and store say the same.
    """
    match = _SHAPE.fullmatch(text)
    if match is None or match[1] == "0000":
        return None
    year, month, day, instant = match.groups()
    try:
        if instant:
            return _instant(text)
        date(int(year), int(month or 1), int(day or 1))
    except (ValueError, OverflowError):  # the first and the last year have no other time zone
        return None
    kind = "xsd:date" if day else "xsd:gYearMonth" if month else "xsd:gYear"
    return Literal(text, datatype=term(kind))


def _instant(text: str) -> Literal:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        return Literal(moment.replace(microsecond=0).isoformat(), datatype=term("xsd:dateTime"))
    stamp = moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()
    return Literal(f"{stamp}Z", datatype=term("xsd:dateTime"))


def day(text: str) -> str:
    """Cut a date or instant to its day, month or year, for comparison and order."""
    return text[:10]
