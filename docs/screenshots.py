"""Takes the pictures of these pages anew: publishes the first record, serves it, and looks with a real browser.

    python docs/screenshots.py
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
DATA = HERE.parent / "data"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
PICTURES = {
    "work": ("/doc/difu/581658?lang=de", 1280, "light"),
    "work-dark": ("/doc/difu/581658?lang=en", 1280, "dark"),
    "work-narrow": ("/doc/difu/581658?lang=de", 360, "light"),
    "keyword": ("/doc/keyword/teilhabe?lang=en", 1280, "light"),
    "home": ("/?lang=de", 1280, "light"),
    "quality": ("/quality/?lang=en", 1280, "light"),
}


def main() -> None:
    """Publish, serve, look, stop."""
    with tempfile.TemporaryDirectory() as home, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
        probe.close()
        katalod = [sys.executable, "-m", "katalod"]
        subprocess.run([*katalod, "publish", str(DATA), "--home", home], check=True)
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
            urllib.request.urlopen(f"{base}/health/ready")
            break
        except OSError:
            time.sleep(0.1)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name, (path, width, scheme) in PICTURES.items():
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            page.goto(base + path)
            page.screenshot(path=HERE / f"{name}.png", full_page=width > 400)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
