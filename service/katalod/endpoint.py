"""The public endpoint over whichever release is current: engines, answers that are kept, an account of it all."""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from katalod.catalogue import Catalogue
from katalod.errors import KatalodError, StoreError
from katalod.settings import Settings
from katalod.store import Answer, TripleStore, check, engine_of, open_store
from katalod.store.account import Account, Entry, outcome_of
from katalod.store.examples import FIRST_QUESTIONS, examples
from katalod.store.guard import Reading
from katalod.store.lanes import never
from katalod.store.shelf import Shelf

JSON = "application/sparql-results+json"
MOST_ASKED = 100  # queries of the log that are asked again of a new release
WARMING = 120.0  # seconds for all of them

logger = logging.getLogger(__name__)

Current = Callable[[], tuple[str, Path]]
"""Gives the id of the current release and the folder of its store; raises NoRelease."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A query as a client asks it, and what the guard read of it."""

    query: str
    accept: str  # one media type, already negotiated
    reading: Reading
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it has in common only with those that have the same answer; "" where there is no such thing."""
        if not self.reading.lasting:
            return ""
        parts = (self.reading.digest, self.accept, *self.default_graphs, "", *self.named_graphs)
        return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


class Endpoint:
    """Answers strangers' queries over the current release; safe in several threads."""

    def __init__(self, settings: Settings, current: Current) -> None:
        """Make the endpoint; engines start when there is a release to ask. SettingsError for an unknown engine."""
        engine_of(settings)
        self._settings = settings
        self._release = current
        self._lock = threading.Lock()
        self._pool: TripleStore | None = None
        self._store = Path()
        self._shelf = Shelf(settings.sparql_cache << 20)
        self._account = Account(settings.home / "log")
        self._closed = threading.Event()

    @classmethod
    def of(cls, catalogue: Catalogue) -> "Endpoint":
        """Make the endpoint of a catalogue."""

        def current() -> tuple[str, Path]:
            edition = catalogue.edition()
            return edition.release.id, edition.store

        return cls(catalogue.settings, current)

    @property
    def release(self) -> str:
        """The id of the current release; raises NoRelease."""
        return self._release()[0]

    @property
    def keeps(self) -> bool:
        """Whether answers are good for as long as a release is current: not where the engine is another's."""
        return self._settings.sparql_engine == "oxigraph"

    def read(self, query: str) -> Reading:
        """Read a query as far as it takes to know that it may be asked; raises QueryError."""
        began = time.perf_counter()
        try:
            return check(query, self._settings.sparql_services)
        except StoreError as error:
            self._note(Inquiry(query, "", Reading("")), began, 0, error, kept=False)
            raise

    def ask(self, inquiry: Inquiry, client: str, gone: Callable[[], bool] = never) -> Answer:
        """Answer a query; raises NoRelease, and what `TripleStore.ask` raises. The caller closes the answer."""
        began = time.perf_counter()
        try:
            answer = self._answer(self._current(), inquiry, client, gone)
        except KatalodError as error:
            self._note(inquiry, began, 0, error, kept=False)
            raise
        return self._noted(inquiry, answer, began)

    def _answer(
        self, now: tuple[str, Path, TripleStore], inquiry: Inquiry, client: str, gone: Callable[[], bool]
    ) -> Answer:
        release, store, pool = now
        key = (release, inquiry.name) if inquiry.name and self.keeps else None
        if key is not None and (kept := self._shelf.get(key)) is not None:
            return replace(kept.answer(), release=release)
        answer = pool.ask(inquiry.query, inquiry.accept, client, inquiry.default_graphs, inquiry.named_graphs, gone)
        if key is None or answer.store != store:  # another release has become current in between
            return answer
        return replace(self._shelf.through(key, answer), release=release)

    def _noted(self, inquiry: Inquiry, answer: Answer, began: float) -> Answer:
        """Count what is taken of an answer; the account hears of it when the answer is closed or at its end."""
        taken, told = 0, False

        def note(error: BaseException | None) -> None:
            nonlocal told
            if not told:
                told = True
                self._note(inquiry, began, taken, error, kept=answer.kept)

        def pieces() -> Iterator[bytes]:
            nonlocal taken
            try:
                for piece in answer.body:
                    taken += len(piece)
                    yield piece
            except BaseException as error:
                note(error)
                raise
            note(None)

        def close() -> None:
            note(None if answer.size is not None else GeneratorExit())  # its end was not reached
            answer.close()

        return replace(answer, body=pieces(), close=close)

    def _note(self, inquiry: Inquiry, began: float, size: int, error: BaseException | None, *, kept: bool) -> None:
        reading = inquiry.reading
        plain = reading.lasting and not inquiry.default_graphs and not inquiry.named_graphs
        seconds = round(time.perf_counter() - began, 6)
        entry = Entry(reading.digest[:16], reading.form, inquiry.accept, seconds, size, outcome_of(error), kept)
        self._account.enter(entry, inquiry.query, lasting=plain)

    def figures(self) -> Iterator[str]:
        """Give the figures of this endpoint as lines for Prometheus."""
        yield from self._account.figures()
        yield "# HELP katalod_kept_bytes The size of the answers that are kept."
        yield "# TYPE katalod_kept_bytes gauge"
        yield f"katalod_kept_bytes {self._shelf.held}"

    @property
    def busy(self) -> int:
        """How many queries run or wait."""
        return self._pool.busy if self._pool else 0

    def warm(self) -> None:
        """Start the engines, so that the first query need not wait; raises NoRelease where there is nothing to ask."""
        self._current()

    def _current(self) -> tuple[str, Path, TripleStore]:
        """Give the current release and its engines; those of the former one finish what they run."""
        with self._lock:
            release, store = self._release()  # within the lock: else a former one could be switched back to
            new = self._pool is None or store != self._store
            if self._pool is None:
                self._pool = open_store(store, self._settings)
            elif new:
                self._pool.switch(store)
            self._store = store
            if new and self.keeps and self._settings.sparql_cache:
                threading.Thread(target=self._prepare, args=(release, store), name="katalod-warm", daemon=True).start()
            return release, store, self._pool

    def _prepare(self, release: str, store: Path) -> None:
        """Ask a new release what is asked first and most, by engines of its own that are in nobody's way."""
        end = time.monotonic() + WARMING
        try:
            with closing(open_store(store, replace(self._settings, sparql_workers=1))) as pool:
                for query, accept in self._likely():
                    if self._closed.is_set() or time.monotonic() > end or self._store != store:
                        return
                    self._prepare_one(release, store, pool, query, accept)
        except (KatalodError, OSError) as error:
            logger.info("preparing answers for release %s: %s", release, error)

    def _prepare_one(self, release: str, store: Path, pool: TripleStore, query: str, accept: str) -> None:
        try:
            inquiry = Inquiry(query, accept, check(query, self._settings.sparql_services))
            with closing(self._answer((release, store, pool), inquiry, "ourselves", self._closed.is_set)) as answer:
                for _ in answer.body:
                    pass
        except StoreError as error:  # too slow, too large, or in the log because another engine once answered it
            logger.info("preparing an answer for release %s: %s", release, error)

    def _likely(self) -> Iterable[tuple[str, str]]:
        yield from ((query, JSON) for query in FIRST_QUESTIONS)
        for example in examples(self._settings.base):
            yield example.query, JSON if example.form in ("SELECT", "ASK") else "text/turtle"
        yield from self._account.most_asked(MOST_ASKED)

    def close(self) -> None:
        """End all engines."""
        self._closed.set()
        with self._lock:
            if self._pool is not None:
                self._pool.close()
            self._pool = None
        self._account.close()
