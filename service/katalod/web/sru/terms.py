"""The term of a CQL clause: what of it are letters, what masks and anchors (CQL 1.2, context set cql 1.2: masked)."""

from dataclasses import dataclass

from katalod.search.tree import masked
from katalod.web.sru.diagnostics import Diagnostic

MASKS = "*?"
LEAST = 2  # letters before the first mask of a word: a shorter beginning would open half of the index
LONGEST = 300  # characters of a term
_ESCAPABLE = '*?^"\\'


@dataclass(frozen=True, slots=True)
class Term:
    """A term that was read."""

    text: str  # as it is meant, without backslashes and anchors; masks are as good as letters
    words: tuple[str, ...]  # folded, with their masks
    begins: bool = False  # anchored to the beginning of the field
    ends: bool = False  # to its end

    @property
    def masks(self) -> int:
        """How many masks it has."""
        return sum(word.count(mask) for word in self.words for mask in MASKS)


def read(written: str, unmasked: bool = False) -> Term:
    """Read a term; raises Diagnostic for what stands wrong in it, and where no word is in it."""
    if len(written) > LONGEST:
        raise Diagnostic(23, str(LONGEST), f"a term has {len(written)} characters; {LONGEST} are read at most")
    letters = _letters(written, unmasked)
    begins = bool(letters) and letters[0] == ("^", True)
    ends = len(letters) > 1 and letters[-1] == ("^", True)
    inner = letters[begins : len(letters) - ends]
    if ("^", True) in inner:
        place = inner.index(("^", True)) + begins
        raise Diagnostic(32, str(place), "an anchor stands at the beginning or the end of a term")
    text = "".join(letter for letter, _ in inner)
    words = masked("".join(" " if letter in MASKS and not special else letter for letter, special in inner))
    if not words:
        raise Diagnostic(27, "", f"there is no word in {written[:100]!r}; cql.allRecords = 1 is all")
    for word in words:
        if any(mask in word[:LEAST] for mask in MASKS):
            raise Diagnostic(29, str(LEAST), f"a word with masks begins with {LEAST} letters at least, unlike {word}")
    return Term(text, words, begins, ends)


def _letters(written: str, unmasked: bool) -> list[tuple[str, bool]]:
    """Give the letters of a term, each with whether it is a mask or an anchor."""
    found: list[tuple[str, bool]] = []
    rest = iter(written)
    for letter in rest:
        if letter == "\\":
            escaped = next(rest, "")
            if escaped not in tuple(_ESCAPABLE):
                raise Diagnostic(26, escaped, f"a backslash stands before one of {' '.join(_ESCAPABLE)}")
            found.append((escaped, False))
        else:
            found.append((letter, letter in "*?^" and not unmasked))
    return found
