"""`katalod follow` keeps a catalogue in step: rounds on a schedule, one at a time, ended cleanly."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from tests.repository import Fault, Held, Repository, many, serving

from katalod import releases
from katalod.errors import Busy, SettingsError, SourceError
from katalod.holding import held
from katalod.pipeline import sources
from katalod.pipeline.following import Clock, follow
from katalod.pipeline.sources import Asked
from katalod.settings import Settings, Source


@dataclass
class Told:
    """A clock that stands still until somebody waits, and no chance."""

    moment: float = 1_750_000_000.0
    waits: list[float] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.moment += seconds

    def clock(self, chance: float = 0.0) -> Clock:
        return Clock(lambda: self.moment, self.wait, lambda: chance)


@pytest.fixture
def flaky() -> Iterator[Repository]:
    with serving(Repository(many(5))) as repository:
        yield repository


@pytest.fixture
def quick(made: Settings, flaky: Repository) -> Settings:
    return replace(made, harvest_pause=0.0, harvest_attempts=1, sources=(Source("difu", flaky.url),))


def test_each_round_harvests_publishes_what_is_new_and_says_a_line(quick: Settings, flaky: Repository) -> None:
    lines: list[str] = []
    told = Told()

    def change(repository: Repository, page: int) -> None:
        """What happens in the source while the world goes on."""
        match len(repository.asked("ListRecords")):
            case 3:
                repository.records["oai:flaky.example:difu/9"] = Held("2025-06-01T11:00:00Z")
            case 4:
                repository.records["oai:flaky.example:difu/0"] = Held("2025-06-01T11:30:00Z", deleted=True)

    flaky.before_page = change
    follow(quick, 3600.0, lines.append, told.clock(), rounds=4)
    assert told.waits == [3600.0] * 3
    first, second, third, fourth = lines
    assert first.startswith("2025-06-15T15:06:40Z round 1: difu: 5 records, 0 deletions, 5 changed; published 000001-")
    assert first.endswith("(5 created); next in 3600 s")
    assert "0 changed; nothing to publish; next in 3600 s" in second
    assert "1 records, 0 deletions, 1 changed; published 000002-" in third
    assert "(1 created)" in third
    assert "1 deletions, 1 changed; published 000003-" in fourth
    assert releases.find(quick.home).count("works") == 5


def test_after_a_failure_it_comes_again_soon_but_later_each_time(quick: Settings, flaky: Repository) -> None:
    flaky.faults = [Fault("s503", 1, 7)]
    told, lines = Told(), list[str]()
    follow(quick, 3600.0, lines.append, told.clock(), rounds=9)
    assert told.waits == [60.0, 120.0, 240.0, 480.0, 960.0, 1920.0, 3600.0, 3600.0]
    assert "stopped: fetching" in lines[0]
    assert "5 records" in lines[7]


def test_each_source_has_its_own_time_and_jitter_is_added(quick: Settings, flaky: Repository) -> None:
    settings = replace(
        quick, sources=(Source("often", flaky.url, every=100.0), Source("seldom", flaky.url, every=250.0))
    )
    told, lines = Told(), list[str]()
    follow(settings, 3600.0, lines.append, told.clock(chance=0.5), rounds=4)
    assert [("often" in line, "seldom" in line) for line in lines] == [
        (True, True), (True, False), (True, False), (False, True),
    ]  # fmt: skip
    assert told.waits[:2] == [pytest.approx(105.0), pytest.approx(105.0)]
    assert told.waits[2] == pytest.approx(52.5)


def test_what_somebody_else_took_in_is_published_too(quick: Settings, flaky: Repository, tmp_path: Path) -> None:
    told, lines = Told(), list[str]()
    page = tmp_path / "x.xml"

    def wait(seconds: float) -> None:
        told.wait(seconds)
        from tests.conftest import works_page

        page.write_text(works_page([700]), "utf-8")
        list(sources.harvest_all(quick, Asked(str(page)), lambda *_: None))

    follow(quick, 3600.0, lines.append, Clock(lambda: told.moment, wait, lambda: 0.0), rounds=2)
    assert "(1 created)" in lines[1]


def test_a_publish_that_fails_is_tried_again(quick: Settings) -> None:
    told, lines = Told(), list[str]()
    with releases.publishing(quick.home):
        follow(quick, 3600.0, lines.append, told.clock(), rounds=2)
    assert told.waits == [60.0]
    assert "not published: another process is publishing" in lines[0]
    assert "difu" not in lines[1], "its time has not come"
    follow(quick, 3600.0, lines.append, told.clock(), rounds=1)
    assert "(5 created)" in lines[2]


def test_a_memory_that_cannot_be_opened_is_no_end(quick: Settings) -> None:
    told, lines = Told(), list[str]()
    quick.home.mkdir()
    (quick.home / "harvest.sqlite").write_text("no database " * 100)

    def wait(seconds: float) -> None:
        told.wait(seconds)
        (quick.home / "harvest.sqlite").unlink()

    follow(quick, 3600.0, lines.append, Clock(lambda: told.moment, wait, lambda: 0.0), rounds=2)
    assert "opening the harvest memory" in lines[0]
    assert told.waits == [60.0]
    assert "(5 created)" in lines[1]


def test_two_never_follow_in_one_home(quick: Settings) -> None:
    with (
        held(quick.home, "follow", "following in", SourceError),
        pytest.raises(Busy, match="another process is following in"),
    ):
        follow(quick, 60.0, print, Told().clock(), rounds=1)


def test_there_must_be_something_to_follow(made: Settings) -> None:
    with pytest.raises(SettingsError, match="nothing to follow"):
        follow(made, 60.0, print, rounds=1)


@pytest.mark.parametrize("moment", ["waiting", "harvesting", "publishing"])
def test_it_ends_cleanly_when_it_is_told_to(tmp_path: Path, flaky: Repository, moment: str) -> None:
    home = tmp_path / "home"
    config = tmp_path / "katalod.toml"
    config.write_text(f'home = "{home}"\n[publish]\njobs = 1\n[sources.difu]\nurl = "{flaky.url}"\n')
    if moment == "harvesting":
        flaky.before_page = lambda *_: time.sleep(3)
    elif moment == "publishing":
        flaky.records, flaky.size = many(3_000), 1_000
    command = [sys.executable, "-m", "katalod", "--config", str(config), "follow", "--every", "1h"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    assert process.stdout is not None
    if moment == "waiting":
        assert "published 000001-" in process.stdout.readline()
    elif moment == "harvesting":
        while not flaky.asked("ListRecords"):
            time.sleep(0.01)
    else:
        while not list((home / "releases").glob(".draft-*")):
            time.sleep(0.01)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 0, err
    assert time.monotonic() - began < (2.5 if moment == "harvesting" else 10)
    assert "stopped; the next start goes on from here" in out
    assert "Traceback" not in err
    assert not list((home / "releases").glob(".draft-*"))
    assert (home / "current").exists() == (moment == "waiting")


def test_one_round_for_those_who_have_a_scheduler(tmp_path: Path, flaky: Repository) -> None:
    config = tmp_path / "katalod.toml"
    config.write_text(f'home = "{tmp_path / "home"}"\n[publish]\njobs = 1\n[sources.difu]\nurl = "{flaky.url}"\n')
    command = [sys.executable, "-m", "katalod", "--config", str(config), "follow", "--once"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.count("\n")) == (0, 1), done.stderr
    config.write_text(config.read_text().replace(flaky.url, "http://127.0.0.1:9/oai") + "\n[harvest]\nattempts = 1\n")
    assert subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 1
