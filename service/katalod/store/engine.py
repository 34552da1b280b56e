"""The pool of engine processes that answers strangers' queries: one query at a time in each.

An engine that is late, out of memory, or whose client has left is killed and replaced; only that query fails.
"""

import http.client
import logging
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from katalod.errors import QueryError, QueryTimeout, StoreError
from katalod.settings import Settings
from katalod.store.answers import Answer, Gone, TooLarge, Unacceptable
from katalod.store.calling import check_addresses, checkable, whole
from katalod.store.child import Child, Question
from katalod.store.guard import check
from katalod.store.lanes import Lanes, Run, never

HELD = 1 << 16
"""So much of a slow answer is held back, so that the failure of an ordinary query is a failure, not half an answer."""

CHUNK = 1 << 16
PAUSE = 0.05  # seconds after which less than a chunk is sent on
WORN = 300  # MB that an idle engine may hold; one that holds more is replaced
BROKEN = (OSError, http.client.HTTPException)

_FAULT = re.compile(r"error at (\d+):(\d+): *(.*)", re.S)

logger = logging.getLogger(__name__)


class Pool:
    """Answers queries over the store of a release, each in a process of its own."""

    def __init__(self, store: Path, settings: Settings) -> None:
        """Start the engines; StoreError where their program is missing."""
        self._settings = settings
        self._store = store
        self._lock = threading.Lock()
        self._idle: deque[Child] = deque()
        self._closed = False
        self._lanes = Lanes(settings)
        try:
            self._fill()
        except StoreError:
            self.close()
            raise

    def ask(
        self,
        query: str,
        accept: str,
        client: str,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        gone: Callable[[], bool] = never,
    ) -> Answer:
        """Answer a query in one media type; the caller closes the answer in any case.

        Raises QueryError (also TooLarge), QueryTimeout, Crowded or StoreError; `gone` is asked often whether
        the client has left, which ends its query.
        """
        reading = check(query, self._settings.sparql_services)
        check_addresses(reading.services)
        calls = bool(reading.services)
        media = checkable(reading.form) if calls else accept
        question = Question(query, media, tuple(default_graphs), tuple(named_graphs), reading.dataset, calls)
        run = self._lanes.enter(client, gone)
        answer = self._answer(question, run)
        if answer is None:  # it is slow, and the engine was needed for others: once more when there is a place
            answer = self._answer(question, self._lanes.enter(client, gone, slow=True))
        if answer is None:
            raise Lanes.crowded()
        return whole(answer, reading.form, accept) if calls else answer

    def _answer(self, question: Question, run: Run) -> Answer | None:
        """Answer in a place; None where the query has to wait for a slow one."""
        stream: Stream | None = None
        try:
            child = self._take(question.calls)
            stream = Stream(run, child, self._done, self._settings)
            with self._lanes.steady(run):
                run.stop = child.kill
                if run.fate:  # it was stopped before it had an engine
                    child.kill()
            return stream.begin(question)
        except Later:
            return None
        finally:
            if stream is None:
                self._lanes.leave(run)

    def _take(self, network: bool) -> Child:
        if network:
            return Child(self._store, self._settings, network=True)
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.alive:
                    return child
                child.bury()
        return Child(self._store, self._settings)

    def _done(self, run: Run, child: Child, healthy: bool) -> None:
        """Take an engine back, or replace it, and give the place to the next."""
        keep = healthy and not run.fate and child.memory <= WORN
        with self._lock:
            keep = keep and child.store == self._store and not child.network and not self._closed
            if keep:
                self._idle.append(child)
        if not keep:
            child.bury()
        self._lanes.leave(run)
        try:
            self._fill()
        except (StoreError, OSError):  # the next query tries again, and says what is wrong
            logger.exception("replacing an engine")

    def _fill(self) -> None:
        """Keep one engine more than may run, so that a killed one is replaced at once; new ones are used last."""
        with self._lock:
            while not self._closed and len(self._idle) + self._lanes.running < self._lanes.places + 1:
                self._idle.appendleft(Child(self._store, self._settings))

    @property
    def busy(self) -> int:
        """How many queries run or wait."""
        return self._lanes.running + self._lanes.waiting

    def switch(self, store: Path) -> None:
        """Ask another store from now on; what runs ends on the former one."""
        with self._lock:
            former, self._idle = self._idle, deque()
            self._store = store
        self._fill()
        for child in former:
            child.bury()

    def close(self) -> None:
        """End all engines."""
        with self._lock:
            self._closed = True
            former, self._idle = self._idle, deque()
        self._lanes.close()
        for child in former:
            child.bury()


