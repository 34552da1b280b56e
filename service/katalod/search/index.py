"""The index of a release, for reading: hits in order, counts by facet, suggestions, names by their letter."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any

import tantivy
from tantivy import Query

from katalod.errors import StoreError
from katalod.search.asking import FILTERS, Asker, every, read, unfinished
from katalod.search.entries import FACETS, LONGEST, SEPARATOR
from katalod.search.tree import Tree
from katalod.search.words import phrase

SORTS: Mapping[str, str] = MappingProxyType({"relevance": "by_year", "year": "by_year", "title": "by_title"})
"""How hits may be ordered, and by which key; equal relevance goes by year, the newest first, then by path."""

SHOWN = 10  # values of a facet that are shown
_ASKED = 140  # values asked for first, so that all that share the last place shown are seen
_SHARE = 1000  # values that each segment of the index is first asked for
_ALL = 1 << 20
_REMEMBERED = 512  # answers kept in memory
_LADDERS = 32  # queries kept in memory, for the parts of a page and the page after it; one takes up to 2 MB
_NEAR = 1000  # hits that the library passes over in less time than it takes to list them all
_RAREST = 5  # words of a title by which titles like it are found
_TURNED = 5  # words of a name that may be turned
_SHORT = 3  # letters of a name that others go on after: they would be too many
_SHORTEST = 5  # letters by which names are found that are written otherwise

Counts = tuple[tuple[str, int], ...]
Rows = list[tuple[Any, int]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched for: words, chosen facet values, the order."""

    text: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    sort: str = "relevance"


@dataclass(frozen=True, slots=True)
class Order:
    """How hits are ordered: by a key of SORTS, from its beginning or its end."""

    sort: str = "year"
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A work that was found, as a list shows it."""

    path: str
    title: str
    people: tuple[str, ...]
    year: int
    types: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What may be meant by the beginning of a word."""

    label: str
    kind: str  # keyword, heading, person, work
    id: str
    works: int


