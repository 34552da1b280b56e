"""What an operator may set: `katalod.toml`, then KATALOD_* variables, then the command line.

A field `server_port` is the key `port` of the table `[server]` and the variable KATALOD_SERVER_PORT.
Sources and targets stand in the file alone, a table `[sources.name]` or `[targets.name]` each. Every field is
explained in docs/settings.md.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from katalod.errors import SettingsError
from katalod.settings.named import DAY, duration, each, meant
from katalod.settings.sources import Source, checked_source, source
from katalod.settings.targets import SHIPPED, Target, target, with_shipped

__all__ = ["DAY", "Settings", "Source", "Target", "checked_source", "duration", "load"]

TABLES = ("dataset", "site", "server", "sparql", "linking", "publish", "harvest")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a run is told; read once, at the door, and passed on."""

    base: str = "http://127.0.0.1:8080/"
    home: Path = Path("var")

    dataset_title_de: str = "Katalog als Linked Open Data"
    dataset_title_en: str = "Catalogue as linked open data"
    dataset_description_de: str = ""
    dataset_description_en: str = ""
    dataset_publisher: str = ""
    dataset_publisher_iri: str = ""
    dataset_contact: str = ""
    dataset_licence: str = "http://creativecommons.org/publicdomain/zero/1.0/"

    site_name: str = ""
    site_logo: str = ""
    site_colour: str = ""
    site_colour_dark: str = ""
    site_citation: str = ""
    site_imprint: str = ""
    site_privacy: str = ""
    site_accessibility: str = ""

    server_host: str = "127.0.0.1"
    server_port: int = 8080
    server_threads: int = 16
    server_cache: int = 64
    server_proxy: str = ""
    server_proxy_count: int = 1

    sparql_engine: str = "oxigraph"
    sparql_workers: int = 2
    sparql_timeout: float = 30.0
    sparql_memory: int = 1024
    sparql_result: int = 20
    sparql_queue: int = 32
    sparql_services: tuple[str, ...] = ()
    sparql_cache: int = 64

    linking_links: str = ""
    linking_methods: tuple[str, ...] = ()
    linking_separators: tuple[str, ...] = ()
    linking_qualifiers: tuple[str, ...] = ()
    linking_online: bool = False
    linking_service: str = "https://reconcile.gnd.network/"

    publish_jobs: int = 0
    publish_batch: int = 100

    harvest_attempts: int = 5
    harvest_pause: float = 2.0
    harvest_wait: float = 300.0
    harvest_silence: float = 60.0
    harvest_timeout: float = 600.0
    harvest_size: int = 64

    sources: tuple[Source, ...] = ()
    targets: tuple[Target, ...] = SHIPPED

    @property
    def server_share(self) -> int:
        """How many of the server's threads one kind of slow answer may hold: a quarter; the rest is for all else."""
        return max(1, self.server_threads // 4)

    @property
    def jobs(self) -> int:
        """How many processes build a release: as set, else one per core."""
        return self.publish_jobs or os.cpu_count() or 1

    def title(self, lang: str) -> str:
        """Give the title of the dataset in a language of the pages."""
        return self.dataset_title_de if lang == "de" else self.dataset_title_en


def load(
    config: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    given: Mapping[str, object] = MappingProxyType({}),
) -> Settings:
    """Read the settings: defaults, then the file, then the environment, then what was given.

    Raises SettingsError for a key nobody knows, a value of the wrong kind or a base that is no web address.
    """
    values: dict[str, object] = {}
    path = config or (Path("katalod.toml") if Path("katalod.toml").is_file() else None)
    if path is not None:
        values |= _from_file(path)
    for name in _hints():
        if (text := environ.get(f"KATALOD_{name.upper()}")) is not None:
            values[name] = _read(name, text, f"the variable KATALOD_{name.upper()}")
    values |= {name: value for name, value in given.items() if value is not None}
    return _checked(replace(Settings(), **values))  # type: ignore[arg-type]


def _hints() -> dict[str, Any]:
    hints = get_type_hints(Settings)
    return {f.name: hints[f.name] for f in fields(Settings) if f.name not in ("sources", "targets")}


def _from_file(path: Path) -> dict[str, object]:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise SettingsError(f"reading the settings from {path}: {why}; mend the file or name another") from error
    flat: dict[str, object] = {}
    sources = each(document.pop("sources", {}), "sources", path, source)
    targets = with_shipped(each(document.pop("targets", {}), "targets", path, target))
    for key, value in document.items():
        if isinstance(value, dict) and key in TABLES:
            flat |= {f"{key}_{name}": inner for name, inner in value.items()}
        else:
            flat[key] = value
    known = _hints()
    for name in flat:
        if name not in known:
            raise SettingsError(f"{path}: nobody knows the setting {name!r}; {meant(name, known)}")
    values = {name: _read(name, value, str(path)) for name, value in flat.items()}
    return values | {"sources": sources, "targets": targets}


def _read(name: str, value: object, where: str) -> object:
    """Read one value as its field's type; a text stands for every type, a list for a tuple."""
    kind = _hints()[name]
    try:
        if get_origin(kind) is tuple:
            parts = value.split() if isinstance(value, str) else list(value)  # type: ignore[call-overload]
            if not all(isinstance(part, get_args(kind)[0]) for part in parts):
                raise TypeError("a list of strings")
            return tuple(parts)
        if kind is bool:
            return _truth(value)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise TypeError(kind.__name__)
        if kind is str and not isinstance(value, str):
            raise TypeError("a string")
        return kind(value)
    except (TypeError, ValueError) as error:
        raise SettingsError(f"{where}: {name} cannot be {value!r}; it takes {_kind(kind)}") from error


def _truth(value: object) -> bool:
    """Read true or false; a variable of the environment can only spell it out."""
    spelled = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}
    found = value if isinstance(value, bool) else spelled.get(value.lower()) if isinstance(value, str) else None
    if found is None:
        raise TypeError("true or false")
    return found


