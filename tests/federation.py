"""A catalogue behind the real server, with releases that follow one another: for the clients of other catalogues."""

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import waitress
from flask.testing import FlaskClient

from katalod import pipeline
from katalod.catalogue import Catalogue
from katalod.endpoint import Endpoint
from katalod.model import Release
from katalod.settings import Settings
from katalod.web import create_app
from tests.conftest import dim_page, dim_record, work_fields
from tests.endpoint import run

ORIGIN = "oai:repository.example.org"


@dataclass
class Site:
    """A catalogue that is served, and how its next release is made."""

    settings: Settings
    folder: Path
    steps: list[Release] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.settings.base

    def publish(self, records: Iterable[str]) -> Release:
        """Publish records, and wait until the service has seen it."""
        page = self.folder / f"{len(self.steps)}.xml"
        page.write_text(dim_page(records), "utf-8")
        release = pipeline.publish(self.settings, (str(page),), lambda *_: None).release
        self.steps.append(release)
        self.seen(release.id)
        return release

    def client(self) -> FlaskClient:
        """Give a client of a service of its own over the same home, in this process."""
        return create_app(self.settings, Catalogue(self.settings)).test_client()

    def seen(self, release: str) -> None:
        """Wait until the service serves a release."""
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                if release in requests.get(f"{self.url}health/ready", timeout=5).text:
                    return
            except requests.ConnectionError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"the service does not serve {release}")

    def get(self, path: str, accept: str = "*/*", **more: str) -> requests.Response:
        return requests.get(self.url + path, headers={"Accept": accept} | more, timeout=30)


def work(number: int, title: str = "", datestamp: str = "2024-05-01T00:00:00Z") -> str:
    return dim_record(f"{ORIGIN}:difu/{number}", work_fields(number, title), datestamp)


def deletion(number: int, datestamp: str = "2024-07-01T00:00:00Z") -> str:
    return dim_record(f"{ORIGIN}:difu/{number}", None, datestamp)


@contextmanager
def served(folder: Path, asking: bool = False, **more: Any) -> Iterator[Site]:
    """Serve a home that is still empty, its SPARQL endpoint too where that is to be asked."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    settings = Settings(
        base=f"http://127.0.0.1:{port}/",
        home=folder / "home",
        publish_jobs=1,
        dataset_contact="lod@example.org",
        **more,
    )
    catalogue = Catalogue(settings)
    endpoint = Endpoint.of(catalogue) if asking else None
    server = waitress.create_server(
        create_app(settings, catalogue, endpoint), host="127.0.0.1", port=port, threads=settings.server_threads
    )
    thread = threading.Thread(target=run, args=(server,), daemon=True)
    thread.start()
    try:
        yield Site(settings, folder)
    finally:
        server.close()
        thread.join(1)
        if endpoint:
            endpoint.close()
        catalogue.close()


def second(site: Site) -> Release:
    """Publish a second release: one work is new, one is changed, one is gone."""
    stamp = "2024-07-01T00:00:00Z"
    return site.publish([work(40, datestamp=stamp), work(4, "Neuer <Titel> & mehr", stamp), deletion(3)])
