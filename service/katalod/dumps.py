"""A release as files in more forms: made once, when first asked for, and kept beside the releases.

::

    home/derived/<release>/       whole.ttl.gz  whole.jsonl.gz  added.nq.gz …, each with its .sha256

A release's own folder is never written again. Making all of them took longer than building a release from what
changed, and most are never fetched; so they are made aside, one at a time, by a process of low priority.
"""

import fcntl
import gzip
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import cast

from pyoxigraph import RdfFormat, parse, serialize

from katalod import dumped, releases
from katalod.dumped import Dumped
from katalod.errors import Busy, ReleaseError
from katalod.formats import FORMATS, parted
from katalod.model import Release
from katalod.rdf import prefixes
from katalod.report import Report

FOLDER = "derived"
LEVEL = 5
AT_ONCE = 20_000  # lines or works that are written together


@dataclass(frozen=True, slots=True)
class Kind:
    """One form in which a release is given as a file."""

    name: str  # of the file, below the release's
    media: str  # of what is packed in it
    delta: bool  # whether it holds what changed since the release before
    write: Callable[[Path, Release], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Made:
    """A file that is there."""

    path: Path
    size: int
    sha256: str


def find(home: Path, release: str, name: str) -> Made | None:
    """Give a file if it was made; None if not. Raises ReleaseError for a release that is not kept, or no such kind."""
    kind, found = _kind(name), releases.find(home, release)
    if kind.delta:
        if not found.former:
            raise ReleaseError(f"release {release} is the first; there is nothing that it could be compared with")
        releases.folder(home, found.former)
    path = home / FOLDER / found.id / name
    try:
        digest = path.with_name(f"{name}.sha256").read_text("utf-8").split()[0]
        return Made(path, path.stat().st_size, digest)
    except (OSError, IndexError):
        return None


def make(home: Path, release: str, name: str) -> Made:
    """Make a file, or give it if it is there; raises Busy while another process makes one in this home."""
    if made := find(home, release, name):
        return made
    folder = home / FOLDER / release
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (home / FOLDER / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Busy("another process makes a file of a release; wait for it to end") from error
            _sweep(home)
            _write(folder / name, _kind(name).write(home, releases.find(home, release)))
    except OSError as error:
        raise ReleaseError(f"making {folder / name}: {error}; check the folder, its rights and the disk") from error
    return cast(Made, find(home, release, name))


def _write(path: Path, parts: Iterable[bytes]) -> None:
    """Write a packed file and its digest; the same parts give the same bytes, and half a file is never seen."""
    draft, digest = path.with_name(f".{path.name}"), path.with_name(f"{path.name}.sha256")
    with draft.open("wb") as file, gzip.GzipFile("", "wb", LEVEL, file, mtime=0) as packed:
        for part in parts:
            packed.write(part)
    with draft.open("rb") as whole:
        digest.write_text(f"{hashlib.file_digest(whole, 'sha256').hexdigest()}  {path.name}\n", "utf-8")
    draft.replace(path)


def _sweep(home: Path) -> None:
    """Remove what was made of releases that are no longer kept, and what a killed process left behind."""
    kept = {release.id for release in releases.listing(home)}
    for folder in (home / FOLDER).iterdir():
        if folder.is_dir() and folder.name not in kept:
            shutil.rmtree(folder)
    for draft in (home / FOLDER).glob("*/.*"):
        draft.unlink()


def _turtle(home: Path, release: Release) -> Iterator[bytes]:
    """Write all triples as Turtle, the prefixes once; in which graph they stand is not said."""
    with gzip.open(releases.folder(home, release.id) / dumped.NAME) as lines:
        begun = False
        while some := b"".join(islice(lines, AT_ONCE)):
            triples = (quad.triple for quad in parse(some, format=RdfFormat.N_QUADS))
            head, rest = parted(serialize(triples, format=RdfFormat.TURTLE, prefixes=dict(prefixes())) or b"")
            yield b"".join(rest if begun else [*head, *rest])
            begun = True


def _json_lines(home: Path, release: Release) -> Iterator[bytes]:
    """Write a JSON-LD document a work, one a line, by path."""
    folder = releases.folder(home, release.id)
    write = next(form.write for form in FORMATS if form.name == "jsonld")
    with Report(folder) as report:
        paths = [path for path, *_ in report.all_works()]
    for _, quads in Dumped(folder, release.base).works(paths):
        document = json.loads(write(quads, release.base))
        yield json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _difference(home: Path, release: Release) -> Iterator[tuple[str, str]]:
    return dumped.difference(releases.folder(home, release.former), releases.folder(home, release.id))


def _patch(home: Path, release: Release) -> Iterator[bytes]:
    """Write what left and what came as an RDF Patch in one transaction."""
    for name, value in (("id", release.id), ("prev", release.former)):
        yield f"H {name} <{release.base}releases/{value}> .\n".encode()
    yield b"TX .\n"
    yield from (f"{mark} {line}".encode() for mark, line in _difference(home, release))
    yield b"TC .\n"


def _added(home: Path, release: Release) -> Iterator[bytes]:
    return (line.encode() for mark, line in _difference(home, release) if mark == "A")


def _removed(home: Path, release: Release) -> Iterator[bytes]:
    return (line.encode() for mark, line in _difference(home, release) if mark == "D")


KINDS: tuple[Kind, ...] = (
    Kind("whole.ttl.gz", "text/turtle", False, _turtle),
    Kind("whole.jsonl.gz", "application/ld+json", False, _json_lines),
    Kind("patch.rdfp.gz", "application/rdf-patch", True, _patch),
    Kind("added.nq.gz", "application/n-quads", True, _added),
    Kind("removed.nq.gz", "application/n-quads", True, _removed),
)


def _kind(name: str) -> Kind:
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise ReleaseError(f"there is no file {name!r} of a release; there is {', '.join(kind.name for kind in KINDS)}")


def main() -> None:
    """Make one file, as a process of its own: `python -m katalod.dumps HOME RELEASE NAME`."""
    os.nice(10)
    home, release, name = sys.argv[1:]
    try:
        make(Path(home), release, name)
    except Busy:
        sys.exit(75)  # try again later (sysexits: EX_TEMPFAIL)


if __name__ == "__main__":
    main()
