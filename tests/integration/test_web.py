"""The web service over a real release: negotiation, validators, links, errors, pages; and hostile requests."""

import gzip
import json
from pathlib import Path
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse
from tests.conftest import silent
from werkzeug.test import TestResponse

from katalod import pipeline
from katalod.assets import asset
from katalod.catalogue import Catalogue
from katalod.errors import Busy, QueryError, QueryTimeout, ReleaseError, StoreError
from katalod.formats import FORMATS
from katalod.settings import Settings
from katalod.web import create_app
from katalod.web.entities import possible
from katalod.web.errors import status_of

ROOT = Path(__file__).parents[2]
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Accept-Language": "de"}
WORK, HOSTILE, GONE = "difu/581658", "difu/666", "difu/777"
RDF = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/rdf+xml": RdfFormat.RDF_XML,
}
ATTACK = '</title></script><!-- <script>alert("1")</script> <img src=x onerror=alert(2)> {{ 7*7 }}'


def record(path: str, fields: dict[str, str]) -> str:
    rows = "".join(
        f'<dim:field mdschema="dc" {names} lang="de">{escape(value)}</dim:field>' for names, value in fields.items()
    )
    header = f"<identifier>oai:repository.example.org:{path}</identifier><datestamp>2024-01-01T00:00:00Z</datestamp>"
    dim = f'<dim:dim xmlns:dim="http://www.dspace.org/xmlns/dspace/dim">{rows}</dim:dim>'
    return f"<record><header>{header}</header><metadata>{dim}</metadata></record>"


def page_of(*records: str) -> str:
    return (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2024-01-01T00:00:00Z</responseDate>'
        '<request verb="ListRecords" metadataPrefix="dim">https://repository.example.org/oai</request><ListRecords>'
        + "".join(records)
        + "</ListRecords></OAI-PMH>"
    )


