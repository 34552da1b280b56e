"""For whom a page is written: the reader's language, and the addresses that work in the reader's browser.

Addresses inside pages are path-absolute and begin with the path of the setting `base`. The Host header
is never read: pages work on any port, and behind any proxy that serves us at that path.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote, urlencode

from katalod.model import Finding

SLASHES = "/\\"  # browsers take the one for the other
_LINKABLE = re.compile(r"(?:https?://|mailto:)[^\s]", re.I)
_DAY = re.compile(r"(-?\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:T.*)?")


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """Give the words of the pages: key to language to text."""
    return MappingProxyType(tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8")))


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
        return words()[key][self.lang].format(**values)

    def known(self, key: str, otherwise: str) -> str:
        """Give the wording of a key that comes from the data, or another text where we have none."""
        return words().get(key, {}).get(self.lang, otherwise)

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
        if not found or not 0 <= int(found[2] or 0) <= 12:
            return text
        year, month, day = found.groups()
        if not month or month == "00":
            return year
        name = self.t("months").split()[int(month) - 1]
        if not day:
            return f"{name} {year}"
        return f"{int(day)}. {name} {year}" if self.lang == "de" else f"{int(day)} {name} {year}"

    def number(self, value: int) -> str:
        """Write a number with its thousands apart, as the language does."""
        return f"{value:,}".replace(",", "." if self.lang == "de" else ",")

    def decimal(self, value: float) -> str:
        """Write a number with one decimal, as the language does."""
        return f"{value:.1f}".replace(".", "," if self.lang == "de" else ".")

    def size(self, size: int) -> str:
        """Write how large a file is."""
        text = f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"
        return text.replace(".", ",") if self.lang == "de" else text

    def message(self, finding: Finding) -> str:
        """Give what a finding says, in the reader's language."""
        return finding.de if self.lang == "de" else finding.en


def _listed(values: object) -> tuple[object, ...]:
    return tuple(values) if isinstance(values, list | tuple) else (values,)
