"""How many hot answers a second: katalod's pages beside a bare WSGI function and nginx with the same bytes.

    python benchmarks/pages.py [--seconds 5] [--rounds 3] [--json FILE]

Needs wrk (Debian: apt-get install wrk); compares also under granian and nginx where these are installed. Each
line is the median of some rounds in turn; the servers have the same number of threads, wrk the same connections.
"""

import argparse
import json
import os
import platform
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from katalod.assets import asset

PATHS = {"Turtle": "/doc/difu/581658.ttl", "HTML": "/doc/difu/581658.html"}
BARE = """
from pathlib import Path
import json
ANSWERS = {path: (list(map(tuple, headers)), (Path(body).read_bytes(),))
           for path, (headers, body) in json.loads(Path("answers.json").read_text()).items()}
def app(environ, start_response):
    headers, body = ANSWERS[environ["PATH_INFO"]]
    start_response("200 OK", headers)
    return body
"""
KATALOD = """
from katalod.web import create_app
from katalod.web.wsgi import make
from katalod.catalogue import Catalogue
from katalod.settings import load
hot = make()
settings = load()
plain = create_app(settings, Catalogue(settings))
"""
NGINX = """daemon off; worker_processes 2; pid {room}/nginx.pid; error_log {room}/error.log;
events {{ worker_connections 1024; }}
http {{ access_log off; default_type text/html; types {{ text/turtle ttl; text/html html; }}
  keepalive_requests 1000000; server {{ listen 127.0.0.1:{port}; root {room}/files; }} }}
"""
WAITRESS = """
import sys, importlib, waitress
module, name = sys.argv[1].split(":")
sys.path.insert(0, ".")
waitress.serve(getattr(importlib.import_module(module), name), host="127.0.0.1", port=int(sys.argv[2]), threads=8,
               _quiet=True)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], room: Path, port: int, home: Path) -> Iterator[int]:
    environment = {**os.environ, "KATALOD_HOME": str(home), "PYTHONPATH": f"{room}:{os.environ.get('PYTHONPATH', '')}"}
    with (room / "server.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=room, env=environment, stdout=log, stderr=log)
    try:
        for _ in range(200):
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}{PATHS['Turtle']}", timeout=2):
                break
            if process.poll() is not None:
                sys.exit(f"{' '.join(command)} ended: {(room / 'server.log').read_text()[-2000:]}")
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def commands(room: Path) -> dict[str, tuple[list[str], int]]:
    """The servers, each with the port that it listens at."""
    granian = shutil.which("granian", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    found: dict[str, tuple[list[str], int]] = {}
    if nginx := shutil.which("nginx", path=f"/usr/sbin:{os.environ.get('PATH', '')}"):
        port = free_port()
        (room / "nginx.conf").write_text(NGINX.format(room=room, port=port))
        found["nginx, the same bytes as a file"] = ([nginx, "-c", str(room / "nginx.conf"), "-p", str(room)], port)
    apps = {"a bare WSGI function": "bare:app", "katalod, hot": "served:hot", "katalod, each time anew": "served:plain"}
    for name, app in apps.items():
        if granian:
            port = free_port()
            flags = ["--interface", "wsgi", "--workers", "1", "--blocking-threads", "1", "--no-ws", "--port", str(port)]
            found[f"granian, {name}"] = ([granian, *flags, "--log-level", "warning", app], port)
        port = free_port()
        found[f"waitress, {name}"] = ([sys.executable, "-c", WAITRESS, app, str(port)], port)
    return found


def rate(port: int, path: str, seconds: int) -> float:
    address = f"http://127.0.0.1:{port}{path}"
    answer = subprocess.run(
        ["wrk", "-t1", "-c32", f"-d{seconds}s", address], capture_output=True, text=True, check=True
    ).stdout
    if "Non-2xx" in answer:
        sys.exit(f"{address}: {answer}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", answer)
    return float(found[1]) if found else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is not there; on Debian: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        room, home = Path(folder), Path(folder) / "home"
        room.chmod(0o755)  # nginx reads it as another user
        katalod = [sys.executable, "-m", "katalod"]
        subprocess.run(
            [*katalod, "publish", str(asset("data")), "--home", str(home)], check=True, stdout=subprocess.DEVNULL
        )
        prepare(room, home)
        rates: dict[str, dict[str, list[float]]] = {}
        for _ in range(options.rounds):
            for name, (command, port) in commands(room).items():
                with running(command, room, port, home):
                    for form, path in PATHS.items():
                        rates.setdefault(name, {}).setdefault(form, []).append(rate(port, path, options.seconds))
    medians = {
        name: {form: round(statistics.median(found)) for form, found in forms.items()} for name, forms in rates.items()
    }
    result = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end",
        "requests_per_second": medians,
    }
    print(json.dumps(result, indent=1, ensure_ascii=False))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")


def prepare(room: Path, home: Path) -> None:
    """Write down what katalod answers, for the servers that only repeat it."""
    (room / "bare.py").write_text(BARE)
    (room / "served.py").write_text(KATALOD)
    port, kept = free_port(), {}
    with running([sys.executable, "-c", WAITRESS, "served:plain", str(port)], room, port, home):
        for path in PATHS.values():
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
                body = answer.read()
                dropped = ("date", "server", "via", "connection")
                headers = [(name, value) for name, value in answer.headers.items() if name.lower() not in dropped]
            file = room / "files" / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(body)
            kept[path] = (headers, str(file))
    (room / "answers.json").write_text(json.dumps(kept))


if __name__ == "__main__":
    main()
