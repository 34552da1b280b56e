"""Triple Pattern Fragments: each triple on one page, counted; controls as the specification demands; bad patterns."""

import gc
import gzip
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from urllib.parse import quote, urlencode

import html5lib
import pytest
import rdflib
from flask.testing import FlaskClient
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse
from tests.federation import Site, second, served, work
from werkzeug.test import Client

from katalod import fragments, releases
from katalod.catalogue import Catalogue
from katalod.formats import FORMATS
from katalod.rdf import dataset_iri, term
from katalod.web import create_app, create_server_app
from katalod.web.hot import Hot

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

TITLE = 'Er sagt "Was?" & geht \\n weiter <Frage>'
NQUADS = {"Accept": "application/n-quads"}
BROWSER = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("fragments")) as found:
        found.publish([*(work(number) for number in range(40)), work(50, TITLE)])
        second(found)
        yield found


@pytest.fixture(scope="module")
def client(site: Site) -> FlaskClient:
    return site.client()


@pytest.fixture(scope="module")
def truth(site: Site) -> set[Triple]:
    """All triples of the current release, of all graphs."""
    dump = releases.folder(site.settings.home, site.steps[-1].id) / "dump.nq.gz"
    return {quad.triple for quad in parse(gzip.decompress(dump.read_bytes()), format=RdfFormat.N_QUADS)}


def address(**asked: object) -> str:
    return f"/fragments?{urlencode(asked)}" if asked else "/fragments"


def split(client: FlaskClient, path: str) -> tuple[list[Triple], list[Quad]]:
    """Ask for a page: its data, and what it says of itself."""
    answer = client.get(path, headers=NQUADS)
    assert answer.status_code == 200, answer.text
    quads = list(parse(answer.data, format=RdfFormat.N_QUADS))
    said = [quad for quad in quads if isinstance(quad.graph_name, NamedNode)]
    return [quad.triple for quad in quads if quad not in said], said


def value(said: list[Quad], subject: str, name: str) -> str | None:
    values = [q.object.value for q in said if q.subject == NamedNode(subject) and q.predicate == term(name)]  # type: ignore[union-attr]
    assert len(values) < 2
    return values[0] if values else None


def walk(client: FlaskClient, path: str, base: str) -> Iterator[list[Triple]]:
    following: str | None = path
    while following:
        found, said = split(client, following)
        yield found
        here = base + following.removeprefix("/")
        following = value(said, here, "hydra:next")
        following = following and following.removeprefix(base[:-1])


def test_all_pages_together_are_the_release_and_no_triple_is_on_two(
    client: FlaskClient, site: Site, truth: set[Triple]
) -> None:
    pages = list(walk(client, "/fragments", site.url))
    found = [triple for page in pages for triple in page]
    assert len(pages) > 5 and {len(page) for page in pages[:-1]} == {100}
    assert len(found) == len(set(found))
    assert set(found) == truth


def test_a_page_is_the_same_however_it_is_reached(client: FlaskClient, site: Site) -> None:
    walked = list(walk(client, "/fragments?page=1", site.url))
    fresh = site.client()
    for number in reversed(range(1, len(walked) + 1)):
        assert split(fresh, address(page=number))[0] == walked[number - 1]


def test_every_kind_of_pattern_gives_what_fits_and_how_many(
    client: FlaskClient, site: Site, truth: set[Triple]
) -> None:
    samples = [
        next(triple for triple in sorted(truth, key=str) if choose(triple.object))
        for choose in (
            lambda o: isinstance(o, NamedNode),
            lambda o: isinstance(o, Literal) and bool(o.language),
            lambda o: isinstance(o, Literal) and o.datatype == term("xsd:gYear"),
            lambda o: isinstance(o, Literal) and '"Was?"' in o.value,
        )
    ]
    for sample, given in product(samples, product((True, False), repeat=3)):
        wanted = [part if one else None for part, one in zip(sample, given, strict=True)]
        text = {
            name: hydra(part)
            for name, part in zip(("subject", "predicate", "object"), wanted, strict=True)
            if part is not None
        }
        pages = list(walk(client, address(**text), site.url))
        found = [triple for page in pages for triple in page]
        expected = {t for t in truth if all(part in (None, t[n]) for n, part in enumerate(wanted))}
        assert len(found) == len(expected) and set(found) == expected, text
        path = address(**text)
        total = value(split(client, path)[1], site.url[:-1] + path, "void:triples")
        assert total == str(len(expected)) or (len(expected) > 100 and abs(int(total or 0) - len(expected)) < 5)


