"""Twelve catalogue queries over 100,000 works: our endpoint, the engine's own server, and Virtuoso, in one run.

    python benchmarks/sparql.py [--folder FOLDER] [--works 100000] [--rounds 5] [--json FILE] [--readme]

The release is made once in FOLDER by katalod itself, from made records (synthetic.py); it takes some minutes.
Each query is asked of each server in turn, over a connection that is already open, and read to its end; medians
are printed. «Cold» is our endpoint without kept answers, «kept» with them, «unchanged» the same where the client
has the answer already and asks whether it still holds. Virtuoso takes part where
`virtuoso-t` and `isql-vt` are installed (Debian: virtuoso-opensource); it loads the same dump.
"""

import argparse
import gzip
import http.client
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import synthetic
from pyoxigraph import QuerySolutions, Store, parse_query_results

from katalod import releases
from katalod.store.child import program

README = Path(__file__).with_name("README.md")
MARK = "<!-- sparql.py -->"
JSON = "application/sparql-results+json"
BUFFERS = 170_000  # pages of 8 kB that Virtuoso may hold: 1.4 GB, more than the data

PREFIXES = """PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
QUERIES = {
    "one work": "SELECT ?property ?value { <{work}> ?property ?value }",
    "works of a heading, with title": "SELECT ?work ?title { ?work dcterms:subject <{seldom}> ; dcterms:title ?title }",
    "all narrower headings, by path": "SELECT ?narrower { ?narrower skos:broader+ <{root}> }",
    "construct a work": "CONSTRUCT { <{work}> ?property ?value } WHERE { <{work}> ?property ?value }",
    "all titles": "SELECT ?work ?title { ?work dcterms:title ?title }",
    "works by year, in a range": """SELECT ?year (COUNT(?work) AS ?works) { ?work dcterms:issued ?year
  FILTER(STR(?year) >= "2000" && STR(?year) <= "2010") } GROUP BY ?year ORDER BY ?year""",
    "headings beside a frequent one": """SELECT ?other (COUNT(?work) AS ?works) {
  ?work dcterms:subject <{frequent}> ; dcterms:subject ?other FILTER(?other != <{frequent}>)
} GROUP BY ?other ORDER BY DESC(?works) LIMIT 20""",
    "creators with most works": """SELECT ?name (COUNT(?work) AS ?works) {
  ?work dcterms:creator ?creator . ?creator foaf:name ?name } GROUP BY ?name ORDER BY DESC(?works) LIMIT 20""",
    "distinct types": "SELECT DISTINCT ?type { ?thing a ?type }",
    "COUNT(*)": "SELECT (COUNT(*) AS ?count) { ?s ?p ?o }",
    "titles that contain a word": """SELECT ?work ?title { ?work dcterms:title ?title
  FILTER(CONTAINS(?title, "Quartier")) }""",
    "ten titles in order": "SELECT ?work ?title { ?work dcterms:title ?title } ORDER BY ?title LIMIT 10",
}


@dataclass(frozen=True)
class Server:
    """Where a server answers, and what it wants to be told with each query."""

    name: str
    port: int
    path: str
    more: tuple[tuple[str, str], ...] = ()
    also: tuple[str, ...] = ()  # the name under which a second asking counts, with the first one's validator

    def ask(self, connection: http.client.HTTPConnection, query: str, tag: str = "") -> tuple[float, bytes, str]:
        """Ask, read all, and give the seconds until then, the answer, and its validator."""
        headers = {"Accept": "application/n-triples" if "CONSTRUCT" in query else JSON}
        path = self.path + "?" + urlencode([("query", query), *self.more])
        began = time.perf_counter()
        connection.request("GET", path, headers=headers | ({"If-None-Match": tag} if tag else {}))
        # Virtuoso sends in pieces and waits for each to be acknowledged, which this system would put off by 40 ms.
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        answer = connection.getresponse()
        body = answer.read()
        took = time.perf_counter() - began
        if answer.status != (304 if tag else 200):
            sys.exit(f"{self.name} answers {answer.status} to {query}: {body[:300]!r}")
        return took, body, answer.getheader("ETag") or ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], ready: Callable[[], bool], **options: object) -> Iterator[None]:
    """Run a server for a while."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)  # type: ignore[call-overload]
    try:
        end = time.monotonic() + 60
        while not ready():
            if process.poll() is not None or time.monotonic() > end:
                sys.exit(f"{command[0]} did not start")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)


def listens(port: int) -> Callable[[], bool]:
    def look() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    return look


