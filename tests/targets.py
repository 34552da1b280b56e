"""Other catalogues on loopback, in the manner of DNB, K10plus, lobid and a SPARQL endpoint; and some that misbehave.

The answers are of our own making, in the form that these services give: what they say of a work is made up.
"""

import gzip
import http.server
import json
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from katalod.settings import Target
from tests.loopback import listening

ISBN = "9783881186766"  # of the record that ships with katalod
MARC = 'xmlns="http://www.loc.gov/MARC21/slim"'

DNB_RECORD = f"""<record {MARC} type="Bibliographic"><leader>00000nam a2200000 c 4500</leader>
<controlfield tag="001">1234567890</controlfield><controlfield tag="003">DE-101</controlfield>
<controlfield tag="008">210615s2021    gw |||||r|||| 00||||ger  </controlfield>
<datafield tag="020" ind1=" " ind2=" "><subfield code="a">{ISBN}</subfield><subfield code="c">kostenfrei</subfield>
<subfield code="9">978-3-88118-676-6</subfield></datafield>
<datafield tag="024" ind1="7" ind2=" "><subfield code="2">urn</subfield><subfield code="a">urn:nbn:de:0000-made-1</subfield></datafield>
<datafield tag="100" ind1="1" ind2=" "><subfield code="a">Mu\u0308ller, Ju\u0308rgen</subfield><subfield code="4">aut</subfield></datafield>
<datafield tag="245" ind1="1" ind2="0"><subfield code="a">\u0098Die\u009c Migration in Wohnquartieren</subfield>
<subfield code="b">Thesen fu\u0308r die Praxis /</subfield><subfield code="c">Jürgen Müller</subfield></datafield>
<datafield tag="264" ind1=" " ind2="1"><subfield code="a">Berlin</subfield><subfield code="c">[2021]</subfield></datafield>
<datafield tag="700" ind1="1" ind2=" "><subfield code="a">Muster, Maria,</subfield></datafield></record>"""

DNB = f"""<?xml version="1.0" encoding="UTF-8"?><searchRetrieveResponse xmlns="http://www.loc.gov/zing/srw/">
<version>1.1</version><numberOfRecords>1204</numberOfRecords><records>
<record><recordSchema>MARC21-xml</recordSchema><recordPacking>xml</recordPacking><recordData>{DNB_RECORD}</recordData>
<recordPosition>1</recordPosition></record>
<record><recordSchema>MARC21-xml</recordSchema><recordPacking>xml</recordPacking><recordData><record {MARC}>
<controlfield tag="001">99</controlfield><datafield tag="245" ind1="0" ind2="0"><subfield code="a">Nur hier</subfield></datafield>
</record></recordData><recordPosition>2</recordPosition></record></records><nextRecordPosition>3</nextRecordPosition>
<echoedSearchRetrieveRequest><version>1.1</version></echoedSearchRetrieveRequest></searchRetrieveResponse>"""

DNB_DIAGNOSTIC = """<?xml version="1.0" encoding="UTF-8"?><searchRetrieveResponse xmlns="http://www.loc.gov/zing/srw/">
<version>1.1</version><numberOfRecords>0</numberOfRecords><diagnostics>
<diag:diagnostic xmlns:diag="http://www.loc.gov/zing/srw/diagnostic/"><diag:uri>info:srw/diagnostic/1/66</diag:uri>
<diag:details>Unknown schema for retrieval</diag:details><diag:message>[{schema}]</diag:message></diag:diagnostic>
</diagnostics></searchRetrieveResponse>"""

K10PLUS = f"""<?xml version="1.0"?>
<zs:searchRetrieveResponse xmlns:zs="http://www.loc.gov/zing/srw/"><zs:version>1.1</zs:version>
<zs:numberOfRecords>3</zs:numberOfRecords><zs:records>
<zs:record><zs:recordSchema>marcxml</zs:recordSchema><zs:recordPacking>xml</zs:recordPacking><zs:recordData>
<record {MARC}><leader>     cam a22     2  4500</leader><controlfield tag="001">176543210X</controlfield>
<controlfield tag="003">DE-627</controlfield><controlfield tag="008">210701s2021    xx |||||o     00| ||ger c</controlfield>
<datafield tag="020" ind1=" " ind2=" "><subfield code="a">978-3-88118-676-6</subfield><subfield code="9">978-3-88118-676-6</subfield></datafield>
<datafield tag="024" ind1="7" ind2=" "><subfield code="a">10.5555/MADE.1</subfield><subfield code="2">doi</subfield></datafield>
<datafield tag="245" ind1="1" ind2="4"><subfield code="a">Migration in Wohnquartieren</subfield><subfield code="n">Band 2</subfield></datafield>
<datafield tag="856" ind1="4" ind2="0"><subfield code="u">https://doi.org/10.5555/made.1</subfield></datafield></record>
</zs:recordData><zs:recordPosition>1</zs:recordPosition></zs:record>
<zs:record><zs:recordSchema>info:srw/schema/1/diagnostics-v1.1</zs:recordSchema><zs:recordPacking>xml</zs:recordPacking>
<zs:recordData><diagnostic xmlns="http://www.loc.gov/zing/srw/diagnostic/"><uri>info:srw/diagnostic/1/64</uri>
<message>Record temporarily unavailable</message></diagnostic></zs:recordData></zs:record></zs:records></zs:searchRetrieveResponse>"""

