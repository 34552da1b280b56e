"""What every store for strangers' queries promises, whichever engine answers."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse
from tests.endpoint import DCTERMS, GRAPHS, build, serve

from katalod.errors import QueryError, QueryTimeout, SettingsError, StoreError
from katalod.settings import Settings
from katalod.store import STORES, TooLarge, TripleStore, open_store
from katalod.store.embedded import Embedded
from katalod.store.embedded import build as build_store

WORK = "http://example.org/id/difu/7"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("release"))


@pytest.fixture(params=["oxigraph", "http"])
def store(request: pytest.FixtureRequest, folder: Path, tmp_path: Path) -> Iterator[TripleStore]:
    """An engine of our own, and an endpoint elsewhere: a second instance of ourselves."""
    settings = Settings(sparql_timeout=1.5, home=tmp_path)
    if request.param == "oxigraph":
        made = open_store(folder, settings)
        yield made
        made.close()
        return
    with serve(folder, replace(settings, sparql_timeout=10)) as other:
        made = open_store(folder, replace(settings, sparql_engine=f"{other.url}/sparql"))
        yield made
        made.close()


def test_every_store_is_tested() -> None:
    assert set(STORES) == {"oxigraph", "http", "https"}


def test_it_answers_in_the_form_that_is_asked_for(store: TripleStore) -> None:
    answer = store.ask(f"SELECT ?t {{ <{WORK}> <{DCTERMS}title> ?t }}", "text/csv", "a")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.read().decode() == "t\r\nBericht 7 über Städte\r\n"


def test_it_gives_graphs(store: TripleStore) -> None:
    data = store.ask(f"DESCRIBE <{WORK}>", "application/n-triples", "a").read()
    assert {t.subject for t in parse(data, format=RdfFormat.N_TRIPLES)} == {NamedNode(WORK)}


def test_the_dataset_is_what_the_protocol_says(store: TripleStore) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    assert store.ask(count, "text/csv", "a", default_graphs=GRAPHS[:1]).read() == b"n\r\n7\r\n"


def test_a_wrong_query_is_the_askers_fault(store: TripleStore) -> None:
    with pytest.raises(QueryError, match=r"line 1, column 11"):
        store.ask("ASK { ?s }", "text/csv", "a").read()


def test_it_calls_no_service(store: TripleStore) -> None:
    with pytest.raises(QueryError, match="refused"):
        store.ask("ASK { SERVICE <http://127.0.0.1:9/> {} }", "text/csv", "a")


def test_it_takes_no_update(store: TripleStore) -> None:
    with pytest.raises(QueryError, match="no updates"):
        store.ask("CLEAR ALL", "text/csv", "a")


def test_it_ends_what_is_late(store: TripleStore) -> None:
    with pytest.raises(QueryTimeout):
        store.ask("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }", "text/csv", "a").read()


def test_it_bounds_what_it_gives(folder: Path, tmp_path: Path) -> None:
    everything = "SELECT * { ?s ?p ?o . ?a ?b ?c }"
    small = Settings(sparql_result=1, home=tmp_path)
    with serve(folder, replace(small, sparql_result=50)) as other:
        for engine in ("oxigraph", f"{other.url}/sparql"):
            made = open_store(folder, replace(small, sparql_engine=engine))
            with pytest.raises(TooLarge):
                made.ask(everything, "text/csv", "a").read()
            made.close()


def test_what_is_closed_answers_no_more(store: TripleStore) -> None:
    store.close()
    with pytest.raises(StoreError):
        store.ask("ASK {}", "text/csv", "a")


def test_an_unknown_engine_is_named(folder: Path) -> None:
    with pytest.raises(SettingsError, match="'virtuoso'"):
        open_store(folder, Settings(sparql_engine="virtuoso"))


def test_an_endpoint_that_does_not_answer(folder: Path) -> None:
    made = open_store(folder, Settings(sparql_engine="http://127.0.0.1:9/sparql"))
    try:
        with pytest.raises(StoreError):
            made.ask("ASK {}", "text/csv", "a")
    finally:
        made.close()


def test_the_embedded_store_describes_by_fixed_patterns(folder: Path) -> None:
    embedded = Embedded.open(folder)
    assert len(embedded) == 60 * 4 + 7 + 21
    quads = embedded.describe([WORK, "http://example.org/id/keyword/k0"])
    assert len(quads) == 4 + 1 + 3
    assert quads[0].subject == NamedNode(WORK)
    assert {quad.graph_name for quad in quads[5:]} >= {NamedNode(graph) for graph in GRAPHS[1:]}
    assert embedded.describe(["http://example.org/nothing"]) == []


def test_the_embedded_store_names_what_bears_a_value(folder: Path) -> None:
    embedded = Embedded.open(folder)
    keyword = NamedNode("http://example.org/id/keyword/k0")
    bearers = embedded.subjects(NamedNode(f"{DCTERMS}subject"), keyword)
    assert len(bearers) == 9
    assert bearers == sorted(bearers, key=lambda node: node.value)


def test_a_store_is_built_once(folder: Path, tmp_path: Path) -> None:
    dump = tmp_path / "dump.nq"
    dump.write_text("<a:a> <a:b> <a:c> <a:g> .\n", "utf-8")
    assert build_store(dump, tmp_path / "made") == 1
    with pytest.raises(StoreError, match="already there"):
        build_store(dump, tmp_path / "made")


def test_a_wrong_dump_is_named(tmp_path: Path) -> None:
    dump = tmp_path / "dump.nq"
    dump.write_text("<a:a> <a:b> .\n", "utf-8")
    with pytest.raises(StoreError, match=r"from dump\.nq"):
        build_store(dump, tmp_path / "made")


def test_a_store_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="roll back or build"):
        Embedded.open(tmp_path / "nothing")
