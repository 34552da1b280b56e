"""From sources into the harvest memory: a document whole or not at all, and nothing silently."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from katalod import records
from katalod.errors import SourceError
from katalod.harvest import Intake, Memory
from katalod.model import Finding, RawRecord, Severity
from katalod.sources import files

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many are done, and of how many (0 where nobody knows)."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the sources of one publish."""

    documents: int = 0
    unreadable: int = 0
    records: int = 0
    deletions: int = 0
    changed: int = 0  # records and deletions that are new, or other than before


def take(memory: Memory, targets: tuple[str, ...], progress: Progress) -> Taken:
    """Take files, folders, archives or standard input into the memory; raises SourceError for a missing one.

    A document that cannot be read to its end is left out whole, and a finding says so.
    """
    taken = Taken()
    for target in targets:
        for document in files.documents(target):
            taken = take_document(memory, document, taken, progress)
    return taken


def take_document(memory: Memory, document: files.Document, taken: Taken, progress: Progress) -> Taken:
    """Take one document whole, or a finding that says why that cannot be done."""
    try:
        with memory.document(document.origin) as intake:
            found = _document(intake, document, taken, progress)
    except SourceError as error:
        with memory.document(document.origin) as intake:
            intake.note(_unreadable(document.origin, error))
        found = replace(taken, unreadable=taken.unreadable + 1)
    return replace(found, documents=taken.documents + 1)


def _document(intake: Intake, document: files.Document, taken: Taken, progress: Progress) -> Taken:
    for item in document.records:
        if isinstance(item, Finding):
            intake.note(item)
            continue
        path, title = known_as(item)
        kept = intake.keep(item, path, title)
        if kept.before == intake.number:
            intake.note(_twice(item))
        taken = replace(
            taken,
            records=taken.records + (not item.deleted),
            deletions=taken.deletions + item.deleted,
            changed=taken.changed + kept.changed,
        )
        progress("taking records in", taken.records + taken.deletions, 0)
    return taken


def known_as(raw: RawRecord) -> tuple[str, str]:
    """Give the path and the title that a record is kept under; a deletion has no title."""
    return (records.path(raw.identifier), "") if raw.deleted else records.known_as(raw)


def _unreadable(origin: str, error: SourceError) -> Finding:
    return Finding(
        Severity.VIOLATION, "unreadable", "", "",
        f"Die Datei ist nicht lesbar und wurde ganz ausgelassen: {error}",
        f"The file cannot be read and was left out whole: {error}",
        origin=origin,
    )  # fmt: skip


def _twice(raw: RawRecord) -> Finding:
    return Finding(
        Severity.WARNING, "record-twice", "identifier", raw.identifier[:200],
        "Derselbe Datensatz steht mehrmals in dieser Datei; der spätere gilt.",
        "The same record stands more than once in this file; the later one counts.",
        origin=raw.origin, position=raw.position, identifier=raw.identifier[:200],
    )  # fmt: skip
