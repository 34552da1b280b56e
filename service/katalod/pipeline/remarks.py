"""What is amiss with a harvest, as findings: they are published with the records, so that nobody has to guess."""

from katalod.harvest import Interval
from katalod.model import Finding, Severity
from katalod.sources.listing import Lost


def lost(one: Lost, url: str) -> Finding:
    """Say that a record is there, but cannot be had."""
    reason = one.reason[:500]
    return Finding(
        Severity.VIOLATION, "record-lost", "", one.identifier[:200],
        f"Die Quelle führt den Datensatz, gibt ihn aber nicht lesbar heraus ({reason}). Bitte dort prüfen; jede"
        " weitere Ernte fragt wieder danach.",
        f"The source lists the record, but does not give it legibly ({reason}). Please check it there; each further"
        " harvest asks for it again.",
        origin=url, identifier=one.identifier[:200],
    )  # fmt: skip


def shorter(interval: Interval, where: str, reason: str) -> Finding:
    """Say that a list had fewer records than the source said."""
    said, came = interval.size, interval.fresh
    german = "auch die Liste der Kennungen nennt nicht mehr; wahrscheinlich zählt die Quelle falsch"
    english = "the list of identifiers names no more either; the source probably counts wrongly"
    return Finding(
        Severity.WARNING, "list-size", "completeListSize", f"{came} of {said}",
        f"Die Quelle kündigte {said} Datensätze an, gab aber {came}; "
        + (f"welche fehlen, ließ sich nicht feststellen ({reason})." if reason else f"{german}."),
        f"The source announced {said} records but gave {came}; "
        + (f"which ones are missing could not be found out ({reason})." if reason else f"{english}."),
        origin=where,
    )  # fmt: skip


def gap(interval: Interval, url: str) -> Finding:
    """Say that what changed in a span of time cannot be read."""
    span = interval.since if interval.since == interval.until else f"{interval.since} – {interval.until}"
    return Finding(
        Severity.VIOLATION, "list-gap", "datestamp", span,
        f"Was sich in der Quelle {span} geändert hat, lässt sich nicht auflisten ({interval.reason[:500]}). Bitte dort"
        " prüfen; jede weitere Ernte fragt wieder danach.",
        f"What changed in the source {span} cannot be listed ({interval.reason[:500]}). Please check it there; each"
        " further harvest asks for it again.",
        origin=place(interval, url),
    )  # fmt: skip


def place(interval: Interval, url: str) -> str:
    """Name the place of a gap: it is forgotten by this name when the list is complete."""
    return f"{url}?from={interval.since}&until={interval.until}"