class Index:
    """The index of a release; safe in several threads."""

    def __init__(self, folder: Path) -> None:
        """Open an index; StoreError where there is none."""
        try:
            index = tantivy.Index.open(str(folder))
        except ValueError as error:
            raise StoreError(f"opening the search index {folder}: {error}; publish anew") from error
        self._searcher = index.searcher()
        self._schema = index.schema
        self._asker = Asker(index.schema)
        self._ladder = lru_cache(_LADDERS)(self._make_ladder)
        self._facets = lru_cache(_REMEMBERED)(self._count_facets)
        self.values = lru_cache(_REMEMBERED)(self._count_values)
        self._years = lru_cache(_REMEMBERED)(self._count_years)
        self.suggest = lru_cache(4096)(self._suggest)
        self.names = lru_cache(64)(self._names)
        self._in_order = lru_cache(2)(self._list_in_order)  # whoever asks for a page far down asks for the next one

    def find(self, asked: Asked, limit: int = 25, offset: int = 0) -> tuple[int, list[Hit]]:
        """Find works: how many, and a page of them in the order that was asked for."""
        rungs, total = self._ladder(asked.text, asked.filters)
        return total, self._page(rungs if asked.sort == "relevance" else rungs[-1:], asked.sort, limit, offset)

    def count(self, asked: Asked) -> int:
        """Count what a search finds."""
        return self._ladder(asked.text, asked.filters)[1]

    def matching(self, asked: Tree, order: Order, limit: int, offset: int = 0) -> tuple[int, list[str]]:
        """Find works by a tree: how many, and the paths of some in order; a place far down costs little more.

        Raises QueryError for masks that open too many ways.
        """
        query = self._asker.query(asked)
        total = self._count(query)
        if limit <= 0 or offset >= total:
            return total, []
        if offset > _NEAR:
            return total, list(self._in_order(asked, order)[offset : offset + limit])
        way = tantivy.Order.Desc if order.backwards else tantivy.Order.Asc
        answer = self._searcher.search(query, limit=limit, offset=offset, order_by_field=SORTS[order.sort], order=way)
        return total, [self._hit(address).path for _, address in answer.hits]

    def _list_in_order(self, asked: Tree, order: Order) -> tuple[str, ...]:
        """Give the paths of all hits: 0.1 s for 100,000, where passing over half of them takes 2 s."""
        rows = self._searcher.terms_with_prefix(SORTS[order.sort], "", filter_query=self._asker.query(asked))
        return tuple(map(_path, sorted((row for row, count in rows if count), reverse=order.backwards)))

    def titled(self, title: str, limit: int) -> list[Hit]:
        """Find works that have exactly this title, but for what spelling is free to do."""
        rows = self._beginning("by_title", f"{phrase(title)[:LONGEST]}{SEPARATOR}", limit)
        paths = sorted(row.rpartition(SEPARATOR)[2] for row, _ in rows)
        return [hit for path in paths for hit in self._works(path)]

    def alike(self, title: str, limit: int) -> list[Hit]:
        """Find works whose title has half of the rarest words of a title, or more: those with most of them first."""
        found = [(self._count(query), query) for query in self._asker.title_words(title)]
        rarest = [query for count, query in sorted(found, key=itemgetter(0)) if count][:_RAREST]
        return self._page(self._asker.most(rarest), "relevance", limit, 0) if rarest else []

    def called(self, text: str, limit: int) -> tuple[Suggestion, ...]:
        """Give the keywords, headings and people that are called so, or with the words turned ("Maria Muster").

        Names that go on after the text are found too; where there are none, those that share its beginning.
        """
        folded = phrase(text)
        split = folded.split()
        turns = [" ".join(split[n:] + split[:n]) for n in range(len(split) if len(split) <= _TURNED else 1)]
        found: dict[tuple[str, str], Suggestion] = {}
        for start in (f"{folded}{SEPARATOR}", *(turns if len(folded) > _SHORT else ())) if split else ():
            self._named(start, limit, found)
        for share in (3, 2):
            if not found and (size := max(len(folded) * share // 4, _SHORTEST)) < len(folded):
                self._named(folded[:size], limit, found)
        return tuple(found.values())[:limit]

    def facets(self, asked: Asked) -> Mapping[str, Counts]:
        """Count what a search finds by each facet: the values that most works bear, ties by the alphabet."""
        return self._facets(asked.text, asked.filters)

    def years(self, asked: Asked) -> tuple[tuple[int, int], ...]:
        """Count what a search finds by year, in their order."""
        return self._years(asked.text, asked.filters)

    def related(self, path: str, field: str, values: Sequence[str], limit: int) -> list[Hit]:
        """Find works that share values of a facet with a work: those that share most first."""
        return self._page(self._asker.sharing(field, values, path), "relevance", limit, 0) if values else []

    def _make_ladder(self, text: str, filters: tuple[tuple[str, str], ...]) -> tuple[list[Query], int]:
        """Give the rungs of a search and how many it finds; where a word leads nowhere, it begins one."""
        terms = read(text)
        if text.strip() and not terms:
            return [Query.empty_query()], 0
        chosen = self._asker.filters((name, value) for name, value in filters if name in FILTERS)
        rungs = [every([rung, *chosen]) for rung in self._asker.ladder(terms)]
        total = self._count(rungs[-1])
        if total == 0 and (longer := unfinished(terms)):
            rungs = [every([rung, *chosen]) for rung in self._asker.ladder(longer)]
            total = self._count(rungs[-1])
        return rungs, total

    def _page(self, rungs: Sequence[Query], sort: str, limit: int, offset: int) -> list[Hit]:
        """Give a page of hits: rung by rung, without what stood higher, on a rung by the sort key."""
        found: list[Hit] = []
        before = 0  # hits on higher rungs
        key = SORTS.get(sort, "by_year")
        for place, rung in enumerate(rungs):
            here = every([rung], rungs[place - 1 : place]) if place else rung
            skip, wanted = max(offset - before, 0), limit - len(found)
            answer = self._searcher.search(here, limit=wanted, offset=skip, order_by_field=key, order=tantivy.Order.Asc)
            found += [self._hit(address) for _, address in answer.hits]
            before += int(getattr(answer, "count", 0) or 0)  # the library's stubs lack it
            if len(found) >= limit:
                break
        return found

    def _works(self, path: str) -> list[Hit]:
        """Give the work of a path, if it is there."""
        return self._page(self._asker.filters([("path", path)]), "year", 1, 0)

    def _hit(self, address: tantivy.DocAddress) -> Hit:
        path, title, people, year, types, text = json.loads(self._searcher.doc(address).get_first("shown") or b"")
        return Hit(path, title, tuple(people), year, tuple(types), text)

    def _count(self, query: Query) -> int:
        return int(getattr(self._searcher.search(query, limit=1), "count", 0) or 0)

    def _count_facets(self, text: str, filters: tuple[tuple[str, str], ...]) -> Mapping[str, Counts]:
        return MappingProxyType(self._top(self._ladder(text, filters)[0][-1], FACETS, SHOWN))

    def _top(self, query: Query, fields: Sequence[str], shown: int) -> dict[str, Counts]:
        """Count the most frequent values of some facets: exactly, though segments are first asked for their best."""
        size = _ASKED + shown
        found = self._terms(query, {field: {"size": size, "segment_size": _SHARE} for field in fields})
        near = {field: _near(rows, error, shown, size) for field, (rows, error) in found.items()}
        again: dict[str, dict[str, Any]] = {f: {"size": size, "include": near[f]} for f in fields if near[f]}
        again |= {field: {"size": _ALL, "segment_size": _ALL} for field, values in near.items() if values is None}
        found |= self._terms(query, again)
        return {field: tuple(found[field][0][:shown]) for field in fields}

    def _terms(self, query: Query, asked: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[Rows, int]]:
        """Count the values of some fields, the most frequent first, and say by how much a count may be too small."""
        if not asked:
            return {}
        answer = self._searcher.aggregate(query, {f: {"terms": {"field": f, **how}} for f, how in asked.items()})
        return {
            field: (
                sorted(((row["key"], int(row["doc_count"])) for row in rows["buckets"]), key=lambda r: (-r[1], r[0])),
                int(rows["doc_count_error_upper_bound"] or 0) if self._searcher.num_segments > 1 else 0,
            )
            for field, rows in answer.items()
        }

    def _count_values(self, field: str, most: int = _ALL, filters: tuple[tuple[str, str], ...] = ()) -> Counts:
        """Count the works by the values of one facet, the most frequent first."""
        return self._top(self._ladder("", filters)[0][-1], [field], most)[field]

    def _count_years(self, text: str, filters: tuple[tuple[str, str], ...]) -> tuple[tuple[int, int], ...]:
        query, every_year = self._ladder(text, filters)[0][-1], {"size": _ALL, "segment_size": _ALL}
        rows, _ = self._terms(query, {"year": every_year})["year"]
        return tuple(sorted((int(year), count) for year, count in rows))

    def _suggest(self, text: str, limit: int = 10) -> tuple[Suggestion, ...]:
        """Give what begins so: keywords, headings and people by how many works they have, then titles."""
        folded = phrase(text[:100])
        if not folded:
            return ()
        found: dict[tuple[str, str], Suggestion] = {}
        self._named(folded, 4 * limit, found)
        if len(found) < limit and len(folded) > 2:
            for row, _ in self._beginning("by_title", folded, limit):
                path = row.rpartition(SEPARATOR)[2]
                for hit in self._works(path):
                    found["work", path] = Suggestion(hit.title, "work", path, 1)
        return tuple(found.values())[:limit]

    def _named(self, start: str, limit: int, found: dict[tuple[str, str], Suggestion]) -> None:
        """Add the keywords, headings and people with a name that begins so in one of its words."""
        for row, count in self._beginning("suggest", start, limit):
            _, kind, id, label = row.split(SEPARATOR)
            found.setdefault((kind, id), Suggestion(label, kind, id, count))

    def _beginning(self, field: str, text: str, limit: int | None = None) -> list[tuple[str, int]]:
        """Give the values of a field that begin so, those of most works first; what only deleted works bore is not."""
        rows = self._searcher.terms_with_prefix(field, text, filter_query=Query.all_query(), limit=limit)
        return [(row, count) for row, count in rows if count]

    def _names(self, letter: str) -> Counts:
        """Give the people whose folded name begins with some letters, in alphabetical order, with their works."""
        return tuple((row.partition(SEPARATOR)[2], count) for row, count in sorted(self._beginning("name", letter)))


def _path(key: str) -> str:
    """Give the path that a sort key ends with, behind the title or the four digits of the year."""
    return key.rpartition(SEPARATOR)[2] if SEPARATOR in key else key.partition(" ")[2]


def _near(rows: Rows, error: int, shown: int, size: int) -> list[str] | None:
    """Name the values whose exact counts decide which come first; none where all is exact, None where all are needed.

    A count may lack what segments kept to themselves, at most `error`: a value may be among the first if its
    count and the error together reach the last count shown.
    """
    least = rows[shown - 1][1] if len(rows) >= shown else 0
    cut = len(rows) >= size
    if (error and least <= error) or (cut and rows[-1][1] + error >= least):
        return None
    return [value for value, count in rows if count + error >= least] if error else []
