"""A harvest ends equal to the source's list, to the record and the deletion, whatever happens on the way."""

import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.repository import Fault, Held, Repository, many, serving

from katalod import pipeline, releases
from katalod.errors import Busy, SourceError
from katalod.harvest import Memory
from katalod.holding import held
from katalod.pipeline import sources, standing
from katalod.pipeline.sources import Asked, Harvested
from katalod.report import Report
from katalod.settings import Settings, Source

SHARED = Path(__file__).parents[2].parent / "shared"


@pytest.fixture
def quick(made: Settings) -> Settings:
    """Settings that do not wait between two attempts."""
    return replace(made, harvest_pause=0.0, harvest_attempts=3)


@pytest.fixture
def flaky() -> Iterator[Repository]:
    with serving(Repository(many(35, deleted=7))) as repository:
        yield repository


def harvest(settings: Settings, url: str, **asked: Any) -> Harvested:
    (one,) = sources.harvest_all(settings, Asked(url, **asked), lambda *_: None)
    return one


def memory(settings: Settings) -> dict[str, tuple[str, bool]]:
    with Memory(settings.home) as kept:
        return {str(row["id"]): (str(row["datestamp"]), bool(row["deleted"])) for row in kept.listing()}


def whole(settings: Settings) -> bool:
    return all(one.whole for one in standing.standings(settings))


FAULTS = [
    "s503@2", "s503date@2", "s429@2", "s500@2*2", "html@2", "empty@2", "hang@2", "expired@3", "expired@3*2", "redirect@2",
    "reset@2", "cut@2", "chunk@2", "truncgz@2", "badutf8@2", "xml@2", "latin1@2", "nons@2", "dup@2", "loop@2",
    "html@2*9", "xml@2*99", "badutf8@1*99", "s404@3",
]  # fmt: skip


ONE_TIME = ["s503@2", "reset@2", "truncgz@2", "expired@3", "loop@2", "html@2"]


@pytest.mark.parametrize(("fault", "one_time"), [*((f, False) for f in FAULTS), *((f, True) for f in ONE_TIME)])
def test_each_fault_is_survived(quick: Settings, flaky: Repository, fault: str, one_time: bool) -> None:
    """Also where a token works once only, and asking again is what makes it expire."""
    flaky.faults, flaky.one_time = [Fault.read(fault)], one_time
    done = harvest(quick, flaky.url, form="oai_dc")
    assert memory(quick) == flaky.truth()
    assert done.whole
    assert (done.records, done.deletions, done.lost) == (30, 5, 0)
    assert whole(quick)


def test_a_page_that_is_never_given_costs_nothing_but_time(quick: Settings, flaky: Repository) -> None:
    """No list of more than a page is ever read to its end: it is cut into spans that fit."""
    flaky.faults = [Fault("never", 2, 10_000)]
    done = harvest(quick, flaky.url)
    assert memory(quick) == flaky.truth()
    assert done.whole
    assert whole(quick)


def test_what_cannot_be_listed_is_named_and_asked_for_again(quick: Settings, flaky: Repository) -> None:
    flaky.records |= {f"oai:flaky.example:difu/x{n}": Held("2024-05-01T00:00:07Z") for n in range(25)}
    flaky.faults = [Fault("never", 2, 10_000)]
    done = harvest(quick, flaky.url)
    assert done.gaps == 1
    assert not done.whole
    (row,) = standing.standings(quick)
    assert not row.whole
    failed = [one for one in row.intervals if one.state == "failed"]
    assert [(one.since, one.until) for one in failed] == [("2024-05-01T00:00:07Z", "2024-05-01T00:00:07Z")]
    with Memory(quick.home) as kept:
        assert [f.shape for f in kept.findings()] == ["list-gap"]
    missing = flaky.truth().keys() - memory(quick).keys()
    assert len(missing) == 15
    assert {name.split("/")[-1][0] for name in missing} == {"x"}
    flaky.faults = []
    assert harvest(quick, flaky.url).whole
    assert memory(quick) == flaky.truth()
    assert whole(quick)
    with Memory(quick.home) as kept:
        assert not list(kept.findings())


