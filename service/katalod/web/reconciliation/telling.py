"""Answers as the protocol writes them: candidates, values of properties, suggestions, the lines of a preview."""

from collections.abc import Mapping
from typing import Any

from katalod.search import phrase
from katalod.web.reconciliation.asking import Query, Wanted
from katalod.web.reconciliation.entities import At, Entity
from katalod.web.reconciliation.judging import Candidate, candidates
from katalod.web.reconciliation.manifest import types
from katalod.web.reconciliation.properties import MOST, PROPERTIES, Value, values

SUGGESTED, AMONG = 10, 100  # suggestions at a time, and among how many those of a type are sought
PREVIEWED = ("creator", "year", "publisher", "variant", "broader", "heading", "abstract", "works")
LINES = 5  # values of a property in a preview


def results(at: At, queries: Mapping[str, Query]) -> dict[str, Any]:
    """Give the candidates of each query, the best first."""
    return {key: {"result": [_candidate(at, one) for one in candidates(at, query)]} for key, query in queries.items()}


def extended(at: At, ids: tuple[str, ...], wanted: tuple[Wanted, ...]) -> dict[str, Any]:
    """Give the values of properties of entities; empty lists for what is not known."""
    entities = {id: at.entity(id) for id in ids}
    rows = {
        id: {one.id: _cells(at, entity, one) if entity else [] for one in wanted} for id, entity in entities.items()
    }
    return {"meta": [_column(at, one) for one in wanted], "rows": rows}


def suggested(at: At, typed: str, wanted: set[str], start: int) -> dict[str, Any]:
    """Give entities whose identifier is what was typed, or whose name begins so, after those that are skipped."""
    rows = at.edition.index.suggest(typed, start + (AMONG if wanted else SUGGESTED))
    named = [*at.named(typed), *(one for row in rows for one in at.suggested(row))]
    found = [one for one in {one.id: one for one in named}.values() if not wanted or wanted & set(one.types)]
    return {"result": [_suggestion(one) for one in found[start : start + SUGGESTED]]}


def begins(row: Mapping[str, str], typed: str) -> bool:
    """Whether a word of an identifier or a name begins as was typed (folded)."""
    return any(f" {typed}" in f" {phrase(text)}" for text in row.values())


def preview(at: At, entity: Entity) -> list[tuple[str, list[str]]]:
    """Give what a preview says: names of properties, with their values."""
    found = ((name, values(at, entity, name, LINES)) for name in PREVIEWED)
    return [(PROPERTIES[name].name(at.who), list(map(_text, said))) for name, said in found if said]


def _candidate(at: At, one: Candidate) -> dict[str, Any]:
    return {
        "id": one.entity.id,
        "name": one.entity.name,
        "description": one.entity.description,
        "type": types(at.who, one.entity.types),
        "score": one.score,
        "match": one.match,
        "features": [{"id": name, "value": value} for name, value in one.features],
    }


def _suggestion(one: Entity) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "description": one.description, "notable": list(one.types)}


def _cells(at: At, entity: Entity, wanted: Wanted) -> list[dict[str, Any]]:
    most = min(wanted.limit or MOST, MOST)
    return [_cell(value, wanted.content) for value in values(at, entity, wanted.id, most)]


def _cell(value: Value, content: str) -> dict[str, Any]:
    if isinstance(value, int):
        return {"int": value}
    if isinstance(value, str):
        return {"str": value}
    if content == "entity":
        return {"id": value.id, "name": value.name}
    return {"str": value.id if content == "id" else value.name}


def _column(at: At, wanted: Wanted) -> dict[str, Any]:
    known = PROPERTIES.get(wanted.id)
    column: dict[str, Any] = {"id": wanted.id, "name": known.name(at.who) if known else wanted.id}
    if known and known.entity and wanted.content == "entity":
        column["type"] = types(at.who, (known.entity,))[0]
    return column


def _text(value: Value) -> str:
    return value.name if isinstance(value, Entity) else str(value)
