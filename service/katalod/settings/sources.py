"""Sources that are harvested: the tables `[sources.name]`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from katalod.errors import SettingsError
from katalod.settings.named import DAY, a_text, check_key, check_name, duration

KINDS = ("oai-pmh", "dspace", "files")

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Source:
    """One source that is harvested, as the table `[sources.name]` says it."""

    name: str
    url: str  # web address; of kind files a path
    kind: str = "oai-pmh"  # one of KINDS
    format: str = ""  # empty: the best that is offered
    set: str = ""
    since: str = ""  # the key `from`: what is older is never asked for
    until: str = ""
    overlap: float = DAY  # seconds asked for again, because repositories list their changes late
    every: float = 0.0  # seconds between two harvests by `katalod follow`; 0: as that is told
    reconcile: float | None = None  # seconds between two comparisons of the full list; 0: only when told


def source(name: str, table: Mapping[str, object], where: str) -> Source:
    """Read one table; raises SettingsError for what is not understood."""
    known = {"from" if f.name == "since" else f.name for f in fields(Source)} - {"name"}
    values: dict[str, Any] = {}
    for key, value in table.items():
        check_key(key, known, where)
        values["since" if key == "from" else key] = a_text(value, key, where)
    for key in values.keys() & {"overlap", "every", "reconcile"}:
        values[key] = duration(values[key], f"{where}: {key}")
    if not values.get("url"):
        raise SettingsError(f"{where}: the url is missing; give the address of the repository, or the path of a folder")
    return checked_source(Source(name, **values), where)


def checked_source(source: Source, where: str) -> Source:
    """Give a source back whose values can be used; SettingsError where one cannot."""
    check_name(source.name, where)
    if source.kind not in KINDS:
        raise SettingsError(f"{where}: kind cannot be {source.kind!r}; it is one of {', '.join(KINDS)}")
    if source.kind != "files" and urlsplit(source.url).scheme not in ("http", "https"):
        raise SettingsError(f"{where}: the url {source.url!r} is no web address; it begins with https:// or http://")
    for key, value in (("from", source.since), ("until", source.until)):
        if value and not _MOMENT.fullmatch(value):
            raise SettingsError(f"{where}: {key} cannot be {value!r}; write 2024-05-01, or 2024-05-01T00:00:00Z in UTC")
    if source.kind != "oai-pmh" and (source.format or source.set):
        raise SettingsError(f"{where}: format and set are for the kind oai-pmh; take them out for {source.kind}")
    return source
