"""What people type, as queries: words, phrases, fields, beginnings; and the ladder by which hits are ordered.

Hits stand on rungs: what matches more closely stands higher, and on a rung the order is that of a sort key.
No score is used. A score would depend on how often a word occurs in the whole index, deleted works
included, and so an index that was changed would answer otherwise than one that was built in full.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tantivy import FieldType, Occur, Query, Schema

from katalod.errors import QueryError
from katalod.search.entries import FACETS, LONGEST, SEPARATOR, STEMMED
from katalod.search.tree import But, Called, Either, Every, Everything, Tree, Value, Words, Years
from katalod.search.words import english, german, stems, words

FIELDS = {
    "title": "title", "titel": "title",
    "subject": "subjects", "schlagwort": "subjects",
    "person": "people",
    "year": "year", "jahr": "year",
    "type": "kinds", "typ": "kinds",
    "source": "source", "quelle": "source",
}  # fmt: skip
"""What may stand before a colon, in both languages, and the field that it means."""

_TERM = re.compile(r'(?P<minus>-)?(?:(?P<field>[^\W\d_]+):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_YEARS = re.compile(r"(\d{1,4})?(-|\.\.|–)?(\d{1,4})?")
_MOST = 24  # terms of a query that are read
_LONGEST_WORDS = 6  # of a title by which titles like it are found

RUNGS = (
    (("title", "subjects"), False, False),
    (("title", "subjects"), True, False),
    (("title", "subjects", "people"), True, False),
    (("title", "subjects", "people", "text"), True, False),
    (("title", "subjects", "people", "text"), True, True),
)
"""Where the words of a query are looked for, whether by their stems, and whether in the parts of compounds."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that is asked for."""

    words: tuple[str, ...]
    field: str = ""  # "" for anywhere
    prefix: bool = False
    negative: bool = False
    raw: str = ""


def read(text: str) -> tuple[Term, ...]:
    """Read what was typed; whatever it is, it is words: an unknown field or an open quote is no error."""
    return tuple(term for found in list(_TERM.finditer(text))[:_MOST] for term in _terms(found))


def _terms(found: re.Match[str]) -> Iterator[Term]:
    field = FIELDS.get((found["field"] or "").casefold(), "")
    raw = found["phrase"] if found["phrase"] is not None else found["word"]
    split = tuple(words(raw))
    prefix = found["phrase"] is None and raw.endswith("*") and len("".join(split)) > 1
    if found["field"] and not field:
        yield from (Term((word,), negative=bool(found["minus"]), raw=word) for word in words(found["field"]))
    if split:
        yield Term(split, field, prefix, bool(found["minus"]), raw)


def unfinished(terms: Sequence[Term]) -> tuple[Term, ...]:
    """Take the last word for the beginning of one, where it is a single word; none where that changes nothing."""
    last = terms[-1] if terms else None
    if last is None or last.prefix or last.negative or last.field == "year" or len("".join(last.words)) < 2:
        return ()
    return (*terms[:-1], replace(last, prefix=True)) if len(last.words) == 1 else ()


