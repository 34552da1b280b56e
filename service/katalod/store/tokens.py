"""Cuts a SPARQL query into tokens exactly as the engine reads it, in linear time and without its parser.

The one hard place is `<`: it begins an IRI or compares, and what stands behind it may be a string or a
comment in one reading and part of an IRI in the other. Inside an expression an operand is followed by a
comparison, elsewhere by an IRI; so the reader keeps account of what each bracket holds. Where that cannot be
told for sure the query is refused rather than guessed at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from katalod.errors import QueryError

DEEPEST = 60

_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_VARNAME = _BASE + "_0-9\u00b7\u0300-\u036f\u203f\u2040"
_NAME = _VARNAME + r"\-"
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"

_IRI = r'<[^<>"{}|^`\x00-\x20]*+>'
_TOKEN = re.compile(
    rf"""(?P<space>[ \t\r\n]++|\#[^\r\n]*+)
    |(?P<iri>{_IRI})
    |(?P<variable>[?$][{_BASE}_0-9][{_VARNAME}]*+)
    |(?P<text>"{{3}}(?:[^"\\]|\\.|"(?!""))*+"{{3}}|'{{3}}(?:[^'\\]|\\.|'(?!''))*+'{{3}}
        |"(?:[^"\\\n\r]|\\[^\n\r])*+"|'(?:[^'\\\n\r]|\\[^\n\r])*+')
    |(?P<language>@[A-Za-z]+(?:--?[A-Za-z0-9]+)*+)
    |(?P<name>(?:_|[{_BASE}][{_NAME}]*+)?+:
        (?:(?:[{_BASE}_:0-9]|{_ESCAPED})(?:(?:[{_NAME}.:]|{_ESCAPED})*(?:[{_NAME}:]|{_ESCAPED}))?)?)
    |(?P<number>(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)[eE][+-]?[0-9]++|[0-9]*+\.[0-9]++|[0-9]++)
    |(?P<word>[{_BASE}_][{_VARNAME}]*+)
    |(?P<mark>&&|\|\||\^\^|!=|<=|>=|>>|\\.|.)""",
    re.X | re.S,
)
_COMPARISON = re.compile("<=?")
_CLAUSE = re.compile("SELECT|GROUP|ORDER|HAVING|BY|ASC|DESC|DISTINCT|REDUCED", re.I)
_CONSTRAINT = re.compile("FILTER|HAVING|BY|ASC|DESC", re.I)
_OPERANDS = frozenset({"iri", "variable", "text", "language", "name", "number"})
_PAIRS = {")": "(", "]": "[", "}": "{"}


class Inside(Enum):
    """What a bracket holds, as far as the reading of `<` goes."""

    PATTERN = auto()  # triples, paths, lists and rows of data: an IRI may follow an operand
    EXPRESSION = auto()  # a comparison follows an operand, never an IRI
    UNSURE = auto()


@dataclass(slots=True)
class Bracket:
    """An open bracket; `clause` is set between SELECT or a solution modifier and the next brace."""

    mark: str
    inside: Inside
    clause: bool = False
    data: bool = False


class Token(NamedTuple):
    """A piece of the query: `kind` is a group of the grammar above."""

    kind: str
    text: str
    start: int
    depth: int  # of brackets around it
    enclosing: str  # the innermost of them, "" at the top
    data: bool  # it stands in a block of VALUES


def place(query: str, position: int) -> str:
    """Say where something stands in a query, for people."""
    line = query.count("\n", 0, position) + 1
    column = position - query.rfind("\n", 0, position)
    return f"line {line}, column {column}"


def tokens(query: str) -> Iterator[Token]:
    """Give the tokens of a query in order, without spaces and comments.

    Raises QueryError for a string without end, brackets deeper than DEEPEST, and the rare comparison that
    could as well be read as an IRI.
    """
    open_brackets = [Bracket("", Inside.PATTERN, clause=True)]
    last = [Token("mark", "", 0, 0, "", False)] * 2  # the token before, and the one before that
    position = 0
    while position < len(query):
        found = _TOKEN.match(query, position)
        if found is None:
            raise QueryError(f"{place(query, position)}: this cannot be read")
        kind = found.lastgroup or "mark"
        if kind == "iri" and _compares(query, found[0], position, open_brackets[-1], last[0]):
            found = _COMPARISON.match(query, position) or found
            kind = "mark"
        position = found.end()
        if kind == "space":
            continue
        top = open_brackets[-1]
        token = Token(kind, found[0], found.start(), len(open_brackets) - 1, top.mark, top.data)
        _follow(query, token, open_brackets, last)
        yield token
        last = [token, last[0]]


def _compares(query: str, candidate: str, position: int, around: Bracket, before: Token) -> bool:
    """Whether `<` compares here, although what follows could be an IRI."""
    if around.mark != "(" or around.inside is Inside.PATTERN:
        return False
    word = before.text.casefold() if before.kind == "word" else ""
    operand = _operand(before)
    sure = operand or before.kind == "mark" or word.endswith("distinct")
    if around.inside is Inside.EXPRESSION and sure:
        return operand
    if operand or not sure:
        raise QueryError(
            f"{place(query, position)}: {candidate[:60]} may be an IRI or a comparison; write a space behind <"
            " to compare, or a prefixed name for the IRI"
        )
    return False


def _operand(token: Token) -> bool:
    """Whether an operand of an expression ends with this token."""
    word = token.text.casefold() if token.kind == "word" else ""
    return token.kind in _OPERANDS or token.text in (")", "}") or word.endswith(("true", "false"))


def _follow(query: str, token: Token, brackets: list[Bracket], last: list[Token]) -> None:
    """Keep account of the brackets."""
    top = brackets[-1]
    if token.kind == "word" and _CLAUSE.search(token.text):
        top.clause = True
    if token.kind != "mark":
        return
    if token.text in ("'", '"'):
        raise QueryError(f"{place(query, token.start)}: the string that begins here does not end")
    compares = top.inside is Inside.EXPRESSION and _operand(last[0])
    if token.text == "<" and query.startswith("<", token.start + 1) and not compares:
        raise QueryError(
            f"{place(query, token.start)}: quoted triples are not offered here; write < < to compare with an IRI"
        )
    if token.text in ("(", "[", "{"):
        if len(brackets) > DEEPEST:
            raise QueryError(
                f"{place(query, token.start)}: brackets are nested deeper than {DEEPEST}; this endpoint takes no more"
            )
        brackets.append(_opened(token.text, top, last))
    elif token.text in _PAIRS and top.mark == _PAIRS[token.text]:
        brackets.pop()


def _opened(mark: str, around: Bracket, last: list[Token]) -> Bracket:
    before, earlier = last
    if around.data or _values(last):
        return Bracket(mark, Inside.PATTERN, data=True)
    if mark == "{" and around.mark and not before.text.casefold().endswith("exists"):
        around.clause = False  # the group of a subquery; at the top only solution modifiers can follow
    return Bracket(mark, _inside(around, before, earlier) if mark == "(" else Inside.PATTERN)


def _values(last: list[Token]) -> bool:
    """Whether a bracket opens a row of variables or the block of data of VALUES."""
    before, earlier = last
    after_word = before.kind == "word" and before.text.casefold().endswith("values")
    after_variable = before.kind == "variable" and earlier.kind == "word" and earlier.text.casefold().endswith("values")
    return after_word or after_variable or (before.text == ")" and before.data)


def _inside(around: Bracket, before: Token, earlier: Token) -> Inside:
    """Say what a round bracket holds, by what stands before it."""
    if around.mark == "(":
        return around.inside
    if around.clause:
        return Inside.EXPRESSION
    if before.kind == "word":
        return Inside.PATTERN if before.text == "a" else Inside.EXPRESSION
    if before.kind in ("iri", "name"):
        called = earlier.kind == "word" and _CONSTRAINT.search(earlier.text)
        glued = before.kind == "name" and _CONSTRAINT.search(before.text.partition(":")[0])
        return Inside.EXPRESSION if called else Inside.UNSURE if glued else Inside.PATTERN
    return Inside.PATTERN
