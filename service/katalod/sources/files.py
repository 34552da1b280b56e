"""Files, folders and archives given by hand; what they are is seen by their content."""

import os
import re
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from katalod.errors import SourceError
from katalod.model import Finding, RawRecord
from katalod.sources import items, pages, texts
from katalod.sources.notes import note
from katalod.sources.streams import Head, Readable, as_utf8, opened, plain

_MARKS = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"  # what may stand before the first letter, in UTF-8 and UTF-16
_NAMES = re.compile(r"(?i)[^.].*\.((xml|json|jsonl|ndjson|txt)(\.gz)?|tar|tar\.gz|tgz)")


@dataclass(frozen=True, slots=True)
class Document:
    """One file, or one file of an archive: to be taken whole, or not at all.

    Its records must be read before the next document is asked for. They may end in SourceError.
    """

    origin: str
    records: Iterator[RawRecord | Finding]


def documents(target: str, source: str = "files") -> Iterator[Document]:
    """Give the documents of a file, folder or archive, or of the standard input (`-`), in a stable order.

    SourceError where the target is not there or cannot be listed.
    """
    path = Path(target)
    if target == "-":
        yield from _of_stream(sys.stdin.buffer, "-", source)
    elif path.is_dir():
        yield from _of_folder(path, source)
    elif path.exists():
        yield from _of_file(path, path.name, source)
    else:
        raise SourceError(f"reading {target}: there is no such file or folder; check the path")


def records(target: str, source: str = "files") -> Iterator[RawRecord | Finding]:
    """Give all records of a target; a document that cannot be read becomes a finding, and the others go on.

    Records that stand before a fault come out all the same: who must take a document whole uses `documents`.
    """
    for document in documents(target, source):
        try:
            yield from document.records
        except SourceError as error:
            yield note("unreadable", str(error), document.origin)


def _of_folder(folder: Path, source: str) -> Iterator[Document]:
    names: list[Path] = []
    for root, folders, files in os.walk(folder, onerror=_unlistable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        names += [Path(root, name) for name in files if _NAMES.fullmatch(name)]
    readable = [name for name in sorted(names) if name.is_file()]
    if not readable:
        yield Document(str(folder), iter((note("empty", str(folder), str(folder)),)))
    for name in readable:
        yield from _of_file(name, (folder.name / name.relative_to(folder)).as_posix(), source)


def _unlistable(error: OSError) -> None:
    raise SourceError(f"listing {error.filename}: {error.strerror}; check the rights to it") from error


def _of_file(path: Path, origin: str, source: str) -> Iterator[Document]:
    try:
        with opened(str(path)) as file:
            yield from _of_stream(file, origin, source)
    except SourceError as error:
        yield Document(origin, _failing(error))


def _of_stream(stream: Readable, origin: str, source: str) -> Iterator[Document]:
    try:
        head = plain(stream)
        start = head.peek(512)
    except SourceError as error:
        yield Document(origin, _failing(SourceError(f"reading {origin}: {error}")))
        return
    if _is_tar(start):
        yield from _of_archive(head, origin, source)
    else:
        yield Document(origin, _read(head, origin, source))


def _is_tar(start: bytes) -> bool:
    return start[257:262] == b"ustar" or (len(start) == 512 and not any(start))  # an empty archive is zeros


def _of_archive(stream: Head, origin: str, source: str) -> Iterator[Document]:
    """Give the files of a tar archive as they stream by; nothing of it is ever written to the disk."""
    count = 0
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:  # type: ignore[call-overload]
            for member in archive:
                name = "/".join(part for part in member.name.split("/") if part not in ("", ".", ".."))
                hidden = any(part.startswith(".") for part in name.split("/"))
                if not member.isfile() or hidden or not _NAMES.fullmatch(name.rpartition("/")[2]):
                    continue
                count += 1
                file = archive.extractfile(member)
                if file is not None:
                    yield Document(f"{origin}/{name}", _member(file, f"{origin}/{name}", source))
    except (tarfile.TarError, SourceError, ValueError, OverflowError) as error:
        yield Document(origin, _failing(SourceError(f"reading {origin}: broken archive: {error}; pack it again")))
        return
    if not count:
        yield Document(origin, iter((note("empty", origin, origin),)))


def _member(stream: Readable, origin: str, source: str) -> Iterator[RawRecord | Finding]:
    try:
        head = plain(stream)
        inner = _is_tar(head.peek(512))
    except tarfile.TarError as error:
        raise SourceError(f"reading {origin}: broken archive: {error}; pack it again") from error
    if inner:
        raise SourceError(f"reading {origin}: an archive in an archive; unpack the outer one")
    try:
        yield from _read(head, origin, source)
    except tarfile.TarError as error:
        raise SourceError(f"reading {origin}: broken archive: {error}; pack it again") from error


def _read(head: Head, origin: str, source: str) -> Iterator[RawRecord | Finding]:
    """Read one file by what it begins with."""
    start = head.peek(1024)
    if not start.strip():
        yield note("empty", origin, origin)
        return
    if start.startswith(b"PK\x03\x04"):
        raise SourceError(f"reading {origin}: a zip archive; unpack it and give the folder")
    match start.lstrip(_MARKS)[:1]:
        case b"<":
            yield from pages.records(head, source, origin)
        case b"{" | b"[":
            yield from items.records(_utf8(head, origin), source, origin)
        case _:
            yield from texts.records(_utf8(head, origin), source, origin)


def _utf8(head: Head, origin: str) -> Head:
    try:
        return as_utf8(head)
    except SourceError as error:
        raise SourceError(f"reading {origin}: {error}") from error


def _failing(error: SourceError) -> Iterator[RawRecord | Finding]:
    raise error
    yield  # makes it an iterator
