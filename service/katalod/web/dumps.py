"""Releases as files: whole in more forms, and what changed; made by a process aside when first asked for.

Their page also lists the ways in for other catalogues and tools.
"""

import io
import subprocess
import sys
import time
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import Any

from flask import Blueprint, Response, abort, current_app, request, send_file
from flask.blueprints import BlueprintSetupState
from werkzeug.wsgi import wrap_file

from katalod import dumps
from katalod.describing import SERVICES
from katalod.dumps import Made
from katalod.errors import ReleaseError
from katalod.web import answers

interface = Blueprint("dumps", __name__)

PATIENCE = 3.0  # seconds that a request waits for a file that it had made
AGAIN = "10"  # seconds after which a client may ask again

WAYS = (
    ("sparql", "sparql", "SPARQL 1.1"),
    *((one.address, one.address, one.title) for one in SERVICES),
    ("json", "search?format=json", "JSON"),
    ("rss", "search?sort=year&format=rss", "RSS 2.0"),
    ("sitemap", "sitemap.xml", "Sitemaps"),
)
"""The interfaces as the page lists them: the end of the key of their sentence, address, name."""


class Part(io.RawIOBase):
    """A part of a file as a file: from one byte up to another one, which is no more of it."""

    def __init__(self, path: Path, start: int, stop: int) -> None:
        """Open the file."""
        self._file = path.open("rb")
        self._start, self._stop = start, stop
        self._file.seek(start)

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be read from any place."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        first = {io.SEEK_SET: self._start, io.SEEK_CUR: self._file.tell(), io.SEEK_END: self._stop}[whence]
        return self._file.seek(first + offset) - self._start

    def readinto(self, room: Any) -> int:
        """Read into a room as much as it takes, or as is left."""
        left = max(0, self._stop - self._file.tell())
        return self._file.readinto(memoryview(room)[:left])

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


class Workshop:
    """Makes one file at a time, in a process of its own; safe in several threads."""

    def __init__(self) -> None:
        """Begin with nothing under way."""
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self, home: str, release: str, name: str) -> bool:
        """Begin to make a file; says whether it was begun, for one is made at a time."""
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                return False
            self._process = subprocess.Popen([sys.executable, "-m", "katalod.dumps", home, release, name])
            return True


@interface.record_once
def begin(state: BlueprintSetupState) -> None:
    """Keep what makes files."""
    state.app.extensions["katalod.workshop"] = Workshop()


@interface.get("/dumps/")
def page() -> Response:
    """Give the files in which everything is, and the interfaces."""
    edition = answers.edition()
    release, whole, root = edition.release, edition.dump(), answers.reader().root
    size = whole.stat().st_size if whole else 0
    digest = dict(release.digests).get("sha256", "")
    name = f"dumps/{release.id}.nq.gz"
    more = [(kind, f"dumps/{release.id}/{kind.name}") for kind in dumps.KINDS if release.former or not kind.delta]
    return answers.page_or_json(
        "dumps.html",
        {
            "name": name,
            "size": size,
            "digest": digest,
            "more": more,
            "sums": f"dumps/{release.id}/SHA256SUMS",
            "ways": WAYS,
        },
        lambda: {
            "latest": root + name,
            "bytes": size,
            "sha256": digest,
            "digests": dict(release.digests),
            "more": {kind.name: root + address for kind, address in more},
            "interfaces": {title: root + address for _, address, title in WAYS},
        },
    )


@interface.get("/dumps/latest.nq.gz")
def latest_dump() -> Response:
    """Lead to the current release's dump, whose address never changes its content."""
    return answers.redirect(f"dumps/{answers.edition().release.id}.nq.gz", HTTPStatus.FOUND)


@interface.get("/dumps/<release>.nq.gz")
def dump(release: str) -> Response:
    """Give the dump of a release; in parts, too, for a client whose download broke off."""
    found = answers.edition().dump(release)
    if found is None:
        return abort(HTTPStatus.NOT_FOUND)
    return _sent(found, f"{release}.nq.gz", release)


@interface.get("/dumps/latest/<name>")
def latest(name: str) -> Response:
    """Lead to a file of the current release, whose address never changes its content."""
    return answers.redirect(f"dumps/{answers.edition().release.id}/{name}", HTTPStatus.FOUND)


@interface.get("/dumps/<release>/<name>")
def file(release: str, name: str) -> Response:
    """Give a file of a release, in parts too; 503 while it is being made."""
    try:
        made = _found(release, name) or _awaited(release, name)
    except ReleaseError:
        return abort(HTTPStatus.NOT_FOUND)
    if made is None:
        answer = Response(f"{name} is being made; ask again in {AGAIN} seconds\n", HTTPStatus.SERVICE_UNAVAILABLE)
        answer.headers |= {"Retry-After": AGAIN, "Cache-Control": "no-store"}
        answer.content_type = "text/plain; charset=utf-8"
        return answer
    return _sent(made.path.absolute(), f"{release}-{name}", made.sha256)


@interface.get("/dumps/<release>/SHA256SUMS")
def checksums(release: str) -> Response:
    """Give the digests of those files of a release that are there, as `sha256sum --check` reads them."""
    edition = answers.edition()
    known = next((one for one in edition.releases() if one.id == release), None)
    if known is None:
        return abort(HTTPStatus.NOT_FOUND)
    lines = [f"{made.sha256}  {release}-{name}\n" for name, made in files(release) if made]
    if digest := dict(known.digests).get("sha256"):
        lines.insert(0, f"{digest}  {release}.nq.gz\n")
    return Response("".join(lines), headers={"Cache-Control": answers.SHORT}, content_type="text/plain; charset=utf-8")


def files(release: str) -> list[tuple[str, Made | None]]:
    """Name the further files of a release; None for one that nobody has asked for yet."""
    found = []
    for kind in dumps.KINDS:
        try:
            found.append((kind.name, _found(release, kind.name)))
        except ReleaseError:  # a difference to a release that is not kept
            continue
    return found


def _sent(path: Path, name: str, etag: str) -> Response:
    """Send a file, or the part that is asked for; the server reads it as the client does, and no thread waits."""
    answer = send_file(path, mimetype="application/gzip", download_name=name, etag=etag)
    asked = answer.content_range
    if answer.status_code == HTTPStatus.PARTIAL_CONTENT and asked.start is not None and asked.stop is not None:
        answer.response = wrap_file(request.environ, io.BufferedReader(Part(path, asked.start, asked.stop)))
    answer.headers["Cache-Control"] = answers.FOREVER
    return answer


def _found(release: str, name: str) -> Made | None:
    return dumps.find(answers.settings().home, release, name)


def _awaited(release: str, name: str) -> Made | None:
    """Have a file made, and wait a little: most catalogues are small."""
    workshop: Workshop = current_app.extensions["katalod.workshop"]
    if not workshop.begin(str(answers.settings().home), release, name):
        return None
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        time.sleep(0.05)
        if made := _found(release, name):
            return made
    return None
