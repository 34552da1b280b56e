"""The authority index, opened for reading: labels to headings, headings to their names and ancestors."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from katalod.assets import asset
from katalod.errors import AuthorityError
from katalod.linking.building import Summary, build, digest_of
from katalod.linking.gnd import identifier, local
from katalod.linking.labels import LONGEST, fold, normal
from katalod.linking.schema import APPLICATION, ENGLISH, LAYOUT, PREFERRED, VARIANT
from katalod.model import Concept, Finding, Severity
from katalod.rdf import GND

__all__ = ["Authority", "Hit", "Summary", "build", "identifier", "shipped"]

CACHED = 8_192  # labels and headings remembered by an open index: some 10 MB
MAPPED = 32 << 20  # bytes of an index that are read through the page cache of the system
MOST_HOMONYMS = 40  # of one name; which of them is meant, nobody could say
RAREST, MOST_RESEMBLING = 6, 400  # three-letter pieces of a key that are followed, and keys that are compared


@dataclass(frozen=True, slots=True)
class Hit:
    """A heading that bears a label, as its preferred name or as a variant."""

    iri: str
    label: str  # the preferred name
    name: str  # the name that was found, as the authority writes it
    preferred: bool
    kind: str  # subject, place, body, person, event, family, work
    qualified: bool  # the preferred name has a qualifier, in whichever spelling
    english: bool = False  # the name is English, from the authority or from a vocabulary that it is matched with

    def __str__(self) -> str:
        """Give identifier and preferred name, as a librarian writes it: `4134681-6 Teilhabe`."""
        return f"{local(self.iri)} {self.label}"


class Authority:
    """An index of headings; many threads and processes may read it at once, each process opens its own."""

    def __init__(self, path: Path, base: sqlite3.Connection) -> None:
        """Take an open index; `Authority.open` is the door."""
        self.path = path
        self._base = base
        about = dict(self._ask("SELECT key, value FROM about"))
        self.name = str(about["name"])
        self.version = str(about["version"])
        self.digest = str(about["digest"])
        self.licence = str(about["licence"])
        self.modified = str(about["modified"])  # the newest date in the dump, or ""
        self.source = str(about["source"])  # the names of the files that it was built from
        self.headings = int(about["headings"])
        self._found = lru_cache(CACHED)(self._look_up)
        self._concept = lru_cache(CACHED)(self._heading)
        self._above = lru_cache(CACHED)(self._ancestors)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open an index for reading; AuthorityError if there is none, or it is another file or not whole."""
        base: sqlite3.Connection | None = None
        try:
            # immutable: an index is only ever replaced by rename, so no reader needs a lock
            uri = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
            base = sqlite3.connect(uri, uri=True, check_same_thread=False)
            _inspect(path, base)
            return cls(path, base)
        except (sqlite3.Error, OSError, KeyError, ValueError, AuthorityError) as error:
            if base is not None:
                base.close()
            what = "there is no such file" if not path.exists() else str(error)
            raise AuthorityError(
                f"opening the authority index {path}: {what}; build it with `katalod gnd load FILE`"
            ) from error

    def close(self) -> None:
        """Close the index."""
        self._base.close()

    def __enter__(self) -> Self:
        """Use the index in a `with` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it at the end."""
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        """Cross to another process as a path, to be opened anew there: no connection survives a fork."""
        return type(self).open, (self.path,)

    def look_up(self, label: str) -> tuple[Hit, ...]:
        """Give the headings that bear a label, whatever its case; preferred names come first."""
        folded = fold(label) if len(label) <= LONGEST else ""
        return tuple(hit for hit in self.near(label) if not hit.english and fold(hit.name) == folded)

    def near(self, label: str) -> tuple[Hit, ...]:
        """Give the headings that bear a label, however it is spelled, and those that bear it in English."""
        return self._found(label) if len(label) <= LONGEST else ()

    def bearing(self, key: str) -> tuple[Hit, ...]:
        """Give the headings that bear a name with this key (`labels.normal`)."""
        return self._by_key(key)

    def resembling(self, label: str) -> list[str]:
        """Give the keys of names that share their rarest letters with a label: what it may be a misspelling of."""
        key = _key(label) if len(label) <= LONGEST else ""
        grams = sorted({key[at : at + 3] for at in range(len(key) - 2)})
        marks = ", ".join("?" * len(grams))
        counted = self._ask(f"SELECT gram FROM frequency WHERE gram IN ({marks}) ORDER BY names, gram", *grams)
        shared: dict[int, int] = {}
        for (gram,) in counted[:RAREST]:
            for (number,) in self._ask("SELECT rowid FROM gram WHERE gram MATCH ? LIMIT 20000", f'"{_quoted(gram)}"'):
                shared[number] = shared.get(number, 0) + 1
        best = sorted(shared, key=lambda number: (-shared[number], number))[:MOST_RESEMBLING]
        marks = ", ".join("?" * len(best))
        rows = self._ask(f"SELECT key FROM spelling WHERE number IN ({marks}) ORDER BY key", *best)
        return [found for (found,) in rows]

    def homonyms(self, label: str) -> tuple[Hit, ...]:
        """Give the qualified headings of a bare label: `Migration (Informatik)` of `Migration`."""
        query = "SELECT id, label, kind FROM heading WHERE base = ? ORDER BY id LIMIT ?"
        rows = self._ask(query, _key(label), MOST_HOMONYMS)
        return tuple(Hit(GND + number, name, name, True, kind, True) for number, name, kind in rows)

    def heading(self, id_or_iri: str) -> Concept | None:
        """Give a heading with its names and broader headings; None for one that is not in the index."""
        iri = identifier(id_or_iri)
        return self._concept(iri) if iri else None

    def current(self, iri: str) -> str | None:
        """Give the heading that an identifier stands for now, where it was merged or renumbered; None if for none."""
        number = local(iri)
        for _ in range(10):
            if self._concept(GND + number):
                return GND + number
            rows = self._ask("SELECT target FROM moved WHERE id = ?", number)
            if not rows:
                return None
            number = rows[0][0]
        return None

    def findings(self) -> tuple[Finding, ...]:
        """Give what the loading of this index found about the links that were there before."""
        rows = self._ask("SELECT * FROM finding ORDER BY rowid")
        return tuple(Finding(Severity(row[0]), *row[1:]) for row in rows)

    def ancestors(self, iri: str) -> tuple[str, ...]:
        """Give the broader headings of a heading, and theirs: nearest first, each once, circles or not."""
        start = identifier(iri)
        return self._above(start) if start else ()

    def labels(self, iris: Iterable[str]) -> dict[str, str]:
        """Give the preferred names of headings, by their canonical IRI; what is unknown is left out."""
        concepts = (self.heading(iri) for iri in iris)
        return {concept.iri: concept.label for concept in concepts if concept}

    def _ancestors(self, start: str) -> tuple[str, ...]:
        seen = {start: None}
        near = [local(start)]
        while near:
            targets = {target for number in near for target in self._targets(number)}
            near = sorted(target for target in targets if GND + target not in seen)
            seen |= dict.fromkeys(GND + number for number in near)
        return tuple(seen)[1:]

    def _look_up(self, label: str) -> tuple[Hit, ...]:
        return self._by_key(_key(label))

    def _by_key(self, key: str) -> tuple[Hit, ...]:
        rows = self._ask(
            "SELECT n.id, h.label, n.label, n.role, h.kind, h.base IS NOT NULL"
            " FROM name n JOIN heading h ON h.id = n.id WHERE n.key = ? ORDER BY n.role, n.id, n.label"
            " LIMIT ?",
            key,
            MOST_HOMONYMS,
        )
        return tuple(
            Hit(GND + number, label, name, role == PREFERRED, kind, bool(qualified), role == ENGLISH)
            for number, label, name, role, kind, qualified in rows
        )

    def _heading(self, iri: str) -> Concept | None:
        number = local(iri)
        rows = self._ask("SELECT label FROM heading WHERE id = ?", number)
        if not rows:
            return None
        names = self._ask("SELECT label FROM name WHERE id = ? AND role = ? ORDER BY label", number, VARIANT)
        broader, related = (
            tuple(GND + target for target in self._targets(number, kind)) for kind in ("broader", "related")
        )
        return Concept(iri, rows[0][0], tuple(name for (name,) in names), broader, related)

    def _targets(self, number: str, kind: str = "broader") -> list[str]:
        rows = self._ask("SELECT target FROM relation WHERE id = ? AND kind = ? ORDER BY target", number, kind)
        return [target for (target,) in rows]

    def _ask(self, sql: str, *values: str | int) -> list[tuple[Any, ...]]:
        try:
            return self._base.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise AuthorityError(
                f"asking the authority index {self.path}: {error}; build it anew with `katalod gnd load FILE`"
            ) from error


