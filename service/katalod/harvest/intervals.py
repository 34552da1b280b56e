"""How far the harvest of each source has come: the lists asked for, and what is known to be missing.

An interval is one list asked of a source, from one moment until another. It is *open* until its last page is
kept, then *complete*; one that cannot be read whole is *split* into halves, and a half that is a single moment
and still cannot be read stays *failed*, and is asked again by each later harvest.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields, replace

RECORDS = "records"  # a list of records
RECOUNT = "recount"  # the same list was shorter than was said: its headers are gone through for what is missing
COMPARE = "compare"  # the headers of the full list, to find what is no longer there
REMOVE = "remove"  # that list is known, and what is not in it is being deleted
_KEPT = 20  # complete intervals of a source


@dataclass(frozen=True, slots=True)
class Interval:
    """One list asked of a source, and where it stands."""

    number: int
    source: str
    request: str  # what is asked beside the time: another request begins anew
    verb: str = RECORDS
    root: int = 0  # the interval that this is a part of
    since: str = ""
    until: str = ""
    token: str = ""  # where the next page begins; empty before the first
    began: str = ""  # the source's own clock at the first answer
    first: int = 0  # the first intake that belongs to it
    pages: int = 0
    records: int = 0
    deletions: int = 0
    fresh: int = 0  # records and deletions that it gave, each counted once
    size: int = 0  # how many there are, as the source says; 0 where it does not
    state: str = "open"  # open, complete, split, failed
    reason: str = ""  # why it is not complete
    touched: str = ""  # when it was last written, by our clock: for people, never asked of a source

    @property
    def end(self) -> str:
        """The moment until which everything is known when it is complete; empty where the source has no clock."""
        return min(self.began, self.until) if self.until and self.began else self.began


_NAMES = [field.name for field in fields(Interval)]


class Intervals:
    """The books of all harvests, in the memory's own file: written in one transaction with the records."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Keep the books in a memory's database; `Memory` makes it."""
        self._db = db

    def begin(self, interval: Interval) -> Interval:
        """Enter a new interval, and give it with its number."""
        marks = ", ".join("?" * (len(_NAMES) - 1))
        query = f"insert into interval ({', '.join(_NAMES[1:])}) values ({marks})"
        return replace(interval, number=self._db.execute(query, astuple(interval)[1:]).lastrowid or 0)

    def save(self, interval: Interval) -> None:
        """Write down where an interval stands."""
        assignments = ", ".join(f"{name} = ?" for name in _NAMES[1:])
        values = (*astuple(interval)[1:], interval.number)
        self._db.execute(f"update interval set {assignments} where number = ?", values)

    def split(self, interval: Interval, halves: tuple[tuple[str, str], tuple[str, str]]) -> None:
        """Put two halves in an interval's place."""
        root = interval.root or interval.number
        for since, until in halves:
            self.begin(
                Interval(0, interval.source, interval.request, interval.verb, root, since, until, began=interval.began)
            )
        if interval.root:
            self._db.execute("delete from interval where number = ?", (interval.number,))
        else:  # what it gave so far is given again by its halves, and counted there
            self.save(replace(interval, state="split", token="", pages=0, records=0, deletions=0, fresh=0))

    def settle(self, interval: Interval, start: str) -> None:
        """Close an interval, complete or failed; where nothing of the whole is open any more, that is reached too.

        `start` is where the source's records begin: what reaches back to it has no gap before it.
        """
        root = self._root(interval)
        if interval.root and interval.state == "complete":
            self._remove(interval)
        else:
            self.save(interval)
        if root.number != interval.number:
            if root.state == "complete" or self._open_parts(root):
                return
            root = replace(root, state="complete", reason="", touched=interval.touched)
            self.save(root)
        if root.state == "complete" and root.verb in (RECORDS, RECOUNT):
            self._reach(root, start)
        self._tidy(root, start)

    def waiting(self, source: str, request: str, *verbs: str) -> list[Interval]:
        """List the intervals that are open or failed, the oldest first."""
        marks = ", ".join("?" * len(verbs))
        query = f"source = ? and request = ? and state in ('open', 'failed') and verb in ({marks})"
        return list(self._rows(query, source, request, *verbs))

    def of(self, source: str) -> list[Interval]:
        """List all intervals of a source that are still on the books, the oldest first."""
        return list(self._rows("source = ?", source))

    def reached(self, source: str, request: str) -> str:
        """Give the moment until which a request is known to be complete; empty where it never was."""
        query = "select moment from reached where source = ? and request = ?"
        row = self._db.execute(query, (source, request)).fetchone()
        return str(row[0]) if row else ""

    def lose(self, source: str, identifier: str, reason: str) -> None:
        """Write down that a record is there but cannot be had."""
        self._db.execute("insert or replace into lost values (?, ?, ?)", (source, identifier, reason[:1000]))

    def found(self, source: str, identifier: str) -> None:
        """Strike a record off the list of those that cannot be had."""
        self._db.execute("delete from lost where source = ? and identifier = ?", (source, identifier))

    def lost(self, source: str, most: int = -1) -> list[tuple[str, str]]:
        """List identifiers and reasons of records that are there but cannot be had."""
        query = "select identifier, reason from lost where source = ? order by identifier limit ?"
        return list(self._db.execute(query, (source, most)))

    def gaps(self, source: str) -> int:
        """How many spans of time could not be listed."""
        query = "select count(*) from interval where source = ? and state = 'failed'"
        return int(self._db.execute(query, (source,)).fetchone()[0])

    def lost_count(self, source: str) -> int:
        """How many records of a source are there but cannot be had."""
        return int(self._db.execute("select count(*) from lost where source = ?", (source,)).fetchone()[0])

    def say(self, source: str, said: str) -> None:
        """Write down what a source is, as it was last harvested."""
        self._db.execute("insert or replace into source values (?, ?)", (source, said))

    def sources(self) -> dict[str, str]:
        """Give what is known of each source that was ever harvested."""
        return dict(self._db.execute("select name, said from source order by name"))

    def counts(self, source: str) -> tuple[int, int]:
        """How many living records, and how many deletions, the memory holds of a source."""
        query = "select count(*), coalesce(sum(deleted), 0) from record where source = ?"
        every, deleted = self._db.execute(query, (source,)).fetchone()
        return every - deleted, deleted

    def files(self, source: str) -> dict[str, tuple[int, int, str]]:
        """Give size, time of change and digest of each file that was taken from a folder."""
        query = "select name, size, changed, digest from file where source = ?"
        return {name: (size, changed, digest) for name, size, changed, digest in self._db.execute(query, (source,))}

    def keep_file(self, source: str, name: str, size: int, changed: int, digest: str) -> None:
        """Write down in which state a file was taken."""
        self._db.execute("insert or replace into file values (?, ?, ?, ?, ?)", (source, name, size, changed, digest))

    def forget_file(self, source: str, name: str) -> None:
        """Forget a file that is no longer there."""
        self._db.execute("delete from file where source = ? and name = ?", (source, name))

    def _rows(self, where: str, *values: str | int) -> Iterator[Interval]:
        query = f"select {', '.join(_NAMES)} from interval where {where} order by number"
        for row in self._db.execute(query, values).fetchall():
            yield Interval(*row)

    def _root(self, interval: Interval) -> Interval:
        return next(self._rows("number = ?", interval.root), interval) if interval.root else interval

    def _open_parts(self, root: Interval) -> bool:
        query = "select 1 from interval where root = ? and state = 'open'"
        return self._db.execute(query, (root.number,)).fetchone() is not None

    def _remove(self, interval: Interval) -> None:
        """Take a part off the books; what it gave counts towards the whole."""
        self._db.execute("delete from interval where number = ?", (interval.number,))
        sums = ", ".join(f"{name} = {name} + ?" for name in ("pages", "records", "deletions", "fresh"))
        self._db.execute(
            f"update interval set {sums} where number = ?",
            (interval.pages, interval.records, interval.deletions, interval.fresh, interval.root),
        )

    def _reach(self, root: Interval, start: str) -> None:
        """Move on the moment until which the source is known, if there is no gap before this interval."""
        before = self.reached(root.source, root.request)
        if root.since not in ("", start) and (not before or root.since > before):
            return
        if root.end > before:
            row = (root.source, root.request, root.end)
            self._db.execute("insert or replace into reached values (?, ?, ?)", row)

    def _tidy(self, root: Interval, start: str) -> None:
        """Forget old complete intervals, and unfinished ones of former requests that this one replaces."""
        self._db.execute(
            "delete from interval where source = ? and state = 'complete' and reason = '' and number not in"
            " (select number from interval where source = ? and state = 'complete' order by number desc limit ?)",
            (root.source, root.source, _KEPT),
        )
        if root.since not in ("", start) or root.verb in (COMPARE, REMOVE):
            return
        query = "delete from interval where source = ? and request = ? and state = 'complete' and number < ?"
        self._db.execute(f"{query} and reason <> ''", (root.source, root.request, root.number))
        for other in self._rows("source = ? and request <> ? and state <> 'complete'", root.source, root.request):
            if other.request.partition(" ")[0] == root.request.partition(" ")[0]:  # the same set
                self._db.execute("delete from interval where number = ?", (other.number,))
