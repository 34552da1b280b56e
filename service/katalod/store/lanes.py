"""Who may ask now: two lanes, fair between clients, and an end for every query.

A query begins in the quick lane. What is not done after a quarter of a second goes on in the slow lane, of
which one place fewer than there are engines: so quick queries of others always find an engine. A client has
at most one query running in each lane; while one of its queries is slow, it cannot queue up more than one.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from katalod.settings import Settings
from katalod.store.answers import Crowded, Gone

QUICK = 0.25
HASTY = 0.1
"""So long a query may be quick whose client has lately asked slow ones, when the engine is needed for others."""

LATELY = 30.0
PATIENCE = 5.0
LOOK = 0.025

logger = logging.getLogger(__name__)


def never() -> bool:
    """Say that the client is still there."""
    return False


def nothing() -> None:
    """There is nothing to stop."""


@dataclass(eq=False, slots=True)
class Run:
    """A query that has a place: until when, and, once it was stopped, why."""

    client: str
    slow: bool
    began: float
    ends: float
    gone: Callable[[], bool]
    stop: Callable[[], None] = nothing
    fate: str = ""  # late, gone, own (429), crowded (503), later (once more in the slow lane), closed


@dataclass(eq=False, slots=True)
class Waiting:
    """A query that waits for a place."""

    client: str
    slow: bool
    refused: bool = False


class Lanes:
    """Gives places to queries, and stops those that are late or whose client has left."""

    def __init__(self, settings: Settings, quick: float = QUICK) -> None:
        """Open the lanes; `close` ends the thread that watches them."""
        self.places = max(2, settings.sparql_workers)
        # A query that waits holds a thread of the web server.
        self._most_slow = max(self.places - 1, settings.server_share)
        self._timeout = settings.sparql_timeout
        self._longest_queue = settings.sparql_queue
        self._quick = quick
        self._turn = threading.Condition()
        self._runs: list[Run] = []
        self._queue: list[Waiting] = []
        self._served: deque[str] = deque(maxlen=4 * settings.sparql_queue + 16)
        self._heavy: deque[tuple[str, float]] = deque(maxlen=256)  # whose query was slow, and when
        self._closed = False
        self._watcher = threading.Thread(target=self._watch, name="katalod-lanes", daemon=True)
        self._watcher.start()

    def enter(self, client: str, gone: Callable[[], bool] = never, *, slow: bool = False) -> Run:
        """Wait for a place; raises Crowded where there will be none soon, Gone when the client leaves."""
        with self._turn:
            self._admit(client, slow)
            ticket = Waiting(client, slow)
            self._queue.append(ticket)
            try:
                self._wait(ticket, gone)
                now = time.monotonic()
                run = Run(client, slow, now, now + self._timeout, gone)
                self._runs.append(run)
                self._served.append(client)
                return run
            finally:
                self._queue.remove(ticket)
                self._turn.notify_all()

    def leave(self, run: Run) -> None:
        """Give the place back."""
        with self._turn:
            if run in self._runs:
                self._runs.remove(run)
                self._turn.notify_all()

    @contextmanager
    def steady(self, run: Run) -> Iterator[Run]:
        """Hold the run as it is: within, nobody stops it or moves it to another lane."""
        with self._turn:
            yield run

    @property
    def running(self) -> int:
        """How many queries run."""
        return len(self._runs)

    @property
    def waiting(self) -> int:
        """How many queries wait."""
        return len(self._queue)

    def close(self) -> None:
        """Stop all that runs, and let nothing more in."""
        with self._turn:
            self._closed = True
            for run in self._runs:
                self._stop(run, "closed")
            self._turn.notify_all()
        self._watcher.join(2)

    def _admit(self, client: str, slow: bool) -> None:
        mine = [one for one in self._all() if one.client == client]
        if any(one.slow for one in mine) and (slow or any(not one.slow for one in mine)):
            raise self.own()
        full = sum(one.slow for one in self._all()) >= self._most_slow if slow else False
        if self._closed or full or len(self._queue) >= self._longest_queue:
            raise self.crowded()

    def _all(self) -> list[Run | Waiting]:
        return [*self._runs, *self._queue]

    @staticmethod
    def own() -> Crowded:
        """Make the refusal for a client whose own query is in the way."""
        return Crowded("another long query of yours is still running; wait for its end", 5, own=True)

    @staticmethod
    def crowded() -> Crowded:
        """Make the refusal for want of places."""
        return Crowded("all engines are busy with long queries; ask again in a while", 5, own=False)

    def _wait(self, ticket: Waiting, gone: Callable[[], bool]) -> None:
        end = time.monotonic() + (self._timeout if ticket.slow else PATIENCE)
        while not self._first(ticket):
            self._turn.wait(0.1)
            if gone():
                raise Gone("the client left while its query waited")
            if ticket.refused:
                raise self.own()
            if self._closed or time.monotonic() > end:
                raise self.crowded()

    def _first(self, ticket: Waiting) -> bool:
        """Whether it is this query's turn: of those that may go, the one whose client was served longest ago."""
        able = [one for one in self._queue if one.slow == ticket.slow and self._able(one)]
        return ticket in able and min(able, key=self._lately) is ticket

    def _lately(self, ticket: Waiting) -> tuple[bool, int]:
        served = (place for place, client in enumerate(self._served) if client == ticket.client)
        return self._is_heavy(ticket.client), max(served, default=-1)

    def _is_heavy(self, client: str) -> bool:
        while self._heavy and time.monotonic() - self._heavy[0][1] > LATELY:
            self._heavy.popleft()
        return any(one == client for one, _ in self._heavy)

    def _able(self, ticket: Waiting) -> bool:
        if any(run.client == ticket.client and run.slow == ticket.slow for run in self._runs):
            return False
        slow = sum(run.slow for run in self._runs)
        if ticket.slow:
            return slow < self.places - 1 and len(self._runs) < self.places
        waiting = sum(one.slow for one in self._queue)
        kept = slow + min(waiting, self.places - 1 - slow)  # places that slow queries have, or are due
        return len(self._runs) - slow < self.places - kept

    def _watch(self) -> None:
        while not self._closed:
            with self._turn:
                for run in self._runs:
                    if not run.fate:
                        self._judge(run, time.monotonic())
                self._turn.wait(LOOK if self._runs else None)

    def _judge(self, run: Run, now: float) -> None:
        if run.gone():
            self._stop(run, "gone")
        elif now > run.ends:
            self._stop(run, "late")
        elif not run.slow and now - run.began > self._allowed(run):
            self._heavy.append((run.client, now))
            self._slow_down(run)

    def _allowed(self, run: Run) -> float:
        wanted = any(one.client != run.client and not one.slow for one in self._queue)
        return min(HASTY, self._quick) if wanted and self._is_heavy(run.client) else self._quick

    def _slow_down(self, run: Run) -> None:
        """Move a query to the slow lane, if there is a place and it is its client's turn."""
        others = [one for one in self._all() if one is not run and one.slow]
        if any(one.client == run.client for one in others):
            self._stop(run, "own")
        elif len(others) >= self._most_slow:
            self._stop(run, "crowded")
        elif len(others) >= self.places - 1:
            self._stop(run, "later")
        else:
            run.slow = True
        mine = [one for one in self._queue if one.client == run.client and not one.slow]
        for ticket in mine[1:] if run.slow else ():
            ticket.refused = True
        self._turn.notify_all()

    def _stop(self, run: Run, fate: str) -> None:
        run.fate = run.fate or fate
        run.stop()
