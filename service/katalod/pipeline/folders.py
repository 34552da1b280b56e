"""A folder of files as a source: only what changed is taken again."""

import hashlib
from pathlib import Path

from katalod.errors import SourceError
from katalod.harvest import Memory
from katalod.model import RawRecord
from katalod.pipeline.intake import Progress, Taken, take_document
from katalod.pipeline.steps import Tally, now
from katalod.settings import Source
from katalod.sources import files


def take_folder(memory: Memory, source: Source, reconcile: bool, progress: Progress) -> tuple[Tally, list[str]]:
    """Take the files of a folder that changed since; also gives what a person should know.

    With `reconcile` every file is taken, and what none of them holds any more is deleted.
    """
    path, books, taken = Path(source.url), memory.intervals, Taken()
    if not path.exists():
        raise SourceError(f"harvesting {source.name}: there is no file or folder {path}; check the path")
    found = files.members(path, source.name) if path.is_dir() else [(path, source.name)]
    if not found:
        raise SourceError(f"harvesting {source.name}: {path} holds no file with records; is it the right folder?")
    first, known, tally = memory.mark() + 1, books.files(source.name), Tally()
    for place, origin in found:
        unreadable, facts = taken.unreadable, _facts(place)
        if known.get(origin, ())[:2] == facts and not reconcile:
            continue
        digest = _digest(place)
        if known.get(origin, ("",))[-1] != digest or reconcile:
            for document in files.member(place, origin, source.name):
                taken = take_document(memory, document, taken, progress)
        if taken.unreadable == unreadable:
            books.keep_file(source.name, origin, *facts, digest)
        else:  # it is tried again
            books.keep_file(source.name, origin, -1, 0, "")
    gone = sorted(known.keys() - {origin for _, origin in found})
    stay = "is no longer there; its records stay until the folder is compared (--reconcile)"
    remarks = [f"{name} {stay}" for name in gone]
    if taken.unreadable:
        remarks.append(f"{taken.unreadable} files could not be read; /quality/ says why")
    elif reconcile:
        tally.vanished = _delete_vanished(memory, source, first)
        remarks = [f"{name} is no longer there" for name in gone]
        for name in gone:
            books.forget_file(source.name, name)
    tally.records, tally.deletions, tally.changed = taken.records, taken.deletions, taken.changed + tally.vanished
    return tally, remarks


def _delete_vanished(memory: Memory, source: Source, first: int) -> int:
    """Mark as deleted, by our own clock, what no file has given since an intake."""
    count, moment = 0, now()
    while names := memory.vanished(source.name, first):
        with memory.document(source.url) as intake:
            for name in names:
                intake.keep(RawRecord(source.name, name, moment, True, "none", b"", source.url), "", "")
        count += len(names)
    return count


def _facts(path: Path) -> tuple[int, int]:
    try:
        state = path.stat()
    except OSError as error:
        raise SourceError(f"looking at {path}: {error.strerror}; check the folder, then harvest again") from error
    return state.st_size, state.st_mtime_ns


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""  # reading it will say why it cannot be read