def hydra(term: object) -> str:
    """Write a term as Hydra's explicit representation does: nothing is escaped."""
    if isinstance(term, Literal):
        kind = f"@{term.language}" if term.language else f"^^{term.datatype.value}"
        return f'"{term.value}"{kind}'
    assert isinstance(term, NamedNode)
    return term.value


def test_literals_may_be_written_in_turtle_and_iris_with_a_prefix(client: FlaskClient) -> None:
    written = str(Literal(TITLE, language="de"))
    assert "\\" in written
    (found,) = split(client, address(predicate="dcterms:title", object=written))[0]
    assert found.object == Literal(TITLE, language="de")
    bare = split(client, address(predicate="<http://purl.org/dc/terms/title>", object=f'"{TITLE}"@de', subject="?work"))
    assert bare[0] == [found]


# -- controls


def test_a_page_holds_what_the_specification_demands(client: FlaskClient, site: Site) -> None:
    path = f"/fragments?page=2&predicate={quote(term('rdf:type').value)}&subject="
    _, said = split(client, path)
    here, dataset = site.url[:-1] + path, dataset_iri(site.url).value
    (fragment,) = [
        q.object.value
        for q in said
        if q.subject.value == dataset and q.predicate == term("void:subset")  # type: ignore[union-attr]
    ]
    assert {quad.graph_name for quad in said} == {NamedNode(f"{here}#metadata")}
    assert value(said, f"{here}#metadata", "foaf:primaryTopic") == fragment
    assert value(said, fragment, "void:subset") == here
    assert value(said, fragment, "void:triples") == value(said, fragment, "hydra:totalItems")
    assert value(said, here, "hydra:previous") == f"{fragment}&page=1" == value(said, here, "hydra:first")
    assert value(said, here, "hydra:itemsPerPage") == "100"
    form = value(said, dataset, "hydra:search") or ""
    assert value(said, form, "hydra:template") == f"{site.url}fragments{{?subject,predicate,object}}"
    mappings = [q.object.value for q in said if q.subject == NamedNode(form) and q.predicate == term("hydra:mapping")]  # type: ignore[union-attr]
    assert {(value(said, one, "hydra:variable"), value(said, one, "hydra:property")) for one in mappings} == {
        (name, term(f"rdf:{name}").value) for name in ("subject", "predicate", "object")
    }
    link = client.get(path).headers["Link"]
    assert '&page=1>; rel="prev"' in link and 'rel="next"' not in link
    _, first = split(client, "/fragments")
    assert value(first, f"{site.url}fragments", "hydra:next") == f"{site.url}fragments?page=2"
    assert value(first, f"{site.url}fragments", "hydra:previous") is None


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_every_form_says_the_same_and_has_no_blank_node(client: FlaskClient, form: object) -> None:
    media, suffix = getattr(form, "media"), getattr(form, "suffix")  # noqa: B009
    query = urlencode({"predicate": "dcterms:title"})
    answer = client.get(f"/fragments?{query}", headers={"Accept": media})
    assert answer.headers["Content-Location"] == f"/fragments.{suffix}?{query}"
    assert client.get(f"/fragments.{suffix}?{query}").content_type.partition(";")[0] == media
    data, said = split(client, f"/fragments?{query}")
    if suffix == "jsonld":
        assert answer.text.count("Bericht") == sum("Bericht" in str(triple) for triple in data)
        return
    read = list(parse(answer.data, format=RdfFormat.from_media_type(media)))
    assert not any(isinstance(part, BlankNode) for quad in read for part in quad.triple)
    assert {quad.triple for quad in read} == {*data, *(quad.triple for quad in said)}
    reader = {"application/rdf+xml": "xml", "application/n-triples": "nt", "text/turtle": "turtle"}
    graph = rdflib.Dataset(default_union=True).parse(
        data=answer.data, format=reader.get(media, suffix.replace("nq", "nquads"))
    )
    assert len(graph) == len(data) + len(said)


