"""The service as a process: the demo's links answer, a new release is followed, nothing is dropped."""

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import rdflib
from tests.conftest import dim_page, dim_record, work_fields, works_page

KATALOD = [sys.executable, "-m", "katalod"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(*words: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([*KATALOD, *words], stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def get(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def until_ready(base: str) -> None:
    for _ in range(200):
        try:
            if get(f"{base}/health/live")[0] == 200:
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail("the server did not start")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    port = free_port()
    home = tmp_path_factory.mktemp("demo") / "home"
    with running("demo", "--home", str(home), "--port", str(port)) as process:
        said: list[str] = []
        assert process.stderr is not None
        for line in process.stderr:
            said.append(line)
            if "curl" in line:
                break
        until_ready(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}", said


def test_the_demo_names_links_and_they_answer(demo: tuple[str, list[str]]) -> None:
    links = re.findall(r"https?://\S+", "".join(line for line in demo[1] if line.startswith("  ")))
    assert len(links) >= 3
    for link in links:
        assert get(link.rstrip(")"), Accept="text/html")[0] == 200, link


@pytest.mark.parametrize(
    "media", ["text/turtle", "application/ld+json", "application/rdf+xml", "application/n-triples"]
)
def test_the_first_record_in_every_form(demo: tuple[str, list[str]], media: str) -> None:
    base = demo[0]
    status, headers, body = get(f"{base}/id/difu/581658", Accept=media)
    assert status == 200
    assert headers["Content-Type"].startswith(media)
    if media == "application/ld+json":
        document = json.loads(body)
        assert document["title"]["@language"] == "de"
        context = get(f"{base}/context.jsonld")[2]
        body = json.dumps(document | json.loads(context)).encode()
    graph = rdflib.Graph().parse(data=body, format=media)
    work = rdflib.URIRef("http://127.0.0.1:8080/id/difu/581658")
    assert (work, rdflib.RDF.type, rdflib.URIRef("http://purl.org/ontology/bibo/Report")) in graph
    assert (work, rdflib.DCTERMS.subject, rdflib.URIRef("https://d-nb.info/gnd/4120730-0")) in graph


def test_a_select_for_works_with_gnd_subjects(demo: tuple[str, list[str]]) -> None:
    query = (
        "PREFIX dcterms: <http://purl.org/dc/terms/> SELECT ?work ?heading WHERE { ?work dcterms:subject ?heading"
        ' FILTER(STRSTARTS(STR(?heading), "https://d-nb.info/gnd/")) } ORDER BY ?heading'
    )
    url = f"{demo[0]}/sparql?{urllib.parse.urlencode({'query': query})}"
    status, _, body = get(url, Accept="application/sparql-results+json")
    assert status == 200
    found = [row["heading"]["value"].rpartition("/")[2] for row in json.loads(body)["results"]["bindings"]]
    assert found == ["4044789-3", "4066794-7", "4077814-9", "4120730-0", "4315666-6"]


def test_the_host_header_changes_nothing(demo: tuple[str, list[str]]) -> None:
    _, headers, body = get(f"{demo[0]}/", Host="evil.example")
    assert b"evil.example" not in body
    assert "evil.example" not in "".join(headers.values())


def test_a_new_release_is_followed_and_no_request_is_dropped(tmp_path: Path) -> None:
    home, port = str(tmp_path / "home"), free_port()
    base = f"http://127.0.0.1:{port}"
    (tmp_path / "a.xml").write_text(works_page(range(5)), "utf-8")
    news = dim_page(
        [
            dim_record("oai:repository.example.org:difu/1", None, "2024-06-01"),
            dim_record("oai:repository.example.org:difu/7", work_fields(7), "2024-06-02"),
        ]
    )
    (tmp_path / "b.xml").write_text(news, "utf-8")
    with running("serve", "--home", home, "--port", str(port)) as server:
        until_ready(base)
        assert get(f"{base}/doc/difu/1", Accept="text/html")[0] == 503, "nothing is published yet"
        subprocess.run([*KATALOD, "publish", str(tmp_path / "a.xml"), "--home", home], check=True)
        time.sleep(2)
        assert get(f"{base}/doc/difu/1")[0] == 200
        failures, done = list[int](), threading.Event()

        def ask() -> None:
            while not done.is_set():
                for path in ("/doc/difu/2.ttl", "/doc/difu/2.html", "/sparql?query=ASK%7B%7D"):
                    status = get(base + path)[0]
                    if status != 200:
                        failures.append(status)

        clients = [threading.Thread(target=ask) for _ in range(2)]
        for client in clients:
            client.start()
        subprocess.run([*KATALOD, "publish", str(tmp_path / "b.xml"), "--home", home], check=True)
        time.sleep(2)
        done.set()
        for client in clients:
            client.join()
        assert failures == []
        assert get(f"{base}/doc/difu/7")[0] == 200
        status, _, body = get(f"{base}/doc/difu/1", Accept="text/html")
        assert status == 410
        assert "Bericht 1" in body.decode()
        count = get(
            f"{base}/sparql?query=SELECT(COUNT(*)AS%20%3Fn)%7B%3Fw%20<http://purl.org/dc/terms/issued>%20%3Fd%7D",
            Accept="text/csv",
        )
        assert count[2].split() == [b"n", b"5"]
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=10) == 0


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [*KATALOD, "serve", "--home", str(tmp_path), "--port", port], capture_output=True, text=True, check=False
        )
    assert ended.returncode == 1
    assert f"127.0.0.1:{port}" in ended.stderr
    assert "--port" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_release_of_another_base_is_said(tmp_path: Path) -> None:
    home = ["--home", str(tmp_path / "home")]
    subprocess.run([*KATALOD, "publish", *home], check=True, capture_output=True)
    (tmp_path / "katalod.toml").write_text('base = "https://data.example.org/"\n')
    config = ["--config", str(tmp_path / "katalod.toml")]
    with running("serve", *home, *config, "--port", str(free_port())) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("serving release 000001")
        said = process.stderr.readline()
    assert "http://127.0.0.1:8080/" in said
    assert "https://data.example.org/" in said
    assert "publish again" in said
