"""The polite session, against a server on loopback that misbehaves on order."""

import contextlib
import http.server
import socket
import threading
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate

import pytest

from katalod.fetch import FetchError, Late, Limits, Session, Stream


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers from the script of its server: one (status, headers, body) for each request."""

    def do_GET(self) -> None:
        self.server.asked.append(dict(self.headers))  # type: ignore[attr-defined]
        status, headers, body = self.server.script.pop(0)  # type: ignore[attr-defined]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[http.server.ThreadingHTTPServer]:
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.script, made.asked = [], []  # type: ignore[attr-defined]
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def ask(server: http.server.ThreadingHTTPServer) -> Callable[..., tuple[bytes, list[float]]]:
    def run(script: list[tuple[int, dict[str, str], bytes]], **limits: float) -> tuple[bytes, list[float]]:
        server.script[:] = script  # type: ignore[attr-defined]
        waits: list[float] = []
        session = Session(Limits(**limits), waits.append)  # type: ignore[arg-type]
        try:
            return session.get(f"http://127.0.0.1:{server.server_port}/x").body, waits
        finally:
            session.close()

    return run


LENGTH = {"Content-Length": "2"}


def test_it_says_who_it_is(
    ask: Callable[..., tuple[bytes, list[float]]], server: http.server.ThreadingHTTPServer
) -> None:
    assert ask([(200, LENGTH, b"ok")]) == (b"ok", [])
    assert server.asked[0]["User-Agent"].startswith("katalod/")  # type: ignore[attr-defined]


def test_it_waits_as_long_as_it_is_told(ask: Callable[..., tuple[bytes, list[float]]]) -> None:
    busy = (503, {"Retry-After": "7", "Content-Length": "0"}, b"")
    assert ask([busy, (429, {"Content-Length": "0"}, b""), (200, LENGTH, b"ok")]) == (b"ok", [7.0, 4.0])


def test_it_reads_retry_after_as_a_date(ask: Callable[..., tuple[bytes, list[float]]]) -> None:
    _, waits = ask([(503, {"Retry-After": formatdate(usegmt=True), "Content-Length": "0"}, b""), (200, LENGTH, b"ok")])
    assert 0 <= waits[0] <= 1


def test_it_does_not_wait_for_ever(ask: Callable[..., tuple[bytes, list[float]]]) -> None:
    with pytest.raises(FetchError, match="come again in 86400 s") as told:
        ask([(503, {"Retry-After": "86400", "Content-Length": "0"}, b"")])
    assert told.value.status == 503


def test_it_gives_up_after_its_attempts(ask: Callable[..., tuple[bytes, list[float]]]) -> None:
    with pytest.raises(FetchError, match="status 502"):
        ask([(502, {"Content-Length": "0"}, b"")] * 2, attempts=2)


def test_what_is_refused_is_not_asked_again(ask: Callable[..., tuple[bytes, list[float]]]) -> None:
    with pytest.raises(FetchError, match="status 404") as told:
        ask([(404, {"Content-Length": "0"}, b"")])
    assert told.value.status == 404


def test_an_answer_that_breaks_off_is_asked_again(ask: Callable[..., tuple[bytes, list[float]]]) -> None:
    assert ask([(200, {"Content-Length": "9"}, b"ok"), (200, LENGTH, b"ok")]) == (b"ok", [2.0])


def test_a_large_answer_is_cut_off(ask: Callable[..., tuple[bytes, list[float]]]) -> None:
    with pytest.raises(FetchError, match="larger than 1,000 bytes"):
        ask([(200, {"Content-Length": "5000"}, b"x" * 5000)], size=1000)


def test_only_the_web_is_fetched() -> None:
    with pytest.raises(FetchError, match="only http and https"):
        Session().get("file:///etc/passwd")


def test_another_thread_can_end_an_answer(server: http.server.ThreadingHTTPServer) -> None:
    server.script[:] = [(200, {"Content-Length": "9"}, b"ok")]  # type: ignore[attr-defined]

    done = threading.Event()

    def slow(self: Handler) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "9")
        self.end_headers()
        done.wait(5)

    server.RequestHandlerClass = type("Slow", (Handler,), {"do_GET": slow})  # type: ignore[assignment]
    stream: Stream = Session().open("GET", f"http://127.0.0.1:{server.server_port}/")
    threading.Timer(0.2, stream.abort).start()
    began = time.monotonic()
    with pytest.raises(FetchError), stream:
        list(stream)
    assert time.monotonic() - began < 2
    done.set()


def test_an_answer_whose_head_never_ends_is_ended_in_time() -> None:
    """Each byte of the head comes in time, and so no time between two bytes would end it."""
    server = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        asked, _ = server.accept()
        with contextlib.suppress(OSError), asked:
            asked.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
            while True:
                asked.sendall(b"x")
                time.sleep(0.02)

    threading.Thread(target=drip, daemon=True).start()
    began = time.monotonic()
    with server, pytest.raises(Late):
        Session(Limits(attempts=1, whole=0.3)).get(f"http://127.0.0.1:{server.getsockname()[1]}/")
    assert 0.25 < time.monotonic() - began < 2


def test_no_more_redirects_are_followed_than_are_allowed(
    ask: Callable[..., tuple[bytes, list[float]]], server: http.server.ThreadingHTTPServer
) -> None:
    moved = (302, {"Location": "/y", "Content-Length": "0"}, b"")
    assert ask([moved, (200, LENGTH, b"ok")]) == (b"ok", [])
    with pytest.raises(FetchError, match="redirects"):
        ask([moved], attempts=1, redirects=0)


def test_a_server_that_is_not_there_is_said_in_few_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    with pytest.raises(FetchError) as refused:
        Session(Limits(attempts=1)).get(url)
    assert str(refused.value) == f"fetching {url}: Connection refused"
