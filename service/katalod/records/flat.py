"""A record that came as running text, its values stuck together: fields are found by their shapes, and say so."""

from collections.abc import Collection
from typing import Any

from katalod.model import Finding, RawRecord, Record, Severity, Subject, Text
from katalod.records.cleaning import clean
from katalod.records.dublin_core import fill, finished
from katalod.records.forms import Value
from katalod.records.notes import Notes, refused
from katalod.records.numbers import Token, leading
from katalod.records.paths import path
from katalod.records.prose import Prose, parted

_NAMES = {
    "issued": ("Erscheinungsjahr", "year of issue"),
    "available": ("Datum der Verfügbarkeit", "date of availability"),
    "accessioned": ("Datum der Aufnahme und der letzten Änderung", "dates of accession and of the last change"),
    "isbns": ("ISBN", "ISBN"),
    "issns": ("ISSN", "ISSN"),
    "dois": ("DOI", "DOI"),
    "handles": ("Handle", "handle"),
    "pages": ("Webadresse", "web address"),
    "abstracts": ("Zusammenfassung", "abstract"),
    "titles": ("Titel", "title"),
    "subtitles": ("Untertitel", "subtitle"),
    "types": ("Dokumenttyp", "type of document"),
}
_LANGUAGE = "de"  # of types and keywords: they are the repository's own words, whatever the work's language


def read(raw: RawRecord, words: Collection[str] = ()) -> Record | Finding:
    """Read a record from running text; every field found has a finding `recovered`.

    `words` are headings that keywords may be: they help to cut keywords that are stuck together.
    """
    notes = Notes()
    text, faults = clean(raw.payload.decode("utf-8", "replace").removeprefix("\ufeff"))
    for fault in faults:
        notes.add(fault, "text", text)
    tokens, rest = leading(text)
    prose = parted(rest, words)
    draft: dict[str, list[Any]] = _dates(tokens)
    for token in tokens:
        if token.kind in ("isbn", "issn", "doi", "uri"):
            fill(draft, Value(f"dc.identifier.{token.kind}", token.text), notes)
    _add_prose(draft, prose)
    if not prose.title and not tokens:
        return refused(
            raw,
            "no-content",
            path(raw.identifier),
            "Im Text ist weder ein Titel noch ein Datum noch eine Kennung zu erkennen.",
            "Neither a title nor a date nor an identifier can be made out in the text.",
        )
    for field, values in draft.items():
        _say(notes, field, values)
    if prose.keywords:
        draft["subjects"] = [Subject(word, _LANGUAGE) for word, _ in prose.keywords]
        _say_keywords(notes, prose)
    return finished(raw, draft, notes)


def _dates(tokens: tuple[Token, ...]) -> dict[str, list[Any]]:
    """Name the dates: the year alone is that of issue, the earliest day the one of availability.

    The earliest and latest are those of the description: its accession, and its last change.
    """
    issued = [token.text for token in tokens if token.kind in ("year", "month")]
    days = sorted(token.text for token in tokens if token.kind in ("day", "instant"))
    dates = {"issued": issued, "available": days[:1], "accessioned": list(dict.fromkeys((*days[:1], *days[-1:])))}
    return {field: values for field, values in dates.items() if values}


def _add_prose(draft: dict[str, list[Any]], prose: Prose) -> None:
    if prose.abstracts:
        draft["abstracts"] = [Text(text, language) for text, language in prose.abstracts]
    if prose.title:
        draft["titles"] = [Text(prose.title, prose.language)]
    if prose.type:
        draft["types"] = [Text(prose.type, _LANGUAGE)]


def _say(notes: Notes, field: str, values: list[Any]) -> None:
    german, english = _NAMES.get(field, (field, field))
    value = "; ".join(value.value if isinstance(value, Text) else str(value) for value in values)
    notes.say(
        Severity.INFO,
        "recovered",
        field,
        value,
        f"{german}: aus zusammengeschriebenem Text erkannt. Bitte prüfen.",
        f"{english[0].upper()}{english[1:]}: recovered from text run together. Please check.",
    )


def _say_keywords(notes: Notes, prose: Prose) -> None:
    for word, confirmed in prose.keywords:
        german = "ein Wort des Titels, der Zusammenfassungen oder der Normdatei bestätigt es"
        english = "a word of the title, the abstracts or the authority file confirms it"
        if not confirmed:
            german, english = "allein an der Großschreibung getrennt", "cut by the capital letters alone"
        notes.say(
            Severity.INFO,
            "recovered",
            "subjects",
            word,
            f"Schlagwort „{word}“: aus zusammengeschriebenem Text erkannt, {german}. Bitte prüfen.",
            f"Keyword “{word}”: recovered from text run together, {english}. Please check.",
        )
