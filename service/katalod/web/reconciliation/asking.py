"""What a client asks, read from JSON: a fault is told with a status and a message, and so is too much."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from katalod.web.reconciliation.entities import TYPES

MOST_QUERIES = 50  # of a batch; OpenRefine sends ten
LONGEST = 1000  # characters of a text or an identifier
MOST_CANDIDATES, CANDIDATES = 50, 10  # that a query gets at most, and where it does not say
MOST_VALUES = 500  # of all properties in a batch
MOST_IDS, MOST_CELLS = 200, 1000  # of an extension: rows, and rows times properties
STRICT = ("any", "should", "all")
CONTENTS = ("entity", "name", "id")  # what a cell of an extension holds of an entity; the first where it is not said


class AskingError(Exception):
    """A request that is not answered: why, and with which status."""

    def __init__(self, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        """Say what was wrong, and what to do."""
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Given:
    """A value that a client gives for a property: a text, or the identifier of an entity."""

    text: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """What a client knows of an entity."""

    text: str
    types: tuple[str, ...] = TYPES
    limit: int = CANDIDATES
    properties: tuple[tuple[str, tuple[Given, ...]], ...] = ()
    every: bool = False  # an entity must be of all types


@dataclass(frozen=True, slots=True)
class Wanted:
    """A property that a client wants to have, and how."""

    id: str
    limit: int = 0  # 0 for all
    content: str = CONTENTS[0]


def batch(text: str) -> dict[str, Query]:
    """Read a batch of queries; raises AskingError where one of them is none."""
    asked = _object(text, "queries")
    if len(asked) > MOST_QUERIES:
        raise _too_much(f"a batch has at most {MOST_QUERIES} queries, not {len(asked)}")
    found = {key: _query(_named(row, f"queries.{key[:40]}"), f"queries.{key[:40]}") for key, row in asked.items()}
    if sum(max(len(given), 1) for query in found.values() for _, given in query.properties) > MOST_VALUES:
        raise _too_much(f"a batch has at most {MOST_VALUES} values of properties")
    return found


def extension(text: str) -> tuple[tuple[str, ...], tuple[Wanted, ...]]:
    """Read which properties of which entities are wanted; raises AskingError."""
    asked = _object(text, "extend")
    ids = tuple(dict.fromkeys(_text(id, "extend.ids") for id in _list(asked.get("ids"), "extend.ids")))
    rows = _list(asked.get("properties"), "extend.properties")
    every = [_wanted(_named(row, "extend.properties")) for row in rows]
    wanted = tuple({one.id: one for one in every}.values())
    if len(ids) > MOST_IDS or len(ids) * len(wanted) > MOST_CELLS or len(wanted) > MOST_IDS:
        raise _too_much(
            f"at most {MOST_IDS} ids and {MOST_CELLS} cells, not {len(ids)} ids by {len(wanted)} properties"
        )
    return ids, wanted


def _query(given: Mapping[str, Any], place: str) -> Query:
    asked = {name: value for name, value in given.items() if value is not None}
    text = asked.get("query", "")
    properties = _properties(asked, place)
    if "query" not in asked and not properties:
        raise AskingError(f"{place} needs a query or properties")
    types = asked.get("type", TYPES)
    names = [types] if isinstance(types, str | Mapping) else types
    if not isinstance(names, list | tuple):
        raise AskingError(f"{place}.type is a type or a list of types, not {_kind(types)}")
    strict = asked.get("type_strict", "any")
    if strict not in STRICT:
        raise AskingError(f"{place}.type_strict is one of {', '.join(STRICT)}")
    return Query(
        _text(text, f"{place}.query").strip(),
        tuple(dict.fromkeys(_identifier(name, f"{place}.type") for name in names)) or TYPES,
        _limit(asked.get("limit", CANDIDATES), f"{place}.limit"),
        properties,
        strict == "all",
    )


def _properties(asked: Mapping[str, Any], place: str) -> tuple[tuple[str, tuple[Given, ...]], ...]:
    found: list[tuple[str, tuple[Given, ...]]] = []
    for row in _list(asked.get("properties", []), f"{place}.properties"):
        said = _named(row, f"{place}.properties")
        name = _text(said.get("pid", said.get("p")), f"{place}.properties.pid")
        values = said.get("v", [])
        found.append((name, tuple(_given(values if isinstance(values, list) else [values], f"{place}.properties.v"))))
    return tuple(found)


def _given(values: list[Any], place: str) -> Iterator[Given]:
    for value in values:
        if isinstance(value, Mapping):
            id = _text(value.get("id"), f"{place}.id")
            yield Given(_text(value.get("name") or id, place), id)
        elif value is not None and value != "":
            yield Given(_text(value, place))


def _wanted(asked: Mapping[str, Any]) -> Wanted:
    settings = asked.get("settings") or {}
    settings = _named(settings, "extend.properties.settings")
    content = settings.get("content")
    limit = settings.get("limit") or 0
    return Wanted(
        _text(asked.get("id"), "extend.properties.id"),
        _whole(limit, "extend.properties.settings.limit"),
        content if content in CONTENTS else CONTENTS[0],
    )


def _object(text: str, name: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AskingError(f"{name} is no JSON: {str(error)[:200]}") from error
    return dict(_named(found, name))


def _named(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise AskingError(f"{place} is an object, not {_kind(value)}")
    return value


def _list(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise AskingError(f"{place} is a list, not {_kind(value)}")
    return value


def _text(value: Any, place: str) -> str:
    """Read a text; numbers and truth values count as they are written."""
    if isinstance(value, bool):
        value = "true" if value else "false"
    if isinstance(value, int | float):
        value = f"{value:.15g}" if isinstance(value, float) else str(value)
    if not isinstance(value, str):
        raise AskingError(f"{place} is a text, not {_kind(value)}")
    if len(value) > LONGEST:
        raise AskingError(f"{place} has at most {LONGEST} characters, not {len(value)}")
    return value.encode("utf-8", "replace").decode()  # half a surrogate pair is no text


def _identifier(value: Any, place: str) -> str:
    return _text(value.get("id"), f"{place}.id") if isinstance(value, Mapping) else _text(value, place)


def _limit(value: Any, place: str) -> int:
    return min(_whole(value, place), MOST_CANDIDATES) or CANDIDATES


def _whole(value: Any, place: str) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1 << 31:
        raise AskingError(f"{place} is a whole number from 0, not {str(value)[:40]}")
    return int(value)


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "a truth value", type(None): "nothing"}
    return names.get(type(value), "a number")


def _too_much(message: str) -> AskingError:
    return AskingError(f"{message}; send it in parts", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
