"""For whom a page is written: the reader's language, and the addresses that work in the reader's browser.

Addresses inside pages are path-absolute and begin with the path of the setting `base`. The Host header
is never read: pages work on any port, and behind any proxy that serves us at that path.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from urllib.parse import quote, urlencode

from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from babel.units import format_unit

from katalod.model import Finding
from katalod.web.negotiation import LOCALES

SLASHES = "/\\"  # browsers take the one for the other
_LINKABLE = re.compile(r"(?:https?://|mailto:)[^\s]", re.I)
_DAY = re.compile(r"(-?\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:T.*)?")


@dataclass(frozen=True, slots=True)
class Wordings:
    """The pages' words in one language."""

    keys: frozenset[str]
    texts: NullTranslations


@cache
def words(lang: str) -> Wordings:
    """Give the pages' words in a language, from its catalogue in `locale/`."""
    with Path(__file__).with_name("locale").joinpath(f"{lang}.po").open("rb") as file:
        catalogue = read_po(file, lang, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    keys = (one.id if isinstance(one.id, str) else one.id[0] for one in catalogue)
    return Wordings(frozenset(keys) - {""}, Translations(compiled))


@dataclass(frozen=True, slots=True)
class Reader:
    """The language of a page, and where it stands."""

    lang: str
    base: str  # with which the IRIs in the data begin
    root: str = "/"  # the path under which everything of ours is reached; it ends in a slash
    chosen: bool = False  # the language was chosen in the address, so links hand it on
    here: str = ""  # the page's own path below the base
    query: tuple[tuple[str, str], ...] = ()

    def t(self, key: str, **values: object) -> str:
        """Give the wording of a key; an unknown key is a mistake of ours and raises KeyError."""
        if not self.knows(key):
            raise KeyError(key)
        return words(self.lang).texts.gettext(key).format(**values)

    def count(self, key: str, number: int) -> str:
        """Say how many there are, in the form that the number asks for."""
        return words(self.lang).texts.ngettext(key, key, number).format(count=self.number(number))

    def known(self, key: str, otherwise: str) -> str:
        """Give the wording of a key that comes from the data, or another text where we have none."""
        return self.t(key) if self.knows(key) else otherwise

    def knows(self, key: str) -> bool:
        """Whether there is a wording of a key."""
        return key in words(self.lang).keys

    def to(self, path: str, /, **query: object) -> str:
        """Give the address of a page of ours."""
        given = ((name, value) for name, values in query.items() for value in _listed(values))
        asked = [(name, str(value)) for name, value in given if value]
        if self.chosen and "lang" not in query:
            asked.append(("lang", self.lang))
        address = self.root + quote(path, safe="/-._~:@!$&'()*+,;=")
        return address + (f"?{urlencode(asked)}" if asked else "")

    def link(self, iri: str) -> str:
        """Give the address of an IRI from the data: ours as a path, foreign web addresses as they are, else ""."""
        if iri.startswith(self.base):
            stem, mark, fragment = iri.removeprefix(self.base).partition("#")
            query = f"?lang={self.lang}" if self.chosen else ""
            # Two slashes at the beginning would be another host.
            return f"{self.root}{stem.lstrip(SLASHES)}{query}{mark}{fragment}"
        return iri if _LINKABLE.match(iri) else ""

    def again(self, **changes: object) -> str:
        """Give the address of this page with another language, page number or the like; "" takes one out."""
        kept: dict[str, object] = {}
        for name, value in self.query:
            kept[name] = (*_listed(kept.get(name, ())), value)
        return self.to(self.here, **(kept | changes))

    def asked(self, name: str) -> tuple[str, ...]:
        """Give the values that this page's address has for a parameter."""
        return tuple(value for key, value in self.query if key == name)

    def day(self, text: str) -> str:
        """Write a date as a person would; what is not a date stays as it is."""
        found = _DAY.fullmatch(text)
        if not found:
            return text
        year, month, day = found.groups()
        if not month or month == "00":
            return year
        try:
            moment = date(int(year), int(month), int(day or 1))
        except ValueError:  # no such day
            return text
        where = LOCALES[self.lang]
        return format_date(moment, "long", where) if day else format_skeleton("yMMMM", moment, locale=where)

    def number(self, value: int) -> str:
        """Write a number with its thousands apart, as the language does."""
        return format_decimal(value, locale=LOCALES[self.lang])

    def decimal(self, value: float) -> str:
        """Write a number with one decimal, as the language does."""
        return format_decimal(value, "#,##0.0", locale=LOCALES[self.lang])

    def size(self, size: int) -> str:
        """Write how large a file is."""
        where = LOCALES[self.lang]
        if size >= 1e6:
            return format_unit(round(size / 1e6, 1), "digital-megabyte", "short", locale=where)
        return format_unit(max(1, round(size / 1e3)), "digital-kilobyte", "short", locale=where)

    def message(self, finding: Finding) -> str:
        """Give what a finding says, in the reader's language."""
        return finding.de if self.lang == "de" else finding.en


def _listed(values: object) -> tuple[object, ...]:
    return tuple(values) if isinstance(values, list | tuple) else (values,)
