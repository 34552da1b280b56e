"""Asking by SRU, versions 1.1 and 1.2 (Library of Congress; OASIS searchRetrieve, part 2); answers of 2.0 are read."""

from collections.abc import Iterator, Sequence
from itertools import islice
from xml.etree.ElementTree import Element

from katalod.errors import SourceError
from katalod.federation import schemas
from katalod.federation.values import MOST_WORKS, Found, Refused, Request, Work, line
from katalod.settings.targets import Target
from katalod.sources.answers import text, tree


def request(target: Target, words: Sequence[str], limit: int) -> Request:
    """Ask for the first records that have all the words."""
    asked = (
        ("version", target.version),
        ("operation", "searchRetrieve"),
        ("query", (target.query or "{words}").replace("{words}", cql(words, target.index))),
        ("maximumRecords", str(limit)),
        ("recordSchema", target.schema),
    )
    return Request(asked, "application/xml, text/xml;q=0.9, */*;q=0.1")


def cql(words: Sequence[str], index: str) -> str:
    """Say that all the words must be there (CQL 1.1); they hold nothing that would have to be escaped."""
    before = f"{index}=" if index else ""
    return " and ".join(f'{before}"{word}"' for word in words)


def read(target: Target, body: bytes) -> Found:
    """Read an answer; raises SourceError where it is none of SRU, Refused where it holds nothing but diagnostics."""
    root = tree(body)
    if root.tag != "searchRetrieveResponse":
        raise SourceError(f"no answer of SRU: its root is {root.tag[:100]!r}")
    told = text(root, "numberOfRecords")
    total = int(told) if told.isascii() and told.isdigit() and len(told) < 12 else None
    faults = [_said(fault) for fault in root.findall("diagnostics/diagnostic")]
    works = tuple(islice(_works(root, target), MOST_WORKS))
    if faults and not works:
        raise Refused("; ".join(faults[:3]))
    return Found(total, works)


def _works(root: Element, target: Target) -> Iterator[Work]:
    for data in root.findall("records/record/recordData"):
        held = next(iter(data), None)
        if held is None and (data.text or "").strip():
            held = tree((data.text or "").encode())  # recordPacking "string": the record as a text
        work = schemas.read(held, target.page) if held is not None else None
        if work is not None:
            yield work


def _said(fault: Element) -> str:
    """Say a diagnostic: its number, and what stands with it; servers differ in which element says what."""
    parts = [text(fault, "uri").removeprefix("info:srw/"), text(fault, "message"), text(fault, "details")]
    return line(": ".join(part for part in parts if part), 200)
