"""An OAI-PMH repository on loopback that misbehaves on order, and can be changed while it serves."""

import gzip
import http.server
import re
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape, quoteattr

from tests.loopback import listening

OAI = "http://www.openarchives.org/OAI/2.0/"
NAMESPACES = {
    "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
    "dim": "http://www.dspace.org/xmlns/dspace/dim",
    "xoai": "http://www.lyncode.com/xoai",
    "mets": "http://www.loc.gov/METS/",
}


@dataclass(frozen=True)
class Held:
    """One record of the repository."""

    stamp: str
    deleted: bool = False
    title: str = "Wohnen in der Größenstadt"
    bare: bool = False  # without metadata


@dataclass
class Fault:
    """What goes wrong on a page (0: on each), and how many times; `name@page`, `name@page*times`."""

    name: str
    page: int
    left: int

    @classmethod
    def read(cls, text: str) -> "Fault":
        """Read a fault as tests write it."""
        match = re.fullmatch(r"(\w+)@(\d+)(?:\*(\d+))?", text)
        assert match, text
        return cls(match[1], int(match[2]), int(match[3] or 1))


@dataclass
class Repository:
    """What is served, and how."""

    records: dict[str, Held]
    size: int = 10  # of a page
    faults: list[Fault] = field(default_factory=list)
    formats: tuple[str, ...] = ("oai_dc", "dim", "mets")
    granularity: str = "YYYY-MM-DDThh:mm:ssZ"
    deletions: str = "persistent"
    now: str = "2025-06-01T12:00:00Z"  # its clock: not ours
    wrong_size: int = 0  # added to completeListSize
    one_time: bool = False  # each token works once
    unlisted: bool = False  # ListIdentifiers fails
    sets: dict[str, str] = field(default_factory=dict)  # identifier: set
    before_page: Callable[["Repository", int], None] = lambda repository, page: None
    log: list[dict[str, str]] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)  # from ListIdentifiers
    bad: set[str] = field(default_factory=set)  # records that nobody can read
    port: int = 0

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}/oai"

    def truth(self) -> dict[str, tuple[str, bool]]:
        """What a harvest must come to."""
        return {name: (held.stamp, held.deleted) for name, held in self.records.items() if not held.bare}

    def asked(self, verb: str) -> list[dict[str, str]]:
        """What was asked with a verb."""
        return [row for row in self.log if row["verb"] == verb]

    def fault(self, page: int, *names: str) -> str:
        """Give the fault that is due on a page, and count it."""
        for one in self.faults:
            if one.name in names and one.page in (0, page) and one.left:
                one.left -= 1
                return one.name
        return ""


def many(count: int, deleted: int = 0) -> dict[str, Held]:
    """Make records, a minute apart; every so many-th is deleted."""
    held = {}
    for n in range(count):
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_714_521_600 + 60 * n))
        held[f"oai:flaky.example:difu/{n}"] = Held(stamp, bool(deleted) and n % deleted == deleted - 1)
    return held


@contextmanager
def serving(repository: Repository) -> Iterator[Repository]:
    """Serve a repository until the end."""

    handler = type("Handler", (_Handler,), {"repository": repository})
    with listening(handler, repository.port) as server:
        repository.port = server.server_port
        yield repository