@contextmanager
def ours(home: Path, name: str, kept: int) -> Iterator[Server]:
    port = free_port()
    settings = {"KATALOD_SPARQL_CACHE": str(kept), "KATALOD_SPARQL_TIMEOUT": "120", "KATALOD_SPARQL_RESULT": "200"}
    command = [sys.executable, "-m", "katalod", "serve", "--home", str(home), "--port", str(port)]
    with running(command, listens(port), env={**os.environ, **settings}, cwd=home):
        yield Server(name, port, "/sparql", also=("unchanged",) if kept else ())


@contextmanager
def engine(store: Path) -> Iterator[Server]:
    port = free_port()
    command = [program(), "serve-read-only", "--location", str(store), "--bind", f"127.0.0.1:{port}"]
    with running(command, listens(port)):
        yield Server("Oxigraph", port, "/query", (("union-default-graph", ""),))


@contextmanager
def virtuoso(folder: Path, dump: Path) -> Iterator[Server]:
    """Load the dump once, and serve it."""
    folder.mkdir(exist_ok=True)
    sql, web = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(
        f"[Database]\nDatabaseFile=virtuoso.db\nErrorLogFile=virtuoso.log\nLockFile=virtuoso.lck\n"
        f"TransactionFile=virtuoso.trx\nxa_persistent_file=virtuoso.pxa\nMaxCheckpointRemap=2000\n"
        f"[Parameters]\nServerPort=127.0.0.1:{sql}\nNumberOfBuffers={BUFFERS}\nMaxDirtyBuffers={BUFFERS * 3 // 4}\n"
        f"DirsAllowed=.\nDefaultIsolation=2\nMaxMemPoolSize=200000000\n"
        f"[HTTPServer]\nServerPort=127.0.0.1:{web}\n[SPARQL]\nResultSetMaxRows=10000000\n"
    )
    loaded = folder / "loaded"
    with running(["virtuoso-t", "+foreground", "+configfile", "virtuoso.ini"], listens(web), cwd=folder):
        if not loaded.exists():
            load = [
                "isql-vt", str(sql), "dba", "dba", "VERBOSE=OFF",
                "EXEC=ld_dir('.', 'dump.nq', 'http://example.org/default'); rdf_loader_run(); checkpoint;",
            ]  # fmt: skip
            with gzip.open(dump) as file, (folder / "dump.nq").open("wb") as plain:
                shutil.copyfileobj(file, plain)
            began = time.perf_counter()
            subprocess.run(load, check=True, stdout=subprocess.DEVNULL)
            loaded.write_text(f"{time.perf_counter() - began:.0f} s")
        yield Server("Virtuoso", web, "/sparql")


def made(folder: Path, works: int) -> Path:
    """Give a home with a release of so many made works; it is published where it is not there yet."""
    home = folder / "home"
    if not (home / "current").exists():
        synthetic.write(folder, works)
        katalod = [sys.executable, "-m", "katalod"]
        subprocess.run([*katalod, "gnd", "load", str(folder / "authority.ttl.gz"), "--home", str(home)], check=True)
        subprocess.run([*katalod, "publish", str(folder / "records"), "--home", str(home)], check=True)
    return home


def terms(store: Path) -> dict[str, str]:
    """Find a work, a heading of many works, one of some, and one with others below it."""
    data = Store.read_only(str(store))
    counted = (
        "SELECT ?h (COUNT(?w) AS ?n) { ?w <http://purl.org/dc/terms/subject> ?h } GROUP BY ?h"
        " HAVING(STRSTARTS(STR(?h), 'https://d-nb.info/gnd/')) ORDER BY DESC(?n) ?h"
    )
    rows = data.query(counted, use_default_graph_as_union=True)
    assert isinstance(rows, QuerySolutions)
    headings = [row["h"].value for row in rows]
    works = data.query("SELECT ?w { ?w <http://purl.org/dc/terms/issued> ?y } ORDER BY ?w LIMIT 1 OFFSET 100")
    assert isinstance(works, QuerySolutions)
    work = next(works)["w"].value
    root = synthetic.headings()[3][0]
    return {"work": work, "frequent": headings[0], "seldom": headings[100], "root": f"https://d-nb.info/gnd/{root}"}


def rows_of(body: bytes, query: str) -> int:
    if "CONSTRUCT" in query:
        return body.count(b" .\n")
    found = parse_query_results(body, format=_results())
    return sum(1 for _ in found) if isinstance(found, QuerySolutions) else 1


def _results() -> object:
    from pyoxigraph import QueryResultsFormat

    return QueryResultsFormat.JSON


