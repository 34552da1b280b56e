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


def qualified(label: str) -> tuple[str, str] | None:
    """Split a label such as `Bleistift <Motiv>` or `Bleistift (Motiv)` into word and qualifier."""
    found = _QUALIFIED.fullmatch(label)
    return (found["base"].strip(), found["qualifier"].strip()) if found else None


def trailing_field(label: str) -> tuple[str, str] | None:
    """Split a label such as `Migration Informatik`: a qualifier only if the first part is a heading."""
    base, _, last = label.rpartition(" ")
    return (base, last) if base and last in FIELDS else None
