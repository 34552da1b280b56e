"""What an incremental build must know of the release before: who bears which keyword, and what was counted.

One SQLite file in the release's folder, copied and changed for the next release.
"""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Self

from katalod.errors import ReleaseError
from katalod.model import Agent, Concept, Link, Subject
from katalod.rdf import slug

NAME = "ledger.sqlite"
_SCHEMA = """
create table spelling (number integer primary key, slug text not null, subject text not null unique);
create index spelling_slug on spelling (slug);
create table bears (path text not null, spelling integer not null, primary key (path, spelling)) without rowid;
create index bears_spelling on bears (spelling);
create table agent (path text not null, iri text not null, name text not null, body integer not null);
create index agent_path on agent (path);
create index agent_iri on agent (iri);
create table tally (kind text not null, name text not null, count integer not null, primary key (kind, name))
  without rowid;
create table note (name text primary key, value text not null) without rowid;
"""

Spellings = tuple[tuple[Subject, int], ...]


_CONCEPT = tuple(field.name for field in fields(Concept))
_LINK = tuple(field.name for field in fields(Link) if field.name != "concept")


class Bearing(NamedTuple):
    """A keyword with its links as the books hold it: its slug, and all of it as text."""

    slug: str
    subject: str


@lru_cache(maxsize=10_000)
def borne(subject: Subject) -> Bearing:
    """Write a keyword with its links as the books hold it."""
    links = [
        {"concept": {name: getattr(link.concept, name) for name in _CONCEPT}}
        | {name: getattr(link, name) for name in _LINK}
        for link in subject.links
    ]
    row = {"label": subject.label, "lang": subject.lang, "links": links}
    return Bearing(slug(subject.label), json.dumps(row, ensure_ascii=False, sort_keys=True))


class Ledger:
    """The books of one release."""

    def __init__(self, folder: Path, write: bool = True) -> None:
        """Open the books in a release's folder; to write, begin them if they are not there."""
        path = folder / NAME
        new = write and not path.exists()
        try:
            if write:
                self._db = sqlite3.connect(path)
                self._db.executescript(
                    "pragma journal_mode = off; pragma synchronous = off;" + (_SCHEMA if new else "")
                )
            else:
                self._db = sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)
        except sqlite3.Error as error:
            raise ReleaseError(f"opening {path}: {error}; publish anew with `katalod publish --full`") from error
        rows = self._db.execute("select subject, number from spelling") if write and not new else ()
        self._numbers: dict[str, int] = dict(rows)

    def __enter__(self) -> Self:
        """Keep the books for a while."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close them."""
        self.close()

    def close(self) -> None:
        """Write what is pending, and close the books."""
        self._db.commit()
        self._db.close()

    def forget(self, path: str) -> set[str]:
        """Take a work out of the books; gives the slugs of the keywords that it bore."""
        borne = self._db.execute(
            "select slug from spelling join bears on spelling = number where path = ?", (path,)
        ).fetchall()
        self._db.execute("delete from bears where path = ?", (path,))
        self._db.execute("delete from agent where path = ?", (path,))
        return {slug for (slug,) in borne}

    def enter(self, path: str, subjects: Iterable[Bearing], agents: Sequence[Agent]) -> set[str]:
        """Take a work into the books; gives the slugs of the keywords that it bears."""
        rows = [(path, self._number(bearing)) for bearing in subjects]
        self._db.executemany("insert or ignore into bears values (?, ?)", rows)
        if agents:
            named = ((path, agent.iri, agent.name, agent.body) for agent in agents)
            self._db.executemany("insert into agent values (?, ?, ?, ?)", named)
        return {bearing.slug for bearing in subjects}

    def _number(self, bearing: Bearing) -> int:
        if bearing.subject not in self._numbers:
            query = "insert into spelling (slug, subject) values (?, ?)"
            self._numbers[bearing.subject] = self._db.execute(query, bearing).lastrowid or 0
        return self._numbers[bearing.subject]

    def keywords(self, slugs: Iterable[str] | None = None) -> Iterator[tuple[str, Spellings]]:
        """Give the spellings of keywords with the number of works that use each, by slug; by default of all."""
        query = (
            "select slug, subject, count(*) from spelling join bears on spelling = number {} group by number"
            " order by slug, subject"
        )
        if slugs is None:
            yield from _grouped(self._db.execute(query.format("")))
            return
        for one in sorted(slugs):
            yield from _grouped(self._db.execute(query.format("where slug = ?"), (one,)))

    def keyword_count(self) -> int:
        """How many keywords there are."""
        query = "select count(distinct slug) from spelling where number in (select spelling from bears)"
        return int(self._db.execute(query).fetchone()[0])

    def concepts(self) -> list[Concept]:
        """Give every heading that a keyword links to, by IRI."""
        query = "select subject from spelling where number in (select spelling from bears) order by subject desc"
        found = {link.concept.iri: link.concept for (text,) in self._db.execute(query) for link in _subject(text).links}
        return [found[iri] for iri in sorted(found)]

    def agents(self) -> Iterator[Agent]:
        """Give each agent with an authority's IRI once, by IRI, under the name that most works use."""
        query = "select iri, name, body, count(*) from agent group by 1, 2, 3 order by iri, count(*) desc, name, body"
        last = ""
        for iri, name, body, _ in self._db.execute(query):
            if iri != last:
                yield Agent(name, iri=iri, body=bool(body))
            last = iri

    def count(self, kind: str, counts: Mapping[str, int], sign: int = 1) -> None:
        """Add to what was counted of a kind, or with sign -1 take from it."""
        rows = ((kind, name, sign * count) for name, count in counts.items())
        query = "insert into tally values (?, ?, ?) on conflict do update set count = count + excluded.count"
        self._db.executemany(query, rows)

    def counted(self, kind: str) -> Counter[str]:
        """Give what was counted of a kind; nothing that is not there any more."""
        rows = self._db.execute("select name, count from tally where kind = ? and count > 0 order by name", (kind,))
        return Counter(dict(rows))

    def moved_on(self, name: str, state: str) -> bool:
        """Remember a state by its digest; says whether it is another than the former release's."""
        digest = hashlib.sha256(state.encode("utf-8", "replace")).hexdigest()
        moved = self.noted(name) != digest
        self.note(name, digest)
        return moved

    def note(self, name: str, value: str) -> None:
        """Remember something for the next build."""
        self._db.execute("insert or replace into note values (?, ?)", (name, value))

    def noted(self, name: str) -> str:
        """Give what was remembered; empty where nothing was."""
        row = self._db.execute("select value from note where name = ?", (name,)).fetchone()
        return row[0] if row else ""


def _grouped(rows: Iterable[tuple[str, str, int]]) -> Iterator[tuple[str, Spellings]]:
    current, found = "", list[tuple[Subject, int]]()
    for one, text, uses in rows:
        if found and one != current:
            yield current, tuple(found)
            found = []
        current = one
        found.append((_subject(text), uses))
    if found:
        yield current, tuple(found)


def _subject(text: str) -> Subject:
    """Read back what `_number` wrote."""
    row = json.loads(text)
    return Subject(row["label"], row["lang"], links=tuple(_link(link) for link in row["links"]))


def _link(row: dict[str, Any]) -> Link:
    known: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.pop("concept").items()
    }
    return Link(Concept(**known), **row)
