"""How labels are written: what two spellings have in common, and what a qualifier says.

A qualifier keeps homonyms apart. The same heading is written `Bleistift <Motiv>` by the DNB,
`Bleistift (Motiv)` by lobid and `Bleistift Motiv` by the TIB; the last can only be told from two plain
words by asking whether the first part is a heading.
"""

import re
import unicodedata

_SPACE = re.compile(r"\s+")
# Soft hyphens, zero-width characters, and U+0098 and U+009C around words that the DNB does not sort by.
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200d\u2060\ufeff\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_BRACKETS = str.maketrans("<>", "()")
_TRANSCRIBED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d"})
_UNHEARD = str.maketrans(dict.fromkeys(" -‐‑‒–—−_.,;:!?¡¿'’‘‚`´\"“”„‟«»‹›·•/\\|()[]{}…"))
# Between digits a sign keeps numbers apart: "Windows 8.1" is not "Windows 81".
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])[\s.,\-‐‑–/]+(?=[0-9])")
_QUALIFIED = re.compile(r"(?P<base>[^()<>]*[^()<>\s])\s+[(<](?P<qualifier>[^()<>]+)[)>]")

LONGEST = 500
"""A label longer than this is no label: the longest in the GND has some 300 characters."""

_FIELDS = """
Anatomie Archäologie Architektur Astronomie Bauwesen Biochemie Biologie Botanik Chemie Elektrotechnik
Ethik Ethnologie Genetik Geografie Geologie Geometrie Geowissenschaften Geschichtswissenschaft Informatik
Kunst Kunstwissenschaft Linguistik Literatur Literaturwissenschaft Logik Maschinenbau Mathematik Medizin
Meteorologie Militär Mineralogie Musik Musikwissenschaft Ökologie Optik Pädagogik Pharmazie Philologie
Philosophie Physik Physiologie Politik Politikwissenschaft Psychoanalyse Psychologie Recht
Rechtswissenschaft Religion Religionswissenschaft Rhetorik Seismik Soziologie Sprachwissenschaft
Statistik Stochastik Technik Theologie Volkskunde Wirtschaft Wirtschaftswissenschaften Zoologie
"""
FIELDS = frozenset(_FIELDS.split())
"""Fields of learning, as qualifiers name them: they tell senses apart, which places and dates do not."""


def clean(label: str) -> str:
    """Give a label in composed form (NFC), without invisible characters and needless space."""
    return _SPACE.sub(" ", unicodedata.normalize("NFC", _INVISIBLE.sub("", label))).strip()


def spelled(label: str) -> str:
    """Give a clean label with its qualifier in round brackets, whoever wrote it."""
    return clean(label).translate(_BRACKETS)


def fold(label: str) -> str:
    """Give what all spellings of a label have in common; case does not count."""
    return spelled(label).casefold()


def normal(label: str) -> str:
    """Give what is left of a label without case, accents, blanks, hyphens and punctuation, umlauts transcribed.

    It is the key under which the index keeps names. A qualifier in brackets stays apart from its word: of
    "Migration (Informatik)" the key is "migration(informatik", which no key without a qualifier equals.
    """
    text = fold(label)
    if split := qualified(text) if text.endswith(")") else None:
        word, qualifier = map(_squeezed, split)
        if word and qualifier:
            return f"{word}({qualifier}"
    return _squeezed(text) or text


def _squeezed(text: str) -> str:
    text = text.translate(_TRANSCRIBED)
    if not text.isascii():
        text = "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))
    return _BETWEEN_DIGITS.sub("~", text).translate(_UNHEARD)


def qualified(label: str) -> tuple[str, str] | None:
    """Split a label such as `Bleistift <Motiv>` or `Bleistift (Motiv)` into word and qualifier."""
    found = _QUALIFIED.fullmatch(label)
    return (found["base"].strip(), found["qualifier"].strip()) if found else None


def trailing_field(label: str) -> tuple[str, str] | None:
    """Split a label such as `Migration Informatik`: a qualifier only if the first part is a heading."""
    base, _, last = label.rpartition(" ")
    return (base, last) if base and last in FIELDS else None
