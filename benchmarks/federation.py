"""How fast a whole catalogue is handed out: OAI-PMH by record, event stream and fragments by page; and SRU searches.

    python benchmarks/federation.py HOME        a home with a release, such as one of benchmarks/synthetic.py

One client over one connection, as a harvester works; records a second, and what the first and the second time cost.
"""

import argparse
import http.client
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote, urlencode

TOKEN = re.compile(rb"<resumptionToken[^>]*>([^<]+)</resumptionToken>")
PATTERNS = {
    "everything": {},
    "rdf:type": {"predicate": "rdf:type"},
    "dcterms:title": {"predicate": "dcterms:title"},
    "rdf:type bibo:Report": {"predicate": "rdf:type", "object": "bibo:Report"},
    "a language": {"predicate": "dcterms:language", "object": "http://id.loc.gov/vocabulary/iso639-2/ger"},
    "? ? bibo:Report": {"object": "bibo:Report"},
}
NEXT = re.compile(r"core#next> <[^>]*/(fragments[^>]*)>")
NODE = re.compile(r"tree:node> <([^>]+)>|tree#node> <([^>]+)>")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--prefixes", nargs="*", default=["oai_dc", "marcxml", "mods", "rdf"])
    parser.add_argument("--pages", type=int, default=2000, help="of each fragment that are walked through")
    asked = parser.parse_args()
    port = free_port()
    command = [sys.executable, "-m", "katalod", "serve", "--home", str(asked.home), "--port", str(port)]
    environment = os.environ | {"KATALOD_BASE": f"http://127.0.0.1:{port}/"}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait(port)
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        for prefix in asked.prefixes:
            report(f"OAI-PMH ListRecords {prefix}", *harvest(port, "ListRecords", prefix))
        report("OAI-PMH ListIdentifiers", *harvest(port, "ListIdentifiers", "oai_dc"))
        pages(port)
        searches(port)
        fragments(port, asked.pages)
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait(port: int) -> None:
    for _ in range(300):
        try:
            return get(http.client.HTTPConnection("127.0.0.1", port), "/health/ready") and None
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the service did not start")


def get(connection: http.client.HTTPConnection, path: str, accept: str = "*/*") -> bytes:
    connection.request("GET", path, headers={"Accept": accept})
    return connection.getresponse().read()


def harvest(port: int, verb: str, prefix: str) -> tuple[int, int, float]:
    connection, count, size, began = http.client.HTTPConnection("127.0.0.1", port), 0, 0, time.perf_counter()
    asked = f"/oai?verb={verb}&metadataPrefix={prefix}"
    while asked:
        page = get(connection, asked)
        count += page.count(b"<header>")
        size += len(page)
        token = TOKEN.search(page)
        asked = f"/oai?verb={verb}&resumptionToken={quote(token[1].decode())}" if token else ""
    return count, size, time.perf_counter() - began


def report(what: str, count: int, size: int, seconds: float) -> None:
    print(f"{what:32} {count:7} records {size / 1e6:7.1f} MB {seconds:7.1f} s {count / seconds:8.0f} records/s")


