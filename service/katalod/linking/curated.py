"""What librarians decided about keywords, read from an SSSOM table (TSV) as a spreadsheet program leaves it.

A row that cannot be used is a finding and is left out; a keyword on which two rows contradict each other
is not linked at all until that is settled. A decision holds for every spelling of a keyword that gives the
same slug, as the keyword concept does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from katalod.linking import sssom
from katalod.linking.gnd import identifier
from katalod.linking.sssom import PREFIXES
from katalod.model import Finding, Severity
from katalod.rdf import GND, slug

PREDICATES = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
NO_TERM = PREFIXES["sssom"] + "NoTermFound"


@dataclass(frozen=True, slots=True)
class Decision:
    """One row: what a keyword stands for, or does not."""

    slug: str
    label: str
    predicate: str  # one of PREDICATES
    iri: str  # "" says that there is no heading for the keyword
    object_label: str = ""
    excluded: bool = False  # predicate_modifier Not: this heading is not meant
    method: str = "ManualMappingCuration"
    confidence: float = 1.0
    author: str = ""
    date: str = ""
    comment: str = ""
    line: int = 0
    reviewer: str = ""


@dataclass(frozen=True, slots=True)
class Curated:
    """All decisions of a table, one for each keyword and heading, and the findings about its rows."""

    decisions: tuple[Decision, ...] = ()
    findings: tuple[Finding, ...] = ()
    version: str = ""
    digest: str = ""
    _by_slug: dict[str, tuple[Decision, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Arrange the decisions by keyword."""
        by_slug: dict[str, tuple[Decision, ...]] = {}
        for decision in self.decisions:
            by_slug[decision.slug] = (*by_slug.get(decision.slug, ()), decision)
        object.__setattr__(self, "_by_slug", by_slug)

    def about(self, label: str) -> tuple[Decision, ...]:
        """Give the decisions about a keyword."""
        try:
            return self._by_slug.get(slug(label), ()) if self._by_slug else ()
        except UnicodeEncodeError:  # a lone surrogate, as JSON can smuggle in: no keyword that was decided on
            return ()


class _Unusable(Exception):  # noqa: N818 - it never leaves this module
    """Why a row cannot be used: column, value, and the reason in German and English."""

    def __init__(self, column: str, value: str, de: str, en: str) -> None:
        super().__init__(en)
        self.column, self.value, self.de, self.en = column, value, de, en


def read(path: Path) -> Curated:
    """Read curated decisions; AuthorityError if the file is no SSSOM table, findings for bad rows."""
    table = sssom.read(path, needed=("predicate_id", "object_id", "mapping_justification"))
    prefixes = dict(PREFIXES) | table.below("curie_map")
    decisions: list[Decision] = []
    findings: list[Finding] = []
    for line, row in table.rows:
        if not row.get("predicate_id"):
            continue  # a proposal that nobody has decided on yet
        try:
            decisions.append(_decision(row, line, prefixes))
        except _Unusable as fault:
            findings.append(_finding(path, line, fault))
    settled, disputes = _settle(path, decisions)
    version = table.metadata.get("mapping_set_version", "")
    return Curated(settled, (*findings, *disputes), version, table.digest)


def _decision(row: Mapping[str, str], line: int, prefixes: Mapping[str, str]) -> Decision:
    name, label = _subject(row)
    iri = _object(row, prefixes)
    return Decision(
        slug=name,
        label=label,
        predicate=_predicate(row, prefixes),
        iri=iri,
        object_label=row.get("object_label", ""),
        excluded=_excluded(row) and bool(iri),
        method=_method(row, prefixes),
        confidence=_confidence(row),
        author=row.get("author_label") or row.get("author_id", ""),
        date=_date(row),
        comment=row.get("comment", ""),
        line=line,
        reviewer=row.get("reviewer_label") or row.get("reviewer_id", ""),
    )


def _subject(row: Mapping[str, str]) -> tuple[str, str]:
    label, given = row.get("subject_label", ""), row.get("subject_id", "")
    name = re.split(r"[:/#]", given)[-1]
    if not label and not name:
        raise _Unusable("subject_label", "", "es fehlt das Schlagwort", "the keyword is missing")
    if label and name and slug(label) != name:
        raise _Unusable(
            "subject_id",
            given,
            f"„{given}“ gehört nicht zum Schlagwort „{label}“; richtig ist „keyword:{slug(label)}“",
            f'"{given}" does not belong to the keyword "{label}"; it should be "keyword:{slug(label)}"',
        )
    return (slug(label) if label else name), label or name


def _object(row: Mapping[str, str], prefixes: Mapping[str, str]) -> str:
    given = row.get("object_id", "")
    iri = _expanded(given, prefixes)
    if iri == NO_TERM:
        return ""
    canonical = identifier(iri) if iri.startswith(("http://d-nb.info/gnd/", GND)) else None
    if canonical is None:
        raise _Unusable(
            "object_id",
            given,
            f"„{given}“ ist keine GND-Nummer oder hat eine falsche Prüfziffer; erwartet wird gnd:4077814-9"
            " oder sssom:NoTermFound",
            f'"{given}" is no GND identifier or its check digit fails; expected is gnd:4077814-9 or sssom:NoTermFound',
        )
    return canonical


