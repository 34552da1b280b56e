"""What a harvest asks of a repository: what was lost, what was begun, what is new, and what is no longer there."""

import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from katalod.errors import KatalodError, SourceError
from katalod.fetch import FetchError
from katalod.harvest import Interval, Memory
from katalod.harvest.intervals import COMPARE, RECORDS, RECOUNT, REMOVE
from katalod.pipeline import remarks
from katalod.pipeline.intake import Progress
from katalod.pipeline.steps import Steps, Tally, no_answer, now
from katalod.settings import Source
from katalod.sources import datestamps
from katalod.sources.listing import Expired, Repository, Span, Stuck

_RESTARTS = 5  # of one list, without coming further than before
_CIRCLE = 10  # pages without anything new, after which a list is said to go round in circles
_FAILURES = 80  # lists in a row that stop at a page; halving a century and a million records takes 52
_STALE = timedelta(days=1)  # after which what a token stands for may have shifted
_AGAIN = 500  # records that are asked for again in one harvest


class Harvest:
    """One run over one repository; raises SourceError or FetchError where it cannot go on, with all kept so far."""

    def __init__(self, memory: Memory, repository: Repository, source: Source, progress: Progress) -> None:
        """Prepare a run."""
        self._repository, self._source, self._books = repository, source, memory.intervals
        self._memory = memory
        self._request = f"{repository.request} from={source.since}"
        self._start = self._bounds((source.since, ""))[0]
        self._steps = Steps(memory, repository, source, self._start, memory.mark(), progress)
        self._stopped = 0

    @property
    def tally(self) -> Tally:
        """What it has brought so far."""
        return self._steps.tally

    def new(self) -> None:
        """Finish what was begun before; where nothing was, ask for what is new since all was known."""
        waiting = self._waiting(RECORDS, RECOUNT)
        for failed in (one for one in waiting if one.state == "failed"):
            self._go_through(self._restarted(replace(failed, state="open")))
        if not any(one.state == "open" for one in waiting):
            reached = self._books.reached(self._source.name, self._request)
            since = datestamps.before(reached, self._source.overlap, self._repository.by_day) if reached else ""
            span = self._bounds((max(since, self._start), self._source.until))
            if not _empty(span):
                self._begin(RECORDS, span)
        self._finish(lambda one: True, RECORDS, RECOUNT)

    def between(self, since: str, until: str) -> None:
        """Ask for what changed in a span of time, whatever is known of it."""
        span = self._bounds((since or self._source.since, until))
        roots = {one.number for one in self._books.of(self._source.name) if (one.since, one.until) == span}
        if not any((one.root or one.number) in roots for one in self._waiting(RECORDS, RECOUNT)):
            roots.add(self._begin(RECORDS, span).number)
        self._finish(lambda one: (one.root or one.number) in roots, RECORDS, RECOUNT)

    def compare(self) -> None:
        """Go through the full list, and mark as deleted what is no longer in it."""
        if not self._waiting(COMPARE, REMOVE):
            self._begin(COMPARE, self._bounds((self._source.since, self._source.until)))
        self._finish(lambda one: True, COMPARE, REMOVE)

    def ask_again(self) -> None:
        """Ask for records that could not be had before."""
        for identifier, _ in self._books.lost(self._source.name, _AGAIN):
            try:
                page = self._repository.record(identifier)
            except (SourceError, FetchError) as error:
                if no_answer(error):
                    raise
                continue
            with self._memory.part(self._repository.url) as intake:
                intake.forget(self._repository.origin(identifier))
                self._books.found(self._source.name, identifier)
                counted = Interval(0, self._source.name, self._request, first=intake.number)
                self._steps.keep(intake, page.items, page.lost, counted)

    # What is on the books.

    def _bounds(self, span: Span) -> Span:
        """Write both ends in a granularity that the source takes: in days, or both in the same."""
        since, until = span
        if self._repository.by_day:
            return since[:10], until[:10]
        if since and until and ("T" in since) != ("T" in until):
            since = since if "T" in since else f"{since}T00:00:00Z"
            until = until if "T" in until else f"{until}T23:59:59Z"
        return since, until

    def _waiting(self, *verbs: str) -> list[Interval]:
        return self._books.waiting(self._source.name, self._request, *verbs)

    def _begin(self, verb: str, span: Span) -> Interval:
        if span[0] in ("", self._start):  # what could not be named may come by itself now
            for identifier, _ in self._books.lost(self._source.name):
                if " " in identifier:
                    self._books.found(self._source.name, identifier)
        since, until = span
        return self._books.begin(
            Interval(0, self._source.name, self._request, verb, since=since, until=until, touched=now())
        )

    def _finish(self, chosen: Callable[[Interval], bool], *verbs: str) -> None:
        """Go through all that is open, also what comes up on the way, until nothing is."""
        while current := [one for one in self._waiting(*verbs) if one.state == "open" and chosen(one)]:
            interval = current[0]
            left = datestamps.utc(interval.touched)
            if interval.token and left and datetime.now(UTC) - datetime.fromisoformat(left) > _STALE:
                interval = self._restarted(interval)
            self._go_through(interval)

    def _restarted(self, interval: Interval) -> Interval:
        """Put an interval back to its beginning; what was kept stays, and is replaced by the same."""
        verb = COMPARE if interval.verb in (COMPARE, REMOVE) else RECORDS
        anew = Interval(interval.number, interval.source, interval.request, verb, interval.root)
        return replace(anew, since=interval.since, until=interval.until, touched=now())

    # Going through one list.

    def _go_through(self, interval: Interval) -> None:
        """Go through a list to its end, or cut it in two where it cannot be."""
        furthest, restarts, circle = 0, 0, 0.0
        while interval.state == "open":
            try:
                interval, news = self._steps.next(interval)
            except Expired as error:
                restarts = restarts + 1 if interval.pages <= furthest else 1
                furthest, circle = max(furthest, interval.pages), 0
                if restarts > _RESTARTS:
                    return self._divide(interval, error)
                interval = self._restarted(interval)
            except Stuck as error:
                return self._divide(interval, error)
            except KatalodError as error:
                raise self._given_up(interval, error) from error
            else:
                circle = 0 if news else circle + (0.01 if news is None else 1)
                if circle >= _CIRCLE:
                    told = f"{self._repository.url} gives the same pages again and again; tell its operator"
                    raise self._given_up(self._restarted(interval), SourceError(told))
        self._stopped = 0
        return None

    def _given_up(self, interval: Interval, error: KatalodError) -> KatalodError:
        """Write down why a list was left, if it can be written."""
        with contextlib.suppress(sqlite3.Error):
            self._books.save(replace(interval, reason=str(error), touched=now()))
        return error

    def _divide(self, interval: Interval, error: SourceError) -> None:
        """Cut a list that stops at a page in two; what cannot be cut any further has failed, and the rest goes on."""
        self._stopped += 1
        if self._stopped > _FAILURES:
            told = f"{self._repository.url} gives not one of many lists to its end; the last said: {error}"
            raise self._given_up(interval, SourceError(told)) from error
        began = interval.began or self._repository.asked
        cut = self._memory.middle(self._source.name, interval.since, interval.until or began)
        halves = self._repository.halves((interval.since, interval.until), began, cut)
        interval = replace(interval, began=began, reason=str(error), touched=now())
        with self._memory.part(self._repository.url) as intake:
            if halves:
                self._books.split(interval, halves)
            else:
                failed = self._steps.settle(interval, "failed")
                finding = remarks.gap(failed, self._repository.url)
                intake.forget(finding.origin)
                intake.note(finding, finding.origin)
        if not halves and not interval.root:
            raise error


def _empty(span: Span) -> bool:
    since, until = span
    return bool(since and until) and datestamps.seconds(since) > datestamps.seconds(until, last=True)
