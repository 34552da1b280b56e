"""Datestamps as sources write them, brought to UTC, and the spans between them."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SHAPE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d)?)(?:[.,]\d{1,9})?\s?([Zz]|[+-]\d\d(?::?\d\d)?)?)?", re.ASCII
)


def utc(text: str) -> str:
    """Give a datestamp as `YYYY-MM-DD` or `YYYY-MM-DDThh:mm:ssZ` in UTC; empty where it says no possible moment.

    A time without a zone is UTC, as OAI-PMH 2.0 (3.3) demands; parts of a second are dropped.
    """
    match = _SHAPE.fullmatch(text.strip())
    if match is None or match[1].startswith("0000"):
        return ""
    day, time, zone = match.groups()
    try:
        if time is None:
            return datetime.fromisoformat(day).date().isoformat()
        moment = datetime.fromisoformat(f"{day}T{time}{'Z' if zone in (None, 'z') else zone}")
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
    except (ValueError, OverflowError):
        return ""


def of_header(written: str) -> str:
    """Give the moment that an HTTP header says, in UTC; empty where it says none."""
    try:
        moment = parsedate_to_datetime(written)
        return utc(moment.isoformat(timespec="seconds"))
    except (ValueError, TypeError, OverflowError):
        return ""


def seconds(written: str, last: bool = False) -> int:
    """Give a datestamp as seconds since 1970; of a day the first or the last one. ValueError where it is none."""
    stamp = utc(written)
    if not stamp:
        raise ValueError(f"{written!r} is no datestamp")
    whole = stamp if "T" in stamp else f"{stamp}T{'23:59:59' if last else '00:00:00'}Z"
    return int(datetime.fromisoformat(whole).timestamp())


def written(moment: int, by_day: bool) -> str:
    """Write seconds since 1970 as a datestamp of a granularity."""
    stamp = datetime.fromtimestamp(moment, UTC)
    return stamp.date().isoformat() if by_day else stamp.strftime("%Y-%m-%dT%H:%M:%SZ")


def before(moment: str, overlap: float, by_day: bool) -> str:
    """Give the datestamp to ask from after all was complete until a moment: at least one granule earlier.

    The granule, because what changed in the same second or on the same day may have come after the answer.
    """
    granule = 86_400 if by_day else 1
    return written(max(0, seconds(moment) - max(int(overlap), granule)), by_day)


def halves(since: str, until: str, by_day: bool, cut: str = "") -> tuple[tuple[str, str], tuple[str, str]] | None:
    """Cut a span in two that do not overlap; None where a bound is missing or the span is a single granule.

    `cut` is the moment after which to cut, if that leaves anything on both sides; else it is the middle.
    """
    if not since or not until:
        return None
    granule = 86_400 if by_day else 1
    first, last = seconds(since) // granule, seconds(until, last=True) // granule
    if first >= last:
        return None
    middle = min(max(seconds(cut) // granule, first), last - 1) if cut else (first + last) // 2
    spans = ((first, middle), (middle + 1, last))
    one, other = (tuple(written(edge * granule, by_day) for edge in span) for span in spans)
    return (one[0], one[1]), (other[0], other[1])
