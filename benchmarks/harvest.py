"""Harvesting `dim` records from a local server that gives pages made beforehand: how fast, and in how much memory.

    python benchmarks/harvest.py [--works 20000 100000] [--page 100] [--json FILE]

The server is a process of its own and does nothing but send bytes. Printed for each size are records a second
of wall and of the client's own processor time, what of the wall time the server took, and peak memory; then a
second harvest of the same records, which finds nothing changed.
"""

import argparse
import http.server
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from synthetic import records

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
    "<responseDate>2026-01-01T00:00:00Z</responseDate><request>http://127.0.0.1/oai</request>"
)
ABOUT = {
    "Identify": "<Identify><granularity>YYYY-MM-DDThh:mm:ssZ</granularity><deletedRecord>persistent</deletedRecord>"
    "<earliestDatestamp>2000-01-01T00:00:00Z</earliestDatestamp></Identify>",
    "ListMetadataFormats": "<ListMetadataFormats><metadataFormat><metadataPrefix>dim</metadataPrefix>"
    "<metadataNamespace>http://www.dspace.org/xmlns/dspace/dim</metadataNamespace></metadataFormat>"
    "</ListMetadataFormats>",
}


def pages(works: int, size: int) -> list[bytes]:
    """Make all answers beforehand."""
    made, answers = records(works), []
    for first in range(0, works, size):
        body = "".join(islice(made, size))
        more = str(first // size + 1) if first + size < works else ""
        token = f'<resumptionToken completeListSize="{works}" cursor="{first}">{more}</resumptionToken>'
        answers.append(f"{HEAD}<ListRecords>{body}{token}</ListRecords></OAI-PMH>".encode())
    return answers


def serve(works: int, size: int, told: "multiprocessing.Queue[int]") -> None:
    """Serve pages for ever; the token is the page's number."""
    answers = pages(works, size)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            about = ABOUT.get(query["verb"])
            body = f"{HEAD}{about}</OAI-PMH>".encode() if about else answers[int(query.get("resumptionToken", 0))]
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    told.put(server.server_port)
    server.serve_forever()


def harvest(url: str, home: str, *more: str) -> dict[str, float]:
    """Harvest in a process of its own; gives wall and processor seconds, and the peak of memory in MB."""
    program = (
        "import resource, sys, time; from katalod.cli import main; began = time.perf_counter()\n"
        "try: main(sys.argv[1:])\n"
        "finally:\n"
        " used = resource.getrusage(resource.RUSAGE_SELF)\n"
        " print(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, file=sys.stderr)"
    )
    command = [sys.executable, "-c", program, "harvest", url, "--home", home, *more]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    wall, own, peak = map(float, done.stderr.splitlines()[-1].split())
    return {"wall": wall, "own": own, "peak": peak}


def served(url: str, count: int) -> float:
    """Fetch the pages and throw them away: what a harvest cannot be faster than."""
    program = (
        "import sys, time; from katalod.fetch import Session; session = Session(); began = time.perf_counter()\n"
        "for n in range(int(sys.argv[2])):\n"
        " session.get(sys.argv[1], [('verb', 'ListRecords'), ('resumptionToken', str(n))])\n"
        "print(time.perf_counter() - began)"
    )
    done = subprocess.run([sys.executable, "-c", program, url, str(count)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> None:
    """Measure each size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--works", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--page", type=int, default=100)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = []
    for works in options.works:
        told: multiprocessing.Queue[int] = multiprocessing.Queue()
        server = multiprocessing.Process(target=serve, args=(works, options.page, told), daemon=True)
        server.start()
        url = f"http://127.0.0.1:{told.get()}/oai"
        with tempfile.TemporaryDirectory() as home:
            load = os.getloadavg()[0]
            first = harvest(url, home)
            again = harvest(url, home, "--full")
            size = sum(path.stat().st_size for path in Path(home).glob("harvest.sqlite*")) / 1e6
            row = {
                "records": works,
                "records/s": works / first["wall"],
                "records/s of own processor time": works / first["own"],
                "fetching alone, part of the wall time": served(url, -(-works // options.page)) / first["wall"],
                "peak MB": first["peak"],
                "again, records/s": works / again["wall"],
                "again, peak MB": again["peak"],
                "memory on disk, MB": size,
                "load before": load,
            }
        server.terminate()
        rows.append(row)
        for name, value in row.items():
            print(f"{name:40} {value:12.2f}")
        print(flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
