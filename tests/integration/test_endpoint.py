"""What the endpoint keeps of a release: answers, validators, an account of what was asked, and warmth."""

import http.client
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from tests.endpoint import Served, build, serve

from katalod.endpoint import Endpoint, Inquiry
from katalod.errors import QueryTimeout
from katalod.settings import Settings
from katalod.store import Answer, check
from katalod.store.account import Account, Entry
from katalod.store.shelf import SMALL, Shelf

CSV = "text/csv"
COUNT = "SELECT (COUNT(*) AS ?works) { ?work a <http://purl.org/ontology/bibo/Report> }"
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }"  # 72,000 rows
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
HUGE = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"  # 19 million rows


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("release")
    settings = Settings(home=folder, base="http://example.org/", sparql_timeout=1.5, sparql_result=50)
    with serve(build(folder), settings) as made:
        yield made


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return build(tmp_path / "one")


@pytest.fixture
def opened(store: Path, tmp_path: Path) -> Iterator[Callable[..., Endpoint]]:
    made: list[Endpoint] = []

    def make(current: Callable[[], tuple[str, Path]] = lambda: ("1", store), **changes: object) -> Endpoint:
        settings = replace(Settings(home=tmp_path / "home", sparql_timeout=3), **changes)  # type: ignore[arg-type]
        made.append(Endpoint(settings, current))
        return made[-1]

    yield make
    for one in made:
        one.close()


def get(
    served: Served, query: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=20)
    try:
        path = "/sparql?" + urlencode({"query": query})
        connection.request(method, path, headers={"Accept": CSV} | (headers or {}))
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def ask(endpoint: Endpoint, query: str, media: str = CSV) -> tuple[bytes, bool]:
    answer = endpoint.ask(Inquiry(query, media, check(query)), "a")
    return answer.read(), answer.kept


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_an_answer_is_kept_and_space_does_not_matter(opened: Callable[..., Endpoint]) -> None:
    endpoint = opened()
    first, kept = ask(endpoint, COUNT)
    assert (first, kept) == (b"works\r\n60\r\n", False)
    assert ask(endpoint, COUNT) == (first, True)
    assert ask(endpoint, COUNT.replace(" ", "\n  # a comment\n")) == (first, True)
    assert ask(endpoint, COUNT.replace("?works", "?n"))[0] == b"n\r\n60\r\n"
    assert ask(endpoint, COUNT, "application/sparql-results+json")[1] is False


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (RAND() AS ?x) {}",
        "SELECT (NOW() AS ?x) {}",
        "SELECT (STRUUID() AS ?x) {}",
        "SELECT (uuid() AS ?x) {}",
        "SELECT ?x { BIND(IF(true,rand(),0)AS ?x) }",
    ],
)
def test_what_is_another_answer_each_time_is_not_kept(opened: Callable[..., Endpoint], query: str) -> None:
    endpoint = opened()
    first, second = ask(endpoint, query), ask(endpoint, query)
    assert (first[1], second[1]) == (False, False)
    assert first[0] != second[0] or "NOW" in query


def test_a_variable_or_string_of_that_name_is_no_reason(opened: Callable[..., Endpoint]) -> None:
    endpoint = opened()
    query = 'SELECT ?brand { BIND("now() rand()" AS ?brand) }'
    ask(endpoint, query)
    assert ask(endpoint, query)[1] is True


def test_a_new_release_has_its_own_answers_and_an_old_one_still_its_own(
    opened: Callable[..., Endpoint], store: Path, tmp_path: Path
) -> None:
    other = build(tmp_path / "two", works=5)
    current = [("1", store)]
    endpoint = opened(lambda: current[0])
    assert ask(endpoint, COUNT)[0] == b"works\r\n60\r\n"
    current[0] = ("2", other)
    assert ask(endpoint, COUNT)[0] == b"works\r\n5\r\n"
    current[0] = ("1", store)
    assert ask(endpoint, COUNT) == (b"works\r\n60\r\n", True)


