"""The browser of the tests: Debian's Chromium, how it is started without asking anybody for anything, and axe in it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip

AXE = Path(__file__).parent / "browser" / "axe" / "axe.min.js"  # axe-core 4.14.1, MPL-2.0
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_CHECK = """async (tags) => {
  const found = await axe.run(document, { runOnly: tags, resultTypes: ['violations'] });
  return found.violations.map((one) => one.id + ': ' + one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | '));
}"""


@contextmanager
def without_script(page: "Page", wanted: bool = True) -> Iterator[None]:
    """Load pages as if there were no script; afterwards axe may run in what was loaded."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setScriptExecutionDisabled", {"value": wanted})
    yield
    session.send("Emulation.setScriptExecutionDisabled", {"value": False})
    session.detach()


def faults(page: "Page", *looks: tuple[int, str]) -> list[str]:
    """Say what axe finds on the page that is open, and whether it is too wide, in some widths and colour schemes."""
    page.evaluate(AXE.read_text("utf-8"))
    found = []
    for width, scheme in looks:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found += [f"{width} {scheme} {one}" for one in page.evaluate(_CHECK, _RULES)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{width} {scheme} too wide")
    return found
