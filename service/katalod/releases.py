"""Releases on disk: built aside, made current by one atomic rename, never written again.

::

    home/current                 the id of the release that is served
    home/releases/<id>/          manifest.json dump.nq.gz store/ search/ report/ changes.jsonl
    home/releases/.draft-…/      one being built; left behind by a killed publish, removed by the next
"""

import gzip
import heapq
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

from katalod.errors import NoRelease, ReleaseError
from katalod.holding import held
from katalod.model import Change, Release
from katalod.report import Report

TIME = "%Y-%m-%dT%H:%M:%SZ"


def publishing(home: Path) -> AbstractContextManager[None]:
    """Hold the home for one publish at a time; raises Busy where another process holds it."""
    return held(home, "publish", "publishing into", ReleaseError)


def draft(home: Path) -> Path:
    """Begin a folder for a new release; what a killed publish left behind is removed."""
    folder = home / "releases"
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob(".draft-*"):
        shutil.rmtree(stale)
    new = folder / f".draft-{os.getpid()}"
    new.mkdir()
    return new


def finish(home: Path, folder: Path, release: Release) -> None:
    """Write the manifest of a draft and give the folder its name; it is not yet current."""
    text = json.dumps(asdict(release) | {"counts": dict(release.counts), "digests": dict(release.digests)}, indent=1)
    _write(folder / "manifest.json", text)
    for path in folder.rglob("*"):  # a power cut after the promotion must not find it half written
        _sync(path)
    folder.rename(_folder(home, release.id))
    _sync(home / "releases")


def promote(home: Path, release: str) -> None:
    """Make a release the current one: readers see the old or the new, never a mixture."""
    find(home, release)
    new = home / "current.new"
    _write(new, release + "\n")
    new.replace(home / "current")  # rename(2) is atomic within a file system (POSIX.1)
    _sync(home)


def current(home: Path) -> str:
    """Give the id of the current release; raises NoRelease where nothing is published."""
    try:
        return (home / "current").read_text().strip()
    except FileNotFoundError as error:
        raise NoRelease(f"nothing is published in {home} yet; publish records with `katalod publish SOURCE`") from error


def folder(home: Path, release: str = "") -> Path:
    """Give the folder of a release, by default the current one."""
    path = _folder(home, release or current(home))
    if not (path / "manifest.json").is_file():
        raise ReleaseError(f"there is no release {release or path.name} in {home}; see `katalod releases list`")
    return path


def find(home: Path, release: str = "") -> Release:
    """Read the manifest of a release, by default of the current one."""
    path = folder(home, release) / "manifest.json"
    try:
        row = json.loads(path.read_text("utf-8"))
        row["counts"], row["digests"] = tuple(row["counts"].items()), tuple(row["digests"].items())
        return Release(**row)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ReleaseError(f"reading {path}: {error}; the release is damaged, roll back or publish anew") from error


def listing(home: Path) -> list[Release]:
    """List the releases, the newest first."""
    manifests = (home / "releases").glob("[0-9]*/manifest.json")
    return [find(home, path.parent.name) for path in sorted(manifests, reverse=True)]


def next_id(home: Path, digest: str) -> str:
    """Name a new release: its number in this home, and the beginning of its dump's digest."""
    numbers = [int(release.id.split("-")[0]) for release in listing(home)]
    return f"{max(numbers, default=0) + 1:06d}-{digest[:8]}"


def moment(home: Path) -> str:
    """Give the time for a new release: now, and later than that of every other release, whatever the clock says.

    Feeds are read by time: no two releases may share a second, and none may seem older than one before it.
    """
    now = datetime.now(UTC).strftime(TIME)
    newest = max((release.created for release in listing(home)), default="")
    if now > newest:
        return now
    return (datetime.strptime(newest, TIME).replace(tzinfo=UTC) + timedelta(seconds=1)).strftime(TIME)


def lineage(home: Path, release: str = "") -> list[Release]:
    """Give the kept releases that led to a release without a gap, the oldest first and the release itself last."""
    found = [find(home, release)]
    while found[-1].former and (_folder(home, found[-1].former) / "manifest.json").is_file():
        found.append(find(home, found[-1].former))
    return found[::-1]


def overruled(home: Path) -> Iterator[Change]:
    """Give what the releases after the current one changed: they were rolled back, but clients may have taken it."""
    if (home / "current").exists():
        now = current(home)
        for release in listing(home):
            if release.id > now:
                yield from read_changes(_folder(home, release.id))


def rollback(home: Path, release: str = "") -> Release:
    """Point back to a release, by default to the one before the current; nothing is built or removed."""
    with publishing(home):
        if not release:
            older = [item.id for item in listing(home) if item.id < current(home)]
            if not older:
                raise ReleaseError(f"there is no release before {current(home)} in {home}; nothing was changed")
            release = older[0]
        promote(home, release)
        return find(home, release)


def prune(home: Path, keep: int) -> list[str]:
    """Remove all but the newest releases and the current one; gives the ids of those removed."""
    if keep < 1:
        raise ReleaseError(f"cannot keep {keep} releases; keep at least 1")
    with publishing(home):
        now = current(home)
        # What was rolled back is spared too: the next release has to say what it took back.
        spared = {release.id for release in listing(home)[:keep]} | {now}
        spared |= {release.id for release in listing(home) if release.id > now}
        doomed = [release.id for release in listing(home) if release.id not in spared]
        for release in doomed:
            removed = home / "releases" / f".draft-pruned-{release}"  # no release any more, even if we are killed here
            _folder(home, release).rename(removed)
            shutil.rmtree(removed)
            shutil.rmtree(home / "derived" / release, ignore_errors=True)
        return doomed


def changes(home: Path, before: str, after: str) -> list[Change]:
    """Say which works were created, updated and deleted between two releases."""
    with Report(folder(home, before)) as then, Report(folder(home, after)) as now:
        return sorted(now.changes_since(then), key=lambda change: change.path)


def patch(home: Path, before: str, after: str) -> Iterator[str]:
    """Give the difference of two releases as an RDF Patch: a line `A` or `D` a quad, in the dump's order."""
    with (
        gzip.open(folder(home, before) / "dump.nq.gz", "rt", encoding="utf-8") as then,
        gzip.open(folder(home, after) / "dump.nq.gz", "rt", encoding="utf-8") as now,
    ):
        sides = heapq.merge(((line, "D") for line in then), ((line, "A") for line in now))
        for line, found in groupby(sides, key=lambda side: side[0]):
            marks = [mark for _, mark in found]
            if len(marks) == 1:
                yield f"{marks[0]} {line}"


def write_changes(folder: Path, changes: list[Change]) -> None:
    """Write the change log of a release: the one account that every feed reads."""
    rows = (json.dumps(asdict(change), ensure_ascii=False) + "\n" for change in changes)
    _write(folder / "changes.jsonl", "".join(rows))


def read_changes(folder: Path) -> Iterator[Change]:
    """Read the change log of a release."""
    with (folder / "changes.jsonl").open(encoding="utf-8") as file:
        for line in file:
            yield Change(**json.loads(line))


def _folder(home: Path, release: str) -> Path:
    if not release or len(release) > 60 or not release.isascii() or "/" in release or release.startswith("."):
        raise ReleaseError(f"{release[:60]!r} is no release; see `katalod releases list`")
    return home / "releases" / release


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Make renames in a folder outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
