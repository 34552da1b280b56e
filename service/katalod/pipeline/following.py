"""Keeping in step: rounds of harvest and publish in one process, for years."""

import random
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from types import FrameType

from katalod.errors import KatalodError, SettingsError, SourceError
from katalod.harvest import Memory
from katalod.holding import held
from katalod.pipeline import partition
from katalod.pipeline.build import Published, publish
from katalod.pipeline.sources import Harvested, Wish, harvest
from katalod.settings import Settings, Source

_FIRST = 60.0  # seconds after the first failure; doubled for each further one
_JITTER = 0.1  # of a wait, so that not all the world asks on the hour


class Stopped(BaseException):
    """Somebody asked this process to end; what was kept stays, what was half done is undone."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What is not the same in every run: time, waiting, chance."""

    now: Callable[[], float] = time.time
    wait: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


@dataclass(slots=True)
class Turn:
    """When a source is asked next, and how often it has failed in a row."""

    source: Source
    every: float
    due: float = 0.0
    failures: int = 0
    mark: int = -1  # of the memory, when it was last published

    def over(self, failed: bool, clock: Clock) -> None:
        """Say when the next turn is: after its time, sooner after a failure, but later with each further one."""
        self.failures = self.failures + 1 if failed else 0
        pause = min(self.every, _FIRST * 2 ** min(self.failures - 1, 20)) if failed else self.every
        self.due = clock.now() + pause * (1 + _JITTER * clock.chance())


@dataclass(frozen=True, slots=True)
class Round:
    """What one round came to."""

    number: int
    moment: float
    harvested: tuple[Harvested, ...]
    published: Published | None
    failure: str  # of the publish
    next: float  # seconds until the next round

    @property
    def failed(self) -> bool:
        """Whether anything in it failed, or is missing from a source."""
        return bool(self.failure) or any(not one.whole for one in self.harvested)

    def __str__(self) -> str:
        """Say it in one line."""
        stamp = datetime.fromtimestamp(self.moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        parts = [str(one) for one in self.harvested]
        if self.failure:
            parts.append(f"not published: {self.failure}")
        elif self.published is None or not self.published.new:
            parts.append("nothing to publish")
        else:
            changes = ", ".join(f"{number} {kind}" for kind, number in self.published.changes)
            parts.append(f"published {self.published.release.id}" + f" ({changes})" * bool(changes))
        return f"{stamp} round {self.number}: {'; '.join(parts)}; next in {self.next:.0f} s"


def follow(
    settings: Settings, every: float, say: Callable[[str], None], clock: Clock = Clock(), rounds: int = 0
) -> Round | None:
    """Harvest and publish again and again, and say a line a round, until somebody ends it; gives the last round.

    Raises Busy while another process follows in the same home, and SettingsError where there is nothing to follow.
    """
    if not settings.sources:
        raise SettingsError("there is nothing to follow; name sources in katalod.toml, a table [sources.name] each")
    turns = [Turn(source, source.every or every) for source in settings.sources]
    last: Round | None = None
    with held(settings.home, "follow", "following in", SourceError), _stopping():
        try:
            release = Turn(Source("", ""), every)
            for number in count(1):
                try:
                    last = _round(settings, turns, release, clock, number)
                except (
                    KatalodError,
                    sqlite3.Error,
                    OSError,
                ) as error:  # such as a disk that is full: it may have room again by then
                    release.over(True, clock)
                    last = Round(number, clock.now(), (), None, str(error), max(0.0, release.due - clock.now()))
                say(str(last))
                if number == rounds:
                    break
                clock.wait(last.next)
        except Stopped:
            say("stopped; the next start goes on from here")
    return last


def _round(settings: Settings, turns: list[Turn], release: Turn, clock: Clock, number: int) -> Round:
    """Harvest what is due, then publish if anything is new, or was not published the last time."""
    began = clock.now()
    harvested: list[Harvested] = []
    with Memory(settings.home) as memory:
        noted, mark = list(memory.findings()), memory.mark()
        for turn in turns:
            if turn.due <= began:
                harvested.append(_harvested(memory, turn.source, settings))
                turn.over(bool(harvested[-1].failure), clock)
        news = any(one.changed for one in harvested) or noted != list(memory.findings())
        others = mark != release.mark  # somebody else took something in, or this is the first round
        release.mark = memory.mark()
    published, failure = None, ""
    if news or others or release.failures:
        try:
            partition.bench.cache_clear()  # the authority or the curated links may be others by now
            published = publish(settings, (), _silent)
        except KatalodError as error:
            failure = str(error)
        release.over(bool(failure), clock)
    dues = [turn.due for turn in (*turns, *(release,) * bool(failure))]
    return Round(number, began, tuple(harvested), published, failure, max(0.0, min(dues) - clock.now()))


def _harvested(memory: Memory, source: Source, settings: Settings) -> Harvested:
    try:
        with held(settings.home, "harvest", "harvesting into", SourceError):
            return harvest(memory, source, Wish(), settings, _silent)
    except KatalodError as error:
        return Harvested(source.name, "", 0, 0, 0, 0, 0, 0, False, str(error))


def _silent(doing: str, done: int, total: int) -> None:
    """Show no progress: nobody watches."""


@contextmanager
def _stopping() -> Iterator[None]:
    """End cleanly on SIGTERM and SIGINT: the step at hand is undone, as it would be by any error."""

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)  # once is enough
        raise Stopped

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
