"""Clients that others wrote, against a running server: rdflib, SPARQLWrapper, and Comunica as a federation.

Comunica is taken from the folder that KATALOD_CLIENTS names (`npm install --prefix FOLDER node@22
@comunica/query-sparql@5`); `.ci/run` makes it.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from tests.endpoint import DCTERMS, Served, build, serve

from katalod.settings import Settings

CLIENTS = Path(os.environ.get("KATALOD_CLIENTS", "/nonexistent")) / "node_modules"
COMUNICA = CLIENTS / "@comunica" / "query-sparql" / "bin" / "query.js"
NODE = CLIENTS / "node" / "bin" / "node"
WORK = "http://example.org/id/difu/7"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("release")
    with serve(build(folder), Settings(home=folder, base="http://example.org/")) as made:
        yield made


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("form", ["xml", "json", "csv", "tsv"])
def test_rdflib(served: Served, method: str, form: str) -> None:
    store = SPARQLStore(f"{served.url}/sparql", method=method, returnFormat=form)
    graph = rdflib.Graph(store)
    rows = list(graph.query(f"SELECT ?title WHERE {{ <{WORK}> <{DCTERMS}title> ?title }}"))
    assert [str(row[0]) for row in rows] == ["Bericht 7 über Städte"]  # type: ignore[index]
    assert form == "csv" or rows[0][0] == rdflib.Literal("Bericht 7 über Städte", lang="de")  # type: ignore[index]
    if form != "tsv":  # of which this client reads no ASK
        assert bool(graph.query("ASK { ?s ?p 'nowhere' }")) is False


def test_rdflib_as_a_graph(served: Served) -> None:
    graph = rdflib.Graph(SPARQLStore(f"{served.url}/sparql"))
    assert len(list(graph.triples((rdflib.URIRef(WORK), None, None)))) == 4
    assert graph.value(rdflib.URIRef(WORK), rdflib.DCTERMS.title) == rdflib.Literal("Bericht 7 über Städte", lang="de")
    assert len(graph) == 268
    described = graph.query(f"DESCRIBE <{WORK}>").graph
    assert described is not None
    assert len(described) == 4


def wrapper(served: Served, query: str, form: str, method: str = "GET") -> Any:
    library = pytest.importorskip("SPARQLWrapper", reason="SPARQLWrapper is not installed; it would ask the endpoint")
    asking = library.SPARQLWrapper(f"{served.url}/sparql")
    asking.setQuery(query)
    asking.setReturnFormat(getattr(library, form))
    asking.setMethod(method)
    return asking.query().convert()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sparqlwrapper(served: Served, method: str) -> None:
    query = f"SELECT ?title WHERE {{ <{WORK}> <{DCTERMS}title> ?title }}"
    title = {"type": "literal", "value": "Bericht 7 über Städte", "xml:lang": "de"}
    assert wrapper(served, query, "JSON", method)["results"]["bindings"] == [{"title": title}]
    assert "Bericht 7 über Städte" in wrapper(served, query, "XML", method).toxml()
    assert wrapper(served, query, "CSV", method).decode() == "title\r\nBericht 7 über Städte\r\n"
    assert wrapper(served, query, "TSV", method).decode() == '?title\n"Bericht 7 über Städte"@de\n'
    assert wrapper(served, "ASK {}", "JSON", method)["boolean"] is True


@pytest.mark.parametrize("form", ["TURTLE", "N3", "RDFXML", "JSONLD", "XML"])
def test_sparqlwrapper_takes_graphs(served: Served, form: str) -> None:
    found = wrapper(served, f"CONSTRUCT WHERE {{ <{WORK}> ?p ?o }}", form)
    graph = found if isinstance(found, rdflib.Graph) else rdflib.Graph().parse(data=found, format="turtle")
    assert len(graph) == 4


def test_sparqlwrapper_is_told_what_is_wrong(served: Served) -> None:
    errors = pytest.importorskip("SPARQLWrapper.SPARQLExceptions", reason="SPARQLWrapper is not installed")
    with pytest.raises(errors.QueryBadFormed, match="line 1, column"):
        wrapper(served, "SELECT * {", "JSON")


@contextmanager
def on_the_web(folder: Path) -> Iterator[str]:
    """Serve the files of a folder."""

    class Files(SimpleHTTPRequestHandler):
        def guess_type(self, path: object) -> str:
            return "text/turtle"

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), partial(Files, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.skipif(not COMUNICA.exists(), reason="KATALOD_CLIENTS names no folder with Comunica; it would federate us")
def test_comunica_federates_us_with_a_file_and_a_second_instance(served: Served, tmp_path: Path) -> None:
    """Works are here, a second instance has others, and a file says which keyword stands for what."""
    file = tmp_path / "words.ttl"
    file.write_text(
        "<http://example.org/id/keyword/k3> <http://www.w3.org/2004/02/skos/core#exactMatch> <http://other.example/3> .\n"
    )
    query = (
        f"SELECT ?work ?title WHERE {{ ?keyword <http://www.w3.org/2004/02/skos/core#exactMatch> ?there ."
        f" ?work <{DCTERMS}subject> ?keyword ; <{DCTERMS}title> ?title }}"
    )
    second_store = build(tmp_path / "second", works=70)
    with serve(second_store, Settings(home=tmp_path / "second")) as second, on_the_web(tmp_path) as place:
        sources = [f"sparql@{served.url}/sparql", f"sparql@{second.url}/sparql", f"{place}/words.ttl"]
        command = [str(NODE), str(COMUNICA), *sources, "-t", "application/sparql-results+json", "-q", query]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    rows = json.loads(ran.stdout)["results"]["bindings"]
    works = {row["work"]["value"] for row in rows}
    assert works == {f"http://example.org/id/difu/{n}" for n in range(3, 70, 7)}
    assert {row["title"]["value"] for row in rows} == {f"Bericht {n} über Städte" for n in range(3, 70, 7)}
