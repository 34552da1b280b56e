"""What a language with booleans asks for, as a tree of values; `asking.Asker.query` makes it a query of the index.

Words are folded, as `masked` gives them; in a word, `*` stands for any letters and `?` for one.
"""

import re
from dataclasses import dataclass

from katalod.search.words import fold

_WORD = re.compile(r"(?:[^\W_]|[*?]){1,60}")


@dataclass(frozen=True, slots=True)
class Words:
    """A word, or several right behind one another, in an area of `entries.AREAS`; anywhere without one.

    A single word is found by its stem too, where the area knows stems; anywhere also in the parts of compounds.
    """

    words: tuple[str, ...]
    area: str = ""


@dataclass(frozen=True, slots=True)
class Called:
    """A whole name: a title, one of the people or of the subjects, an identifier; or how it begins.

    Of titles the first one counts, up to 200 characters; subjects and identifiers are known as a whole only.
    """

    words: tuple[str, ...]
    area: str  # title, people, subjects, identifier
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A value that is taken as it stands: a path, a heading's id, a code of a type or language."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Years:
    """A span of years, both ends included; none where the first is later than the last."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Every:
    """All of some things, of which there is one at least."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Any of some things; nothing where there are none."""

    parts: tuple["Tree", ...] = ()


@dataclass(frozen=True, slots=True)
class But:
    """One thing without another."""

    wanted: "Tree"
    refused: "Tree"


@dataclass(frozen=True, slots=True)
class Everything:
    """All works."""


Tree = Words | Called | Value | Years | Every | Either | But | Everything


def masked(text: str) -> tuple[str, ...]:
    """Split a text into folded words, as those of the index are, that keep their masks."""
    return tuple(_WORD.findall(fold(text)))
