"""Hot answers: a bounded cache in front of the framework, exact because a release never changes.

An answer is kept if its ETag says that it is made of the current release, and of nothing else than the address
and the headers that it varies by. It is dropped when another release becomes current, when the time has passed
for which it says of itself that others may keep it, or when the cache has grown beyond its bytes: what was not
asked for the longest goes first.
"""

import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from katalod.errors import KatalodError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LARGEST = 1 << 20  # bytes of an answer that is kept
_OVERHEAD = 600  # bytes that keeping an answer costs beside its own
LONGEST = 2048  # characters of an address and of the headers that its answer varies by
# What says something of the body has no place beside "not modified" (RFC 9110, 15.4.5).
_OF_THE_BODY = frozenset({"content-type", "content-length", "content-language", "content-encoding", "last-modified"})

_AGE = re.compile(r"max-age=(\d{1,9})")

Headers = list[tuple[str, str]]
Key = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer, ready to be sent in all the ways that it may be asked for."""

    status: str
    headers: Headers
    body: bytes
    etag: str
    modified: str
    bare: Headers  # the headers of the same answer where nothing has changed
    until: float  # on the monotonic clock
    under: int  # characters of its key

    @property
    def size(self) -> int:
        """How many bytes it takes, roughly."""
        headers = 2 * sum(len(name) + len(value) + 120 for name, value in self.headers)
        return len(self.body) + headers + self.under + _OVERHEAD


class Hot:
    """A WSGI application in front of another: what it has answered for this release it answers again by itself."""

    def __init__(
        self,
        inner: "WSGIApplication",
        release: Callable[[], str],
        count: Callable[[int], None],
        limit: int,
    ) -> None:
        """Stand in front of an application; `release` names the current release, `count` is told each status."""
        self._inner = inner
        self._release = release
        self._count = count
        self._limit = limit
        self._lock = Lock()
        self._current = ""
        self._answers: OrderedDict[Key, Kept] = OrderedDict()
        self._varies: dict[Key, tuple[str, ...]] = {}
        self._variants: Counter[Key] = Counter()  # how many answers of an address are kept
        self._bytes = 0

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            return self._inner(environ, start_response)
        address: Key = (environ.get("PATH_INFO"), environ.get("QUERY_STRING"))
        try:
            release = self._release()
        except KatalodError:  # nothing is published, or it cannot be read: the application says so itself
            return self._inner(environ, start_response)
        if release != self._current:
            self._begin(release)
        varies = self._varies.get(address)
        if varies is not None:
            key = (*address, *map(environ.get, varies))
            kept = self._answers.get(key)
            if kept is not None and monotonic() < kept.until:
                return self._again(key, kept, environ, start_response)
        if method == "HEAD":
            return self._inner(environ, start_response)
        return self._first(release, address, environ, start_response)

    def _begin(self, release: str) -> None:
        with self._lock:
            self._current = release
            self._answers.clear()
            self._varies.clear()
            self._variants.clear()
            self._bytes = 0

    def _again(
        self, key: Key, kept: Kept, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Send what is kept, or say that it has not changed."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
        if unchanged(kept, environ):
            self._count(304)
            start_response("304 NOT MODIFIED", kept.bare)
            return ()
        self._count(200)
        start_response(kept.status, kept.headers)
        return () if environ["REQUEST_METHOD"] == "HEAD" else (kept.body,)

    def _first(
        self, release: str, address: Key, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Let the application answer, and keep what may be kept."""
        said: list[tuple[str, Headers]] = []

        def started(status: str, headers: Headers, exc_info: object = None) -> Callable[[bytes], object]:
            said[:] = [(status, headers)]
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)  # type: ignore[arg-type]

        body = self._inner(environ, started)
        if not said or not lasting(*said[0], release):
            return body
        return self._take(release, address, environ, *said[0], body)

    def _take(
        self,
        release: str,
        address: Key,
        environ: "WSGIEnvironment",
        status: str,
        headers: Headers,
        body: Iterable[bytes],
    ) -> Iterable[bytes]:
        """Keep an answer, unless it or what it would be kept under is too large."""
        named = {name.lower(): value for name, value in headers}
        names = [name.strip() for name in named.get("vary", "").split(",") if name.strip()]
        varies = tuple(f"HTTP_{name.upper().replace('-', '_')}" for name in names)
        key = (*address, *map(environ.get, varies))
        under = sum(len(part) for part in key if part)
        if int(named.get("content-length", LARGEST + 1)) > LARGEST or under > LONGEST:
            return body
        try:
            whole = b"".join(body)
        finally:
            if hasattr(body, "close"):
                body.close()
        bare = [(name, value) for name, value in headers if name.lower() not in _OF_THE_BODY]
        until = monotonic() + age(named["cache-control"])
        kept = Kept(status, list(headers), whole, named["etag"], named.get("last-modified", ""), bare, until, under)
        self._keep(release, address, varies, key, kept)
        return (whole,)

    def _keep(self, release: str, address: Key, varies: tuple[str, ...], key: Key, kept: Kept) -> None:
        with self._lock:
            if release != self._current or kept.size > self._limit:
                return
            former = self._answers.pop(key, None)
            self._bytes += kept.size - (former.size if former else 0)
            self._answers[key] = kept
            self._varies[address] = varies
            self._variants[address] += former is None
            while self._bytes > self._limit:
                self._drop()

    def _drop(self) -> None:
        """Let go of what was not asked for the longest; of its address too, where no other answer of it is kept."""
        key, dropped = self._answers.popitem(last=False)
        self._bytes -= dropped.size
        address = key[:2]
        self._variants[address] -= 1
        if not self._variants[address]:
            del self._variants[address], self._varies[address]


def lasting(status: str, headers: Headers, release: str) -> bool:
    """Whether an answer is a function of the release, the address and what it varies by: its ETag says so."""
    named = {name.lower(): value for name, value in headers}
    return (
        status.startswith("200 ")
        and named.get("etag", "").startswith(f'"{release}-')
        and named.get("cache-control", "").startswith("public")
        and "set-cookie" not in named
        and "*" not in named.get("vary", "")
    )


def age(cache_control: str) -> int:
    """Give the seconds for which an answer may be kept; 0 where it does not say."""
    found = _AGE.search(cache_control)
    return int(found[1]) if found else 0


def unchanged(kept: Kept, environ: "WSGIEnvironment") -> bool:
    """Whether the client has what is kept already (RFC 9110, 13.1)."""
    wanted = environ.get("HTTP_IF_NONE_MATCH")
    if wanted is not None:
        tags = [tag.strip().removeprefix("W/") for tag in wanted.split(",")]
        return kept.etag in tags or "*" in tags
    return bool(kept.modified) and environ.get("HTTP_IF_MODIFIED_SINCE") == kept.modified
