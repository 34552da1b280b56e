"""Links against what cataloguers meant: precision, recall, coverage, and the errors by method."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from katalod.errors import AuthorityError
from katalod.linking.authority import Authority
from katalod.linking.curated import Curated
from katalod.linking.gnd import identifier, local
from katalod.linking.matching import link
from katalod.linking.rules import DEFAULT, Rules
from katalod.model import Link, Record, Subject


@dataclass(frozen=True, slots=True)
class Case:
    """A keyword of a record, and the headings that it stands for; none says that it must not be linked."""

    record: str
    label: str
    lang: str | None
    wanted: frozenset[str]
    line: int


@dataclass(frozen=True, slots=True)
class Score:
    """How a method, or all of them, did."""

    right: int = 0
    wrong: int = 0

    @property
    def precision(self) -> float:
        """How many of the links are right."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came of all cases."""

    cases: int
    wanted: int  # cases that have a heading
    linked: int  # cases that got a link
    met: int  # cases that got all their headings
    whole: Score
    methods: tuple[tuple[str, Score], ...]
    errors: tuple[tuple[Case, str, str, str], ...]  # case, method, heading given, its name
    missed: tuple[Case, ...]

    @property
    def recall(self) -> float:
        """How many of the cases with headings got them all."""
        return self.met / self.wanted if self.wanted else 1.0

    @property
    def coverage(self) -> float:
        """How many of the cases got any link."""
        return self.linked / self.cases if self.cases else 0.0

    def as_row(self) -> dict[str, object]:
        """Give the figures and the errors for scripts."""
        return {
            "cases": self.cases,
            "precision": self.whole.precision,
            "recall": self.recall,
            "coverage": self.coverage,
            "methods": {
                name: {"right": score.right, "wrong": score.wrong, "precision": score.precision}
                for name, score in self.methods
            },
            "errors": [
                _row(case) | {"method": how, "gnd": gnd, "label": label} for case, how, gnd, label in self.errors
            ],
            "missed": [_row(case) for case in self.missed],
        }

    def as_text(self) -> str:
        """Give the figures and the errors for people."""
        lines = [
            f"{self.cases} keywords, {self.wanted} of them with a heading",
            f"precision {self.whole.precision:.2%}   recall {self.recall:.2%}   coverage {self.coverage:.2%}",
        ]
        lines += [
            f"  {name:24} {score.right:7} right {score.wrong:5} wrong   {score.precision:.2%}"
            for name, score in self.methods
        ]
        lines += [
            f"line {case.line}: {case.label!r} by {how} to {gnd} {label!r}" for case, how, gnd, label in self.errors
        ]
        return "\n".join([*lines, f"{len(self.missed)} missed"])


def _row(case: Case) -> dict[str, object]:
    return {"record": case.record, "keyword": case.label, "line": case.line}


def read(path: Path) -> Iterator[Case]:
    """Read a table with the columns record, label (or keyword), gnd and, if it likes, lang.

    Raises AuthorityError for what is no such table, and for an identifier with a wrong check digit, by line.
    """
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise AuthorityError(f"reading the gold table {path}: {why}; give a table in UTF-8 with tabs") from error
    rows = csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
    label = next((name for name in ("label", "keyword") if name in (rows.fieldnames or ())), "")
    if not label or "gnd" not in (rows.fieldnames or ()):
        raise AuthorityError(f"reading the gold table {path}: it needs the columns label (or keyword) and gnd")
    wanted: dict[tuple[str, str, str], tuple[set[str], int]] = {}
    for row in rows:
        key = (row.get("record") or "", row[label] or "", row.get("lang") or "")
        found, _ = wanted.setdefault(key, (set(), rows.line_num))
        if given := (row["gnd"] or "").strip():
            iri = identifier(given)
            if iri is None:
                raise AuthorityError(
                    f"reading the gold table {path}, line {rows.line_num}: {given!r} is no GND identifier,"
                    " or its check digit fails; correct it"
                )
            found.add(iri)
    for (record, keyword, lang), (iris, line) in wanted.items():
        yield Case(record, keyword, lang or None, frozenset(iris), line)


def evaluate(cases: Iterable[Case], authority: Authority, curated: Curated, rules: Rules = DEFAULT) -> Evaluation:
    """Link the keyword of each case and compare."""
    right: dict[str, int] = {}
    wrong: dict[str, int] = {}
    errors: list[tuple[Case, str, str, str]] = []
    missed: list[Case] = []
    count = wanted = linked = met = 0
    for case in cases:
        links = _links(case, authority, curated, rules)
        count, wanted, linked = count + 1, wanted + bool(case.wanted), linked + bool(links)
        for one in links:
            good = one.concept.iri in case.wanted
            tally = right if good else wrong
            tally[_method(one)] = tally.get(_method(one), 0) + 1
            if not good:
                errors.append((case, _method(one), local(one.concept.iri), one.concept.label))
        if case.wanted <= {one.concept.iri for one in links}:
            met += bool(case.wanted)
        else:
            missed.append(case)
    methods = tuple(
        (name, Score(right.get(name, 0), wrong.get(name, 0)))
        for name in sorted(right.keys() | wrong.keys(), key=lambda name: (-right.get(name, 0), name))
    )
    whole = Score(sum(right.values()), sum(wrong.values()))
    return Evaluation(count, wanted, linked, met, whole, methods, tuple(errors), tuple(missed))


def _links(case: Case, authority: Authority, curated: Curated, rules: Rules) -> tuple[Link, ...]:
    record = link(Record("x", "x", subjects=(Subject(case.label, case.lang),)), authority, curated, rules)
    return tuple(dict.fromkeys(one for subject in record.subjects for one in subject.links))


def _method(one: Link) -> str:
    return one.rule or "curated"
