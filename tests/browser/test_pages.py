"""The pages in a real browser: they fit, axe finds nothing amiss, they need no script and fetch nothing foreign."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from tests.chromium import ARGUMENTS, CHROMIUM, faults, without_script
from tests.conftest import dim_page, dim_record, works_page
from tests.targets import Elsewhere, serving
from werkzeug.serving import WSGIRequestHandler, make_server

from katalod import pipeline
from katalod.assets import asset
from katalod.catalogue import Catalogue
from katalod.settings import Settings
from katalod.web import create_server_app

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed; it would drive the browser")
pytestmark = pytest.mark.skipif(
    not Path(CHROMIUM).exists(), reason="chromium is not installed; it would have opened the pages of a small release"
)

WORK = "doc/difu/581658.html"
HOSTILE = '</title></script><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>{{7*7}}'
PAGES = (
    WORK, "doc/difu/7.html", "doc/difu/666.html", "doc/keyword/teilhabe.html", "heading/4044789-3.html", "heading/4120730-0",
    "index.html", "search?q=Stadt", "search?q=Migration&type=coar:c_93fc&sort=year", "search?q=nix%20da", "search?page=99",
    "search?q=Migration&also=all", "browse/", "browse/headings/", "browse/years/", "browse/types/", "browse/languages/", "browse/people/?letter=m",
    "quality/", "quality/quarantined", "quality/links", "quality/record/difu/666", "releases/", "changes/", "dumps/",
    "fragments.html", "fragments?predicate=dcterms:title&page=2", "fragments?subject=x:y",
    "privacy", "accessibility", "imprint", "nix", "reconcile/preview?id=difu/581658",
)  # fmt: skip
STOPS = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), summary, select, textarea, [tabindex="0"]')]
  .filter((one) => one.tabIndex >= 0 && one.checkVisibility({ visibilityProperty: true }))
  .map((one, n) => { one.dataset.stop = n; return n; }).length"""


class Quiet(WSGIRequestHandler):
    """Does not write a line for each request."""

    def log(self, type: str, message: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def others() -> Iterator[Elsewhere]:
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, others: Elsewhere) -> Iterator[str]:
    home = tmp_path_factory.mktemp("browser") / "home"
    (home.parent / "imprint.txt").write_text("# Verantwortlich\n\nDifu, mail@example.org\n\n- eins\n- zwei\n")
    fields = [("title", HOSTILE, "de"), ("type", "Bericht", "de"), ("subject", HOSTILE, "de"), ("contributor.author", HOSTILE, None),
              ("description.abstract", HOSTILE, "de"), ("date.issued", "2021-13-40", None)]  # fmt: skip
    hostile = dim_page(
        [dim_record("oai:repository.example.org:difu/666", fields), dim_record("oai:x.example.org:difu/667", [])]
    )
    for name, text in (("works.xml", works_page(range(1, 60))), ("hostile.xml", hostile)):
        (home.parent / name).write_text(text, "utf-8")
    settings = Settings(
        home=home, publish_jobs=1, dataset_publisher="Difu", dataset_contact="mail@example.org",
        site_imprint=str(home.parent / "imprint.txt"),
        targets=(others.target("lobid", "lobid"), others.target("k10plus", index="pica.all"), others.target("nobody")),
    )  # fmt: skip
    for name in (str(asset("data/difu-581658.dim.xml")), "works.xml", "hostile.xml"):  # a release each
        pipeline.publish(settings, (str(home.parent / name),), lambda what, done, total: None)
    catalogue = Catalogue(settings)
    server = make_server("127.0.0.1", 0, create_server_app(settings, catalogue), threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()
    catalogue.close()


@pytest.fixture(scope="module")
def browser() -> "Iterator[sync_api.Browser]":
    with sync_api.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield found
        found.close()


@pytest.mark.parametrize("tongue", ["de", "en"])
@pytest.mark.parametrize("scripted", [True, False])
def test_axe_finds_nothing_and_pages_are_whole(
    browser: "sync_api.Browser", address: str, tongue: str, scripted: bool
) -> None:
    """Each page is seen wide and narrow, light and dark, with and without script, and each two of these together."""
    context = browser.new_context(locale=f"{tongue}-DE")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    found: list[object] = []
    for path in PAGES:
        page.set_viewport_size({"width": 1280, "height": 800})
        with without_script(page, not scripted):
            page.goto(address + path)
        looks = ((1280, "light"), (360, "dark")) if scripted else ((1280, "dark"), (360, "light"))
        found += [(path, one) for one in faults(page, *looks)]
        assert page.locator("html").get_attribute("lang") == tongue
        assert page.locator("h1").count() == page.locator("main").count() == 1, path
        assert scripted or page.locator("button.copy").count() == 0
        assert page.evaluate("window.hacked") is None
    assert not found, "\n".join(map(str, found))
    assert [text for text in complaints if "404" not in text] == []
    context.close()


@pytest.mark.parametrize(
    "path", [WORK, "search?q=Stadt", "browse/", "heading/4120730-0", "index.html", "quality/links"]
)
def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    browser: "sync_api.Browser", address: str, path: str
) -> None:
    page = browser.new_page()
    page.goto(address + path)
    stops, reached, faint = page.evaluate(STOPS), set(), []
    for _ in range(stops + 5):
        page.keyboard.press("Tab")
        stop, outline, name = page.evaluate(
            "() => { const one = document.activeElement; return [one.dataset.stop ?? null,"
            " getComputedStyle(one).outlineStyle, one.outerHTML.slice(0, 120)]; }"
        )
        reached.add(stop)
        if stop is not None and outline == "none":
            faint.append(name)
    assert {str(n) for n in range(stops)} <= reached
    assert stops > 15
    assert faint == []
    page.close()


