"""Asking lobid-resources, or what answers like it: JSON with `totalItems` and `member` (lobid.org/resources/api)."""

import json
import re
from collections.abc import Sequence
from typing import Any

from katalod.errors import SourceError
from katalod.federation.values import Found, Request, Work, isbn, named, work
from katalod.settings.targets import Target


def request(target: Target, words: Sequence[str], limit: int) -> Request:
    """Ask for works that have all the words, in the query string syntax of Lucene."""
    query = " AND ".join(map(_lucene, words))
    return Request((("q", query), ("size", str(limit)), ("format", "json")), "application/json")


def _lucene(word: str) -> str:
    """Quote a word; the beginning of one cannot be quoted, and is escaped sign by sign."""
    return re.sub(r"[^\w*]", r"\\\g<0>", word) if word.endswith("*") else f'"{word}"'


def read(target: Target, body: bytes) -> Found:
    """Read an answer; raises SourceError where it is none."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"no JSON: {error}") from error
    members = document.get("member") if isinstance(document, dict) else None
    if not isinstance(members, list):
        raise SourceError("JSON without a list `member`: no answer of lobid")
    total = document.get("totalItems")
    works = [_work(member) for member in members if isinstance(member, dict)]
    return Found(total if type(total) is int else None, tuple(one for one in works if one is not None))


def _work(record: dict[str, Any]) -> Work | None:
    title = " : ".join((*_texts(record, "title"), *_texts(record, "otherTitleInformation")))
    pages = (*_texts(record, "describedBy", "id"), *(iri.removesuffix("#!") for iri in _texts(record, "id")))
    numbers = [named(f"{kind}:{value}") for kind in ("doi",) for value in _texts(record, kind)]
    return work(
        title,
        _texts(record, "contribution", "agent", "label"),
        next(iter(_texts(record, "publication", "startDate")), ""),
        pages,
        (*map(isbn, _texts(record, "isbn")), *numbers, *map(named, _texts(record, "urn"))),
    )


def _texts(value: object, *path: str) -> list[str]:
    """Give the texts at a path, in their order, whether one value or a list stands on the way."""
    if isinstance(value, list):
        return [text for one in value[:100] for text in _texts(one, *path)]
    if not path:
        return [value] if isinstance(value, str) else []
    return _texts(value.get(path[0]), *path[1:]) if isinstance(value, dict) else []
