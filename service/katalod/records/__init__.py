"""What records say: a reader for each form, from RawRecord to Record."""

from collections.abc import Callable, Collection, Mapping

from katalod.model import Finding, RawRecord, Record
from katalod.records import dublin_core, flat
from katalod.records.notes import refused
from katalod.records.paths import path, path_of

__all__ = ["READERS", "Reader", "known_as", "path", "path_of", "read"]

Reader = Callable[[RawRecord, Collection[str]], Record | Finding]


def _dublin_core(raw: RawRecord, words: Collection[str]) -> Record | Finding:
    return dublin_core.read(raw)


READERS: Mapping[str, Reader] = {
    "dim": _dublin_core,
    "xoai": _dublin_core,
    "oai_dc": _dublin_core,
    "dspace7": _dublin_core,
    "text": flat.read,
}
"""The forms that can be read; a form that is not here is kept in the memory, and said to be so."""


def known_as(raw: RawRecord) -> tuple[str, str]:
    """Give the path and the title of a record: those that `read` gives, and its identifier's path where it fails."""
    try:
        if READERS.get(raw.form) is _dublin_core:
            return dublin_core.known_as(raw)
        if isinstance(record := read(raw), Record):
            return record.path, record.titles[0].value if record.titles else ""
    except Exception:  # noqa: BLE001 - the build says what is wrong with it; the harvest must go on
        return path(raw.identifier), ""
    return path(raw.identifier), ""


def read(raw: RawRecord, words: Collection[str] = ()) -> Record | Finding:
    """Read what a record says; a finding where its form has no reader, or where it says nothing.

    `words` are headings that keywords run together may be cut by: the authority's, where there is one.
    """
    reader = READERS.get(raw.form)
    if reader is not None:
        return reader(raw, words)
    return refused(
        raw,
        "no-reader",
        path(raw.identifier),
        f"Für die Form „{raw.form[:100]}“ gibt es noch keinen Leser; der Datensatz bleibt im Gedächtnis aufbewahrt.",
        f"There is no reader yet for the form “{raw.form[:100]}”; the record is kept in the harvest memory.",
        violation=False,
    )
