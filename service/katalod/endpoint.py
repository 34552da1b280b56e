"""The public endpoint's engines, over whichever release is current."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from katalod.catalogue import Catalogue
from katalod.store import Answer, TripleStore, open_store


class Endpoint:
    """Answers strangers' queries over the current release; safe in several threads."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Make the endpoint of a catalogue; engines start when there is a release to ask."""
        self._catalogue = catalogue
        self._lock = threading.Lock()
        self._pool: TripleStore | None = None
        self._store = Path()

    def warm(self) -> None:
        """Start the engines, so that the first query need not wait; raises NoRelease where there is nothing to ask."""
        self._current()

    def ask(
        self,
        query: str,
        accept: str,
        client: str,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        gone: Callable[[], bool] = lambda: False,
    ) -> Answer:
        """Answer one query; raises NoRelease, and what `TripleStore.ask` raises."""
        return self._current().ask(query, accept, client, default_graphs, named_graphs, gone)

    def _current(self) -> TripleStore:
        """Give the engines of the release that is current; those of the former one finish what they run."""
        store = self._catalogue.edition().store
        with self._lock:
            if self._pool is None:
                self._pool = open_store(store, self._catalogue.settings)
            elif store != self._store:
                self._pool.switch(store)
            self._store = store
            return self._pool

    def close(self) -> None:
        """End all engines."""
        with self._lock:
            if self._pool is not None:
                self._pool.close()
            self._pool = None
