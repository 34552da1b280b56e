"""Where a release can be asked questions: in our own process by fixed patterns, by strangers in a pool of engines."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from katalod.errors import SettingsError
from katalod.settings import Settings
from katalod.store.answers import Answer, Crowded, Gone, TooLarge, Unacceptable, Unanswered
from katalod.store.engine import Pool
from katalod.store.guard import check
from katalod.store.lanes import never
from katalod.store.remote import Remote

__all__ = [
    "STORES",
    "Answer",
    "Crowded",
    "Gone",
    "TooLarge",
    "TripleStore",
    "Unacceptable",
    "Unanswered",
    "check",
    "engine_of",
    "open_store",
]


class TripleStore(Protocol):
    """Where a release can be asked questions by strangers: any query, within limits."""

    def ask(
        self,
        query: str,
        accept: str,
        client: str,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        gone: Callable[[], bool] = never,
    ) -> Answer:
        """Answer a query in one media type, or say why not (QueryError, QueryTimeout, Crowded, StoreError)."""

    @property
    def busy(self) -> int:
        """How many queries run or wait."""

    def switch(self, store: Path) -> None:
        """Ask the store of another release from now on; what runs ends on the former one."""

    def close(self) -> None:
        """End all that runs."""


STORES: Mapping[str, Callable[[Path, Settings], TripleStore]] = MappingProxyType(
    {"oxigraph": Pool, "http": Remote, "https": Remote}
)
"""What the setting `sparql_engine` may name: an engine of ours, or the scheme of an endpoint's address."""


def engine_of(settings: Settings) -> Callable[[Path, Settings], TripleStore]:
    """Give the engine that the settings name; raises SettingsError for one that nobody knows."""
    kind = settings.sparql_engine.partition("://")[0].lower()
    if kind not in STORES:
        raise SettingsError(
            f"sparql_engine cannot be {settings.sparql_engine!r}; give oxigraph, or the address of a SPARQL endpoint"
        )
    return STORES[kind]


def open_store(store: Path, settings: Settings) -> TripleStore:
    """Open the store of a release for strangers' queries, with the engine that the settings name."""
    return engine_of(settings)(store, settings)
