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
create table finding (severity text, shape text, field text, value text, de text, en text, origin text,
  position integer, identifier text, path text);
"""
_INDEXES = """
create index finding_path on finding (path);
create index finding_shape on finding (shape, severity);
create index work_new on work (datestamp desc, path);
"""
_FINDING = "severity, shape, field, value, de, en, origin, position, identifier, path"


class Report:
    """What a release says of itself, beside its triples."""

    def __init__(self, folder: Path, write: bool = False) -> None:
        """Open the report in a release's folder; with `write`, begin a new one."""
        path = folder / "report" / "report.sqlite"
        try:
            if write:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._db = sqlite3.connect(path)
                self._db.executescript("pragma journal_mode = off; pragma synchronous = off;" + _SCHEMA)
            else:
                self._db = sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True, check_same_thread=False)
        except sqlite3.Error as error:
            raise ReleaseError(f"opening the report {path}: {error}; publish anew with `katalod publish`") from error

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

    def add_findings(self, findings: Iterable[Finding]) -> None:
        """Keep what was amiss."""
        rows = (astuple(finding) for finding in findings)
        self._db.executemany(f"insert into finding ({_FINDING}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def digest(self) -> str:
        """Digest all findings and all that is gone: two releases with equal dumps may differ in these."""
        rows = self._db.execute(f"select {_FINDING} from finding order by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10").fetchall()
        gone = self._db.execute("select path, title, datestamp from gone order by path").fetchall()
        return hashlib.sha256(repr((rows, gone)).encode()).hexdigest()

    def finish(self) -> None:
        """Write the indexes and all that is pending."""
        self._db.commit()
        self._db.executescript(_INDEXES)
        self._db.commit()

    def changes_since(self, former: "Report | None") -> Iterator[Change]:
        """Compare with the report of the release before: what was created, updated, deleted, by path."""
        then = {} if former is None else {path: (title, digest) for path, title, _, digest in former.all_works()}
        for path, title, datestamp, digest in self.all_works():
            before = then.pop(path, ("", ""))[1]
            if before != digest:
                kind = "updated" if before else "created"
                yield Change(path, kind, datestamp, before, digest, title)
        for path, (title, digest) in then.items():
            gone = self.gone(path)
            yield Change(path, "deleted", gone.datestamp if gone else "", digest, "", title)

    def all_works(self) -> Iterator[tuple[str, str, str, str]]:
        """Give path, title, datestamp and digest of every work, by path."""
        yield from self._db.execute("select path, title, datestamp, digest from work order by path")

    def newest(self, limit: int, offset: int = 0) -> list[tuple[str, str]]:
        """Give path and title of the works, the last changed first."""
        query = "select path, title from work order by datestamp desc, path limit ? offset ?"
        return [(path, title) for path, title in self._db.execute(query, (limit, offset))]

    def work(self, path: str) -> tuple[str, str, str] | None:
        """Give title, datestamp and digest of one work."""
        row = self._db.execute("select title, datestamp, digest from work where path = ?", (path,)).fetchone()
        return row and (row[0], row[1], row[2])

    def gone(self, path: str) -> Change | None:
        """Say when a work was deleted, and what it was; None if it was not."""
        row = self._db.execute("select title, datestamp from gone where path = ?", (path,)).fetchone()
        return row and Change(path, "deleted", row[1], title=row[0])

    def count(self, table: str) -> int:
        """How many works there are, or are gone, or how many findings."""
        if table not in ("work", "gone", "finding"):
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
            f"select {_FINDING} from finding{where} order by rowid limit ? offset ?", (*keys, limit, offset)
        )
        return total, [Finding(Severity(severity), *rest) for severity, *rest in page]
