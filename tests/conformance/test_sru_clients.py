"""SRU by clients that nobody here wrote: Catmandu's importer, yaz-client and zoomsh; and rdflib for the RDF."""

import json
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rdflib
from rdflib.namespace import DCTERMS
from tests.federation import Site, second, served, work

WORKS = 23
TITLE = "Bericht 5 über das Wohnen in der Stadt"
ROOTS = {"dc": "{info:srw/schema/1/dc-schema}dc", "marcxml": "{http://www.loc.gov/MARC21/slim}record",
         "mods": "{http://www.loc.gov/mods/v3}mods", "rdf": "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"}  # fmt: skip


def importer() -> bool:
    """Whether Catmandu is here with its importer for SRU."""
    found = shutil.which("catmandu") and subprocess.run(
        ["perl", "-MCatmandu::Importer::SRU", "-e", "1"], capture_output=True
    )
    return bool(found and found.returncode == 0)


catmandu = pytest.mark.skipif(
    not importer(), reason="needs Catmandu's SRU importer: the Debian package libcatmandu-sru-perl"
)
yaz = pytest.mark.skipif(shutil.which("zoomsh") is None, reason="needs yaz-client and zoomsh: the Debian package yaz")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("sru")) as found:
        found.publish(work(number) for number in range(WORKS))
        yield found


def run(*command: str, typed: str = "") -> str:
    done = subprocess.run(command, input=typed.encode(), capture_output=True, timeout=60, check=True)
    return done.stdout.decode()


def imported(site: Site, query: str, schema: str, parser: str, *options: str) -> list[Any]:
    asked = ("--base", f"{site.url}sru", "--query", query, "--recordSchema", schema, "--parser", parser, *options)
    rows: list[Any] = json.loads(run("catmandu", "convert", "SRU", *asked, "to", "JSON"))
    return rows


@catmandu
def test_catmandu_imports_everything_in_every_form(site: Site) -> None:
    query = "dc.title any bericht and dc.type = bericht"
    marc = imported(site, query, "marcxml", "marcxml", "--limit", "5")
    assert {row["_id"] for row in marc} == {f"difu/{number}" for number in range(WORKS)}
    assert len(marc) == WORKS
    titles = {field[4] for row in marc for field in row["record"] if field[0] == "245"}
    dublin = imported(site, query, "dc", "simple", "--limit", "7")
    assert {row["recordData"]["dc"]["title"]["content"] for row in dublin} == titles
    assert [row["recordPosition"] for row in dublin] == [str(number + 1) for number in range(WORKS)]
    mods = imported(site, query, "mods", "mods", "--limit", "100")
    assert {row["record"]["titleInfo"][0]["title"][0]["_body"] for row in mods} == titles
    rdf = imported(site, query, "rdf", "struct")
    assert len(rdf) == WORKS and {row[0] for row in rdf} == {"rdf:RDF"}


@catmandu
def test_catmandu_sorts_and_hears_what_is_wrong(site: Site) -> None:
    rows = imported(site, 'dc.date within "1990 1999"', "marcxml", "marcxml", "--sortKeys", "title,dc,0")
    assert [row["_id"] for row in rows] == [f"difu/{number}" for number in range(9, -1, -1)]
    (meta,) = imported(site, "dc.title = (", "dc", "meta")
    assert (meta["numberOfRecords"], meta["diagnostics"][0]["uri"]) == ("0", "info:srw/diagnostic/1/10")


def zoomed(site: Site, schema: str, query: str) -> str:
    settings = ("set sru get", "set preferredRecordSyntax xml", f"set schema {schema}", f"connect {site.url}sru")
    return run("zoomsh", "-e", *settings, f"search cql:{query}", "show 0 1", "quit")


@yaz
def test_zoomsh_shows_a_record_in_every_form(site: Site) -> None:
    for schema, root in ROOTS.items():
        said = zoomed(site, schema, "dc.date=1995")
        assert ": 1 hits\n" in said
        record = ET.fromstring(said[said.index("<") : said.rindex(">") + 1])
        assert record.tag == root
        assert TITLE in "".join(record.itertext())


@yaz
@pytest.mark.parametrize(("method", "version"), [("GET", "1.1"), ("GET", "1.2"), ("POST", "1.1"), ("POST", "1.2")])
def test_yaz_client_in_both_ways_and_versions(site: Site, method: str, version: str) -> None:
    typed = (
        f"sru {method} {version}\nopen {site.url}sru\nfind dc.creator = muster and dc.date < 1993\nshow 2\n"
        "find dc.nothing = 1\nfind (a\nscan dc.title = a\nexplain\nquit\n"
    )
    said = run("yaz-client", typed=typed)
    assert "Number of hits: 3\n" in said
    assert "pos=2 schema=info:srw/schema/1/dc-v1.1" in said
    for number in (16, 13, 4):
        assert f"SRW diagnostic info:srw/diagnostic/1/{number}\n" in said
    assert "<explain " in said and f'numRecs="{WORKS}"' in said


def test_rdflib_reads_the_rdf(site: Site) -> None:
    answer = site.get("sru?operation=searchRetrieve&version=1.2&query=stadt&recordSchema=rdf&maximumRecords=100")
    graph = rdflib.Graph()
    for data in ET.fromstring(answer.content).iter("{http://www.loc.gov/zing/srw/}recordData"):
        graph.parse(data=ET.tostring(data[0], encoding="unicode"), format="xml")
    titles = set(graph.subject_objects(DCTERMS.title))
    assert len(titles) == WORKS
    assert (rdflib.URIRef(f"{site.url}id/difu/5"), rdflib.Literal(TITLE, lang="de")) in titles


@catmandu
@yaz
def test_after_a_deletion_the_clients_find_it_no_more(tmp_path: Path) -> None:
    with served(tmp_path) as site:
        site.publish(work(number) for number in range(6))
        second(site)
        assert {row["_id"] for row in imported(site, "cql.allRecords=1", "marcxml", "marcxml")} == {
            f"difu/{number}" for number in (0, 1, 2, 4, 5, 40)
        }
        assert ": 0 hits\n" in zoomed(site, "dc", "dc.date=1993")


def test_the_clients_are_installed_where_the_whole_test_runs() -> None:
    """`.ci/run` promises it; a run without them skips above, and says so."""
    packages = (Path(__file__).parents[2] / ".ci" / "run").read_text("utf-8").split()
    assert {"libcatmandu-sru-perl", "yaz"} <= set(packages)