def test_a_page_never_changes_within_a_release(client: FlaskClient, site: Site) -> None:
    first = client.get("/fragments?predicate=dcterms:title", headers=NQUADS)
    assert first.headers["ETag"].startswith(f'"{site.steps[-1].id}-')
    again = client.get("/fragments?predicate=dcterms:title", headers=NQUADS | {"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    app = create_server_app(site.settings, Catalogue(site.settings))
    assert isinstance(app, Hot)
    hot = Client(app)
    assert hot.get("/fragments", headers=NQUADS).data == hot.get("/fragments", headers=NQUADS).data
    assert ("/fragments", "") in app._varies


# -- counts


def test_much_is_estimated_and_never_as_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fragments, "COUNTED", 3)
    fresh = site.client()
    for asked, least, most in (
        ({"predicate": "dcterms:title"}, 41, 60),  # VoID knows
        ({"predicate": "rdf:type", "object": "bibo:Report"}, 41, 41),
        ({"predicate": "dcterms:license", "object": "http://creativecommons.org/publicdomain/zero/1.0/"}, 41, 60),
        ({"object": "bibo:Report"}, 42, 42),  # and what VoID says of the class
        ({}, 1000, 3000),
        ({"subject": f"{site.url}id/difu/5"}, 10, 40),
        ({"subject": "http://example.org/nothing"}, 0, 0),
        ({"predicate": "dcterms:nothing"}, 0, 0),
    ):
        path = address(**asked)
        total = int(value(split(fresh, path)[1], site.url[:-1] + path.removesuffix("?"), "void:triples") or -1)
        assert least <= total <= most, (asked, total)
    page = fresh.get("/fragments", headers=BROWSER).text
    assert "von etwa" in page and "von etwa" not in fresh.get(address(predicate="x:y"), headers=BROWSER).text


# -- bounds


def test_pages_far_on_are_walked_to(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fragments, "FARTHEST", 3)
    fresh = site.client()
    assert fresh.get("/fragments?page=3", headers=NQUADS).status_code == 200
    assert fresh.get("/fragments?page=5", headers=NQUADS).status_code == 404
    assert len(list(walk(fresh, "/fragments", site.url))) > 5
    assert fresh.get("/fragments.ttl?page=5").status_code == 200  # asked for again, and in another form
    assert fresh.get("/fragments?page=999999999", headers=NQUADS).status_code == 404


def test_open_walks_are_few(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fragments, "OPEN", 2)
    edition = Catalogue(site.settings).edition()
    patterns = [(None, None, None), (None, term("rdf:type"), None), (None, term("dcterms:subject"), None)]
    for pattern in patterns:
        assert edition.fragments.page(pattern, 1)
    assert edition.fragments._lanes[0].near == {(pattern, number) for pattern in patterns[1:] for number in (1, 2)}
    assert all(edition.fragments.page(pattern, 2) for pattern in patterns[:2])


def test_who_begins_far_on_waits_or_comes_again_and_keeps_nobody_waiting(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fragments, "WAITING", (32, 0))
    fresh = site.client()
    answer = fresh.get("/fragments?page=3")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert len(list(walk(fresh, "/fragments", site.url))) > 5


def test_many_walk_at_once(site: Site, truth: set[Triple]) -> None:
    app = create_app(site.settings, Catalogue(site.settings))

    def all_of_it(number: int) -> set[Triple]:
        path = "/fragments" if number % 2 else f"/fragments?subject=?s{number}"
        return {triple for page in walk(app.test_client(), path, site.url) for triple in page}

    with ThreadPoolExecutor(8) as crowd:
        assert all(found == truth for found in crowd.map(all_of_it, range(8)))


def test_the_thread_ends_with_the_release(site: Site) -> None:
    catalogue = Catalogue(site.settings)
    catalogue.edition().fragments.page((None, None, None), 1)
    before = sum(thread.name == "fragments" for thread in threading.enumerate())
    catalogue.close()
    until = time.monotonic() + 5
    while time.monotonic() < until:
        gc.collect()
        if sum(thread.name == "fragments" for thread in threading.enumerate()) < before:
            return
        time.sleep(0.05)
    raise AssertionError("the thread goes on")


# -- bad input


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("subject=x%20y", 400, "x y"),
        ("subject=%22a%22", 400, "subject"),
        ("predicate=_:b", 400, "predicate"),
        ("object=%22a", 400, "object"),
        ("object=%3Cscript%3Ealert(1)%3C/script%3E", 400, "object"),
        ("subject=%ff%fe%00", 400, "subject"),
        ("subject=a:b&subject=c:d", 400, "subject"),
        ("page=1&page=2", 400, "page"),
        ("page=0", 400, "0"),
        ("page=-1", 400, "-1"),
        ("page=two", 400, "two"),
        ("page=", 400, ""),
        ("page=%D9%A1", 400, ""),
        ("page=" + "9" * 400, 400, "999"),
        ("page=500", 404, ""),
        ("page=999999999", 404, "10000"),
        ("predicate=dcterms:title&page=2", 404, ""),
        ("object=%22" + "a" * 20_000 + "%22", 414, "SPARQL"),
    ],
)
def test_a_bad_request_is_told_so_in_its_own_form(client: FlaskClient, query: str, status: int, told: str) -> None:
    for accept in ("text/html", "text/turtle", "application/n-quads", "application/ld+json", "text/plain"):
        answer = client.get(f"/fragments?{query}", headers={"Accept": accept, "Accept-Language": "en"})
        assert answer.status_code == status
        assert answer.content_type.startswith(accept)
        assert told in answer.text
        assert accept != "text/html" or "<script>alert" not in answer.text
    assert client.get(f"/fragments.xyz?{query}").status_code == 404


