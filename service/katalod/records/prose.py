"""The rest of a record run together: abstracts, title, type and keywords, told apart by their borders."""

import re
import tomllib
from collections.abc import Collection, Iterator
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from katalod.assets import asset

# A sentence's end with no space before the next capital: there one value ends and the next begins.
_JOINT = re.compile(
    r"(?:(?<=[a-zäöüß]{3})|(?<=\d{4})|(?<=\d{3}s)|(?<=[A-Z]{3})|(?<=[.?!–-])|(?<=[)%“”\"»«’]))[.!?…][“”\"»«’)]?(?=[„“\"»«(]?[A-ZÄÖÜ][\w\s.-])"
)
_SMALL = "a-z\u00df-\u00f6\u00f8-\u00ff\u0101-\u017f"
# A capital inside a word, after small letters, a digit or a bracket; or the last one of several.
_BORDER = re.compile(
    rf"(?<=\w[{_SMALL})\]])(?=[„A-ZÄÖÜ])|(?<=\d)(?=[„A-ZÄÖÜ][a-zäöü])|(?<=[“”\"»]--)(?=[A-ZÄÖÜ])|(?<=[A-Z]{{2}})(?=[A-ZÄÖÜ][a-zäöü]{{2}})"
)
_LONG_TITLE = 120  # characters: a longer one is searched for an abstract that has no full stop
_SHORT = 100  # characters of a piece that is not an abstract of its own
# A text that goes beyond these is no record, but is made to waste time.
_LONGEST_TAIL = 5000
_LONGEST_WORD = 200
_MOST = 50  # values, or capitals inside words
_WINDOW = 150  # characters: a sentence or two, by which the language on each side is told
_LEAST = 60  # characters from which a language is believed


class Prose(NamedTuple):
    """What the running text holds, in its order."""

    abstracts: tuple[tuple[str, str | None], ...]  # with their languages
    title: str
    language: str | None  # of the title
    type: str
    keywords: tuple[tuple[str, bool], ...]  # and whether anything but the capital letters speaks for the cut


def parted(text: str, words: Collection[str]) -> Prose:
    """Tell abstracts, title, type and keywords apart; what cannot be told is the title."""
    running, kind, tail = _at_type(text)
    pieces = _pieces(running)
    title = pieces.pop() if pieces else ""
    if len(title) > _LONG_TITLE:
        abstract, title = _without_joint(title)
        pieces += [abstract] if abstract else []
    if not kind:
        title, tail = _at_first_border(title)
    abstracts = tuple(_by_language(pieces))
    known = " ".join([title, *(abstract for abstract, _ in abstracts)]).casefold()
    keywords = tuple((word, word in words or word.casefold() in known) for word in _keywords(tail, words))
    languages = sorted({"de", "en"} | {language for _, language in abstracts if language})
    return Prose(abstracts, title, language_of(title, languages) if title else None, kind, keywords)


def _at_type(text: str) -> tuple[str, str, str]:
    """Cut at the first string of a type that is stuck to what stands before it, and followed by keywords only."""
    for match in _types().finditer(text, max(0, len(text) - _LONGEST_TAIL)):
        tail = text[match.end() :]
        if not re.search(r"[a-zäöüß]{3}[.!?](\s|[A-ZÄÖÜ])", tail):
            return text[: match.start()], match[0], tail
    return text, "", ""


@cache
def _types() -> re.Pattern[str]:
    table = tomllib.loads(asset("ontology/types.toml").read_text("utf-8"))
    strings = {string for row in table["type"] for string in row["strings"]}
    shapes = [
        re.sub(r"(\\ )*/(\\ )*", r"\\s*/\\s*", re.escape(string)).replace("\\ ", r"\s+")
        for string in sorted(strings, key=lambda string: (-len(string), string))
        if re.search("[A-Z:]", string)
    ]
    return re.compile(rf"(?:(?<=\S)|\A)(?:{'|'.join(shapes)})(?=[A-ZÄÖÜ\d]|[a-z][A-Z]|\Z)")


def _pieces(text: str) -> list[str]:
    ends = [match.end() for match in _JOINT.finditer(text)]
    if len(ends) > _MOST:
        ends = ends[-1:]
    parts = [text[start:end].strip() for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]
    return [part for part in parts if part]


def _without_joint(text: str) -> tuple[str, str]:
    """Cut an abstract without a full stop from the title: at the last capital inside a word."""
    borders = [match.start() for match in _BORDER.finditer(text, _LEAST) if len(text) - match.start() >= 5]
    return (text[: borders[-1]], text[borders[-1] :]) if borders else ("", text)


def _at_first_border(title: str) -> tuple[str, str]:
    """Without a type, keywords begin at the first capital inside the last word of the title."""
    last = re.search(r"\S+$", title)
    border = last and len(last[0]) <= _LONGEST_TAIL and _BORDER.search(title, last.start())
    return (title[: border.start()], title[border.start() :]) if border else (title, "")


def _by_language(pieces: list[str]) -> Iterator[tuple[str, str | None]]:
    """Give the abstracts: each piece is one, but for short ones, which go with what stands before them.

    Where texts stick together, two values meet twice as often as a space is missing (3,902 real abstracts).
    """
    parts: list[str] = []
    for part in (part for piece in pieces for part in _at_change(piece)):
        if parts and min(len(part), len(parts[-1])) < _SHORT:
            parts[-1] += f" {part}"
        else:
            parts.append(part)
    for part in parts:
        yield part, language_of(part) if len(part) >= _LEAST else None


def _at_change(piece: str) -> list[str]:
    """Cut a piece where what stands before a capital inside a word is in another language than what follows."""
    for border in islice(_BORDER.finditer(piece), _MOST):
        before, after = piece[: border.start()], piece[border.start() :]
        if min(len(before), len(after)) >= _LEAST:
            languages = {language_of(before[-_WINDOW:]), language_of(after[:_WINDOW])}
            if len(languages) == 2 and None not in languages:
                return [before, after]
    return [piece]


def _keywords(text: str, words: Collection[str]) -> Iterator[str]:
    """Cut at capitals inside words; a heading that has some itself stays whole, two that stick are parted."""
    parts = [part.strip(" ;,|") for part in _BORDER.split(text)]
    start = 0
    while start < len(parts):
        for end in range(min(start + 4, len(parts)), start, -1):
            whole = "".join(parts[start:end])
            if end == start + 1 or whole in words:
                yield from (word for word in _two(whole, words) if word)
                start = end
                break


def _two(word: str, words: Collection[str]) -> tuple[str, ...]:
    """Part `EUMigration`, which has no small letter at its border, where both parts are headings."""
    if word in words or not words or len(word) > _LONGEST_WORD:
        return (word,)
    for place in range(2, len(word) - 1):
        if word[:place] in words and word[place:] in words:
            return word[:place], word[place:]
    return (word,)


def language_of(text: str, among: Collection[str] = ()) -> str | None:
    """Give the language of a text where it can be told with confidence."""
    ranking = _model().rank(text)
    known = [(language, sure) for language, sure in ranking if not among or language in among]
    total = sum(sure for _, sure in known)
    language, sure = known[0]
    return str(language) if total and sure / total >= 0.9 else None


@cache
def _model() -> Any:
    # 0.8 s to load, and needed for running text only: imported and read when it is first asked.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages(["de", "en", "fr", "es", "it", "nl", "pl", "pt", "cs", "da", "sv"])
    return model