def test_suggestions_come_while_one_types_and_lead_there(browser: "sync_api.Browser", address: str) -> None:
    page = browser.new_page(locale="de-DE")
    page.goto(address)
    field = page.get_by_role("combobox")
    field.press_sequentially("wohnu")
    options = page.get_by_role("option")
    options.first.wait_for()
    assert "Wohnungsmarkt" in options.first.inner_text()
    field.press("ArrowDown")
    assert options.first.get_attribute("aria-selected") == "true"
    field.press("Escape")
    assert options.count() == 0 or not options.first.is_visible()
    assert field.input_value() == "wohnu"
    field.press_sequentially("n")
    options.first.wait_for()
    field.press("ArrowDown")
    with page.expect_navigation():
        field.press("Enter")
    assert page.locator("h1").inner_text() == "Wohnungsmarkt"
    page.close()


def test_a_search_is_narrowed_and_widened_without_script(browser: "sync_api.Browser", address: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="de-DE")
    page = context.new_page()
    page.goto(address + "search?q=Stadt")
    before = page.locator(".subtitle").inner_text()
    page.locator(".facet").filter(has_text="Wohnungsmarkt").get_by_role("link", name="Wohnungsmarkt").first.click()
    assert page.locator(".subtitle").inner_text() != before
    page.locator("input[name=from]").fill("1995")
    page.locator("input[name=to]").fill("2000")
    page.get_by_role("button", name="Anwenden").click()
    assert page.locator(".chosen li").count() == 2
    assert "1995-2000" in page.locator(".chosen").inner_text()
    while page.locator(".chosen a").count():
        page.locator(".chosen a").first.click()
    assert page.locator(".subtitle").inner_text() == before
    context.close()


def test_a_page_is_one_document_and_one_stylesheet(browser: "sync_api.Browser", address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address + WORK, wait_until="networkidle")
    kept = [url.removeprefix(address).partition("?")[0] for url in asked]
    assert [url for url in kept if not url.startswith("favicon")] == [WORK, "static/katalod.css"]
    context.close()


def test_reading_without_script_from_work_to_keyword_to_the_other_language(
    browser: "sync_api.Browser", address: str
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="de-DE")
    page = context.new_page()
    page.goto(address + "id/difu/581658")
    assert page.url == address + "doc/difu/581658"
    assert page.locator("h1").inner_text().startswith("Migration und Teilhabe")
    assert page.locator(".keywords .heading").count() == 6
    page.get_by_role("link", name="Teilhabe", exact=True).click()
    assert page.url == address + "doc/keyword/teilhabe"
    assert page.locator(".evidence a.heading").get_attribute("href") == "https://d-nb.info/gnd/4044789-3"
    page.get_by_role("link", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("link", name="Migration und Teilhabe").click()
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("searchbox").fill("Wohnquartieren")
    page.get_by_role("searchbox").press("Enter")
    assert page.locator(".results h2").count() == 1
    context.close()


def test_the_keyboard_reaches_the_content_first(browser: "sync_api.Browser", address: str) -> None:
    page = browser.new_page()
    page.goto(address + WORK)
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.get_attribute("href") == "#content"
    assert focused.bounding_box()["x"] >= 0  # type: ignore[index]
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.close()


def test_print_leaves_out_the_navigation(browser: "sync_api.Browser", address: str) -> None:
    page = browser.new_page()
    page.goto(address + WORK)
    page.emulate_media(media="print")
    assert not page.locator("header.site").is_visible()
    assert page.locator("h1").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.close()