def test_an_endless_list_is_said_to_be_one(quick: Settings, flaky: Repository) -> None:
    flaky.faults = [Fault("loop", 2, 10_000)]
    done = harvest(quick, flaky.url)
    assert "again and again" in done.failure
    assert not whole(quick)
    flaky.faults = []
    assert harvest(quick, flaky.url).whole
    assert memory(quick) == flaky.truth()


def test_a_slow_answer_has_its_time_and_no_more(quick: Settings, flaky: Repository) -> None:
    """2 s in drips, each in time: ended after 0.5 s and asked again."""
    flaky.faults = [Fault("drip", 2, 1)]
    began = time.monotonic()
    assert harvest(replace(quick, harvest_timeout=0.5), flaky.url).whole
    assert time.monotonic() - began < 1.8
    assert memory(quick) == flaky.truth()


def test_a_record_nobody_can_read_is_named_and_the_others_are_kept(quick: Settings, flaky: Repository) -> None:
    bad, empty = "oai:flaky.example:difu/12", "oai:flaky.example:difu/21"
    flaky.bad = {bad}
    flaky.records[empty] = replace(flaky.records[empty], bare=True)
    done = harvest(quick, flaky.url)
    assert (done.failure, done.lost) == ("", 2)
    assert memory(quick).keys() == flaky.records.keys() - {bad, empty}
    (row,) = standing.standings(quick)
    assert not done.whole
    assert not row.whole
    assert [name for name, _ in row.lost] == [bad, empty]
    for asked in ([flaky.url], ["--status"]):
        told = subprocess.run([*KATALOD, "harvest", *asked, "--home", str(quick.home)], env=QUICK, capture_output=True)
        assert told.returncode == 1, asked
    with Memory(quick.home) as kept:
        found = {(f.shape, f.identifier) for f in kept.findings()}
    assert found == {("record-lost", bad), ("record-lost", empty), ("no-metadata", empty)}
    flaky.bad.clear()
    flaky.records[empty] = replace(flaky.records[empty], bare=False)
    assert harvest(quick, flaky.url).lost == 0
    assert memory(quick) == flaky.truth()
    assert whole(quick)
    with Memory(quick.home) as kept:
        assert not list(kept.findings())


# What is asked.


def test_the_best_format_is_chosen_and_said(quick: Settings, flaky: Repository) -> None:
    assert harvest(quick, flaky.url).said == "dim, what keeps most of oai_dc, dim, mets"
    assert {row["metadataPrefix"] for row in flaky.asked("ListRecords") if "metadataPrefix" in row} == {"dim"}
    flaky.formats = ("oai_dc", "mets")
    assert "loses languages" in harvest(quick, flaky.url).said
    done = harvest(quick, flaky.url, form="xoai")
    assert "offers the formats oai_dc, mets, not xoai" in done.failure


def test_the_next_run_asks_from_the_sources_own_clock_less_an_overlap(quick: Settings, flaky: Repository) -> None:
    flaky.now = "2031-02-03T04:05:06Z"  # no clock of ours
    assert harvest(quick, flaky.url).records == 30
    flaky.log.clear()
    new = "oai:flaky.example:difu/new"
    flaky.records[new] = Held("2031-02-02T23:00:00Z")  # listed late: its index was behind
    flaky.now = "2031-02-04T04:05:06Z"
    done = harvest(quick, flaky.url)
    assert [row.get("from") for row in flaky.asked("ListRecords")] == ["2031-02-02T04:05:06Z"]
    assert (done.records, done.changed) == (1, 1)
    assert memory(quick) == flaky.truth()


def test_days_are_asked_for_where_the_source_knows_only_days(quick: Settings, flaky: Repository) -> None:
    flaky.granularity = "YYYY-MM-DD"
    flaky.now = "2025-06-01T00:00:30Z"
    source = Source("difu", flaky.url, overlap=0.0)
    settings = replace(quick, sources=(source,))
    harvest(settings, "difu")
    flaky.log.clear()
    assert harvest(settings, "difu").whole
    assert [row.get("from") for row in flaky.asked("ListRecords")] == ["2025-05-31"]