def measure(servers: list[Server], queries: dict[str, str], rounds: int) -> dict[str, dict[str, float]]:
    """Ask all of all in turn; gives milliseconds, medians, by query and server, and the number of rows."""
    table: dict[str, dict[str, float]] = {}
    for name, query in queries.items():
        waits: dict[str, list[float]] = {name: [] for server in servers for name in (server.name, *server.also)}
        counts: dict[str, int] = {}
        for number in range(rounds + 1):
            for server in servers:
                connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
                connection.connect()
                took, body, tag = server.ask(connection, query)
                if not number:  # the first does not count: files are read, answers kept
                    counts[server.name] = rows_of(body, query)
                else:
                    waits[server.name].append(took)
                for _ in range(5 if number and server.also else 0):  # these are quick, and what else runs weighs more
                    waits[server.name].append(server.ask(connection, query)[0])
                    waits[server.also[0]].append(server.ask(connection, query, tag)[0])
                connection.close()
        table[name] = {server: statistics.median(found) * 1000 for server, found in waits.items()}
        table[name]["rows"] = counts["cold"]
        if len(set(counts.values())) > 1:
            print(f"{name}: the servers differ in the number of rows: {counts}", file=sys.stderr)
        print(f"{name:34}" + "".join(f"{value:12.2f}" for value in table[name].values()), file=sys.stderr)
    return table


def report(table: dict[str, dict[str, float]], quads: int, works: int) -> str:
    """Write the table for people."""
    names = [name for name in next(iter(table.values())) if name != "rows"]
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    lines = [
        f"{works:,} made works, {quads:,} quads; {platform.machine()}, {os.cpu_count()} cores, Python"
        f" {platform.python_version()}; load of the machine during the run (1, 5, 15 minutes): {load}.",
        "Milliseconds to the last byte, medians.",
        "",
        "| query | rows | " + " | ".join(f"{name}" for name in names) + " |",
        "|---|--:|" + "--:|" * len(names),
    ]
    for query, row in table.items():
        lines.append(f"| {query} | {row['rows']:,.0f} | " + " | ".join(f"{row[name]:,.2f}" for name in names) + " |")
    ratios = sorted(row["cold"] / row["Oxigraph"] for row in table.values())
    lines += ["", f"Cold against the engine's own server: {statistics.median(ratios):.2f} times in the median query."]
    if "Virtuoso" in names:
        ahead = sum(row["cold"] < row["Virtuoso"] for row in table.values())
        worst = max((row["cold"] / row["Virtuoso"], query) for query, row in table.items())
        kept = sum(row["kept"] < row["Virtuoso"] for row in table.values())
        lines.append(
            f"Against Virtuoso: ahead in {ahead} of {len(table)} cold, in {kept} kept; furthest behind, cold:"
            f" {worst[0]:.1f} times ({worst[1]})."
        )
    slow = [query for query, row in table.items() if row["kept"] >= 2]
    lines.append(f"Kept answers that take 2 ms or more: {', '.join(slow) or 'none'}.")
    slow = [query for query, row in table.items() if row["unchanged"] >= 2]
    lines.append(f"Unchanged answers that take 2 ms or more: {', '.join(slow) or 'none'}.")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "katalod-benchmark")
    parser.add_argument("--works", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--readme", action="store_true", help="Write the table into README.md.")
    options = parser.parse_args()
    home = made(options.folder, options.works).absolute()
    release = releases.find(home)
    store = releases.folder(home) / "store"
    found = terms(store)
    queries = {name: PREFIXES + _filled(query, found) for name, query in QUERIES.items()}
    with ExitStack() as stack:
        servers = [stack.enter_context(ours(home, "cold", 0)), stack.enter_context(ours(home, "kept", 256))]
        servers.append(stack.enter_context(engine(store)))
        if shutil.which("virtuoso-t") and shutil.which("isql-vt"):
            dump = releases.folder(home) / "dump.nq.gz"
            servers.append(stack.enter_context(virtuoso(options.folder.absolute() / "virtuoso", dump)))
        else:
            print("virtuoso-t and isql-vt are not installed; Virtuoso takes no part", file=sys.stderr)
        time.sleep(90 if options.works > 10_000 else 5)  # the warming after a start
        table = measure(servers, queries, options.rounds)
    text = report(table, release.count("triples"), release.count("works"))
    print(text)
    if options.json:
        options.json.write_text(json.dumps(table, indent=1) + "\n")
    if options.readme:
        before, mark, rest = (README.read_text("utf-8") if README.exists() else "# Measured speed\n").partition(MARK)
        _, _, after = rest.partition(MARK)
        README.write_text(f"{before}{mark}\n{text}{MARK}{after}" if mark else f"{before}\n{MARK}\n{text}{MARK}\n")


def _filled(query: str, found: dict[str, str]) -> str:
    for name, iri in found.items():
        query = query.replace(f"{{{name}}}", iri)
    return query


if __name__ == "__main__":
    main()
