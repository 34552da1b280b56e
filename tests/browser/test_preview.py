"""The preview of an entity in a frame of another site's page, as OpenRefine shows it: the one page that may be framed."""

from collections.abc import Iterator
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from threading import Thread

import pytest
from tests.chromium import ARGUMENTS, CHROMIUM
from tests.federation import Site, served, work

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed; it would drive the browser")
pytestmark = pytest.mark.skipif(
    not Path(CHROMIUM).exists(), reason="chromium is not installed; it would have framed a preview"
)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with served(tmp_path / "site") as found:
        found.folder.mkdir()
        found.publish([work(4)])
        yield found


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder that another site serves."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with HTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://localhost:{server.server_port}/"
        server.shutdown()


def test_a_preview_is_shown_in_another_sites_page_and_nothing_else_of_ours(
    site: Site, elsewhere: tuple[Path, str]
) -> None:
    folder, there = elsewhere
    frames = "".join(
        f'<iframe src="{site.url}{path}" width="430" height="300"></iframe>'
        for path in ("reconcile/preview?id=difu%2F4&lang=en", "doc/difu/4.html")
    )
    (folder / "index.html").write_text(f"<!doctype html><title>There</title>{frames}")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        page = browser.new_page()
        page.goto(there)
        shown = page.frames[1]
        assert shown.locator("h1").inner_text() == "Bericht 4 über das Wohnen in der Stadt"
        assert "Muster, Maria 4" in shown.locator("dl").inner_text()
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert shown.evaluate("getComputedStyle(document.querySelector('h1')).fontSize") == "17.6px", (
            "its style is there"
        )
        with page.expect_popup() as opened:
            shown.locator("h1 a").click()
        assert opened.value.url == f"{site.url}doc/difu/4?lang=en"
        assert page.frames[2].locator("h1", has_text="Bericht").count() == 0
        browser.close()