def test_an_interval_that_failed_is_not_done(quick: Settings, flaky: Repository) -> None:
    flaky.faults = [Fault("s503", 3, 1)]
    done = harvest(replace(quick, harvest_attempts=1), flaky.url)
    assert "503" in done.failure
    assert len(memory(quick)) == 20
    (row,) = standing.standings(quick)
    (interval,) = row.intervals
    assert (interval.state, interval.pages, row.whole, row.account.succeeded) == ("open", 2, False, "")
    assert "503" in interval.reason
    flaky.log.clear()
    done = harvest(quick, flaky.url)
    assert done.whole
    assert [row["page"] for row in flaky.asked("ListRecords")] == ["3", "4"], "what was kept was fetched again"
    assert memory(quick) == flaky.truth()
    assert whole(quick)


def test_a_token_from_long_ago_is_not_believed(quick: Settings, flaky: Repository) -> None:
    flaky.faults = [Fault("s503", 3, 1)]
    harvest(replace(quick, harvest_attempts=1), flaky.url)
    database = sqlite3.connect(quick.home / "harvest.sqlite")
    with database:
        database.execute("update interval set touched = '2024-01-01T00:00:00Z'")
    database.close()
    flaky.log.clear()
    assert harvest(quick, flaky.url).whole
    assert [row["page"] for row in flaky.asked("ListRecords")] == ["1", "2", "3", "4"]


def test_by_set_and_by_date(quick: Settings, flaky: Repository) -> None:
    flaky.sets = dict.fromkeys(list(flaky.records)[:5], "com_1")
    assert harvest(quick, flaky.url, chosen_set="com_1").records == 5
    done = harvest(quick, flaky.url, since="2024-05-01T00:10:00Z", until="2024-05-01T00:19:00Z", name="part")
    assert done.records + done.deletions == 10
    with Memory(quick.home) as kept:
        assert {row["source"] for row in kept.listing()} == {f"{flaky.url[7:]}#com_1", "part"}
    flaky.log.clear()
    harvest(quick, flaky.url, name="part")
    assert "from" not in flaky.asked("ListRecords")[0], "a part of the past is not the past"


def test_what_did_not_change_is_not_published_anew(quick: Settings, flaky: Repository) -> None:
    harvest(quick, flaky.url)
    first = pipeline.publish(quick, (), lambda *_: None)
    done = harvest(quick, flaky.url, full=True)
    assert (done.records, done.changed) == (30, 0)
    assert not pipeline.publish(quick, (), lambda *_: None).new
    name = "oai:flaky.example:difu/3"
    flaky.records[name] = replace(flaky.records[name], stamp="2025-06-01T11:00:00Z", title="Ein neuer Titel")
    assert harvest(quick, flaky.url).changed == 1
    second = pipeline.publish(quick, (), lambda *_: None)
    assert second.new
    assert [c.path for c in releases.changes(quick.home, first.release.id, second.release.id)] == ["difu/3"]


# Gaps.


def test_a_record_that_slips_through_between_two_pages_is_fetched(quick: Settings, flaky: Repository) -> None:
    """It moves to the end while page 1 is read; what follows moves up, and one stands on no page that is asked for."""

    def move(repository: Repository, page: int) -> None:
        if page == 2 and len(repository.asked("ListRecords")) == 2:
            first = next(iter(repository.records))
            repository.records[first] = replace(repository.records[first], stamp="2025-06-01T12:00:01Z")

    flaky.before_page = move
    assert harvest(quick, flaky.url).whole
    assert memory(quick) == flaky.truth()
    assert len(flaky.asked("GetRecord")) == 1
    assert whole(quick)


def test_a_list_that_is_shorter_than_it_says_is_said_to_be(quick: Settings, flaky: Repository) -> None:
    flaky.wrong_size = 4
    assert harvest(quick, flaky.url).whole
    assert memory(quick) == flaky.truth()
    with Memory(quick.home) as kept:
        (finding,) = kept.findings()
    assert (finding.shape, finding.value) == ("list-size", "35 of 39")
    assert whole(quick), "the list of identifiers says that nothing is missing"
    flaky.wrong_size = 0
    harvest(quick, flaky.url, full=True)
    with Memory(quick.home) as kept:
        assert not list(kept.findings())