def shipped(target: Path) -> Path:
    """Give the index of the GND facts that ship with katalod, built at `target` unless it is there."""
    source = asset("data/gnd/gnd-facts.ttl")
    try:
        with Authority.open(target) as authority:
            if authority.digest == digest_of(source):
                return target
    except AuthorityError:
        pass  # not there, or of another layout: it is made below
    build(source, target)
    return target


def _inspect(path: Path, base: sqlite3.Connection) -> None:
    """Refuse another program's database, an index of another layout, and one that was cut off."""
    marks = [base.execute(f"PRAGMA {mark}").fetchone()[0] for mark in ("application_id", "user_version")]
    if marks != [APPLICATION, LAYOUT]:
        raise AuthorityError("it is no authority index of this version of katalod")
    pages, size = (base.execute(f"PRAGMA {mark}").fetchone()[0] for mark in ("page_count", "page_size"))
    if path.stat().st_size < pages * size:
        raise AuthorityError("it was cut off")
    base.execute(f"PRAGMA mmap_size = {MAPPED}")


def _key(label: str) -> str:
    # A lone surrogate, as JSON can smuggle in, is in no label and cannot be asked for.
    return normal(label).encode("utf-8", "replace").decode()


def _quoted(gram: str) -> str:
    return gram.replace('"', '""')
