"""CQL, the Contextual Query Language (OASIS searchRetrieve 1.0, part 5; as SRU 1.1 and 1.2 use it), read into a tree.

Nothing here knows an index: names stay as written, with the context set that a prefix assignment of the query gives
them. Every fault is one of the numbered diagnostics of SRU (info:srw/diagnostic/1).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from katalod.errors import QueryError

LONGEST = 4000  # characters of a query
DEEPEST = 40  # brackets in each other
MOST = 60  # booleans in a query

_COMPARISONS = ("==", "<>", "<=", ">=", "=", "<", ">")
_BOOLEANS = ("and", "or", "not", "prox")
_TOKEN = re.compile(
    r"""\s+|(?P<sign>==|<>|<=|>=|[=<>()/])|"(?P<quoted>(?:[^"\\]|\\.)*)(?P<end>"?)|(?P<plain>[^\s()=<>"/]+)""",
    re.DOTALL,
)


class CqlError(QueryError):
    """A query cannot be read: the number of a diagnostic, and its details in the form that it asks for."""

    def __init__(self, number: int, details: str, message: str) -> None:
        """Take the number of info:srw/diagnostic/1."""
        super().__init__(message)
        self.number = number
        self.details = details


@dataclass(frozen=True, slots=True)
class Name:
    """The name of an index, a relation or a modifier; case does not matter, so it is in lower case."""

    local: str
    prefix: str = ""
    uri: str = ""  # the context set that the query itself gives the prefix

    def __str__(self) -> str:
        """Write it as a query does."""
        return f"{self.prefix}.{self.local}" if self.prefix else self.local


@dataclass(frozen=True, slots=True)
class Modifier:
    """What is said of a relation, a boolean or a sort key behind a slash."""

    name: Name
    comparison: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Relation:
    """How an index has to do with a term."""

    name: Name
    modifiers: tuple[Modifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that is asked for; without an index and a relation, both are the server's choice."""

    term: str  # with its backslashes, which tell a letter from a mask
    index: Name | None = None
    relation: Relation | None = None


@dataclass(frozen=True, slots=True)
class Boolean:
    """Two things that are asked for together."""

    operator: str  # and, or, not, prox
    left: "Tree"
    right: "Tree"
    modifiers: tuple[Modifier, ...] = ()


Tree = Clause | Boolean


@dataclass(frozen=True, slots=True)
class SortKey:
    """An index to sort by."""

    index: Name
    modifiers: tuple[Modifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query: what is asked for, and the order in which it is wanted."""

    tree: Tree
    sort: tuple[SortKey, ...] = ()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # sign, quoted, plain; "" for the end
    text: str
    place: int  # in characters, from 0

    @property
    def word(self) -> str:
        """The reserved word that it may be."""
        return self.text.casefold() if self.kind == "plain" else ""


Prefixes = Mapping[str, str]


def read(text: str) -> Query:
    """Read a query; raises CqlError."""
    if len(text) > LONGEST:
        raise CqlError(12, str(LONGEST), f"the query has {len(text)} characters; {LONGEST} are read at most")
    return _Reader(text).query()


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None or (found["quoted"] is not None and not found["end"]):
            raise CqlError(14, str(place), f"the quote at character {place} is not closed")
        if found.lastgroup:
            kind = "quoted" if found["quoted"] is not None else found.lastgroup
            yield _Token(kind, found[kind], place)
        place = found.end()
    yield _Token("", "", place)


class _Reader:
    """Reads by recursive descent: a bracket is the only thing that goes deeper."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0
        self._booleans = 0

    def query(self) -> Query:
        """Read everything up to the end."""
        tree, prefixes = self._scoped({})
        keys: list[SortKey] = []
        if self._now.word == "sortby":
            self._next()
            while self._now.kind in ("plain", "quoted"):
                keys.append(SortKey(self._name(prefixes), self._modifiers(prefixes)))
            if not keys:
                self._expected("an index to sort by")
        if self._now.text == ")" and self._now.kind == "sign":
            raise CqlError(13, str(self._now.place), f"nothing opens the bracket at character {self._now.place}")
        if self._now.kind:
            self._expected("and, or, not, or the end; a term of several words stands in quotes")
        return Query(tree, tuple(keys))

    @property
    def _now(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._now
        self._at += bool(token.kind)
        return token

    def _sign(self, *texts: str) -> bool:
        return self._now.kind == "sign" and self._now.text in texts

    def _expected(self, what: str) -> NoReturn:
        token = self._now
        there = f"{token.text[:40]!r} stands there" if token.kind else "the query ends there"
        raise CqlError(10, str(token.place), f"at character {token.place} {there}; expected is {what}")

    def _scoped(self, prefixes: Prefixes) -> tuple[Tree, Prefixes]:
        """Read prefix assignments, and what they hold for: clauses, tied by booleans from left to right."""
        while self._sign(">"):
            self._next()
            name = self._word("a prefix or the URI of a context set").text
            if self._sign("="):
                self._next()
                prefixes = {**prefixes, name.casefold(): self._word("the URI of a context set").text}
            else:
                prefixes = {**prefixes, "": name}
        tree = self._clause(prefixes)
        while self._now.word in _BOOLEANS:
            self._booleans += 1
            if self._booleans > MOST:
                raise CqlError(38, str(MOST), f"the query has more than {MOST} booleans")
            operator = self._next().word
            modifiers = self._modifiers(prefixes)
            tree = Boolean(operator, tree, self._clause(prefixes), modifiers)
        return tree, prefixes

    def _clause(self, prefixes: Prefixes) -> Tree:
        if self._sign("("):
            return self._bracket(prefixes)
        if self._now.word in (*_BOOLEANS, "sortby"):
            self._expected("a term or an index; a reserved word stands in quotes")
        first = self._word("a term, an index or a bracket")
        if self._sign(*_COMPARISONS):
            relation = Name(self._next().text)
        elif self._now.kind in ("plain", "quoted") and self._now.word not in (*_BOOLEANS, "sortby"):
            relation = self._name(prefixes)
        else:
            return Clause(first.text)
        related = Relation(relation, self._modifiers(prefixes))
        return Clause(self._word("a term").text, _named(first.text, prefixes), related)

    def _bracket(self, prefixes: Prefixes) -> Tree:
        opened = self._next()
        self._depth += 1
        if self._depth > DEEPEST:
            raise CqlError(13, str(opened.place), f"more than {DEEPEST} brackets stand in each other")
        tree, _ = self._scoped(prefixes)
        if not self._sign(")"):
            if self._now.kind:
                self._expected("and, or, not, or a closing bracket; a term of several words stands in quotes")
            raise CqlError(13, str(opened.place), f"the bracket at character {opened.place} is not closed")
        self._next()
        self._depth -= 1
        return tree

    def _modifiers(self, prefixes: Prefixes) -> tuple[Modifier, ...]:
        found: list[Modifier] = []
        while self._sign("/"):
            self._next()
            name, comparison, value = self._name(prefixes), "", ""
            if self._sign(*_COMPARISONS):
                comparison, value = self._next().text, self._word("the value of a modifier").text
            found.append(Modifier(name, comparison, value))
        return tuple(found)

    def _name(self, prefixes: Prefixes) -> Name:
        return _named(self._word("a name").text, prefixes)

    def _word(self, what: str) -> _Token:
        if self._now.kind not in ("plain", "quoted"):
            self._expected(what)
        return self._next()


def _named(text: str, prefixes: Prefixes) -> Name:
    prefix, dot, local = text.casefold().partition(".")
    if not dot:
        prefix, local = "", prefix
    return Name(local, prefix, prefixes.get(prefix, ""))
