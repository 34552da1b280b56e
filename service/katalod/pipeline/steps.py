"""One step along a list: a page and where the list then stands are kept together, or neither is."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from katalod.errors import SourceError
from katalod.fetch import FetchError
from katalod.harvest import Intake, Interval, Memory
from katalod.harvest.intervals import COMPARE, RECOUNT, REMOVE
from katalod.model import Finding, RawRecord
from katalod.pipeline import remarks
from katalod.pipeline.intake import Progress, known_as
from katalod.settings import Source
from katalod.sources.listing import Expired, Header, Lost, Page, Repository

Items = tuple[RawRecord | Finding, ...]


@dataclass(slots=True)
class Tally:
    """What a harvest has brought so far."""

    records: int = 0
    deletions: int = 0
    changed: int = 0  # records and deletions that are new, or other than before
    vanished: int = 0  # found deleted by comparing the full list


@dataclass(frozen=True)
class Steps:
    """The steps along the lists of one repository."""

    memory: Memory
    repository: Repository
    source: Source
    start: str  # where its records begin
    begin: int  # the intake before the first of this run
    progress: Progress
    tally: Tally = field(default_factory=Tally)

    def next(self, interval: Interval) -> tuple[Interval, bool | None]:
        """Take the next step; gives where the list then stands, and whether there was news, None for an empty page."""
        if interval.verb == REMOVE:
            return self._remove(interval), True
        span = (interval.since, interval.until)
        if interval.verb == COMPARE:
            return self._compare(interval, self.repository.headers(span, interval.token))
        if interval.verb == RECOUNT:
            try:
                page = self.repository.headers(span, interval.token)
            except (SourceError, FetchError) as error:
                if isinstance(error, Expired) or no_answer(error):
                    raise
                return self._counted(interval, str(error)), True
            return self._recount(interval, page)
        return self._records(interval, self.repository.page(span, interval.token, attempts=2 if interval.root else 0))

    def settle(self, interval: Interval, state: str) -> Interval:
        """Close an interval, within a transaction."""
        interval = replace(interval, state=state, token="", touched=now())
        self.memory.intervals.settle(interval, self.start)
        return interval

    def keep(self, intake: Intake, items: Items, lost: Iterable[Lost], interval: Interval) -> Interval:
        """Keep records and remarks, and count each record once in its interval."""
        records, deletions = 0, 0
        missing = [(one, self.repository.origin(one.identifier)) for one in lost]
        origins = {item.origin for item in items} | {origin for _, origin in missing}
        for origin in sorted(origins - {self.repository.url}):
            intake.forget(origin)
        for item in items:
            if isinstance(item, Finding):
                intake.note(item, item.origin)
                continue
            kept = intake.keep(item, *known_as(item))
            self.tally.changed += kept.changed
            if kept.before < interval.first:
                records, deletions = records + (not item.deleted), deletions + item.deleted
            if kept.before <= self.begin:  # a list begun anew gives what it gave before
                self.tally.records += not item.deleted
                self.tally.deletions += item.deleted
        for one, origin in missing:
            self.memory.intervals.lose(self.source.name, one.identifier, one.reason)
            intake.note(remarks.lost(one, origin), origin)
        return replace(
            interval,
            records=interval.records + records,
            deletions=interval.deletions + deletions,
            fresh=interval.fresh + records + deletions + len(missing),
        )

    def fetched(self, headers: Iterable[Header]) -> tuple[Items, list[Lost]]:
        """Fetch records one by one."""
        items: list[RawRecord | Finding] = []
        missing: list[Lost] = []
        for header in headers:
            try:
                one = self._one(header)
            except (SourceError, FetchError) as error:
                if no_answer(error):
                    raise
                missing.append(Lost(header.identifier, str(error)))
            else:
                items += one.items
                missing += one.lost
        return tuple(items), missing

    def _one(self, header: Header) -> Page:
        if header.deleted:
            return Page((self.repository.deletion(header),))
        return self.repository.record(header.identifier)

    def _records(self, interval: Interval, page: Page) -> tuple[Interval, bool | None]:
        before = interval.fresh
        with self.memory.part(self.repository.url) as intake:
            interval = self._stands(intake, interval, page)
            interval = self.keep(intake, page.items, page.lost, interval)
            news = interval.fresh > before if page.items or page.lost else None
            if page.token:
                self.memory.intervals.save(interval)
            elif interval.fresh < interval.size:
                interval = replace(interval, verb=RECOUNT)
                self.memory.intervals.save(interval)
            else:
                intake.forget(remarks.place(interval, self.repository.url))
                interval = self.settle(interval, "complete")
        self.progress(f"harvesting {self.source.name}", interval.fresh, interval.size)
        return interval, news

    def _recount(self, interval: Interval, page: Page) -> tuple[Interval, bool | None]:
        """Fetch what a page of the list's headers names and its records lacked."""
        seen = {header.identifier: self.memory.known(self.source.name, header.identifier)[0] for header in page.headers}
        items, missing = self.fetched(h for h in page.headers if seen[h.identifier] < interval.first)
        with self.memory.part(self.repository.url) as intake:
            interval = self._stands(intake, interval, page)
            interval = self.keep(intake, items, missing, interval)
            self.memory.intervals.save(interval)
        return (interval if page.token else self._counted(interval)), bool(page.headers) or None

    def _counted(self, interval: Interval, reason: str = "") -> Interval:
        with self.memory.part(self.repository.url) as intake:
            place = remarks.place(interval, self.repository.url)
            intake.forget(place)
            if interval.fresh < interval.size and (reason or interval.since in ("", self.start)):
                intake.note(remarks.shorter(interval, place, reason), place)
            return self.settle(replace(interval, reason=reason), "complete")

    def _compare(self, interval: Interval, page: Page) -> tuple[Interval, bool | None]:
        """Note which records a page of the full list names; fetch those that the memory lacks."""
        name, fresh = self.source.name, interval.fresh + len(page.headers)
        if not page.token and not fresh and self.memory.intervals.counts(name)[0]:
            raise SourceError(f"{self.repository.url} lists not one record; nothing was deleted, check the source")
        living = {header.identifier: self.memory.known(name, header.identifier)[1] for header in page.headers}
        items, missing = self.fetched(h for h in page.headers if living[h.identifier] == h.deleted)
        with self.memory.part(self.repository.url) as intake:
            interval = self._stands(intake, interval, page)
            interval = replace(self.keep(intake, items, missing, interval), fresh=fresh)
            for header in page.headers:
                intake.sight(name, header.identifier)
            interval = replace(interval, verb=COMPARE if page.token else REMOVE)
            self.memory.intervals.save(interval)
        self.progress(f"comparing {name}", interval.fresh, interval.size)
        return interval, bool(page.headers) or None

    def _remove(self, interval: Interval) -> Interval:
        """Mark some of what the full list did not name as deleted; a list that was too short is not believed."""
        names = self.memory.vanished(self.source.name, interval.first)
        gone = [Header(name, interval.began or now(), True) for name in names]
        living: dict[str, Items] = {}
        if interval.fresh < interval.size:
            for header in gone:
                found = self.repository.record(header.identifier).items
                if any(isinstance(item, RawRecord) and not item.deleted for item in found):
                    living[header.identifier] = found
        with self.memory.part(self.repository.url) as intake:
            for header in gone:
                items = living.get(header.identifier) or (self.repository.deletion(header),)
                interval = self.keep(intake, items, (), interval)
            self.tally.vanished += len(gone) - len(living)
            self.tally.deletions -= len(gone) - len(living)
            if gone:
                self.memory.intervals.save(interval)
                return interval
            return self.settle(interval, "complete")

    def _stands(self, intake: Intake, interval: Interval, page: Page) -> Interval:
        """Say where a list stands once a page is kept; its first page tells the source's clock."""
        if not interval.first:
            interval = replace(interval, first=intake.number, began=page.date)
            if not interval.root:
                intake.forget(self.repository.url)
        return replace(
            interval,
            token=page.token,
            size=page.size or interval.size,
            pages=interval.pages + 1,
            reason="",
            touched=now(),
        )


def no_answer(error: Exception) -> bool:
    """Whether nothing at all came back, or the source said to come again later: then it is no use to go on."""
    return isinstance(error, FetchError) and error.status in (0, 429, 503)


def now() -> str:
    """Give the moment by our own clock: for people to read, never asked of a source."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
