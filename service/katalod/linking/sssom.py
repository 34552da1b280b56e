"""A table in SSSOM's TSV form, as a spreadsheet program leaves it: byte order mark, CRLF, quoted fields."""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from katalod.errors import AuthorityError

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """The metadata of a table, a key below another written `curie_map.gnd`, and its rows with their lines."""

    metadata: Mapping[str, str]
    rows: tuple[tuple[int, Row], ...]
    digest: str  # SHA-256 of the file

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
                rows.append((line, dict(zip(header, (cell.strip() for cell in cells), strict=False))))
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
    return Table(dict(_metadata(metadata)), tuple(rows), digest)


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
            f"reading the curated links {path}, line {line}: the column {' and '.join(missing)} is missing;"
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
