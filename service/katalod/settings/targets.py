"""Targets: other catalogues that a search can ask too, as the tables `[targets.name]` say it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from katalod.errors import SettingsError
from katalod.settings.named import a_text, check_key, check_name, duration

KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"sru": ("version", "schema", "index", "query"), "sparql": ("query",), "lobid": ()}
)
"""The protocols, each with the keys that only make sense for it."""

ALL, OURS = "all", "ours"  # names that no target may have: all that are on, our own catalogue
MOST = 16  # targets that may be on: each has threads of its own
LONGEST = 60.0  # seconds of a deadline

_INDEX = re.compile(r"[A-Za-z][\w.-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Target:
    """One catalogue elsewhere, and how it is asked."""

    name: str
    url: str
    kind: str = "sru"  # one of KINDS
    label: str = ""  # what people call it
    on: bool = True
    deadline: float = 4.0  # seconds
    version: str = "1.2"  # of SRU
    schema: str = "marcxml"  # of the records of SRU: a name that the server knows for MARC 21, MODS or Dublin Core
    index: str = ""  # of CQL, in which words are looked for; empty: the server's choice
    query: str = ""  # CQL or SPARQL around the words; empty: nothing around them, and our own shape
    page: str = ""  # the address of a record's page, with {id} for its number; empty: what the record says
    parameters: tuple[tuple[str, str], ...] = ()  # of the address, beside those of the protocol


SHIPPED = (
    Target(
        "dnb", "https://services.dnb.de/sru/dnb", label="Deutsche Nationalbibliothek", on=False,
        version="1.1", schema="MARC21-xml", index="WOE", page="https://d-nb.info/{id}",
    ),
    Target(
        "k10plus", "https://sru.k10plus.de/opac-de-627", label="K10plus", on=False,
        version="1.1", schema="marcxml", index="pica.all", page="https://opac.k10plus.de/DB=2.299/PPNSET?PPN={id}",
    ),
    Target("lobid", "https://lobid.org/resources/search", kind="lobid", label="lobid (hbz)", on=False),
)  # fmt: skip
"""Catalogues that are known by name; `on = true` in a table of that name is enough to ask them."""


def with_shipped(given: tuple[Target, ...]) -> tuple[Target, ...]:
    """Give the operator's targets in their order, and behind them those that are shipped and that no table names."""
    if sum(target.on for target in given) > MOST:
        raise SettingsError(f"more than {MOST} targets are on; switch some off, because each has threads of its own")
    names = {target.name for target in given}
    return (*given, *(target for target in SHIPPED if target.name not in names))


def target(name: str, table: Mapping[str, object], where: str) -> Target:
    """Read one table, over what is shipped under that name; raises SettingsError for what is not understood."""
    known = {f.name for f in fields(Target)} - {"name"}
    values: dict[str, Any] = {}
    for key, value in table.items():
        check_key(key, known, where)
        if key == "on":
            values[key] = _truth(value, where)
        elif key == "parameters":
            values[key] = _parameters(value, where)
        else:
            values[key] = a_text(value, key, where)
    if "deadline" in values:
        values["deadline"] = duration(values["deadline"], f"{where}: deadline")
    shipped = next((target for target in SHIPPED if target.name == name), Target(name, ""))
    return _checked(replace(shipped, **values), values, where)


def _truth(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise SettingsError(f"{where}: on cannot be {value!r}; it takes true or false")
    return value


def _parameters(value: object, where: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise SettingsError(f'{where}: parameters cannot be {value!r}; write {{ name = "value" }}')
    return tuple((key, a_text(text, f"parameters.{key}", where)) for key, text in value.items())


def _checked(target: Target, given: Mapping[str, object], where: str) -> Target:
    check_name(target.name, where)
    if target.name in (ALL, OURS):
        raise SettingsError(f"{where}: {target.name!r} stands for something else; give this one another name")
    if target.kind not in KINDS:
        raise SettingsError(f"{where}: kind cannot be {target.kind!r}; it is one of {', '.join(KINDS)}")
    parts = urlsplit(target.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(f"{where}: url cannot be {target.url!r}; give an address that begins with https://")
    if not 0 < target.deadline <= LONGEST:
        raise SettingsError(f"{where}: deadline must be above 0 and at most {LONGEST:g} seconds")
    for key in given.keys() & {key for keys in KINDS.values() for key in keys}:
        if key not in KINDS[target.kind]:
            raise SettingsError(f"{where}: {key} is not for the kind {target.kind}; take it out")
    if target.version not in ("1.1", "1.2"):
        raise SettingsError(f"{where}: version cannot be {target.version!r}; it is 1.1 or 1.2")
    if target.index and not _INDEX.fullmatch(target.index):
        raise SettingsError(f"{where}: index cannot be {target.index!r}; give a name such as pica.all or WOE")
    if target.query and "{words}" not in target.query and not (target.kind == "sparql" and "{text}" in target.query):
        raise SettingsError(f"{where}: query has no {{words}}, where the words of a search go")
    if target.page and (urlsplit(target.page).scheme not in ("http", "https") or "{id}" not in target.page):
        raise SettingsError(f"{where}: page cannot be {target.page!r}; give an address with {{id}} in it")
    return replace(target, label=target.label or target.name)
