"""One engine process, seen from the web process."""

import contextlib
import http.client
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from katalod.errors import StoreError
from katalod.settings import Settings

LAUNCHER = Path(__file__).with_name("launcher.py")
READY = 20.0
FRESH = 20.0
"""Seconds for which an unused connection is trusted: the engine's server closes it after a minute."""


def program() -> str:
    """Find the engine's program, which the package `oxigraph` installs beside Python."""
    beside = (Path(sysconfig.get_path("scripts")), Path(sys.executable).parent)
    for folder in beside:
        if os.access(folder / "oxigraph", os.X_OK):
            return str(folder / "oxigraph")
    if found := shutil.which("oxigraph"):
        return found
    raise StoreError("starting the SPARQL engine: there is no program 'oxigraph'; install the package oxigraph")


@dataclass(frozen=True, slots=True)
class Question:
    """A query as it goes to an engine: one media type is asked for, already negotiated."""

    query: str
    accept: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    dataset: bool = False  # the query names its own dataset
    calls: bool = False  # it calls a service

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The dataset of the query, as the protocol writes it."""
        return [("default-graph-uri", iri) for iri in self.default_graphs] + [
            ("named-graph-uri", iri) for iri in self.named_graphs
        ]

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the request to the engine."""
        return {"Accept": self.accept, "Content-Type": "application/sparql-query"}


class Child:
    """An engine process over one read-only store; it answers one query at a time."""

    def __init__(self, store: Path, settings: Settings, *, network: bool = False) -> None:
        """Start it, without waiting until it listens; only one that has to call a service gets the network."""
        self.store = store
        self.network = network
        self._control, theirs = socket.socketpair()
        alone = "shared" if network else "alone"
        arguments = (str(theirs.fileno()), str(settings.sparql_memory), alone, program(), str(store.resolve()))
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(LAUNCHER), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        self._control.settimeout(READY)
        self._connection: http.client.HTTPConnection | None = None
        self._used = time.monotonic()
        self.pid = 0

    def ask(self, question: Question) -> http.client.HTTPResponse:
        """Send a query, and give the head of the answer; OSError or HTTPException when the engine dies of it."""
        connection = self._connected()
        # Asked for the union at its start instead, the engine would no longer heed FROM.
        union = [] if question.dataset else [("union-default-graph", "")]
        path = "/query?" + urlencode(question.parameters or union)
        connection.request("POST", path, question.query.encode(), question.headers)
        return connection.getresponse()

    def _connected(self) -> http.client.HTTPConnection:
        """Give a connection that the engine has not closed meanwhile, and is not about to close."""
        connection, self._connection = self._connection, None
        if connection is None and not self.pid:
            connection = self._opened()  # the one that it began with, however long ago
        if connection is not None and (time.monotonic() - self._used > FRESH or _said(connection)):
            connection.close()
            connection = None
        if connection is None:
            self._control.sendall(b"c")
            connection = self._opened()
        self._connection = connection
        self._used = time.monotonic()
        return connection

    def _opened(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("engine")
        connection.sock = self._received()
        return connection

    def _received(self) -> socket.socket:
        try:
            said, handed, _, _ = socket.recv_fds(self._control, 4096, 1)
        except OSError as error:
            raise StoreError(f"starting the SPARQL engine over {self.store.name}: {error}") from error
        if not handed:
            reason = said.removeprefix(b"dead ").decode("utf-8", "replace").strip()
            raise StoreError(f"starting the SPARQL engine over {self.store.name}: {reason or 'it ended at once'}")
        self.pid = int(said.removeprefix(b"up "))
        connection = socket.socket(fileno=handed[0])
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else head and body wait 40 ms apart
        return connection

    @property
    def memory(self) -> int:
        """How much memory it holds, in MB; 0 where the system does not say."""
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[1])
        except (OSError, IndexError, ValueError):
            return 0
        return pages * os.sysconf("SC_PAGESIZE") >> 20

    @property
    def alive(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it now, whatever it is doing; whoever reads from it sees the connection break."""
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)  # upon which the launcher kills the engine and reaps it

    def bury(self) -> None:
        """End it and let go of all that it held."""
        self.kill()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._control.close()
        if self._connection is not None:
            self._connection.close()


def _said(connection: http.client.HTTPConnection) -> bool:
    """Whether the other side has spoken out of turn, which is how it says that it has closed."""
    return connection.sock is None or bool(select.select([connection.sock], [], [], 0)[0])
