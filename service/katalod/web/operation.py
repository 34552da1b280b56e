"""For those who run the service: is it alive, is it ready, what does it do; and what crawlers ask for."""

from collections import Counter
from threading import Lock

from flask import Blueprint, Response, current_app, send_from_directory

from katalod.errors import NoRelease
from katalod.web import answers

interface = Blueprint("operation", __name__)

TEXT = "text/plain; charset=utf-8"


class Requests:
    """How many requests were answered, by status; threads may count at once."""

    def __init__(self) -> None:
        """Begin at none."""
        self._lock = Lock()
        self._counts: Counter[int] = Counter()

    def count(self, status: int) -> None:
        """Count one answer."""
        with self._lock:
            self._counts[status] += 1

    def rows(self) -> list[tuple[int, int]]:
        """Give status and number, sorted."""
        with self._lock:
            return sorted(self._counts.items())


@interface.get("/health/live")
def live() -> Response:
    """Say that the process answers."""
    return _uncached("live\n")


@interface.get("/health/ready")
def ready() -> Response:
    """Say whether there is something to serve."""
    try:
        return _uncached(f"ready {answers.edition().release.id}\n")
    except NoRelease:
        return _uncached("no release; run: katalod publish\n", 503)


@interface.get("/metrics")
def metrics() -> Response:
    """Give the figures of this process for Prometheus (text format 0.0.4)."""
    requests: Requests = current_app.extensions["katalod.requests"]
    lines = ["# HELP katalod_requests_total Answers by HTTP status.", "# TYPE katalod_requests_total counter"]
    lines += [f'katalod_requests_total{{status="{status}"}} {count}' for status, count in requests.rows()]
    try:
        release = answers.edition().release
    except NoRelease:
        release = None
    lines += ["# HELP katalod_ready Whether there is a release to serve.", "# TYPE katalod_ready gauge"]
    lines.append(f"katalod_ready {int(release is not None)}")
    if release is not None:
        lines += ["# HELP katalod_release The release being served.", "# TYPE katalod_release gauge"]
        lines.append(f'katalod_release{{id="{_label(release.id)}"}} 1')
        for name, number in release.counts:
            lines.append(f'katalod_count{{of="{_label(name)}"}} {number}')
    for figures in current_app.extensions["katalod.figures"]:
        lines += figures()
    return _uncached("\n".join(lines) + "\n", kind="text/plain; version=0.0.4; charset=utf-8")


@interface.get("/robots.txt")
def robots() -> Response:
    """Let crawlers read pages, and keep them from queries, which cost much and lead nowhere."""
    root = answers.reader().root
    rules = [f"Disallow: {root}{part}" for part in ("sparql", "fragments", "search", "suggest", "metrics", "health/")]
    lines = ["User-agent: *", *rules, "", f"Sitemap: {answers.settings().base}sitemap.xml"]
    answer = Response("\n".join(lines) + "\n", content_type=TEXT)
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer


@interface.get("/favicon.svg")
@interface.get("/favicon.ico")
def favicon() -> Response:
    """Give the icon."""
    return send_from_directory(current_app.static_folder or "", "favicon.svg", max_age=86400)


def _uncached(text: str, status: int = 200, kind: str = TEXT) -> Response:
    return Response(text, status, {"Cache-Control": "no-store"}, content_type=kind)


def _label(text: str) -> str:
    """Escape a label's value as the text format asks."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
