"""Dublin Core in its four forms, read into a Record."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from katalod.model import Finding, RawRecord, Record, Text
from katalod.records.cleaning import clean, excerpt
from katalod.records.fields import NAMING, NEVER, row
from katalod.records.forms import FORMS, Unreadable, Value
from katalod.records.languages import tag
from katalod.records.notes import LONGEST, Notes, refused
from katalod.records.paths import path, path_of

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
# What DSpace writes of itself into dc.description.provenance, and some exports into dc.description.
_PROVENANCE = re.compile(
    r"(?:Submitted by .{0,200} on \d{4}-|Made available in DSpace on \d{4}-|(?:Step: \S+ - )?(?:action:\S+ )?"
    r"(?:Approved for entry into archive|Rejected) by |Item (?:withdrawn|reinstated) by )"
)


def read(raw: RawRecord) -> Record | Finding:
    """Read a record of a Dublin Core form; a finding where there is nothing to read."""
    notes = Notes()
    try:
        values = list(_cleaned(FORMS[raw.form](raw.payload), notes))
    except Unreadable as fault:
        return refused(
            raw,
            "unreadable",
            path(raw.identifier),
            f"Die Metadaten sind kein lesbares {raw.form}: {fault}. Bitte neu abrufen.",
            f"The metadata are not readable {raw.form}: {fault}. Please fetch them again.",
        )
    draft: dict[str, list[Any]] = {}
    for value in values:
        fill(draft, value, notes)
    if not draft:
        return refused(
            raw,
            "no-content",
            path(raw.identifier),
            "Der Datensatz hat keine einzige Angabe, die veröffentlicht werden kann.",
            "The record has not a single value that can be published.",
        )
    return finished(raw, draft, notes)


def known_as(raw: RawRecord) -> tuple[str, str]:
    """Give the path and the first title that `read` gives, out of the fields alone that say them.

    A third of the time of reading all: every record is asked for these before it is kept.
    """
    draft: dict[str, list[Any]] = {}
    notes = Notes()
    naming = (value for value in FORMS[raw.form](raw.payload) if row(value.field) in NAMING)
    for value in _cleaned(naming, notes):
        fill(draft, value, notes)
    _sort_titles(draft)
    return path_of(raw.identifier, draft.get("handles", ())), draft["titles"][0].value if "titles" in draft else ""


def fill(draft: dict[str, list[Any]], value: Value, notes: Notes) -> None:
    """Put one value where its field belongs."""
    found = row(value.field)
    if found is not None:
        make, argument = found
        for field, thing in make(value, argument):
            draft.setdefault(field, []).append(thing)


def finished(raw: RawRecord, draft: dict[str, list[Any]], notes: Notes) -> Record:
    """Make the record of what was gathered: titles sorted, doubles dropped, its path found."""
    _sort_titles(draft)
    years = [text for text in draft.get("dates", ()) if _possible(text)]
    if len(years) == 1 and not draft.get("issued"):
        draft["issued"] = years
    where = path_of(raw.identifier, draft.get("handles", ()))
    return Record(
        path=where,
        identifier=raw.identifier,
        datestamp=raw.datestamp,
        findings=tuple(notes.findings(raw, where)),
        **{field: tuple(dict.fromkeys(things)) for field, things in draft.items()},
    )


def _cleaned(values: Iterator[Value], notes: Notes) -> Iterator[Value]:
    """Give the values that say something, cleaned; what must never be read is not even looked at."""
    for field, written, lang, authority in values:
        if field.lower() in NEVER:
            continue
        if row(field) is None:
            if written.strip():
                name = clean(field)[0][:LONGEST]
                notes.add("not-mapped", name, name)
            continue
        value, faults = clean(written)
        if field == "dc.description" and _PROVENANCE.match(value):
            notes.add("provenance", field)
            continue
        for fault in faults:
            notes.add(fault, field, excerpt(fault, written))
        if not value:
            continue
        language, odd = tag(lang)
        if odd:
            notes.add("language-tag", field, clean(str(lang))[0])
        yield Value(field, value, language, authority)


def _possible(text: str) -> bool:
    """Whether a text is a year, a month or a day that there is, and nothing else."""
    match = _DATE.fullmatch(text)
    if match is None:
        return False
    try:
        date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return False
    return True


def _sort_titles(draft: dict[str, list[Any]]) -> None:
    """Keep the first title and those in other languages; a further one in the same language is an alternative."""
    titles: list[Text] = []
    for title in draft.pop("titles", ()):
        if any(title.lang == former.lang for former in titles):
            draft.setdefault("alternatives", []).append(title)
            continue
        main, _, rest = title.value.partition(" : ")
        titles.append(Text(main.strip(), title.lang) if rest.strip() and main.strip() else title)
        if rest.strip() and main.strip():
            draft.setdefault("subtitles", []).append(Text(rest.strip(), title.lang))
    if titles:
        draft["titles"] = titles