K10PLUS_DIAGNOSTIC = """<?xml version="1.0"?>
<zs:searchRetrieveResponse xmlns:zs="http://www.loc.gov/zing/srw/"><zs:version>1.1</zs:version><zs:diagnostics
 xmlns:diag="http://www.loc.gov/zing/srw/diagnostic/"><diag:diagnostic><diag:uri>info:srw/diagnostic/1/10</diag:uri>
<diag:details>unexpected token</diag:details><diag:message>Query syntax error</diag:message></diag:diagnostic></zs:diagnostics>
</zs:searchRetrieveResponse>"""

MODS = """<mods xmlns="http://www.loc.gov/mods/v3" version="3.6"><titleInfo type="alternative"><title>Anders</title></titleInfo>
<titleInfo><nonSort>Die</nonSort><title>Stadt</title><subTitle>heute</subTitle></titleInfo>
<name type="personal"><namePart type="family">Muster</namePart><namePart type="given">Maria</namePart></name>
<name type="corporate"><namePart>Amt für Städtebau</namePart></name>
<originInfo><dateIssued encoding="w3cdtf">2019-05</dateIssued></originInfo>
<identifier type="isbn" invalid="yes">9783881186766</identifier><identifier type="doi">10.5555/made.2</identifier>
<relatedItem type="host"><titleInfo><title>Ein Band</title></titleInfo><identifier type="doi">10.5555/other</identifier></relatedItem>
<location><url>javascript:alert(1)</url><url>https://example.org/stadt</url></location></mods>"""

DC = """<dc xmlns="http://purl.org/dc/elements/1.1/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><title>Die Stadt</title>
<creator>Muster, Maria</creator><date>2019</date><identifier xsi:type="tel:ISBN">978-3-88118-676-6 Broschur : EUR 9.80</identifier>
<identifier>https://example.org/dc/1</identifier><identifier>urn:nbn:de:0000-made-3</identifier></dc>"""

LOBID = {
    "@context": "http://lobid.org/resources/context.jsonld",
    "id": "http://lobid.org/resources/search?q=x",
    "totalItems": 17,
    "member": [
        {
            "id": "http://lobid.org/resources/990000000000206441#!",
            "type": ["BibliographicResource", "Book"],
            "title": "Migration in Wohnquartieren",
            "otherTitleInformation": ["Thesen für die Praxis"],
            "isbn": ["3881186768", "9783881186766"],
            "doi": ["10.5555/made.1"],
            "publication": [{"startDate": "2021", "type": ["PublicationEvent"]}],
            "describedBy": {"id": "http://lobid.org/resources/990000000000206441"},
            "contribution": [
                {"agent": {"label": "Müller, Jürgen", "type": ["Person"]}, "role": {"label": "Autor/in"}},
                {"agent": {"label": "Ein Institut", "type": ["CorporateBody"]}},
            ],
        },
        {"id": "http://lobid.org/resources/1#!", "title": "Ohne alles"},
        {"id": 7, "title": {"odd": []}, "isbn": {}},
    ],
}

SPARQL = {
    "head": {"vars": ["work", "title", "year", "name", "identifier"]},
    "results": {
        "bindings": [
            {
                "work": {"type": "uri", "value": "https://other.example/id/1"},
                "title": {"type": "literal", "value": "Wohnen in der Stadt", "xml:lang": "de"},
                "year": {
                    "type": "literal",
                    "value": "2020-01",
                    "datatype": "http://www.w3.org/2001/XMLSchema#gYearMonth",
                },
                "name": {"type": "literal", "value": name},
                "identifier": {"type": "literal", "value": "10.5555/MADE.4"},
            }
            for name in ("Muster, Maria", "Zweite, Zoe")
        ]
    },
}

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><searchRetrieveResponse><numberOfRecords>&j;</numberOfRecords></searchRetrieveResponse>"
)
OUTSIDE = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><searchRetrieveResponse>&x;</searchRetrieveResponse>'
ATTACK = '</title></script><script>alert("1")</script><img src=x onerror=alert(2)> {{ 7*7 }} &amp; " onmouseover="x'


