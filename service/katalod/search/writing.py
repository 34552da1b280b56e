"""Writing the index of a release: in full, or as a change to a copy of the former one. Both give the same answers."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Self

import tantivy

from katalod.errors import StoreError
from katalod.search.entries import Entry, Rows, laid_out, schema

_MEMORY = 200_000_000  # bytes that the writer may hold before it writes a segment; few segments answer faster
_THREADS = 1  # a second one costs more in merging than it wins
_LAYOUT = "katalod-layout"


class Writer:
    """Takes entries into an index; nothing is searchable before `finish`."""

    def __init__(self, folder: Path) -> None:
        """Begin an index in a new folder."""
        folder.mkdir(parents=True)
        (folder / _LAYOUT).write_text(layout())
        self._begin(tantivy.Index(schema(), str(folder)), replaces=False)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open a copy of an index, to change it; StoreError where it is none, or is of another layout.

        Files are only added and removed, never changed in place: the copy may be one of hard links.
        """
        if not fits(folder):
            raise StoreError(f"opening the search index {folder} to change it: it has another layout; build it in full")
        try:
            index = tantivy.Index.open(str(folder))
        except ValueError as error:
            raise StoreError(f"opening the search index {folder}: {error}; build it in full") from error
        writer = cls.__new__(cls)
        writer._begin(index, replaces=True)
        return writer

    def _begin(self, index: tantivy.Index, replaces: bool) -> None:
        self._writer = index.writer(_MEMORY, _THREADS)
        self._replaces = replaces

    def remove(self, paths: Iterable[str]) -> None:
        """Take works out; one that is not in the index is passed over."""
        for path in paths:
            self._writer.delete_documents_by_term("path", path)

    def add(self, entries: Iterable[Entry]) -> None:
        """Take entries in; in an index that is changed, one replaces the former entry of its path."""
        self.take(map(laid_out, entries))

    def take(self, entries: Iterable[Rows]) -> None:
        """Take entries in that were laid out before, perhaps by other processes."""
        for rows in entries:
            if self._replaces:
                self.remove([rows.path])
            with _told():
                self._writer.add_json(rows.fields)

    def finish(self) -> None:
        """Write everything out and wait for it."""
        with _told():
            self._writer.commit()
            self._writer.wait_merging_threads()


@contextmanager
def _told() -> Iterator[None]:
    """Say what the library, which has one error for all, could not write."""
    try:
        yield
    except ValueError as error:
        raise StoreError(f"writing the search index: {error}") from error


def fits(folder: Path) -> bool:
    """Whether an index was written by this version's rules, so that it can be changed instead of built anew."""
    file = folder / _LAYOUT
    return file.is_file() and file.read_text() == layout()


def layout() -> str:
    """Name the rules by which text becomes an index: they are this room's own files, and the library's version."""
    digest = hashlib.sha256(version("tantivy").encode())
    for name in ("entries.py", "words.py", "parts.txt"):
        digest.update(Path(__file__).with_name(name).read_bytes())
    return digest.hexdigest()
