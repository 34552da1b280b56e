"""Takes the pictures of these pages anew: publishes the first record, serves it, and looks with a real browser.

    python docs/screenshots.py

Beside the first record stand made-up reports, those of the tests, so that lists and charts have something to show.
"""

import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from tests.conftest import works_page  # noqa: E402 - the folder must be named first

DATA = HERE.parent / "data"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
PICTURES = {  # path, width, height, colour scheme
    "home": ("/?lang=de", 1280, 1000, "light"),
    "search": ("/search?q=wohnen&year=1995-2010&lang=de", 1280, 1000, "light"),
    "search-narrow": ("/search?q=wohnen&lang=en", 360, 760, "dark"),
    "work": ("/doc/difu/581658?lang=de", 1080, 700, "light"),
    "work-dark": ("/doc/difu/581658?lang=en#keywords", 1000, 740, "dark"),
    "work-narrow": ("/doc/difu/581658?lang=de", 360, 760, "light"),
    "keyword": ("/doc/keyword/teilhabe?lang=en", 1280, 900, "light"),
    "heading": ("/heading/4066794-7?lang=de", 1280, 900, "light"),
    "browse": ("/browse/?lang=en", 1280, 900, "dark"),
    "quality": ("/quality/?lang=en", 1280, 800, "light"),
}


def main() -> None:
    """Publish, serve, look, stop."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
        probe.close()
        home, made_up = str(Path(folder) / "home"), Path(folder) / "reports.xml"
        made_up.write_text(works_page(range(1, 90)), "utf-8")
        katalod = [sys.executable, "-m", "katalod"]
        subprocess.run([*katalod, "publish", str(DATA), str(made_up), "--home", home], check=True)
        server = subprocess.Popen([*katalod, "serve", "--home", home, "--port", port])
        try:
            look(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()
            server.wait()


def look(base: str) -> None:
    """Take every picture."""
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{base}/health/ready")  # noqa: S310 - our own server
            break
        except OSError:
            time.sleep(0.1)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name, (path, width, height, scheme) in PICTURES.items():
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.goto(base + path)
            page.screenshot(path=HERE / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
