"""The memory of raw records: every release can be built again from it, byte for byte.

One SQLite file in the home. A document (a file, a page of a harvest) is taken whole or not at all.
"""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Self

from katalod.errors import KatalodError, SourceError
from katalod.harvest import schema
from katalod.harvest.intervals import Intervals
from katalod.model import Finding, RawRecord, Severity

FORMS = ("dim", "dspace7", "xoai", "oai_dc", "text")
"""What keeps more of a record comes first: of two forms of one work with one datestamp, it is published."""


class NotKept(KatalodError):  # noqa: N818 - it is what happened
    """The memory cannot be written; it is as it was before."""


class Memory:
    """All records ever received that were not replaced, with their datestamps and deletions."""

    def __init__(self, home: Path) -> None:
        """Open the memory of a home, and make it if it is not there; SourceError where that fails."""
        self.path = home / "harvest.sqlite"
        try:
            home.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.path, isolation_level=None, timeout=30)
            schema.prepare(self._db)
        except (OSError, sqlite3.Error) as error:
            raise SourceError(
                f"opening the harvest memory {self.path}: {error}; check the folder, its rights and the disk's space"
            ) from error
        self.intervals = Intervals(self._db)

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
        with self.part(origin) as intake:
            intake.forget(origin)
            yield intake

    @contextmanager
    def part(self, origin: str) -> Iterator["Intake"]:
        """Take a part of something in one transaction, with what is written of its interval; else nothing of it.

        Raises NotKept where the memory cannot be written: it is as it was before.
        """
        try:
            self._db.execute("begin immediate")
            try:
                now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                number = self._db.execute("insert into intake (origin, seen) values (?, ?)", (origin, now)).lastrowid
                yield Intake(self._db, origin, number or 0)
                self._db.execute("commit")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):  # SQLite has rolled back where the disk is full
                    self._db.execute("rollback")
                raise
        except sqlite3.Error as error:
            raise NotKept(
                f"writing what came from {origin} into {self.path}: {error}; make room or wait for the other process,"
                " then run this again: what was kept before is untouched"
            ) from error

    @contextmanager
    def still(self) -> Iterator[None]:
        """Read one state of the memory for a while, whatever is harvested meanwhile."""
        self._db.execute("begin")
        try:
            yield
        finally:
            self._db.execute("commit")

    def identity(self) -> str:
        """Name this memory: another file in its place, or an older state of it, is not what a release knows."""
        return str(self._db.execute("select id from self").fetchone()[0])

    def mark(self) -> int:
        """Give the number of the last intake: what comes later has a higher one."""
        return int(self._db.execute("select coalesce(max(number), 0) from intake").fetchone()[0])

    def changed(self, since: int = 0) -> list[str]:
        """List the paths, in order, of which anything was changed after an intake; by default all there are."""
        query = "select path from record where intake > ? union select path from moved where intake > ?"
        return sorted(path for (path,) in self._db.execute(query, (since, since)))  # by SQLite: a scan of all

    def moved(self) -> Iterator[tuple[str, str]]:
        """Give each path that a record left, in order, with the path that the last one to leave it has now."""
        last = "select path, record, max(rowid) from moved group by path"  # by SQLite: the record of that row
        yield from self._db.execute(
            f"select former.path, record.path from ({last}) former join record on record.number = former.record"
            " where record.path <> former.path order by 1"
        )

    def works(self, since: int = 0) -> Iterator[tuple[RawRecord, str, tuple[RawRecord, ...]]]:
        """Give for each path, in order, the record that counts, the path, and others that claim the same path.

        The newest datestamp counts, a deletion too; of equal ones the form that keeps more. With `since`, only
        paths of which anything was changed after that intake.
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

    def known(self, source: str, identifier: str) -> tuple[int, bool]:
        """Give the number of the intake that gave a record last, 0 where none did, and whether it lives."""
        query = "select seen, not deleted from record where source = ? and identifier = ?"
        row = self._db.execute(query, (source, identifier)).fetchone()
        return (int(row[0]), bool(row[1])) if row else (0, False)

    def middle(self, source: str, since: str, until: str) -> str:
        """Give the median datestamp of a source's records in a span of time; empty where there are none."""
        where = "source = ? and datestamp >= ? and substr(datestamp, 1, length(?)) <= ?"
        query = f"select datestamp from record where {where} order by datestamp limit 1 offset"
        span = (source, since or "0", until or "9", until or "9")
        row = self._db.execute(f"{query} (select count(*) from record where {where}) / 2", span * 2).fetchone()
        return str(row[0]) if row else ""

    def vanished(self, source: str, first: int, most: int = 500) -> list[str]:
        """List identifiers of some living records that no intake from the first on has given."""
        query = "select identifier from record where source = ? and seen < ? and not deleted order by 1 limit ?"
        return [identifier for (identifier,) in self._db.execute(query, (source, first, most))]


