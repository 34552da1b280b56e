"""A small release behind the real server, for tests of the SPARQL endpoint."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import waitress

from katalod.catalogue import Catalogue
from katalod.endpoint import Endpoint
from katalod.settings import Settings
from katalod.store import embedded
from katalod.web import create_app

DCTERMS = "http://purl.org/dc/terms/"
GRAPHS = ("http://example.org/graph/keywords", "http://example.org/graph/authority", "http://example.org/graph/dataset")


def quads(works: int = 60) -> str:
    """A few hundred statements, sorted: works in the default graph, other things in named graphs."""
    lines = set()
    for n in range(works):
        work = f"<http://example.org/id/difu/{n}>"
        lines.add(f'{work} <{DCTERMS}title> "Bericht {n} über Städte"@de .')
        lines.add(f'{work} <{DCTERMS}issued> "{1990 + n % 30}"^^<http://www.w3.org/2001/XMLSchema#gYear> .')
        lines.add(f"{work} <{DCTERMS}subject> <http://example.org/id/keyword/k{n % 7}> .")
        lines.add(f"{work} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://purl.org/ontology/bibo/Report> .")
        lines.add(
            f"<http://example.org/id/keyword/k{n % 7}> <{DCTERMS}hasPart> <http://example.org/id/keyword/k{(n + 1) % 7}> ."
        )
    for n in range(7):
        for graph in GRAPHS:
            label = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
            lines.add(f'<http://example.org/id/keyword/k{n}> {label} "Wort {n} {graph[-3:]}"@de <{graph}> .')
    return "\n".join(sorted(lines)) + "\n"


def build(folder: Path, works: int = 60) -> Path:
    """Build a store and give its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "dump.nq"
    file.write_text(quads(works), "utf-8")
    embedded.build(file, folder / "store")
    return folder / "store"


@dataclass(frozen=True, slots=True)
class Served:
    """Where it is served, and by what."""

    url: str
    endpoint: Endpoint
    settings: Settings


def run(server: waitress.server.BaseWSGIServer) -> None:
    """Run a server until it is closed, which its loop does not expect from another thread."""
    with suppress(OSError):
        server.run()


@contextmanager
def serve(folder: Path, settings: Settings) -> Iterator[Served]:
    """Serve a store with the server and the number of threads that are used for real."""
    endpoint = Endpoint(settings, lambda: ("000001-made", folder))
    endpoint.warm()
    server = waitress.create_server(
        create_app(settings, Catalogue(settings), endpoint),
        host="127.0.0.1",
        port=0,
        threads=settings.server_threads,
        channel_request_lookahead=5,
        max_request_header_size=1 << 18,
    )
    thread = threading.Thread(target=run, args=(server,), daemon=True)
    thread.start()
    try:
        yield Served(f"http://127.0.0.1:{server.effective_port}", endpoint, settings)
    finally:
        endpoint.close()
        server.close()
        thread.join(1)
