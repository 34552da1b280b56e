"""What other catalogues take of us: the one change log, the feeds over it, records, profiles, files; and bad requests."""

import base64
import gzip
import hashlib
import json
import re
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse
from tests.conftest import dim_page
from tests.federation import Site, deletion, second, served, work

from katalod import pipeline, releases
from katalod.catalogue import Catalogue, opened
from katalod.changes import ChangeLog, Span
from katalod.dumps import KINDS, make
from katalod.settings import Settings
from katalod.web import create_app, oai_answers, slices

OAI = "{http://www.openarchives.org/OAI/2.0/}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("federation")) as found:
        found.publish(work(number) for number in range(12))
        second(found)
        yield found


@pytest.fixture(scope="module")
def client(site: Site) -> FlaskClient:
    return site.client()


def asked(client: FlaskClient, query: str) -> ET.Element:
    answer = client.get(f"/oai?{query}")
    assert answer.status_code == 200
    assert answer.content_type == "text/xml; charset=utf-8"
    return ET.fromstring(answer.data)


def code(root: ET.Element) -> str | None:
    error = root.find(f"{OAI}error")
    return None if error is None else error.get("code")


def unpacked(site: Site, release: str, name: str) -> str:
    return gzip.decompress(make(site.settings.home, release, name).path.read_bytes()).decode()


# -- the one change log


def test_times_are_those_of_the_releases(site: Site) -> None:
    first, last = site.steps
    assert last.created > first.created
    with opened(site.settings) as edition:
        times = {entry.path: (entry.kind, entry.changed) for entry in edition.log.entries(Span(), 100)}
    assert times["difu/5"] == ("created", first.created)
    assert times["difu/4"] == ("updated", last.created)
    assert times["difu/3"] == ("deleted", last.created)
    assert times["difu/40"] == ("created", last.created)


