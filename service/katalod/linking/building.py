"""From dumps of the GND to an index on disk, built aside and renamed when it is whole."""

import fcntl
import gzip
import hashlib
import os
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import IO, cast

from katalod.errors import AuthorityError
from katalod.linking.dumps import READERS, Fact
from katalod.linking.gnd import identifier, local
from katalod.linking.labels import LONGEST, clean, normal, qualified, trailing_field
from katalod.linking.schema import APPLICATION, LAYOUT, RESEMBLE, SETTLE, STAGE
from katalod.model import Finding, Severity
from katalod.rdf import CC0

BATCH = 20_000
MOST_FINDINGS = 100

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much is done, and of how much (0 where nobody knows)."""
Review = Callable[[Path], Iterable[Finding]]
"""Looks at the finished draft of an index before it takes its place; what it finds is kept in the index."""

_DAY = re.compile(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]")


@dataclass(frozen=True, slots=True)
class Summary:
    """What went into an index, and what was refused."""

    headings: int
    variants: int
    refused: int
    version: str
    digest: str
    findings: tuple[Finding, ...] = ()
    news: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Tally:
    """What is noted while the facts go by."""

    source: Path
    progress: Progress
    modified: str = ""
    licences: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def refuse(self, shape: str, subject: str, value: str, de: str, en: str) -> None:
        if subject not in self.refused:
            self.refused.add(subject)
            self.note(shape, subject, value, de, en)

    def note(self, shape: str, subject: str, value: str, de: str, en: str) -> None:
        if len(self.findings) < MOST_FINDINGS:
            origin = str(self.source)
            self.findings.append(
                Finding(Severity.WARNING, shape, "authority", value, de, en, origin=origin, identifier=subject)
            )


def build(
    source: Path | tuple[Path, ...],
    target: Path,
    name: str = "GND",
    version: str = "",
    progress: Progress = lambda doing, done, total: None,
    review: Review = lambda draft: (),
) -> Summary:
    """Build the index of one dump or several; until it is whole, and if it fails, the former index serves.

    Raises AuthorityError for a file that cannot be read to its end, or where no file has a heading.
    """
    sources = source if isinstance(source, tuple) else (source,)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone(target):
            draft = target.with_name(f".{target.name}.draft")
            draft.unlink(missing_ok=True)  # of a build that was killed
            try:
                summary = _write(sources, draft, {"name": name, "version": version}, progress)
                summary = _reviewed(draft, summary, tuple(review(draft)))
                _keep(draft, target)
            finally:
                draft.unlink(missing_ok=True)
    except (sqlite3.Error, OSError) as error:
        raise AuthorityError(
            f"building the authority index {target} from {sources[0]}: {error};"
            " check the space and the rights of its folder, then load the dump again"
        ) from error
    return summary


def _reviewed(draft: Path, summary: Summary, news: tuple[Finding, ...]) -> Summary:
    """Keep in the index what its review found."""
    if not news:
        return summary
    with closing(sqlite3.connect(draft)) as base:
        base.executemany("INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(astuple, news))
        base.commit()
    return Summary(
        summary.headings, summary.variants, summary.refused, summary.version, summary.digest, summary.findings, news
    )


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


def _write(sources: tuple[Path, ...], draft: Path, about: dict[str, str], progress: Progress) -> Summary:
    digest = digest_of(*sources)
    tally = _Tally(sources[0], progress)
    with closing(sqlite3.connect(draft, isolation_level=None)) as base:
        for name, function in (("normal", normal), ("base", _base), ("trailing", _trailing)):
            base.create_function(name, 1, function, deterministic=True)
        base.executescript(f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {LAYOUT};")
        base.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16000;" + STAGE)
        base.execute("BEGIN")
        for tally.source in sources:
            _stage(base, _facts(tally.source, progress), tally)
        progress("sorting the names", 0, 0)
        base.executescript(SETTLE)
        (headings,) = base.execute("SELECT count(*) FROM heading").fetchone()
        (variants,) = base.execute("SELECT count(*) FROM name WHERE role = 1").fetchone()
        if not headings:
            raise AuthorityError(
                f"building the authority index from {sources[0]}: no GND heading with a preferred name is in it;"
                " take a dump of the GND, such as authorities-gnd-sachbegriff_lds.ttl.gz of the DNB"
            )
        base.executescript(RESEMBLE)
        about["version"] = about["version"] or tally.modified or digest[:12]
        about |= {"digest": digest, "headings": str(headings), "modified": tally.modified}
        about |= {"licence": min(tally.licences, default=CC0), "source": ", ".join(path.name for path in sources)}
        base.executemany("INSERT INTO about VALUES (?, ?)", sorted(about.items()))
    return Summary(headings, variants, len(tally.refused), about["version"], digest, tuple(tally.findings))


def _facts(source: Path, progress: Progress) -> Iterator[Fact]:
    """Read the facts of a file; what stops the reading becomes an AuthorityError."""
    suffix = source.suffixes[-2:][0] if source.suffix == ".gz" and len(source.suffixes) > 1 else source.suffix
    reader = READERS.get(suffix.lower())
    if reader is None:
        known = ", ".join(f"{known} or {known}.gz" for known in READERS)
        raise AuthorityError(f"reading the authority file {source}: give a file {known}")
    try:
        with source.open("rb") as file:
            size = source.stat().st_size
            for number, fact in enumerate(reader(_unpacked(file))):
                if number % BATCH == 0:
                    progress(f"loading {source.name}", file.tell(), size)
                yield fact
    except (SyntaxError, ValueError, MemoryError) as error:
        raise AuthorityError(
            f"reading the authority file {source}: {error}; it is not whole or not of this form, fetch it again"
        ) from error
    except (EOFError, OSError, zlib.error) as error:
        raise AuthorityError(
            f"reading the authority file {source}: {error}; it cannot be read to its end, fetch it again"
        ) from error


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    """Read through gzip what begins as gzip does: a server may have unpacked a file whose name ends in .gz."""
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    return cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if packed else file


def _stage(base: sqlite3.Connection, facts: Iterable[Fact], tally: _Tally) -> None:
    names: list[tuple[str, str, str]] = []
    beside: list[tuple[str, str, str]] = []
    named: list[tuple[str, str]] = []
    for kind, subject, value in facts:
        if kind == "modified":
            if _DAY.match(value):
                tally.modified = max(tally.modified, value[:10])
        elif kind == "licence":
            tally.licences.add(value)
        elif kind == "named":
            named.append((subject, clean(value)[:LONGEST]))
        elif (iri := identifier(subject)) is None:
            _refuse_identifier(tally, subject)
        elif kind.startswith("kind:"):
            if kind != "kind:subject":
                names.append((local(iri), kind, ""))
        elif kind == "match":
            beside.append((local(iri), kind, value))
        elif kind not in ("preferred", "variant", "english"):
            if other := identifier(value):
                beside.append((local(iri), kind, local(other)))
                _look_at_circle(tally, kind, iri, other)
        elif (label := clean(value)) and len(label) <= LONGEST:
            names.append((local(iri), kind, label))
        else:
            tally.refuse(
                "authority-label", iri, value[:80],
                f"Die Benennung von {iri} ist leer oder länger als {LONGEST} Zeichen und fehlt im Index.",
                f"The name of {iri} is empty or longer than {LONGEST} characters and is not in the index.",
            )  # fmt: skip
        if len(names) + len(beside) + len(named) >= BATCH:
            _flush(base, names, beside, named)
    _flush(base, names, beside, named)


def _flush(
    base: sqlite3.Connection,
    names: list[tuple[str, str, str]],
    beside: list[tuple[str, str, str]],
    named: list[tuple[str, str]],
) -> None:
    base.executemany("INSERT INTO fact VALUES (?, ?, ?)", names)
    base.executemany("INSERT INTO beside VALUES (?, ?, ?)", beside)
    base.executemany("INSERT INTO named VALUES (?, ?)", named)
    for rows in (names, beside, named):
        rows.clear()


def _look_at_circle(tally: _Tally, kind: str, iri: str, other: str) -> None:
    if kind == "broader" and iri == other:
        tally.note(
            "authority-circle", iri, local(iri),
            f"{iri} ist sein eigener Oberbegriff; diese Angabe fehlt im Index.",
            f"{iri} is its own broader heading; this statement is not in the index.",
        )  # fmt: skip


def _refuse_identifier(tally: _Tally, subject: str) -> None:
    if "://d-nb.info/gnd/" not in subject or subject.endswith("/about"):
        return  # a statement of something that is no heading
    number = subject.rpartition("/gnd/")[2]
    tally.refuse(
        "gnd-identifier", subject, number,
        f"{number} ist keine GND-Nummer: die Prüfziffer stimmt nicht. Die Ansetzung fehlt im Index.",
        f"{number} is no GND identifier: its check digit fails. The heading is not in the index.",
    )  # fmt: skip


def _base(label: str) -> str | None:
    split = qualified(label)
    return normal(split[0]) if split else None


def _trailing(label: str) -> str | None:
    split = trailing_field(label)
    return normal(split[0]) if split else None


def digest_of(*sources: Path) -> str:
    """Give the SHA-256 of a file's bytes; of several files, that of their digests."""
    digests = []
    for source in sources:
        try:
            with source.open("rb") as file:
                digests.append(hashlib.file_digest(file, "sha256").hexdigest())
        except OSError as error:
            raise AuthorityError(
                f"reading the authority file {source}: {error.strerror}; give the path of a dump of the GND"
            ) from error
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
