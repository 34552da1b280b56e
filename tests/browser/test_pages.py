"""The pages in a real browser: they fit, they are readable, they need no script and fetch nothing foreign."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from katalod import pipeline
from katalod.assets import asset
from katalod.catalogue import Catalogue
from katalod.settings import Settings
from katalod.web import create_app

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed; it would drive the browser")
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
pytestmark = pytest.mark.skipif(
    not Path(CHROMIUM).exists(), reason="chromium is not installed; it would have opened the pages of a small release"
)

ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
WORK = "doc/difu/581658.html"
PAGES = (
    WORK,
    "doc/keyword/teilhabe.html",
    "index.html",
    "search?q=Migration",
    "quality/",
    "releases/",
    "changes/",
    "dumps/",
    "nix",
)

CONTRAST = """() => {
  const channel = (c) => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4 };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || element.closest('.unseen, .skip, script')) continue;
    let ground = element, colour;
    for (; ground; ground = ground.parentElement) {
      colour = parse(getComputedStyle(ground).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) break;
    }
    const pair = [light(parse(getComputedStyle(element).color)), light(colour)].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) poor.push(element.tagName + ' ' + element.className + ' ' + ratio.toFixed(2));
  }
  return poor;
}"""


class Quiet(WSGIRequestHandler):
    """Does not write a line for each request."""

    def log(self, type: str, message: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("browser") / "home"
    settings = Settings(home=home, publish_jobs=1, dataset_publisher="Difu")
    pipeline.publish(settings, (str(asset("data/difu-581658.dim.xml")),), lambda what, done, total: None)
    catalogue = Catalogue(settings)
    server = make_server("127.0.0.1", 0, create_app(settings, catalogue), threaded=True, request_handler=Quiet)
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


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")])
def test_pages_fit_and_can_be_read(browser: "sync_api.Browser", address: str, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, locale="de-DE")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    for path in PAGES:
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate(CONTRAST) == [], path
    assert [text for text in complaints if "404" not in text] == []
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
