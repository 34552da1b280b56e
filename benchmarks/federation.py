"""How fast a whole catalogue is handed out: OAI-PMH record by record, the event stream page by page.

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
from urllib.parse import quote

TOKEN = re.compile(rb"<resumptionToken[^>]*>([^<]+)</resumptionToken>")
NODE = re.compile(r"tree:node> <([^>]+)>|tree#node> <([^>]+)>")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--prefixes", nargs="*", default=["oai_dc", "marcxml", "mods", "rdf"])
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


if __name__ == "__main__":
    main()
