"""The query editor in a real browser: it runs under its policy, asks nobody but us, and knows what is here."""

import re
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pytest
import waitress
from tests.chromium import ARGUMENTS, CHROMIUM, faults, without_script
from tests.endpoint import run

from katalod import pipeline
from katalod.assets import asset
from katalod.catalogue import Catalogue
from katalod.endpoint import Endpoint
from katalod.settings import Settings
from katalod.web import create_app

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed; it would drive the browser")
pytestmark = pytest.mark.skipif(
    not Path(CHROMIUM).exists(), reason="chromium is not installed; it would have opened the query editor"
)
YEARS = 'SELECT ?year ?works { VALUES (?year ?works) { ("1990" 3) ("1991" 0) ("2001" 12) } }'
TEXT = "document.querySelector('.CodeMirror').CodeMirror.getValue()"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(home=tmp_path_factory.mktemp("editor") / "home", publish_jobs=1)
    pipeline.publish(settings, (str(asset("data/difu-581658.dim.xml")),), lambda what, done, total: None)
    catalogue = Catalogue(settings)
    endpoint = Endpoint.of(catalogue)
    server = waitress.create_server(create_app(settings, catalogue, endpoint), host="127.0.0.1", port=0, threads=4)
    thread = Thread(target=run, args=(server,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}/"
    endpoint.close()
    server.close()
    thread.join(1)
    catalogue.close()


@pytest.fixture(scope="module")
def browser() -> "Iterator[sync_api.Browser]":
    with sync_api.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield found
        found.close()


@pytest.fixture
def page(browser: "sync_api.Browser", address: str) -> "Iterator[sync_api.Page]":
    """The page, which fails a test that makes it complain or ask anybody else."""
    context = browser.new_context(locale="de-DE", viewport={"width": 1200, "height": 900})
    opened = context.new_page()
    complaints: list[Any] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda request: request.url.startswith(address) or complaints.append(request.url))
    opened.goto(address + "sparql", wait_until="networkidle")
    yield opened
    assert complaints == []
    context.close()


def test_an_example_from_the_menu_to_a_table_with_names(page: "sync_api.Page", address: str) -> None:
    page.locator(".examples select").select_option(label="Werke und ihre GND-Schlagwörter")
    page.locator(".yasqe_queryButton").click()
    link = page.locator('.yasr_results a[href="/id/difu/581658"]').first
    sync_api.expect(link).to_have_text(re.compile("^Migration und Teilhabe"))
    sync_api.expect(page.locator('.yasr_results a[title="https://d-nb.info/gnd/4044789-3"]')).to_have_text(
        "Partizipation"
    )
    assert page.locator(".yasr_results tbody tr").count() == 5
    endpoint = page.locator(".autocompleteWrapper input").first
    assert endpoint.input_value() == f"{address}sparql"


def test_years_become_a_chart(page: "sync_api.Page") -> None:
    page.evaluate(f"document.querySelector('.CodeMirror').CodeMirror.setValue({YEARS!r})")
    page.locator(".yasqe_queryButton").click()
    page.get_by_role("tab", name="Diagramm").or_(page.locator(".select_chart")).first.click()
    sync_api.expect(page.locator("svg.years rect")).to_have_count(3)
    heights = [float(bar.get_attribute("height") or 0) for bar in page.locator("svg.years rect").all()]
    assert heights == [65.0, 0.0, 260.0]


def test_completion_knows_what_is_in_this_release(page: "sync_api.Page") -> None:
    page.evaluate(
        "document.querySelector('.CodeMirror').CodeMirror.setValue('SELECT * { ?s <http://purl.org/ontology/bibo/han')"
    )
    page.evaluate(
        "(() => { const e = document.querySelector('.CodeMirror').CodeMirror; e.focus(); e.setCursor(0, 99) })()"
    )
    page.keyboard.press("Control+Space")
    sync_api.expect(page.locator(".CodeMirror-hint").first).to_contain_text("http://purl.org/ontology/bibo/handle")


def test_a_prefix_is_added_as_it_is_typed(page: "sync_api.Page") -> None:
    page.evaluate("document.querySelector('.CodeMirror').CodeMirror.setValue('SELECT * { ?work ')")
    page.evaluate(
        "(() => { const e = document.querySelector('.CodeMirror').CodeMirror; e.focus(); e.setCursor(0, 99) })()"
    )
    page.keyboard.type("dcterms:t")
    page.wait_for_function(f"{TEXT}.startsWith('PREFIX dcterms: <http://purl.org/dc/terms/>')")


def test_live_markup_in_an_answer_stays_dead(page: "sync_api.Page") -> None:
    query = "SELECT ?x ?y { VALUES (?x ?y) { ('<img src=x onerror=alert(1)>' <javascript:alert(1)>) } }"
    page.evaluate(f"document.querySelector('.CodeMirror').CodeMirror.setValue({query!r})")
    page.locator(".yasqe_queryButton").click()
    sync_api.expect(page.locator(".yasr_results td").first).to_have_text("<img src=x onerror=alert(1)>")
    assert page.locator(".yasr_results td img, .yasr_results td a").count() == 0


def test_the_plain_form_is_still_there(page: "sync_api.Page") -> None:
    page.get_by_text("Einfaches Formular").click()
    page.locator("form.ask textarea").fill("SELECT ?x { VALUES ?x { 'einfach' } }")
    page.get_by_role("button", name="Abfragen").click()
    page.wait_for_load_state("networkidle")
    sync_api.expect(page.locator("main > section table td").first).to_have_text("einfach")


@pytest.mark.parametrize("tongue", ["de", "en"])
def test_axe_finds_nothing_on_the_page_without_the_editor(
    browser: "sync_api.Browser", address: str, tongue: str
) -> None:
    page = browser.new_page(locale=tongue)
    found: list[object] = []
    for query in ("", YEARS, "ASK {}", "SELECT ?nothing { FILTER(false) }", "SELECT <script>"):
        with without_script(page):
            page.goto(f"{address}sparql?{urlencode({'query': query, 'format': 'html'} if query else {})}")
        looks = [(width, scheme) for width in (1280, 360) for scheme in ("light", "dark")]
        found += [(query, one) for one in faults(page, *looks)]
        assert query in page.locator("form.ask textarea").input_value()
    assert not found, "\n".join(map(str, found))
    page.close()
