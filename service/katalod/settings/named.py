"""Tables that have names, such as `[sources.difu]`: what all kinds of them share."""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from katalod.errors import SettingsError

DAY = 86_400.0

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([smhdw])", re.ASCII)
_NAME = re.compile(r"[^\s\"'\\]{1,200}")

T = TypeVar("T")


def each(tables: object, kind: str, path: Path, read: Callable[[str, Mapping[str, object], str], T]) -> tuple[T, ...]:
    """Read the tables of a kind, in their order; SettingsError where they are none."""
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise SettingsError(f"{path}: {kind} cannot be {tables!r}; give each a table, such as [{kind}.difu]")
    return tuple(read(name, table, f"{path}, [{kind}.{name}]") for name, table in tables.items())


def a_text(value: object, key: str, where: str) -> str:
    """Give a text; SettingsError for what is none."""
    if not isinstance(value, str):
        raise SettingsError(f"{where}: {key} cannot be {value!r}; it takes a text in quotation marks")
    return value


def check_name(name: str, where: str) -> None:
    """Refuse a name that cannot be typed in a shell or an address; raises SettingsError."""
    if not _NAME.fullmatch(name):
        raise SettingsError(f"{where}: {name!r} is no name; give one without spaces and quotation marks")


def check_key(key: str, known: Iterable[str], where: str) -> None:
    """Refuse a key that nobody knows; raises SettingsError."""
    if key not in known:
        raise SettingsError(f"{where}: nobody knows the key {key!r}; {meant(key, known)}")


def meant(name: str, known: Iterable[str]) -> str:
    """Give a hint to what may have been meant."""
    close = get_close_matches(name, known, n=1)
    return "".join(f"perhaps {one!r} is meant; " for one in close) + "docs/settings.md lists them all"


def duration(text: str, where: str) -> float:
    """Read a duration such as 30s, 15m, 1h, 2d, 1w as seconds; 0 stands for never."""
    match = _DURATION.fullmatch(text.strip())
    if match is None and text.strip() != "0":
        raise SettingsError(f"{where} cannot be {text!r}; write a number and s, m, h, d or w, such as 15m, 1h or 2d")
    return float(match[1]) * _UNITS[match[2]] if match else 0.0
