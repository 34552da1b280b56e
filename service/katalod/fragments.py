"""Triple patterns asked of one release, page by page, as Triple Pattern Fragments give them.

A store cannot begin in the midst of what fits a pattern but by passing over the rest; it can go on cheaply. So walks
stay open: a page that follows one given a short while ago costs no more than the first. What is open is bound to the
thread that opened it, so two threads walk for all: one from the first page on, and one for those who begin farther on.
Few may wait for the second, as each of them keeps a thread of the server from other work.
"""

import weakref
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import chain, islice
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

from pyoxigraph import Literal, NamedNode, Quad, Triple

from katalod.errors import Busy
from katalod.rdf import term
from katalod.store.embedded import Embedded, Pattern

SIZE = 100  # triples on a page
FARTHEST = 10_000  # the last page that can be begun at, in 0.3 s; farther ones are walked to
COUNTED = 5_000  # triples up to which is counted, in 2 ms; what is more is estimated
OPEN = 64  # walks of a thread, and as many pages that were given
WAITING = (32, 2)  # who waits for each thread, beside the one that is served
PATIENCE = 10.0  # seconds

Place = tuple[Pattern, int]  # a pattern, and the number of a page
_Asked = tuple[Place, "Future[Fragment | None]"]
Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A page of the triples that fit a pattern: at most SIZE of them; no triple is on two pages."""

    triples: tuple[Triple, ...]
    total: int  # on all pages; 0 if nothing fits
    exact: bool  # else the total is an estimate
    more: bool  # another page follows


@dataclass(frozen=True, slots=True)
class _Walk:
    """What follows the pages that were given, and how many triples there are in all, if that was found out."""

    triples: Iterator[Triple | None]
    total: int | None


class Fragments:
    """The patterns of one release; safe in several threads."""

    def __init__(self, store: Embedded, known: Mapping[Pattern, int]) -> None:
        """Ask a store; `known` says of patterns how many triples fit them, more or less."""
        self._lanes = tuple(_Lane(store, known, most) for most in WAITING)

    def page(self, pattern: Pattern, number: int) -> Fragment | None:
        """Give a page, the first being 1; None where there is none so far on, or none that can be begun at.

        Raises Busy where too many are waiting.
        """
        place = pattern, number
        return next((lane for lane in self._lanes if place in lane.near), self._lanes[number > 1]).page(place)


def known_counts(release: int, dataset: Iterable[Quad]) -> dict[Pattern, int]:
    """Say how many triples fit the widest patterns: of a release, and by its own description (VoID, 4.3 to 4.5)."""
    said: dict[str, dict[str, str]] = {}
    for quad in dataset:
        if isinstance(quad.object, NamedNode | Literal):
            said.setdefault(str(quad.subject), {})[quad.predicate.value] = quad.object.value
    kind, triples, entities = (term(name) for name in ("rdf:type", "void:triples", "void:entities"))
    found: dict[Pattern, int] = {(None, None, None): release}
    for row in said.values():
        if (property := row.get(term("void:property").value)) and triples.value in row:
            found[None, NamedNode(property), None] = int(row[triples.value])
        if (name := row.get(term("void:class").value)) and entities.value in row:
            found[None, kind, NamedNode(name)] = int(row[entities.value])
    return found


class _Lane:
    """A thread that walks, and those who wait for its pages; it ends when nobody is left who could ask."""

    def __init__(self, store: Embedded, known: Mapping[Pattern, int], most: int) -> None:
        self.near: set[Place] = set()  # the pages that are at hand
        self._most = most
        self._asked: SimpleQueue[_Asked | None] = SimpleQueue()
        Thread(target=_serve, args=(store, known, self._asked, self.near), name="fragments", daemon=True).start()
        weakref.finalize(self, self._asked.put, None)

    def page(self, place: Place) -> Fragment | None:
        """Wait for a page; raises Busy."""
        answer: Future[Fragment | None] = Future()
        if self._asked.qsize() < self._most:
            self._asked.put((place, answer))
            try:
                return answer.result(PATIENCE)
            except TimeoutError:
                answer.cancel()
        raise Busy("giving a fragment: too many are asked for at once; ask again in some seconds")


def _serve(
    store: Embedded, known: Mapping[Pattern, int], asked: "SimpleQueue[_Asked | None]", near: set[Place]
) -> None:
    """Give pages to those who wait."""
    walker = _Walker(store, known)
    while one := asked.get():
        place, answer = one
        if not answer.set_running_or_notify_cancel():
            continue
        try:
            page = walker.page(place)
            at_hand = walker.near()
            near |= at_hand
            near &= at_hand
            answer.set_result(page)
        except Exception as error:  # noqa: BLE001 - it is raised where the page was asked for
            answer.set_exception(error)


class _Walker:
    """Walks through patterns; for one thread."""

    def __init__(self, store: Embedded, known: Mapping[Pattern, int]) -> None:
        self._store = store
        self._known = known
        self._walks: OrderedDict[Place, _Walk] = OrderedDict()  # by the page that comes next
        self._given: OrderedDict[Place, Fragment] = OrderedDict()  # who asks again, or for another form, does not walk

    def near(self) -> set[Place]:
        """Name the pages that are at hand."""
        return {*self._walks, *self._given}

    def page(self, place: Place) -> Fragment | None:
        """Give a page, and keep the walk open at its end."""
        if given := self._given.get(place):
            return given
        pattern, number = place
        before = (number - 1) * SIZE
        walk = self._walks.pop(place, None)
        if walk is None:
            if number > FARTHEST:
                return None
            walk = _Walk(self._store.matching(pattern, before), None)
        page = list(islice(walk.triples, SIZE))
        if not page and number > 1:
            return None
        following = list(islice(walk.triples, 1))
        triples = tuple(triple for triple in page if triple is not None)
        total = walk.total
        if total is None:
            total = self._total(pattern) if following or before else len(triples)
        if following:
            _keep(self._walks, (pattern, number + 1), _Walk(chain(following, walk.triples), total))
        found = Fragment(triples, total, total <= COUNTED, bool(following))
        _keep(self._given, place, found)
        return found

    def _total(self, pattern: Pattern) -> int:
        """Count what fits a pattern; what is too much for that is taken for no more than its predicate has."""
        estimate = self._known.get(pattern, 0)
        if estimate > COUNTED:
            return estimate
        counted = self._store.count(pattern, COUNTED + 1)
        widest = self._known.get((None, pattern[1], None), 0) if pattern[1] else 0
        return max(counted, widest) if counted > COUNTED else counted


def _keep(kept: OrderedDict[Place, Kept], place: Place, one: Kept) -> None:
    """Keep the last ones."""
    kept[place] = one
    if len(kept) > OPEN:
        kept.popitem(last=False)
