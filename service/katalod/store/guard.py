"""Refuses what no engine should be given: too long, too deep, too many parts, an update, a foreign SERVICE.

Measured on Oxigraph 0.5.13: its stack holds 800 nested calls of STR, 1,600 BINDs in a row and 400 patterns
to plan in 1.5 s; the limits here lie well below. Rows of VALUES, the items of IN and the arguments of a
function do it no harm in tens of thousands, and are not counted.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from katalod.errors import QueryError
from katalod.store.answers import TooLarge
from katalod.store.tokens import Token, place, tokens

LONGEST = 1 << 20  # bytes
MOST_PARTS = 400
LONGEST_NAME = 1000

FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
_UPDATES = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"})
_TERMS = frozenset({"iri", "variable", "text", "name", "number"})
_SERVICE = re.compile("service(silent)?")
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_MOMENT = re.compile("rand|now|uuid|service", re.I)
"""What gives another answer each time, or that of somebody else; found in more words than it need be."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the guard saw of a query."""

    form: str  # "" where it has none
    dataset: bool = False  # it names its dataset (FROM)
    services: tuple[str, ...] = ()  # whom it calls, all listed by the operator
    lasting: bool = True  # the same release always gives the same answer
    digest: str = ""  # of the query, in which space and comments between tokens count as one space


def check(query: str, services: Sequence[str] = ()) -> Reading:
    """Read a query as far as it takes to know that it may be asked.

    Raises QueryError, or TooLarge, and says where and why. Whether the query is well-formed is the engine's
    to say.
    """
    if len(query.encode("utf-8", "surrogatepass")) > LONGEST:
        raise TooLarge(f"the query is longer than {LONGEST:,} bytes; this endpoint takes no more")
    if "\0" in query:
        raise QueryError(f"{place(query, query.index(chr(0)))}: a query cannot hold the character NUL")
    found = list(_counted(query))
    words = [token for token in found if token.kind == "word" and not token.depth]
    form = _form(query, words)
    called = _check_services(query, found, services)
    escaped = "\\u" in query or "\\U" in query
    if escaped:
        _check_decoded(query, services)
    return Reading(
        form,
        dataset=bool(form) and any(word.text.upper() == "FROM" for word in words),
        services=called,
        lasting=not escaped and not any(_MOMENT.search(one.text) for one in found if one.kind in ("word", "name")),
        digest=_digest(found),
    )


def _form(query: str, words: Sequence[Token]) -> str:
    """Find the first keyword after the prologue; refuse an update by it."""
    for token in words:
        word = token.text.upper()
        if word in FORMS:
            return word
        if word in _UPDATES:
            raise QueryError(
                f"{place(query, token.start)}: {word} is an update; this endpoint only reads, and takes no updates"
            )
    return ""


def _digest(found: Sequence[Token]) -> str:
    parts, end = [], 0
    for token in found:
        parts.append(token.text if token.start == end else f" {token.text}")
        end = token.start + len(token.text)
    return hashlib.sha256("".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _counted(query: str) -> Iterator[Token]:
    """Give the tokens, as long as there are not too many of those that make the engine's plan grow."""
    parts = 0
    before: Token | None = None
    declares = False
    for token in tokens(query):
        yield token
        if token.kind in ("word", "name") and len(token.text) > LONGEST_NAME:
            raise QueryError(f"{place(query, token.start)}: no name may be longer than {LONGEST_NAME} characters")
        if token.data:
            continue
        if token.kind == "word":
            parts += token.enclosing == "{"
            declares = token.text.upper() in ("PREFIX", "BASE", "FROM", "NAMED")
        elif token.kind == "mark":
            parts += token.text not in (")", "]", "}") and not (token.text == "," and token.enclosing == "(")
        elif before is not None and before.kind in _TERMS and token.kind in _TERMS and token.enclosing in ("", "("):
            parts += not declares  # items of a list, conditions of ORDER BY
        before = token
        if parts > MOST_PARTS:
            raise QueryError(
                f"{place(query, token.start)}: the query has more than {MOST_PARTS} operators and patterns;"
                " put data into VALUES, or ask in several queries"
            )


def _check_services(query: str, found: Sequence[Token], services: Sequence[str]) -> tuple[str, ...]:
    """Give whom the query calls; refuse what the operator has not listed."""
    called = []
    for token, target in _calls(found):
        called.append(target.removeprefix("<").removesuffix(">"))
        if called[-1] not in services or not target.startswith("<"):
            raise QueryError(
                f"{place(query, token.start)}: SERVICE {target[:200]} is refused; this endpoint calls only the"
                " services that its operator has listed, by their full IRI"
            )
    return tuple(called)


def _check_decoded(query: str, services: Sequence[str]) -> None:
    """Judge the query as an engine sees it that decodes code-point escapes first (SPARQL 1.1, 19.2)."""
    decoded = _ESCAPE.sub(_character, query)
    try:
        found = list(tokens(decoded))
    except QueryError:
        return  # such an engine cannot read it; ours decodes inside strings and IRIs only
    _check_services(decoded, found, services)


def _character(escape: re.Match[str]) -> str:
    code = int(escape[1] or escape[2], 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else escape[0]


def _calls(found: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    """Find the calls of SERVICE, with what they call: the keyword, a target, and a brace.

    The engine needs no space around a keyword (`SERVICEx:y{`, `trueSERVICE<…>{`), so the word counts in the
    middle of a token as well.
    """
    for number, token in enumerate(found):
        for rest in _rests(token, found[number - 1] if number else None):
            if (target := _target(found, number, rest)) is not None:
                yield token, target


def _rests(token: Token, before: Token | None) -> Iterator[str]:
    """Give what follows each `service` that could be a keyword within a token."""
    if token.kind not in ("word", "name") or "service" not in (text := token.text.casefold()):
        return
    prefix = text.find(":") if token.kind == "name" else len(text)
    names_graph = before is not None and before.text.upper() in ("GRAPH", "FROM", "NAMED", "DESCRIBE")
    for found in _SERVICE.finditer(text):
        # A local name is read as a whole, but some engines end it at a full stop.
        if found.start() < prefix or text[found.start() - 1] == ".":
            rest = text[found.end() :]
            if not (names_graph and rest.startswith(":") and not found.start()):
                yield rest


def _target(found: Sequence[Token], number: int, rest: str) -> str | None:
    """Read the target of a call and the brace behind it; None where it is no call."""
    token = found[number]
    following = number + 1
    text = rest
    if not rest:
        if following < len(found) and found[following].text.casefold() == "silent":
            following += 1
        if following >= len(found):
            return None
        token = found[following]
        if token.kind not in ("iri", "variable", "name", "word"):
            return None
        text = token.text
        following += 1
    while following < len(found) and found[following].start == token.start + len(token.text):
        if found[following].text == "{":
            return text
        token = found[following]
        text += token.text
        following += 1
    return text if following < len(found) and found[following].text == "{" else None
