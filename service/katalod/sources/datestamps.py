"""Datestamps as sources write them, brought to UTC."""

import re
from datetime import UTC, datetime

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
