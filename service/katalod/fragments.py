"""Triple patterns asked of one release, page by page, as Triple Pattern Fragments give them.

A store cannot begin in the midst of what fits a pattern but by passing over the rest; it can go on cheaply. So walks
stay open: a page that follows one given a short while ago costs no more than the first. What is open is bound to the
thread that opened it: one thread walks for all, and strangers' patterns never take more than one core.
"""

import weakref
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import chain, count, islice
from queue import PriorityQueue
from threading import Thread

from pyoxigraph import Literal, NamedNode, Quad, Triple

from katalod.errors import Busy
from katalod.rdf import term
from katalod.store.embedded import Embedded, Pattern

SIZE = 100  # triples on a page
FARTHEST = 10_000  # the last page that can be begun at, in 0.3 s; farther ones are walked to
COUNTED = 5_000  # triples up to which is counted, in 2 ms; what is more is estimated
OPEN = 64  # walks
WAITING = 64  # pages that are asked for at once
PATIENCE = 10.0  # seconds

Place = tuple[Pattern, int]  # a pattern, and the number of a page


@dataclass(frozen=True, slots=True)
class Fragment:
    """A page of the triples that fit a pattern: at most SIZE of them; no triple is on two pages."""

    triples: tuple[Triple, ...]
    total: int  # on all pages; 0 if nothing fits
    exact: bool  # else the total is an estimate
    more: bool  # another page follows


@dataclass(frozen=True, slots=True, order=True)
class _Asked:
    """A page that is waited for: what passes over the least goes first, then what was asked first."""

    skipped: int
    order: int
    place: Place | None = field(compare=False)  # None ends the walks
    answer: "Future[Fragment | None]" = field(compare=False, default_factory=Future)


@dataclass(frozen=True, slots=True)
class _Walk:
    """What follows the pages that were given, and how many triples there are in all, if that was found out."""

    triples: Iterator[Triple | None]
    total: int | None


class Fragments:
    """The patterns of one release; safe in several threads."""

    def __init__(self, store: Embedded, known: Mapping[Pattern, int]) -> None:
        """Ask a store; `known` says of patterns how many triples fit them, more or less."""
        self._asked: PriorityQueue[_Asked] = PriorityQueue()
        self._reached: set[Place] = set()
        self._order = count()
        Thread(target=_walk, args=(store, known, self._asked, self._reached), name="fragments", daemon=True).start()
        weakref.finalize(self, self._asked.put, _Asked(-1, 0, None))

    def page(self, pattern: Pattern, number: int) -> Fragment | None:
        """Give a page, the first being 1; None where there is none so far on, or none that can be begun at.

        Raises Busy where too many are waiting.
        """
        place = pattern, number
        skipped = 0 if place in self._reached else (number - 1) * SIZE
        if skipped >= FARTHEST * SIZE:
            return None
        asked = _Asked(skipped, next(self._order), place)
        if self._asked.qsize() < WAITING:
            self._asked.put(asked)
            try:
                return asked.answer.result(PATIENCE)
            except TimeoutError:
                asked.answer.cancel()
        raise Busy("giving a fragment: too many are asked for at once; ask again in some seconds")


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


def _walk(store: Embedded, known: Mapping[Pattern, int], asked: PriorityQueue[_Asked], reached: set[Place]) -> None:
    """Give pages to those who wait, until there is nobody left who could ask."""
    walks: OrderedDict[Place, _Walk] = OrderedDict()
    while (one := asked.get()).place is not None:
        if not one.answer.set_running_or_notify_cancel():
            continue
        try:
            page = _page(store, known, walks, one.place)
            reached.update(walks)
            reached.intersection_update(walks)
            one.answer.set_result(page)
        except Exception as error:  # noqa: BLE001 - it is raised where the page was asked for
            one.answer.set_exception(error)


def _page(
    store: Embedded, known: Mapping[Pattern, int], walks: OrderedDict[Place, _Walk], place: Place
) -> Fragment | None:
    """Give a page, and keep the walk open at its end."""
    pattern, number = place
    before = (number - 1) * SIZE
    walk = walks.pop(place, None) or _Walk(store.matching(pattern, before), None)
    page = list(islice(walk.triples, SIZE))
    following = list(islice(walk.triples, 1))
    if not page and number > 1:
        return None
    triples = tuple(triple for triple in page if triple is not None)
    total = walk.total
    if total is None:
        total = _total(store, known, pattern) if following or before else len(triples)
    if following:
        walks[pattern, number + 1] = _Walk(chain(following, walk.triples), total)
        if len(walks) > OPEN:
            walks.popitem(last=False)
    return Fragment(triples, total, total <= COUNTED, bool(following))


def _total(store: Embedded, known: Mapping[Pattern, int], pattern: Pattern) -> int:
    """Count what fits a pattern; what is too much for that is taken for no more than its predicate has."""
    estimate = known.get(pattern, 0)
    if estimate > COUNTED:
        return estimate
    counted = store.count(pattern, COUNTED + 1)
    widest = known.get((None, pattern[1], None), 0) if pattern[1] else 0
    return max(counted, widest) if counted > COUNTED else counted
