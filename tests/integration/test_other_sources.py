"""DSpace's REST interface and folders as sources: what changed, what cannot be had, what is no longer there."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import works_page
from tests.dspace import DSpace, handle, items, serving, uuid

from katalod.errors import SettingsError, SourceError
from katalod.harvest import Memory
from katalod.pipeline import sources, standing
from katalod.pipeline.sources import Asked, Harvested
from katalod.settings import Settings, Source


@pytest.fixture
def quick(made: Settings) -> Settings:
    return replace(made, harvest_pause=0.0, harvest_attempts=2)


@pytest.fixture
def dspace() -> Iterator[DSpace]:
    with serving(DSpace(items(range(250)))) as repository:
        yield repository


def harvest(settings: Settings, target: str, **asked: Any) -> Harvested:
    (one,) = sources.harvest_all(settings, Asked(target, **asked), lambda *_: None)
    return one


def living(settings: Settings) -> set[object]:
    with Memory(settings.home) as memory:
        return {row["id"] for row in memory.listing() if not row["deleted"]}


def test_all_items_come_page_by_page(quick: Settings, dspace: DSpace) -> None:
    done = harvest(quick, dspace.url, dspace=True)
    assert (done.records, done.failure) == (250, "")
    assert living(quick) == {handle(n) for n in range(250)}
    assert [path.partition("page=")[2] for path in dspace.log] == [f"{page}&size=100" for page in range(3)]
    (row,) = standing.standings(quick)
    assert row.whole
    assert row.intervals[0].end == "2025-06-01T12:00:00Z", "the source's clock counts"


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:{}", "http://127.0.0.1:{}/server/", "http://127.0.0.1:{}/server/api/core/items"]
)
def test_the_interface_is_found_below_the_repositorys_address(quick: Settings, dspace: DSpace, address: str) -> None:
    assert harvest(quick, address.format(dspace.port), dspace=True).records == 250


def test_the_next_run_goes_no_further_than_to_what_is_known(quick: Settings, dspace: DSpace) -> None:
    harvest(quick, dspace.url, dspace=True)
    dspace.log.clear()
    dspace.items[uuid(7)] = ("2025-06-01T13:00:00.001+00:00", "Ein neuer Titel")
    dspace.items[uuid(900)] = ("2025-06-01T14:00:00.001+00:00", "Neu")
    done = harvest(quick, dspace.url, dspace=True)
    assert (done.records, done.changed) == (2, 2)
    assert len(dspace.log) == 1


def test_deletions_are_found_by_comparing(quick: Settings, dspace: DSpace) -> None:
    harvest(quick, dspace.url, dspace=True)
    for n in (3, 120, 249):
        del dspace.items[uuid(n)]
    assert harvest(quick, dspace.url, dspace=True, reconcile=True).vanished == 3
    assert living(quick) == {handle(n) for n in range(250)} - {handle(n) for n in (3, 120, 249)}


def test_an_item_that_cannot_be_written_costs_only_itself(quick: Settings, dspace: DSpace) -> None:
    dspace.bad = {uuid(120)}
    done = harvest(quick, dspace.url, dspace=True)
    assert (done.records, done.lost, done.failure) == (249, 1, "")
    (row,) = standing.standings(quick)
    assert not row.whole
    dspace.bad.clear()
    assert harvest(quick, dspace.url, dspace=True, full=True).lost == 0
    assert living(quick) == {handle(n) for n in range(250)}
    assert standing.standings(quick)[0].whole


def test_what_is_no_dspace_is_said_not_to_be(quick: Settings, dspace: DSpace) -> None:
    done = harvest(quick, f"http://127.0.0.1:{dspace.port}/other/server", dspace=True)
    assert "status 404" in done.failure
    with pytest.raises(SettingsError, match="no web address"):
        harvest(replace(quick, sources=(Source("x", "ftp://example.org", "dspace"),)), "x", form="dim")


# Folders.


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "export"
    path.mkdir()
    for n in range(3):
        (path / f"{n}.xml").write_text(works_page(range(n * 10, n * 10 + 10)), "utf-8")
    return path


def test_only_files_that_changed_are_taken_again(quick: Settings, folder: Path) -> None:
    assert harvest(quick, str(folder)).records == 30
    done = harvest(quick, str(folder))
    assert (done.records, done.changed) == (0, 0)
    os.utime(folder / "0.xml")
    assert harvest(quick, str(folder)).records == 0, "a new date alone is no change"
    (folder / "1.xml").write_text(works_page(range(10, 21)), "utf-8")
    done = harvest(quick, str(folder))
    assert (done.records, done.changed) == (11, 1), "number 20 now stands in another file"


def test_files_that_vanished_are_reported_and_with_reconcile_deleted(quick: Settings, folder: Path) -> None:
    harvest(quick, str(folder))
    (folder / "1.xml").unlink()
    (folder / "2.xml").write_text(works_page(range(20, 25)), "utf-8")
    done = harvest(quick, str(folder))
    assert done.remarks == (
        "export/1.xml is no longer there; its records stay until the folder is compared (--reconcile)",
    )
    assert len(living(quick)) == 30
    done = harvest(quick, str(folder), reconcile=True)
    assert (done.vanished, done.remarks) == (15, ("export/1.xml is no longer there",))
    assert len(living(quick)) == 15
    assert harvest(quick, str(folder)).remarks == ()


def test_a_file_that_cannot_be_read_deletes_nothing_and_is_tried_again(quick: Settings, folder: Path) -> None:
    harvest(quick, str(folder))
    good = (folder / "1.xml").read_text("utf-8")
    (folder / "1.xml").write_text(good[:500], "utf-8")
    for _ in range(2):
        done = harvest(quick, str(folder), reconcile=True)
        assert (done.vanished, done.remarks) == (0, ("1 files could not be read; /quality/ says why",))
    assert len(living(quick)) == 30
    (folder / "1.xml").write_text(good, "utf-8")
    assert harvest(quick, str(folder)).remarks == ()
    with Memory(quick.home) as memory:
        assert not list(memory.findings())


def test_a_folder_that_is_empty_or_gone_is_no_reason_to_delete(quick: Settings, folder: Path) -> None:
    harvest(quick, str(folder), name="export")
    settings = replace(quick, sources=(Source("export", str(folder), "files"),))
    shutil.rmtree(folder)
    assert "no file or folder" in harvest(settings, "export", reconcile=True).failure
    folder.mkdir()
    assert "holds no file with records" in harvest(settings, "export", reconcile=True).failure
    assert len(living(quick)) == 30


# The command line.


def test_sources_of_the_settings_are_harvested_and_their_standing_told(
    tmp_path: Path, dspace: DSpace, folder: Path
) -> None:
    config = tmp_path / "katalod.toml"
    config.write_text(
        f'home = "{tmp_path / "home"}"\n[harvest]\npause = 0\nattempts = 1\n'
        f'[sources.folder]\nurl = "{folder}"\nkind = "files"\n'
        f'[sources.down]\nurl = "http://127.0.0.1:9/oai"\n'
        f'[sources.dspace]\nurl = "{dspace.url}"\nkind = "dspace"\nevery = "2h"\noverlap = "0"\n'
    )

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "katalod", "--config", str(config), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert run("harvest", "--status").returncode == 1, "nothing was harvested yet"
    done = run("harvest", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["source"], row["records"], bool(row["failure"])) for row in rows] == [
        ("folder", 30, False), ("down", 0, True), ("dspace", 250, False),
    ]  # fmt: skip
    assert done.returncode == 1, "one of them could not be harvested"
    assert run("harvest", "dspace").returncode == 0
    stood = run("harvest", "--status", "--json")
    assert stood.returncode == 1
    assert [(row["source"], row["whole"], row["records"]) for row in json.loads(stood.stdout)] == [
        ("folder", True, 30), ("down", False, 0), ("dspace", True, 250),
    ]  # fmt: skip
    assert "refused" in next(row["failure"] for row in json.loads(stood.stdout) if row["source"] == "down")
    assert run("harvest", "dspace", "--status").returncode == 0
    listed = run("harvest", "--list", "--json").stdout.splitlines()
    assert len(listed) == 280
    assert json.loads(listed[0]).keys() == {"id", "datestamp", "deleted", "source", "title"}
    unknown = run("harvest", "dspaec")
    assert unknown.returncode == 1
    assert "these are: folder, down, dspace" in unknown.stderr
    assert "sources: folder, down, dspace" in run("config", "check").stdout
    assert f"sources.dspace           dspace {dspace.url}" in run("config", "show").stdout


def test_what_nobody_knows_is_not_guessed(quick: Settings) -> None:
    with pytest.raises(SourceError, match="it is no web address, no file or folder"):
        harvest(quick, "difu")
    with pytest.raises(SettingsError, match="nothing to harvest"):
        list(sources.harvest_all(quick, Asked(), lambda *_: None))
    with pytest.raises(SettingsError, match=r"--from cannot be '1\.5\.2024'"):
        harvest(quick, "https://repository.example.org/oai", since="1.5.2024")
