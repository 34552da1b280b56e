"""DSpace items in JSON, as its REST interface gives them: one, a page or list of them, or one a line."""

import json
from collections.abc import Iterator
from typing import Any

from katalod.errors import SourceError
from katalod.model import Finding, RawRecord
from katalod.sources.datestamps import utc
from katalod.sources.identity import LONGEST
from katalod.sources.notes import note
from katalod.sources.streams import CHUNK, Head

_LARGEST = 64 << 20
# Where DSpace 7 and 6 put items: lists of them, search results, and the objects found.
_FOLDERS = ("_embedded", "searchResult", "objects", "indexableObject", "items", "indexableObjects")


def records(text: Head, source: str, origin: str) -> Iterator[RawRecord | Finding]:
    """Give the items of a JSON document, or of JSON lines as they stream by; SourceError where it is broken."""
    lines = _lines(text, origin)
    first = next(lines, b"")
    if (item := _parsed(first)) is None or not isinstance(item, dict):
        data = _whole(first, lines, origin)
        yield from _items(_document(data, origin), data, source, origin)
        return
    yield from _taken(item, first, 1, source, origin, alone=True)
    position = 1
    for number, line in enumerate(lines, 2):
        if not line.strip():
            continue
        if not isinstance(item := _parsed(line), dict):
            raise SourceError(
                f"reading {origin}, line {number}: not a JSON object; nothing of this file was taken, export it again"
            )
        position += 1
        yield from _taken(item, line, position, source, origin)


def _lines(text: Head, origin: str) -> Iterator[bytes]:
    rest = bytearray()
    while chunk := text.read(CHUNK):
        *whole, last = chunk.split(b"\n")
        for part in whole:
            yield bytes(rest + part)
            rest.clear()
        rest += last
        if len(rest) > _LARGEST:
            raise _too_large(origin)
    if rest:
        yield bytes(rest)


def _whole(first: bytes, lines: Iterator[bytes], origin: str) -> bytes:
    parts, size = [first], len(first)
    for line in lines:
        parts.append(line)
        size += len(line) + 1
        if size > _LARGEST:
            raise _too_large(origin)
    return b"\n".join(parts)


def _document(data: bytes, origin: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"reading {origin}: not JSON ({error}); nothing was taken, export it again") from error


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _too_large(origin: str) -> SourceError:
    return SourceError(f"reading {origin}: one JSON document of more than 64 MB; export it as JSON lines (.jsonl)")


def _items(document: Any, data: bytes, source: str, origin: str) -> Iterator[RawRecord | Finding]:
    found = list(_found(document, 0))
    if not found:
        yield note("no-records", "JSON", origin)
    for position, item in enumerate(found, 1):
        # ASCII, so that half a surrogate pair does no harm.
        payload = data if item is document else json.dumps(item).encode()
        yield from _taken(item, payload, position, source, origin)


def _found(document: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > 10:
        return
    if isinstance(document, list):
        for part in document:
            yield from _found(part, depth + 1)
    elif isinstance(document, dict):
        if isinstance(document.get("metadata"), dict | list):
            yield document
        else:
            for name in _FOLDERS:
                yield from _found(document.get(name), depth + 1)


def _taken(
    item: dict[str, Any], payload: bytes, position: int, source: str, origin: str, alone: bool = False
) -> Iterator[RawRecord | Finding]:
    """Judge one object: an item to take, a deletion, or a finding; a first line may also be a page."""
    if not isinstance(item.get("metadata"), dict | list):
        if alone:
            yield from _items(item, payload, source, origin)
        else:
            yield note("not-an-item", str(item.get("type") or "?"), origin, position)
        return
    kind = item.get("type") or "item"
    if kind != "item":
        yield note("not-an-item", str(kind), origin, position)
        return
    identifier = _identifier(item)
    if not identifier:
        yield note("no-identifier", "", origin, position)
        return
    stamp = item.get("lastModified")
    datestamp = utc(stamp) if isinstance(stamp, str) else ""
    if isinstance(stamp, str) and not datestamp:
        yield note("datestamp", stamp, origin, position, identifier)
    if _said(item, "withdrawn", "isWithdrawn"):
        yield RawRecord(source, identifier, datestamp, True, "dspace7", b"", origin, position)
    elif hidden := [name for name in ("discoverable", "inArchive", "isArchived", "archived") if _denied(item, name)]:
        yield note("not-published", f"{hidden[0]}: false", origin, position, identifier)
    else:
        yield RawRecord(source, identifier, datestamp, False, "dspace7", payload, origin, position)


def _identifier(item: dict[str, Any]) -> str:
    names = (item.get(name) for name in ("handle", "uuid", "id"))
    texts = (str(name).strip() for name in names if isinstance(name, str | int) and not isinstance(name, bool))
    return next((text for text in texts if text and len(text) <= LONGEST and text.isprintable()), "")


def _said(item: dict[str, Any], *names: str) -> bool:
    return any(item.get(name) in (True, "true") for name in names)


def _denied(item: dict[str, Any], name: str) -> bool:
    return item.get(name) in (False, "false")
