"""The service as a process: waitress in front, the current release behind, engines for strangers' queries."""

import resource
import signal
from collections.abc import Callable, Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import waitress
import waitress.channel

from katalod.catalogue import Catalogue
from katalod.endpoint import Endpoint
from katalod.errors import NoRelease, SettingsError
from katalod.settings import Settings
from katalod.web import create_server_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

FILES = 8192  # that may be open at once
ROOM = 16  # megabytes of answers that may lie unread on a connection, beside the largest of a query

EXAMPLE = """PREFIX dcterms: <http://purl.org/dc/terms/>
SELECT ?title ?heading WHERE { ?work dcterms:subject ?heading ; dcterms:title ?title
  FILTER(STRSTARTS(STR(?heading), "https://d-nb.info/gnd/")) } ORDER BY ?heading LIMIT 20"""


def serve(settings: Settings, say: Callable[[str], None], links: Sequence[str] = ()) -> None:
    """Serve until the process is asked to end; raises SettingsError where the address cannot be had.

    A new release is followed within two seconds, without a request being dropped.
    """
    catalogue = Catalogue(settings)
    endpoint = Endpoint.of(catalogue)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        server = _server(settings, catalogue, endpoint)
        try:
            release = catalogue.edition().release
            endpoint.warm()
            say(f"serving release {release.id} ({release.count('works')} works) at {address(settings, server)}")
            if release.base != settings.base:
                say(f"its IRIs begin with {release.base}, but base is {settings.base}: publish again")
        except NoRelease as none:
            say(f"serving at {address(settings, server)}; {none}")
        for link in links:
            say(f"  {link}")
        server.run()
    except KeyboardInterrupt:
        say("stopped")
    finally:
        endpoint.close()
        catalogue.close()


class Channel(waitress.channel.HTTPChannel):  # type: ignore[misc]
    """A connection that keeps no thread waiting: who sends on without reading the answers is cut off.

    waitress would stop the thread that answers until the client has read, for ever if it does not. Nobody need wait
    who reads one answer after the other: those that we write whole have room, files are read as they are sent.
    """

    def __init__(self, server: Any, *rest: Any, **given: Any) -> None:
        """Take a connection, unless a quarter of all are from that address already."""
        super().__init__(server, *rest, **given)
        near = sum(one.addr[0] == self.addr[0] for one in server.active_channels.values())
        if near > self.adj.connection_limit // 4 and not self.adj.trusted_proxy:
            self.will_close = True

    def _flush_outbufs_below_high_watermark(self) -> None:
        if self.total_outbufs_len > self.adj.outbuf_high_watermark:
            self.will_close = True
            self.server.pull_trigger()


def _server(settings: Settings, catalogue: Catalogue, endpoint: Endpoint) -> waitress.server.BaseWSGIServer:
    sockets: dict[int, Any] = {}
    server = _listening(settings, create_server_app(settings, catalogue, endpoint), sockets)
    for one in sockets.values():
        if isinstance(one, waitress.server.BaseWSGIServer):
            one.channel_class = Channel
    return server


def _connections() -> int:
    """Say how many connections may be open at once: half of the files that may be, as unread answers lie in files."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = FILES if most == resource.RLIM_INFINITY else min(most, FILES)
    if now < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    return files // 2


def _listening(settings: Settings, app: "WSGIApplication", sockets: dict[int, Any]) -> waitress.server.BaseWSGIServer:
    try:
        return waitress.create_server(
            app,
            map=sockets,
            host=settings.server_host,
            port=settings.server_port,
            threads=settings.server_threads,
            ident=None,
            max_request_header_size=1 << 18,
            max_request_body_size=4 << 20,
            channel_timeout=30,
            connection_limit=_connections(),
            outbuf_high_watermark=(settings.sparql_result + ROOM) << 20,
            channel_request_lookahead=5,  # else a client that has left is not noticed before its answer begins
            clear_untrusted_proxy_headers=True,
            asyncore_use_poll=True,  # select() ends at 1,024 open files
            **_proxy(settings),
        )
    except OSError as error:
        place = f"{settings.server_host}:{settings.server_port}"
        raise SettingsError(f"listening at {place}: {error.strerror or error}; choose another with --port") from error


def _proxy(settings: Settings) -> dict[str, Any]:
    """Say whose word on who the client is counts: that of the proxies that the operator names, else nobody's."""
    if not settings.server_proxy:
        return {}
    return {
        "trusted_proxy": settings.server_proxy,
        "trusted_proxy_count": settings.server_proxy_count,
        "trusted_proxy_headers": {"x-forwarded-for"},
    }


def address(settings: Settings, server: waitress.server.BaseWSGIServer) -> str:
    """Give the address that the server listens at."""
    return f"http://{settings.server_host}:{getattr(server, 'effective_port', settings.server_port)}/"


def links_to_try(settings: Settings, path: str) -> list[str]:
    """Name three ways to look at a work: its page, its Turtle, a query for works with GND subjects."""
    place = f"http://{settings.server_host}:{settings.server_port}"
    root = urlsplit(settings.base).path.rstrip("/")
    return [
        f"page     {place}{root}/id/{path}",
        f"Turtle   {place}{root}/doc/{path}.ttl",
        f"SPARQL   {place}{root}/sparql?query={quote(EXAMPLE, safe='')}",
        f"(or: curl -L -H 'Accept: text/turtle' {place}{root}/id/{path})",
    ]


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
