"""The pool of engines: answers, ends, replacements; every engine here is a real process."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from tests.endpoint import GRAPHS, build, serve

from katalod.errors import QueryError, QueryTimeout, StoreError
from katalod.settings import Settings
from katalod.store import Crowded, Gone, TooLarge, Unanswered
from katalod.store.child import Child, Question
from katalod.store.engine import Pool

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
DOUBLING = (
    f'SELECT (STRLEN(?x25) AS ?n) {{ BIND("{"a" * 32}" AS ?x0) '
    + " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(25))
    + "}"
)
EVERYTHING = "SELECT * { ?s ?p ?o . ?a ?b ?c }"  # 100,000 rows
CSV = "text/csv"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("release"))


@pytest.fixture
def pool(store: Path) -> Iterator[Pool]:
    made = Pool(store, Settings(sparql_timeout=1.5))
    yield made
    made.close()


@pytest.fixture
def open_pool(store: Path) -> Iterator[Callable[[Settings], Pool]]:
    made: list[Pool] = []

    def make(settings: Settings) -> Pool:
        made.append(Pool(store, settings))
        return made[-1]

    yield make
    for one in made:
        one.close()


def engines() -> list[int]:
    """The engine processes that descend from this one."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            above = int(Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        if b"serve-read-only" in command and above == os.getpid():
            found.append(int(folder.name))
    return found


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_it_answers(pool: Pool) -> None:
    answer = pool.ask("SELECT (COUNT(?s) AS ?n) { ?s a <http://purl.org/ontology/bibo/Report> }", CSV, "a")
    assert answer.content_type.startswith(CSV)
    assert answer.read() == b"n\r\n60\r\n"


def test_the_default_graph_is_the_union_unless_the_query_says_otherwise(pool: Pool) -> None:
    count = "SELECT (COUNT(*) AS ?n) %s { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?o }"
    assert pool.ask(count % "", CSV, "a").read() == b"n\r\n21\r\n"
    assert pool.ask(count % f"FROM <{GRAPHS[0]}>", CSV, "a").read() == b"n\r\n7\r\n"
    assert pool.ask(count % "", CSV, "a", default_graphs=GRAPHS[:2]).read() == b"n\r\n14\r\n"
    assert pool.ask(count % "", CSV, "a", named_graphs=GRAPHS[:1]).read() == b"n\r\n0\r\n"


def test_a_fault_is_named_with_its_place(pool: Pool) -> None:
    with pytest.raises(QueryError, match="line 2, column 9"):
        pool.ask("ASK {\n ?s ?p }", CSV, "a")


def test_what_is_late_is_ended_in_time(pool: Pool) -> None:
    began = time.monotonic()
    with pytest.raises(QueryTimeout, match=r"within 1.5 seconds"):
        pool.ask(ENDLESS, CSV, "a")
    assert 1.4 < time.monotonic() - began < 2.5
    assert pool.ask("ASK {}", CSV, "a").read() == b"true"


def test_what_needs_too_much_memory_ends_alone(open_pool: Callable[[Settings], Pool]) -> None:
    pool = open_pool(Settings(sparql_timeout=20))
    with pytest.raises(QueryTimeout, match="1024 MB"):
        pool.ask(DOUBLING, CSV, "a")
    assert pool.ask("ASK {}", CSV, "a").read() == b"true"


def test_a_dead_engine_is_replaced_within_a_second(pool: Pool) -> None:
    assert within(2, lambda: len(engines()) == 3)
    victims = engines()
    for victim in victims:
        os.kill(victim, signal.SIGKILL)
    began = time.monotonic()
    answers = []
    while not answers and time.monotonic() - began < 2:  # the one that was being asked may fail
        try:
            answers.append(pool.ask("ASK {}", CSV, "a").read())
        except StoreError:
            continue
    assert answers == [b"true"]
    assert time.monotonic() - began < 1
    assert not set(engines()) & set(victims)


