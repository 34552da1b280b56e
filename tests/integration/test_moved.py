"""A record that gets a better identifier: its former path leads to the new one, and each interface says so in its way."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from pyoxigraph import RdfFormat, parse
from sickle import Sickle
from tests.conftest import dim_record, work_fields
from tests.federation import Site, served, work

from katalod.formats import FORMATS
from katalod.harvest import Memory
from katalod.model import RawRecord
from katalod.records import path

OLD, NEW = "tib/1831631776", "tib/4711"


def named(handle: str, stamp: str, identifier: str = OLD) -> str:
    """A report that bears a handle, or none."""
    fields = [field for field in work_fields(9) if field[0] != "identifier.uri"]
    fields += [("identifier.uri", f"https://repository.example.org/handle/{handle}", None)] * bool(handle)
    return dim_record(f"oai:repository.example.org:{identifier}", fields, stamp)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("moved")) as found:
        found.publish([work(1), named("", "2024-05-01T00:00:00Z")])
        assert found.get(f"doc/{OLD}").status_code == 200
        found.publish([named(NEW, "2024-06-01T00:00:00Z")])
        yield found


@pytest.mark.parametrize("room", ["id", "doc", "linkset"])
def test_the_former_path_leads_to_the_new_one(site: Site, room: str) -> None:
    answer = requests.get(f"{site.url}{room}/{OLD}", allow_redirects=False, timeout=30)
    assert (answer.status_code, answer.headers["Location"]) == (308, f"/{room}/{NEW}")
    assert site.get(f"{room}/{OLD}").url == f"{site.url}{room.replace('id', 'doc')}/{NEW}"


@pytest.mark.parametrize("suffix", [*(form.suffix for form in FORMATS), "html", "bib", "ris", "csl.json"])
def test_so_do_its_fixed_forms(site: Site, suffix: str) -> None:
    answer = requests.get(f"{site.url}doc/{OLD}.{suffix}?lang=en", allow_redirects=False, timeout=30)
    assert (answer.status_code, answer.headers["Location"]) == (308, f"/doc/{NEW}.{suffix}?lang=en")
    assert site.get(f"doc/{OLD}.{suffix}").content == site.get(f"doc/{NEW}.{suffix}").content


def test_the_profile_that_was_asked_for_goes_along(site: Site) -> None:
    plain = site.get(f"id/{OLD}?_profile=dc", "text/turtle")
    assert plain.url == f"{site.url}doc/{NEW}?_profile=dc"
    assert "http://purl.org/dc/elements/1.1/" in plain.text


def test_interfaces_that_know_no_moving_say_deleted_and_created(site: Site) -> None:
    first, second = site.steps
    records = {one.header.identifier.partition(":")[2]: one for one in Sickle(f"{site.url}oai").ListRecords(
        metadataPrefix="oai_dc", **{"from": second.created})}  # fmt: skip
    assert {name: one.header.deleted for name, one in records.items()} == {
        f"127.0.0.1:{OLD}": True, f"127.0.0.1:{NEW}": False,
    }  # fmt: skip
    places = site.get("sitemap/0.xml").text
    assert f"/doc/{NEW}<" in places
    assert OLD not in places
    page = list(parse(site.get(f"ldes/{second.id}/0", "application/n-quads").content, format=RdfFormat.N_QUADS))
    kinds = {quad.object.value.rpartition("#")[2] for quad in page if "activitystreams#" in str(quad.object)}
    assert {"Create", "Delete"} <= kinds
    changed = {row["path"]: row for row in site.get("changes/", "application/json").json()["changes"]}
    assert {path: (row["kind"], row["datestamp"]) for path, row in changed.items()} == {
        OLD: ("deleted", "2024-06-01T00:00:00Z"), NEW: ("created", "2024-06-01T00:00:00Z"),
    }  # fmt: skip
    assert f'href="/doc/{NEW}"' in site.get("changes/", "text/html").text
    assert first.created < second.created


def test_no_page_links_to_the_former_path(site: Site) -> None:
    for page in ("", "browse/years/", "search?q=Bericht", "search?q=1831631776", "quality/", f"doc/{NEW}"):
        assert OLD not in site.get(page, "text/html").text.replace(f"oai:repository.example.org:{OLD}", ""), page


def test_a_path_leads_on_to_wherever_the_record_is_now_and_dies_with_it(tmp_path: Path) -> None:
    with served(tmp_path) as site:
        site.publish([named("", "2024-05-01T00:00:00Z")])
        site.publish([named("a/1", "2024-06-01T00:00:00Z")])
        site.publish([named("b/2", "2024-07-01T00:00:00Z")])
        for former in (OLD, "a/1"):
            assert site.get(f"id/{former}").url == f"{site.url}doc/b/2"
        site.publish([named("a/1", "2024-08-01T00:00:00Z")])  # it goes back
        assert site.get("doc/a/1").status_code == 200
        assert {site.get(f"doc/{former}").url for former in (OLD, "b/2")} == {f"{site.url}doc/a/1"}
        site.publish([dim_record(f"oai:repository.example.org:{OLD}", None, "2024-09-01T00:00:00Z"), work(3)])
        answers = {former: site.get(f"doc/{former}") for former in (OLD, "a/1", "b/2")}
        assert {former: one.status_code for former, one in answers.items()} == dict.fromkeys(answers, 410)
        assert all("Bericht 9" in one.text for one in answers.values())


def test_what_moves_where_it_is_held_back_is_gone(tmp_path: Path) -> None:
    with served(tmp_path) as site:
        site.publish([work(1), named("", "2024-05-01T00:00:00Z")])
        site.publish([named("a/1", "2024-06-01T00:00:00Z").replace('element="title"', 'element="untitled"')])
        assert site.get(f"doc/{OLD}").status_code == 410
        assert site.get("doc/a/1").status_code == 404


def test_a_memory_that_did_not_note_who_moved_is_taken_over(tmp_path: Path) -> None:
    with Memory(tmp_path) as memory, memory.document("a.xml") as intake:
        for handle in ("x:a/1", "x:b/2"):
            intake.keep(RawRecord("files", "x", handle, False, "dim", b"", "a.xml"), path(handle), "Titel")
        intake.keep(RawRecord("files", "y", "", False, "dim", b"", "a.xml"), "c/3", "Titel")
    with Memory(tmp_path) as memory:
        assert list(memory.moved()) == [("a/1", "b/2")]
    database = sqlite3.connect(tmp_path / "harvest.sqlite")
    database.executescript("alter table moved drop column record; pragma user_version = 2")
    database.close()
    with Memory(tmp_path) as memory:
        assert list(memory.moved()) == []
        with memory.document("b.xml") as intake:
            intake.keep(RawRecord("files", "y", "1", False, "dim", b"", "b.xml"), "d/4", "Titel")
        assert list(memory.moved()) == [("c/3", "d/4")]
