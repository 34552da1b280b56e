"""Files, folders and archives given by hand; what they are is seen by their content."""

import os
import re
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from katalod.errors import SourceError
from katalod.model import Finding, RawRecord
from katalod.sources import items, pages, texts
from katalod.sources.notes import note
from katalod.sources.streams import Head, Readable, as_utf8, opened, plain

_MARKS = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"  # what may stand before the first letter, in UTF-8 and UTF-16
_NAMES = re.compile(r"(?i)[^.].*\.((xml|json|jsonl|ndjson|txt)(\.gz)?|tar|tar\.gz|tgz)")
_HEADERS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


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
        yield from _of_file(path, _shown(path.name), source)
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


def members(folder: Path, name: str) -> list[tuple[Path, str]]:
    """List the files of a folder that may hold records, in a stable order, each with how it is called below a name."""
    paths: list[Path] = []
    for root, folders, files in os.walk(folder, onerror=_unlistable):
        folders[:] = [folder for folder in folders if not folder.startswith(".")]
        paths += [Path(root, file) for file in files if _NAMES.fullmatch(file)]
    readable = (path for path in sorted(paths) if path.is_file())
    return [(path, _shown((name / path.relative_to(folder)).as_posix())) for path in readable]


def member(path: Path, origin: str, source: str) -> Iterator[Document]:
    """Give the documents of one file of a folder."""
    return _of_file(path, origin, source)


def _of_folder(folder: Path, source: str) -> Iterator[Document]:
    found = members(folder, folder.name)
    if not found:
        yield _empty(_shown(folder.name or str(folder)))
    for path, origin in found:
        yield from _of_file(path, origin, source)


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
        yield Document(origin, _whole(head, origin, source, inside=False))


def _is_tar(start: bytes) -> bool:
    return start[257:262] == b"ustar" or (len(start) == 512 and not any(start))  # an empty archive is zeros


def _of_archive(stream: Head, origin: str, source: str) -> Iterator[Document]:
    """Give the files of a tar archive as they stream by; nothing of it is ever written to the disk."""
    count = 0
    try:
        with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Member) as archive:  # type: ignore[call-overload]
            while (member := archive.next()) is not None:
                archive.members.clear()  # tarfile would keep them all
                parts = [part for part in member.name.split("/") if part not in ("", ".", "..")]
                hidden = not parts or any(part.startswith(".") for part in parts)
                if hidden or not member.isfile() or not _NAMES.fullmatch(parts[-1]):
                    continue
                count += 1
                name = _shown("/".join((origin, *parts)))
                file = archive.extractfile(member)
                if file is not None:
                    yield Document(name, _whole(file, name, source, inside=True))
    except (tarfile.TarError, SourceError, ValueError, OverflowError) as error:
        yield Document(origin, _failing(SourceError(f"reading {origin}: broken archive: {error}; pack it again")))
        return
    if not count:
        yield _empty(origin)


class _Member(tarfile.TarInfo):
    """A file in an archive; a header of headers that is larger than any name is refused before it is read."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Read a header."""
        member = super().frombuf(buf, encoding, errors)
        if member.type in _HEADERS and member.size > 1 << 20:
            raise tarfile.ReadError("a file name of more than 1 MB")
        return member


def _shown(name: str) -> str:
    """Give a name fit to be shown: without bytes that are no letters, and without control characters."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name)


def _empty(origin: str) -> Document:
    return Document(origin, iter((note("empty", origin, origin),)))


def _whole(stream: Readable, origin: str, source: str, inside: bool) -> Iterator[RawRecord | Finding]:
    """Read one file to its end, or say in a SourceError why that cannot be done."""
    try:
        head = plain(stream) if inside else Head(stream)
        if inside and _is_tar(head.peek(512)):
            raise SourceError(f"reading {origin}: an archive in an archive; unpack the outer one")
        yield from _read(head, origin, source)
    except (tarfile.TarError, OSError) as error:
        raise SourceError(f"reading {origin}: {error}; nothing of it was taken, fetch or pack it again") from error


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