def test_a_gap_that_cannot_be_found_out_is_no_success(quick: Settings, flaky: Repository) -> None:
    flaky.wrong_size, flaky.unlisted = 4, True
    harvest(quick, flaky.url)
    assert not whole(quick)
    harvest(quick, flaky.url)
    assert not whole(quick), "a later harvest does not make up for it"
    flaky.wrong_size = 0
    harvest(quick, flaky.url, full=True)
    assert whole(quick)


# Deletions.


def test_a_deleted_record_leaves_the_next_release(quick: Settings, flaky: Repository) -> None:
    harvest(quick, flaky.url)
    pipeline.publish(quick, (), lambda *_: None)
    name = "oai:flaky.example:difu/3"
    flaky.records[name] = Held("2025-06-01T11:59:00Z", deleted=True)
    done = harvest(quick, flaky.url)
    assert (done.deletions, done.changed) == (1, 1)
    release = pipeline.publish(quick, (), lambda *_: None).release
    with Report(releases.folder(quick.home)) as report:
        gone = report.gone("difu/3")
    assert gone is not None
    changes = [(c.kind, c.path, c.datestamp, c.title) for c in releases.read_changes(releases.folder(quick.home))]
    assert changes == [("deleted", "difu/3", "2025-06-01T11:59:00Z", "Wohnen in der Größenstadt")]
    assert release.count("works") == 29


def test_reconcile_finds_what_is_no_longer_there(quick: Settings, flaky: Repository) -> None:
    flaky.deletions = "no"
    harvest(quick, flaky.url)
    before = memory(quick)
    for n in (0, 17, 33):
        del flaky.records[f"oai:flaky.example:difu/{n}"]
    flaky.now = "2025-06-02T00:00:00Z"
    assert harvest(quick, flaky.url).vanished == 0
    assert memory(quick) == before, "without a word of the source nothing is deleted"
    done = harvest(quick, flaky.url, reconcile=True)
    assert done.vanished == 3
    gone = {f"oai:flaky.example:difu/{n}": ("2025-06-02T00:00:00Z", True) for n in (0, 17, 33)}
    assert memory(quick) == flaky.truth() | gone
    with Memory(quick.home) as kept:
        titles = {row["title"] for row in kept.listing() if row["id"] in gone}
    assert titles == {"Wohnen in der Größenstadt"}
    flaky.records["oai:flaky.example:difu/17"] = Held("2024-05-01T00:17:00Z")  # back, as if nothing had been
    assert harvest(quick, flaky.url, reconcile=True).changed == 1
    assert memory(quick) == flaky.truth() | {name: gone[name] for name in gone if not name.endswith("17")}
    assert whole(quick)


def test_a_comparison_goes_on_where_it_stopped_too(quick: Settings, flaky: Repository) -> None:
    flaky.size = 5
    harvest(quick, flaky.url)
    del flaky.records["oai:flaky.example:difu/0"], flaky.records["oai:flaky.example:difu/33"]

    def down(repository: Repository, page: int) -> None:
        if page == 4 and repository.log[-1]["verb"] == "ListIdentifiers":
            repository.faults = [Fault("s503", 4, 1)]
            repository.before_page = lambda *_: None

    flaky.before_page = down
    assert "503" in harvest(replace(quick, harvest_attempts=1), flaky.url, reconcile=True).failure
    assert not whole(quick)
    flaky.log.clear()
    assert harvest(quick, flaky.url, reconcile=True).vanished == 2
    assert [row["page"] for row in flaky.asked("ListIdentifiers")] == ["4", "5", "6", "7"]
    assert whole(quick)


