"""The event stream by `ldes-client`, the specification's own client: it replicates us, and follows a second release.

It is taken from the folder that KATALOD_CLIENTS names (`npm install --prefix FOLDER node@22 ldes-client@0.3`).
"""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Quad, RdfFormat, Triple, parse
from tests.federation import Site, second, served, work

from katalod.catalogue import opened
from katalod.changes import Span
from katalod.rdf import term, work_iri

CLIENTS = Path(os.environ.get("KATALOD_CLIENTS", "/nonexistent")) / "node_modules"
CLIENT, NODE = CLIENTS / "ldes-client" / "dist" / "bin" / "cli.js", CLIENTS / "node" / "bin" / "node"
WORKS = 23


def replica(members: list[Quad]) -> set[Triple]:
    """What a client holds that keeps of each work the latest version, and nothing of one that was deleted."""
    said: dict[tuple[str, str], str] = {}
    for quad in members:
        said[quad.subject.value, quad.predicate.value] = quad.object.value  # type: ignore[union-attr]
    versions = {subject for subject, _ in said}
    latest: dict[str, tuple[str, str]] = {}
    for version in versions:
        if thing := said.get((version, term("as:object").value)):
            entry = said[version, term("as:published").value], version
            latest[thing] = max(latest.get(thing, ("", "")), entry)
    kept = {
        version
        for _, version in latest.values()
        if said[version, term("rdf:type").value] != term("as:Delete").value
    }  # fmt: skip
    return {quad.triple for quad in members if getattr(quad.graph_name, "value", "") in kept}


def ours(site: Site) -> set[Triple]:
    """What we say of all works."""
    with opened(site.settings) as edition:
        paths = [entry.path for entry in edition.log.entries(Span(), 1000) if not entry.deleted]
        return {quad.triple for path in paths for quad in edition.document(path)}


def until(read: Callable[[], list[Quad]], site: Site) -> set[Triple]:
    """Wait until the client holds what we say."""
    wanted, end = ours(site), time.monotonic() + 90
    while time.monotonic() < end:
        if (found := replica(read())) == wanted:
            return found
        time.sleep(0.5)
    return replica(read())


@pytest.mark.skipif(
    not CLIENT.exists(), reason="KATALOD_CLIENTS names no folder with ldes-client; it would replicate us"
)
def test_a_client_replicates_and_follows_a_second_release(tmp_path: Path) -> None:
    with served(tmp_path) as site:
        site.publish(work(number) for number in range(WORKS))
        output = tmp_path / "members.nq"

        def read() -> list[Quad]:
            text = output.read_bytes()
            return list(parse(text[: text.rfind(b"\n") + 1], format=RdfFormat.N_QUADS))

        command = [str(NODE), str(CLIENT), f"{site.url}ldes", "--follow", "--poll-interval", "500"]
        with output.open("wb") as file:
            client = subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL)
        try:
            assert until(read, site) == ours(site)
            second(site)
            found = until(read, site)
            assert found == ours(site)
            gone, new = (work_iri(site.url, f"difu/{number}") for number in (3, 40))
            assert not any(triple.subject == gone for triple in found)
            assert any(triple.subject == new for triple in found)
        finally:
            client.terminate()
            client.wait(10)