def pages(port: int) -> None:
    """Follow the event stream from page to page, cold and warm."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for again in ("first time", "second time"):
        times, waiting, seen = [], ["/ldes"], set[str]()
        while waiting and len(times) < 40:
            address = waiting.pop()
            began = time.perf_counter()
            text = get(connection, address, "application/n-quads").decode()
            times.append(time.perf_counter() - began)
            found = {"/" + one.split("/", 3)[3] for pair in NODE.findall(text) for one in pair if one}
            waiting += sorted(found - seen)
            seen |= found
        print(f"event stream, {again:11} {len(times):4} pages, median {statistics.median(times) * 1000:.1f} ms a page")


SEARCHES = {
    "one word": "{word}",
    "title, two words": 'dc.title all "{word} {other}"',
    "subject and years": 'dc.subject = {word} and dc.date within "1990 2010"',
    "either, but not": "({word} or {other}) not dc.title = {word}",
    "identifier": "dc.identifier = {path}",
}
RECORDS = re.compile(rb"<numberOfRecords>([0-9]+)<")
PATH = re.compile(rb'<controlfield tag="001">([^<]+)<')
TITLE = re.compile(rb'tag="245".*?code="a">([^<]+)<')


def searches(port: int) -> None:
    """Search for ten records, each query once and cold: words of works from all over the catalogue."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    total = int(RECORDS.findall(sru(connection, "cql.allRecords = 1", maximumRecords="0"))[0])
    works = [example(connection, 1 + n * total // 40) for n in range(40)]
    for name, query in SEARCHES.items():
        found = [timed(connection, query.format(**work)) for work in works]
        timing(f"SRU, dc, {name}", found)
    for schema in ("marcxml", "mods", "rdf"):
        found = [timed(connection, "{word} or {other}".format(**work), recordSchema=schema) for work in works]
        timing(f"SRU, {schema}, either of two words", found)
    for place in (1, 1001, total // 2, total - 9):
        for key in ("date", "title"):  # the number makes each a query of its own
            query = "cql.allRecords = {} sortBy dc.{}/descending"
            found = [timed(connection, query.format(n + place, key), startRecord=str(place)) for n in range(9)]
            timing(f"SRU, by {key}, from record {place}", found)


def example(connection: http.client.HTTPConnection, place: int) -> dict[str, str]:
    """Take the words and the path of a work."""
    asked = {"recordSchema": "marcxml", "startRecord": str(place), "maximumRecords": "1"}
    record = sru(connection, "cql.allRecords = 1", **asked)
    words = [word for word in re.findall(r"\w{4,}", TITLE.findall(record)[0].decode()) if word.isalpha()]
    return {"word": words[0], "other": words[-1], "path": f'"{PATH.findall(record)[0].decode()}"'}


def timing(what: str, found: list[tuple[float, int]]) -> None:
    ranked = sorted(seconds * 1000 for seconds, _ in found)
    hits = statistics.median(hits for _, hits in found)
    print(f"{what:40} median {statistics.median(ranked):6.1f} ms, slowest {ranked[-1]:6.1f} ms; {hits:.0f} found")


def timed(connection: http.client.HTTPConnection, query: str, **more: str) -> tuple[float, int]:
    began = time.perf_counter()
    answer = sru(connection, query, **more)
    return time.perf_counter() - began, int(RECORDS.findall(answer)[0])


def sru(connection: http.client.HTTPConnection, query: str, **more: str) -> bytes:
    asked = {"operation": "searchRetrieve", "version": "1.2", "query": query} | more
    return get(connection, f"/sru?{urlencode(asked)}")


def fragments(port: int, most: int) -> None:
    """Walk through the pages of wide patterns, and begin at far ones."""
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def page(path: str) -> tuple[str, float]:
        began = time.perf_counter()
        text = get(connection, path, "application/n-quads").decode()
        return text, (time.perf_counter() - began) * 1000

    for name, pattern in PATTERNS.items():
        path, times = f"/fragments?{urlencode(pattern)}", list[float]()
        while path and len(times) < most:
            text, took = page(path)
            times.append(took)
            found = NEXT.search(text)
            path = f"/{found[1]}" if found else ""
        ranked = sorted(times)
        figures = times[0], statistics.median(times), ranked[len(times) * 95 // 100], ranked[-1]
        told = "first {:6.1f} ms, median {:5.1f} ms, 95 % under {:5.1f} ms, longest {:6.1f} ms".format(*figures)
        print(f"fragment {name:21} {len(times):5} pages, {told}")
    for number in (1000, 9000):
        print(f"fragment begun at page {number}: {page(f'/fragments?page={number}')[1]:.0f} ms")


if __name__ == "__main__":
    main()
