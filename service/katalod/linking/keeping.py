"""Decisions written into the table of curated links, so that two people's tables merge cleanly."""

import fcntl
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from katalod.errors import AuthorityError
from katalod.linking import sssom
from katalod.linking.curated import Decision
from katalod.linking.gnd import local
from katalod.linking.sssom import COLUMNS, Row
from katalod.rdf import CC0, slug

METADATA: Mapping[str, str] = {
    "mapping_set_id": "https://w3id.org/katalod/links/own",
    "mapping_set_title": "Decisions about the keywords of this catalogue",
    "license": CC0,
}


def keep(target: Path, decisions: Iterable[Decision], seed: Path | None = None) -> int:
    """Write decisions into a table, in place of what was decided before about their keywords; gives how many.

    The rows are sorted by keyword, so that two tables with other decisions merge in git. Rows that cannot be
    used stay as they are. A table that is not there yet begins as a copy of `seed`. Either all of it is
    written, or nothing. Raises AuthorityError for a table that cannot be read or written.
    """
    made = tuple(decisions)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.with_name(f".{target.name}.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            source = target if target.exists() else seed
            table = sssom.read(source, ("predicate_id", "object_id")) if source else None
            _write(target, table, made)
    except OSError as error:
        raise AuthorityError(
            f"writing the curated links {target}: {error.strerror}; check the space and the rights of its folder"
        ) from error
    return len(made)


def _write(target: Path, table: sssom.Table | None, made: tuple[Decision, ...]) -> None:
    decided = {decision.slug for decision in made}
    kept = [row for _, row in table.rows if _slug(row) not in decided] if table else []
    rows = sorted((*kept, *map(row_of, made)), key=_place)
    columns = dict.fromkeys((*(table.columns if table else ()), *COLUMNS))
    if any(decision.reviewer for decision in made):
        columns["reviewer_label"] = None
    head = [f"#{line}" for line in table.head] if table and table.head else sssom.head(METADATA)
    draft = target.with_name(f".{target.name}.draft")
    with draft.open("w", encoding="utf-8", newline="") as file:
        file.writelines(f"{line}\n" for line in head)
        file.writelines(sssom.rows(rows, columns))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)


def row_of(decision: Decision) -> dict[str, str]:
    """Give a decision as a row of the table."""
    return {
        "subject_id": f"keyword:{decision.slug}",
        "subject_label": decision.label,
        "predicate_id": f"skos:{decision.predicate}",
        "predicate_modifier": "Not" if decision.excluded else "",
        "object_id": f"gnd:{local(decision.iri)}" if decision.iri else "sssom:NoTermFound",
        "object_label": decision.object_label,
        "mapping_justification": f"semapv:{decision.method}",
        "author_label": decision.author,
        "reviewer_label": decision.reviewer,
        "mapping_date": decision.date,
        "confidence": f"{decision.confidence:.2g}" if decision.confidence < 1 else "1.0",
        "comment": decision.comment,
    }


def _slug(row: Row) -> str:
    label = row.get("subject_label", "")
    return slug(label) if label else re.split(r"[:/#]", row.get("subject_id", ""))[-1]


def _place(row: Row) -> tuple[str, ...]:
    return (_slug(row), row.get("predicate_modifier", ""), row.get("object_id", ""), row.get("predicate_id", ""))
