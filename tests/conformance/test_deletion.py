"""A record is deleted in its source: after the next release every interface shows it, each in its own way, at once.

All are asked over HTTP, before and after, behind the real server: first by what a client finds of the work, then by
how those that keep an account of what is gone tell it.
"""

import gzip
import json
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
import requests
from pyoxigraph import RdfFormat, parse
from tests.federation import Site, deletion, served, work

GONE, STAYS = "difu/3", "difu/5"
TITLE = "Bericht 3 über das Wohnen in der Stadt"
BROWSER = "text/html,application/xhtml+xml"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
SRU = "{http://www.loc.gov/zing/srw/}"


def _dump(site: Site, path: str) -> str:
    """Take a file as a client does: it is made when it is first asked for, and until then told to come again."""
    until = time.monotonic() + 60
    while (answer := site.get(path)).status_code == 503 and time.monotonic() < until:
        time.sleep(min(float(answer.headers["Retry-After"]), 1))
    return gzip.decompress(answer.content).decode()


def _sparql(site: Site) -> bool:
    query = f"ASK {{ <{site.url}id/{GONE}> ?property ?value }}"
    answer = requests.get(f"{site.url}sparql", {"query": query}, headers={"Accept": "application/json"}, timeout=30)
    return bool(answer.json()["boolean"])


def _sru(site: Site) -> bool:
    answer = site.get(f"sru?operation=searchRetrieve&version=1.2&query=dc.title%3D%22{quote(TITLE)}%22&recordSchema=dc")
    return bool(int(ET.fromstring(answer.content).findtext(f"{SRU}numberOfRecords") or ""))


def _reconcile(site: Site) -> bool:
    queries = json.dumps({"q0": {"query": TITLE, "type": "work"}})
    answer = requests.post(f"{site.url}reconcile", {"queries": queries}, timeout=30)
    return GONE in [one["id"] for one in answer.json()["q0"]["result"]]


def _oai(site: Site) -> bool:
    found = ET.fromstring(site.get("oai?verb=ListRecords&metadataPrefix=oai_dc").content)
    described = [one for one in found.iter(f"{OAI}record") if one.find(f"{OAI}metadata") is not None]
    return any((one.findtext(f"{OAI}header/{OAI}identifier") or "").endswith(f":{GONE}") for one in described)


