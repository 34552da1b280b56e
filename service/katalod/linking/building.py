"""From a dump of the GND to an index on disk, built aside and renamed when it is whole."""

import fcntl
import gzip
import hashlib
import os
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from katalod.errors import AuthorityError
from katalod.linking.gnd import READERS, Fact, identifier, local
from katalod.linking.labels import LONGEST, clean, fold, qualified, trailing_field
from katalod.model import Finding, Severity

APPLICATION = 0x6B676E64  # "kgnd" in the header of the SQLite file: it is ours
LAYOUT = 1  # raise it with SCHEMA: an index of another layout is built anew
BATCH = 20_000
MOST_FINDINGS = 100

_DAY = re.compile(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]")

_STAGE = """
CREATE TEMP TABLE fact (id TEXT, role TEXT, label TEXT);
CREATE TEMP TABLE wider (id TEXT, target TEXT);
"""
# Statements of one heading may lie far apart, so it is put together only at the end. Of two preferred
# names the first in order stays, the other becomes a variant.
_SETTLE = """
CREATE TABLE heading (id TEXT PRIMARY KEY, label TEXT NOT NULL, kind TEXT NOT NULL, base TEXT) WITHOUT ROWID;
INSERT INTO heading
  SELECT id, min(label), coalesce((SELECT min(substr(k.role, 6)) FROM fact k WHERE k.id = p.id
    AND k.role LIKE 'kind:%'), 'subject'), NULL
  FROM fact p WHERE role = 'preferred' GROUP BY id ORDER BY id;
UPDATE heading SET base = base(label);

CREATE TABLE name (key TEXT, role TEXT, id TEXT, label TEXT, PRIMARY KEY (key, role, id, label))
  WITHOUT ROWID;
INSERT INTO name
  SELECT DISTINCT fold(f.label) AS key, iif(f.label = h.label, 'preferred', 'variant') AS role,
    f.id, f.label
  FROM fact f JOIN heading h USING (id) WHERE f.role IN ('preferred', 'variant') ORDER BY key, role, f.id;
CREATE INDEX name_id ON name (id, role);

UPDATE heading SET base = trailing(label) WHERE base IS NULL AND trailing(label) IN
  (SELECT key FROM name WHERE role = 'preferred' UNION SELECT base FROM heading WHERE base IS NOT NULL);
CREATE INDEX heading_base ON heading (base) WHERE base IS NOT NULL;

CREATE TABLE broader (id TEXT, target TEXT, PRIMARY KEY (id, target)) WITHOUT ROWID;
INSERT INTO broader SELECT DISTINCT id, target FROM wider WHERE id <> target ORDER BY id, target;
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Summary:
    """What went into an index, and what was refused."""

    headings: int
    variants: int
    refused: int
    version: str
    digest: str
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Tally:
    """What is noted while the facts go by."""

    source: Path
    modified: str = ""
    refused: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def refuse(self, shape: str, subject: str, value: str, de: str, en: str) -> None:
        if subject in self.refused:
            return
        self.refused.add(subject)
        if len(self.findings) < MOST_FINDINGS:
            origin = str(self.source)
            self.findings.append(
                Finding(Severity.WARNING, shape, "authority", value, de, en, origin=origin, identifier=subject)
            )


def build(source: Path, target: Path, name: str = "GND", version: str = "") -> Summary:
    """Build the index of a dump; until it is whole, and if it fails, the former index at `target` serves.

    Raises AuthorityError for a file that cannot be read to its end, or has no heading.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone(target):
            draft = target.with_name(f".{target.name}.draft")
            draft.unlink(missing_ok=True)  # of a build that was killed
            try:
                summary = _write(source, draft, name, version)
                _keep(draft, target)
            finally:
                draft.unlink(missing_ok=True)
    except (sqlite3.Error, OSError) as error:
        raise AuthorityError(
            f"building the authority index {target} from {source}: {error};"
            " check the space and the rights of its folder, then load the dump again"
        ) from error
    return summary