def test_a_client_that_leaves_ends_its_query(pool: Pool) -> None:
    left = threading.Event()
    threading.Timer(0.3, left.set).start()
    began = time.monotonic()
    with pytest.raises(Gone):
        pool.ask(ENDLESS, CSV, "a", gone=left.is_set)
    assert time.monotonic() - began < 0.8


def test_closing_an_answer_ends_its_query(open_pool: Callable[[Settings], Pool]) -> None:
    pool = open_pool(Settings(sparql_timeout=20))
    answer = pool.ask(f"{EVERYTHING[:-1]} . ?d ?e ?f }}", CSV, "a")  # 30 million rows
    assert next(answer.body)
    answer.close()
    answer.close()
    assert within(1, lambda: pool.busy == 0)
    assert pool.ask("ASK {}", CSV, "a").read() == b"true"


def test_an_answer_never_begun_is_closed_too(open_pool: Callable[[Settings], Pool]) -> None:
    pool = open_pool(Settings(sparql_timeout=20))
    pool.ask(f"{EVERYTHING[:-1]} . ?d ?e ?f }}", CSV, "a").close()
    assert within(1, lambda: pool.busy == 0)


def test_an_answer_that_is_cut_says_so(open_pool: Callable[[Settings], Pool]) -> None:
    pool = open_pool(Settings(sparql_timeout=1.5, sparql_result=2000))
    answer = pool.ask(f"{EVERYTHING[:-1]} . ?d ?e ?f }}", CSV, "a")
    with pytest.raises(QueryTimeout):
        for _ in answer.body:
            pass


def test_a_large_answer_is_refused_before_its_first_byte_or_cut(open_pool: Callable[[Settings], Pool]) -> None:
    pool = open_pool(Settings(sparql_result=1))
    with pytest.raises(TooLarge, match="1 MB"):
        pool.ask(EVERYTHING, CSV, "a").read()
    assert pool.ask("ASK {}", CSV, "a").read() == b"true"


def test_one_client_cannot_keep_others_waiting(pool: Pool) -> None:
    refusals: list[StoreError] = []

    def attack() -> None:
        try:
            pool.ask(ENDLESS, CSV, "bad").close()
        except StoreError as error:
            refusals.append(error)

    threads = [threading.Thread(target=attack) for _ in range(6)]
    for thread in threads:
        thread.start()
    waits = []
    for _ in range(15):
        began = time.monotonic()
        assert pool.ask("ASK { ?s ?p ?o }", CSV, "good").read() == b"true"
        waits.append(time.monotonic() - began)
        time.sleep(0.05)
    for thread in threads:
        thread.join(10)
    assert sorted(waits)[-2] < 0.6, waits
    assert any(isinstance(one, Crowded) and one.own for one in refusals)
    assert any(isinstance(one, QueryTimeout) for one in refusals)
    assert len(refusals) == 6


