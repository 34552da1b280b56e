"""`katalod query`: the same forms over the release in the home and over an endpoint elsewhere."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from click.testing import CliRunner
from tests.endpoint import DCTERMS, Served, build, serve

from katalod.asking import answered, answered_by
from katalod.cli import main
from katalod.errors import QueryError, StoreError
from katalod.settings import Settings
from katalod.store.embedded import Embedded

WORK = "http://example.org/id/difu/7"
TITLE = f"SELECT ?title ?none {{ <{WORK}> <{DCTERMS}title> ?title OPTIONAL {{ <{WORK}> <a:b> ?none }} }}"
GRAPH = f"CONSTRUCT WHERE {{ <{WORK}> <{DCTERMS}title> ?title }}"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("release")
    with serve(build(folder), Settings(home=folder)) as made:
        yield made


@pytest.mark.parametrize("query", [TITLE, GRAPH, f"ASK {{ <{WORK}> ?p ?o }}"])
@pytest.mark.parametrize("format", ["table", "json", "csv", "tsv", "xml", "turtle", "ntriples"])
def test_an_endpoint_answers_as_the_release_does(served: Served, query: str, format: str) -> None:
    def told(ask: object) -> str:
        try:
            return str(ask())  # type: ignore[operator]
        except QueryError as error:
            return str(error)

    store = Embedded.open(served.settings.home / "store")
    here = told(lambda: answered(store, query, format))
    assert told(lambda: answered_by(f"{served.url}/sparql", query, format)) == here
    assert "Bericht 7" in here or "ASK" in query or "is for graphs" in here


def test_a_wrong_query_says_where(served: Served) -> None:
    with pytest.raises(QueryError, match="line 1, column 11"):
        answered_by(f"{served.url}/sparql", "SELECT * {", "table")
    with pytest.raises(QueryError, match="there is no form 'pdf'"):
        answered_by(f"{served.url}/sparql", "ASK {}", "pdf")


def test_the_command(served: Served) -> None:
    result = CliRunner().invoke(main, ["query", "--endpoint", f"{served.url}/sparql", "--json", TITLE])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["results"]["bindings"][0]["title"]["xml:lang"] == "de"
    result = CliRunner().invoke(main, ["query", "--endpoint", "http://127.0.0.1:9/sparql", "ASK {}"])
    assert result.exit_code == 1
    assert "asking http://127.0.0.1:9/sparql" in result.stderr


@pytest.mark.parametrize("kind", ["text/html", "application/rdf+xml", "application/n-triples"])
def test_what_is_no_endpoint_is_said_to_be_none(kind: str) -> None:
    class Other(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(b'<!DOCTYPE a [<!ENTITY x "y">]><p>hello</p>')

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(StoreError, match=r"is it a SPARQL endpoint|cannot be read"):
            answered_by(f"http://127.0.0.1:{server.server_port}/", "ASK {}", "table")
        server.shutdown()
