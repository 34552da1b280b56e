"""How sources stand: what is held of each, what was asked of it, and what is missing."""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from katalod.harvest import Interval, Memory
from katalod.settings import Settings


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of a source from its harvests, by our own clock: for people to read."""

    kind: str = ""
    url: str = ""
    set: str = ""
    said: str = ""  # which form was chosen, and why
    tried: str = ""
    succeeded: str = ""
    compared: str = ""  # with the full list
    failure: str = ""  # of the last harvest; empty where it ended well
    remarks: tuple[str, ...] = ()


_SHOWN = ("until", "began", "state", "verb", "pages", "records", "deletions", "size", "touched")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a source stands: what is held of it, what was asked, and what is missing."""

    source: str
    account: Account
    records: int
    deletions: int
    intervals: tuple[Interval, ...]
    lost: tuple[tuple[str, str], ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is known to be missing."""
        done = all(one.state == "complete" and not one.reason for one in self.intervals)
        return bool(self.account.succeeded) and not self.account.failure and not self.lost and done

    def row(self) -> dict[str, Any]:
        """Give it for scripts."""
        intervals = [
            {"from": one.since, **{name: getattr(one, name) for name in _SHOWN}, "reason": one.reason}
            for one in self.intervals
        ]
        lost = [{"id": identifier, "reason": reason} for identifier, reason in self.lost]
        counts = {"records": self.records, "deletions": self.deletions}
        return {
            "source": self.source, "whole": self.whole, **asdict(self.account), **counts, "intervals": intervals,
            "missing": lost,
        }  # fmt: skip

    def lines(self) -> list[str]:
        """Give it for people."""
        account = self.account
        lines = [f"{self.source}  {account.kind} {account.url}  {account.said}".rstrip()]
        held = f"{self.records} records, {self.deletions} deletions"
        lines.append(f"  {held}; last success: {account.succeeded or 'never'}")
        lines += [f"  {_told(one)}" for one in self.intervals]
        lines += [f"  note: {remark}" for remark in account.remarks]
        lines += [f"  failed {account.tried}: {account.failure}"] * bool(account.failure)
        lines += [f"  missing: {identifier}: {reason}" for identifier, reason in self.lost]
        return lines


def standings(settings: Settings, source: str = "") -> list[Standing]:
    """Say how each source stands, those of the settings first, then those that were harvested by their address."""
    names = [source.name for source in settings.sources]
    with Memory(settings.home) as memory:
        names += [name for name in memory.intervals.sources() if name not in names]
        found = [standing_of(memory, settings, name) for name in names]
    return [one for one in found if source in ("", one.source, one.account.url)]


def standing_of(memory: Memory, settings: Settings, name: str) -> Standing:
    """Say how one source stands."""
    account = account_of(memory, name)
    for source in settings.sources:
        if source.name == name and not account.url:
            account = Account(source.kind, source.url, source.set)
    books = memory.intervals
    return Standing(name, account, *books.counts(name), tuple(books.of(name)), tuple(books.lost(name)))


def account_of(memory: Memory, name: str) -> Account:
    """Give what is known of a source; nothing where it was never harvested."""
    said = memory.intervals.sources().get(name)
    row: dict[str, Any] = json.loads(said) if said else {}
    known = {field.name for field in fields(Account)}
    row = {key: tuple(value) if key == "remarks" else value for key, value in row.items() if key in known}
    return Account(**row)


def _told(one: Interval) -> str:
    doing = {"compare": "comparison of the full list", "remove": "comparison of the full list"}.get(one.verb, "list")
    span = f"from {one.since or 'the beginning'} until {one.until or one.began or 'now'}"
    counts = f"{one.pages} pages, {one.records} records, {one.deletions} deletions"
    counts += f" of {one.size}" * bool(one.size)
    told = f"{doing} {span}: {one.state}, {counts}, last page {one.touched}"
    return f"{told}: {one.reason}" if one.reason else told
