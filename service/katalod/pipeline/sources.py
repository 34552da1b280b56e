"""One harvest of one source, of whatever kind."""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from katalod.errors import KatalodError, SettingsError, SourceError
from katalod.fetch import Limits, Session
from katalod.harvest import Memory
from katalod.holding import held
from katalod.pipeline.folders import take_folder
from katalod.pipeline.harvesting import Harvest
from katalod.pipeline.intake import Progress
from katalod.pipeline.standing import Account, account_of, standing_of
from katalod.pipeline.steps import Tally, now
from katalod.settings import DAY, Settings, Source, checked_source
from katalod.sources import datestamps, dspace, oai_pmh
from katalod.sources.listing import Repository


@dataclass(frozen=True, slots=True)
class Wish:
    """What one harvest is asked for beyond what its source says."""

    since: str = ""
    until: str = ""
    full: bool = False
    reconcile: bool = False


@dataclass(frozen=True, slots=True)
class Harvested:
    """What one harvest of one source came to."""

    source: str
    said: str
    records: int
    deletions: int
    changed: int
    vanished: int
    lost: int  # records that are known to be there, and could not be had so far
    gaps: int  # spans of time that could not be listed so far
    whole: bool  # nothing is known to be missing, as `Standing` has it
    failure: str = ""
    remarks: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say it in one line."""
        told = f"{self.source}: {self.records} records, {self.deletions} deletions, {self.changed} changed"
        told += f", {self.vanished} vanished" * bool(self.vanished) + f", {self.lost} missing" * bool(self.lost)
        told += f", {self.gaps} spans of time cannot be listed" * bool(self.gaps)
        return f"{told}; stopped: {self.failure}" if self.failure else told


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for: a source by name or address, and what is wished of it."""

    source: str = ""  # empty: all of the settings
    form: str = ""
    chosen_set: str = ""
    since: str = ""
    until: str = ""
    name: str = ""
    dspace: bool = False
    reconcile: bool = False
    full: bool = False


def harvest_all(settings: Settings, asked: Asked, progress: Progress) -> Iterator[Harvested]:
    """Harvest what is asked for, one source after the other; gives what each came to as soon as it has ended.

    Raises Busy while another process harvests into the home, and SourceError for a source that nobody knows.
    """
    chosen = settings.sources
    if asked.source:
        kind = "dspace" if asked.dspace else ""
        chosen = (source_of(settings, asked.source, asked.name, kind, asked.form, asked.chosen_set),)
    if not chosen:
        raise SettingsError("there is nothing to harvest; give an address, or name sources in katalod.toml")
    for key, moment in (("--from", asked.since), ("--until", asked.until)):
        if moment and datestamps.utc(moment) != moment:
            raise SettingsError(f"{key} cannot be {moment!r}; write 2024-05-01, or 2024-05-01T00:00:00Z in UTC")
    wish = Wish(asked.since, asked.until, asked.full, asked.reconcile)
    with held(settings.home, "harvest", "harvesting into", SourceError), Memory(settings.home) as memory:
        for source in chosen:
            yield harvest(memory, source, wish, settings, progress)


def listing(settings: Settings, source: str = "") -> Iterator[dict[str, object]]:
    """Give what the memory holds, a row a record."""
    with Memory(settings.home) as memory:
        for row in memory.listing():
            if source in ("", row["source"]):
                yield row


def harvest(memory: Memory, source: Source, wish: Wish, settings: Settings, progress: Progress) -> Harvested:
    """Harvest one source; what keeps it from coming to its end is a reason in what is given, and is kept."""
    account = replace(account_of(memory, source.name), kind=source.kind, url=source.url, set=source.set, tried=now())
    tally, failure = Tally(), ""
    remarks: list[str] = []
    try:
        if source.kind == "files":
            reconcile = wish.reconcile or (bool(source.reconcile) and _due(account, source))
            tally, remarks = take_folder(memory, source, reconcile, progress)
            compared = reconcile
        else:
            session = Session(_limits(settings))
            with contextlib.closing(session):
                repository = _connected(session, source)
                account = replace(account, said=repository.said)
                run = Harvest(memory, repository, source, progress)
                tally = run.tally
                compared = _run(run, wish, _due(account, source) and not repository.keeps_deletions)
        moment = now()
        compared = compared or not account.compared  # a first harvest has nothing to be compared with
        account = replace(account, succeeded=moment, compared=moment if compared else account.compared)
    except (KatalodError, sqlite3.Error) as error:  # another process may hold the memory for long
        failure = str(error)
    account = replace(account, failure=failure, remarks=tuple(remarks))
    with contextlib.suppress(sqlite3.Error):  # of a disk that is full
        memory.intervals.say(source.name, json.dumps(asdict(account), ensure_ascii=False))
    lost, gaps = memory.intervals.lost_count(source.name), memory.intervals.gaps(source.name)
    counts = (tally.records, tally.deletions, tally.changed, tally.vanished, lost, gaps)
    whole = not failure and standing_of(memory, settings, source.name).whole
    return Harvested(source.name, account.said, *counts, whole, failure, tuple(remarks))


def source_of(settings: Settings, target: str, name: str, kind: str, form: str, chosen_set: str) -> Source:
    """Find the source that a name or address stands for: one of the settings, or one made on the spot.

    The name of the latter is its address and set, so that it is known again.
    """
    for source in settings.sources:
        same = source.url == target and chosen_set in ("", source.set) and not name
        if target == source.name or same:
            given = {"format": form, "set": chosen_set, "kind": kind}
            changed: dict[str, Any] = {key: value for key, value in given.items() if value}
            source = replace(source, **changed)
            return checked_source(source, f"[sources.{source.name}]")
    if urlsplit(target).scheme in ("http", "https"):
        address = target.partition("?")[0].rstrip("/")
        name = name or address.partition("://")[2] + (f"#{chosen_set}" if chosen_set else "")
        kind = kind or "oai-pmh"
    elif Path(target).exists():
        name, kind = name or Path(target).resolve().name, "files"
    else:
        known = ", ".join(source.name for source in settings.sources) or "none"
        raise SourceError(
            f"harvesting {target!r}: it is no web address, no file or folder, and no source of the settings"
            f" (these are: {known}); check the name, or add a table [sources.{target}]"
        )
    return checked_source(Source(name, target, kind, form, chosen_set), f"harvesting {target}")


def _connected(session: Session, source: Source) -> Repository:
    if source.kind == "dspace":
        return dspace.connect(session, source.name, source.url)
    return oai_pmh.connect(session, source.name, source.url, source.format, source.set)


def _run(run: Harvest, wish: Wish, due: bool) -> bool:
    """Do what is to be done; gives whether the full list was compared."""
    run.ask_again()
    if wish.since or wish.until or wish.full:
        run.between(wish.since, wish.until)
    else:
        run.new()
    if wish.reconcile or due:
        run.compare()
        return True
    return False


def _due(account: Account, source: Source) -> bool:
    """Whether the full list was compared so long ago that it is time again."""
    period = 7 * DAY if source.reconcile is None else source.reconcile
    if not account.compared or not period:
        return False
    return (datetime.now(UTC) - datetime.fromisoformat(account.compared)).total_seconds() >= period


def _limits(settings: Settings) -> Limits:
    return Limits(
        attempts=settings.harvest_attempts,
        pause=settings.harvest_pause,
        wait=settings.harvest_wait,
        silence=settings.harvest_silence,
        whole=settings.harvest_timeout,
        size=settings.harvest_size << 20,
    )
