"""The text index of a release (tantivy): built once with it, read-only ever after."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import tantivy

from katalod.errors import StoreError

_FIELDS = ("title", "text", "people", "subjects")
_BOOSTS = {"title": 3.0, "subjects": 2.0, "people": 2.0, "text": 1.0}
_MEMORY = 64_000_000  # bytes that the writer may hold before it writes a segment


@dataclass(frozen=True, slots=True)
class Entry:
    """What of one work is searched."""

    path: str
    title: str
    text: str = ""
    people: str = ""
    subjects: str = ""


class Writer:
    """Takes entries into a new index; nothing is searchable before `finish`."""

    def __init__(self, folder: Path) -> None:
        """Begin an index in a new folder."""
        folder.mkdir(parents=True)
        # One thread: the order of documents, and so of equal scores, is the order in which they came.
        self._writer = tantivy.Index(_schema(), str(folder)).writer(_MEMORY, 1)

    def add(self, entries: Iterable[Entry]) -> None:
        """Take entries in."""
        for entry in entries:
            document = tantivy.Document()
            document.add_text("path", entry.path)
            for field in _FIELDS:
                document.add_text(field, getattr(entry, field))
            self._writer.add_document(document)

    def finish(self) -> None:
        """Write everything out and wait for it."""
        self._writer.commit()
        self._writer.wait_merging_threads()


class Index:
    """The index of a release, for reading; safe in several threads."""

    def __init__(self, folder: Path) -> None:
        """Open an index; StoreError where there is none."""
        try:
            self._index = tantivy.Index.open(str(folder))
        except ValueError as error:
            raise StoreError(f"opening the search index {folder}: {error}; publish anew") from error
        self._searcher = self._index.searcher()

    def find(self, text: str, limit: int = 20, offset: int = 0) -> tuple[int, list[tuple[str, str, str]]]:
        """Find works: how many, and a page of path, title and snippet, the best first.

        Whatever the text is, it is taken as words and phrases: what is no query syntax is not an error.
        """
        query, _ = self._index.parse_query_lenient(text[:1000], list(_FIELDS), field_boosts=_BOOSTS)
        found = self._searcher.search(query, limit=max(limit, 1), offset=offset)
        rows = []
        for _, address in found.hits:
            document = self._searcher.doc(address)
            body = str(document.get_first("text") or "")
            rows.append((str(document.get_first("path")), str(document.get_first("title")), body[:280]))
        return int(getattr(found, "count", 0) or 0), rows  # the library's stubs lack it


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("path", stored=True, tokenizer_name="raw")
    for field in _FIELDS:
        builder.add_text_field(field, stored=field in ("title", "text"), tokenizer_name="default")
    return builder.build()
