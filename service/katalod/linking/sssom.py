"""A table in SSSOM's TSV form, as a spreadsheet program leaves it: byte order mark, CRLF, quoted fields."""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from katalod.errors import AuthorityError
from katalod.rdf import GND

Row = Mapping[str, str]

PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "gnd": GND,
        "semapv": "https://w3id.org/semapv/vocab/",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "sssom": "https://w3id.org/sssom/",
    }
)
COLUMNS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "predicate_modifier",
    "object_id",
    "object_label",
    "mapping_justification",
    "author_label",
    "mapping_date",
    "confidence",
    "comment",
)
"""The slots of a table of decisions."""
MORE_COLUMNS = (*COLUMNS, "reviewer_label", "object_source_version", "mapping_tool")
"""The slots of a table of all links."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet program would run


@dataclass(frozen=True, slots=True)
class Table:
    """The metadata of a table, a key below another written `curie_map.gnd`, and its rows with their lines."""

    metadata: Mapping[str, str]
    rows: tuple[tuple[int, Row], ...]
    digest: str  # SHA-256 of the file
    head: tuple[str, ...] = ()  # the lines of metadata as they stand, without #
    columns: tuple[str, ...] = ()

    def below(self, key: str) -> dict[str, str]:
        """Give what the metadata hold below a key."""
        start = f"{key}."
        return {name.removeprefix(start): value for name, value in self.metadata.items() if name.startswith(start)}


def read(path: Path, needed: tuple[str, ...]) -> Table:
    """Read a table; AuthorityError if it is not text, not separated by tabs, or lacks a needed column."""
    text, digest = _text(path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t", strict=True)
    metadata: list[str] = []
    header: list[str] = []
    rows: list[tuple[int, Row]] = []
    line = 1
    try:
        for cells in reader:
            if cells and cells[0].startswith("#"):
                metadata.append(cells[0][1:])
            elif header and any(cells):
                rows.append((line, dict(zip(header, map(_cell, cells), strict=False))))
            elif any(cells):
                header = _header(path, line, cells, needed)
            line = reader.line_num + 1
    except csv.Error as error:
        raise AuthorityError(
            f"reading the curated links {path}, line {line}: {error}; mend the quotation marks of this row"
        ) from error
    if not header:
        raise AuthorityError(
            f"reading the curated links {path}: it is empty; begin with the columns subject_label, {', '.join(needed)}"
        )
    return Table(dict(_metadata(metadata)), tuple(rows), digest, tuple(metadata), tuple(header))


def _cell(text: str) -> str:
    """Read a cell, without the sign that keeps a spreadsheet program from running it."""
    found = text.strip()
    return found[1:] if found.startswith("'") and found[1:].startswith(_FORMULA) else found


def head(metadata: Mapping[str, str], prefixes: Mapping[str, str] = PREFIXES) -> list[str]:
    """Write the lines of metadata that a table begins with."""
    lines = [f"#{key}: {_inert(value, '')}" for key, value in metadata.items()]
    return [*lines, "#curie_map:", *(f"#  {name}: {space}" for name, space in sorted(prefixes.items()))]


def rows(rows: Iterable[Row], columns: Iterable[str] = COLUMNS) -> Iterator[str]:
    """Write the header and the rows of a table, a line each, with the line's end."""
    names = tuple(columns)
    yield "\t".join(names) + "\n"
    for row in rows:
        line = io.StringIO()
        csv.writer(line, delimiter="\t", lineterminator="\n").writerow(_inert(row.get(name, "")) for name in names)
        yield line.getvalue()


def _inert(text: str, guard: str = "'") -> str:
    """Keep a value in its cell: one line, and nothing that a spreadsheet program would run."""
    line = " ".join(text.split())
    return guard + line if line.startswith(_FORMULA) else line


def _text(path: Path) -> tuple[str, str]:
    try:
        data = path.read_bytes()
        wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))  # a spreadsheet's "Unicode text"
        return data.decode("utf-16" if wide else "utf-8-sig"), hashlib.sha256(data).hexdigest()
    except OSError as error:
        raise AuthorityError(
            f"reading the curated links {path}: {error.strerror}; give the path of the table"
        ) from error
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise AuthorityError(
            f"reading the curated links {path}, line {line}: not UTF-8; save the table as tab-separated UTF-8"
        ) from error


def _header(path: Path, line: int, cells: list[str], needed: tuple[str, ...]) -> list[str]:
    header = [cell.strip() for cell in cells]
    missing = [column for column in needed if column not in header]
    if not {"subject_label", "subject_id"} & set(header):
        missing.append("subject_label")
    if missing:
        raise AuthorityError(
            f"reading the curated links {path}, line {line}: columns missing: {', '.join(missing)};"
            " the table must be SSSOM, separated by tabs"
        )
    return header


def _metadata(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Read the block of `#` lines: keys with values, and one level of keys below a key."""
    above = ""
    margin = 0
    for line in lines:
        key, colon, value = line.strip().partition(":")
        if not colon:
            continue
        indent = len(line) - len(line.lstrip())
        if not above or indent <= margin:
            above, margin = ("", indent) if value.strip() else (key.strip(), indent)
            yield key.strip(), value.strip().strip("'\"")
        else:
            yield f"{above}.{key.strip()}", value.strip().strip("'\"")