class Later(StoreError):  # noqa: N818
    """The query was stopped to be asked once more in the slow lane."""


class Stream:
    """One answer from one engine, of which the first part is held back."""

    def __init__(self, run: Run, child: Child, done: Callable[[Run, Child, bool], None], settings: Settings) -> None:
        """Hold the engine until `close`."""
        self._run = run
        self._child = child
        self._done: Callable[[Run, Child, bool], None] | None = done
        self._settings = settings
        self._size = 0

    def begin(self, question: Question) -> Answer:
        """Ask, and wait until the answer is whole or so large that it must flow."""
        try:
            response = self._child.ask(question)
            self._complain(response)
            kind = response.getheader("Content-Type", "application/octet-stream")
            held: list[bytes] = []
            for chunk in self._chunks(response):
                held.append(chunk)
                if self._run.slow and self._size >= HELD:
                    return Answer(kind, self._flow(held, response), self.close, store=self._child.store)
            self.close(healthy=True)
            return Answer(kind, iter(held), size=self._size, store=self._child.store)
        except BROKEN as error:
            self.close()
            raise self._failure() from error
        except BaseException as error:
            self.close()
            if isinstance(error, StoreError) and self._run.fate:  # it was stopped while its engine was starting
                raise self._failure() from error
            raise

    def _flow(self, held: list[bytes], response: http.client.HTTPResponse) -> Iterator[bytes]:
        try:
            yield b"".join(held)
            held.clear()
            yield from _gathered(self._chunks(response))
            self.close(healthy=True)
        except BROKEN as error:
            raise self._failure() from error
        finally:
            self.close()

    def _chunks(self, response: http.client.HTTPResponse) -> Iterator[bytes]:
        while chunk := response.read1(CHUNK):
            self._size += len(chunk)
            if self._size > self._settings.sparql_result << 20:
                raise TooLarge(
                    f"the answer is larger than {self._settings.sparql_result} MB; ask for less, or in parts with"
                    " LIMIT and OFFSET, or take the dump"
                )
            yield chunk
        if response.length:  # of a known length the library does not say that it is incomplete
            raise http.client.IncompleteRead(b"")
        response.close()  # else the connection takes no further request

    def _complain(self, response: http.client.HTTPResponse) -> None:
        """Raise what the engine says of the query."""
        if response.status == 200:
            return
        said = response.read(4096).decode("utf-8", "replace").strip()
        if not response.length:
            response.close()
            self.close(healthy=True)
        if response.status == 406:
            raise Unacceptable("the engine does not offer this form")
        if 400 <= response.status < 500:
            raise QueryError(fault(said))
        raise StoreError(f"the engine could not answer: {said[:300]}")

    def _failure(self) -> StoreError:
        settings, fate = self._settings, self._run.fate
        if fate == "later":
            return Later("the query goes on in the slow lane")
        if fate == "gone":
            return Gone("the client left before its answer came")
        if fate == "own":
            return Lanes.own()
        if fate == "crowded":
            return Lanes.crowded()
        if fate == "late":
            return QueryTimeout(
                f"the query did not end within {settings.sparql_timeout:g} seconds and was stopped;"
                " ask for less, begin with the most selective pattern, or take the dump"
            )
        if fate == "closed":
            return StoreError("the service is being shut down")
        return QueryTimeout(
            f"the query ended its engine: it needs more than {settings.sparql_memory} MB of memory, or is too deep"
        )

    def close(self, *, healthy: bool = False) -> None:
        """Give the engine back; one that has not said its last is killed."""
        done, self._done = self._done, None
        if done is not None:
            done(self._run, self._child, healthy)


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Put small pieces together: the engine sends some rows at a time, and each piece costs the server in front."""
    waiting: list[bytes] = []
    size, since = 0, time.monotonic()
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= CHUNK or time.monotonic() - since > PAUSE:
            yield b"".join(waiting)
            waiting.clear()
            size, since = 0, time.monotonic()
    if waiting:
        yield b"".join(waiting)


def fault(said: str) -> str:
    """Say for people what the engine's parser says: where first, then what it expected, not at full length."""
    found = _FAULT.fullmatch(said)
    if found is None:
        return said[:400]
    expected = re.sub(r"\s+", " ", found[3]).replace("expected one of", "expected one of:")
    if len(expected) > 300:
        expected = expected[:300].rpartition(",")[0] + ", …"
    return f"the query is wrong at line {found[1]}, column {found[2]}: {expected}"
