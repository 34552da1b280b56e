"""Search in other catalogues: two of our own, one recorded answer of each kind, and those that misbehave."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import html5lib
import pytest
import requests
from click.testing import CliRunner
from flask.testing import FlaskClient
from tests import targets as recorded
from tests.conftest import dim_page, dim_record, work_fields
from tests.federation import ORIGIN, Site, served
from tests.targets import Elsewhere
from werkzeug.test import Client

from katalod import pipeline
from katalod.catalogue import Catalogue
from katalod.cli import main
from katalod.federation import Answer, Federation, State
from katalod.federation.together import search
from katalod.settings import Settings, Target
from katalod.web import create_app, create_server_app

HTML = {"Accept": "text/html", "Accept-Language": "de"}


def with_isbn(number: int, title: str) -> str:
    fields = [*work_fields(number, title), ("identifier.isbn", "978-3-88118-676-6", None)]
    return dim_record(f"{ORIGIN}:difu/{number}", fields)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with recorded.serving() as found:
        yield found


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("elsewhere")
    records = [with_isbn(1, "Migration in Wohnquartieren"), dim_record(f"{ORIGIN}:difu/2", work_fields(2))]
    (folder / "works.xml").write_text(dim_page(records), "utf-8")
    settings = Settings(base="https://data.example.org/", home=folder / "home", publish_jobs=1)
    pipeline.publish(settings, (str(folder / "works.xml"),), lambda *_: None)
    return settings


@pytest.fixture(scope="module")
def settings(published: Settings, elsewhere: Elsewhere) -> Settings:
    targets = (
        elsewhere.target("dnb", version="1.1", schema="MARC21-xml", index="WOE", page="https://d-nb.info/{id}"),
        elsewhere.target("k10plus", version="1.1", index="pica.all"),
        elsewhere.target("lobid", "lobid"),
        elsewhere.target("sparql", "sparql"),
        elsewhere.target("secret", parameters=(("accessToken", "hush"),)),
        elsewhere.target("off", on=False),
    )
    return replace(published, targets=targets)


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[FlaskClient]:
    catalogue = Catalogue(settings)
    yield create_app(settings, catalogue).test_client()
    catalogue.close()


def asked(client: FlaskClient, query: str) -> dict[str, Any]:
    answer = client.get(f"/search?{query}&format=json")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


# -- two of our own


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Site]]:
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("two")
        other = stack.enter_context(served(folder / "other", asking=True))
        target = Target("other", f"{other.url}sparql", "sparql", "Die andere")
        ours = stack.enter_context(served(folder / "ours", asking=True, targets=(target,)))
        for site in (ours, other):
            site.folder.mkdir(exist_ok=True)
        ours.publish([with_isbn(1, "Migration in Wohnquartieren"), dim_record(f"{ORIGIN}:difu/2", work_fields(2))])
        other.publish(
            [with_isbn(7, "Größere Städte: Migration im Quartier"), dim_record(f"{ORIGIN}:difu/8", work_fields(8))]
        )
        yield ours, other


def test_two_of_our_own_ask_each_other(two: tuple[Site, Site]) -> None:
    ours, other = two
    found = requests.get(f"{ours.url}search?q=Migration&also=other&format=json", timeout=20).json()
    (answer,) = found["elsewhere"]
    assert (answer["state"], answer["label"], answer["total"]) == ("answered", "Die andere", None)
    (work,) = answer["works"]
    assert (work["title"], work["people"], work["year"]) == (
        "Größere Städte: Migration im Quartier",
        ["Muster, Maria 0"],
        "1997",
    )
    assert work["held"] == [f"{ours.url}id/difu/1"] and work["address"] == f"{other.url}doc/difu/7"
    back = replace(other.settings, targets=(Target("first", f"{ours.url}sparql", "sparql"),))
    federation = Federation(back.targets, 1)
    answers, same = search(back, federation, federation.targets, "migration wohnquartieren", 5)
    assert [(answer.target, answer.state, len(answer.works)) for answer in answers] == [
        ("ours", "answered", 0),
        ("first", "answered", 1),
    ]
    assert same["first", 0].held == ("difu/7",)
    federation.close()


def test_all_words_must_be_there_and_case_does_not_matter(two: tuple[Site, Site]) -> None:
    ours, _ = two
    found = requests.get(f"{ours.url}search?q=GRÖSSERE+miete&also=other&format=json", timeout=20).json()
    assert found["elsewhere"][0]["works"] == []
    found = requests.get(f"{ours.url}search?q=STÄDTE+quart*&also=other&format=json", timeout=20).json()
    assert len(found["elsewhere"][0]["works"]) == 1


def test_our_own_sru_server_is_asked_like_any_other(two: tuple[Site, Site]) -> None:
    ours, other = two
    for schema in ("marcxml", "mods", "dc"):
        federation = Federation([Target("other", f"{other.url}sru", schema=schema)], 1)
        answers, same = search(ours.settings, federation, federation.targets, "migration quartier", 5)
        assert (answers[1].state, answers[1].total) == (State.ANSWERED, 1), answers[1]
        assert answers[1].works[0].title.startswith("Größere Städte")
        assert same["other", 0].held == ("difu/1",), schema
        federation.close()


# -- one recorded answer of each kind


def test_all_kinds_are_asked_and_the_same_work_is_joined(client: FlaskClient, elsewhere: Elsewhere) -> None:
    found = asked(client, "q=Migration+Wohnquartieren&also=sparql&also=lobid&also=dnb&also=k10plus&also=dnb")
    answers = found["elsewhere"]
    assert [(one["target"], one["state"], one["total"]) for one in answers] == [
        ("dnb", "answered", 1204), ("k10plus", "answered", 3), ("lobid", "answered", 17), ("sparql", "answered", None),
    ]  # fmt: skip
    assert [work["path"] for work in found["works"]] == ["difu/1"]
    dnb, k10plus, lobid, sparql = (one["works"] for one in answers)
    assert dnb[0]["title"] == "Die Migration in Wohnquartieren : Thesen für die Praxis"  # composed letters
    assert dnb[0]["held"] == k10plus[0]["held"] == lobid[0]["held"] == ["https://data.example.org/id/difu/1"]
    assert [one["label"] for one in k10plus[0]["also"]] == ["Dnb", "Lobid"]
    assert k10plus[0]["also"][0]["address"] == "https://d-nb.info/1234567890"
    assert sparql[0]["held"] == sparql[0]["also"] == []
    assert elsewhere.queries("dnb")[-1] == 'WOE="Migration" and WOE="Wohnquartieren"'


@pytest.mark.parametrize(
    ("tongue", "held", "also"), [("de", "in diesem Katalog", "Auch bei"), ("en", "in this catalogue", "Also at")]
)
def test_the_page_shows_who_answered_and_what_we_have_too(
    client: FlaskClient, tongue: str, held: str, also: str
) -> None:
    answer = client.get(f"/search?q=Migration+Wohnquartieren&also=all&lang={tongue}", headers=HTML)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store" and "ETag" not in answer.headers
    html5lib.HTMLParser(strict=True).parse(answer.text)
    count = "1.204 gefunden" if tongue == "de" else "1,204 found"
    for text in (
        held,
        also,
        count,
        'href="https://d-nb.info/1234567890"',
        f'href="/doc/difu/1?lang={tongue}"',
        'value="dnb" checked',
    ):
        assert text in answer.text, text
    assert "status 404" in answer.text and "hush" not in answer.text  # the target that is not there
    assert (
        f'href="/search?q=Migration+Wohnquartieren&amp;also=all&amp;lang={"en" if tongue == "de" else "de"}"'
        in answer.text
    )


def test_what_asks_others_is_kept_by_nobody_and_the_rest_as_ever(settings: Settings) -> None:
    catalogue = Catalogue(settings)
    client = Client(create_server_app(settings, catalogue))
    plain = client.get("/search?q=Migration", headers=HTML)
    assert plain.headers["Cache-Control"].startswith("public") and plain.headers["ETag"]
    assert 'name="also" value="dnb">' in plain.text and 'value="off"' not in plain.text
    etag = {"If-None-Match": plain.headers["ETag"]}
    for accept in ("text/html", "application/json"):
        answer = client.get("/search?q=Migration&also=dnb", headers=etag | {"Accept": accept})
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    feed = client.get("/search?q=Migration&also=dnb&format=rss")  # which others are not asked for
    assert feed.headers["Cache-Control"].startswith("public")
    catalogue.close()


def test_without_targets_there_is_no_form(published: Settings) -> None:
    catalogue = Catalogue(published)
    client = create_app(published, catalogue).test_client()
    assert 'name="also"' not in client.get("/search?q=Migration", headers=HTML).text
    assert client.get("/search?q=Migration&also=dnb", headers=HTML).status_code == 400  # shipped, but off
    assert client.get("/search?q=Migration&also=all", headers=HTML).status_code == 200
    catalogue.close()


@pytest.mark.parametrize("name", ["off", "nobody", "<script>", "x" * 5000, "\x00"])
def test_who_is_not_switched_on_is_a_friendly_400(client: FlaskClient, name: str) -> None:
    for accept in ("text/html", "application/json"):
        answer = client.get("/search", query_string={"q": "a", "also": ["dnb", name]}, headers={"Accept": accept})
        assert answer.status_code == 400
        assert "dnb" in answer.text and len(answer.text) < 6000
        assert "<script>" not in answer.text or answer.content_type.startswith("text/plain")


def test_without_a_word_nobody_is_asked(client: FlaskClient, elsewhere: Elsewhere) -> None:
    before = len(elsewhere.asked)
    for query in ("", "year:2010", "-miete", "?!"):
        assert asked(client, f"q={query}&also=all")["elsewhere"] == []
    assert "wenigstens ein Wort" in client.get("/search?also=dnb", headers=HTML).text
    assert len(elsewhere.asked) == before


def test_an_answer_is_remembered_for_a_while(client: FlaskClient, elsewhere: Elsewhere) -> None:
    for _ in range(3):
        assert asked(client, "q=Gedächtnis&also=dnb")["elsewhere"][0]["state"] == "answered"
        assert asked(client, "q=Gedächtnis&also=secret")["elsewhere"][0]["state"] == "refused"
    assert elsewhere.queries("dnb").count('WOE="Gedächtnis"') == 1
    assert elsewhere.queries("secret").count('"Gedächtnis"') == 3  # only answers are
    assert elsewhere.asked[-1][1]["accessToken"] == "hush"


def test_crawlers_are_kept_off(client: FlaskClient) -> None:
    assert "Disallow: /search\n" in client.get("/robots.txt").text


# -- those that misbehave


def ask(target: Target, text: str = "Stadt") -> Answer:
    federation = Federation([target], 1)
    (answer,) = federation.ask(federation.targets, text, 10)
    federation.close()
    return answer


@pytest.mark.parametrize(
    ("name", "kind", "state", "why"),
    [
        ("drip", "sru", State.LATE, "no answer in 0.6 s"),
        ("headless", "sru", State.LATE, "no answer in 0.6 s"),
        ("hold", "sru", State.LATE, "no answer in 0.6 s"),
        ("huge", "sru", State.UNREADABLE, "larger than"),
        ("cut", "sru", State.UNREADABLE, "broke off"),
        ("moved", "sru", State.REFUSED, "status 302"),
        ("down", "sru", State.REFUSED, "status 503"),
        ("nothing", "sru", State.REFUSED, "status 404"),
        ("dnb", "sru", State.REFUSED, "diagnostic/1/66"),
        ("dnb", "sparql", State.REFUSED, "diagnostic/1/66"),
        ("bomb", "sru", State.UNREADABLE, "document type declaration"),
        ("outside", "sru", State.UNREADABLE, "document type declaration"),
        ("html", "sru", State.UNREADABLE, "HTML page"),
        ("html", "lobid", State.UNREADABLE, "no JSON"),
        ("html", "sparql", State.UNREADABLE, "no results of a SPARQL query"),
    ],
)  # fmt: skip
def test_what_others_do_wrong_is_said(elsewhere: Elsewhere, name: str, kind: str, state: State, why: str) -> None:
    elsewhere.more |= {
        "/bomb": recorded.BOMB.encode(), "/outside": recorded.OUTSIDE.encode(), "/html": b"<!DOCTYPE html><p>Login",
    }  # fmt: skip
    began, deadline = time.monotonic(), 0.6 if state is State.LATE else 5.0
    before = len(elsewhere.queries("dnb"))
    answer = ask(elsewhere.target(name, kind if (name, kind) != ("dnb", "sparql") else "sru", deadline=deadline))
    assert (answer.state, answer.works) == (state, ())
    assert why in answer.why and "127.0.0.1" not in answer.why
    assert time.monotonic() - began < (1.2 if state is State.LATE else 5)
    assert len(elsewhere.queries("dnb")) - before == (name == "dnb")  # no redirect was followed


def test_nobody_there_is_said() -> None:
    answer = ask(Target("gone", "http://127.0.0.1:9/sru?token=hush", deadline=2.0))
    assert (answer.state, answer.why) == (State.UNREACHABLE, "no connection to 127.0.0.1")


def test_the_slow_do_not_add_up_and_the_quick_are_shown(published: Settings, elsewhere: Elsewhere) -> None:
    slow = [elsewhere.target(name, deadline=0.6) for name in ("drip", "headless", "hold")]
    settings = replace(published, targets=(*slow, elsewhere.target("lobid", "lobid")))
    catalogue = Catalogue(settings)
    client, began = create_app(settings, catalogue).test_client(), time.monotonic()
    page = client.get("/search?q=Stadt&also=all", headers=HTML)
    assert time.monotonic() - began < 2.5
    assert page.text.count("hat in 0,6 s nicht geantwortet") == 3 and "17 gefunden" in page.text
    assert [one["state"] for one in asked(client, "q=Stadt&also=all")["elsewhere"]] == [
        "late",
        "late",
        "late",
        "answered",
    ]
    catalogue.close()


def test_markup_of_others_comes_out_as_text(published: Settings, elsewhere: Elsewhere) -> None:
    elsewhere.more |= {"/evil": recorded.lobid_with(recorded.ATTACK), "/worse": recorded.K10PLUS_DIAGNOSTIC.replace(
        "Query syntax error", "&lt;img src=x onerror=alert(2)>").encode()}  # fmt: skip
    settings = replace(published, targets=(elsewhere.target("evil", "lobid", label='<b>"E'), elsewhere.target("worse")))
    catalogue = Catalogue(settings)
    text = create_app(settings, catalogue).test_client().get("/search?q=Stadt&also=all", headers=HTML).text
    html5lib.HTMLParser(strict=True).parse(text)
    for harm in ("<script>alert", "<img src=x", "javascript:alert", '" onmouseover="x', '<b>"E'):
        assert harm not in text, harm
    catalogue.close()


def test_a_flood_of_searches_elsewhere_stops_nobody(tmp_path: Path) -> None:
    """A quarter of the threads waits for others; who comes then is told so at once, and all else is answered."""
    with ExitStack() as stack:
        elsewhere = stack.enter_context(recorded.serving())
        target = elsewhere.target("hold", deadline=3.0)
        site = stack.enter_context(served(tmp_path, targets=(target,), server_threads=8))
        site.publish([with_isbn(1, "Migration in Wohnquartieren")])
        found: list[tuple[str, float]] = []

        def one(number: int) -> None:
            began = time.monotonic()
            answer = requests.get(f"{site.url}search?q=Migration+{number}&also=hold&format=json", timeout=20).json()
            found.append((answer["elsewhere"][0]["state"], time.monotonic() - began))

        threads = [threading.Thread(target=one, args=(number,)) for number in range(12)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        began = time.monotonic()
        assert requests.get(f"{site.url}doc/difu/1", timeout=20).status_code == 200
        assert time.monotonic() - began < 2.0
        for thread in threads:
            thread.join(20)
        assert elsewhere.most <= 2
        states = [state for state, _ in found]
        assert states.count("late") == 2 and states.count("busy") == 10


# -- the command


@pytest.fixture
def config(settings: Settings, tmp_path: Path, elsewhere: Elsewhere) -> Path:
    file = tmp_path / "katalod.toml"
    url = f"http://127.0.0.1:{elsewhere.port}"
    file.write_text(
        f'base = "{settings.base}"\nhome = "{settings.home}"\n[targets.dnb]\non = true\nurl = "{url}/dnb"\n'
        f'[targets.lobid]\non = true\nurl = "{url}/lobid"\n[targets.gone]\nurl = "{url}/gone"\n',
        "utf-8",
    )
    return file


def run(config: Path, *words: str, home: Path | None = None) -> tuple[int, str, str]:
    chosen = ("--home", str(home)) if home else ()
    result = CliRunner().invoke(main, ["federate", "--config", str(config), *chosen, *words])
    return result.exit_code, result.stdout, result.stderr


def test_the_command_shows_each_work_once_ours_first(config: Path) -> None:
    code, out, _ = run(config, "Migration Wohnquartieren")
    assert code == 0
    head, first, *rest = out.split("\n\n")
    assert [line.split()[:2] for line in head.splitlines()] == [
        ["ours", "answered"], ["dnb", "answered"], ["lobid", "answered"], ["gone", "refused"],
    ]  # fmt: skip
    assert first.splitlines() == [
        "Migration in Wohnquartieren", "  Muster, Maria 1 · 1991", "  ours: https://data.example.org/id/difu/1",
        "  dnb: https://d-nb.info/1234567890", "  lobid: http://lobid.org/resources/990000000000206441",
    ]  # fmt: skip
    assert [one.splitlines()[0] for one in rest] == ["Nur hier", "Ohne alles"]


def test_the_command_answers_in_json(config: Path) -> None:
    for words in (("--json",), ("--format", "json")):
        code, out, _ = run(config, "Migration Wohnquartieren", "--with", "dnb", "--limit", "1", *words)
        found = json.loads(out)
        assert code == 0 and [one["target"] for one in found["catalogues"]] == ["ours", "dnb"]
        (work,) = found["works"]
        assert work["held"] == ["difu/1"] and [one["catalogue"] for one in work["at"]] == ["ours", "dnb"]


def test_the_command_works_without_a_release_and_says_so(config: Path, tmp_path: Path) -> None:
    code, out, _ = run(config, "Migration", "--with", "dnb", home=tmp_path / "empty")
    assert code == 0 and "nothing is published" in out.splitlines()[0] and "d-nb.info/1234567890" in out
    code, out, _ = run(config, "Migration", "--with", "gone", "--deadline", "0.5", home=tmp_path / "empty")
    assert code == 1 and "status 404" in out


def test_the_command_says_who_is_not_switched_on(config: Path) -> None:
    code, _, told = run(config, "Migration", "--with", "k10plus")
    assert code == 1 and "no catalogue of the name 'k10plus' is switched on; on are: dnb, lobid, gone" in told
    assert run(config, "Migration", "--deadline", "0")[0] == 2