FOUND: dict[str, Callable[[Site], bool]] = {
    "the thing": lambda site: site.get(f"id/{GONE}").status_code == 200,
    "its document": lambda site: site.get(f"doc/{GONE}.ttl").status_code == 200,
    "its citation": lambda site: site.get(f"doc/{GONE}.bib").status_code == 200,
    "its linkset": lambda site: site.get(f"linkset/{GONE}").status_code == 200,
    "SPARQL": _sparql,
    "search": lambda site: GONE in site.get(f"search?q={quote(TITLE)}&format=json").text,
    "suggestions": lambda site: f"/doc/{GONE}" in site.get("suggest?q=bericht+3").text,
    "browsing by person": lambda site: TITLE in site.get("search?person=Muster,+Maria+3", BROWSER).text,
    "OAI-PMH": _oai,
    "SRU": _sru,
    "reconciliation": _reconcile,
    "fragments": lambda site: TITLE in site.get(f"fragments?subject={quote(site.url, safe='')}id/{GONE}").text,
    "sitemap": lambda site: f"/doc/{GONE}<" in site.get("sitemap/0.xml").text,
    "N-Quads": lambda site: f"/id/{GONE}>" in _dump(site, "dumps/latest.nq.gz"),
    "Turtle": lambda site: TITLE in _dump(site, "dumps/latest/whole.ttl.gz"),
    "JSON lines": lambda site: TITLE in _dump(site, "dumps/latest/whole.jsonl.gz"),
}
"""How each interface is asked whether the work is there."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("deletion"), asking=True) as found:
        found.publish(work(number) for number in range(8))
        yield found


@pytest.fixture(scope="module")
def before(site: Site) -> dict[str, bool]:
    assert len(site.steps) == 1
    return {name: found(site) for name, found in FOUND.items()}


@pytest.fixture(scope="module")
def after(site: Site, before: dict[str, bool]) -> dict[str, bool]:
    site.publish([deletion(3)])
    return {name: found(site) for name, found in FOUND.items()}


def test_what_was_there_everywhere_is_nowhere_any_more(before: dict[str, bool], after: dict[str, bool]) -> None:
    assert [name for name, found in before.items() if not found] == []
    assert [name for name, found in after.items() if found] == []


def test_whoever_keeps_an_account_tells_of_it(site: Site, after: dict[str, bool]) -> None:
    last = site.steps[-1]
    for path in (f"id/{GONE}", f"doc/{GONE}", f"doc/{GONE}.jsonld", f"doc/{GONE}.bib", f"linkset/{GONE}"):
        assert site.get(path).status_code == 410, path
    assert TITLE in site.get(f"doc/{GONE}", BROWSER).text
    assert TITLE in site.get("changes/", BROWSER).text

    record = site.get(f"oai?verb=GetRecord&metadataPrefix=marcxml&identifier=oai:127.0.0.1:{GONE}").content
    header = ET.fromstring(record).find(f".//{OAI}header")
    assert header is not None
    assert (header.get("status"), header.findtext(f"{OAI}datestamp")) == ("deleted", last.created)

    listed = site.get(f"oai?verb=ListIdentifiers&metadataPrefix=oai_dc&from={last.created}&set=year:1993").content
    assert [one.get("status") for one in ET.fromstring(listed).iter(f"{OAI}header")] == ["deleted"]

    stream = list(parse(site.get(f"ldes/{last.id}/0", "application/n-quads").content, format=RdfFormat.N_QUADS))
    version = f"{site.url}ldes/version/{last.created.replace('-', '').replace(':', '')}/{GONE}"
    assert {quad.predicate.value for quad in stream if quad.subject.value == version} >= {RDF_TYPE}
    assert version not in {getattr(quad.graph_name, "value", "") for quad in stream}  # nothing is said of it any more
    said = {(quad.predicate.value.rpartition("#")[2], quad.object.value) for quad in stream}
    assert {("type", "https://www.w3.org/ns/activitystreams#Delete"), ("object", f"{site.url}id/{GONE}")} <= said

    (item,) = site.get(f"activity/{last.id}/0").json()["orderedItems"]
    assert (item["type"], item["object"]["type"]) == ("Delete", "Tombstone")
    assert item["object"]["id"] == f"{site.url}id/{GONE}"

    patch = _dump(site, f"dumps/{last.id}/patch.rdfp.gz").splitlines()
    about = {line[0] for line in patch if f"<{site.url}id/{GONE}>" in line.split(" ")[1:2]}
    assert about == {"D"}

    first, last_works = (_dump(site, f"dumps/{one.id}/whole.jsonl.gz").splitlines() for one in site.steps[:2])
    assert f"{site.url}id/{GONE}" in {json.loads(line)["@id"] for line in first}
    assert f"{site.url}id/{GONE}" not in {json.loads(line)["@id"] for line in last_works}
    assert len(last_works) == len(first) - 1 == 7


def test_the_others_stay(site: Site, after: dict[str, bool]) -> None:
    assert site.get(f"doc/{STAYS}").status_code == 200
    assert STAYS in site.get("search?format=json").text


def test_the_account_outlasts_the_next_release(site: Site, after: dict[str, bool]) -> None:
    site.publish([work(9)])
    assert site.get(f"doc/{GONE}").status_code == 410
    assert not any(found(site) for found in FOUND.values())
    listed = site.get("oai?verb=ListIdentifiers&metadataPrefix=oai_dc").text
    assert 'status="deleted"' in listed
