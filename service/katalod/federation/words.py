"""What was typed, as it can be said to any catalogue: words and phrases, none of our own fields and signs."""

import re

from katalod.search.asking import read

MOST = 12
_OURS = ("year", "kinds", "source")  # fields whose values only our index knows
_SIGNS = re.compile(r"""["\\*?^<>{}\x00-\x1f\x7f-\x9f\ud800-\udfff]+""")
_ENDS = re.compile(r"^\W+|\W+$")


def words(text: str) -> tuple[str, ...]:
    """Give the words and phrases of a search, as they were typed; a star ends one that is the beginning of a word.

    Left out is what is excluded, and what only our own index knows. No word holds a quotation mark, a
    backslash, a bracket `<>{}`, a mask or a control character.
    """
    found = []
    for term in read(text):
        plain = _ENDS.sub("", " ".join(_SIGNS.sub(" ", term.raw).split()))
        if plain and not term.negative and term.field not in _OURS:
            found.append(plain + "*" * term.prefix)
    return tuple(dict.fromkeys(found))[:MOST]