@pytest.fixture
def start(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", base="https://data.example.org/", publish_jobs=1)


def published(settings: Settings, *records: str, full: bool = False) -> str:
    page = settings.home.parent / "page.xml"
    page.write_text(dim_page(records), "utf-8")
    release = pipeline.publish(settings, (str(page),), lambda *_: None, full=full).release
    return release.id


def logged(settings: Settings) -> dict[str, tuple[str, str]]:
    """Every path with its last change and the release of that time."""
    times = {release.created: release.id for release in releases.listing(settings.home)}
    with opened(settings) as edition:
        return {e.path: (e.kind, times.get(e.changed, "pruned")) for e in edition.log.entries(Span(), 1000)}


def test_the_log_outlasts_pruning_and_a_full_build(start: Settings) -> None:
    first = published(start, work(1), work(2), work(3))
    second_ = published(start, deletion(1), work(4))
    third = published(start, work(2, "Ein neuer Titel", "2024-08-01T00:00:00Z"), full=True)
    known = {"difu/1": ("deleted", second_), "difu/2": ("updated", third), "difu/3": ("created", first),
             "difu/4": ("created", second_)}  # fmt: skip
    assert logged(start) == known
    assert releases.prune(start.home, 1) == [second_, first]
    assert logged(start) == {path: (kind, at if at == third else "pruned") for path, (kind, at) in known.items()}
    client = create_app(start, Catalogue(start)).test_client()
    assert client.get(f"/ldes/{first}/0").status_code == client.get(f"/activity/{first}/0").status_code == 404
    root = client.get("/ldes", headers={"Accept": "application/n-quads"}).text
    assert f"<https://data.example.org/ldes/{third}/all/0>" in root
    page = client.get(f"/ldes/{third}/all/0", headers={"Accept": "application/n-quads"}).text
    assert {f"difu/{n}" for n in range(1, 5) if f"object> <https://data.example.org/id/difu/{n}>" in page} == set(known)
    items = client.get(f"/activity/{third}/all/0").json["orderedItems"]
    assert [item["type"] for item in items] == ["Update", "Delete", "Create", "Create"]
    assert [item["published"] for item in items] == sorted((item["published"] for item in items), reverse=True)


def test_a_record_and_the_quality_have_a_history_over_all_releases(start: Settings) -> None:
    stamps = [f"2024-08-{day:02d}T00:00:00Z" for day in range(1, 16)]
    made = [published(start, work(1), work(2))]
    made += [published(start, work(1, f"Titel {stamp}", stamp), work(3 + n)) for n, stamp in enumerate(stamps)]
    wrong = work(99).replace(">Bericht<", ">Zettel<")
    made += [published(start, wrong, full=True), published(start, deletion(1, "2024-09-01T00:00:00Z"))]
    kinds = ["deleted", *["updated"] * len(stamps), "created"]
    told = [release for release in made[::-1] if release != made[-2]]
    releases.prune(start.home, 1)
    with opened(start) as edition:
        assert [(one.kind, one.release) for one in edition.history("difu/1")] == list(zip(kinds, told, strict=True))
        assert [one.kind for one in edition.history("difu/2")] == ["created"]
        findings = edition.finding_history()
        assert [one.release for one in findings] == made
        assert [one.shapes.get("type-unknown", 0) for one in findings] == [0] * (len(made) - 2) + [1, 1]
        assert findings[-1].shapes == {shape: count for shape, _, count in edition.finding_counts()}
    client = create_app(start, Catalogue(start)).test_client()
    page = client.get("/doc/difu/3?lang=de", headers={"Accept": "text/html"}).text
    assert "aufgenommen · Ausgabe 2<" in page
    quality = client.get("/quality/?lang=de", headers={"Accept": "text/html"}).text
    assert "Ausgabe 1<" in quality
    assert "Ausgabe 18<" in quality
    assert quality.count("<polyline") == len(findings[-1].shapes)
    data = client.get("/quality/", headers={"Accept": "application/json"}).json["releases"]
    assert [row["release"] for row in data] == made


def test_what_was_rolled_back_is_told_to_those_who_took_it(start: Settings) -> None:
    first = published(start, work(1), work(2))
    bad = published(start, work(1, "Ein Irrtum", "2024-08-01T00:00:00Z"), work(9))
    releases.rollback(start.home)
    assert set(logged(start)) == {"difu/1", "difu/2"}
    third = published(start, deletion(9, "2024-09-01T00:00:00Z"), work(1, "", "2024-09-01T00:00:00Z"), work(5))
    assert bad > first
    assert logged(start) == {
        "difu/1": ("updated", third), "difu/2": ("created", first), "difu/5": ("created", third),
        "difu/9": ("deleted", third),
    }  # fmt: skip
    with opened(start) as edition:
        assert [release.id for release in edition.lineage()] == [first, third]


def test_no_two_releases_share_a_second_whatever_the_clock_says(start: Settings) -> None:
    published(start, work(1))
    manifest = releases.folder(start.home) / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"created": "20', '"created": "29'))
    published(start, work(2))
    newest, oldest = releases.listing(start.home)
    assert newest.created > oldest.created > "29"


def test_a_home_from_before_the_log_gets_one(start: Settings) -> None:
    old = published(start, work(1), work(2))
    (releases.folder(start.home) / "log.sqlite").unlink()
    client = create_app(start, Catalogue(start)).test_client()
    assert client.get("/oai?verb=Identify").status_code >= 500
    pages = [client.get(path, headers={"Accept": "text/html"}) for path in ("/doc/difu/1", "/quality/", "/doc/difu/9")]
    assert [page.status_code for page in pages] == [200, 200, 404]
    new = published(start, work(3))
    assert logged(start) == {f"difu/{n}": ("created", new) for n in (1, 2, 3)}
    assert old != new


def test_a_release_from_before_histories_is_read(start: Settings) -> None:
    published(start, work(1))
    folder = releases.folder(start.home)
    for book, tables in (("log.sqlite", ("history", "release")), ("report/report.sqlite", ("moved",))):
        with sqlite3.connect(folder / book) as database:
            database.executescript("".join(f"drop table {table};" for table in tables))
    client = create_app(start, Catalogue(start)).test_client()
    pages = [client.get(path, headers={"Accept": "text/html"}) for path in ("/doc/difu/1", "/quality/", "/doc/difu/2")]
    assert [page.status_code for page in pages] == [200, 200, 404]
    new = published(start, work(1, "Neu", "2024-08-01T00:00:00Z"), full=True)
    with opened(start) as edition:
        assert [(one.kind, one.release) for one in edition.history("difu/1")] == [("updated", new)]


def test_a_set_takes_in_those_below_it(site: Site) -> None:
    log = ChangeLog(releases.folder(site.settings.home))
    assert log.count(Span(set="type")) == log.count(Span(set="type:c_93fc")) == 13
    assert log.count(Span(set="type:c_93")) == log.count(Span(set="93fc")) == 0
    assert log.count(Span(set="year:1993")) == 1


# -- OAI-PMH


BAD = [
    ("", "badVerb"),
    ("verb=Steal", "badVerb"),
    ("verb=Identify&verb=Identify", "badVerb"),
    ("verb=Identify&x=1", "badArgument"),
    ("verb=ListRecords", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=mods", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2024", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-02-31", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-02&until=2024-01-01", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-02&until=2024-01-03T00:00:00Z", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&until=1999-01-01", "noRecordsMatch"),
    ("verb=ListRecords&metadataPrefix=oai_dc&set=nothing", "noRecordsMatch"),
    ("verb=ListRecords&metadataPrefix=oai_dc&set=", "badArgument"),
    ("verb=ListRecords&metadataPrefix=xml", "cannotDisseminateFormat"),
    ("verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=x", "badArgument"),
    ("verb=ListRecords&resumptionToken=made-up", "badResumptionToken"),
    ("verb=ListRecords&resumptionToken=", "badResumptionToken"),
    ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
    ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
    ("verb=GetRecord&metadataPrefix=oai_dc&identifier=difu/3", "idDoesNotExist"),
    ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:127.0.0.1:difu/999", "idDoesNotExist"),
    ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:127.0.0.1:%00%ff", "badArgument"),
    ("verb=GetRecord&metadataPrefix=xml&identifier=oai:127.0.0.1:difu/1", "cannotDisseminateFormat"),
    ("verb=ListMetadataFormats&identifier=x", "idDoesNotExist"),
]


@pytest.mark.parametrize(("query", "expected"), BAD)
def test_what_is_wrong_is_said_in_the_protocols_way(client: FlaskClient, query: str, expected: str) -> None:
    root = asked(client, query)
    assert code(root) == expected
    request = root.find(f"{OAI}request")
    assert request is not None
    assert bool(request.attrib) == (expected not in ("badVerb", "badArgument"))


def forged(*fields: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "token",
    [
        forged(), forged(1), forged("ListRecords"), forged(*["ListRecords", "oai_dc", "", "", "", "x", "p"], 1, 1),
        forged("ListRecords", "xml", "", "", "", "2024-01-01T00:00:00Z", "p", 1, 1),
        forged("ListRecords", "oai_dc", "", "", "", "2024-01-01T00:00:00Z", "p", True, 1),
        forged("ListRecords", "oai_dc", "", "", "", "2024-01-01T00:00:00Z", "p", -1, 1),
        forged("ListRecords", "oai_dc", "", "", "\ud800", "2024-01-01T00:00:00Z", "p", 1, 1),
        forged("ListIdentifiers", "oai_dc", "", "", "", "2024-01-01T00:00:00Z", "p", 1, 1),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(), "%F0%28%8C", "=" * 10,
    ],
)  # fmt: skip
def test_a_token_that_was_not_given_out_here(client: FlaskClient, token: str) -> None:
    assert code(asked(client, f"verb=ListRecords&resumptionToken={token}")) == "badResumptionToken"


@examples(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=8) | st.sampled_from(["verb", "from", "set", "resumptionToken", "identifier"]),
        st.text(max_size=20),
        max_size=5,
    )
)
def test_no_request_is_too_strange(client: FlaskClient, arguments: dict[str, str]) -> None:
    for verb in ("Identify", "ListRecords", "GetRecord"):
        for answer in (
            client.get("/oai", query_string=arguments | {"verb": verb}),
            client.post("/oai", data=arguments | {"verb": verb, "metadataPrefix": "oai_dc"}),
        ):
            assert answer.status_code == 200
            ET.fromstring(answer.data)


