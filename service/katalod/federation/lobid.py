"""Asking lobid-resources, or what answers like it: JSON with `totalItems` and `member` (lobid.org/resources/api)."""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from katalod.errors import SourceError
from katalod.federation.values import MOST_VALUES, MOST_WORKS, Found, Request, Work, isbn, named, work
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
    works = map(_work, members[:MOST_WORKS])
    return Found(total if type(total) is int else None, tuple(one for one in works if one is not None))


def _work(record: object) -> Work | None:
    titles = islice(chain(_texts(record, "title"), _texts(record, "otherTitleInformation")), MOST_VALUES)
    own = (iri.removesuffix("#!") for iri in _texts(record, "id"))
    return work(
        " : ".join(titles),
        _texts(record, "contribution", "agent", "label"),
        next(_texts(record, "publication", "startDate"), ""),
        chain(_texts(record, "describedBy", "id"), own),
        chain(map(isbn, _texts(record, "isbn")), map(named, _texts(record, "doi")), map(named, _texts(record, "urn"))),
    )


def _texts(value: object, *path: str) -> Iterator[str]:
    """Give the texts at a path, in their order, whether one value or a list stands on the way."""
    if isinstance(value, list):
        for one in value:
            yield from _texts(one, *path)
    elif isinstance(value, dict) and path:
        yield from _texts(value.get(path[0]), *path[1:])
    elif isinstance(value, str) and not path:
        yield value
