"""A DSpace 7 repository on loopback: its search for items, page by page, in the shape of its own answers."""

import http.server
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.loopback import listening


@dataclass
class DSpace:
    """What is served: UUID to (moment of change, title)."""

    items: dict[str, tuple[str, str]]
    bad: set[str] = field(default_factory=set)  # what it cannot write
    log: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Where its interface answers."""
        return f"http://127.0.0.1:{self.port}/server/api"


def uuid(number: int) -> str:
    """Give the UUID of an item."""
    return f"00000000-0000-4000-8000-{number:012d}"


def handle(number: int) -> str:
    """Give the handle of an item."""
    return f"123456789/{number}"


def items(numbers: range, moment: str = "2024-05-01T10:00:{:02d}.123+00:00") -> dict[str, tuple[str, str]]:
    """Make items, a second apart."""
    return {uuid(n): (moment.format(n % 60), f"Bericht {n}") for n in numbers}


@contextmanager
def serving(dspace: DSpace) -> Iterator[DSpace]:
    """Serve until the end."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            pass

        def date_time_string(self, timestamp: float | None = None) -> str:
            return "Sun, 01 Jun 2025 12:00:00 GMT"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            dspace.log.append(self.path)
            match parts.path.removeprefix("/server/api"):
                case "/discover/search/objects":
                    self.search(query)
                case "/pid/find":
                    found = next((key for key in dspace.items if handle(number(key)) == query["id"]), "")
                    where = f"/server/api/core/items/{found}"
                    self.send(302, b"", where) if found else self.send(404, b"{}")
                case path if path.startswith("/core/items/"):
                    key = path.rpartition("/")[2]
                    if key in dspace.items and key not in dspace.bad:
                        self.send(200, json.dumps(item(key, *dspace.items[key])).encode())
                    else:
                        self.send(500 if key in dspace.bad else 404, b'{"status": 500}')
                case _:
                    self.send(404, b"{}")

        def search(self, query: dict[str, str]) -> None:
            assert (query["dsoType"], query["sort"]) == ("item", "lastModified,desc")
            size, page = int(query["size"]), int(query["page"])
            order = sorted(dspace.items, key=lambda key: (dspace.items[key][0], key), reverse=True)
            found = order[page * size : (page + 1) * size]
            if dspace.bad & set(found):
                return self.send(500, b'{"status": 500, "message": "An internal error"}')
            about = {"size": size, "totalElements": len(order), "totalPages": -(-len(order) // size), "number": page}
            objects = [
                {
                    "hitHighlights": {},
                    "type": "discover",
                    "_embedded": {"indexableObject": item(key, *dspace.items[key])},
                }
                for key in found
            ]
            result = {"type": "discover", "page": about, "_embedded": {"objects": objects}}
            return self.send(200, json.dumps({"type": "discover", "_embedded": {"searchResult": result}}).encode())

        def send(self, status: int, body: bytes, location: str = "") -> None:
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Type", "application/hal+json;charset=UTF-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with listening(Handler) as server:
        dspace.port = server.server_port
        yield dspace


def number(key: str) -> int:
    """Give the number in a UUID."""
    return int(key.rpartition("-")[2])


def item(key: str, moment: str, title: str) -> dict[str, Any]:
    """Write an item as DSpace does."""
    value = {"value": title, "language": "de", "authority": None, "confidence": -1, "place": 0}
    return {
        "id": key, "uuid": key, "name": title, "handle": handle(number(key)),
        "metadata": {"dc.title": [value]},
        "inArchive": True, "discoverable": True, "withdrawn": False, "lastModified": moment, "entityType": None,
        "type": "item", "_links": {"self": {"href": f"https://repository.example.org/server/api/core/items/{key}"}},
    }  # fmt: skip
