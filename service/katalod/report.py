"""The report of a release: its works, what was amiss, what is gone. Public, per release and per record.

One SQLite file, written once while the release is built and read-only ever after.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from pathlib import Path
from typing import Self

from katalod.errors import ReleaseError
from katalod.model import Change, Finding, Severity

_SCHEMA = """
create table work (path text primary key, title text not null, datestamp text not null, digest text not null)
  without rowid;
create table gone (path text primary key, title text not null, datestamp text not null) without rowid;
create table moved (path text primary key, target text not null) without rowid;
create table held (path text primary key) without rowid;
create table finding (severity text, shape text, field text, value text, de text, en text, origin text,
  position integer, identifier text, path text, part text not null);
create index finding_path on finding (path);
create index finding_shape on finding (shape, severity);
create index work_new on work (datestamp desc, path);
create table note (name text primary key, value text not null) without rowid;
"""
_ORDER = "path, origin, position, shape, field, value, en"
_FINDING = "severity, shape, field, value, de, en, origin, position, identifier, path"


class Report:
    """What a release says of itself, beside its triples."""

    def __init__(self, folder: Path, write: bool = False) -> None:
        """Open the report in a release's folder; with `write`, to change it, and a new one if it is not there."""
        path = folder / "report" / "report.sqlite"
        try:
            if write:
                path.parent.mkdir(parents=True, exist_ok=True)
                new = not path.exists()
                self._db = sqlite3.connect(path)
                self._db.executescript(
                    "pragma journal_mode = off; pragma synchronous = off;" + (_SCHEMA if new else "")
                )
            else:
                self._db = sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True, check_same_thread=False)
        except sqlite3.Error as error:
            raise ReleaseError(f"opening the report {path}: {error}; publish anew with `katalod publish`") from error
        self._sum = int(self._noted("findings") or "0", 16) if write else 0

    def __enter__(self) -> Self:
        """Use the report for a while."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def add_work(self, path: str, title: str, datestamp: str, digest: str) -> None:
        """Count a published work in; the digest is of its sorted N-Triples."""
        self._db.execute("insert into work values (?, ?, ?, ?)", (path, title, datestamp, digest))

    def add_gone(self, path: str, title: str, datestamp: str) -> None:
        """Remember a work that was deleted in its source."""
        self._db.execute("insert into gone values (?, ?, ?)", (path, title, datestamp))

    def move(self, paths: Iterable[tuple[str, str]]) -> None:
        """Remember which paths were left for which others, instead of all that was remembered of that."""
        self._db.execute("delete from moved")
        self._db.executemany("insert into moved values (?, ?)", paths)

    def hold_back(self, path: str) -> None:
        """Remember a record that may not be published."""
        self._db.execute("insert or replace into held values (?)", (path,))

    def add_findings(self, findings: Iterable[Finding], part: str) -> None:
        """Keep what was amiss with a part of the release: record, document, keyword or dataset."""
        rows = [(*map(_legible, astuple(finding)), part) for finding in findings]
        if not rows:
            return
        self._db.executemany(f"insert into finding ({_FINDING}, part) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._balance(rows, 1)

    def forget(self, path: str) -> None:
        """Take a work out: its entry, that it was gone, and what was amiss with its record."""
        self._db.execute("delete from work where path = ?", (path,))
        self._db.execute("delete from gone where path = ?", (path,))
        self._db.execute("delete from held where path = ?", (path,))
        self.forget_findings("record", path)

    def forget_findings(self, part: str, path: str = "") -> None:
        """Take out what was amiss with a part, of one path or in all."""
        where, keys = (" where part = ? and path = ?", (part, path)) if path else (" where part = ?", (part,))
        self._balance(self._db.execute(f"select {_FINDING}, part from finding{where}", keys).fetchall(), -1)
        self._db.execute(f"delete from finding{where}", keys)

    def _balance(self, rows: Iterable[tuple[object, ...]], sign: int) -> None:
        """Keep a digest of all findings that does not depend on their order: the sum of their digests."""
        for row in rows:
            text = repr(tuple(str(value) for value in row))
            self._sum += sign * int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest(), "big")

    def _noted(self, name: str) -> str:
        row = self._db.execute("select value from note where name = ?", (name,)).fetchone()
        return row[0] if row else ""

    def digest(self) -> str:
        """Digest all findings and all that is gone or moved: two releases with equal dumps may differ in these."""
        gone = self._db.execute("select path, title, datestamp from gone order by path").fetchall()
        moved = self._db.execute("select path, target from moved order by path").fetchall()
        return hashlib.sha256(f"{self._sum % (1 << 256):064x}{gone}{moved}".encode("utf-8", "replace")).hexdigest()

    def finish(self) -> None:
        """Write all that is pending."""
        query = "insert or replace into note values ('findings', ?)"
        self._db.execute(query, (f"{self._sum % (1 << 256):064x}",))
        self._db.commit()

    def changes_since(self, former: "Report | None", paths: Iterable[str] | None = None) -> Iterator[Change]:
        """Compare with the report of the release before, for some paths or all: what was created, updated, deleted."""
        if paths is None:
            paths = {path for path, *_ in self.all_works()} | (
                {path for path, *_ in former.all_works()} if former else set()
            )
        for path in sorted(paths):
            then, now = former.work(path) if former else None, self.work(path)
            if now and (then is None or then[2] != now[2]):
                yield Change(path, "updated" if then else "created", now[1], then[2] if then else "", now[2], now[0])
            elif then and not now:
                gone, found = self.gone(path), self.work(self.moved(path))
                datestamp = gone.datestamp if gone else found[1] if found else ""
                yield Change(path, "deleted", datestamp, then[2], "", then[0])

    def all_works(self) -> Iterator[tuple[str, str, str, str]]:
        """Give path, title, datestamp and digest of every work, by path."""
        yield from self._db.execute("select path, title, datestamp, digest from work order by path")

    def newest_datestamp(self) -> str:
        """Give the newest datestamp among the works; empty where none has one."""
        return str(self._db.execute("select coalesce(max(datestamp), '') from work").fetchone()[0])

    def first(self) -> str:
        """Give the first path; empty where there is no work."""
        return str(self._db.execute("select coalesce(min(path), '') from work").fetchone()[0])

    def newest(self, limit: int) -> list[tuple[str, str]]:
        """Give path and title of the works, the last changed first."""
        query = "select path, title from work order by datestamp desc, path limit ?"
        return [(path, title) for path, title in self._db.execute(query, (limit,))]

    def work(self, path: str) -> tuple[str, str, str] | None:
        """Give title, datestamp and digest of one work."""
        row = self._db.execute("select title, datestamp, digest from work where path = ?", (path,)).fetchone()
        return row and (row[0], row[1], row[2])

    def gone(self, path: str) -> Change | None:
        """Say when a work was deleted, and what it was; None if it was not."""
        row = self._db.execute("select title, datestamp from gone where path = ?", (path,)).fetchone()
        return row and Change(path, "deleted", row[1], title=row[0])

    def moved(self, path: str) -> str:
        """Give the path that was taken instead of another; empty where none was."""
        try:
            row = self._db.execute("select target from moved where path = ?", (path,)).fetchone()
        except sqlite3.OperationalError:  # the report of a release from before this table
            return ""
        return row[0] if row else ""

    def count(self, table: str) -> int:
        """How many works there are, are gone or held back, or how many findings."""
        if table not in ("work", "gone", "held", "finding"):
            raise ValueError(table)
        return int(self._db.execute(f"select count(*) from {table}").fetchone()[0])

    def finding_counts(self) -> list[tuple[str, str, int]]:
        """Count the findings by shape and severity, the gravest first."""
        query = (
            "select shape, severity, count(*) from finding group by shape, severity order by"
            " instr('Violation Warning Info', severity), count(*) desc, shape"
        )
        return [(shape, severity, count) for shape, severity, count in self._db.execute(query)]

    def findings(self, path: str, shape: str, limit: int, offset: int) -> tuple[int, list[Finding]]:
        """Give the findings of a record, of a shape, or all: how many, and a page of them."""
        wanted = {column: value for column, value in (("path", path), ("shape", shape)) if value}
        where = " where " + " and ".join(f"{column} = ?" for column in wanted) if wanted else ""
        keys = tuple(wanted.values())
        total = int(self._db.execute(f"select count(*) from finding{where}", keys).fetchone()[0])
        page = self._db.execute(
            f"select {_FINDING} from finding{where} order by {_ORDER} limit ? offset ?", (*keys, limit, offset)
        )
        return total, [Finding(Severity(severity), *rest) for severity, *rest in page]


def _legible(value: object) -> object:
    """Make text that SQLite can keep: JSON may smuggle half characters in."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
