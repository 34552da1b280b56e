"""The mapping table, the types and the languages: read from `ontology/`, and checked whole."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from katalod.assets import asset
from katalod.errors import MappingError
from katalod.model import MAPPED
from katalod.rdf import prefixes


@dataclass(frozen=True, slots=True)
class Row:
    """One field of a record: the property it goes to, and the emitter that makes terms of its values."""

    field: str
    property: str
    value: str
    otherwise: str | None = None
    term: str | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """What a type string means: BIBO class, COAR resource type, GND form concept."""

    type: str
    coar: str
    form: str | None = None
    form_label: str | None = None
    degree: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """All that the mapping looks up."""

    rows: tuple[Row, ...]
    kinds: Mapping[str, Kind]  # by folded type string
    languages: Mapping[str, str]  # by folded code or name: ISO 639-2/B


def fold(text: str) -> str:
    """Fold a type or language string for look-up: case, white space, spaces around a slash."""
    return "/".join(" ".join(part.split()) for part in text.casefold().split("/"))


def load(emitters: Collection[str], folder: Path | None = None) -> Table:
    """Read mapping, types and languages; raises MappingError with file and row of what cannot be used."""
    folder = folder or asset("ontology")
    rows = tuple(_row(n, row, emitters) for n, row in enumerate(_read(folder / "mapping.toml")["field"], 1))
    missing = set(MAPPED) - {row.field for row in rows}
    if missing:
        raise MappingError(f"mapping.toml has no row for {', '.join(sorted(missing))}; add one for each")
    kinds: dict[str, Kind] = {}
    for entry in _read(folder / "types.toml")["type"]:
        kind = Kind(entry["class"], entry["coar"], entry.get("form"), entry.get("form_label"), entry.get("degree"))
        kinds |= {fold(text): kind for text in entry["strings"]}
    languages: dict[str, str] = {}
    for entry in _read(folder / "languages.toml")["language"]:
        languages |= {fold(text): entry["code"] for text in (*entry["strings"], entry["code"])}
    return Table(rows, kinds, languages)


def _row(number: int, row: dict[str, str], emitters: Collection[str]) -> Row:
    where = f"mapping.toml, row {number}"
    if row.get("from") not in MAPPED:
        raise MappingError(f"{where}: Record has no field {row.get('from')!r}; it has {', '.join(MAPPED)}")
    if row.get("value") not in emitters:
        raise MappingError(f"{where}: there is no emitter {row.get('value')!r}; there are {', '.join(emitters)}")
    for key in ("property", "otherwise"):
        if key in row and row[key].partition(":")[0] not in prefixes():
            raise MappingError(f"{where}: {key} {row[key]!r} has a prefix that [prefixes] lacks; add it there")
    return Row(row["from"], row["property"], row["value"], row.get("otherwise"), row.get("term"))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError(f"reading {path.name}: {error}; mend it or reinstall katalod") from error