@dataclass(frozen=True, slots=True)
class Kept:
    """What keeping a record came to."""

    changed: bool  # whether anything of it is new
    before: int  # the intake that gave it last before this; 0 where none did


class Intake:
    """One document on its way into the memory."""

    def __init__(self, db: sqlite3.Connection, origin: str, number: int) -> None:
        """Take for a document; `Memory.document` makes it."""
        self._db = db
        self._origin = origin
        self.number = number

    def note(self, finding: Finding, origin: str = "") -> None:
        """Keep what is amiss, under the document or another origin, until that is forgotten."""
        text = json.dumps(asdict(finding), ensure_ascii=False, sort_keys=True)
        row = (origin or self._origin, text.encode("utf-8", "replace").decode())
        query = "select ?, ? where not exists (select 1 from finding where origin = ? and finding = ?)"
        self._db.execute(f"insert into finding {query}", (*row, *row))

    def forget(self, origin: str) -> None:
        """Forget what was amiss with an origin."""
        self._db.execute("delete from finding where origin = ?", (origin,))

    def sight(self, source: str, identifier: str) -> bool:
        """Note that a source still lists a record; False where the memory holds no living one of that name."""
        query = "update record set seen = ? where source = ? and identifier = ? and not deleted"
        return self._db.execute(query, (self.number, source, identifier)).rowcount > 0

    def keep(self, raw: RawRecord, path: str, title: str) -> Kept:
        """Keep a record instead of its former state; one that is the same as before does not count as changed.

        A deletion keeps the path and the title that the record had.
        """
        key = (raw.source, raw.identifier)
        self._db.execute("delete from lost where source = ? and identifier = ?", key)
        facts = (raw.form, raw.datestamp, int(raw.deleted), raw.origin, raw.position)
        former = self._db.execute(
            "select number, path, title, seen, form, datestamp, deleted, origin, position, payload = ? from record"
            " where source = ? and identifier = ?",
            (raw.payload, *key),
        ).fetchone()
        rank = FORMS.index(raw.form) if raw.form in FORMS else len(FORMS)
        if former is None:
            self._db.execute(
                "insert into record values (null, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*key, path, raw.form, rank, *facts[1:], title, self.number, self.number, raw.payload),
            )
            return Kept(True, 0)
        number, former_path, former_title, seen = former[:4]
        if raw.deleted:
            path, title = former_path, former_title
        if (path, title, *facts, 1) == (former_path, former_title, *former[4:]):
            if seen != self.number:
                self._db.execute("update record set seen = ? where number = ?", (self.number, number))
            return Kept(False, seen)
        if former_path != path:
            self._db.execute("insert into moved values (?, ?, ?)", (former_path, self.number, number))
        self._db.execute(
            "update record set path = ?, form = ?, rank = ?, datestamp = ?, deleted = ?, origin = ?, position = ?,"
            " title = ?, intake = ?, seen = ?, payload = ? where number = ?",
            (path, raw.form, rank, *facts[1:], title, self.number, self.number, raw.payload, number),
        )
        return Kept(True, seen)