def test_a_list_that_is_empty_or_too_short_deletes_nothing(quick: Settings, flaky: Repository) -> None:
    harvest(quick, flaky.url)
    before = memory(quick)
    flaky.hidden = set(flaky.records)
    assert "lists not one record" in harvest(quick, flaky.url, reconcile=True).failure
    assert memory(quick) == before
    flaky.hidden, flaky.wrong_size = set(list(flaky.records)[17:]), 18
    del flaky.records["oai:flaky.example:difu/0"]
    done = harvest(quick, flaky.url, reconcile=True)
    assert done.vanished == 1, "of a list that is too short, only what cannot be had any more is gone"
    assert memory(quick) == before | {"oai:flaky.example:difu/0": (flaky.now, True)}


def test_what_keeps_no_deletions_is_compared_by_itself_after_a_while(quick: Settings, flaky: Repository) -> None:
    flaky.deletions = "transient"
    settings = replace(quick, sources=(Source("difu", flaky.url, reconcile=0.001),))
    harvest(settings, "difu")
    del flaky.records["oai:flaky.example:difu/0"]
    time.sleep(1.1)
    assert harvest(settings, "difu").vanished == 1


# Kills.

KATALOD = [sys.executable, "-m", "katalod"]
QUICK = {**os.environ, "KATALOD_HARVEST_PAUSE": "0.01", "KATALOD_HARVEST_ATTEMPTS": "4"}


def kill_one(home: Path, url: str, asked: Callable[[], int], after: int) -> None:
    """Run a harvest and kill it when the source was asked so many times more."""
    begin = asked()
    process = subprocess.Popen([*KATALOD, "harvest", url, "--home", str(home)], env=QUICK, stdout=subprocess.DEVNULL)
    while asked() < begin + after:
        assert process.poll() is None, "it ended before it was killed"
        time.sleep(0.003)
    process.send_signal(signal.SIGKILL)
    process.wait()


