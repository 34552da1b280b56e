"""The durable memory of raw records: every release can be built again from it, byte for byte.

One SQLite file in the home. A document (a file, a page of a harvest) is taken whole or not at all.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Self

from katalod.errors import SourceError
from katalod.model import Finding, RawRecord, Severity

FORMS = ("dim", "dspace7", "xoai", "oai_dc", "text")
"""What keeps more of a record comes first: of two forms of one work with one datestamp, it is published."""

_SCHEMA = """
create table if not exists record (
  source text not null, identifier text not null, path text not null, form text not null, rank integer not null,
  datestamp text not null, deleted integer not null, payload blob not null, origin text not null,
  position integer not null, title text not null, intake integer not null,
  primary key (source, identifier)) without rowid;
create index if not exists record_path on record
  (path, datestamp desc, rank, source, identifier);
create table if not exists intake (number integer primary key, origin text not null);
create index if not exists record_intake on record (intake, path);
create table if not exists moved (path text not null, intake integer not null);
create table if not exists finding (origin text not null, finding text not null);
create index if not exists finding_origin on finding (origin);
pragma user_version = 1;
"""


class Memory:
    """All records ever received that were not replaced, with their datestamps and deletions."""

    def __init__(self, home: Path) -> None:
        """Open the memory of a home, and make it if it is not there; SourceError where that fails."""
        self.path = home / "harvest.sqlite"
        try:
            home.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.path, isolation_level=None, timeout=30)
            self._db.executescript("pragma journal_mode = wal; pragma synchronous = full;" + _SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise SourceError(
                f"opening the harvest memory {self.path}: {error}; check the folder and its rights"
            ) from error

    def __enter__(self) -> Self:
        """Use the memory for a while."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._db.close()

    @contextmanager
    def document(self, origin: str) -> Iterator["Intake"]:
        """Take one document in one transaction: on any error nothing of it is kept.

        What was found amiss when the same document was taken before is forgotten.
        """
        self._db.execute("begin immediate")
        try:
            self._db.execute("delete from finding where origin = ?", (origin,))
            number = self._db.execute("insert into intake (origin) values (?)", (origin,)).lastrowid
            yield Intake(self._db, origin, number or 0)
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    def mark(self) -> int:
        """Give the number of the last intake: what comes later has a higher one."""
        return int(self._db.execute("select coalesce(max(number), 0) from intake").fetchone()[0])

    def changed(self, since: int = 0) -> list[str]:
        """List the paths, in order, of which anything was taken in after an intake; by default all there are."""
        query = "select path from record where intake > ? union select path from moved where intake > ? order by path"
        return [path for (path,) in self._db.execute(query, (since, since))]

    def works(self, since: int = 0) -> Iterator[tuple[RawRecord, str, tuple[RawRecord, ...]]]:
        """Give for each path, in order, the record that counts, the path, and others that claim the same path.

        The newest datestamp counts, a deletion too; of equal ones the form that keeps more. With `since`, only
        paths of which anything was taken in after that intake.
        """
        only = (
            " where path in (select path from record where intake > :since union select path from moved"
            " where intake > :since)"
        )
        rows = self._db.execute(
            "select path, source, identifier, datestamp, deleted, form, payload, origin, position from record"
            f"{only if since else ''} order by path, datestamp desc, rank, source, identifier",
            {"since": since} if since else {},
        )
        for path, claims in groupby(rows, key=lambda row: row[0]):
            first, *others = (
                RawRecord(source, identifier, stamp, bool(deleted), form, payload, origin, position)
                for _, source, identifier, stamp, deleted, form, payload, origin, position in claims
            )
            yield first, path, tuple(others)

    def findings(self) -> Iterator[Finding]:
        """Give what was amiss with the documents themselves, in a stable order."""
        for (text,) in self._db.execute("select distinct finding from finding order by origin, finding"):
            row = json.loads(text)
            yield Finding(**row | {"severity": Severity(row["severity"])})

    def listing(self) -> Iterator[dict[str, object]]:
        """Give what the memory holds, a row a record, without the payload."""
        query = "select identifier, datestamp, deleted, source, title from record order by source, identifier"
        for identifier, datestamp, deleted, source, title in self._db.execute(query):
            yield {
                "id": identifier,
                "datestamp": datestamp,
                "deleted": bool(deleted),
                "source": source,
                "title": title,
            }

    def count(self) -> int:
        """How many records the memory holds, deletions included."""
        return int(self._db.execute("select count(*) from record").fetchone()[0])

    def title(self, path: str) -> str:
        """What a work was called when it was last seen; empty where it never had a title."""
        row = self._db.execute("select title from record where path = ? order by title desc", (path,)).fetchone()
        return str(row[0]) if row else ""


class Intake:
    """One document on its way into the memory."""

    def __init__(self, db: sqlite3.Connection, origin: str, number: int) -> None:
        """Take for a document; `Memory.document` makes it."""
        self._db = db
        self._origin = origin
        self._number = number

    def note(self, finding: Finding) -> None:
        """Keep what is amiss with the document."""
        text = json.dumps(asdict(finding), ensure_ascii=False, sort_keys=True)
        self._db.execute("insert into finding values (?, ?)", (self._origin, text))

    def keep(self, raw: RawRecord, path: str, title: str) -> bool:
        """Keep a record instead of its former state; False if this very document gave it before.

        A deletion keeps the path and the title that the record had.
        """
        key = (raw.source, raw.identifier)
        query = "select path, title, intake from record where source = ? and identifier = ?"
        former = self._db.execute(query, key).fetchone()
        if former and raw.deleted:
            path, title = former[:2]
        if former and former[0] != path:
            self._db.execute("insert into moved values (?, ?)", (former[0], self._number))
        rank = FORMS.index(raw.form) if raw.form in FORMS else len(FORMS)
        self._db.execute(
            "insert or replace into record values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, path, raw.form, rank, raw.datestamp, raw.deleted, raw.payload, raw.origin, raw.position, title,
             self._number),
        )  # fmt: skip
        return former is None or former[2] != self._number
