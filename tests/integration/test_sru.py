"""SRU over a real release: what each index finds, the protocol's parameters and forms, and every fault by its number."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse
from tests.conftest import dim_record
from tests.federation import ORIGIN, Site, served, work

from katalod import cql
from katalod.search import index
from katalod.web.sru import asking, clauses
from katalod.web.sru.records import FORMS

SRU = "{http://www.loc.gov/zing/srw/}"
DIAGNOSTIC = "{http://www.loc.gov/zing/srw/diagnostic/}"
ZEEREX = "{http://explain.z3950.org/dtd/2.0/}"
WORKS = 24
BOOK = [
    ("title", "Der Wohnungsmarkt", "de"), ("contributor.author", "Müller, Hans", None), ("contributor.editor", "Amt für Statistik", None),
    ("date.issued", "2021-05-04", None), ("type", "Buch", "de"), ("language.iso", "en", None), ("subject", "Wohnungsmarkt", "de"),
    ("identifier.isbn", "978-3-88118-676-6", None), ("identifier.doi", "10.1234/AbC.7", None),
    ("identifier.urn", "urn:nbn:de:0168-ssoar-1", None), ("description.abstract", "Mieten & <Preise> steigen überall.", "de"),
]  # fmt: skip
BARE = [("title", "Agenda 21", "de"), ("type", "Bericht", "de"), ("subject", "Umwelt / Agenda 21", "de")]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("sru")) as found:
        more = [dim_record(f"{ORIGIN}:difu/book", BOOK), dim_record(f"{ORIGIN}:difu/bare", BARE)]
        found.publish([*(work(number) for number in range(WORKS)), *more])
        yield found


@pytest.fixture(scope="module")
def client(site: Site) -> FlaskClient:
    return site.client()


def asked(client: FlaskClient, query: str, **more: Any) -> ET.Element:
    given = {"operation": "searchRetrieve", "version": "1.2", "query": query, "maximumRecords": "100"} | more
    answer = client.get("/sru", query_string={name: value for name, value in given.items() if value is not None})
    assert answer.status_code == 200
    assert answer.content_type == "text/xml; charset=utf-8"
    return ET.fromstring(answer.data)


def faults(root: ET.Element) -> list[tuple[int, str]]:
    found = root.findall(f"{SRU}diagnostics/{DIAGNOSTIC}diagnostic")
    assert all(one.findtext(f"{DIAGNOSTIC}message") for one in found)
    uris = [one.findtext(f"{DIAGNOSTIC}uri", "").rpartition("/") for one in found]
    assert all(stem == "info:srw/diagnostic/1" for stem, _, _ in uris)
    return [(int(uri[2]), one.findtext(f"{DIAGNOSTIC}details", "")) for uri, one in zip(uris, found, strict=True)]


def hits(root: ET.Element) -> list[str]:
    assert not faults(root)
    return [one.text.rpartition("difu/")[2] for one in root.iter(f"{SRU}recordIdentifier") if one.text]


def numbered(*numbers: int) -> set[str]:
    return {str(number) for number in numbers}


EVERY = {*map(str, range(WORKS)), "book", "bare"}
ORDINARY = EVERY - {"book", "bare"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("wohnen", ORDINARY),
        ("WOHNUNGSMARKT", {"book", *(str(n) for n in range(WORKS) if n % 7 in (1, 2))}),
        ("Mieten", {"book"}),
        ("Hans", {"book"}),
        ("9783881186766", {"book"}),
        ('cql.anywhere == "Agenda 21"', {"bare"}),
        ("cql.allRecords = 1", EVERY),
        ('dc.title = "bericht 5"', {"5"}),
        ('dc.title = "5 bericht"', set()),
        ('title all "5 bericht"', {"5"}),
        ('dc.title any "5 7"', {"5", "7"}),
        ('dc.title adj "bericht 5"', {"5"}),
        ("dc.title = Mieten", set()),
        ("dc.title = Berichte", ORDINARY),  # by its stem
        ('dc.title == "agenda 21"', {"bare"}),
        ("dc.title exact agenda", set()),
        ('dc.title = "^der wohn"', set()),
        ('dc.title = "^der wohnungsmarkt"', {"book"}),
        ("dc.title = ^der", {"book"}),
        ("dc.title = ^wohnungsmarkt", set()),
        ("dc.title = ^der^", set()),
        ('dc.title = "^der wohnungsmarkt^"', {"book"}),
        ('dc.title == "ag* 21"', {"bare"}),
        ("dc.title = wohnungsm*", {"book"}),
        ("dc.title = wo?nungs*t", {"book"}),
        ("dc.title = wo?nung", set()),
        ("dc.title =/unmasked wohnu*", set()),
        ("dc.title = agenda\\*", {"bare"}),  # what is escaped is no mask, and no letter either
        ('dc.title <> "agenda 21"', EVERY - {"bare"}),
        ("dc.title =/ignoreCase/stem AGENDA", {"bare"}),
        ("dc.creator = Mueller", {"book"}),
        ('dc.creator = "Hans Müller"', {"book"}),
        ('dc.creator adj "Hans Müller"', set()),
        ('dc.creator == "muller, hans"', {"book"}),
        ("dc.creator == muller", set()),
        ("dc.contributor = statistik", {"book"}),
        ('pica.per = "^Muster"', ORDINARY),
        ("dc.subject = Dorf", {str(n) for n in range(WORKS) if n % 7 in (2, 3)}),
        ("dc.subject == dorf", {str(n) for n in range(WORKS) if n % 7 in (2, 3)}),
        ('dc.subject == "agenda 21"', {"bare"}),  # a part of a keyword, and the title: taken for it
        ('dc.subject = "https://d-nb.info/gnd/4012775-8"', {str(n) for n in range(WORKS) if n % 7 in (2, 3)}),
        ('dc.subject <> "https://d-nb.info/gnd/4012775-8"', EVERY - {str(n) for n in range(WORKS) if n % 7 in (2, 3)}),
        ("dc.description = Mieten", {"book"}),
        ("dc.date = 1995", {"5"}),
        ("dc.date <> 1995", EVERY - {"5"}),
        ('dc.date within "1995 1997"', numbered(5, 6, 7)),
        ('dc.date within "1997 1995"', set()),
        ('dc.date any "1995 1997"', numbered(5, 7)),
        ("dc.date > 2012", {"23", "book"}),
        ("dc.date >= 2012", {"22", "23", "book"}),
        ("dc.date < 1991", {"0"}),
        ("dc.date <= 1991", {"0", "1"}),
        ("dc.date = 199?", numbered(*range(10))),
        ("dc.date = 20*", {*numbered(*range(10, WORKS)), "book"}),
        ("dc.type = Buch", {"book"}),
        ('dc.type = "http://purl.org/coar/resource_type/c_2f33"', {"book"}),
        ("dc.type = coar:c_2f33", {"book"}),
        ("dc.language = eng", {"book"}),
        ("dc.language = Englisch", {"book"}),
        ('dc.language any "fr en"', {"book"}),
        ("dc.identifier = 978-3-88118-676-6", {"book"}),
        ("dc.identifier = 9783881186766", {"book"}),
        ("bath.isbn = 3-88118-676-X", {"book"}),
        ("isbn = 3881186768", set()),  # wrong check digit
        ('dc.identifier = "urn:isbn:9783881186766"', {"book"}),
        ('dc.identifier = "10.1234/abc.7"', {"book"}),
        ('dc.identifier exact "https://doi.org/10.1234/abc.7"', {"book"}),
        ('dc.identifier = "doi:10.1234/abc"', set()),
        ('dc.identifier = "urn:nbn:de:0168-ssoar-1"', {"book"}),
        ('dc.identifier any "difu/3 difu/4"', {"3", "4"}),
        ('dc.identifier = "https://hdl.handle.net/difu/3"', {"3"}),
        ('dc.identifier = "https://repository.example.org/handle/difu/3"', {"3"}),
        ("dc.identifier = Wohnungsmarkt", set()),  # a subject is no identifier
        ('dc.identifier = "agenda 21"', set()),  # nor is a title
        ("agenda or mieten", {"bare", "book"}),
        ("bericht and dc.date = 1995", {"5"}),
        ("dc.date = 1995 or dc.date = 1996 and stadt", {"5", "6"}),
        ("cql.allRecords = 1 not (dc.title = bericht or buch)", {"book", "bare"}),
        ('> x = "info:srw/cql-context-set/1/dc-v1.1" x.title = agenda', {"bare"}),
    ],
)  # fmt: skip
def test_what_is_found(client: FlaskClient, query: str, expected: set[str]) -> None:
    found = hits(asked(client, query))
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_the_longest_names_are_looked_for(client: FlaskClient) -> None:
    for name in ("ア" * 60 + (" " + "ア" * 59) * 4, "a " * 90, "und " * 74):
        assert hits(asked(client, f'dc.creator = "^{name.strip()[:298]}"')) == []
        assert hits(asked(client, f'dc.title == "{name.strip()}"')) == []


def test_our_own_address_identifies_a_work(client: FlaskClient, site: Site) -> None:
    assert hits(asked(client, f'dc.identifier = "{site.url}id/difu/7"')) == ["7"]
    assert hits(asked(client, f'"{site.url}id/difu/nothing"')) == []


@pytest.mark.parametrize(
    ("query", "more", "expected"),
    [
        ("dc.date >= 2012", {}, ["book", "23", "22"]),  # the newest first
        ("dc.date >= 2012 sortBy dc.date", {}, ["22", "23", "book"]),
        ("dc.date >= 2012 sortBy date/descending", {}, ["book", "23", "22"]),
        ("dc.date >= 2012 or agenda sortBy dc.title", {}, ["bare", "22", "23", "book"]),
        ("dc.date >= 2012 or agenda sortBy dc.title/sort.descending", {}, ["book", "23", "22", "bare"]),
        ("dc.date >= 2012", {"sortKeys": "title"}, ["22", "23", "book"]),
        ("dc.date >= 2012", {"sortKeys": "title,dc,0"}, ["book", "23", "22"]),
        ("dc.date >= 2012 or agenda", {"sortKeys": "date,,1,0,lowValue"}, ["bare", "22", "23", "book"]),
    ],
)  # fmt: skip
def test_the_order(client: FlaskClient, query: str, more: dict[str, str], expected: list[str]) -> None:
    assert hits(asked(client, query, **more)) == expected


FAULTS = [
    ({"operation": "steal"}, 4, "steal"), ({"operation": "scan"}, 4, "scan"), ({"version": "2.0"}, 5, "1.2"),
    ({"version": None}, 7, "version"), ({"query": None}, 7, "query"), ({"query": ""}, 7, "query"), ({"operation": None}, 7, "operation"),
    ({"foo": "1"}, 8, "foo"), ({"startRecord": "0"}, 6, "startRecord"), ({"startRecord": "٣"}, 6, "startRecord"),
    ({"startRecord": "9" * 30}, 6, "startRecord"), ({"maximumRecords": "-1"}, 6, "maximumRecords"),
    ({"maximumRecords": "ten"}, 6, "maximumRecords"), ({"resultSetTTL": "x"}, 6, "resultSetTTL"),
    ({"startRecord": "999999999"}, 61, ""), ({"query": "agenda", "startRecord": "2"}, 61, ""), ({"recordSchema": "xyz"}, 66, "xyz"),
    ({"recordPacking": "zip"}, 71, "zip"), ({"recordXPath": "/a"}, 72, ""), ({"query": "a b"}, 10, "3"),
    ({"query": "(a"}, 13, "0"), ({"query": '"a'}, 14, "0"), ({"query": "a" * 10_000}, 12, str(cql.LONGEST)),
    ({"query": "x.title = a"}, 15, "x"), ({"query": '> dc = "u:x" dc.title = a'}, 15, "u:x"), ({"query": "dc.nothing = a"}, 16, "dc.nothing"),
    ({"query": "nothing = a"}, 16, "nothing"), ({"query": "dc.title like a"}, 19, "like"), ({"query": "dc.title x.any a"}, 19, "x.any"),
    ({"query": "dc.title =/fuzzy a"}, 20, "fuzzy"), ({"query": "dc.creator =/stem a"}, 20, "stem"),
    ({"query": "dc.title < a"}, 22, "dc.title <"), ({"query": "dc.date adj 1999"}, 22, "dc.date adj"),
    ({"query": "dc.type == Bericht"}, 24, "== Bericht"), ({"query": 'dc.title = "a\\b"'}, 26, "b"), ({"query": 'dc.title = ""'}, 27, ""),
    ({"query": '"!?!"'}, 29, "2"), ({"query": '"!!"'}, 27, ""), ({"query": "dc.identifier = 978*"}, 28, "*"),
    ({"query": "dc.subject == do*"}, 28, "*"), ({"query": "dc.title = *"}, 29, "2"), ({"query": "dc.title = w*"}, 29, "2"),
    ({"query": "dc.title = *markt"}, 29, "2"), ({"query": "dc.title = ab*c*d*e*f*g*h*i*j*k*l*"}, 30, str(clauses.MASKED)),
    ({"query": "dc.title = ab*x?????????"}, 30, str(clauses.MASKED)), ({"query": "dc.title == ab*x?????????"}, 30, str(clauses.MASKED)),
    ({"query": "dc.creator == " + "a" * 301}, 23, "300"),
    ({"query": "dc.subject = ^dorf"}, 31, ""), ({"query": "dc.date = ^1999"}, 31, ""), ({"query": 'dc.title = "a ^b"'}, 32, "2"),
    ({"query": "dc.title = b^"}, 32, ""), ({"query": 'dc.title any "^a b"'}, 32, ""), ({"query": 'dc.title = "ab* c"'}, 33, ""),
    ({"query": "dc.date = 1999-05"}, 36, "dc.date"), ({"query": "dc.date within 1999"}, 36, "dc.date"), ({"query": "dc.date = soon"}, 36, "dc.date"),
    ({"query": " or ".join(["a"] * 70)}, 38, str(cql.MOST)),
    ({"query": 'title any "' + "a b " * 40 + '" or title all "' + " ".join(map(str, range(60))) + '" or "' + "c " * 60 + '"'}, 38,
      str(clauses.WORDS)),
    ({"query": "a prox/distance<3 b"}, 39, ""), ({"query": "a and/rel.combine=sum b"}, 46, "rel.combine"),
    ({"query": "cql.resultSetId = x"}, 50, ""), ({"query": "a sortBy dc.date dc.title"}, 84, "1"), ({"sortKeys": "date title"}, 84, "1"),
    ({"query": "a sortBy dc.creator"}, 88, "dc.creator"), ({"query": "a sortBy x.date"}, 15, "x"), ({"sortKeys": "author"}, 88, "dc.author"),
    ({"query": "a sortBy dc.date/sort.missingFail"}, 92, "missingfail"), ({"query": "a sortBy dc.date/sort.respectCase"}, 82, "sort.respectcase"),
    ({"sortKeys": "title,marc"}, 87, "marc"), ({"sortKeys": "title,,up"}, 90, "up"), ({"sortKeys": "title,,,1"}, 91, "1"),
    ({"sortKeys": "title,,,,abort"}, 92, "abort"), ({"sortKeys": "a,b,c,d,e,f"}, 82, "a,b,c,d,e,f"),
]  # fmt: skip


@pytest.mark.parametrize(("given_", "number", "details"), FAULTS)
def test_a_fault_is_a_diagnostic(client: FlaskClient, given_: dict[str, Any], number: int, details: str) -> None:
    root = asked(client, **({"query": "stadt"} | given_))
    assert faults(root) == [(number, details)]
    kind = "scan" if given_.get("operation") == "scan" else "searchRetrieve"
    assert root.tag == f"{SRU}{kind}Response"
    assert root.findtext(f"{SRU}numberOfRecords") == (None if kind == "scan" else "0")
    assert not list(root.iter(f"{SRU}record"))


def test_an_argument_given_twice(client: FlaskClient) -> None:
    answer = client.get("/sru?operation=searchRetrieve&version=1.2&query=a&query=b")
    assert faults(ET.fromstring(answer.data)) == [(6, "query")]


def test_what_was_passed_over_is_told_beside_the_records(client: FlaskClient) -> None:
    root = asked(client, "agenda sortBy dc.title", stylesheet="http://x.example/a.xsl", sortKeys="date")
    assert [number for number, _ in faults(root)] == [110, 94]
    assert root.findtext(f"{SRU}numberOfRecords") == "1"
    assert root.findtext(f".//{SRU}recordIdentifier", "").endswith("/id/difu/bare")
    quiet = asked(client, "agenda", resultSetTTL="300", **{"x-info-5-auth": "me", "x-pw": "1"})
    assert not faults(quiet)


def test_pages_of_records(client: FlaskClient) -> None:
    whole, seen, place = hits(asked(client, "stadt")), list[str](), "1"
    assert len(whole) == WORKS
    while place:
        root = asked(client, "stadt", startRecord=place, maximumRecords="5")
        positions = [one.text for one in root.iter(f"{SRU}recordPosition")]
        assert positions == [str(int(place) + n) for n in range(len(positions))]
        seen += hits(root)
        place = root.findtext(f"{SRU}nextRecordPosition", "")
    assert seen == whole
    none = asked(client, "stadt", maximumRecords="0")
    assert (none.findtext(f"{SRU}numberOfRecords"), hits(none)) == (str(WORKS), [])
    assert none.find(f"{SRU}records") is none.find(f"{SRU}nextRecordPosition") is None
    assert len(hits(asked(client, "stadt", maximumRecords=None))) == asking.PAGE
    nothing = asked(client, "nirgendwo")
    assert (nothing.findtext(f"{SRU}numberOfRecords"), faults(nothing)) == ("0", [])


@pytest.mark.parametrize("order", ["", " sortBy dc.date", " sortBy dc.title", " sortBy dc.title/descending"])
def test_places_far_down_are_those_that_one_comes_to(
    client: FlaskClient, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = [hits(asked(client, f"cql.allRecords=1{order}", startRecord=str(n), maximumRecords="4")) for n in (1, 9, 25)]
    monkeypatch.setattr(index, "_NEAR", 0)
    far = [hits(asked(client, f"cql.allRecords=1{order}", startRecord=str(n), maximumRecords="4")) for n in (1, 9, 25)]
    assert near == far
    assert [len(page) for page in far] == [4, 4, 2]


def test_no_answer_has_more_records_than_explain_allows(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MOST", 3)
    root = asked(client, "stadt", maximumRecords="999999999")
    assert len(hits(root)) == 3
    assert root.findtext(f"{SRU}nextRecordPosition") == "4"
    assert '<setting type="maximumRecords">3</setting>' in client.get("/sru").text


def test_a_record_in_every_form_under_each_of_its_names(client: FlaskClient) -> None:
    roots = {"dc": "{info:srw/schema/1/dc-schema}dc", "marcxml": "{http://www.loc.gov/MARC21/slim}record",
             "mods": "{http://www.loc.gov/mods/v3}mods", "rdf": "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF",
             "oai_dc": "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc"}  # fmt: skip
    assert set(roots) == {form.name for form in FORMS}
    for form in FORMS:
        for name in form.names:
            root = asked(client, "mieten", recordSchema=name)
            data = root.find(f".//{SRU}recordData")
            assert data is not None and [one.tag for one in data] == [roots[form.name]], name
            assert root.findtext(f".//{SRU}recordSchema") == form.identifier
            assert "Mieten & <Preise> steigen" in "".join(data.itertext())


def test_a_record_as_a_string_is_the_same_record(client: FlaskClient) -> None:
    for form in FORMS:
        plain = asked(client, "mieten", recordSchema=form.name).find(f".//{SRU}recordData")
        packed = asked(client, "mieten", recordSchema=form.name, recordPacking="string").find(f".//{SRU}recordData")
        assert plain is not None and packed is not None and packed.text
        assert not list(packed)
        same = [
            ET.canonicalize(text, rewrite_prefixes=True) for text in (packed.text, ET.tostring(plain[0], "unicode"))
        ]
        assert same[0] == same[1].rstrip()


def test_the_rdf_is_what_the_document_says(client: FlaskClient) -> None:
    root = asked(client, "mieten", recordSchema="rdf", recordPacking="string")
    text = root.findtext(f".//{SRU}recordData", "")
    read = {quad.triple for quad in parse(text, format=RdfFormat.RDF_XML)}
    assert read == {quad.triple for quad in parse(client.get("/doc/difu/book.nq").data, format=RdfFormat.N_QUADS)}


def test_both_versions_and_both_methods(client: FlaskClient) -> None:
    given_ = {"operation": "searchRetrieve", "query": "mieten", "recordPacking": "string"}
    for version in ("1.1", "1.2"):
        got = client.get("/sru", query_string=given_ | {"version": version})
        posted = client.post("/sru", data=given_ | {"version": version})
        assert got.data == posted.data
        root = ET.fromstring(got.data)
        assert root.findtext(f"{SRU}version") == version
        assert (root.find(f".//{SRU}recordIdentifier") is None) == (version == "1.1")
        echoed = root.find(f"{SRU}echoedSearchRetrieveRequest")
        assert echoed is not None and echoed.findtext(f"{SRU}query") == "mieten"


def test_answers_are_kept_until_the_next_release(client: FlaskClient, site: Site) -> None:
    answer = client.get("/sru?operation=searchRetrieve&version=1.2&query=mieten")
    assert answer.headers["ETag"].startswith(f'"{site.steps[0].id}-')
    assert "max-age" in answer.headers["Cache-Control"]
    again = client.get(
        "/sru?operation=searchRetrieve&version=1.2&query=mieten", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


def test_explain_says_what_there_is(client: FlaskClient, site: Site) -> None:
    plain = ET.fromstring(client.get("/sru").data)
    asked_for = ET.fromstring(client.get("/sru?operation=explain&version=1.1").data)
    assert (plain.tag, plain.findtext(f"{SRU}version")) == (f"{SRU}explainResponse", "1.2")
    assert asked_for.findtext(f"{SRU}version") == "1.1"
    explain = plain.find(f"{SRU}record/{SRU}recordData/{ZEEREX}explain")
    assert explain is not None
    server = explain.find(f"{ZEEREX}serverInfo")
    assert server is not None and server.get("protocol") == "SRU"
    host, port, path = (server.findtext(f"{ZEEREX}{name}") for name in ("host", "port", "database"))
    assert f"http://{host}:{port}/{path}" == f"{site.url}sru"
    assert server.find(f"{ZEEREX}database").get("numRecs") == str(len(EVERY))  # type: ignore[union-attr]
    assert explain.findtext(f"{ZEEREX}databaseInfo/{ZEEREX}contact") == "lod@example.org"
    sets = {one.get("name") for one in explain.iter(f"{ZEEREX}set")}
    terms = {"dc.date": "1999"}
    for one in explain.iter(f"{ZEEREX}index"):
        names = [(name.get("set"), name.text) for name in one.iter(f"{ZEEREX}name")]
        assert names and {prefix for prefix, _ in names} <= sets
        relations = {relation.text for relation in one.iter(f"{ZEEREX}supports")}
        for prefix, local in names:
            assert not faults(
                asked(client, f"{prefix}.{local} = {terms.get('dc.date') if local in ('date', 'jah') else 'x'}")
            )
            assert ("within" in relations) == (local in ("date", "jah"))
        sorts = [number for number, _ in faults(asked(client, f"stadt sortBy {names[0][0]}.{names[0][1]}"))]
        assert sorts == ([] if one.get("sort") == "true" else [88])
    for schema in explain.iter(f"{ZEEREX}schema"):
        for wish in (schema.get("name"), schema.get("identifier")):
            assert hits(asked(client, "mieten", recordSchema=wish)) == ["book"]
    for wrong in (
        "operation=explain",
        "operation=explain&version=1.2&query=a",
        "operation=explain&version=1.2&recordPacking=zip",
    ):
        root = ET.fromstring(client.get(f"/sru?{wrong}").data)
        assert [number for number, _ in faults(root)] in ([7], [8], [71])
        assert root.find(f".//{ZEEREX}explain") is not None


@examples(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=8)
        | st.sampled_from(["operation", "version", "query", "startRecord", "recordSchema", "x-a", "sortKeys"]),
        st.text(max_size=20),
        max_size=5,
    )
)
def test_no_request_is_too_strange(client: FlaskClient, arguments: dict[str, str]) -> None:
    for more in ({}, {"operation": "searchRetrieve", "version": "1.1", "query": arguments.get("query", "stadt")}):
        for answer in (
            client.get("/sru", query_string=arguments | more),
            client.post("/sru", data=arguments | more),
        ):
            assert answer.status_code == 200
            ET.fromstring(answer.data)


PIECES = ["dc.title", "dc.date", "dc.identifier", "dc.language", "dc.type", "dc.subject", "dc.creator", "any", "all", "=", "==", "<>", "within", ">", "<",
          '"', "(", ")", "and", "or", "not", "prox", "sortBy", "/", "\\", "*", "?", "^", "stadt", "1995", "199?", "be*", "be*a?????????", "<b>", "&", "\x00", "\u202e", "ß", "coar:c_93fc",
          "https://d-nb.info/gnd/4012775-8", "978-3-88118-676-6", '"a b"', "\ud800"]  # fmt: skip


@examples(max_examples=250, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=14), st.sampled_from(["", " "]))
def test_no_query_is_too_strange(client: FlaskClient, pieces: list[str], between: str) -> None:
    query = between.join(pieces).encode("utf-8", "replace").decode()
    answer = client.post(
        "/sru", data={"operation": "searchRetrieve", "version": "1.2", "query": query, "maximumRecords": "2"}
    )
    assert answer.status_code == 200
    ET.fromstring(answer.data)


@pytest.mark.parametrize(
    "query",
    [
        "(" * 5000 + ")" * 5000,
        '"' * 4001,
        "not " * 900,
        "a/" * 1900,
        "> a = b " * 450,
        "^" * 3000,
        "\\" * 3001,
        "*" * 3000,
    ],
)
def test_hostile_queries_are_refused_at_once(client: FlaskClient, query: str) -> None:
    root = asked(client, query)
    assert next(number for number, _ in faults(root)) in (10, 12, 13, 14, 23)