def ends(home: Path, url: str) -> dict[str, tuple[str, bool]]:
    """Harvest to the end, and list the memory as a script would."""
    done = subprocess.run([*KATALOD, "harvest", url, "--home", str(home)], env=QUICK, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    stood = subprocess.run([*KATALOD, "harvest", "--status", "--home", str(home)], capture_output=True, text=True)
    assert stood.returncode == 0, stood.stdout
    listed = subprocess.run(
        [*KATALOD, "harvest", "--list", "--json", "--home", str(home)], capture_output=True, text=True
    )
    rows = [json.loads(line) for line in listed.stdout.splitlines()]
    assert all(row.keys() == {"id", "datestamp", "deleted", "source", "title"} for row in rows)
    assert len(rows) == len({row["id"] for row in rows})
    return {row["id"]: (row["datestamp"], row["deleted"]) for row in rows}


def test_ten_thousand_records_every_fault_and_five_kills(home: Path) -> None:
    names = sorted({fault.split("@")[0] for fault in FAULTS} | {"never"} - {"dup", "redirect"})
    faults = [Fault(name, 4 + 4 * n, 1 + (name == "expired")) for n, name in enumerate(names)]
    faults += [Fault("dup", page, 9) for page in (3, 50, 99)] + [Fault("redirect", 61, 1), Fault("xml", 70, 99)]
    repository = Repository(many(10_000, deleted=10), size=100, faults=faults)
    chance = random.Random(3)
    with serving(repository):
        for _ in range(5):
            kill_one(home, repository.url, lambda: len(repository.log), chance.randint(12, 20))
        assert ends(home, repository.url) == repository.truth()
    assert not [fault for fault in faults if fault.left and fault.name not in ("dup", "xml")], "a fault did not happen"


def test_a_kill_costs_no_page_that_was_kept(home: Path) -> None:
    repository = Repository(many(2_000), size=25, before_page=lambda *_: time.sleep(0.005))
    with serving(repository):
        for _ in range(3):
            kill_one(home, repository.url, lambda: len(repository.log), 20)
        assert ends(home, repository.url) == repository.truth()
    pages = [int(row["page"]) for row in repository.asked("ListRecords")]
    assert len(pages) <= 80 + 3, "only the page at hand may be asked for again, once a kill"


def test_the_shared_server_with_every_fault(home: Path) -> None:
    script = SHARED / "tools" / "flaky_oai.py"
    if not script.exists():
        pytest.skip(f"there is no {script.name}: it would have served 750 records with all its faults")
    faults = (
        "503@3,503date@5,429@7,500@9x2,html@11,empty@13,reset@15,close@17,cutchunk@19,truncgz@21,slow@23:0.5,hang@25:0.5,"
        "expired@27x2,loop@29,badchar@31,badutf8@33,dup@35,dup@36,redirect@37,xmlerror@39,latin1@41,nons@43,skip500@72"
    )
    port = free_port()
    command = [sys.executable, str(script), "--port", str(port), "--records", "750", "--page", "10"]
    server = subprocess.Popen([*command, "--deleted", "10", "--faults", faults], stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        server.stdout.readline()
        url, chance = f"http://127.0.0.1:{port}", random.Random(7)
        for _ in range(5):
            kill_one(home, f"{url}/oai", lambda: len(got(f"{url}/log")), chance.randint(8, 14))
        truth = {name: tuple(row) for name, row in got(f"{url}/truth").items()}
        assert ends(home, f"{url}/oai") == truth
    finally:
        server.kill()
        server.wait()


def got(url: str, tries: int = 100) -> Any:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.URLError:  # it says that it is up a little before it is
        time.sleep(0.05)
        return got(url, tries - 1) if tries else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_full_disk_is_said_and_leaves_the_memory_whole(home: Path) -> None:
    with serving(Repository(many(2_000), size=100)) as repository:
        program = (
            "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000));"
            "from katalod.cli import main; main(sys.argv[1:])"
        )
        full = subprocess.run(
            [sys.executable, "-c", program, "harvest", repository.url, "--home", str(home)],
            env=QUICK, capture_output=True, text=True,
        )  # fmt: skip
        assert full.returncode == 1
        assert "make room" in full.stdout
        assert "Traceback" not in full.stderr
        kept = sqlite3.connect(home / "harvest.sqlite")
        assert kept.execute("pragma integrity_check").fetchone() == ("ok",)
        count = kept.execute("select count(*) from record").fetchone()[0]
        kept.close()
        assert 0 < count < 2_000
        assert count % 100 == 0, "a page is kept whole or not at all"
        assert ends(home, repository.url) == repository.truth()


def test_the_second_harvest_of_a_home_says_that_one_is_running(quick: Settings, flaky: Repository) -> None:
    with held(quick.home, "harvest", "harvesting into", SourceError):
        with pytest.raises(Busy, match="another process is harvesting into"):
            harvest(quick, flaky.url)
        done = subprocess.run(
            [*KATALOD, "harvest", flaky.url, "--home", str(quick.home)], capture_output=True, text=True, timeout=20
        )
    assert done.returncode == 1
    assert "another process is harvesting into" in done.stderr
    assert not flaky.log


def test_a_home_of_the_first_format_is_taken_over(quick: Settings, flaky: Repository) -> None:
    quick.home.mkdir()
    database = sqlite3.connect(quick.home / "harvest.sqlite")
    database.executescript(
        """
        create table record (
          source text not null, identifier text not null, path text not null, form text not null, rank integer not null,
          datestamp text not null, deleted integer not null, payload blob not null, origin text not null,
          position integer not null, title text not null, intake integer not null,
          primary key (source, identifier)) without rowid;
        create index record_path on record (path, datestamp desc, rank, source, identifier);
        create table intake (number integer primary key, origin text not null);
        create index record_intake on record (intake, path);
        create table moved (path text not null, intake integer not null);
        create table finding (origin text not null, finding text not null);
        create index finding_origin on finding (origin);
        pragma user_version = 1;
        insert into intake values (1, 'a.xml');
        insert into record values ('files', 'oai:x:1', '1', 'dim', 0, '2024-05-01', 0, x'3C61', 'a.xml', 1, 'Titel', 1);
        """
    )
    database.close()
    harvest(quick, flaky.url)
    found = memory(quick)
    assert found.pop("oai:x:1") == ("2024-05-01", False)
    assert found == flaky.truth()