class Asker:
    """Makes queries for an index of a schema."""

    def __init__(self, schema: Schema) -> None:
        """Take the schema that terms are made for."""
        self._schema = schema

    def ladder(self, terms: Sequence[Term]) -> list[Query]:
        """Give the rungs of a query, the closest first; each holds all that the one before holds."""
        free = [term for term in terms if not term.negative and not term.field]
        bound = [self._bound(term) for term in terms if not term.negative and term.field]
        refused = [self._anywhere(term) for term in terms if term.negative]
        if not free:
            return [every(bound or [Query.all_query()], refused)]
        closest = self._closest(free)
        rungs = [closest]
        rungs += [either([closest, every([self._match(term, *rung) for term in free])]) for rung in RUNGS]
        return [every([rung, *bound], refused) for rung in rungs]

    def sharing(self, field: str, values: Sequence[str], but: str) -> list[Query]:
        """Give the rungs of what shares values with a work: most of them first, the work itself left out."""
        one = [(Occur.Should, self._term(field, value)) for value in values]
        itself = [self._term("path", but)]
        return [every([Query.boolean_query(one, least)], itself) for least in range(len(one), 0, -1)]

    def title_words(self, title: str) -> list[Query]:
        """Give a query for each of the longest words of a title, in any of their forms."""
        longest = sorted(dict.fromkeys(words(title)), key=lambda word: (-len(word), word))[:_LONGEST_WORDS]
        return [either([self._term("title_stems", stem) for stem in stems(word)]) for word in longest]

    def most(self, queries: Sequence[Query]) -> list[Query]:
        """Give the rungs of what matches all of some queries, all but one, and so on, down to half of them."""
        one = [(Occur.Should, query) for query in queries]
        return [Query.boolean_query(one, least) for least in range(len(one), len(one) // 2, -1)]

    def filters(self, chosen: Iterable[tuple[str, str]]) -> list[Query]:
        """Give the queries for chosen facet values; a value that nothing bears finds nothing."""
        return [self._years(value) if name == "year" else self._term(name, value) for name, value in chosen]

    def query(self, asked: Tree) -> Query:
        """Give the query for a tree; raises QueryError for masks that open too many ways."""
        match asked:
            case Words():
                return self._words(asked)
            case Called():
                return self._called(asked)
            case Value():
                return self._term(asked.field, asked.value)
            case Years():
                return self._between(asked.first, asked.last)
            case Every():
                return every([self.query(part) for part in asked.parts])
            case Either():
                return either([self.query(part) for part in asked.parts])
            case But():
                return every([self.query(asked.wanted)], [self.query(asked.refused)])
            case Everything():
                return Query.all_query()

    def _words(self, asked: Words) -> Query:
        areas = (asked.area,) if asked.area else RUNGS[-1][0]
        if any(mask in word for word in asked.words for mask in "*?"):
            found = [self._regex(area, _pattern(" ".join(asked.words))) for area in areas]
        else:
            found = [self._match(Term(asked.words), areas, True, not asked.area)]
        if not asked.area:  # identifiers are found as a whole only
            found.append(self._term("whole", " ".join(asked.words)))
        return either(found)

    def _called(self, asked: Called) -> Query:
        """Find whole names; `whole` holds those of all kinds, so that the others have to be told apart."""
        name = " ".join(asked.words)
        if asked.area in ("title", "people"):
            field, known = ("by_title", name[:LONGEST]) if asked.area == "title" else ("name", name)
            return self._regex(field, f"{_pattern(known)}{'( .*)?' if asked.begins else ''}{SEPARATOR}.*")
        about = self._adjacent("subjects", asked.words)
        if asked.area == "subjects":
            return every([self._term("whole", name), about])
        return every([self._term("whole", name)], [about, self._called(Called(asked.words, "title"))])

    def _closest(self, free: Sequence[Term]) -> Query:
        """What is called exactly so, or has all the words next to each other in its title."""
        sequence = [word for term in free for word in term.words]
        names = dict.fromkeys((" ".join(sequence), "".join(sequence)))
        found = [self._term("whole", name) for name in names]
        if len(sequence) > 1 and not any(term.prefix for term in free):
            found.append(self._sequence("title", sequence))
        return either(found)

    def _bound(self, term: Term) -> Query:
        if term.field == "year":
            return self._years(term.raw)
        if term.field == "source":
            return self._term("source", term.raw)
        stemmed = term.field in ("title", "subjects")
        return self._match(term, (term.field,), stemmed, False)

    def _anywhere(self, term: Term) -> Query:
        return self._bound(term) if term.field else self._match(term, RUNGS[-1][0], False, False)

    def _match(self, term: Term, areas: Sequence[str], stemmed: bool, compounds: bool) -> Query:
        """Find a term in some areas: a word by itself, its stem or as part of a compound; a phrase as it stands."""
        if len(term.words) > 1:
            phrases = [self._sequence(area, term.words) for area in areas if area != "text"]
            if "text" in areas:  # it holds stems, each text's in its own language
                phrases += [self._sequence("text", [stem(word) for word in term.words]) for stem in (german, english)]
            return either(phrases)
        word = term.words[0]
        if term.prefix:
            return either([Query.regex_query(self._schema, area, f"{re.escape(word)}.*") for area in areas])
        found = [self._term(area, word) for area in areas if area != "text"]
        for stem in stems(word):
            if stemmed:
                found += [self._term(f"{area}_stems", stem) for area in areas if area in STEMMED]
            if "text" in areas:
                found.append(self._term("text", stem))
            if compounds:
                found.append(self._term("parts", stem))
        return either(found)

    def _adjacent(self, area: str, sequence: Sequence[str]) -> Query:
        return self._sequence(area, sequence) if len(sequence) > 1 else self._term(area, sequence[0])

    def _regex(self, field: str, pattern: str) -> Query:
        try:
            return Query.regex_query(self._schema, field, pattern)
        except ValueError as error:
            raise QueryError("a word has too many masks, or a name is too long; ask for less at once") from error

    def _sequence(self, area: str, sequence: Sequence[str]) -> Query:
        return Query.phrase_query(self._schema, area, list(sequence))

    def _term(self, field: str, value: str) -> Query:
        return Query.term_query(self._schema, field, value, "basic")

    def _years(self, text: str) -> Query:
        found = _YEARS.fullmatch(text.strip())
        if not found or not (found[1] or found[3]):
            return Query.empty_query()
        first = int(found[1] or 0)
        last = int(found[3]) if found[3] else 9999 if found[2] else first
        return self._between(first, last)

    def _between(self, first: int, last: int) -> Query:
        first = max(first, 1)
        if last < first:
            return Query.empty_query()
        return Query.range_query(self._schema, "year", FieldType.Unsigned, first, last)


def _pattern(masked: str) -> str:
    """Write folded words with masks as a regular expression."""
    return re.escape(masked).replace(r"\ ", " ").replace(r"\*", "[^ ]*").replace(r"\?", "[^ ]")


def every(wanted: Sequence[Query], refused: Sequence[Query] = ()) -> Query:
    """Find what matches all of some queries and none of others."""
    clauses = [(Occur.Must, query) for query in wanted] + [(Occur.MustNot, query) for query in refused]
    return clauses[0][1] if len(clauses) == 1 else Query.boolean_query(clauses)


def either(queries: Sequence[Query]) -> Query:
    """Find what matches any of some queries."""
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, query) for query in queries])


FILTERS = (*FACETS, "borne", "year")
"""What a search may be narrowed by."""
