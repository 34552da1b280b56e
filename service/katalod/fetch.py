"""The one door to the web: a polite HTTP session that retries, waits as long as it is told, and has limits.

Polite: it says who it is, asks one thing at a time, and honours Retry-After. Careful: what it reads is
bounded in size (after decompression) and in time, whatever the server claims.
"""

import contextlib
import email.utils
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, TypeVar
from weakref import WeakSet

import requests
from requests.adapters import HTTPAdapter

from katalod import __version__
from katalod.errors import KatalodError

AGENT = f"katalod/{__version__}"
BUSY = frozenset({429, 500, 502, 503, 504})
CHUNK = 1 << 16

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much: seconds, except where it says otherwise."""

    attempts: int = 5
    connect: float = 10.0
    silence: float = 60.0  # between two pieces of an answer
    whole: float = 600.0  # for one answer, from its being asked for
    wait: float = 300.0  # the longest Retry-After that is honoured
    size: int = 64 << 20  # bytes
    pause: float = 2.0  # before the second attempt; doubled for each further one
    redirects: int = 5  # that are followed to one answer


class FetchError(KatalodError):
    """An address did not give what was asked for; `status` and `body` are of its last answer, or 0 if none came."""

    def __init__(self, message: str, status: int = 0, body: bytes = b"") -> None:
        """Say what was asked of whom, and what came of it."""
        super().__init__(message)
        self.status = status
        self.body = body


class Spoiled(FetchError):  # noqa: N818 - it describes the answer
    """An answer came whole, but it is not what was asked for; asking again may mend it."""


class Late(FetchError):  # noqa: N818
    """An answer was not there in its time."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that has come whole; header names are lower case."""

    url: str  # after redirects
    status: int
    headers: Mapping[str, str]
    body: bytes