def test_odd_but_good_requests(client: FlaskClient) -> None:
    for query in (
        "",
        "subject=?x&predicate=?x&object=?x",
        "%zz=%",
        "a[]=1&b={}&c=<>",
        "lang=en&page=001",
        "&&&",
        "object=%22%00%22",
    ):
        answer = client.get(f"/fragments?{query}", headers=NQUADS)
        assert answer.status_code == 200, query
        assert list(parse(answer.data, format=RdfFormat.N_QUADS))
    assert client.get("/fragments", headers={"Accept": "image/png"}).status_code == 406
    assert client.post("/fragments").status_code == 405


def test_long_patterns_leave_the_headers_short(client: FlaskClient) -> None:
    answer = client.get(address(object='"' + "ä" * 1500 + '"@de'), headers=NQUADS)
    assert answer.status_code == 200
    assert sum(len(name) + len(text) for name, text in answer.headers) < 12_000
    assert "alternate" not in answer.headers["Link"]


# -- the page


@pytest.mark.parametrize(("lang", "words"), [("de", "Aussagen 1 bis 100 von"), ("en", "Statements 1 to 100 of")])
def test_the_page_can_be_read_and_walked_without_script(client: FlaskClient, lang: str, words: str) -> None:
    page = client.get(f"/fragments?lang={lang}", headers=BROWSER)
    html5lib.HTMLParser(strict=True).parse(page.text)
    assert words in page.text
    assert f'<a rel="next" href="/fragments?page=2&amp;lang={lang}">' in page.text
    assert (
        f'<a rel="prev" href="/fragments?page=1&amp;lang={lang}">'
        in client.get(f"/fragments?lang={lang}&page=2", headers=BROWSER).text
    )
    assert ("Auf dieses Muster passt" if lang == "de" else "No statement fits") in client.get(
        f"/fragments?lang={lang}&subject=x:y", headers=BROWSER
    ).text


def test_hostile_texts_are_texts(client: FlaskClient) -> None:
    for path in (address(object=f'"{TITLE}"@de'), address(object='"</script><b onclick=x>"@de')):
        page = client.get(path, headers=BROWSER)
        html5lib.HTMLParser(strict=True).parse(page.text)
        assert "<b onclick" not in page.text and "weiter <Frage>" not in page.text