def test_the_queue_is_bounded(open_pool: Callable[[Settings], Pool]) -> None:
    pool = open_pool(Settings(sparql_timeout=1.5, sparql_queue=1))
    outcomes: list[bool] = []

    def ask(client: str) -> None:
        try:
            pool.ask(ENDLESS, CSV, client).close()
        except Crowded as crowded:
            outcomes.append(crowded.own)
            assert crowded.retry > 0
        except QueryTimeout:
            pass

    threads = [threading.Thread(target=ask, args=(f"c{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert outcomes.count(False) >= 5


def test_a_new_release_is_asked_at_once_and_the_old_one_finishes(pool: Pool, tmp_path: Path) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s a ?type }"
    results: list[bytes] = []
    slow = "SELECT (COUNT(*) AS ?n) { ?s a ?type . ?a ?b ?c . ?d ?e ?f }"
    running = threading.Thread(target=lambda: results.append(pool.ask(slow, CSV, "slow").read()))
    running.start()
    other = build(tmp_path / "next", works=5)
    pool.switch(other)
    assert pool.ask(count, CSV, "a").read() == b"n\r\n5\r\n"
    running.join(5)
    assert results == [b"n\r\n%d\r\n" % (60 * 268 * 268)]
    assert pool.ask(count, CSV, "slow").read() == b"n\r\n5\r\n"


def test_the_end_of_the_pool_is_the_end_of_its_engines(store: Path) -> None:
    pool = Pool(store, Settings())
    assert pool.ask("ASK {}", CSV, "a").read() == b"true"
    assert engines()
    pool.close()
    assert within(2, lambda: not engines())
    with pytest.raises(StoreError):
        pool.ask("ASK {}", CSV, "a")


def test_a_killed_server_leaves_no_engines(store: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from katalod.settings import Settings;"
        " from katalod.store.engine import Pool; pool = Pool(Path(sys.argv[1]), Settings());"
        " pool.ask('ASK {}', 'text/csv', 'a'); print('ready', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(store)], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        server.kill()
    mine = str(store.resolve()).encode()

    def gone() -> bool:
        lines = [file.read_bytes() for file in Path("/proc").glob("[0-9]*/cmdline") if _there(file)]
        return not any(b"serve-read-only" in line and mine in line for line in lines)

    assert within(3, gone)


def _there(file: Path) -> bool:
    try:
        return bool(file.read_bytes())
    except OSError:
        return False


def test_an_engine_has_limits_and_no_network(store: Path) -> None:
    child = Child(store, Settings(sparql_memory=900))
    try:
        response = child.ask(Question("ASK {}", CSV))
        assert response.read() == b"true"
        limits = Path(f"/proc/{child.pid}/limits").read_text("ascii")
        assert f"{900 << 20}" in next(line for line in limits.splitlines() if line.startswith("Max address space"))
        nice = int(Path(f"/proc/{child.pid}/stat").read_text("ascii").rpartition(")")[2].split()[16])
        assert nice >= 5
        if Path(f"/proc/{child.pid}/ns/net").readlink() == Path("/proc/self/ns/net").readlink():
            pytest.skip("this system allows no network namespaces, so engines share the network")
        devices = Path(f"/proc/{child.pid}/net/dev").read_text("ascii")
        assert [line.split(":")[0].strip() for line in devices.splitlines()[2:]] == ["lo"]
    finally:
        child.bury()


def test_a_connection_that_the_engine_may_have_closed_is_not_used(store: Path) -> None:
    """Its server closes what is unused for a minute; the query that finds out must not pay for it."""
    child, other = Child(store, Settings()), Child(store, Settings())
    try:
        assert child.ask(Question("ASK {}", CSV)).read() == b"true"
        for one in (child, other):  # used before, and never used
            former = one._connection
            one._used -= 100
            assert one.ask(Question("ASK {}", CSV)).read() == b"true"
            assert one._connection is not former
        former = child._connection
        assert child.ask(Question("ASK {}", CSV)).read() == b"true"
        assert child._connection is former
        assert former is not None
        former.sock.shutdown(2)
        assert child.ask(Question("ASK {}", CSV)).read() == b"true"
    finally:
        child.bury()
        other.bury()


def test_a_store_that_is_not_there_is_named(tmp_path: Path) -> None:
    pool = Pool(tmp_path / "nothing", Settings())
    try:
        with pytest.raises(StoreError, match="starting the SPARQL engine over nothing"):
            pool.ask("ASK {}", CSV, "a")
    finally:
        pool.close()


def test_settings_of_one_worker_still_leave_a_place_for_quick_queries(store: Path) -> None:
    pool = Pool(store, replace(Settings(), sparql_workers=1, sparql_timeout=1.0))
    try:

        def ask_slowly() -> None:
            with suppress(QueryTimeout):
                pool.ask(ENDLESS, CSV, "a")

        slow = threading.Thread(target=ask_slowly)
        slow.start()
        time.sleep(0.4)
        began = time.monotonic()
        assert pool.ask("ASK {}", CSV, "b").read() == b"true"
        assert time.monotonic() - began < 0.3
        slow.join(5)
    finally:
        pool.close()


def test_a_listed_service_is_called(store: Path, tmp_path: Path) -> None:
    other = build(tmp_path / "other", works=5)
    with serve(other, Settings(home=tmp_path)) as second:
        address = f"{second.url}/sparql"
        pool = Pool(store, Settings(sparql_services=(address,)))
        try:
            query = "SELECT (COUNT(*) AS ?n) { ?s a ?type SERVICE <%s> { ?s a ?type } }"
            assert pool.ask(query % address, CSV, "a").read() == b"n\r\n5\r\n"
            graph = "CONSTRUCT { ?s a ?type } { SERVICE <%s> { ?s a ?type } }"
            assert (
                pool.ask(graph % address, "text/turtle", "a").read().count(b" a <http://purl.org/ontology/bibo/Report>")
                == 5
            )
            assert pool.ask(f"ASK {{ SERVICE <{address}> {{ ?s ?p ?o }} }}", CSV, "a").read() == b"true"
            with pytest.raises(QueryError, match="refused"):
                pool.ask(query % f"{address}?x", CSV, "a")
        finally:
            pool.close()


def test_a_listed_name_that_leads_inside_is_not_called(store: Path) -> None:
    address = "http://127.1:9/sparql"  # which the system's resolver takes for loopback
    pool = Pool(store, Settings(sparql_services=(address,)))
    try:
        with pytest.raises(QueryError, match="no public address"):
            pool.ask(f"SELECT * {{ SERVICE <{address}> {{ ?s a ?type }} }}", CSV, "a")
    finally:
        pool.close()


def test_only_an_engine_that_calls_a_service_has_the_network(store: Path) -> None:
    pool = Pool(store, Settings(sparql_services=("http://127.0.0.1:9/sparql",)))
    try:
        assert pool.ask("ASK {}", CSV, "a").read() == b"true"
        ours = Path("/proc/self/ns/net").readlink()
        if any(Path(f"/proc/{pid}/ns/net").readlink() == ours for pid in engines()):
            pytest.skip("this system allows no network namespaces, so engines share the network")
        child = Child(store, Settings(), network=True)
        child.ask(Question("ASK {}", CSV)).read()
        assert Path(f"/proc/{child.pid}/ns/net").readlink() == ours
        child.bury()
    finally:
        pool.close()


def test_a_service_that_does_not_answer_fails_its_query_alone(store: Path) -> None:
    address = "http://127.0.0.1:9/sparql"
    pool = Pool(store, Settings(sparql_services=(address,)))
    try:
        for media in (CSV, "application/sparql-results+xml"):
            with pytest.raises(Unanswered):  # the engine itself would give a header and its complaint as an answer
                pool.ask(f"SELECT * {{ SERVICE <{address}> {{ ?s a ?type }} }}", media, "a").read()
        with pytest.raises(Unanswered):
            pool.ask(
                f"CONSTRUCT WHERE {{ SERVICE <{address}> {{ ?s a ?t }} }}".replace("WHERE", "{ ?s a ?t } WHERE"),
                "text/turtle",
                "a",
            )
        silent = f"SELECT (COUNT(*) AS ?n) {{ SERVICE SILENT <{address}> {{ ?s a ?type }} }}"
        assert pool.ask(silent, CSV, "a").read() == b"n\r\n1\r\n"
        assert pool.ask("ASK {}", CSV, "a").read() == b"true"
    finally:
        pool.close()


def test_a_query_stopped_while_its_engine_starts(store: Path) -> None:
    pool = Pool(store, Settings())
    try:
        with pytest.raises(Gone):
            pool.ask(ENDLESS, CSV, "a", gone=lambda: True)
        assert pool.ask("ASK {}", CSV, "a").read() == b"true"
    finally:
        pool.close()
