"""Turns for answers that cost much, so that pages never wait for them: few are written at once, and few wait for it.

A server has so many threads. A quarter of them at most is with such answers, another with other catalogues
(`elsewhere`), a third with slow queries of strangers (`store.lanes`); the rest is always there for everything else.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from threading import BoundedSemaphore, Lock

from flask import current_app, request

from katalod.errors import Busy

AT_ONCE = 2  # that are written side by side; more would only take the interpreter from each other, and from pages
PATIENCE = 10.0  # seconds that one waits for its turn


class Turns:
    """Who writes a costly answer, and who waits to; safe in several threads."""

    def __init__(self, most: int) -> None:
        """Take how many threads may be with such answers; one client gets all of these but one."""
        self._most = most
        self._own = max(1, self._most - 1)
        self._writing = BoundedSemaphore(min(AT_ONCE, self._most))
        self._clients: Counter[str] = Counter()
        self._lock = Lock()

    @contextmanager
    def turn(self, client: str) -> Iterator[None]:
        """Wait for a turn and have it; raises Busy where too many wait already, or none comes in time."""
        with self._lock:
            if self._clients.total() >= self._most or self._clients[client] >= self._own:
                raise Busy(f"writing a costly answer for {client}: {self._clients.total()} others are before it")
            self._clients[client] += 1
        try:
            if not self._writing.acquire(timeout=PATIENCE):
                raise Busy(f"writing a costly answer for {client}: no turn came in {PATIENCE:g} s")
            try:
                yield
            finally:
                self._writing.release()
        finally:
            with self._lock:
                self._clients[client] -= 1
                self._clients += Counter()  # forgets who has none


@contextmanager
def turn() -> Iterator[None]:
    """Have a turn for this request; raises Busy."""
    turns: Turns = current_app.extensions["katalod.turns"]
    with turns.turn(client()):
        yield


def client() -> str:
    """Tell clients apart by their address; of IPv6 by the network, of which one client has all addresses."""
    address = request.remote_addr or ""
    if ":" not in address:
        return address
    try:
        return str(ip_network(f"{address.partition('%')[0]}/64", strict=False))
    except ValueError:
        return address