def _kind(kind: object) -> str:
    names = {bool: "true or false", str: "a text", int: "a whole number", float: "a number", Path: "a path"}
    return names.get(kind, "a list of texts")  # type: ignore[call-overload, no-any-return]


def _checked(settings: Settings) -> Settings:
    parts = urlsplit(settings.base)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise SettingsError(
            f"base cannot be {settings.base!r}; give the address under which the catalogue is reached,"
            " such as https://data.example.org/"
        )
    for name in ("base", "dataset_licence", "dataset_publisher_iri"):
        if (value := getattr(settings, name)) and not re.fullmatch(r'https?://[^\s<>"{}|\\^`]+', value):
            raise SettingsError(f"{name} cannot be {value!r}; give an address that begins with https:// or http://")
    if settings.dataset_contact and not re.fullmatch(r'[^\s<>"@]+@[^\s<>"@]+', settings.dataset_contact):
        raise SettingsError(f"dataset_contact cannot be {settings.dataset_contact!r}; give a mail address alone")
    if settings.publish_jobs < 0:
        raise SettingsError(f"publish_jobs cannot be {settings.publish_jobs}; 0 is one a core")
    counts = ("server_threads", "sparql_workers", "sparql_memory", "sparql_result", "publish_batch")
    for name in (*counts, "server_proxy_count", "harvest_attempts", "harvest_size"):
        if getattr(settings, name) < 1:
            raise SettingsError(f"{name} cannot be {getattr(settings, name)}; it must be at least 1")
    if settings.sparql_timeout <= 0:
        raise SettingsError(f"sparql_timeout cannot be {settings.sparql_timeout}; it must be above 0 seconds")
    if min(settings.harvest_silence, settings.harvest_timeout) <= 0 or settings.harvest_pause < 0:
        raise SettingsError("harvest_silence and harvest_timeout must be above 0 seconds, harvest_pause not below 0")
    return replace(settings, base=settings.base if settings.base.endswith("/") else settings.base + "/")
