"""What a work is called under /id/ and /doc/: its handle, else the last part of its identifier."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from katalod.formats import FORMATS

_UNSAFE = re.compile(r"[^\w.~:/()+,;=@-]+")
_LONGEST = 200
_RESERVED = ("keyword", "keywords")  # /id/keyword/… are the keyword concepts
_HANDLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.]*/[A-Za-z0-9][\w.\-]*(?:/[\w.\-]+)*", re.ASCII)
_HANDLE_IN = re.compile(
    r"(?:https?://(?:www\.)?hdl\.handle\.net/|\bhdl:\s*|https?://[^\s/]+/(?:(?!bitstream)[\w.\-]+/)*handle/)([^\s?#<>\"]+)",
    re.IGNORECASE,
)


def handle_of(text: str) -> str:
    """Give the handle that a web address or `hdl:` name stands for, or nothing."""
    match = _HANDLE_IN.match(text)
    if match is None:
        return ""
    name = match[1].rstrip("/.")
    return name if _HANDLE.fullmatch(name) and len(name) <= _LONGEST else ""


def is_handle(text: str) -> bool:
    """Whether a text is a handle as such: prefix, slash, suffix."""
    return bool(_HANDLE.fullmatch(text)) and len(text) <= _LONGEST


def path(identifier: str) -> str:
    """Give the path of a record by its identifier alone, as for a deletion; always fit to stand in an IRI."""
    name = handle_of(identifier)
    if not name and re.match(r"(?i)https?://", identifier):
        name = identifier.partition("://")[2]
    return _safe(name or identifier.rpartition(":")[2].strip() or identifier)


def path_of(identifier: str, handles: Iterable[str]) -> str:
    """Give the path of a record: its handle, else what its identifier gives.

    Of several handles that one is taken which the identifier ends in, so that a deletion finds the same path.
    """
    known = tuple(handles)
    own = path(identifier)
    return own if own in known or not known else _safe(known[0])


def _safe(name: str) -> str:
    """Replace what must not stand in a path; a digest keeps apart what would then be the same."""
    text = unicodedata.normalize("NFC", name)
    segments = [part for part in _UNSAFE.sub("-", text).split("/") if part.strip(".")]
    kept = "/".join(segments)
    if segments and segments[0] in _RESERVED:
        kept = f"record/{kept}"
    if kept == name and kept and len(kept) <= _LONGEST and not _suffixed(kept):
        return kept
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    short = kept[:150].strip("-/.") or "record"
    return f"{short}-{digest}"


def _suffixed(name: str) -> bool:
    """Whether a path ends as a fixed form of a document does: /doc/{path}.ttl."""
    return name.lower().endswith((*(f".{format.suffix}" for format in FORMATS), ".html"))