def test_a_list_goes_on_after_a_restart_and_in_a_new_release(start: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oai_answers, "PAGE", {"ListRecords": 3, "ListIdentifiers": 3})
    published(start, *(work(number) for number in range(1, 9)))

    def page(query: str) -> tuple[list[tuple[str, bool]], str]:
        root = asked(create_app(start, Catalogue(start)).test_client(), query)
        token = root.find(f".//{OAI}resumptionToken")
        heads = [(h.findtext(f"{OAI}identifier", ""), h.get("status") == "deleted") for h in root.iter(f"{OAI}header")]
        return heads, "" if token is None else token.text or ""

    found, token = page("verb=ListRecords&metadataPrefix=oai_dc")
    published(start, deletion(2), work(6, "Neu", "2024-08-01T00:00:00Z"), work(20))
    while token:
        more, token = page(f"verb=ListRecords&resumptionToken={token}")
        found += more
    held = dict(found)
    with opened(start) as edition:
        assert {f"oai:data.example.org:{path}" for path in ("difu/2", "difu/6", "difu/20")} <= set(held)
        now = {f"oai:data.example.org:{entry.path}": entry.deleted for entry in edition.log.entries(Span(), 100)}
    assert held == now


def test_the_first_request_of_a_list_that_is_whole_has_no_token(client: FlaskClient) -> None:
    assert asked(client, "verb=ListRecords&metadataPrefix=rdf").find(f".//{OAI}resumptionToken") is None


