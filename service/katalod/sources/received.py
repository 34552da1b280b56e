"""A record as its envelope gives it, judged: taken, or refused with a finding."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from xml.sax.saxutils import quoteattr

from katalod.model import Finding, RawRecord
from katalod.sources.datestamps import utc
from katalod.sources.identity import LONGEST, named
from katalod.sources.notes import note

Scope = dict[str, str]  # prefix ("" for the default) to namespace


@dataclass(slots=True)
class Received:
    """What has been read of one record so far."""

    position: int
    begin: int  # the place of its first byte
    namespace: str = ""
    header: dict[str, str] = field(default_factory=dict)  # identifier, datestamp, status
    blocks: int = 0  # of metadata
    form: str = ""
    start: int = -1  # the place of the metadata's own element
    scope: Scope = field(default_factory=dict)
    filled: bool = False  # whether that element has any element in it
    payload: bytes = b""

    def close(self, body: bytes) -> None:
        """Take the bytes of the metadata, in an envelope that declares their namespaces: they stand alone."""
        if self.filled:
            self.payload = b"<metadata%s>%s</metadata>" % (_declarations(self.scope, body), body.rstrip())


def judged(record: Received, source: str, origin: str) -> Iterator[RawRecord | Finding]:
    """Give the record, or why it cannot be taken, and what is odd about it."""
    remark = partial(note, origin=origin, position=record.position)
    status = record.header.get("status", "")
    deleted = status == "deleted"
    payload = b"" if deleted else record.payload
    identifier = record.header.get("identifier", "")
    if len(identifier) > LONGEST:
        yield remark("identifier-length", identifier)
        return
    if not identifier:
        identifier = named(payload) if payload else ""
        if identifier and record.header:
            yield remark("identifier-from-metadata", identifier, identifier=identifier)
    if not identifier:
        yield remark("no-identifier" if payload or deleted else "no-metadata")
        return
    if not deleted and not payload:
        yield remark("no-metadata", identifier=identifier)
        return
    datestamp = record.header.get("datestamp", "")
    stamp = utc(datestamp)
    if not stamp and "datestamp" in record.header:
        yield remark("datestamp", datestamp, identifier=identifier)
    if status not in ("", "deleted"):
        yield remark("status", status, identifier=identifier)
    if record.blocks > 1:
        yield remark("metadata-twice", identifier=identifier)
    if deleted and record.payload:
        yield remark("deleted-with-metadata", identifier=identifier)
    yield RawRecord(source, identifier, stamp, deleted, record.form or "none", payload, origin, record.position)


def _declarations(scope: Scope, body: bytes) -> bytes:
    """Declare the namespaces in scope whose prefix the bytes may use, and the default."""
    used = ((prefix, space) for prefix, space in scope.items() if f"{prefix}:".encode() in body or not prefix)
    return "".join(
        f" xmlns{':' if prefix else ''}{prefix}={quoteattr(space)}" for prefix, space in sorted(used) if space
    ).encode()
