"""OAI-PMH by harvesters that nobody here wrote: everything first, then only what has changed since."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from oaipmh_scythe import Scythe
from sickle import Sickle
from sickle.oaiexceptions import NoRecordsMatch
from tests.federation import Site, second, served, work

from katalod.web import oai_answers

WORKS = 23
CHANGED = {"difu/3": True, "difu/4": False, "difu/40": False}  # path -> whether it is gone
PREFIXES = ("oai_dc", "rdf", "marcxml", "mods")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch, served(tmp_path_factory.mktemp("oai")) as found:
        patch.setattr(oai_answers, "PAGE", {"ListRecords": 5, "ListIdentifiers": 7})
        found.publish(work(number) for number in range(WORKS))
        yield found


def path(identifier: str) -> str:
    return identifier.removeprefix("oai:127.0.0.1:")


@pytest.fixture(scope="module")
def harvests(site: Site) -> dict[str, Any]:
    """What each client took, before the second release and after it; asked once, because it needs both states."""
    sickle, found = Sickle(f"{site.url}oai"), dict[str, Any]()
    with Scythe(f"{site.url}oai") as scythe:
        found["sickle"] = {prefix: list(sickle.ListRecords(metadataPrefix=prefix)) for prefix in PREFIXES}
        found["scythe"] = {prefix: list(scythe.list_records(metadata_prefix=prefix)) for prefix in PREFIXES}
        found["identifiers"] = [path(one.identifier) for one in sickle.ListIdentifiers(metadataPrefix="oai_dc")]
        found["catmandu"] = catmandu(site)
        time.sleep(1.1)  # a harvest that begins in the second of a release gets that release again
        release = second(site)
        found["since"] = release.created
        found["sickle again"] = list(sickle.ListRecords(**{"metadataPrefix": "oai_dc", "from": release.created}))
        found["scythe again"] = list(scythe.list_records(metadata_prefix="oai_dc", from_=release.created))
        found["catmandu again"] = catmandu(site, "--from", release.created)
    return found


def catmandu(site: Site, *options: str) -> list[dict[str, Any]] | None:
    if shutil.which("catmandu") is None:
        return None
    command = ["catmandu", "convert", "OAI", "--url", f"{site.url}oai", "--metadataPrefix", "oai_dc", *options]
    done = subprocess.run([*command, "to", "JSON"], capture_output=True, timeout=120, check=True)
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def test_every_client_gets_everything_in_every_form(harvests: dict[str, Any]) -> None:
    everything = {f"difu/{number}" for number in range(WORKS)}
    assert set(harvests["identifiers"]) == everything
    assert len(harvests["identifiers"]) == WORKS
    for client in ("sickle", "scythe"):
        for prefix, records in harvests[client].items():
            assert sorted(path(one.header.identifier) for one in records) == sorted(everything), (client, prefix)


def test_the_second_time_only_changes_come(harvests: dict[str, Any]) -> None:
    for client in ("sickle again", "scythe again"):
        found = {path(one.header.identifier): one.header.deleted for one in harvests[client]}
        assert found == CHANGED, client
        assert {one.header.datestamp for one in harvests[client]} == {harvests["since"]}
    changed = next(one for one in harvests["sickle again"] if path(one.header.identifier) == "difu/4")
    assert "Neuer <Titel> & mehr" in changed.metadata["title"]


def test_catmandu_too(harvests: dict[str, Any]) -> None:
    if harvests["catmandu"] is None:
        pytest.skip("needs Catmandu's OAI importer: the Debian package libcatmandu-oai-perl")
    assert len(harvests["catmandu"]) == WORKS
    assert {path(row["_id"]): row.get("_status") == "deleted" for row in harvests["catmandu again"]} == CHANGED


def test_a_set_and_a_time_in_which_nothing_is(site: Site) -> None:
    sickle = Sickle(f"{site.url}oai")
    names = {one.setSpec for one in sickle.ListSets()}
    assert {"source:files", "type:c_93fc", "year:1995", "type"} <= names
    found = [path(one.header.identifier) for one in sickle.ListRecords(metadataPrefix="mods", set="year:1995")]
    assert found == ["difu/5"]
    with pytest.raises(NoRecordsMatch):
        sickle.ListRecords(metadataPrefix="oai_dc", until="1990-01-01")


def test_a_deleted_record_stays_for_ever(harvests: dict[str, Any], site: Site) -> None:
    record = Sickle(f"{site.url}oai").GetRecord(identifier="oai:127.0.0.1:difu/3", metadataPrefix="oai_dc")
    assert record.header.deleted
    assert "year:1993" in record.header.setSpecs


def test_catmandu_is_installed_where_the_whole_test_runs() -> None:
    """`.ci/run` promises it; a run without it skips above, and says so."""
    assert "libcatmandu-oai-perl" in (Path(__file__).parents[2] / ".ci" / "run").read_text("utf-8")