class Stream:
    """An answer on its way; a context manager that closes it."""

    def __init__(self, response: requests.Response, limits: Limits, end: float) -> None:
        """Read from a response whose body has not been touched, until a moment of the monotonic clock."""
        self._response = response
        self._limits = limits
        self._end = end
        self.status = response.status_code
        self.url = response.url
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}

    def __iter__(self) -> Iterator[bytes]:
        """Give the body piece by piece; FetchError beyond the limits, or where it breaks off."""
        size = 0
        guard = _guard(self._end, self.abort)
        try:
            for chunk in self._response.iter_content(CHUNK):
                size += len(chunk)
                if size > self._limits.size:
                    told = f"reading {self.url}: the answer is larger than {self._limits.size:,} bytes"
                    raise _Final(told, self.status)
                if time.monotonic() > self._end:
                    raise self._late()
                yield chunk
            if time.monotonic() > self._end:  # an answer without a length that was ended looks whole
                raise self._late()
        except (requests.RequestException, OSError, ValueError, AttributeError) as error:
            if time.monotonic() > self._end:
                raise self._late() from error
            raise FetchError(f"reading {self.url}: the answer broke off: {_reason(error)}", self.status) from error
        finally:
            guard.cancel()

    def _late(self) -> "Late":
        return Late(f"reading {self.url}: the answer took longer than {self._limits.whole:g} s", self.status)

    def abort(self) -> None:
        """End it from another thread; whoever reads gets a FetchError."""
        with contextlib.suppress(OSError, ValueError, RuntimeError, AttributeError):  # it has ended already
            self._response.raw.shutdown()

    def close(self) -> None:
        """Let go of the connection."""
        self._response.close()

    def __enter__(self) -> "Stream":
        """Give the answer itself."""
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Let go of the connection."""
        self.close()


class Session:
    """Asks web addresses; connections are kept between requests. For one thread at a time."""

    def __init__(self, limits: Limits = Limits(), pause: Callable[[float], None] = time.sleep) -> None:
        """Open a session; `pause` waits between two attempts."""
        self._limits = limits
        self._pause = pause
        self._session = requests.Session()
        self._session.max_redirects = limits.redirects
        self._adapter = _Adapter()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, self._adapter)
        self._session.headers["User-Agent"] = AGENT

    def get(self, url: str, params: Sequence[tuple[str, str]] = (), headers: Mapping[str, str] | None = None) -> Reply:
        """Fetch an address whole; what is busy or breaks off is asked again, what is refused raises FetchError."""
        return self.read(url, params, lambda reply: reply, headers)

    def read(
        self,
        url: str,
        params: Sequence[tuple[str, str]],
        reader: Callable[[Reply], T],
        headers: Mapping[str, str] | None = None,
        attempts: int = 0,
    ) -> T:
        """Fetch an address whole and read it; what the reader calls `Spoiled` is asked again, as what breaks off."""
        attempts = attempts or self._limits.attempts
        for attempt in range(1, attempts + 1):
            try:
                with self.open("GET", url, params, headers) as stream:
                    if stream.status in BUSY and attempt < attempts:
                        wait = self._delay(stream, attempt)
                    elif stream.status >= 400:
                        told = f"fetching {url}: the answer is status {stream.status}"
                        raise _Final(told, stream.status, b"".join(stream))
                    else:
                        return reader(Reply(stream.url, stream.status, stream.headers, b"".join(stream)))
            except _Final:
                raise
            except FetchError:
                if attempt == attempts:
                    raise
                wait = self._limits.pause * 2 ** (attempt - 1)
            self._pause(wait)
        raise FetchError(f"fetching {url}: it was not asked at all; allow at least one attempt")

    def open(
        self,
        method: str,
        url: str,
        params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Stream:
        """Ask once, and give the answer as soon as its head is there, whatever its status."""
        limits = self._limits
        if not url.lower().startswith(("http://", "https://")):
            raise _Final(f"fetching {url}: only http and https addresses are fetched")
        end = time.monotonic() + limits.whole
        guard = _guard(end, self._adapter.abort)
        try:
            response = self._session.request(
                method,
                url,
                params=list(params),
                headers=dict(headers or {}),
                data=body,
                stream=True,
                timeout=(limits.connect, limits.silence),
            )
        except (requests.RequestException, OSError, ValueError) as error:
            if time.monotonic() > end:
                raise Late(f"fetching {url}: the answer took longer than {limits.whole:g} s") from error
            kind = Late if isinstance(error, requests.Timeout) else FetchError
            last = getattr(error, "response", None)  # of too many redirects
            raise kind(f"fetching {url}: {_reason(error)}", last.status_code if last is not None else 0) from error
        finally:
            guard.cancel()
        return Stream(response, limits, end)

    def _delay(self, stream: Stream, attempt: int) -> float:
        told = _retry_after(stream.headers.get("retry-after", ""))
        if told is not None and told > self._limits.wait:
            raise _Final(
                f"fetching {stream.url}: busy (status {stream.status}) and asks to come again in {told:.0f} s,"
                f" which is longer than {self._limits.wait:g} s; try again later",
                stream.status,
            )
        return self._limits.pause * 2 ** (attempt - 1) if told is None else told

    def close(self) -> None:
        """Close all connections."""
        self._session.close()


class _Adapter(HTTPAdapter):
    """Knows the connections that it has opened, so that a request can be ended before its answer has begun."""

    def __init__(self) -> None:
        self._opened: WeakSet[Any] = WeakSet()
        super().__init__()

    def get_connection_with_tls_context(self, *given: Any, **named: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*given, **named)
        vars(pool).setdefault("ConnectionCls", partial(self._made, pool.ConnectionCls))
        return pool

    def _made(self, kind: Callable[..., Any], **named: Any) -> Any:
        connection = kind(**named)
        self._opened.add(connection)
        return connection

    def abort(self) -> None:
        """End what is under way, from another thread."""
        for connection in tuple(self._opened):
            with contextlib.suppress(OSError, AttributeError):  # it has ended already
                connection.sock.shutdown(socket.SHUT_RDWR)


class _Final(FetchError):  # noqa: N818
    """A failure that asking again would not mend."""


def _guard(end: float, abort: Callable[[], None]) -> threading.Timer:
    """Call for an end at a moment: a read goes on while bytes drip in, each in time; only another thread can end it."""
    guard = threading.Timer(max(0.0, end - time.monotonic()), abort)
    guard.daemon = True
    guard.start()
    return guard


def _retry_after(value: str) -> float | None:
    """Read the header: seconds or a date (RFC 9110, 10.2.3); None where it is neither."""
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _reason(error: Exception) -> str:
    """Say what failed without the library's nested names."""
    cause: BaseException = error
    while inner := _within(cause):
        cause = inner
    return (getattr(cause, "strerror", None) or f"{type(cause).__name__}: {cause}")[:300]


def _within(error: BaseException) -> BaseException | None:
    """Give what an error wraps: urllib3 names it `reason`, requests its last argument, Python its cause."""
    held = (getattr(error, "reason", None), *error.args[-1:], error.__cause__)
    return next((one for one in held if isinstance(one, BaseException)), None)