def test_what_a_query_names_as_its_dataset_counts(opened: Callable[..., Endpoint]) -> None:
    endpoint = opened()
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    whole = ask(endpoint, query)[0]
    one = Inquiry(query, CSV, check(query), default_graphs=("http://example.org/graph/keywords",))
    named = Inquiry(query, CSV, check(query), named_graphs=("http://example.org/graph/keywords",))
    assert endpoint.ask(one, "a").read() == b"n\r\n7\r\n" != whole
    assert endpoint.ask(named, "a").read() == b"n\r\n0\r\n"


def test_failures_and_halves_are_not_kept(opened: Callable[..., Endpoint]) -> None:
    endpoint = opened(sparql_result=2000, sparql_cache=4000, sparql_timeout=1.5)
    for _ in range(2):
        with pytest.raises(QueryTimeout):
            ask(endpoint, ENDLESS)
    answer = endpoint.ask(Inquiry(HUGE, CSV, check(HUGE)), "a")
    assert next(iter(answer.body))
    answer.close()
    cut = endpoint.ask(Inquiry(HUGE, CSV, check(HUGE)), "a")
    with pytest.raises(QueryTimeout):
        cut.read()
    inquiry = Inquiry(HUGE, CSV, check(HUGE))
    assert endpoint._shelf.get(("1", inquiry.name)) is None


def test_a_large_answer_comes_back_whole_from_its_file(opened: Callable[..., Endpoint]) -> None:
    endpoint = opened(sparql_result=50)
    rows = "SELECT * { ?s ?p ?o . ?a ?b ?c }"
    first, _ = ask(endpoint, rows)
    second, kept = ask(endpoint, rows)
    assert len(first) > SMALL
    assert (second == first, kept) == (True, True)


def test_nothing_is_kept_where_that_is_switched_off(opened: Callable[..., Endpoint]) -> None:
    endpoint = opened(sparql_cache=0)
    ask(endpoint, COUNT)
    assert ask(endpoint, COUNT)[1] is False