def test_a_record_says_in_each_form_what_the_triples_say(client: FlaskClient) -> None:
    marc, mods, dc, rdf = (
        client.get(f"/oai?verb=GetRecord&metadataPrefix={prefix}&identifier=oai:127.0.0.1:difu/4").text
        for prefix in ("marcxml", "mods", "oai_dc", "rdf")
    )
    assert "Neuer &lt;Titel&gt; &amp; mehr" in marc and "Neuer &lt;Titel&gt; &amp; mehr" in mods
    assert '<subfield code="0">(DE-588)4012775-8</subfield>' not in marc  # Dorf is not of this work
    assert '<subfield code="0">(DE-588)7547705-1</subfield>' in marc
    assert 'authority="gnd"' in mods and "<dc:subject>https://d-nb.info/gnd/7547705-1</dc:subject>" in dc
    assert "<dc:language>ger</dc:language>" in dc
    start, end = rdf.index("<rdf:RDF"), rdf.index("</rdf:RDF>") + len("</rdf:RDF>")
    read = {quad.triple for quad in parse(rdf[start:end], format=RdfFormat.RDF_XML)}
    assert read == {quad.triple for quad in parse(client.get("/doc/difu/4.nq").data, format=RdfFormat.N_QUADS)}


# -- feeds


def test_pages_of_the_feeds_never_change_and_are_kept(client: FlaskClient, site: Site) -> None:
    first = site.steps[0].id
    for path in (f"/ldes/{first}/0", f"/activity/{first}/0"):
        answer, again = client.get(path), client.get(path)
        assert answer.data == again.data
        assert "immutable" in answer.headers["Cache-Control"]
        assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert "max-age=60" in client.get("/ldes").headers["Cache-Control"]


def test_who_has_it_already_is_told_how_to_keep_it(client: FlaskClient, site: Site) -> None:
    """RFC 9110, 15.4.5: 304 bears the headers about caching that 200 would bear."""
    first = site.steps[0].id
    feeds = (
        "ldes",
        f"ldes/{first}/0",
        "activity",
        f"activity/{first}/0",
        "sru",
        "reconcile",
        "sitemap.xml",
        "fragments",
    )
    works = ("doc/difu/4", "doc/difu/4.ttl", "doc/difu/4.bib", "doc/difu/4?_profile=dc", "linkset/difu/4")
    pages = ("", "search?q=stadt&format=json", "suggest?q=b", "quality/", "quality/links", "dumps/links.sssom.tsv")
    for path in (*feeds, *works, *pages):
        whole = client.get(f"/{path}")
        told = client.get(f"/{path}", headers={"If-None-Match": whole.headers["ETag"]})
        assert (whole.status_code, told.status_code) == (200, 304), path
        for name in ("ETag", "Cache-Control", "Vary"):
            assert whole.headers.get(name) == told.headers.get(name), (path, name)


def test_a_version_has_an_address(client: FlaskClient, site: Site) -> None:
    items: list[dict[str, Any]] = client.get(f"/activity/{site.steps[0].id}/0").json["orderedItems"]
    old = next(item for item in items if item["object"]["id"].endswith("difu/4"))
    text = client.get(old["id"].removeprefix(site.url[:-1]), headers={"Accept": "application/n-quads"}).text
    assert "Bericht 4" in text and "Neuer <Titel>" not in text
    assert client.get("/ldes/version/20200101T000000Z/difu/4").status_code == 404


