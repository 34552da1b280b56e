"""A record as running text: one a file."""

import hashlib
import re
from collections.abc import Iterator

from katalod.errors import SourceError
from katalod.model import RawRecord
from katalod.sources.identity import handle_in
from katalod.sources.streams import Head

_LARGEST = 1 << 20
_RECORDLIKE = re.compile(r"https?://\S|\bdoi:|\b10\.\d{4,9}/|97[89][-\d ]{10,14}|(?<!\d)(1[5-9]|20)\d\d-\d\d-\d\d")


def records(text: Head, source: str, origin: str) -> Iterator[RawRecord]:
    """Give the record that a text file holds; SourceError for anything that does not look like one."""
    data = text.peek(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise SourceError(f"reading {origin}: text of more than 1 MB is not one record; give one file a record")
    try:
        content = data.decode()
    except UnicodeDecodeError as error:
        raise SourceError(
            f"reading {origin}: neither XML nor JSON nor UTF-8 text ({error.reason} at byte {error.start});"
            " export it as one of these"
        ) from error
    if "\0" in content or not _RECORDLIKE.search(content):
        raise SourceError(
            f"reading {origin}: the text does not look like a record: it has no date, no ISBN and no web address;"
            " if it is none, take it out"
        )
    name = handle_in(content) or hashlib.sha256(data).hexdigest()[:16]
    yield RawRecord(source, f"text:{name}", "", False, "text", data, origin)
