"""Asking many catalogues at once, for many readers: each has its deadline, and none of it stops anybody else."""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import BoundedSemaphore, Lock
from urllib.parse import urlsplit

from katalod.errors import KatalodError, SourceError
from katalod.federation import lobid, sparql, sru
from katalod.federation.values import Answer, Found, Refused, Request, State
from katalod.federation.words import words
from katalod.fetch import FetchError, Late, Limits, Session
from katalod.settings.targets import ALL, Target

LARGEST = 4 << 20  # bytes of an answer, unpacked
KEPT = 300.0  # seconds for which an answer is given again
MOST_KEPT = 256  # answers
PLACES = 4  # questions to one catalogue at once: we are its guests

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Protocol:
    """How catalogues of one kind are asked, and how their answers are read."""

    request: Callable[[Target, Sequence[str], int], Request]
    read: Callable[[Target, bytes], Found]


PROTOCOLS: Mapping[str, Protocol] = {
    "sru": Protocol(sru.request, sru.read),
    "sparql": Protocol(sparql.request, sparql.read),
    "lobid": Protocol(lobid.request, lobid.read),
}

Key = tuple[Target, tuple[str, ...], int]


class NoSuchTarget(KatalodError):  # noqa: N818
    """A catalogue is not on the operator's list, or is switched off."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        """Say which name was asked for, and which are on."""
        self.name, self.known = name[:100], tuple(known)
        super().__init__(
            f"no catalogue of the name {self.name!r} is switched on; on are: {', '.join(known) or 'none'}"
            " (docs/federation.md says how to switch one on)"
        )


class Federation:
    """Asks the catalogues of the operator's list; safe in several threads."""

    def __init__(self, targets: Iterable[Target], readers: int) -> None:
        """Take the targets that are on, and how many readers may wait for answers at once."""
        self.targets = tuple(target for target in targets if target.on)
        self._readers = BoundedSemaphore(readers)
        # A target that hangs holds its own places, and none of the others'.
        places = min(readers, PLACES)
        self._places = {target.name: BoundedSemaphore(places) for target in self.targets}
        self._threads = ThreadPoolExecutor(max(1, places * len(self.targets)), "federation")
        self._kept: OrderedDict[Key, tuple[float, Answer]] = OrderedDict()
        self._lock = Lock()

    def chosen(self, names: Iterable[str]) -> tuple[Target, ...]:
        """Give the targets of these names, in the operator's order; raises NoSuchTarget. `all` stands for all."""
        wanted = set(names)
        known = [target.name for target in self.targets]
        if unknown := sorted(wanted.difference(known, [ALL])):
            raise NoSuchTarget(unknown[0], known)
        return tuple(target for target in self.targets if target.name in wanted or ALL in wanted)

    def ask(self, targets: Sequence[Target], text: str, limit: int) -> tuple[Answer, ...]:
        """Ask targets side by side, and give what came within their deadlines, in their order; none without words."""
        said = words(text)
        if not said:
            return ()
        answers = {target: kept for target in targets if (kept := self._again((target, said, limit)))}
        missing = [target for target in targets if target not in answers]
        if missing and not self._readers.acquire(blocking=False):
            answers |= {target: _failed(target, State.BUSY) for target in missing}
        elif missing:
            try:
                answers |= self._asked(missing, said, limit)
            finally:
                self._readers.release()
        return tuple(answers[target] for target in targets)

    def _asked(self, targets: Sequence[Target], said: tuple[str, ...], limit: int) -> dict[Target, Answer]:
        began = time.monotonic()
        running = [(target, self._begun((target, said, limit))) for target in targets]
        return {target: self._ended(target, future, began + target.deadline) for target, future in running}

    def _begun(self, key: Key) -> "Future[Answer] | None":
        """Begin to ask one target; None where its places are all taken."""
        place = self._places[key[0].name]
        if not place.acquire(blocking=False):
            return None
        future = self._threads.submit(self._one, key)
        future.add_done_callback(lambda _: place.release())
        return future

    def _ended(self, target: Target, future: "Future[Answer] | None", until: float) -> Answer:
        if future is None:
            return _failed(target, State.BUSY)
        try:
            error = future.exception(max(0.0, until - time.monotonic()))
        except TimeoutError:
            return _late(target)
        if error is None:
            return future.result()
        logger.error("asking %s: its answer could not be read", target.name, exc_info=error)
        return _failed(target, State.UNREADABLE, "the answer is of a form that was not foreseen")

    def _one(self, key: Key) -> Answer:
        answer = asked(*key)
        if answer.state is State.ANSWERED:
            with self._lock:
                self._kept[key] = (time.monotonic() + KEPT, answer)
                self._kept.move_to_end(key)
                if len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
        return answer

    def _again(self, key: Key) -> Answer | None:
        """Give an answer that came a short while ago."""
        with self._lock:
            until, answer = self._kept.get(key, (0.0, None))
            return answer if time.monotonic() < until else None

    def close(self) -> None:
        """Wait for nobody; what is under way ends with its deadline."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def asked(target: Target, said: Sequence[str], limit: int) -> Answer:
    """Ask one catalogue and wait for it; what it does wrong is an answer too."""
    began = time.monotonic()
    most = target.deadline
    # A redirect is not followed: whom we ask is the operator's to say (docs/decisions/0066).
    session = Session(Limits(1, connect=most, silence=most, whole=most, size=LARGEST, redirects=0))
    protocol = PROTOCOLS[target.kind]
    try:
        request = protocol.request(target, said, limit)
        parameters = (*target.parameters, *request.parameters)
        reply = session.get(target.url, parameters, {"Accept": request.accept})
        found = protocol.read(target, reply.body)
    except (FetchError, SourceError, Refused) as error:
        logger.warning("asking %s: %s", target.name, error)
        answer = _failure(target, error)
    else:
        works = found.works[:limit]
        answer = Answer(target.name, target.label, State.ANSWERED, total=found.total, works=works)
    finally:
        session.close()
    return replace(answer, seconds=round(time.monotonic() - began, 3))


def _failure(target: Target, error: KatalodError) -> Answer:
    """Say what went wrong without the address."""
    if isinstance(error, Late):
        return _late(target)
    if isinstance(error, Refused):
        return _failed(target, State.REFUSED, str(error))
    if not isinstance(error, FetchError):
        return _failed(target, State.UNREADABLE, str(error)[:300])
    if error.status >= 300:
        return _failed(target, State.REFUSED, f"status {error.status}")
    if error.status:
        return _failed(target, State.UNREADABLE, f"the answer broke off, or is larger than {LARGEST:,} bytes")
    return _failed(target, State.UNREACHABLE, f"no connection to {urlsplit(target.url).hostname}")


def _late(target: Target) -> Answer:
    return replace(_failed(target, State.LATE, f"no answer in {target.deadline:g} s"), seconds=target.deadline)


def _failed(target: Target, state: State, why: str = "") -> Answer:
    return Answer(target.name, target.label, state, why)