def lobid_with(title: str, address: str = "javascript:alert(1)") -> bytes:
    member = {"id": address, "title": title, "contribution": [{"agent": {"label": title}}]}
    return json.dumps({"totalItems": 10**30, "member": [member]}).encode()


@dataclass
class Elsewhere:
    """What is served, by path, and what was asked."""

    port: int = 0
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    more: dict[str, bytes] = field(default_factory=dict)
    running: int = 0  # requests at work now
    most: int = 0  # that were at work at once
    hold: threading.Event = field(default_factory=threading.Event)  # until which /hold waits

    def target(self, name: str, kind: str = "sru", **given: object) -> Target:
        shown = {"label": name.title(), "deadline": 5.0} | given
        return Target(name, f"http://127.0.0.1:{self.port}/{name}", kind, **shown)  # type: ignore[arg-type]

    def queries(self, name: str) -> list[str]:
        return [given.get("query") or given.get("q", "") for path, given in self.asked if path == f"/{name}"]

    def answer(self, path: str, given: dict[str, str]) -> tuple[int, bytes]:
        match path:
            case "/dnb" if given.get("recordSchema") != "MARC21-xml":
                return 200, DNB_DIAGNOSTIC.format(schema=given.get("recordSchema", "")).encode()
            case "/dnb" if given.get("version") == "1.1" and given["query"].startswith("WOE="):
                return 200, unicodedata.normalize("NFD", DNB).encode()
            case "/k10plus" if given["query"].startswith("pica.all=") and given["recordSchema"] == "marcxml":
                return 200, K10PLUS.encode()
            case "/dnb" | "/k10plus":
                return 200, K10PLUS_DIAGNOSTIC.encode()
            case "/lobid" if given["format"] == "json":
                return 200, json.dumps(LOBID).encode()
            case "/sparql":
                return 200, json.dumps(SPARQL).encode()
            case "/hold":
                self.hold.wait(10)
                return 200, DNB.encode()
            case _ if path in self.more:
                return 200, self.more[path]
        return 404, b"<h1>Not found</h1>"


@contextmanager
def serving() -> Iterator[Elsewhere]:
    """Serve until the end."""
    elsewhere = Elsewhere()
    handler = type("Handler", (_Handler,), {"elsewhere": elsewhere})
    with listening(handler) as server:
        elsewhere.port = server.server_port
        try:
            yield elsewhere
        finally:
            elsewhere.hold.set()


class _Handler(http.server.BaseHTTPRequestHandler):
    elsewhere: Elsewhere

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        elsewhere = self.elsewhere
        elsewhere.asked.append((parts.path, given))
        elsewhere.running += 1
        elsewhere.most = max(elsewhere.most, elsewhere.running)
        try:
            with suppress(OSError):
                _WAYS.get(parts.path, _whole)(self, parts.path, given)
        finally:
            elsewhere.running -= 1

    def begin(self, status: int, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()


def _whole(handler: _Handler, path: str, given: dict[str, str]) -> None:
    status, body = handler.elsewhere.answer(path, given)
    handler.begin(status, ("Content-Length", str(len(body))))
    handler.wfile.write(body)


def _drip(handler: _Handler, path: str, given: dict[str, str]) -> None:
    """Give the head at once and the body byte by byte, for ever."""
    handler.begin(200, ("Content-Length", "100000000"))
    while True:
        handler.wfile.write(b" ")
        time.sleep(0.02)


def _headless(handler: _Handler, path: str, given: dict[str, str]) -> None:
    """Give a head that never ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
    while True:
        handler.wfile.write(b"x")
        time.sleep(0.02)


def _huge(handler: _Handler, path: str, given: dict[str, str]) -> None:
    """Give 10 MB, which travel as 10 kB."""
    body = gzip.compress(b"<a>" + b" " * (10 << 20))
    handler.begin(200, ("Content-Encoding", "gzip"), ("Content-Length", str(len(body))))
    handler.wfile.write(body)


def _cut(handler: _Handler, path: str, given: dict[str, str]) -> None:
    handler.begin(200, ("Content-Length", "5000"))
    handler.wfile.write(DNB[:500].encode())


def _elsewhere(handler: _Handler, path: str, given: dict[str, str]) -> None:
    handler.begin(302, ("Location", "/dnb?version=1.1&query=WOE%3Dx&recordSchema=MARC21-xml"), ("Content-Length", "0"))


def _busy(handler: _Handler, path: str, given: dict[str, str]) -> None:
    handler.begin(503, ("Retry-After", "60"), ("Content-Length", "0"))


_WAYS: dict[str, Callable[[_Handler, str, dict[str, str]], None]] = {
    "/drip": _drip, "/headless": _headless, "/huge": _huge, "/cut": _cut, "/moved": _elsewhere, "/down": _busy,
}  # fmt: skip
