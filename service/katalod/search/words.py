"""How text becomes what is searched: folded words, their stems in two languages, the parts of compounds.

Indexing and asking go through the same functions, so that what folds alike is found alike. All of them are
functions of the text alone.
"""

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

_MARKS = re.compile(r"[\u0300-\u036f]")
_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "oe", "ł": "l", "đ": "d", "ð": "d", "ı": "i"})
# "ue" after a, e or q is no umlaut: Bauer, neue, Quelle.
_TRANSCRIBED = re.compile(r"ue(?<![aeq]ue)")  # the look behind comes last: so only places with "ue" are looked at
_WORD = re.compile(r"[^\W_]{1,60}")  # what is longer is no word

SHORTEST_COMPOUND, _SHORTEST_PART = 8, 4
_LONGEST_COMPOUND = 40
_JOINTS = ("", "s", "es", "n", "en", "er", "e")  # what German puts between two parts


def fold(text: str) -> str:
    """Give what all spellings of a text have in common: Müller, Mueller and MULLER are one."""
    folded = text.casefold()
    if not folded.isascii():
        folded = _MARKS.sub("", unicodedata.normalize("NFKD", folded).casefold().translate(_LETTERS))
    return _TRANSCRIBED.sub("u", folded.replace("ae", "a").replace("oe", "o"))


def words(text: str) -> list[str]:
    """Split a text into folded words."""
    return _WORD.findall(fold(text))


@lru_cache(1 << 16)
def phrase(label: str) -> str:
    """Give the folded words of a label, which many works may bear, as one text."""
    return " ".join(words(label))


@lru_cache(1 << 18)
def stems(word: str) -> tuple[str, ...]:
    """Give the German and the English stem of a folded word."""
    return tuple(dict.fromkeys((german(word), english(word))))


@lru_cache(1 << 18)
def german(word: str) -> str:
    """Give the German stem of a folded word."""
    return (_analyzers()[0].analyze(word) or [word])[0] if word.isalpha() else word


@lru_cache(1 << 18)
def english(word: str) -> str:
    """Give the English stem of a folded word."""
    return (_analyzers()[1].analyze(word) or [word])[0] if word.isalpha() else word


@lru_cache(1 << 18)
def part_stems(word: str) -> tuple[str, ...]:
    """Give the stems of the parts of a compound."""
    return tuple(dict.fromkeys(stem for part in parts(word) for stem in stems(part)))


@lru_cache(1 << 18)
def parts(word: str) -> tuple[str, ...]:
    """Give the words that a German compound is made of; none for a word that is no compound of known parts."""
    if not word.isalpha() or not SHORTEST_COMPOUND <= len(word) <= _LONGEST_COMPOUND:
        return ()
    return tuple(sorted(_split(word, 3)))


def _split(word: str, most: int) -> set[str]:
    """Collect the parts of all ways to read a word as a compound of at most so many parts."""
    heads, tails = _known_parts()
    found: set[str] = set()
    for end in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        head = word[:end]
        if head not in heads:
            continue
        for joint in _JOINTS:
            rest = word[end + len(joint) :]
            if len(rest) < _SHORTEST_PART or not word.startswith(joint, end):
                continue
            if rest in heads or stems(rest)[0] in tails:
                found |= {heads.get(head, head), rest}
            elif most > 2 and (more := _split(rest, most - 1)):
                found |= {heads.get(head, head), *more}
    return found


@cache
def _known_parts() -> tuple[dict[str, str], frozenset[str]]:
    """Read the shipped parts: heads as they stand in compounds, with the word; and the stems of all."""
    known = Path(__file__).with_name("parts.txt").read_text("utf-8").split()
    heads = {word[:-1]: word for word in known if word.endswith("e") and len(word) > _SHORTEST_PART}  # Schul-, Schule
    return heads | {word: word for word in known}, frozenset(stems(word)[0] for word in known)


@cache
def _analyzers() -> tuple[TextAnalyzer, ...]:
    return tuple(
        TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.stemmer(language)).build()
        for language in ("german", "english")
    )