def _predicate(row: Mapping[str, str], prefixes: Mapping[str, str]) -> str:
    given = row.get("predicate_id", "")
    local = _expanded(given, prefixes).removeprefix(PREFIXES["skos"])
    if local not in PREDICATES:
        known = ", ".join(f"skos:{predicate}" for predicate in PREDICATES)
        raise _Unusable(
            "predicate_id",
            given,
            f"„{given}“ ist keine bekannte Beziehung; bekannt sind {known}",
            f'"{given}" is no known relation; known are {known}',
        )
    return local


def _excluded(row: Mapping[str, str]) -> bool:
    given = row.get("predicate_modifier", "")
    if given.casefold() not in ("", "not"):
        raise _Unusable(
            "predicate_modifier",
            given,
            f"„{given}“ ist weder leer noch Not",
            f'"{given}" is neither empty nor Not',
        )
    return bool(given)


def _method(row: Mapping[str, str], prefixes: Mapping[str, str]) -> str:
    given = row.get("mapping_justification", "")
    local = _expanded(given, prefixes).removeprefix(PREFIXES["semapv"])
    if given and not re.fullmatch(r"[A-Z][A-Za-z]+", local):
        raise _Unusable(
            "mapping_justification",
            given,
            f"„{given}“ ist keine Begründung; üblich ist semapv:ManualMappingCuration",
            f'"{given}" is no justification; usual is semapv:ManualMappingCuration',
        )
    return local or "ManualMappingCuration"


def _confidence(row: Mapping[str, str]) -> float:
    given = row.get("confidence", "")
    if given and not re.fullmatch(r"(0([.,]\d+)?|1([.,]0+)?)", given, re.ASCII):
        raise _Unusable(
            "confidence",
            given,
            f"„{given}“ ist keine Zahl von 0 bis 1",
            f'"{given}" is no number from 0 to 1',
        )
    return float(given.replace(",", ".")) if given else 1.0


def _date(row: Mapping[str, str]) -> str:
    given = row.get("mapping_date", "")
    try:
        return date.fromisoformat(given).isoformat() if given else ""
    except ValueError as error:
        raise _Unusable(
            "mapping_date",
            given,
            f"„{given}“ ist kein Tag der Form 2024-05-31",
            f'"{given}" is no day such as 2024-05-31',
        ) from error


def _expanded(curie: str, prefixes: Mapping[str, str]) -> str:
    prefix, colon, local = curie.partition(":")
    return prefixes[prefix] + local if colon and prefix in prefixes else curie


def _settle(path: Path, decisions: list[Decision]) -> tuple[tuple[Decision, ...], list[Finding]]:
    """Keep one decision for each keyword and heading; a keyword in dispute is decided to have no heading."""
    keywords: dict[str, dict[str, Decision]] = {}
    disputed: dict[str, Decision] = {}
    findings: list[Finding] = []
    for decision in decisions:
        kept = keywords.setdefault(decision.slug, {})
        former = next((former for former in kept.values() if _contradict(former, decision)), None)
        if former:
            findings.append(_finding(path, decision.line, _dispute(decision, former)))
            disputed[decision.slug] = Decision(decision.slug, decision.label, "exactMatch", "", line=former.line)
        kept.setdefault(decision.iri, decision)
    settled: list[Decision] = []
    for name, kept in keywords.items():
        settled += (disputed[name],) if name in disputed else kept.values()
    return tuple(sorted(settled, key=lambda decision: (decision.slug, decision.iri))), findings


def _contradict(one: Decision, other: Decision) -> bool:
    """Whether two decisions about a keyword cannot both be true."""
    if one.iri == other.iri:
        return bool(one.iri) and (one.predicate, one.excluded) != (other.predicate, other.excluded)
    return any(not a.iri and not b.excluded for a, b in ((one, other), (other, one)))


def _dispute(decision: Decision, former: Decision) -> _Unusable:
    return _Unusable(
        "subject_label",
        decision.label,
        f"die Entscheidung über „{decision.label}“ widerspricht Zeile {former.line}; bis eine von beiden"
        " gestrichen ist, wird das Schlagwort nicht verknüpft",
        f'the decision about "{decision.label}" contradicts line {former.line}; until one of them is removed,'
        " the keyword is not linked",
    )


def _finding(path: Path, line: int, fault: _Unusable) -> Finding:
    return Finding(
        Severity.WARNING,
        "curated-link",
        fault.column,
        fault.value,
        f"Zeile {line}: {fault.de}.",
        f"line {line}: {fault.en}.",
        origin=str(path),
        position=line,
    )