def test_the_activities_lead_from_the_latest_to_the_first(
    client: FlaskClient, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SIZE", 5)
    monkeypatch.setattr("katalod.web.activity.SIZE", 5)
    fresh = site.client()
    node = fresh.get("/activity").json
    total, seen, address = node["totalItems"], [], node["first"]["id"]
    assert total == 15
    while address:
        answer = fresh.get(address.removeprefix(site.url[:-1]), follow_redirects=True)
        page = answer.json
        seen += [(item["published"], item["object"]["id"]) for item in page["orderedItems"]]
        last, address = page["id"], page.get("next", {}).get("id")
    assert last == node["last"]["id"]
    assert len(seen) == len(set(seen)) == total
    assert [time for time, _ in seen] == sorted((time for time, _ in seen), reverse=True)


@pytest.mark.parametrize(
    "path",
    [
        "/ldes/nothing/0", "/ldes/..%2f..%2fcurrent/0", "/ldes/.draft-1/0", "/activity/x/0", "/activity/before/000000",
        "/ldes/version/x/difu/4", "/sitemap/99999999999999999999.xml", "/sitemap/-1.xml", "/dumps/x/whole.ttl.gz",
        "/dumps/latest.zip", "/linkset/..", "/linkset/keyword/nothing", "/ldes/{first}/7", "/ldes/{first}/99999999999999999999",
        "/dumps/{first}/passwd", "/dumps/{first}/patch.rdfp.gz", "/dumps/x/SHA256SUMS",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(client: FlaskClient, site: Site, path: str) -> None:
    assert client.get(path.format(first=site.steps[0].id)).status_code == 404


def test_a_form_that_we_do_not_have(client: FlaskClient) -> None:
    for path in ("/ldes", "/activity"):
        assert client.get(path, headers={"Accept": "image/png"}).status_code == 406


# -- profiles


def test_a_profile_is_named_and_negotiated(client: FlaskClient) -> None:
    for headers, query in (
        ({"Accept-Profile": "<https://schema.org/>;q=0.9, <http://x.example/>"}, ""),
        ({}, "?_profile=schema"),
    ):
        answer = client.get(f"/doc/difu/4{query}", headers=headers)
        assert answer.headers["Content-Location"] == "/doc/difu/4.ttl?_profile=schema"
        assert '<https://schema.org/>; rel="profile"' in answer.headers["Link"]
        assert "Accept-Profile" in answer.headers["Vary"]
        assert "schema.org/Report" in answer.text and "bibo" not in answer.text
    ours, plain = client.get("/doc/difu/4.nt"), client.get("/doc/difu/4.nt?_profile=dc")
    assert '<https://w3id.org/katalod/profile>; rel="profile"' in ours.headers["Link"]
    assert ours.headers["ETag"] != plain.headers["ETag"]
    properties = {quad.predicate.value for quad in parse(plain.data, format=RdfFormat.N_TRIPLES)}
    assert properties and all(name.startswith("http://purl.org/dc/elements/1.1/") for name in properties)
    assert client.get("/doc/difu/4?_profile=katalod").data == client.get("/doc/difu/4").data


@pytest.mark.parametrize("suffix", ["", ".html", ".ttl", ".rdf"])
def test_the_other_profiles_are_where_the_links_say(client: FlaskClient, suffix: str) -> None:
    links = client.get(f"/doc/difu/4{suffix}", headers={"Accept": "text/html, */*;q=0.1"}).headers["Link"]
    others = re.findall(r"<([^>]*_profile=[^>]*)>", links)
    assert len(others) == 2
    for address in others:
        assert client.get(address, headers={"Accept": "text/html, */*;q=0.1"}).status_code == 200, address


def test_a_profile_that_does_not_exist(client: FlaskClient) -> None:
    for wish in ("nonsense", "http://x.example/", "%00"):
        answer = client.get(f"/doc/difu/4?_profile={wish}")
        assert answer.status_code == 400
        assert "http://purl.org/dc/elements/1.1/" in answer.text
    answer = client.get("/doc/difu/4", headers={"Accept-Profile": "<http://x.example/>"})
    assert (answer.status_code, answer.headers["Vary"]) == (406, "Accept, Accept-Language, Accept-Profile")
    assert client.get("/doc/difu/4", headers={"Accept-Profile": "garbage;;;<"}).status_code == 200
    assert client.get("/doc/difu/4?_profile=alt").text.count("\n") == 3
    assert client.get("/doc/difu/4?_profile=dc", headers={"Accept": "text/html"}).status_code == 406


# -- files


def test_files_of_a_release_are_true(site: Site) -> None:
    home, last = site.settings.home, site.steps[-1].id
    whole = gzip.decompress((releases.folder(home, last) / "dump.nq.gz").read_bytes())
    former = gzip.decompress((releases.folder(home, site.steps[0].id) / "dump.nq.gz").read_bytes())
    made = {kind.name: make(home, last, kind.name) for kind in KINDS}
    files = {name: gzip.decompress(one.path.read_bytes()) for name, one in made.items()}
    triples = {quad.triple for quad in parse(whole, format=RdfFormat.N_QUADS)}
    assert {quad.triple for quad in parse(files["whole.ttl.gz"], format=RdfFormat.TURTLE)} == triples
    removed, added = (set(files[name].splitlines()) for name in ("removed.nq.gz", "added.nq.gz"))
    assert removed and added
    assert (set(former.splitlines()) - removed) | added == set(whole.splitlines())
    rows = files["patch.rdfp.gz"].decode().splitlines()
    assert [row[:2] for row in rows[:3]] == ["H ", "H ", "TX"] and rows[-1] == "TC ."
    assert len(rows) == 4 + len(removed) + len(added)
    for one in made.values():
        assert hashlib.sha256(one.path.read_bytes()).hexdigest() == one.sha256


def test_a_file_is_made_when_it_is_asked_for_and_sent_in_parts(site: Site) -> None:
    answer = site.get("dumps/latest/whole.ttl.gz")
    while answer.status_code == 503:
        assert answer.headers["Retry-After"]
        answer = site.get("dumps/latest/whole.ttl.gz")
    assert answer.url.endswith(f"/dumps/{site.steps[-1].id}/whole.ttl.gz")
    assert "immutable" in answer.headers["Cache-Control"]
    part = site.get("dumps/latest/whole.ttl.gz", Range="bytes=10-19")
    assert (part.status_code, part.content) == (206, answer.content[10:20])
    sums = site.get(f"dumps/{site.steps[-1].id}/SHA256SUMS").text
    assert f"{hashlib.sha256(answer.content).hexdigest()}  {site.steps[-1].id}-whole.ttl.gz\n" in sums
    whole = site.get("dumps/latest.nq.gz").content
    assert f"{hashlib.sha256(whole).hexdigest()}  {site.steps[-1].id}.nq.gz\n" in sums


def test_files_of_pruned_releases_go(start: Settings) -> None:
    first = published(start, work(1))
    make(start.home, first, "whole.ttl.gz")
    last = published(start, work(2))
    releases.prune(start.home, 1)
    make(start.home, last, "whole.ttl.gz")
    assert [path.name for path in (start.home / "derived").iterdir() if path.is_dir()] == [last]


def test_interfaces_wait_for_a_first_release(tmp_path: Path, start: Settings) -> None:
    client = create_app(
        replace(start, home=tmp_path / "empty"), Catalogue(replace(start, home=tmp_path / "empty"))
    ).test_client()
    for path in ("/oai?verb=Identify", "/sru", "/ldes", "/activity", "/sitemap.xml", "/dumps/latest/whole.ttl.gz"):
        assert client.get(path).status_code == 503


@pytest.mark.parametrize("path", ["ldes", "ldes/{release}/0", "activity", "activity/{release}/0", "sitemap.xml", "sru",
                                  "dumps/links.sssom.tsv"])  # fmt: skip
def test_what_has_not_changed_says_of_itself_what_the_whole_answer_says(site: Site, path: str) -> None:
    """RFC 9110, 15.4.5: else a cache forgets how long it may keep a page, and by what it varies."""
    asked = path.format(release=site.steps[-1].id)
    whole = site.get(asked)
    same = site.get(asked, **{"If-None-Match": whole.headers["ETag"]})
    assert (whole.status_code, same.status_code) == (200, 304)
    for name in ("Cache-Control", "ETag", "Vary"):
        assert same.headers.get(name) == whole.headers.get(name), name