class _Handler(http.server.BaseHTTPRequestHandler):
    repository: Repository
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each small answer waits 40 ms

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        arguments = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self.repository.log.append(arguments)
        match arguments.get("verb"):
            case "Identify":
                about = (
                    f"<repositoryName>Flaky</repositoryName><earliestDatestamp>2024-05-01T00:00:00Z</earliestDatestamp>"
                    f"<deletedRecord>{self.repository.deletions}</deletedRecord>"
                    f"<granularity>{self.repository.granularity}</granularity>"
                )
                self.answer("Identify", about)
            case "ListMetadataFormats":
                formats = (
                    f"<metadataFormat><metadataPrefix>{name}</metadataPrefix><schema>x</schema>"
                    f"<metadataNamespace>{NAMESPACES[name]}</metadataNamespace></metadataFormat>"
                    for name in self.repository.formats
                )
                self.answer("ListMetadataFormats", "".join(formats))
            case "GetRecord":
                self.one(arguments)
            case verb:
                self.list(str(verb), arguments)

    def one(self, arguments: dict[str, str]) -> None:
        name = arguments["identifier"]
        if name not in self.repository.records:
            self.refuse("idDoesNotExist")
        else:
            self.answer("GetRecord", self.record(name, arguments["metadataPrefix"]))

    def list(self, verb: str, arguments: dict[str, str]) -> None:
        repository, token = self.repository, arguments.get("resumptionToken", "")
        if token:
            at, since, until, chosen, prefix, *_ = token.split("|")
            if repository.one_time and [row.get("resumptionToken") for row in repository.log].count(token) > 1:
                return self.refuse("badResumptionToken")
        else:
            at, since, until = "0", arguments.get("from", ""), arguments.get("until", "")
            chosen, prefix = arguments.get("set", ""), arguments["metadataPrefix"]
            if "T" in since + until and "hh" not in repository.granularity:
                return self.refuse("badArgument")
        page = int(at) // repository.size + 1
        repository.log[-1]["page"] = str(page)
        repository.before_page(repository, page)
        found = [name for name, held in sorted(repository.records.items(), key=lambda row: (row[1].stamp, row[0]))
                 if (not since or held.stamp >= since) and (not until or held.stamp[: len(until)] <= until)
                 and (not chosen or repository.sets.get(name) == chosen)
                 and (verb == "ListRecords" or name not in repository.hidden)]  # fmt: skip
        if not found:
            return self.refuse("noRecordsMatch")
        if verb == "ListIdentifiers" and repository.unlisted:
            return self.send(b"<h1>no</h1>", 500)
        if self.fails_before(page):
            return None
        start = max(0, int(at) - 3) if repository.fault(page, "dup") else int(at)
        end = int(at) + repository.size
        write = self.header if verb == "ListIdentifiers" else lambda name: self.record(name, prefix)
        body = "".join(write(name) for name in found[start:end])
        size = len(found) + repository.wrong_size
        if end < len(found):
            following = f"{end}|{since}|{until}|{chosen}|{prefix}|{len(repository.log)} +&é%"
            following = token if token and repository.fault(page, "loop") else following
            body += f'<resumptionToken completeListSize="{size}" cursor="{at}">{escape(following)}</resumptionToken>'
        elif token:
            body += f'<resumptionToken completeListSize="{size}"/>'
        return self.answer(verb, body, page)

    def header(self, name: str) -> str:
        held = self.repository.records[name]
        status = ' status="deleted"' if held.deleted else ""
        stamp = held.stamp if "hh" in self.repository.granularity else held.stamp[:10]
        return f"<header{status}><identifier>{name}</identifier><datestamp>{stamp}</datestamp></header>"

    def record(self, name: str, prefix: str) -> str:
        held = self.repository.records[name]
        if held.deleted or held.bare:
            return f"<record>{self.header(name)}</record>"
        title = escape(held.title) + "\x02" * (name in self.repository.bad)
        space = quoteattr(NAMESPACES[prefix])
        if prefix == "dim":
            inner = f'<d:dim xmlns:d={space}><d:field mdschema="dc" element="title">{title}</d:field></d:dim>'
        else:
            dc = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
            inner = f"<o:dc xmlns:o={space} {dc}><dc:title>{title}</dc:title></o:dc>"
        return f"<record>{self.header(name)}<metadata>{inner}</metadata></record>"

    def fails_before(self, page: int) -> bool:
        """Do what is done instead of an answer."""
        names = ("s503", "s503date", "s429", "s500", "html", "empty", "hang", "expired", "redirect", "never", "s404")
        match self.repository.fault(page, *names):
            case "":
                return False
            case "s503":
                self.send(b"busy", 503, ("Retry-After", "0"))
            case "s503date":
                self.send(b"busy", 503, ("Retry-After", formatdate(time.time(), usegmt=True)))
            case "s429":
                self.send(b"busy", 429, ("Retry-After", "0"))
            case "s500" | "never":
                self.send(b"<h1>Internal Server Error</h1>", 500)
            case "s404":
                self.send(b"no such token", 404)
            case "html":
                self.send(b"<!DOCTYPE html><html><body>Database error<br></body></html>")
            case "empty":
                self.send(b"")
            case "redirect":
                self.send(b"", 302, ("Location", self.path))
            case "expired":
                self.refuse("badResumptionToken")
            case "hang":
                time.sleep(0.2)
                self.close_connection = True
        return True

    def refuse(self, code: str) -> None:
        self.send(self.envelope(f'<error code="{code}">no</error>').encode())

    def answer(self, verb: str, body: str, page: int = -1) -> None:
        text = self.envelope(f"<{verb}>{body}</{verb}>")
        data = text.encode()
        match self.repository.fault(
            page, "reset", "cut", "chunk", "truncgz", "drip", "badutf8", "xml", "latin1", "nons"
        ):
            case "reset" | "cut" as name:
                self.send(data, cut=len(data) // 2, reset=name == "reset")
            case "chunk":
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data) // 2, data[: len(data) // 2]))
                self.close_connection = True
            case "truncgz":
                self.send(gzip.compress(data)[:-100], 200, ("Content-Encoding", "gzip"))
            case "drip":
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                for start in range(0, len(data), len(data) // 20):
                    self.wfile.write(data[start : start + len(data) // 20])
                    time.sleep(0.1)
            case "badutf8":
                self.send(data.replace("ö".encode(), b"\xf6", 1))
            case "xml":
                self.send(data.replace(b"</record>", b"</rec>", 1))
            case "latin1":
                self.send(text.replace("UTF-8", "ISO-8859-1", 1).encode("latin-1", "xmlcharrefreplace"))
            case "nons":
                self.send(text.replace(f' xmlns="{OAI}"', "", 1).encode())
            case _:
                self.send(data)

    def envelope(self, body: str) -> str:
        date = f"<responseDate>{self.repository.now}</responseDate><request>{self.repository.url}</request>"
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="{OAI}">{date}{body}</OAI-PMH>'

    def send(
        self, body: bytes, status: int = 200, header: tuple[str, str] | None = None, cut: int = 0, reset: bool = False
    ) -> None:
        self.send_response(status)
        for name, value in (header,) if header else ():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: cut or None])
        self.wfile.flush()
        if cut:
            self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
