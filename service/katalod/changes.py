"""The one change log: what became of every path that was ever published, and when; release hands it on to release.

One SQLite file in the release's folder, begun as a copy of the former release's. So it outlasts pruning, and a
full build knows as much as one from what changed. Times are those of the releases in which the changes happened,
never those of the records: a harvester that asks for what is new since its last visit misses nothing.

Beside the last change of each path it holds all of them, and how often each shape was not met in each release:
what a record's page and the quality pages tell of releases that may be pruned long since.
"""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from katalod.errors import ReleaseError
from katalod.model import Change
from katalod.rdf import slug

NAME = "log.sqlite"
_SCHEMA = """
create table if not exists log (path text primary key, changed text not null, kind text not null, title text not null,
  sets text not null) without rowid;
create index if not exists log_changed on log (changed, path);
create table if not exists belongs (path text primary key, sets text not null) without rowid;
create table if not exists release (id text primary key, created text not null, findings text not null) without rowid;
create table if not exists history (path text not null, release text not null, kind text not null,
  primary key (path, release)) without rowid;
"""
_COLUMNS = "path, changed, kind, title, sets"
LAST = "9999"  # later than every time


@dataclass(frozen=True, slots=True)
class Entry:
    """The last change of one path: when it was published, and of which sets the work is or was."""

    path: str
    changed: str  # when the release was made that brought it: UTC, YYYY-MM-DDThh:mm:ssZ
    kind: str  # created, updated, deleted
    title: str
    sets: tuple[str, ...] = ()

    @property
    def deleted(self) -> bool:
        """Whether the work is gone."""
        return self.kind == "deleted"


@dataclass(frozen=True, slots=True)
class Event:
    """One change of a path."""

    release: str
    created: str  # when the release was made: UTC
    kind: str


@dataclass(frozen=True, slots=True)
class Told:
    """How often each shape was not met in a release."""

    release: str
    created: str
    shapes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Span:
    """Which entries: from a time up to another (both inclusive), of one set and the sets below it, or of all."""

    since: str = ""
    until: str = ""
    set: str = ""

    def where(self) -> str:
        """Give the condition for these entries; without a set the index alone answers it."""
        within = "changed >= :since and changed <= :until"
        if not self.set:
            return within
        of_set = "instr(' ' || sets || ' ', ' ' || :set || ' ') or instr(' ' || sets, ' ' || :set || ':')"
        return f"{within} and ({of_set})"

    def values(self) -> dict[str, str]:
        """Give the values that the condition asks for."""
        return {"since": self.since, "until": self.until or LAST, "set": self.set}


class ChangeLog:
    """The log as one release knows it."""

    def __init__(self, folder: Path) -> None:
        """Open the log of a release for reading; raises ReleaseError where there is none."""
        path = folder / NAME
        try:
            address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
            self._db = sqlite3.connect(address, uri=True, check_same_thread=False)
            self._db.execute("select 1 from log limit 1")
        except sqlite3.Error as error:
            raise ReleaseError(f"opening {path}: {error}; publish anew with `katalod publish --full`") from error

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def entry(self, path: str) -> Entry | None:
        """Give the last change of a path; None if it was never published."""
        row = self._db.execute(f"select {_COLUMNS} from log where path = ?", (path,)).fetchone()
        return _entry(row) if row else None

    def history(self, path: str, limit: int) -> list[Event]:
        """Give the changes of a path, the latest first."""
        query = (
            "select release, created, kind from history join release on id = release where path = ?"
            " order by id desc limit ?"
        )
        return [Event(*row) for row in self._told(query, path, limit)]

    def findings(self, limit: int) -> list[Told]:
        """Give how often each shape was not met in each of the last releases, the oldest first."""
        query = "select id, created, findings from release order by id desc limit ?"
        return [Told(name, created, json.loads(counts)) for name, created, counts in reversed(self._told(query, limit))]

    def _told(self, query: str, *values: str | int) -> list[tuple[str, str, str]]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.OperationalError:  # the log of a release from before these tables
            return []

    def entries(self, span: Span, limit: int, after: tuple[str, str] = ("", "")) -> list[Entry]:
        """Give entries by time and path, from behind a place on."""
        where = f"(changed, path) > (:changed, :path) and {span.where()} order by changed, path limit :limit"
        values = span.values() | {"changed": after[0], "path": after[1], "limit": limit}
        return [_entry(row) for row in self._db.execute(f"select {_COLUMNS} from log where {where}", values)]

    def page(self, span: Span, number: int, size: int, backwards: bool = False) -> list[Entry]:
        """Give the entries of one page of a given size, the first being 0; backwards the latest come first."""
        where = f"{span.where()} order by changed{' desc' if backwards else ''}, path limit :limit offset :offset"
        values = span.values() | {"limit": size, "offset": number * size}
        return [_entry(row) for row in self._db.execute(f"select {_COLUMNS} from log where {where}", values)]

    def count(self, span: Span) -> int:
        """How many entries there are."""
        return int(self._db.execute(f"select count(*) from log where {span.where()}", span.values()).fetchone()[0])

    def ends(self) -> tuple[str, str]:
        """Give the earliest and the latest time; empty where nothing was ever published."""
        first, last = self._db.execute("select min(changed), max(changed) from log").fetchone()
        return first or "", last or ""

    def sets(self) -> list[str]:
        """Name the sets that any entry is or was of, and those above them, in order."""
        found = {name for (text,) in self._db.execute("select distinct sets from log") for name in text.split()}
        return sorted(found | {name.partition(":")[0] for name in found})

    def living(self, number: int, size: int) -> list[Entry]:
        """Give one page of the works that are there, by path."""
        query = f"select {_COLUMNS} from log where kind != 'deleted' order by path limit ? offset ?"
        return [_entry(row) for row in self._db.execute(query, (size, number * size))]

    def latest_by_page(self, size: int) -> list[str]:
        """Give the latest time within each page of the works that are there, by path."""
        numbered = "select changed, (row_number() over (order by path) - 1) / ? page from log where kind != 'deleted'"
        return [last for (last,) in self._db.execute(f"select max(changed) from ({numbered}) group by page", (size,))]