def _keep(draft: Path, target: Path) -> None:
    """Put the draft in its place once its bytes are on the disk: a power cut leaves the former index."""
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(target)


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Let one process at a time build at a place; the lock ends with its process, however that ends."""
    with target.with_name(f".{target.name}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(source: Path, draft: Path, name: str, version: str) -> Summary:
    digest = digest_of(source)
    tally = _Tally(source)
    with closing(sqlite3.connect(draft, isolation_level=None)) as base:
        base.create_function("fold", 1, fold, deterministic=True)
        base.create_function("base", 1, _base, deterministic=True)
        base.create_function("trailing", 1, _trailing, deterministic=True)
        base.executescript(f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {LAYOUT};")
        base.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _STAGE)
        base.execute("BEGIN")
        _stage(base, _facts(source), tally)
        base.executescript("CREATE INDEX temp.fact_id ON fact (id, role);" + _SETTLE)
        (headings,) = base.execute("SELECT count(*) FROM heading").fetchone()
        (variants,) = base.execute("SELECT count(*) FROM name WHERE role = 'variant'").fetchone()
        if not headings:
            raise AuthorityError(
                f"building the authority index from {source}: no GND heading with a preferred name is in it;"
                " take a dump of the GND in Turtle, such as authorities-gnd-sachbegriff_lds.ttl.gz of the DNB"
            )
        version = version or tally.modified or digest[:12]
        about = {"name": name, "version": version, "digest": digest, "headings": str(headings)}
        base.executemany("INSERT INTO about VALUES (?, ?)", sorted(about.items()))
    return Summary(headings, variants, len(tally.refused), version, digest, tuple(tally.findings))


def _facts(source: Path) -> Iterator[Fact]:
    """Read the facts of a file; what stops the reading becomes an AuthorityError."""
    suffix = source.suffixes[-2:][0] if source.suffix == ".gz" and len(source.suffixes) > 1 else source.suffix
    reader = READERS.get(suffix.lower())
    if reader is None:
        known = ", ".join(f"{known} or {known}.gz" for known in READERS)
        raise AuthorityError(f"reading the authority file {source}: give a file {known}")
    try:
        with _opened(source) as stream:
            yield from reader(stream)
    except (SyntaxError, ValueError, MemoryError) as error:
        raise AuthorityError(
            f"reading the authority file {source}: {error}; it is not whole or not Turtle, fetch it again"
        ) from error
    except (EOFError, OSError, zlib.error) as error:
        raise AuthorityError(
            f"reading the authority file {source}: {error}; it cannot be read to its end, fetch it again"
        ) from error


def _opened(source: Path) -> IO[bytes]:
    if source.suffix.lower() == ".gz":
        return cast("IO[bytes]", gzip.open(source, "rb"))  # a file in all but its declared type
    return source.open("rb")


def _stage(base: sqlite3.Connection, facts: Iterable[Fact], tally: _Tally) -> None:
    names: list[tuple[str, str, str]] = []
    wider: list[tuple[str, str]] = []
    for kind, subject, value in facts:
        if kind == "modified":
            if _DAY.match(value):
                tally.modified = max(tally.modified, value[:10])
            continue
        iri = identifier(subject)
        if iri is None:
            _refuse_identifier(tally, subject)
        elif kind == "broader":
            if broader := identifier(value):
                wider.append((local(iri), local(broader)))
        elif kind.startswith("kind:"):
            if kind != "kind:subject":
                names.append((local(iri), kind, ""))
        elif (label := clean(value)) and len(label) <= LONGEST:
            names.append((local(iri), kind, label))
        else:
            tally.refuse(
                "authority-label",
                iri,
                value[:80],
                f"Die Benennung von {iri} ist leer oder länger als {LONGEST} Zeichen und fehlt im Index.",
                f"The name of {iri} is empty or longer than {LONGEST} characters and is not in the index.",
            )
        if len(names) + len(wider) >= BATCH:
            _flush(base, names, wider)
    _flush(base, names, wider)


def _flush(base: sqlite3.Connection, names: list[tuple[str, str, str]], wider: list[tuple[str, str]]) -> None:
    base.executemany("INSERT INTO fact VALUES (?, ?, ?)", names)
    base.executemany("INSERT INTO wider VALUES (?, ?)", wider)
    names.clear()
    wider.clear()


def _refuse_identifier(tally: _Tally, subject: str) -> None:
    if "://d-nb.info/gnd/" not in subject or subject.endswith("/about"):
        return  # a statement of something that is no heading
    number = subject.rpartition("/gnd/")[2]
    tally.refuse(
        "gnd-identifier",
        subject,
        number,
        f"{number} ist keine GND-Nummer: die Prüfziffer stimmt nicht. Die Ansetzung fehlt im Index.",
        f"{number} is no GND identifier: its check digit fails. The heading is not in the index.",
    )


def _base(label: str) -> str | None:
    split = qualified(label)
    return fold(split[0]) if split else None


def _trailing(label: str) -> str | None:
    split = trailing_field(label)
    return fold(split[0]) if split else None


def digest_of(source: Path) -> str:
    """Give the SHA-256 of a file's bytes."""
    try:
        with source.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AuthorityError(
            f"reading the authority file {source}: {error.strerror}; give the path of a dump of the GND"
        ) from error
