"""Search, suggestions, headings, browsing and citations over a real release; and what strangers may send."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse
from tests.conftest import dim_page, dim_record, silent, work_fields, works_page
from werkzeug.test import Client
from werkzeug.wrappers import Response

from katalod import pipeline
from katalod.assets import asset
from katalod.catalogue import Catalogue
from katalod.describing import SERVICES
from katalod.errors import SettingsError
from katalod.settings import Settings
from katalod.web import create_app, create_server_app
from katalod.web.finding import FORMS

WORK = "difu/581658"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Accept-Language": "de"}
ATTACK = '</title></script><!-- <script>alert("1")</script> <img src=x onerror=alert(2)> {{ 7*7 }} & } \\x ]]>'
HEADING = "4066794-7"  # Wohnungsmarkt


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("finding")
    hostile = [("title", ATTACK, "de"), ("type", "Bericht", "de"), ("subject", ATTACK, "de"), ("subject", "Landwirtschaftsstatistik", "de"), ("subject", "Tourismus", "de"),
               ("description.abstract", ATTACK, "de"), ("contributor.author", ATTACK, None), ("publisher", ATTACK, None)]  # fmt: skip
    broken = dim_record("oai:repository.example.org:difu/667", [("type", "Bericht", "de")])  # without a title
    (folder / "works.xml").write_text(works_page(range(1, 41)), "utf-8")
    (folder / "odd.xml").write_text(dim_page([dim_record("oai:x.example.org:difu/666", hostile), broken]), "utf-8")
    found = Settings(
        base="https://data.example.org/", home=folder / "home", publish_jobs=1, dataset_contact="a@example.org"
    )
    pipeline.publish(
        found, (str(asset("data/difu-581658.dim.xml")), str(folder / "works.xml"), str(folder / "odd.xml")), silent
    )
    changed = [("title", "Der geänderte Bericht", "de"), *work_fields(7)[1:]]
    (folder / "later.xml").write_text(
        dim_page([dim_record("oai:repository.example.org:difu/7", changed, "2024-06-01T00:00:00Z")]), "utf-8"
    )
    pipeline.publish(found, (str(folder / "later.xml"),), silent)
    return found


def found(client: FlaskClient, query: str) -> list[str]:
    return [work["path"] for work in client.get(f"/search?{query}&format=json").get_json()["works"]]


def test_a_search_answers_in_every_form_by_name_and_by_header(client: FlaskClient) -> None:
    for name, media in FORMS.items():
        named = client.get(f"/search?q=Wohnungsmarkt&format={name}")
        assert (named.status_code, named.content_type.partition(";")[0]) == (200, media)
        asked = client.get("/search?q=Wohnungsmarkt", headers={"Accept": media})
        assert asked.content_type.partition(";")[0] == media
        if name not in ("rss", "turtle"):
            assert asked.data == named.data
        assert (
            client.get(
                f"/search?q=Wohnungsmarkt&format={name}", headers={"If-None-Match": named.headers["ETag"]}
            ).status_code
            == 304
        )
    assert client.get("/search?q=x&format=exe").status_code == 406
    assert client.get("/search?q=x", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize("form", ["bibtex", "ris", "csl", "rss"])
def test_what_is_exported_in_two_languages_has_two_validators(client: FlaskClient, form: str) -> None:
    address = f"/search?q=Wohnungsmarkt&format={form}"
    german, english = (client.get(address, headers={"Accept-Language": tag}).headers["ETag"] for tag in ("de", "en"))
    assert german != english
    again = client.get(address, headers={"Accept-Language": "en", "If-None-Match": german})
    assert again.status_code == 200


def test_what_is_found_is_the_same_in_every_form(client: FlaskClient) -> None:
    query = f"q={quote('städtischen')}"
    paths = found(client, query)
    assert paths == [WORK]
    (work,) = client.get(f"/search?{query}&format=json").get_json()["works"]
    assert work["snippet"].startswith("Internationale Migrations- und Fluchtbewegungen")  # as the title: German
    assert [json.loads(line)["path"] for line in client.get(f"/search?{query}&format=jsonl").text.splitlines()] == paths
    rss = ElementTree.fromstring(client.get(f"/search?{query}&format=rss").text)
    assert [item.text for item in rss.findall("channel/item/link")] == [
        f"https://data.example.org/id/{path}" for path in paths
    ]
    assert [one["id"] for one in client.get(f"/search?{query}&format=csl").get_json(force=True)] == paths
    assert client.get(f"/search?{query}&format=bibtex").text.startswith("@techreport{difu-581658,\n")
    assert "\r\nER  - \r\n" in client.get(f"/search?{query}&format=ris").text
    turtle = list(parse(client.get(f"/search?{query}&format=turtle").data, format=RdfFormat.TURTLE))
    assert any("Wohnquartieren" in str(quad.object) for quad in turtle)


def test_facets_narrow_count_and_lead_back(client: FlaskClient) -> None:
    whole = client.get("/search?format=json").get_json()
    assert whole["total"] == 42
    for name, counts in whole["facets"].items():
        for value, count in list(counts.items())[:3]:
            narrowed = client.get(f"/search?format=json&{name}={quote(value)}").get_json()
            assert narrowed["total"] == count, (name, value)
    page = client.get("/search?keyword=klimaschutz&type=coar:c_93fc", headers=BROWSER).text
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    chosen = next(e for e in tree.iter("ul") if e.get("class") == "chosen")
    assert {urlsplit(a.get("href", "")).query for a in chosen.iter("a")} == {
        "keyword=klimaschutz",
        "type=coar%3Ac_93fc",
    }
    assert found(client, "from=2000&to=2003") == found(client, "year=2000-2003") == found(client, "q=year:2000-2003")


def test_a_variant_of_a_heading_finds_the_work(client: FlaskClient) -> None:
    assert found(client, "q=Fremdenverkehr") == ["difu/666"]  # it says Tourismus
    labels = [one["label"] for one in client.get("/suggest?q=fremdenv").get_json()["suggestions"]]
    assert labels == ["Tourismus"]


def test_pages_of_results_hang_together(client: FlaskClient) -> None:
    first, second = (client.get(f"/search?page={n}&format=jsonl") for n in (1, 2))
    paths = [json.loads(line)["path"] for answer in (first, second) for line in answer.text.splitlines()]
    assert len(paths) == len(set(paths)) == 42
    assert 'rel="next"' in first.headers["Link"]
    assert 'rel="prev"' in second.headers["Link"]
    assert len(client.get("/search?size=100&format=jsonl").text.splitlines()) == 42


BAD = [
    "q=???", "q=%00%01", 'q="', "q=%22%22", "q=title:", "q=nix:wort", "q=((((", "q=-", "q=*", "q=a*", "page=1000000000", "page=-1",
    "page=9" + "9" * 400, "lang=xx", "language=tlh", "keyword=nix", "heading=nix", "heading=%22%3E", "type=nix:nix", "type=://",
    "year=nix", "year=99999-1", "from=x&to=y", "from=2000", "sort=nix", "facet=nix", "size=9999999", "person=" + "x" * 5000,
    "&".join(f"keyword=k{n}" for n in range(300)), "q=" + "a+" * 200, "q=%FF%FE", "q=AND+OR+NOT",
]  # fmt: skip


@pytest.mark.parametrize("query", BAD, ids=lambda query: query[:24])
def test_odd_searches_end_in_a_friendly_page(client: FlaskClient, query: str) -> None:
    page = client.get(f"/search?{query}", headers=BROWSER)
    assert page.status_code == 200
    assert len(list(html5lib.parse(page.text, namespaceHTMLElements=False).iter("h1"))) == 1
    assert client.get(f"/suggest?{query}").status_code == 200
    assert client.get(f"/browse/people/?{query}", headers=BROWSER).status_code == 200


def test_a_search_of_ten_kilobytes_is_refused_kindly(client: FlaskClient) -> None:
    page = client.get("/search?q=" + "Stadt+" * 1700, headers=BROWSER)
    assert page.status_code == 400
    assert "zu lang" in page.text
    assert client.get("/search?q=" + "x" * 10_000, headers={"Accept": "application/json"}).status_code == 400


def test_links_repeat_no_more_of_a_search_than_is_read(client: FlaskClient) -> None:
    began = time.monotonic()
    page = client.get("/search?" + "&".join(f"type=a{n}" for n in range(5000)), headers=BROWSER)
    assert (page.status_code, time.monotonic() - began < 2) == (200, True)
    assert max(map(len, re.findall(r'href="([^"]*)"', page.text))) < 1000
    assert "x" * 501 not in client.get("/search?person=" + "x" * 5000, headers=BROWSER).text


@examples(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pairs=st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "q",
                    "page",
                    "year",
                    "from",
                    "to",
                    "type",
                    "keyword",
                    "heading",
                    "person",
                    "sort",
                    "size",
                    "lang",
                    "letter",
                ]
            ),
            st.text(st.characters(codec="utf-8"), max_size=30),
        ),
        max_size=5,
    ),
    form=st.sampled_from(["", "json", "rss", "turtle", "bibtex"]),
)
def test_no_search_is_a_mistake_of_ours(client: FlaskClient, pairs: list[tuple[str, str]], form: str) -> None:
    query = "&".join(f"{name}={quote(value)}" for name, value in pairs)
    assert client.get(f"/search?format={form or 'html'}&{query}").status_code == 200
    for way in ("suggest", "browse/", "browse/headings/", "browse/years/"):
        assert client.get(f"/{way}?{query}").status_code == 200
    assert client.get(f"/browse/people/?{query}").status_code in (200, 404)


def test_suggestions_lead_somewhere(client: FlaskClient) -> None:
    rows = client.get("/suggest?q=wohn&lang=de").get_json()["suggestions"]
    assert {"Wohnungsmarkt"} <= {row["label"] for row in rows}
    assert {row["kind"] for row in rows} >= {"keyword", "heading"}
    rows += (
        client.get("/suggest?q=muster").get_json()["suggestions"]
        + client.get("/suggest?q=bericht+1").get_json()["suggestions"]
    )
    assert {row["kind"] for row in rows} == {"keyword", "heading", "person", "work"}
    for row in rows:
        assert client.get(row["href"], headers=BROWSER).status_code == 200, row
        assert row["works"] > 0


def test_the_page_of_a_heading(client: FlaskClient) -> None:
    page = client.get(f"/heading/{HEADING}", headers=BROWSER)
    assert page.status_code == 200
    assert "Wohnungsmarkt" in page.text
    assert f"/doc/{WORK}" in page.text
    assert f'href="https://d-nb.info/gnd/{HEADING}"' in page.text
    assert "/id/keyword/wohnungsmarkt" in page.text
    turtle = client.get(f"/heading/{HEADING}.ttl")
    assert {str(quad.subject) for quad in parse(turtle.data, format=RdfFormat.TURTLE)} == {
        f"<https://d-nb.info/gnd/{HEADING}>"
    }
    for odd in ("4066794-8", "nix", "..", "%00", "4066794-7/x", "4066794-7.exe"):
        assert client.get(f"/heading/{odd}", headers=BROWSER).status_code == 404


def test_narrower_headings_count_for_the_broader(app: Flask, client: FlaskClient) -> None:
    edition = app.extensions["katalod"].edition()
    pairs = [
        (iri, edition.headings.above(iri))
        for iri, _ in ((f"https://d-nb.info/gnd/{id}", n) for id, n in edition.index.values("heading", 99))
    ]
    narrow, way = next((iri, way) for iri, way in pairs if way)
    below = client.get(f"/heading/{way[-1].rpartition('/')[2]}", headers=BROWSER).text
    assert narrow in edition.headings.narrower(way[0])
    for path in found(client, f"heading={narrow.rpartition('/')[2]}"):
        assert path in found(client, f"heading={way[-1].rpartition('/')[2]}&size=200")
    assert "crumbs" in client.get(f"/heading/{narrow.rpartition('/')[2]}", headers=BROWSER).text
    assert 'class="facet"' in below
    (keyword, _), *_ = edition.headings.keywords_for(narrow)
    page = client.get(f"/doc/{keyword.removeprefix(f'{edition.release.base}id/')}", headers=BROWSER).text
    for place in (narrow, *way):
        assert f'href="/heading/{place.rpartition("/")[2]}"' in page


def test_browsing_reaches_every_work(client: FlaskClient) -> None:
    years = client.get("/browse/years/", headers=BROWSER).text
    tree = html5lib.parse(years, namespaceHTMLElements=False)
    links = {a.get("href", "") for ul in tree.iter("ul") if "facet" in ul.get("class", "") for a in ul.iter("a")}
    paths = {path for link in links for path in found(client, link.partition("?")[2])}
    assert len(paths) == 41  # all but the one without a year
    people = client.get("/browse/people/?letter=m", headers=BROWSER).text
    assert "Muster, Maria 3" in people
    assert client.get("/browse/people/?letter=%C3%A4", headers=BROWSER).status_code == 404


@pytest.mark.parametrize("suffix", ["bib", "ris", "csl.json"])
def test_a_citation_can_be_taken_home(client: FlaskClient, suffix: str) -> None:
    answer = client.get(f"/doc/difu/7.{suffix}")
    assert answer.status_code == 200
    assert "Muster" in answer.text
    assert "1997" in answer.text
    assert "charset" in answer.content_type or "json" in answer.content_type
    assert f'href="/doc/difu/7.{suffix}"' in client.get("/doc/difu/7", headers=BROWSER).text
    assert client.get(f"/doc/nix.{suffix}").status_code == 404
    assert client.get(f"/doc/keyword/teilhabe.{suffix}").status_code == 404


def test_hostile_values_stay_values_in_every_citation(client: FlaskClient) -> None:
    bib = client.get("/doc/difu/666.bib").text
    depth = 0
    for character in re.sub(r"\\[{}\\]|\\textbackslash\{\}|\\textasciitilde\{\}|\\\^\{\}", "", bib):
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    ris = client.get("/doc/difu/666.ris").text
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in ris.split("\r\n") if line)
    (item,) = client.get("/doc/difu/666.csl.json").get_json(force=True)
    assert "{{ 7*7 }}" in item["title"]
    for form in ("rss", "json", "jsonl", "csl"):
        answer = client.get(f"/search?q=difu/666&format={form}")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        if form == "rss":
            assert any("{{ 7*7 }}" in (e.text or "") for e in ElementTree.fromstring(answer.text).iter("title"))


@pytest.mark.parametrize(
    "path",
    ["/search?q={}", "/search?person={}", "/search?keyword={}&heading={}&type={}&year={}", "/suggest?q={}", "/doc/{}", "/heading/{}",
     "/quality/{}", "/quality/record/{}", "/search?lang={}&sort={}"],
)  # fmt: skip
def test_hostile_parameters_come_out_as_text(client: FlaskClient, path: str) -> None:
    text = client.get(path.replace("{}", quote(ATTACK, safe="")), headers=BROWSER).text
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "49" not in text.replace("&#", "").replace("49 ", "") or "7*7" in text


def test_a_works_page_says_all_that_belongs_to_it(client: FlaskClient) -> None:
    page = client.get("/doc/difu/7", headers=BROWSER).text
    assert '<meta name="citation_title" content="Der geänderte Bericht">' in page
    assert '<meta name="citation_author" content="Muster, Maria 0">' in page
    assert 'class="Z3988" title="ctx_ver=Z39.88-2004&amp;' in page
    assert "Werke mit denselben Begriffen" in page
    assert "Geschichte dieses Datensatzes" in page
    assert page.index("geändert</") if "geändert</" in page else "geändert ·" in page
    assert page.count("aufgenommen") == 1
    assert "Nachbarschaft" in page
    assert 'data-iri="https://data.example.org/id/difu/7"' in page


def test_quality_pages_lead_to_the_records(client: FlaskClient) -> None:
    overview = client.get("/quality/", headers=BROWSER).text
    assert "/quality/quarantined" in overview
    held = client.get("/quality/quarantined", headers={"Accept": "application/json"}).get_json()
    assert held["total"] > 0
    path = held["findings"][0]["path"]
    assert f"/quality/record/{path}" in client.get("/quality/quarantined", headers=BROWSER).text
    assert client.get(f"/quality/record/{path}", headers=BROWSER).status_code == 200
    assert client.get(f"/doc/{path}").status_code == 404
    assert "/quality/links" in overview
    assert len(client.get("/quality/", headers={"Accept": "application/json"}).get_json()["releases"]) == 2


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_page_of_the_data_lists_every_interface(client: FlaskClient, settings: Settings, lang: str) -> None:
    page = html5lib.parse(client.get(f"/dumps/?lang={lang}", headers=BROWSER).text, namespaceHTMLElements=False)
    listed = {e.get("href"): e.get("data-iri") for e in page.iter("a") if e.get("data-iri")}
    for name in ("sparql", *(one.address for one in SERVICES), "search?format=json", "sitemap.xml"):
        assert listed[f"/{name}"] == settings.base + name
    assert {href: client.get(href).status_code for href in listed} == dict.fromkeys(listed, 200)
    data = client.get("/dumps/", headers={"Accept": "application/json"}).get_json()
    assert set(data["interfaces"].values()) == set(listed)


def every_link(client: FlaskClient) -> Iterator[tuple[str, Response]]:
    """Follow every link of ours from the front page on, each once; searches no deeper than from a page that is none."""
    waiting, seen = ["/?lang=de"], {"/?lang=de"}
    while waiting:
        address = waiting.pop()
        answer = client.get(address, headers=BROWSER)
        yield address, answer
        if not answer.content_type.startswith("text/html") or address.startswith("/search?"):
            continue
        tree = html5lib.parse(answer.text, namespaceHTMLElements=False)
        ids = {e.get("id") for e in tree.iter()}
        for element in tree.iter():
            href = element.get("href") or element.get("src") or element.get("action") or ""
            assert not href.startswith("#") or href[1:] in ids, (address, href)
            target = href.partition("#")[0]
            if target.startswith("/") and target not in seen and not re.match(r"/sparql|/dumps/.*\.gz", target):
                seen.add(target)
                waiting.append(target)


def test_every_link_of_a_small_release_resolves_and_every_page_is_sound(client: FlaskClient) -> None:
    bad, pages, answers = [], 0, 0
    for address, answer in every_link(client):
        answers += 1
        if answer.status_code not in (200, 302, 303):
            bad.append((address, answer.status_code))
        if answer.content_type.startswith("text/html") and answer.status_code == 200:
            pages += 1
            if pages % 7 == 0:
                html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(answer.text)
    assert not bad, bad
    assert answers > 400
    assert pages > 200


def test_hot_answers_are_those_of_the_application(settings: Settings) -> None:
    catalogue = Catalogue(settings)
    hot = Client(create_server_app(settings, catalogue), Response)
    plain = Client(create_app(settings, catalogue), Response)
    paths = ["/", "/index.html", f"/doc/{WORK}", f"/doc/{WORK}.ttl", "/doc/difu/7.bib", "/search?q=Stadt", "/search?q=Stadt&format=rss",
             "/suggest?q=wo", "/heading/4066794-7", "/quality/", "/releases/", "/changes/", "/browse/", "/nix", "/health/ready", "/id/difu/7"]  # fmt: skip
    for path in paths:
        for headers in (BROWSER, BROWSER | {"Accept-Language": "en"}, {"Accept": "text/turtle"}, {}):
            for more in ({}, {"If-None-Match": plain.get(path, headers=headers).headers.get("ETag", '"x"')}):
                for method in ("GET", "HEAD"):
                    one = plain.open(path, method=method, headers=headers | more)
                    for _ in range(2):
                        other = hot.open(path, method=method, headers=headers | more)
                        assert (other.status, other.data) == (one.status, one.data), (path, headers, more, method)
                        assert sorted(other.headers) == sorted(one.headers), (path, headers, more, method)
    catalogue.close()


def test_the_house_can_make_the_pages_its_own(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "imprint.txt").write_text(
        "# Wer\n\n<b>Difu</b>, mail@example.org, https://difu.de.\n\n- eins\n- zwei\n", "utf-8"
    )
    (tmp_path / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    house = replace(
        settings, site_name="Das Haus", site_logo=str(tmp_path / "logo.svg"), site_colour="#7a1f5c",
        site_imprint=str(tmp_path / "imprint.txt"), site_privacy="https://example.org/datenschutz",
    )  # fmt: skip
    client = create_app(house, Catalogue(settings)).test_client()
    front = client.get("/", headers=BROWSER).text
    assert "Das Haus" in front
    assert 'href="https://example.org/datenschutz"' in front
    assert "--accent: #7a1f5c; --on-accent: #ffffff;" in client.get("/static/katalod.css").text
    assert client.get("/logo").content_type.startswith("image/svg+xml")
    imprint = client.get("/imprint", headers=BROWSER).text
    assert "&lt;b&gt;Difu&lt;/b&gt;" in imprint
    assert 'href="https://difu.de"' in imprint
    assert 'href="mailto:mail@example.org"' in imprint
    assert client.get("/privacy").headers["Location"] == "https://example.org/datenschutz"
    html5lib.HTMLParser(strict=True).parse(imprint)


@pytest.mark.parametrize(
    "wrong",
    [{"site_colour": "red"}, {"site_colour": "#ffff00"}, {"site_colour_dark": "#111111"}, {"site_logo": "nix.svg"},
     {"site_logo": "https://example.org/a.svg"}, {"site_imprint": "nix.txt"}],
)  # fmt: skip
def test_what_the_pages_could_not_show_is_refused(settings: Settings, wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        create_app(replace(settings, **wrong), Catalogue(settings))  # type: ignore[arg-type]