class Scribe:
    """Writes the log of a release that is being built."""

    def __init__(self, folder: Path, former: Path | None, changing: bool) -> None:
        """Begin from the former release's log; which work is of which set is kept only with `changing`."""
        path = folder / NAME
        then = former / NAME if former else None
        if then is not None and then.is_file():
            shutil.copy(then, path)
        self.begun = not path.exists()
        self._db = sqlite3.connect(path)
        self._db.executescript("pragma journal_mode = off; pragma synchronous = off;" + _SCHEMA)
        if not changing:
            self._db.execute("delete from belongs")

    def __enter__(self) -> Self:
        """Write for a while."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def place(self, path: str, sets: Iterable[str]) -> None:
        """Say of which sets a published work is."""
        self._db.execute("insert or replace into belongs values (?, ?)", (path, " ".join(sets)))

    def forget(self, path: str) -> None:
        """Take a work out of its sets."""
        self._db.execute("delete from belongs where path = ?", (path,))

    def enter(self, changes: Iterable[Change], release: str, moment: str, findings: Mapping[str, int]) -> None:
        """Enter a release: when it was made, what was amiss, what changed.

        A deleted work stays in the sets that it was of.
        """
        query = (
            "insert or replace into log values (:path, :moment, :kind, :title, coalesce((select sets from belongs"
            " where path = :path), (select sets from log where path = :path), ''))"
        )
        rows = [{"path": c.path, "moment": moment, "kind": c.kind, "title": c.title} for c in changes]
        self._db.executemany(query, rows)
        self._db.execute(
            "insert into release values (?, ?, ?)", (release, moment, json.dumps(findings, sort_keys=True))
        )
        self._db.executemany("insert into history values (?, ?, ?)", ((c["path"], release, c["kind"]) for c in rows))
        self._db.commit()


def sets(source: str, types: Iterable[str], year: int) -> Iterator[str]:
    """Name the sets that a work is of: its source, its types, its year."""
    if source:
        yield f"source:{slug(source)}"
    for name in dict.fromkeys(types):
        yield f"type:{name.partition(':')[2] or slug(name)}"
    if year:
        yield f"year:{year:04d}"


def undone(changes: Iterable[Change], entered: Iterable[str], there: Callable[[str], bool]) -> Iterator[Change]:
    """Say what a release must enter because releases were rolled back whose changes some client may have taken.

    A path that is entered anyway is passed over; of the others each is said to be as it now is.
    """
    known = set(entered)
    for change in sorted({change.path: change for change in changes}.values(), key=lambda one: one.path):
        if change.path not in known:
            yield Change(change.path, "updated" if there(change.path) else "deleted", "", title=change.title)


def _entry(row: tuple[str, str, str, str, str]) -> Entry:
    path, changed, kind, title, text = row
    return Entry(path, changed, kind, title, tuple(text.split()))
