"""Names of persons by their shape: they are never cut, bent or forced onto a subject heading."""

import re

_PARTICLE = r"(?:von|van|vom|zu|zum|zur|de|del|della|der|den|di|da|dos|du|la|le|of|und|ten|af|al-|el-|d['’])"
_GIVEN = r"[^\W\d_a-z][\w'’]*\.?(?:[-‐][^\W\d_a-z][\w'’]*\.?)*"
_YEARS = r"(?:,? ?\(?(?:ca\. ?|um )?[12]?\d{3} ?[-–/] ?(?:[12]?\d{3})?\)?)"
_INVERTED = re.compile(
    rf"(?:{_PARTICLE} ?)*[^\W\d_a-z][\w'’]+(?:[- ](?:{_PARTICLE} )?[^\W\d_a-z][\w'’]+)?,"
    rf" ?{_GIVEN}(?: {_GIVEN}| {_PARTICLE})*{_YEARS}?"
)
_DATED = re.compile(rf"{_GIVEN}(?: {_GIVEN}| {_PARTICLE})+ ?\([12]\d{{3}} ?[-–] ?(?:[12]\d{{3}})?\)")
_WORDS_TOO = """
angel april august bernhard carmen caritas christian dolores erika ernst falk flora frank franz grace heide hero iris
jasmin joy june karl klaus konstantin laurin leo linde lotus mai margarita mark mars martin max melissa mercedes merlin
michel nelke oliver olive othello otto patrick paul peter peter-paul phoenix rose ruth salome stella ursula urban veit
victoria viktoria viola wolf
"""
_GIVEN_NAMES = frozenset(_WORDS_TOO.split())
_ADJECTIVE = re.compile(r"\w+(?:e|er|es|en|em)")


def personal(label: str) -> bool:
    """Whether a label has the shape of a person's name: `Weber, Max`, `Goethe, Johann Wolfgang von`."""
    return ("," in label or "(" in label) and bool(_INVERTED.fullmatch(label) or _DATED.fullmatch(label))


def given_name(label: str) -> bool:
    """Whether a word is a given name that is a heading, too: `Ernst`, `Viola`."""
    return label.casefold() in _GIVEN_NAMES


def turned(label: str) -> str | None:
    """Give an inverted phrase in its natural order: `Integration, soziale` -> `soziale Integration`.

    Only an adjective, or several, can stand behind the comma; what else stands there is another thing.
    """
    noun, comma, rest = label.partition(", ")
    words = rest.split(" ")
    if not comma or not noun or "," in rest or len(words) > 3:
        return None
    return f"{rest} {noun}" if all(_ADJECTIVE.fullmatch(word) for word in words) else None
