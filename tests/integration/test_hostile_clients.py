"""Clients that do not read, hold connections open or ask too much, on the real server: everybody else is answered."""

import json
import os
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from xml.etree import ElementTree

import pytest
import requests
from tests.conftest import works_page
from tests.integration.test_serving import free_port, running, until_ready

from katalod import pipeline
from katalod.errors import Busy
from katalod.search import Asked, Index
from katalod.settings import Settings
from katalod.web.turns import Turns

LARGE = 40 << 20  # bytes of a dump: more than may lie unread on a connection
BATCH = {f"q{n}": {"query": f"Bericht {n}", "properties": [{"pid": "identifier", "v": [f"difu/{n + m}" for m in range(10)]}]}
         for n in range(50)}  # fmt: skip
COSTLY: dict[str, Callable[[str], requests.Response]] = {
    "reconcile": lambda base: requests.post(f"{base}/reconcile", {"queries": json.dumps(BATCH)}, timeout=30),
    "sru": lambda base: requests.get(
        f"{base}/sru?operation=searchRetrieve&version=1.2&query=be*&maximumRecords=100&recordSchema=rdf&x-n={time.time()}",
        timeout=30,
    ),
    "oai": lambda base: requests.get(f"{base}/oai?verb=ListRecords&metadataPrefix=rdf", timeout=30),
    "search": lambda base: requests.get(f"{base}/search?format=bibtex&size=200&x={time.time()}", timeout=30),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A release of 400 works, served as an operator does; its dump is as large as that of a large library."""
    folder = tmp_path_factory.mktemp("hostile")
    page, port = folder / "page.xml", free_port()
    page.write_text(works_page(range(400)), "utf-8")
    home = folder / "home"
    pipeline.publish(Settings(home=home, publish_jobs=1), (str(page),), lambda *_: None)
    dump = next(home.glob("releases/*/dump.nq.gz"))
    with dump.open("ab") as file:
        file.write(os.urandom(LARGE))
    with running("serve", "--home", str(home), "--port", str(port)) as process:
        assert process.stderr is not None
        threading.Thread(target=process.stderr.read, daemon=True).start()
        base = f"http://127.0.0.1:{port}"
        until_ready(base)
        yield base, dump


@contextmanager
def unread(base: str, connections: int, requests: bytes) -> Iterator[None]:
    """Ask on many connections, and read none of the answers."""
    with ExitStack() as stack:
        for _ in range(connections):
            one = stack.enter_context(socket.socket())
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.connect(("127.0.0.1", int(base.rpartition(":")[2])))
            one.sendall(requests)
        time.sleep(1)
        yield


def asking(path: str, *headers: str) -> bytes:
    return "\r\n".join((f"GET {path} HTTP/1.1", "Host: a", *headers, "", "")).encode()


def waited(base: str, number: int) -> float:
    began = time.monotonic()
    assert requests.get(f"{base}/doc/difu/{number}", headers={"Accept": "text/html"}, timeout=10).status_code == 200
    return time.monotonic() - began


@pytest.mark.parametrize("way", ["one after the other", "a part", "half a request"])
def test_who_does_not_read_keeps_nobody_waiting(site: tuple[str, Path], way: str) -> None:
    base, dump = site
    path = f"/dumps/{dump.parent.name}.nq.gz"
    asked, connections = {
        "one after the other": (asking(path) * 4 + asking("/oai?verb=ListRecords&metadataPrefix=rdf") * 20, 24),
        "a part": (asking(path, "Range: bytes=1-"), 24),
        "half a request": (b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ", 130),
    }[way]
    with unread(base, connections, asked):
        assert max(waited(base, number) for number in range(5)) < 2


@pytest.mark.parametrize("wanted", ["0-99", "1000-", "-500", "5-30000000", f"{LARGE}-999999999"])
def test_parts_of_a_file_are_those_bytes(site: tuple[str, Path], wanted: str) -> None:
    base, dump = site
    whole = dump.read_bytes()
    first, last = wanted.split("-")
    part = whole[int(first) : int(last) + 1 if last else None] if first else whole[-int(last) :]
    answer = requests.get(
        f"{base}/dumps/{dump.parent.name}.nq.gz",
        headers={"Range": f"bytes={wanted}", "Accept-Encoding": "identity"},
        timeout=30,
        stream=True,
    )
    assert answer.status_code == 206
    assert answer.raw.read(decode_content=False) == part
    start = int(first) if first else len(whole) - int(last)
    assert answer.headers["Content-Range"] == f"bytes {start}-{start + len(part) - 1}/{len(whole)}"


@pytest.mark.parametrize("name", COSTLY)
def test_who_asks_much_is_put_off_and_pages_are_answered(site: tuple[str, Path], name: str) -> None:
    base, _ = site
    over = time.monotonic() + 2
    refused: list[requests.Response] = []

    def attack(_: int) -> Counter[int]:
        seen: Counter[int] = Counter()
        while time.monotonic() < over:
            answer = COSTLY[name](base)
            seen[answer.status_code] += 1
            if answer.status_code == 503:
                refused.append(answer)
                time.sleep(0.02)
        return seen

    with ThreadPoolExecutor(16) as executor:
        outcomes = [executor.submit(attack, number) for number in range(16)]
        waits = [waited(base, number) for number in range(10, 20)]
        seen = sum((one.result() for one in outcomes), Counter[int]())
    assert seen.keys() == {200, 503}
    assert max(waits) < 2, waits
    answer = refused[0]
    assert answer.headers["Retry-After"] and answer.headers["Cache-Control"] == "no-store"
    if name == "reconcile":
        assert answer.json()["status"] == "error"
    if name == "sru":
        uri = ElementTree.fromstring(answer.content).find(".//{*}diagnostic/{*}uri")
        assert uri is not None and uri.text == "info:srw/diagnostic/1/2"
    assert COSTLY[name](base).status_code == 200


@pytest.mark.parametrize("path", ["oai", "sru"])
def test_a_huge_form_is_refused_unread(site: tuple[str, Path], path: str) -> None:
    answer = requests.post(
        f"{site[0]}/{path}",
        b"a=b&" * 400_000,
        timeout=10,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 413


def test_one_client_leaves_a_turn_to_others() -> None:
    turns = Turns(4)
    with ExitStack() as stack:
        stack.enter_context(turns.turn("one"))
        waiting = [threading.Thread(target=_have, args=(turns, "one"), daemon=True) for _ in range(2)]
        for thread in waiting:
            thread.start()
        time.sleep(0.1)
        with pytest.raises(Busy):
            stack.enter_context(turns.turn("one"))
        stack.enter_context(turns.turn("another"))
    for thread in waiting:
        thread.join(5)
    with turns.turn("one"):
        pass


def _have(turns: Turns, client: str) -> None:
    with turns.turn(client):
        time.sleep(0.5)


def test_searches_that_were_never_asked_before_do_not_fill_the_memory(site: tuple[str, Path]) -> None:
    index = Index(site[1].parent / "search")
    before = _resident()
    for number in range(500):
        index.find(Asked(" ".join(f"stadt{number}{letter} bericht{number}{letter}" for letter in "abcdefgh")))
    assert _resident() - before < 300


def _resident() -> int:
    """Say how much memory this process has, in megabytes."""
    found = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))
    assert found is not None
    return int(found[1]) >> 10
