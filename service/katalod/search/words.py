"""How text becomes what is searched: folded words, their stems in two languages, the parts of compounds.

Indexing and asking go through the same functions, so that what folds alike is found alike. All of them are
functions of the text alone.
"""

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

_MARKS = re.compile(r"[\u0300-\u036f]")
_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "oe", "ł": "l", "đ": "d", "ð": "d", "ı": "i"})
# "ue" after a, e or q is no umlaut: Bauer, neue, Quelle.
_TRANSCRIBED = re.compile(r"ue(?<![aeq]ue)")  # the look behind comes last: so only places with "ue" are looked at
_WORD = re.compile(r"[^\W_]{1,60}")  # what is longer is no word

_SHORTEST_COMPOUND, _SHORTEST_PART = 8, 4
_LONGEST_COMPOUND = 40
_REMEMBERED, _LONGEST_REMEMBERED = 1 << 18, 200  # words and labels, some 100 MB; characters of one
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


@lru_cache(1 << 14)
def stems(word: str) -> tuple[str, ...]:
    """Give the German and the English stem of a folded word."""
    return tuple(dict.fromkeys((german(word), english(word))))


def german(word: str) -> str:
    """Give the German stem of a folded word."""
    return (_analyzers()[0].analyze(word) or [word])[0] if word.isalpha() else word


def english(word: str) -> str:
    """Give the English stem of a folded word."""
    return (_analyzers()[1].analyze(word) or [word])[0] if word.isalpha() else word


class Forms(NamedTuple):
    """A word as it is written, or a label, as it is indexed: each form is a text of words with a space between them."""

    folded: str
    german: str  # stems, in their places
    english: str
    stems: str  # in both languages
    parts: str  # stems of the parts of compounds


def cut(text: str) -> list[str]:
    """Cut a text into pieces, roughly words, from which the same words come as from the whole: for `memory`."""
    text = text.casefold()
    for mark in ",.()":
        text = text.replace(mark, " ")
    return text.split()


class Memory(dict[str, Forms]):
    """The forms of what was met before: a text is little else. As large as its bounds, whatever comes."""

    def __missing__(self, written: str) -> Forms:
        """Find the forms of what is new."""
        found = _forms(written)
        if len(written) <= _LONGEST_REMEMBERED:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[written] = found
        return found


@cache
def memory() -> Memory:
    """Give what this process remembers."""
    return Memory()


def _forms(written: str) -> Forms:
    found = [_known(word) for word in words(written)]
    if len(found) == 1:
        return found[0]
    return Forms(*(" ".join([forms[n] for forms in found if forms[n]]) for n in range(5)))


@lru_cache(1 << 16)
def _known(word: str) -> Forms:
    in_german, in_english = german(word), english(word)
    both = in_german if in_german == in_english else f"{in_german} {in_english}"
    split = dict.fromkeys([stem for part in parts(word) for stem in stems(part)])
    return Forms(word, in_german, in_english, both, " ".join(split))


def parts(word: str) -> tuple[str, ...]:
    """Give the words that a German compound is made of; none for a word that is no compound of known parts."""
    if not word.isalpha() or not _SHORTEST_COMPOUND <= len(word) <= _LONGEST_COMPOUND:
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
            if rest in heads or german(rest) in tails:
                found |= {heads.get(head, head), rest}
            elif most > 2 and (more := _split(rest, most - 1)):
                found |= {heads.get(head, head), *more}
    return found


@cache
def _known_parts() -> tuple[dict[str, str], frozenset[str]]:
    """Read the shipped parts: heads as they stand in compounds, with the word; and the stems of all."""
    known = Path(__file__).with_name("parts.txt").read_text("utf-8").split()
    heads = {word[:-1]: word for word in known if word.endswith("e") and len(word) > _SHORTEST_PART}  # Schul-, Schule
    return heads | {word: word for word in known}, frozenset(map(german, known))


@cache
def _analyzers() -> tuple[TextAnalyzer, ...]:
    return tuple(
        TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.stemmer(language)).build()
        for language in ("german", "english")
    )