def test_the_shelf_is_bounded() -> None:
    shelf = Shelf(10 * SMALL)
    for number in range(40):
        size = SMALL // 2 if number % 2 else 2 * SMALL
        data = bytes([number]) * size
        assert shelf.through(number, Answer(CSV, iter([data[:9], data[9:]]), size=size)).read() == data
        assert shelf.held <= 10 * SMALL
    last = shelf.get(39)
    assert last is not None
    assert last.answer().read() == bytes([39]) * (SMALL // 2)
    assert shelf.get(0) is None
    assert shelf.through("huge", Answer(CSV, iter([b"x" * SMALL] * 11))).read() == b"x" * 11 * SMALL
    assert shelf.get("huge") is None


def test_small_answers_hold_no_files_open() -> None:
    shelf = Shelf(100 * SMALL)
    data, before = b"x" * (1 << 16), len(list(Path("/proc/self/fd").iterdir()))
    for number in range(200):
        assert shelf.through(number, Answer(CSV, iter([data[:9], data[9:]]))).read() == data
    assert len(list(Path("/proc/self/fd").iterdir())) < before + 20  # the other threads of these tests have theirs
    kept = shelf.get(0)
    assert kept is not None
    assert kept.answer().read() == data
    shelf.through("none", Answer(CSV, iter(()))).read()
    assert (nothing := shelf.get("none")) is not None
    assert nothing.answer().read() == b""


def test_which_release_is_current_is_asked_and_followed_in_one_go(opened: Callable[..., Endpoint], store: Path) -> None:
    held: list[bool] = []

    def current() -> tuple[str, Path]:
        held.append(endpoint._lock.locked())
        return "1", store

    endpoint = opened(current, sparql_cache=0)
    endpoint.warm()
    assert held == [True]


def test_a_reader_keeps_what_was_thrown_out() -> None:
    shelf = Shelf(4 * SMALL)
    shelf.through("a", Answer(CSV, iter([b"a" * SMALL] * 3))).read()
    kept = shelf.get("a")
    assert kept is not None
    pieces = iter(kept.answer().body)
    began = next(pieces)
    shelf.through("b", Answer(CSV, iter([b"b" * SMALL] * 3))).read()
    assert shelf.get("a") is None
    assert began + b"".join(pieces) == b"a" * 3 * SMALL


def test_a_large_answer_never_lives_in_the_web_process(opened: Callable[..., Endpoint]) -> None:
    """400,000 rows, 60 MB, also while a copy of them is kept: in a file."""
    endpoint = opened(sparql_result=500, sparql_cache=200, sparql_timeout=30)
    rows = HUGE + " LIMIT 400000"
    ask(endpoint, COUNT)
    held, began = memory(), time.perf_counter()
    answer = endpoint.ask(Inquiry(rows, CSV, check(rows)), "a")
    body = iter(answer.body)
    size, most = len(next(body)), 0
    assert time.perf_counter() - began < 1
    for number, piece in enumerate(body):
        size += len(piece)
        if number % 50 == 0:
            most = max(most, memory() - held)
    assert size > 40 << 20
    assert most < 30 << 20
    again = endpoint.ask(Inquiry(rows, CSV, check(rows)), "a")
    assert again.kept
    assert sum(len(piece) for piece in again.body) == size
    assert memory() - held < 30 << 20


def memory() -> int:
    """Resident bytes of this process."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_validators(served: Served) -> None:
    status, headers, body = get(served, COUNT)
    assert (status, body) == (200, b"works\r\n60\r\n")
    assert headers["cache-control"] == "public, max-age=60"
    tag = headers["etag"]
    assert tag.startswith('W/"000001-made-')
    status, again, body = get(served, COUNT, {"If-None-Match": f'"x", {tag}'})
    assert (status, body, again["etag"], again["vary"]) == (304, b"", tag, headers["vary"])
    assert get(served, COUNT, {"If-None-Match": tag, "Accept": "text/tab-separated-values"})[0] == 200
    assert get(served, COUNT.replace("?works", "?n"), {"If-None-Match": tag})[0] == 200
    assert get(served, COUNT, {"If-None-Match": tag}, "HEAD")[0] == 304


def test_what_has_no_lasting_answer_has_no_validator(served: Served) -> None:
    _, headers, _ = get(served, "SELECT (RAND() AS ?x) {}")
    assert "etag" not in headers
    assert headers["cache-control"] == "no-store"


def test_a_page_in_another_language_is_another_answer(served: Served) -> None:
    _, german, _ = get(served, COUNT, {"Accept": "text/html", "Accept-Language": "de"})
    _, english, _ = get(served, COUNT, {"Accept": "text/html", "Accept-Language": "en"})
    assert german["etag"] != english["etag"]
    assert german["vary"] == "Accept, Accept-Language"


def test_a_kept_answer_takes_two_milliseconds(served: Served) -> None:
    """Over HTTP, of a query that takes the engine a hundred times as long; the best of some, for others run beside."""
    get(served, SLOW)
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=20)
    waits = []
    for _ in range(30):
        began = time.perf_counter()
        connection.request("GET", "/sparql?" + urlencode({"query": SLOW}), headers={"Accept": CSV})
        connection.getresponse().read()
        waits.append(time.perf_counter() - began)
    connection.close()
    assert min(waits) < 0.002, sorted(waits)[:5]


def test_the_figures(served: Served) -> None:
    get(served, COUNT)
    get(served, COUNT)
    get(served, "SELECT * {")
    get(served, ENDLESS)
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=20)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    figures = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(figures['katalod_queries_total{outcome="answered",cached="true"}']) >= 1
    assert float(figures['katalod_queries_total{outcome="refused",cached="false"}']) >= 1
    assert float(figures['katalod_queries_total{outcome="late",cached="false"}']) >= 1
    assert figures['katalod_query_seconds_bucket{le="+Inf"}'] == figures["katalod_query_seconds_count"]
    bounds = [float(value) for name, value in figures.items() if name.startswith("katalod_query_seconds_bucket")]
    assert bounds == sorted(bounds)
    assert any(name.startswith("katalod_slow_query_seconds") for name in figures)


def test_the_log_says_what_and_never_who(served: Served) -> None:
    marked = "SELECT (COUNT(*) AS ?marked) { ?work a <http://purl.org/ontology/bibo/Report> }"
    get(served, marked, {"User-Agent": "Mata Hari"})
    get(served, ENDLESS, {"User-Agent": "Mata Hari"})
    folder = served.settings.home / "log"
    digest = check(marked).digest[:16]
    lines = [json.loads(line) for line in (folder / "queries.jsonl").read_text("utf-8").splitlines()]
    (line,) = [line for line in lines if line["digest"] == digest]
    assert (line["form"], line["outcome"], line["cached"], line["bytes"], line["media"]) == (
        "SELECT",
        "answered",
        False,
        12,
        CSV,
    )
    assert 0 < line["seconds"] < 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line["at"])
    slow = [json.loads(line) for line in (folder / "slow.jsonl").read_text("utf-8").splitlines()]
    assert any(line["query"] == ENDLESS and line["outcome"] == "late" for line in slow)
    for file in folder.iterdir():
        assert "127.0.0.1" not in file.read_text("utf-8")
        assert "Mata" not in file.read_text("utf-8")


def test_the_log_is_bounded(tmp_path: Path) -> None:
    account = Account(tmp_path / "log")
    entry = Entry("0" * 16, "SELECT", CSV, 2.0, 5, "answered", cached=False)
    for number in range(1400):
        account.enter(entry, f"ASK {{}} # {number} {'x' * 7900}", lasting=True)
    account.close()
    assert sum(file.stat().st_size for file in (tmp_path / "log").iterdir()) < 20 << 20
    assert {file.name for file in (tmp_path / "log").iterdir()} >= {"slow.jsonl", "slow.1.jsonl", "asked.json"}


def test_the_most_asked_are_remembered(tmp_path: Path) -> None:
    entry = Entry("0" * 16, "SELECT", CSV, 0.1, 5, "answered", cached=False)
    account = Account(tmp_path / "log")
    for query in ("ASK {}", "SELECT * {}", "SELECT * {}", "SELECT * {}", "ASK {}", "once"):
        account.enter(entry, query, lasting=True)
    account.enter(replace(entry, outcome="late"), "late", lasting=True)
    account.close()
    assert Account(tmp_path / "log").most_asked(9) == [("SELECT * {}", CSV), ("ASK {}", CSV)]
    (tmp_path / "log" / "asked.json").write_text("{]")
    assert Account(tmp_path / "log").most_asked(9) == []


def test_who_only_looks_leaves_no_log(tmp_path: Path) -> None:
    Account(tmp_path / "home" / "log").close()
    assert not (tmp_path / "home").exists()


def test_a_new_release_is_asked_the_likely_questions_before_anyone_asks(
    opened: Callable[..., Endpoint], store: Path, tmp_path: Path
) -> None:
    endpoint = opened()
    for _ in range(2):
        ask(endpoint, COUNT)
    endpoint.close()
    other = build(tmp_path / "two", works=5)
    second = opened(lambda: ("2", other))
    second.warm()
    first = "SELECT (COUNT(*) AS ?count) WHERE { ?s ?p ?o }"
    probe = Inquiry(COUNT, CSV, check(COUNT))
    assert within(10, lambda: second._shelf.get(("2", probe.name)) is not None)  # the last of them
    assert ask(second, COUNT) == (b"works\r\n5\r\n", True)
    assert ask(second, first, "application/sparql-results+json")[1] is True


def test_another_engine_decides_what_it_holds(store: Path, tmp_path: Path, opened: Callable[..., Endpoint]) -> None:
    """So nothing that it says is kept, and nothing is said to be unchanged."""
    with serve(store, Settings(home=tmp_path / "far")) as far:
        endpoint = opened(sparql_engine=f"{far.url}/sparql")
        for _ in range(2):
            answer = endpoint.ask(Inquiry(COUNT, CSV, check(COUNT)), "a")
            assert (answer.read(), answer.kept, answer.release) == (b"works\r\n60\r\n", False, "")
