"""Matching a stranger's data with a release: what is found, what is certain, what is taken away, and bad requests."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from tests.conftest import Fields, dim_record
from tests.federation import ORIGIN, Site, deletion, served, work
from tests.unit.test_reconciliation import likely

from katalod.pipeline.partition import loaded_authority
from katalod.web.reconciliation.asking import MOST_IDS, MOST_QUERIES
from katalod.web.reconciliation.entities import TYPES

ORCID = "https://orcid.org/0000-0002-1825-0097"
DORF, MARKT, TEILHABE = (f"https://d-nb.info/gnd/{id}" for id in ("4012775-8", "4066794-7", "4044789-3"))
HOSTILE = 'Titel "onload=alert(1) <x-frame src=javascript:alert(2)> {{ 7*7 }}'  # what the records' cleaning leaves


def record(number: int, *fields: tuple[str, str]) -> str:
    rows: Fields = [(name, value, "de" if name in ("title", "subject", "type") else None) for name, value in fields]
    return dim_record(f"{ORIGIN}:difu/{number}", rows)


RECORDS = (
    record(
        100, ("title", "Dörfer im Wandel"), ("contributor.author", "Beispiel, Berta"), ("date.issued", "2001"),
        ("publisher", "Dorf-Verlag"), ("identifier.isbn", "978-3-16-148410-0"), ("identifier.doi", "10.5555/Dorf.1"),
        ("identifier.urn", "urn:nbn:de:0168-ssoar-1"), ("subject", "Dorf"), ("type", "Bericht"), ("language.iso", "de"),
        ("identifier.uri", "https://repository.example.org/handle/difu/100"),
    ),
    record(101, ("title", "Jahresbericht"), ("contributor.author", "Amt A"), ("date.issued", "2001")),
    record(102, ("title", "Jahresbericht"), ("contributor.author", "Amt A"), ("date.issued", "2002")),
    record(103, ("title", "Jahresbericht"), ("contributor.author", "Amt B"), ("date.issued", "2002")),
    record(104, ("title", HOSTILE), ("contributor.author", HOSTILE), ("subject", HOSTILE)),
    record(105, ("title", "Band 1"), ("identifier.isbn", "9783161484100"), ("contributor.author", "Beispiel, Berta")),
    record(106, ("title", "Wohnen, Arbeiten und Verkehr in der wachsenden Stadt"), ("contributor.author", "Muster, M."),
           ("date.issued", "1999"), ("subject", "Wohnungsmarkt")),
)  # fmt: skip


def known(number: int, name: str, title: str) -> str:
    """A work by a person whom the source identifies."""
    return record(number, ("title", title), ("contributor.author", name)).replace(
        'qualifier="author">', f'qualifier="author" authority="{ORCID.rpartition("/")[2]}" confidence="600">'
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("reconciliation")) as found:
        known_ones = (
            known(110, "Carberry, Josiah", "Psychoceramics"),
            record(111, ("title", "Töpfe"), ("contributor.author", "Carberry, Josiah")),
        )
        found.publish((*RECORDS, *known_ones, *(work(number) for number in range(12))))
        yield found


@pytest.fixture(scope="module")
def client(site: Site) -> FlaskClient:
    return site.client()


def asked(client: FlaskClient, **query: Any) -> list[dict[str, Any]]:
    answer = client.post("/reconcile", data={"queries": json.dumps({"q0": query})})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["q0"]["result"]
    assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)
    assert all(0 <= one["score"] <= 100 for one in found)
    assert [one["match"] for one in found].count(True) <= 1 and not any(one["match"] for one in found[1:])
    return found


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in found]


def matched(client: FlaskClient, **query: Any) -> str:
    return next((one["id"] for one in asked(client, **query) if one["match"]), "")


def given_as(**values: Any) -> list[dict[str, Any]]:
    return [{"pid": name, "v": value} for name, value in values.items()]


# -- works


def test_an_exact_title_is_found_and_certain_only_with_what_tells_it_from_others(
    client: FlaskClient,
) -> None:
    title = "dörfer IM wandel"
    (first, *_) = asked(client, query=title, type="work")
    assert (first["id"], first["name"], first["score"], first["match"]) == ("difu/100", "Dörfer im Wandel", 100, False)
    assert first["description"] == "Beispiel, Berta · 2001"
    for beside, certain in (
        ({"creator": "Beispiel, Berta"}, True),
        ({"creator": {"id": "person/Beispiel, Berta", "name": "Beispiel, Berta"}}, True),
        ({"contributor": "berta beispiel"}, True),
        ({"creator": ["Beispiel, Berta", "Beispiel, Berta"]}, True),
        ({"year": "2001"}, False),
        ({"year": 2001, "publisher": "Dorf-Verlag"}, True),
        ({"year": "2001-05-01", "keyword": "Dorf", "language": "ger"}, False),
        ({"creator": {"id": "person/Beispiel, Berta"}, "heading": {"id": DORF}}, True),
        ({"creator": "Beispiel, Berta", "year": "1990"}, False),
        ({"creator": "Muster, Maria"}, False),
        ({"creator": "Beispiel, Bertha"}, False),
        ({"creator": "Beispiel, Berta", "doi": "10.5555/other"}, False),
        ({"creator": "Beispiel, Berta", "publisher": "Verlag anders"}, True),
        ({"creator": "Beispiel, Berta", "language": "deutsch"}, True),
        ({"nobody-knows": "x", "creator": ""}, False),
    ):
        assert (matched(client, query=title, type="work", properties=given_as(**beside)) == "difu/100") is certain, (
            beside
        )


def test_of_several_works_of_a_title_the_properties_choose_one(client: FlaskClient) -> None:
    assert set(ids(asked(client, query="Jahresbericht", type="work"))) == {"difu/101", "difu/102", "difu/103"}
    by = [
        ("Amt A", "2001", "difu/101"),
        ("Amt A", "2002", "difu/102"),
        ("Amt B", "2002", "difu/103"),
        ("Amt B", "1970", ""),
    ]
    for name, year, path in by:
        assert matched(client, query="Jahresbericht", type="work", properties=given_as(creator=name, year=year)) == path
    assert matched(client, query="Jahresbericht", type="work", properties=given_as(creator="Amt A")) == ""
    assert matched(client, query="Jahresbericht", type="work", properties=given_as(creator="Amt B")) == "", (
        "of which year?"
    )
    first = asked(client, query="Jahresbericht", properties=given_as(creator="Amt A", year=2002))[0]
    assert first["features"] == [
        {"id": "name", "value": 100.0}, {"id": "creator", "value": 100.0}, {"id": "year", "value": 100.0},
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "difu/100", "{base}id/difu/100", "{base}doc/difu/100", "10.5555/DORF.1", "doi:10.5555/dorf.1",
        "https://doi.org/10.5555/dorf.1", "urn:nbn:de:0168-ssoar-1", "https://nbn-resolving.org/urn:nbn:de:0168-ssoar-1",
        "https://repository.example.org/handle/difu/100",
    ],
)  # fmt: skip
def test_a_work_is_certain_by_an_identifier(client: FlaskClient, site: Site, text: str) -> None:
    assert matched(client, query=text.format(base=site.url)) == "difu/100"
    assert asked(client, query=text.format(base=site.url))[0]["score"] == 100


def test_identifiers_count_among_the_properties_unless_the_title_is_quite_another(client: FlaskClient) -> None:
    assert matched(client, properties=given_as(doi="https://doi.org/10.5555/dorf.1")) == "difu/100"
    assert matched(client, query="Das Dorf im Wandel", properties=given_as(doi="10.5555/dorf.1")) == "difu/100"
    assert matched(client, query="Etwas ganz anderes", properties=given_as(doi="10.5555/dorf.1")) == ""
    both = asked(client, query="978-3-16-148410-0", type="work")
    assert set(ids(both)) == {"difu/100", "difu/105"}, "an ISBN of two works is certain of none"
    assert matched(client, query="3-16-148410-X") == "" and len(asked(client, query="3-16-148410-X")) == 2
    assert matched(client, query="Band 1", properties=given_as(isbn="3-16-148410-X")) == "difu/105"


def test_titles_with_slips_are_found_and_never_certain(client: FlaskClient) -> None:
    for slip in ("Wohnen, Arbeiten und Verkehr in den wachsenden Städten", "Wohnen, Arbeiten, Verkehr: die wachsende Stadt",
                 "Wohnen und Arbeiten in der wachsenden Stadt"):  # fmt: skip
        (first, *_) = asked(client, query=slip, type="work", properties=given_as(creator="Muster, M.", year="1999"))
        assert (first["id"], first["match"]) == ("difu/106", False) and first["score"] > 80, slip
    assert asked(client, query="Völlig unbekannter Titel", type="work") == []


def test_works_are_found_by_properties_alone(client: FlaskClient) -> None:
    assert ids(asked(client, properties=given_as(creator="Amt A", year="2002"))) == ["difu/102"]
    assert "difu/100" in ids(asked(client, properties=given_as(heading={"id": DORF, "name": "Dorf"})))
    assert "difu/100" in ids(asked(client, properties=given_as(keyword={"id": "keyword/dorf", "name": "Dorf"})))
    assert asked(client, properties=given_as(publisher="Dorf-Verlag")) == []


# -- keywords and headings


def test_keywords_are_certain_by_any_spelling_of_theirs(client: FlaskClient) -> None:
    for text in ("Dorf", "dorf", " DORF ", "keyword/dorf"):
        assert matched(client, query=text, type="keyword") == "keyword/dorf"
    near = asked(client, query="Dörfer", type="keyword")
    assert (ids(near), near[0]["match"]) == (["keyword/dorf"], False), "another word of the same heading is a candidate"
    assert ids(asked(client, query="Wohnungsmarktt", type="keyword")) == ["keyword/wohnungsmarkt"]


def test_headings_are_certain_by_the_rules_of_the_linking(client: FlaskClient, site: Site) -> None:
    for text in ("Dorf", "Dörfer", "dorf", DORF, "4012775-8", "(DE-588)4012775-8", f"{site.url}heading/4012775-8"):
        assert matched(client, query=text, type="heading") == DORF, text
    found = asked(client, query="Wohnungsmärkte", type="heading")[0]
    assert (found["id"], found["name"], found["match"]) == (MARKT, "Wohnungsmarkt", True)
    assert found["type"] == [{"id": "heading", "name": "Begriff der GND"}]
    assert matched(client, query="Partizipation", type="heading") in ("", TEILHABE)
    near = asked(client, query="Teilhabe", type="heading")
    assert ids(near) == [TEILHABE] and not near[0]["match"], 'a person decided that it is "nearly the same"'
    assert matched(client, query="4012775-7", type="heading") == "", "its check digit is wrong"


def test_a_word_that_is_keyword_and_heading_is_certain_once_the_type_is_said(client: FlaskClient) -> None:
    both = asked(client, query="Dorf")
    assert {"keyword/dorf", DORF} <= set(ids(both)) and not any(one["match"] for one in both)
    assert matched(client, query="Dorf", type=["heading", "work"], type_strict="should") == DORF
    assert asked(client, query="Dorf", type=["heading", "work"], type_strict="all") == []
    assert asked(client, query="Dorf", type="Q5") == []
    assert len(asked(client, query="Dorf", limit=1)) == 1


def test_without_an_authority_the_release_has_its_own_headings(site: Site, client: FlaskClient) -> None:
    index = loaded_authority(site.settings)
    assert not index.exists(), "the shipped facts are in use"
    index.write_bytes(b"no index")
    try:
        assert matched(client, query="Dorf", type="heading") == DORF
        assert matched(client, query="Dörfer", type="heading") == "", "no rules but those of spelling"
        partizipation = asked(client, query="partizipation", type="heading")
        assert partizipation[0]["id"] == TEILHABE and partizipation[0]["match"]
    finally:
        index.unlink()


# -- people


def test_a_person_is_certain_by_an_authority_or_by_a_work_never_by_the_name_alone(client: FlaskClient) -> None:
    for text in ("Beispiel, Berta", "Berta Beispiel", "beispiel berta"):
        (first, *_) = asked(client, query=text, type="person")
        assert (first["id"], first["score"], first["match"]) == ("person/Beispiel, Berta", 100, False), text
        assert first["description"] == "2 Werke"
    beside = [({"work": "Dörfer im Wandel"}, True), ({"work": {"id": "difu/100"}}, True), ({"work": "Psychoceramics"}, False),
              ({"work": "Unbekannt"}, False)]  # fmt: skip
    for properties, certain in beside:
        found = matched(client, query="Berta Beispiel", type="person", properties=given_as(**properties))
        assert (found == "person/Beispiel, Berta") is certain, properties
    for text in (ORCID, ORCID.rpartition("/")[2]):
        assert matched(client, query=text) == ORCID
    assert matched(client, query="J. Carberry", type="person", properties=given_as(identifier=ORCID)) == ORCID


def test_two_of_one_name_are_two(client: FlaskClient) -> None:
    found = asked(client, query="Carberry, Josiah", type="person")
    assert set(ids(found)) == {ORCID, "person/Carberry, Josiah"}
    assert matched(client, query="Josiah Carberry", type="person", properties=given_as(work="Psychoceramics")) == ORCID
    assert (
        matched(client, query="Josiah Carberry", type="person", properties=given_as(work="Töpfe"))
        == "person/Carberry, Josiah"
    )


# -- suggestions, preview, view


def test_entities_are_suggested_as_one_types(client: FlaskClient) -> None:
    def suggested(prefix: str, **more: str) -> list[str]:
        return ids(client.get("/reconcile/suggest/entity", query_string={"prefix": prefix} | more).json["result"])

    assert {"keyword/dorf", DORF} <= set(suggested("Dor"))
    assert suggested("Dor", type="heading") == [DORF]
    assert "person/Beispiel, Berta" in suggested("Beisp") and suggested("Dörfer im W") == ["difu/100"]
    assert suggested("difu/100") == ["difu/100"] and suggested(ORCID) == [ORCID]
    assert suggested("") == suggested("\x00") == []
    assert suggested("Bericht", cursor="1") == suggested("Bericht")[1:] + suggested("Bericht", cursor="10")[:1]
    assert len(suggested("Bericht")) == 10 and suggested("Bericht", cursor="999999999") == []
    assert suggested("Bericht", cursor="²") == suggested("Bericht")


def test_types_and_properties_are_suggested_and_proposed(client: FlaskClient) -> None:
    assert ids(client.get("/reconcile/suggest/type?prefix=").json["result"]) == list(TYPES)
    assert ids(client.get("/reconcile/suggest/type?prefix=Begr").json["result"]) == ["heading"]
    assert ids(client.get("/reconcile/suggest/property?prefix=is").json["result"]) == ["issued", "isbn", "issn"]
    german = client.get("/reconcile/suggest/property?prefix=jahr&lang=de").json["result"]
    assert german == [{"id": "year", "name": "Jahr"}]
    assert ids(client.get("/reconcile/suggest/property?prefix=year&type=person").json["result"]) == []
    proposed = client.get("/reconcile/properties?type=person&limit=2&lang=en").json
    assert proposed == {
        "type": "person", "limit": 2, "properties": [{"id": "name", "name": "Name"}, {"id": "identifier", "name": "Identifier"}],
    }  # fmt: skip
    assert client.get("/reconcile/properties?type=Q5&limit=x").json == {"type": "Q5", "properties": []}
    assert client.get("/reconcile/suggest/nothing?prefix=x").status_code == 404


ENTITIES = {
    "difu/100": "/doc/difu/100",
    "keyword/dorf": "/doc/keyword/dorf",
    DORF: "/heading/4012775-8",
    ORCID: "/search?person=Carberry%2C+Josiah",
    "person/Beispiel, Berta": "/search?person=Beispiel%2C+Berta",
}


@pytest.mark.parametrize(("id", "address"), ENTITIES.items())
def test_identifiers_lead_back_to_our_pages(client: FlaskClient, site: Site, id: str, address: str) -> None:
    manifest = client.get("/reconcile").json
    view = manifest["view"]["url"].replace("{{id}}", quote(id, safe=""))
    answer = client.get("/" + view.removeprefix(site.url))
    assert (answer.status_code, answer.headers["Location"]) == (303, address)
    assert client.get(address).status_code == 200
    english = client.get("/reconcile?lang=en").json["view"]["url"].replace("{{id}}", quote(id, safe=""))
    assert "lang=en" in client.get("/" + english.removeprefix(site.url)).headers["Location"]


@pytest.mark.parametrize("id", ENTITIES)
def test_a_preview_may_stand_in_a_frame_and_can_do_nothing_there(client: FlaskClient, id: str) -> None:
    answer = client.get("/reconcile/preview", query_string={"id": id})
    assert answer.status_code == 200 and answer.content_type == "text/html; charset=utf-8"
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy and "script-src" not in policy and "X-Frame-Options" not in answer.headers
    assert "<script" not in answer.text and 'target="_blank"' in answer.text
    again = client.get("/reconcile/preview", query_string={"id": id}, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.headers["Content-Security-Policy"]) == (304, policy)
    assert "frame-ancestors 'none'" in client.get("/").headers["Content-Security-Policy"]


@pytest.mark.parametrize("id", ["", "nobody", "keyword/nobody", "person/nobody", "difu/999", "../etc", "https://d-nb.info/gnd/1",
                                "http://[", "https://evil.example/x", "\x00", "x" * 5000, "person/", "keyword/"])  # fmt: skip
def test_what_is_no_entity_is_not_found(client: FlaskClient, id: str) -> None:
    for path in ("/reconcile/preview", "/reconcile/view"):
        assert client.get(path, query_string={"id": id}).status_code == 404
    answer = client.post(
        "/reconcile", data={"extend": json.dumps({"ids": [id[:900]], "properties": [{"id": "title"}]})}
    )
    assert answer.json["rows"] == {id[:900]: {"title": []}}


def test_hostile_titles_come_out_as_text(client: FlaskClient) -> None:
    (first, *_) = asked(client, query="difu/104", type="work")
    assert first["name"] == HOSTILE
    text = client.get("/reconcile/preview?id=difu/104").text
    assert "<x-frame" not in text and "&lt;x-frame" in text and "{{ 7*7 }}" in text and "&#34;onload" in text
    (person, *_) = asked(client, query=HOSTILE, type="person")
    assert "<x-frame" not in client.get("/reconcile/preview", query_string={"id": person["id"]}).text
    view = client.get("/reconcile/view", query_string={"id": person["id"]}).headers["Location"]
    assert "<" not in view and '"' not in view


# -- data extension


def test_values_are_taken_away(client: FlaskClient) -> None:
    wanted = [
        "title",
        "creator",
        "year",
        "isbn",
        "doi",
        "urn",
        "heading",
        "keyword",
        "publisher",
        "works",
        "nobody-knows",
    ]
    asked = {"ids": ["difu/100", DORF, "keyword/dorf", "nobody"], "properties": [{"id": one} for one in wanted]}
    answer = client.get("/reconcile", query_string={"extend": json.dumps(asked), "lang": "en"}).json
    assert answer["meta"][:3] == [
        {"id": "title", "name": "Title"},
        {"id": "creator", "name": "Creator", "type": {"id": "person", "name": "person"}},
        {"id": "year", "name": "Year"},
    ]
    assert answer["meta"][-1] == {"id": "nobody-knows", "name": "nobody-knows"}
    assert answer["rows"]["difu/100"] == {
        "title": [{"str": "Dörfer im Wandel"}],
        "creator": [{"id": "person/Beispiel, Berta", "name": "Beispiel, Berta"}],
        "year": [{"int": 2001}],
        "isbn": [{"str": "9783161484100"}],
        "doi": [{"str": "10.5555/dorf.1"}],
        "urn": [{"str": "urn:nbn:de:0168-ssoar-1"}],
        "heading": [{"id": DORF, "name": "Dorf"}],
        "keyword": [{"id": "keyword/dorf", "name": "Dorf"}],
        "publisher": [{"str": "Dorf-Verlag"}],
        "works": [],
        "nobody-knows": [],
    }
    assert answer["rows"][DORF]["works"] == answer["rows"]["keyword/dorf"]["works"] == [{"int": 5}]
    assert answer["rows"][DORF]["keyword"] == [{"id": "keyword/dorf", "name": "Dorf"}]
    assert answer["rows"]["keyword/dorf"]["heading"] == [{"id": DORF, "name": "Dorf"}]
    assert answer["rows"]["nobody"] == {name: [] for name in wanted}


def test_settings_say_how_many_values_and_as_what(client: FlaskClient) -> None:
    def work_of(**settings: Any) -> list[dict[str, Any]]:
        asked = {"ids": ["person/Beispiel, Berta"], "properties": [{"id": "work", "settings": settings}]}
        rows = client.post("/reconcile", data={"extend": json.dumps(asked)}).json["rows"]
        found: list[dict[str, Any]] = rows["person/Beispiel, Berta"]["work"]
        return found

    assert work_of() == [{"id": "difu/105", "name": "Band 1"}, {"id": "difu/100", "name": "Dörfer im Wandel"}]
    assert work_of(limit="1", content="id") == [{"str": "difu/105"}]
    assert work_of(content="name", limit=0) == [{"str": "Band 1"}, {"str": "Dörfer im Wandel"}]
    person = {"ids": [ORCID], "properties": [{"id": name} for name in ("name", "identifier", "work", "works")]}
    assert client.post("/reconcile", data={"extend": json.dumps(person)}).json["rows"][ORCID] == {
        "name": [{"str": "Carberry, Josiah"}],
        "identifier": [{"str": ORCID}],
        "work": [{"id": "difu/110", "name": "Psychoceramics"}],
        "works": [{"int": 1}],
    }


def test_every_property_can_be_had_and_compared(client: FlaskClient) -> None:
    """Whatever an entity says of itself agrees with itself."""
    for id in ENTITIES:
        kind = "work" if id == "difu/100" else "keyword" if "keyword" in id else "heading" if id == DORF else "person"
        names = ids(client.get(f"/reconcile/properties?type={kind}").json["properties"])
        extend = {
            "ids": [id],
            "properties": [{"id": name, "settings": {"limit": 1, "content": "name"}} for name in names],
        }
        rows = client.post("/reconcile", data={"extend": json.dumps(extend)}).json["rows"][id]
        given = given_as(**{name: next(iter(cell[0].values())) for name, cell in rows.items() if cell})
        assert given
        found = asked(client, query=id, properties=given)[0]
        assert found["id"] == id and {one["value"] for one in found["features"]} == {100.0}, found


# -- the protocol


def test_the_service_is_open_to_other_pages_and_answers_no_script(client: FlaskClient) -> None:
    for path in (
        "/reconcile",
        "/reconcile?queries=nonsense",
        "/reconcile/suggest/entity?prefix=x",
        "/reconcile/preview?id=difu/100",
    ):
        assert (
            client.get(path, headers={"Origin": "http://127.0.0.1:3333"}).headers["Access-Control-Allow-Origin"] == "*"
        )
    asked = {"Origin": "https://x.example", "Access-Control-Request-Method": "POST"}
    assert "POST" in client.options("/reconcile", headers=asked).headers["Access-Control-Allow-Methods"]
    answer = client.get("/reconcile?callback=alert")
    assert answer.content_type == "application/json" and answer.json == client.get("/reconcile").json


def test_the_address_says_the_language(client: FlaskClient, site: Site) -> None:
    for lang, name in (("en", "GND heading"), ("de", "Begriff der GND")):
        batch = {"queries": json.dumps({"q0": {"query": "Dorf", "type": "heading"}})}
        answer = client.post(f"/reconcile?lang={lang}", data=batch).json["q0"]["result"][0]
        assert answer["type"] == [{"id": "heading", "name": name}]
    suggest = client.get("/reconcile?lang=en").json["suggest"]["type"]
    typed = client.get(
        (suggest["service_url"] + suggest["service_path"]).removeprefix(site.url.rstrip("/")) + "&prefix=gnd"
    )
    assert typed.json["result"] == [{"id": "heading", "name": "GND heading"}]


def test_an_answer_in_the_cache_is_of_one_language(client: FlaskClient) -> None:
    german = client.get("/reconcile")
    english = client.get("/reconcile", headers={"Accept-Language": "en"})
    assert german.json["name"] != english.json["name"] and german.headers["ETag"] != english.headers["ETag"]
    assert client.get("/reconcile", headers={"If-None-Match": german.headers["ETag"]}).status_code == 304
    asked = client.get("/reconcile", query_string={"queries": '{"q0": {"query": "Dorf"}}'})
    assert asked.headers["Cache-Control"] == "no-cache" and "ETag" not in asked.headers


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({}, 400, "send either queries or extend"),
        ({"queries": "{}", "extend": "{}"}, 400, "send either queries or extend"),
        ({"queries": ""}, 400, "no JSON"),
        ({"queries": "]"}, 400, "no JSON"),
        ({"queries": '{"q0": 7}'}, 400, "queries.q0 is an object, not a number"),
        ({"extend": "{}"}, 400, "extend.ids is a list"),
        ({"queries": json.dumps({str(n): {"query": "x"} for n in range(10_000)})}, 413, f"at most {MOST_QUERIES} queries"),
        ({"queries": json.dumps({str(n): {"query": "x" * 90} for n in range(10_000)})}, 413, "send it in parts"),
        ({"queries": "x" * 3_000_000}, 413, "send it in parts"),
        ({"extend": json.dumps({"ids": [str(n) for n in range(MOST_IDS + 1)], "properties": []})}, 413, "at most"),
    ],
)  # fmt: skip
def test_a_bad_request_is_told(client: FlaskClient, form: dict[str, str], status: int, said: str) -> None:
    answer = client.post("/reconcile", data=form)
    assert (answer.status_code, answer.json["status"]) == (status, "error") and said in answer.json["message"]


def test_the_dataset_names_the_service(client: FlaskClient, site: Site) -> None:
    said = client.get("/", headers={"Accept": "application/n-triples"}).text
    assert f"<{site.url}#reconciliation> <http://www.w3.org/ns/dcat#endpointURL> <{site.url}reconcile> ." in said


def test_keys_come_back_as_they_were(client: FlaskClient) -> None:
    batch = '{"\\ud800": {"query": "Dorf"}, "": {"query": ""}, "ü": {"query": "!?"}}'
    assert list(client.post("/reconcile", data={"queries": batch}).json) == ["\ud800", "", "ü"]
    assert client.post("/reconcile", data={"queries": "{}"}).json == {}


@given(st.dictionaries(st.text(max_size=3), likely, max_size=3))
@examples(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
def test_no_request_is_a_mistake_of_ours(client: FlaskClient, sent: dict[str, Any]) -> None:
    for name in ("queries", "extend"):
        assert client.post("/reconcile", data={name: json.dumps(sent)}).status_code in (200, 400, 413)


NAMES = st.sampled_from(
    ["title", "creator", "year", "isbn", "doi", "work", "works", "heading", "language", "identifier", "?"]
)
VALUES = (
    st.text(max_size=30)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.fixed_dictionaries({"id": st.text(max_size=20)})
)


@given(
    st.text(max_size=60)
    | st.sampled_from(["Dorf", "10.5555/", "urn:nbn:de:x", "http://[", "https://%zz", "978", "gnd:", "a/b", "person/"]),
    st.lists(st.sampled_from([*TYPES, "?"]), max_size=2),
    st.lists(st.fixed_dictionaries({"pid": NAMES, "v": VALUES | st.lists(VALUES, max_size=3)}), max_size=3),
)
@examples(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
def test_every_good_query_has_an_answer(
    client: FlaskClient, text: str, types: list[str], properties: list[dict[str, Any]]
) -> None:
    asked(client, query=text, type=types, properties=properties)
    if properties:
        asked(client, type=types, properties=properties)
    for path in ("suggest/entity", "suggest/type", "suggest/property"):
        answer = client.get(
            f"/reconcile/{path}", query_string={"prefix": text.encode("utf-8", "replace"), "cursor": text[:3]}
        )
        assert answer.status_code == 200
    wanted = [{"id": one["pid"]} for one in properties]
    answer = client.post("/reconcile", data={"extend": json.dumps({"ids": [text], "properties": wanted})})
    assert answer.status_code == 200


def test_what_is_gone_is_found_no_more(tmp_path_factory: pytest.TempPathFactory) -> None:
    with served(tmp_path_factory.mktemp("gone")) as site:
        client = site.client()
        assert client.post("/reconcile", data={"queries": '{"q0": {"query": "x"}}'}).status_code == 503
        site.publish(work(number) for number in range(4))
        assert matched(client, query="difu/3") == "difu/3"
        site.publish([deletion(3)])
        again = site.client()
        assert asked(again, query="difu/3") == []
        assert "difu/3" not in ids(asked(again, query="Bericht 3 über das Wohnen in der Stadt", type="work"))
        assert again.get("/reconcile/preview?id=difu/3").status_code == 404