FIRST = page_of(
    record(HOSTILE, {
        'element="title"': ATTACK, 'element="type"': "Bericht", 'element="date" qualifier="issued"': "2020",
        'element="subject"': ATTACK, 'element="description" qualifier="abstract"': f"Ein Text über Wohnen. {ATTACK}",
        'element="contributor" qualifier="author"': ATTACK, 'element="identifier" qualifier="uri"': "javascript:alert(1)",
    }),
    record(GONE, {'element="title"': "Ein Bericht, der verschwindet", 'element="type"': "Bericht"}),
)  # fmt: skip
DELETION = page_of(
    f'<record><header status="deleted"><identifier>oai:repository.example.org:{GONE}</identifier>'
    "<datestamp>2024-05-01T00:00:00Z</datestamp></header></record>"
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("web")
    (folder / "first.xml").write_text(FIRST, "utf-8")
    (folder / "deletion.xml").write_text(DELETION, "utf-8")
    found = Settings(base="https://data.example.org/", home=folder / "home", publish_jobs=1, dataset_publisher="Difu")
    pipeline.publish(found, (str(asset("data/difu-581658.dim.xml")), str(folder / "first.xml")), silent)
    pipeline.publish(found, (str(folder / "deletion.xml"),), silent)
    return found


def visible(page: TestResponse | Element) -> str:
    """The text that a reader sees."""
    tree = page if isinstance(page, Element) else html5lib.parse(page.text, namespaceHTMLElements=False)
    for parent in list(tree.iter()):
        for child in [c for c in parent if c.tag in ("script", "style", "head")]:
            parent.remove(child)
    return " ".join("".join(tree.itertext()).split())


def every_page(client: FlaskClient) -> list[str]:
    keywords = [f"/doc/keyword/{name}.html" for name in ("teilhabe", "migration", "integrationspolitik")]
    lists = ["/index.html", "/search", "/search?q=Migration", "/quality/", "/releases/", "/changes/", "/dumps/"]
    lists += ["/quality/quarantined", "/quality/links", f"/quality/record/{HOSTILE}", "/privacy", "/accessibility"]
    lists += [f"/browse/{way}" for way in ("", "headings/", "years/", "types/", "languages/", "people/?letter=m")]
    lists += ["/heading/4044789-3", "/heading/4120730-0.html", "/search?q=zzz", "/search?person=nobody&page=9"]
    shapes = [f"/quality/{row['shape']}" for row in shape_rows(client)]
    return [f"/doc/{WORK}.html", f"/doc/{HOSTILE}.html", *keywords, *lists, *shapes, "/nothing/here"]


def shape_rows(client: FlaskClient) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = json.loads(client.get("/quality/", headers={"Accept": "application/json"}).text)[
        "shapes"
    ]
    return rows


@pytest.mark.parametrize("accept", [None, "text/turtle", "text/html", "image/png"])
def test_a_thing_redirects_to_its_document_by_path(client: FlaskClient, accept: str | None) -> None:
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"} | ({"Accept": accept} if accept else {})
    answer = client.get(f"/id/{WORK}", headers=headers)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/doc/{WORK}")
    assert answer.headers["Vary"] == "Accept, Accept-Language"
    assert client.get(f"/id/{WORK}?lang=en").headers["Location"] == f"/doc/{WORK}?lang=en"


@pytest.mark.parametrize("path", [WORK, HOSTILE, "keyword/teilhabe", "keyword/forschungsprojekt"])
@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_every_form_says_the_same(client: FlaskClient, path: str, form: object) -> None:
    media, suffix = getattr(form, "media"), getattr(form, "suffix")  # noqa: B009
    negotiated, fixed = client.get(f"/doc/{path}", headers={"Accept": media}), client.get(f"/doc/{path}.{suffix}")
    assert negotiated.status_code == fixed.status_code == 200
    assert negotiated.data == fixed.data
    assert negotiated.content_type.partition(";")[0] == fixed.content_type.partition(";")[0] == media
    assert negotiated.headers["Content-Location"] == f"/doc/{path}.{suffix}"
    assert negotiated.headers["ETag"] == fixed.headers["ETag"]
    if media in RDF:
        truth = {quad.triple for quad in parse(client.get(f"/doc/{path}.nt").data, format=RdfFormat.N_TRIPLES)}
        assert {quad.triple for quad in parse(negotiated.data, format=RDF[media])} == truth
        assert len(truth) >= 3


def test_json_ld_reads_back_as_the_same_statements(client: FlaskClient) -> None:
    document = client.get(f"/doc/{WORK}.jsonld").get_json(force=True)
    assert document["@context"] == "https://data.example.org/context.jsonld"
    document["@context"] = json.loads(client.get("/context.jsonld").text)["@context"]
    read = {quad.triple for quad in parse(json.dumps(document), format=RdfFormat.JSON_LD)}
    assert read == {quad.triple for quad in parse(client.get(f"/doc/{WORK}.nt").data, format=RdfFormat.N_TRIPLES)}


def test_a_browser_gets_a_page_and_curl_gets_turtle(client: FlaskClient) -> None:
    page, curl = client.get(f"/doc/{WORK}", headers=BROWSER), client.get(f"/doc/{WORK}", headers={"Accept": "*/*"})
    assert (page.content_type, page.headers["Content-Location"]) == ("text/html; charset=utf-8", f"/doc/{WORK}.html")
    assert page.headers["Content-Language"] == "de"
    assert curl.content_type == "text/turtle; charset=utf-8"
    assert client.get(f"/doc/{WORK}", headers={"Accept": "application/json"}).content_type == "application/json"


def test_the_headers_of_a_document(client: FlaskClient, settings: Settings) -> None:
    answer = client.get(f"/doc/{WORK}", headers={"Host": "evil.example"})
    assert answer.headers["Vary"] == "Accept, Accept-Language, Accept-Profile"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert not answer.headers["ETag"].startswith("W/")
    assert answer.headers["Last-Modified"].endswith("GMT")
    link = answer.headers["Link"]
    for form in FORMATS[1:]:
        assert f'</doc/{WORK}.{form.suffix}>; rel="alternate"; type="{form.media}"' in link
    assert f'</doc/{WORK}.html>; rel="alternate"; type="text/html"' in link
    assert f'</doc/{WORK}>; rel="describedby"; anchor="/id/{WORK}"' in link
    assert f'<{settings.dataset_licence}>; rel="license"' in link
    assert '</>; rel="collection"' in link
    assert "evil" not in str(answer.headers) + answer.text


def test_fixed_forms_vary_by_nothing_that_they_do_not_read(client: FlaskClient) -> None:
    first = client.get(f"/doc/{WORK}.ttl")
    again = client.get(f"/doc/{WORK}.ttl", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    assert "Vary" not in first.headers
    assert "Vary" not in again.headers
    assert client.get(f"/doc/{WORK}.html").headers["Vary"] == "Accept-Language"
    german, english = (client.get(f"/doc/{WORK}.html", headers={"Accept-Language": tag}) for tag in ("de", "en"))
    assert german.headers["ETag"] != english.headers["ETag"]


def test_a_profile_in_the_readers_language_is_told_apart_by_it(client: FlaskClient) -> None:
    for path in (f"/doc/{WORK}.ttl?_profile=schema", f"/doc/{WORK}?_profile=schema"):
        german, english = (
            client.get(path, headers={"Accept": "text/turtle", "Accept-Language": tag}) for tag in ("de", "en")
        )
        assert german.headers["ETag"] != english.headers["ETag"]
        assert "Accept-Language" in german.headers["Vary"]
        again = client.get(
            path,
            headers={"Accept": "text/turtle", "Accept-Language": "en", "If-None-Match": german.headers["ETag"]},
        )
        assert (again.status_code, again.data) == (200, english.data)
    assert "Vary" not in client.get(f"/doc/{WORK}.ttl?_profile=dc").headers


@pytest.mark.parametrize(
    "path", ["/", f"/doc/{WORK}", f"/doc/{WORK}.html", "/quality/", "/releases/", "/context.jsonld"]
)
def test_what_the_client_has_is_not_sent_again(client: FlaskClient, path: str) -> None:
    first = client.get(path, headers=BROWSER)
    tag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    for condition in ({"If-None-Match": tag}, {"If-None-Match": f'"x", W/{tag}'}, {"If-None-Match": "*"}):
        again = client.get(path, headers=BROWSER | condition)
        assert (again.status_code, again.data) == (304, b""), condition
        assert again.headers["ETag"] == tag
    assert client.get(path, headers=BROWSER | {"If-Modified-Since": modified}).status_code == 304
    changed = BROWSER | {"If-None-Match": '"other"', "If-Modified-Since": modified}
    assert client.get(path, headers=changed).status_code == 200
    assert client.get(path, headers=BROWSER | {"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}).status_code == 200


def test_another_form_is_not_taken_for_the_same(client: FlaskClient) -> None:
    tag = client.get(f"/doc/{WORK}", headers={"Accept": "text/turtle"}).headers["ETag"]
    assert (
        client.get(f"/doc/{WORK}", headers={"Accept": "application/ld+json", "If-None-Match": tag}).status_code == 200
    )


@pytest.mark.parametrize("path", [f"/doc/{WORK}", "/", f"/id/{WORK}", "/nothing", "/quality/", "/health/live"])
def test_head_is_get_without_a_body(client: FlaskClient, path: str) -> None:
    get, head = client.get(path), client.head(path)
    assert (head.status_code, head.data) == (get.status_code, b"")
    assert dict(head.headers) == dict(get.headers)


def test_other_methods(client: FlaskClient) -> None:
    refused = client.post(f"/doc/{WORK}", headers=BROWSER)
    assert refused.status_code == 405
    assert {"GET", "HEAD", "OPTIONS"} <= set(refused.headers["Allow"].split(", "))
    preflight = client.options(f"/doc/{WORK}")
    assert preflight.status_code == 200
    assert "GET" in preflight.headers["Access-Control-Allow-Methods"]
    assert "Accept" in preflight.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    "path", ["/doc/nothing/here", "/id/nothing", "/nix", "/doc/keyword/nix", "/quality/nix", "/doc/nix.ttl"]
)
def test_not_found_in_the_form_that_was_asked_for(client: FlaskClient, path: str) -> None:
    page, turtle, text = (client.get(path, headers=h) for h in (BROWSER, {"Accept": "text/turtle"}, {"Accept": "*/*"}))
    assert page.status_code == turtle.status_code == text.status_code == 404
    assert "Hier ist nichts" in visible(page)
    assert len(list(parse(turtle.data, format=RdfFormat.TURTLE))) == 2
    assert text.content_type == "text/plain; charset=utf-8"
    assert client.get(path, headers={"Accept": "application/ld+json"}).get_json(force=True)["@id"].endswith(path)


@pytest.mark.parametrize(
    "path",
    [f"/id/{GONE}", f"/linkset/{GONE}", *(f"/doc/{GONE}{end}" for end in ("", ".ttl", ".bib", ".ris", ".csl.json"))],
)
def test_a_deleted_work_is_gone_with_what_is_known_of_it(client: FlaskClient, path: str) -> None:
    page, turtle = client.get(path, headers=BROWSER), client.get(path, headers={"Accept": "text/turtle"})
    assert page.status_code == turtle.status_code == 410
    assert "Ein Bericht, der verschwindet" in visible(page)
    assert "invalidatedAtTime" in turtle.text
    assert "2024-05-01" in turtle.text


def test_what_is_not_to_be_had_is_said_with_what_is(client: FlaskClient) -> None:
    for path in (f"/doc/{WORK}", "/", "/quality/"):
        answer = client.get(path, headers={"Accept": "image/png"})
        assert answer.status_code == 406
        assert "text/html" in answer.text
        assert answer.headers["Vary"] == "Accept, Accept-Language"
    assert "application/ld+json" in client.get(f"/doc/{WORK}", headers={"Accept": "image/png"}).text


@pytest.mark.parametrize("tag", ["de", "en"])
def test_pages_are_sound_html_without_script_or_bare_iri(client: FlaskClient, tag: str) -> None:
    for path in every_page(client):
        answer = client.get(path, headers=BROWSER | {"Accept-Language": tag})
        html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(answer.text)
        tree = html5lib.parse(answer.text, namespaceHTMLElements=False)
        assert tree.get("lang") == tag
        assert len(list(tree.iter("h1"))) == len(list(tree.iter("main"))) == 1, path
        scripts = [script for script in tree.iter("script") if script.get("type") != "application/ld+json"]
        assert [script.get("src", "").partition("?")[0] for script in scripts] == ["/static/katalod.js"], path
        assert all(json.loads(s.text or "") for s in tree.iter("script") if s not in scripts), path
        assert not list(tree.iter("img")) + list(tree.iter("style")), path
        assert [
            link.get("href", "").partition("?")[0] for link in tree.iter("link") if link.get("rel") == "stylesheet"
        ] == ["/static/katalod.css"]
        for element in tree.iter():
            assert not any(name.startswith("on") or name == "style" for name in element.keys()), path  # noqa: SIM118
            href = element.get("href") or element.get("src") or "/"
            assert href.startswith(("/", "http://", "https://", "mailto:", "#")), (path, href)
        for element in [one for one in tree.iter() if one.get("class") in ("citation", "address")]:
            element.text, element[:] = None, []  # a web address is meant to be read, and copied, here
        assert "://" not in visible(tree), path
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_every_link_of_ours_leads_somewhere(client: FlaskClient) -> None:
    targets = set()
    for path in every_page(client)[:-1]:  # the last one is not there
        tree = html5lib.parse(client.get(path, headers=BROWSER).text, namespaceHTMLElements=False)
        links = {e.get("href", "") for e in tree.iter() if e.get("href", "").startswith("/")}
        targets |= {
            link for link in links if not link.startswith(("/sparql?", "/dumps/0"))
        }  # no engine here, and files made on demand
    assert len(targets) > 50
    assert {target for target in targets if client.get(target).status_code not in (200, 302, 303)} == set()


def test_the_page_of_the_first_record(client: FlaskClient) -> None:
    answer = client.get(f"/doc/{WORK}", headers=BROWSER)
    text = visible(answer)
    for part in (
        "Migration und Teilhabe in städtischen Wohnquartieren", "978-3-88118-676-6", "28. Mai 2021", "Bericht",
        "Partizipation", "Stadtviertel (ähnlich)", "Soziale Integration (verwandt)", "Deutsch", "Englisch",
        "CC0 1.0", "Turtle", "JSON-LD", "N-Triples", "N-Quads", "RDF/XML", "Zitieren", "Über diesen Datensatz",
    ):  # fmt: skip
        assert part in text, part
    for href in (
        "https://d-nb.info/gnd/4044789-3",
        "/doc/difu/581658.ttl",
        "https://repository.difu.de/handle/difu/581658",
    ):
        assert f'href="{href}"' in answer.text
    tree = html5lib.parse(answer.text, namespaceHTMLElements=False)
    assert {e.get("lang") for e in tree.iter("div") if e.get("class") == "abstract"} == {"de", "en"}
    assert "Stadtviertel (close)" in visible(client.get(f"/doc/{WORK}?lang=en", headers=BROWSER))
    assert 'href="/doc/keyword/' not in answer.text  # a keyword is linked as the thing that it is
    assert 'href="/id/keyword/teilhabe?lang=en"' in client.get(f"/doc/{WORK}?lang=en", headers=BROWSER).text


def test_the_page_of_a_keyword_gives_the_evidence_and_the_works(client: FlaskClient) -> None:
    text = visible(client.get("/doc/keyword/teilhabe", headers=BROWSER))
    for part in (
        "Partizipation",
        "von Hand entschieden",
        "80 %",
        "Begründung",
        "Migration und Teilhabe in städtischen",
    ):
        assert part in text, part
    assert "mit keinem Begriff der GND verknüpft" in visible(
        client.get("/doc/keyword/forschungsprojekt", headers=BROWSER)
    )


def test_live_html_in_the_data_stays_text(client: FlaskClient) -> None:
    answer = client.get(f"/doc/{HOSTILE}.html")
    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text
    assert "49" not in visible(answer)


def test_the_front_page_negotiates(client: FlaskClient) -> None:
    page = client.get("/", headers=BROWSER)
    assert "Katalog als Linked Open Data" in visible(page)
    assert page.headers["Content-Location"] == "/index.html"
    quads = list(parse(client.get("/").data, format=RdfFormat.TURTLE))
    assert {str(quad.subject) for quad in quads} >= {"<https://data.example.org/#dataset>"}
    assert client.get("/index.jsonld").content_type == "application/ld+json"
    assert client.get("/index.exe").status_code == 404
    assert client.get("/.well-known/void").headers["Location"] == "/"


def test_search_finds_and_pages(client: FlaskClient) -> None:
    assert WORK in client.get("/search?q=Wohnquartieren", headers=BROWSER).text
    found = json.loads(client.get("/search?q=Wohnquartieren", headers={"Accept": "application/json"}).text)
    assert [work["path"] for work in found["works"]] == [WORK]
    assert "Nichts gefunden" in visible(client.get("/search?q=qqqq", headers=BROWSER))
    for odd in (
        "q=%00",
        "q=" + "(" * 400,
        'q="',
        "q=title:",
        "page=-1",
        "page=9999999",
        "page=x&path=1&self=2",
        "q=%FF",
    ):
        assert client.get(f"/search?{odd}", headers=BROWSER).status_code == 200, odd


def test_quality_names_the_records_in_the_readers_language(client: FlaskClient) -> None:
    rows = shape_rows(client)
    assert rows
    name = rows[0]["shape"]
    found = json.loads(client.get(f"/quality/{name}", headers={"Accept": "application/json"}).text)["findings"]
    assert found[0]["de"] in client.get(f"/quality/{name}?lang=de").text.replace("&#34;", '"').replace("&#39;", "'")


def test_a_rule_says_what_it_means_and_calls_fields_as_people_do(client: FlaskClient) -> None:
    name = "record-language"
    for tongue, said, field in (
        ("de", "Keine Sprache des Werks.", "Sprache"),
        ("en", "No language of the work.", "Lang"),
    ):
        assert said in client.get(f"/quality/?lang={tongue}", headers=BROWSER).text
        page = client.get(f"/quality/{name}?lang={tongue}", headers=BROWSER).text
        assert f"<td>{field}" in page
        assert "dcterms:language" not in page


def test_changes_are_counted_on_every_page(client: FlaskClient) -> None:
    first, beyond = (client.get(f"/changes/?page={n}", headers={"Accept": "application/json"}).json for n in (1, 99))
    assert [change["path"] for change in first["changes"]] == [GONE]
    assert (first["total"], beyond) == (1, {"total": 1, "changes": []})


def test_a_request_sees_one_release(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue, asked = app.extensions["katalod"], []
    edition = catalogue.edition()
    monkeypatch.setattr(catalogue, "edition", lambda: asked.append(1) or edition)
    for number in (1, 2):
        assert app.test_client().get(f"/doc/{WORK}", headers=BROWSER).status_code == 200
        assert len(asked) == number


def test_the_dump_is_immutable_and_comes_in_parts(client: FlaskClient) -> None:
    moved = client.get("/dumps/latest.nq.gz")
    assert moved.status_code == 302
    dump = client.get(moved.headers["Location"])
    assert "immutable" in dump.headers["Cache-Control"]
    lines = gzip.decompress(dump.data).splitlines()
    assert lines == sorted(lines)
    part = client.get(moved.headers["Location"], headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, dump.data[10:20])
    for odd in ("/dumps/..%2f..%2fmanifest.nq.gz", "/dumps/x.nq.gz", "/dumps/%00.nq.gz"):
        assert client.get(odd).status_code == 404


def test_operation(client: FlaskClient) -> None:
    assert client.get("/health/live").status_code == client.get("/health/ready").status_code == 200
    client.get("/nothing")
    figures = client.get("/metrics").text
    assert 'katalod_requests_total{status="404"}' in figures
    assert 'katalod_count{of="works"} 2' in figures
    assert "Disallow: /sparql" in client.get("/robots.txt").text
    assert client.get("/favicon.svg").content_type.startswith("image/svg+xml")


def test_before_the_first_release_it_says_what_to_do(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "nothing")
    client = create_app(settings, Catalogue(settings)).test_client()
    for path in ("/", f"/doc/{WORK}", "/search", "/quality/", "/dumps/"):
        answer = client.get(path, headers=BROWSER)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        assert "katalod publish" in visible(answer)
        assert str(tmp_path) not in answer.text
    assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready").status_code == 503
    assert "katalod_ready 0" in client.get("/metrics").text


def test_a_mistake_of_ours_is_not_shown(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: object, limit: int, offset: int) -> None:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(type(app.extensions["katalod"].edition()), "changes", broken)
    answer = app.test_client().get("/changes/", headers=BROWSER)
    assert answer.status_code == 500
    assert "42" not in visible(answer)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("error", "status"), [(QueryError, 400), (QueryTimeout, 503), (StoreError, 503), (Busy, 503), (ReleaseError, 500)]
)
def test_the_nearest_class_of_an_error_decides_its_status(error: type[StoreError], status: int) -> None:
    assert status_of(error("x")) == status


@pytest.mark.parametrize("path", ["/katalog", ""])
def test_below_a_path_links_bear_it_whether_the_proxy_strips_it_or_not(settings: Settings, path: str) -> None:
    from dataclasses import replace

    below = replace(settings, base="https://data.example.org/katalog/")
    client = create_app(below, Catalogue(settings)).test_client()
    assert client.get(f"{path}/id/{WORK}").headers["Location"] == f"/katalog/doc/{WORK}"
    page = client.get(f"{path}/doc/{WORK}", headers=BROWSER)
    assert page.status_code == 200
    tree = html5lib.parse(page.text, namespaceHTMLElements=False)
    ours = [e.get("href", "") for e in tree.iter() if e.get("href", "").startswith("/")]
    assert all(href.startswith("/katalog/") for href in ours)
    assert client.get(f"{path}/" if path else "/").status_code == 200


HOSTILE_PATHS = [
    "/doc/..", "/doc/../../etc/passwd", "/doc/%2e%2e/%2e%2e/etc/passwd", "/doc//", "//evil.example/doc", "/doc//difu/581658",
    "/doc/difu//581658", "/id/%00", "/doc/%0d%0aX: y", "/doc/" + "a/" * 5000, "/doc/" + "%41" * 3000, "/doc/%ff%fe", "/doc/<>",
    '/doc/"{}|\\^`', "/id/difu/581658%2ettl", "/doc/.ttl", "/doc/.", "/static/../__init__.py", "/static/%2e%2e/locale/de.po",
    "/doc/%F0%9F%92%A9", "/quality/" + "x" * 9000, "/doc/keyword/", "/doc/keyword//", "/id/keyword/%23", "/doc/a#b", "/doc/%3F",
]  # fmt: skip


@pytest.mark.parametrize("path", HOSTILE_PATHS, ids=lambda path: path[:30])
def test_hostile_paths_end_in_an_honest_answer(client: FlaskClient, path: str) -> None:
    for headers in (BROWSER, {"Accept": "text/turtle"}, {"Accept": "application/ld+json"}, {}):
        answer = client.get(path, headers=headers, base_url="http://data.example.org")
        assert answer.status_code in (200, 303, 400, 404), (path, answer.status_code)
        assert "passwd" not in answer.headers.get("Location", "")
        assert "X" not in answer.headers


@pytest.mark.parametrize(
    "path", ["", ".", "..", "a/../b", "a//b", "/a", "a/", "a\x00", "a\n", "a\x85", "\ufffd", "a" * 1001]
)
def test_the_store_is_not_asked_about_impossible_paths(path: str) -> None:
    assert not possible(path)
    assert possible("tib/1:2~ä.x")


@pytest.mark.parametrize("host", ["evil.example", "", "a b", "x\x01", "[::1", "a" * 5000, "evil.example:99999999"])
def test_no_host_header_reaches_an_answer(client: FlaskClient, host: str) -> None:
    for path in (f"/id/{WORK}", f"/doc/{WORK}", "/quality", "/doc//x", "/"):
        answer = client.get(path, headers=BROWSER | {"Host": host})
        assert answer.status_code in (200, 303, 400, 404)
        assert "evil" not in str(answer.headers) + answer.text


@examples(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.text(st.characters(codec="utf-8"), max_size=40),
    accept=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40),
    tongue=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
)
def test_no_request_is_a_mistake_of_ours(client: FlaskClient, path: str, accept: str, tongue: str) -> None:
    from urllib.parse import quote

    for room in ("/", "/doc/", "/id/", "/doc/keyword/", "/quality/", "/search?q="):
        answer = client.get(room + quote(path), headers={"Accept": accept, "Accept-Language": tongue})
        assert answer.status_code in (200, 303, 404, 406), (room, path)
