"""The endpoint over HTTP, behind the real server: what a client sees, above all when something goes wrong."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import html5lib
import pytest
from pyoxigraph import BlankNode, NamedNode, RdfFormat, parse
from tests.endpoint import GRAPHS, Served, build, serve

from katalod.settings import Settings

JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Accept-Language": "en"}
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
ROWS = "SELECT ?a ?d ?g { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"  # 19 million
SD = "http://www.w3.org/ns/sparql-service-description#"
SH = "http://www.w3.org/ns/shacl#"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("release")
    settings = Settings(home=folder, base="http://example.org/", sparql_timeout=1.5, sparql_result=50)
    with serve(build(folder), settings) as made:
        yield made


def ask(
    served: Served, method: str = "GET", headers: dict[str, str] | None = None, body: bytes | None = None, **params: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=20)
    try:
        connection.request(method, "/sparql" + (f"?{urlencode(params)}" if params else ""), body, headers or {})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def test_variables_come_in_the_order_of_the_query(served: Served) -> None:
    _, body = ask(served, query="SELECT ?z ?a ?m { VALUES (?a ?m ?z) { (1 2 3) } }")
    assert json.loads(body)["head"]["vars"] == ["z", "a", "m"]


@pytest.mark.parametrize(
    ("wish", "kind"),
    [
        ("json", JSON),
        ("xml", XML),
        ("csv", "text/csv; charset=utf-8"),
        ("tsv", "text/tab-separated-values; charset=utf-8"),
    ],
)
@pytest.mark.parametrize("name", ["format", "output", "results"])
def test_short_names_win_over_accept(served: Served, name: str, wish: str, kind: str) -> None:
    answer, _ = ask(served, headers={"Accept": "text/turtle"}, query="SELECT * {}", **{name: wish})
    assert answer.getheader("Content-Type") == kind


def test_what_sparqlwrapper_sends(served: Served) -> None:
    accept = "application/sparql-results+json,application/json,text/javascript,application/javascript"
    params = {"query": "SELECT * {}", "format": "json", "output": "json", "results": "json"}
    answer, _ = ask(served, headers={"Accept": accept}, **params)
    assert answer.getheader("Content-Type") == JSON


def test_a_name_that_does_not_fit_the_query_is_passed_over(served: Served) -> None:
    answer, _ = ask(served, headers={"Accept": "text/csv"}, query="SELECT * {}", format="turtle")
    assert answer.getheader("Content-Type") == "text/csv; charset=utf-8"


def test_a_query_of_64_kb_by_get(served: Served) -> None:
    answer, body = ask(served, query="ASK {} #" + "x" * 65_536)
    assert (answer.status, json.loads(body)["boolean"]) == (200, True)


def test_a_large_values_by_post(served: Served) -> None:
    rows = " ".join(f"({n} <http://e/a#b>)" for n in range(20_000))
    headers = {"Content-Type": "application/sparql-query", "Accept": "text/csv"}
    body = f"SELECT (COUNT(*) AS ?n) {{ VALUES (?x ?y) {{ {rows} }} }}".encode()
    assert ask(served, "POST", headers, body)[1] == b"n\r\n20000\r\n"


def test_a_wrong_query_is_shown_with_its_place(served: Served) -> None:
    answer, body = ask(served, query="SELECT *\nWHERE { ?s foo:bar ?o }")
    assert answer.status == 400
    assert body.startswith(b"the query is wrong at line 2, column 1")
    assert answer.getheader("Content-Type") == "text/plain; charset=utf-8"
    assert answer.getheader("Access-Control-Allow-Origin") == "*"


def test_an_update_is_refused_by_name(served: Served) -> None:
    answer, body = ask(served, query="CLEAR ALL")
    assert answer.status == 400
    assert b"takes no updates" in body


def test_methods(served: Served) -> None:
    answer, _ = ask(served, "DELETE", query="ASK {}")
    assert (answer.status, set((answer.getheader("Allow") or "").split(", "))) == (
        405,
        {"GET", "HEAD", "OPTIONS", "POST"},
    )
    answer, body = ask(served, "HEAD", query="ASK {}")
    assert (answer.status, answer.getheader("Content-Type"), body) == (200, JSON, b"")
    answer, _ = ask(served, "OPTIONS", {"Origin": "https://a.example"})
    assert answer.status in (200, 204)
    assert "POST" in (answer.getheader("Access-Control-Allow-Methods") or "")


def test_head_of_a_long_answer_gives_its_engine_back(served: Served) -> None:
    answer, _ = ask(served, "HEAD", query=ROWS)
    assert answer.status == 200
    assert ask(served, query="ASK {}")[0].status == 200


def test_nothing_acceptable(served: Served) -> None:
    answer, body = ask(served, headers={"Accept": "image/png"}, query="SELECT * {}")
    assert answer.status == 406
    assert JSON.encode() in body
    assert ask(served, headers={"Accept": "image/png"}, query="SELECT * {")[0].status == 400


def test_too_long_a_query(served: Served) -> None:
    headers = {"Content-Type": "application/sparql-query"}
    answer, _ = ask(served, "POST", headers, b"ASK {} #" + b"x" * (1 << 20))
    assert answer.status == 413


def test_an_ordinary_timeout_is_a_clean_503(served: Served) -> None:
    answer, body = ask(served, query=ENDLESS)
    assert answer.status == 503
    assert b"within 1.5 seconds" in body
    assert int(answer.getheader("Retry-After") or 0) > 0
    assert answer.getheader("Cache-Control") == "no-store"


def test_an_answer_that_is_cut_is_seen_to_be_cut(served: Served) -> None:
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=20)
    connection.request("GET", "/sparql?" + urlencode({"query": ROWS, "format": "csv"}))
    answer = connection.getresponse()
    assert answer.status == 200
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        answer.read()
    connection.close()


def test_an_old_client_gets_no_half_answer(served: Served) -> None:
    """HTTP/1.0 knows no chunks, so the end of the connection would look like the end of the answer."""
    host, port = urlsplit(served.url).netloc.split(":")
    with socket.create_connection((host, int(port)), 20) as connection:
        connection.sendall(f"GET /sparql?query={quote(ROWS)} HTTP/1.0\r\n\r\n".encode())
        data = b"".join(iter(lambda: connection.recv(65536), b""))
    assert data.split(b" ", 2)[1] in (b"413", b"503")


def test_a_client_that_goes_away_frees_the_engine(served: Served) -> None:
    host, port = urlsplit(served.url).netloc.split(":")
    with socket.create_connection((host, int(port)), 20) as connection:
        connection.sendall(f"GET /sparql?query={quote(ENDLESS)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        time.sleep(0.3)
        assert served.endpoint.busy == 1
    end = time.monotonic() + 1
    while served.endpoint.busy and time.monotonic() < end:
        time.sleep(0.02)
    assert served.endpoint.busy == 0


def test_a_client_with_a_slow_query_is_told_to_wait(served: Served) -> None:
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(ask(served, query=ENDLESS)[0].status)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [429, 429, 503]


def test_large_answers_stream(served: Served) -> None:
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=20)
    began = time.monotonic()
    connection.request("GET", "/sparql?" + urlencode({"query": ROWS, "format": "tsv"}))
    answer = connection.getresponse()
    assert answer.read(100_000)
    assert time.monotonic() - began < 1
    assert answer.getheader("Transfer-Encoding") == "chunked"
    connection.close()


@pytest.mark.parametrize(
    ("media", "form"),
    [
        ("text/turtle", RdfFormat.TURTLE),
        ("application/ld+json", RdfFormat.JSON_LD),
        ("application/rdf+xml", RdfFormat.RDF_XML),
    ],
)
def test_without_a_query_it_describes_itself(served: Served, media: str, form: RdfFormat) -> None:
    _, body = ask(served, headers={"Accept": media})
    quads = list(parse(body, format=form))
    endpoint = NamedNode("http://example.org/sparql")
    said = {(quad.predicate.value.removeprefix(SD), quad.object) for quad in quads if quad.subject == endpoint}
    assert ("endpoint", endpoint) in said
    assert ("feature", NamedNode(f"{SD}UnionDefaultGraph")) in said
    assert not any(isinstance(term, BlankNode) for quad in quads for term in (quad.subject, quad.object))
    asked = {quad.predicate.value for quad in quads if quad.predicate.value.startswith(f"{SH}")}
    assert {f"{SH}{name}" for name in ("select", "ask", "construct", "prefixes", "declare")} <= asked
    assert {quad.object.value for quad in quads if quad.predicate.value == f"{SD}name"} == set(GRAPHS)  # type: ignore[union-attr]


def test_a_browser_gets_a_form_that_needs_no_script(served: Served) -> None:
    answer, body = ask(served, headers=BROWSER)
    page = html5lib.parse(body, namespaceHTMLElements=False)
    assert answer.getheader("Content-Type") == "text/html; charset=utf-8"
    form = page.find(".//form[@class='ask']")
    assert form.get("action") == "/sparql"
    assert form.find(".//textarea[@name='query']").text.strip().startswith("PREFIX")
    for script in page.findall(".//script"):  # they make an editor of it
        assert (script.get("src") or "").startswith("/static/") or script.get("type") == "application/json"
    policy = dict(part.strip().split(" ", 1) for part in (answer.getheader("Content-Security-Policy") or "").split(";"))
    assert (policy["default-src"], policy["script-src"], policy["connect-src"]) == ("'none'", "'self'", "'self'")
    links = [link.get("href") for link in page.findall(".//a")]
    examples = [link for link in links if link.startswith("/sparql?query=")]
    assert len(examples) >= 4
    for link in examples:
        connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=20)
        connection.request("GET", link, headers=BROWSER)
        assert connection.getresponse().status == 200
        connection.close()


def test_a_browser_gets_a_table(served: Served) -> None:
    query = 'SELECT ?work ?label { VALUES (?work ?label) { (<http://example.org/id/difu/1> "<script>alert(1)</script>"@en) } }'
    _, body = ask(served, headers=BROWSER, query=query)
    page = html5lib.parse(body, namespaceHTMLElements=False)
    assert [cell.text for cell in page.findall(".//th")] == ["work", "label"]
    cells = page.findall(".//td")
    assert cells[0].find("a").get("href") == "/id/difu/1"
    assert "".join(cells[1].itertext()) == "<script>alert(1)</script>"
    assert not any("alert" in (script.text or "") for script in page.findall(".//script"))


def test_a_browser_sees_graphs_and_verdicts(served: Served) -> None:
    _, body = ask(served, headers=BROWSER, query="CONSTRUCT { <a:a> <a:b> 'c' } {}")
    assert [cell.text for cell in html5lib.parse(body, namespaceHTMLElements=False).findall(".//th")] == ["s", "p", "o"]
    _, body = ask(served, headers=BROWSER, query="ASK {}")
    assert html5lib.parse(body, namespaceHTMLElements=False).find(".//strong").text == "yes"


def test_a_browser_sees_what_is_wrong_beside_its_query(served: Served) -> None:
    answer, body = ask(served, headers=BROWSER, query="SELECT </textarea><script>alert(1)</script>")
    page = html5lib.parse(body, namespaceHTMLElements=False)
    assert answer.status == 400
    assert "line 1" in "".join(page.find(".//*[@role='alert']").itertext())
    assert not any((script.text or "").startswith("alert") for script in page.findall(".//script"))
    assert "alert(1)" in page.find(".//textarea").text


def test_a_refusal_is_told_in_the_reader_s_language(served: Served) -> None:
    _, body = ask(served, headers=BROWSER | {"Accept-Language": "de"}, query="SELECT * {")
    alert = "".join(html5lib.parse(body, namespaceHTMLElements=False).find(".//*[@role='alert']").itertext())
    assert "Die Abfrage ist fehlerhaft" in alert
    assert "line 1, column" in alert


def test_no_answer_shows_our_insides(served: Served, tmp_path: Path) -> None:
    with serve(tmp_path / "nothing", Settings(home=tmp_path)) as broken:
        answer, body = ask(broken, query="ASK {}")
    assert answer.status == 503
    assert str(tmp_path).encode() not in body
    assert b"Traceback" not in body
