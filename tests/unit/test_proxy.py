"""Who the client is: whoever connects, unless the operator names a proxy whose word counts."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import waitress
from tests.endpoint import run

from katalod.catalogue import Catalogue
from katalod.endpoint import Endpoint
from katalod.settings import Settings
from katalod.web.serving import _proxy, _server


@contextmanager
def echo(settings: Settings) -> Iterator[int]:
    """Serve a page that says who asks."""

    def app(environ: dict[str, str], start_response: object) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])  # type: ignore[operator]
        return [environ["REMOTE_ADDR"].encode()]

    server = waitress.create_server(
        app, host="127.0.0.1", port=0, clear_untrusted_proxy_headers=True, **_proxy(settings)
    )
    thread = threading.Thread(target=run, args=(server,), daemon=True)
    thread.start()
    try:
        yield server.effective_port
    finally:
        server.close()
        thread.join(1)


@pytest.mark.parametrize(
    ("proxy", "count", "header", "client"),
    [
        ("", 1, "198.51.100.7", "127.0.0.1"),  # anybody may write such a header
        ("127.0.0.1", 1, "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", 1, "203.0.113.9, 198.51.100.7", "198.51.100.7"),  # the first is the client's own claim
        ("127.0.0.1", 2, "203.0.113.9, 198.51.100.7", "203.0.113.9"),
        ("192.0.2.1", 1, "198.51.100.7", "127.0.0.1"),
    ],
)
def test_whose_word_counts(proxy: str, count: int, header: str, client: str) -> None:
    with echo(Settings(server_proxy=proxy, server_proxy_count=count)) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/", headers={"X-Forwarded-For": header, "X-Forwarded-Host": "evil.example"})
        assert connection.getresponse().read().decode() == client
        connection.close()


def test_more_files_than_select_can_count_do_not_end_the_server(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, server_host="127.0.0.1", server_port=0)
    catalogue = Catalogue(settings)
    with closing(Endpoint.of(catalogue)) as endpoint, closing(_server(settings, catalogue, endpoint)) as server:
        assert server.adj.asyncore_use_poll is True
