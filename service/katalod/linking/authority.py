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
from katalod.linking.building import APPLICATION, LAYOUT, Summary, build, digest_of
from katalod.linking.gnd import identifier, local
from katalod.linking.labels import LONGEST, fold
from katalod.model import Concept
from katalod.rdf import GND

__all__ = ["Authority", "Hit", "Summary", "build", "identifier", "shipped"]

CACHED = 16_384  # labels and headings remembered by an open index: some 10 MB at most


@dataclass(frozen=True, slots=True)
class Hit:
    """A heading that bears a label, as its preferred name or as a variant."""

    iri: str
    label: str  # the preferred name
    name: str  # the name that was found, as the authority writes it
    preferred: bool
    kind: str  # subject, place, body, person, event, family, work
    qualified: bool  # the preferred name has a qualifier, in whichever spelling

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
        self.headings = int(about["headings"])
        self._found = lru_cache(CACHED)(self._look_up)
        self._concept = lru_cache(CACHED)(self._heading)

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
        return self._found(label) if len(label) <= LONGEST else ()

    def homonyms(self, label: str) -> tuple[Hit, ...]:
        """Give the qualified headings of a bare label: `Migration (Informatik)` of `Migration`."""
        rows = self._ask("SELECT id, label, kind FROM heading WHERE base = ? ORDER BY id", _key(label))
        return tuple(Hit(GND + number, name, name, True, kind, True) for number, name, kind in rows)

    def heading(self, id_or_iri: str) -> Concept | None:
        """Give a heading with its names and broader headings; None for one that is not in the index."""
        iri = identifier(id_or_iri)
        return self._concept(iri) if iri else None

    def ancestors(self, iri: str) -> tuple[str, ...]:
        """Give the broader headings of a heading, and theirs: nearest first, each once, circles or not."""
        start = identifier(iri)
        if start is None:
            return ()
        seen = {start: None}
        near = [local(start)]
        while near:
            targets = {target for number in near for target in self._targets(number)}
            near = sorted(target for target in targets if GND + target not in seen)
            seen |= dict.fromkeys(GND + number for number in near)
        return tuple(seen)[1:]

    def labels(self, iris: Iterable[str]) -> dict[str, str]:
        """Give the preferred names of headings, by their canonical IRI; what is unknown is left out."""
        concepts = (self.heading(iri) for iri in iris)
        return {concept.iri: concept.label for concept in concepts if concept}

    def _look_up(self, label: str) -> tuple[Hit, ...]:
        rows = self._ask(
            "SELECT n.id, h.label, n.label, n.role = 'preferred', h.kind, h.base IS NOT NULL"
            " FROM name n JOIN heading h ON h.id = n.id WHERE n.key = ? ORDER BY n.role, n.id, n.label",
            _key(label),
        )
        return tuple(Hit(GND + row[0], row[1], row[2], bool(row[3]), row[4], bool(row[5])) for row in rows)

    def _heading(self, iri: str) -> Concept | None:
        number = local(iri)
        rows = self._ask("SELECT label FROM heading WHERE id = ?", number)
        if not rows:
            return None
        names = self._ask("SELECT label FROM name WHERE id = ? AND role = 'variant' ORDER BY label", number)
        broader = tuple(GND + target for target in self._targets(number))
        return Concept(iri, rows[0][0], tuple(name for (name,) in names), broader)

    def _targets(self, number: str) -> list[str]:
        rows = self._ask("SELECT target FROM broader WHERE id = ? ORDER BY target", number)
        return [target for (target,) in rows]

    def _ask(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
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
    base.execute("PRAGMA mmap_size = 1073741824")


def _key(label: str) -> str:
    # A lone surrogate, as JSON can smuggle in, is in no label and cannot be asked for.
    return fold(label).encode("utf-8", "replace").decode()
