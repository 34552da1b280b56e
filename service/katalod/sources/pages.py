"""XML with records in it, cut into records as it streams by: OAI-PMH answers, bundles, single records.

Constant memory: only the record at hand is held. Nothing is fetched, no entity is expanded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.parsers import expat

from katalod.errors import SourceError
from katalod.model import Finding, RawRecord
from katalod.sources.notes import note
from katalod.sources.received import Received, Scope, judged
from katalod.sources.streams import CHUNK, Head, Readable, as_utf8

OAI = "http://www.openarchives.org/OAI/2.0/"
FORMS = {
    "http://www.dspace.org/xmlns/dspace/dim": "dim",
    "http://www.lyncode.com/xoai": "xoai",
    "http://www.openarchives.org/OAI/2.0/oai_dc/": "oai_dc",
    "http://www.loc.gov/MARC21/slim": "marc21",
    "http://www.loc.gov/mods/v3": "mods",
}
_LISTS = ("ListRecords", "GetRecord", "records", "collection", "metadata")
_DEEPEST = 200
_LONGEST_RECORD = 64 << 20
_LONGEST_TOKEN = 16 << 20  # expat before 2.6 scans an unfinished token again with each chunk
_LONGEST_NAME = 1 << 20
_MOST_NAMESPACES = 1000
ADVICE = "nothing of this file was taken; fetch or export it again"


@dataclass(slots=True)
class Envelope:
    """What an OAI-PMH answer says beside its records."""

    verb: str = ""  # what it is an answer to; empty where it is no OAI-PMH answer
    date: str = ""  # the source's clock, as written
    error: str = ""  # the code
    words: str = ""  # of the error
    token: str = ""  # where the next page begins
    size: str = ""  # of the whole list, as written


def records(
    stream: Readable, source: str, origin: str, envelope: Envelope | None = None
) -> Iterator[RawRecord | Finding]:
    """Give the records of an XML document in its order; SourceError, after the good ones, where it is broken.

    An envelope is filled in for who asks for it.
    """
    page = _Page(source, origin, envelope or Envelope())
    try:
        text = as_utf8(Head(stream))
        blank = text.peek(64)
        text.read(len(blank) - len(blank.lstrip()))  # an empty line before the XML declaration is common
        while chunk := text.read(CHUNK):
            page.feed(chunk)
            yield from page.taken()
        page.end()
    except SourceError as error:
        yield from page.taken()
        raise SourceError(f"reading {origin}, {page.place()}: {error}; {ADVICE}") from error
    except expat.ExpatError as error:
        yield from page.taken()
        where = f"line {error.lineno}, column {error.offset + 1}"
        message = (expat.ErrorString(error.code) or "").removeprefix("not well-formed ").strip("()")
        raise SourceError(f"reading {origin}, {where}: not well-formed XML: {message}; {ADVICE}") from error
    yield from page.taken()


def form_of(namespace: str, local: str) -> str:
    """Give the form of a metadata element: by its namespace, else by its name."""
    return FORMS.get(namespace) or {"dc": "oai_dc"}.get(local, local)


class _Page:
    """Follows the parser's events, and keeps the bytes of the record at hand."""

    def __init__(self, source: str, origin: str, envelope: Envelope) -> None:
        self._source, self._origin, self._envelope = source, origin, envelope
        self._out: list[RawRecord | Finding] = []
        self._held, self._first = bytearray(), 0  # the bytes held, and the place of the first of them
        self._scope: list[tuple[str, str]] = []  # prefixes and namespaces declared, the innermost last
        self._path: list[str] = []  # local names of the open elements outside of records
        self._answer = ""  # what the document is an answer to, or is called
        self._settled = False  # whether it has been said why there is no record
        self._position = 0
        self._record: Received | None = None
        self._level = 0  # in a record: 1 the record, 2 header or metadata, 3 the metadata's own element
        self._part = ""  # header, metadata, or another child of the record; "bare" without an envelope
        self._text: list[str] | None = None  # being collected
        self._code = ""
        self._parser = parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._outer_start, self._outer_end
        parser.StartNamespaceDeclHandler, parser.EndNamespaceDeclHandler = self._declared, self._undeclared
        parser.StartDoctypeDeclHandler = _doctype

    def feed(self, chunk: bytes) -> None:
        """Read on."""
        self._held += chunk
        self._parser.Parse(chunk, False)
        read = self._first + len(self._held)
        if read - self._parser.CurrentByteIndex > _LONGEST_TOKEN:
            raise SourceError("one tag, comment or instruction of more than 16 MB")
        kept = self._record.begin if self._record else max(self._parser.CurrentByteIndex, self._first)
        if read - kept > _LONGEST_RECORD:
            raise SourceError(f"record {self._position} is longer than 64 MB")
        del self._held[: kept - self._first]
        self._first = kept

    def end(self) -> None:
        """Make sure that the document is whole, and say so where there is no record in it."""
        self._parser.Parse(b"", True)
        if not self._position and not self._settled:
            self._note("empty-list" if self._answer in _LISTS else "no-records", self._answer or "an unknown request")

    def taken(self) -> list[RawRecord | Finding]:
        """Give what was found since the last time."""
        out, self._out = self._out, []
        return out

    def place(self) -> str:
        """Say where the parser stands."""
        return f"line {self._parser.CurrentLineNumber}, column {self._parser.CurrentColumnNumber + 1}"

    def _note(self, shape: str, value: str = "") -> None:
        self._out.append(note(shape, value, self._origin, self._position))

    # Everywhere.

    def _declared(self, prefix: str | None, namespace: str | None) -> None:
        self._scope.append((prefix or "", namespace or ""))
        if len(self._scope) > _MOST_NAMESPACES:
            raise SourceError(f"more than {_MOST_NAMESPACES} namespaces are declared at once")

    def _undeclared(self, prefix: str | None) -> None:
        self._scope.pop()

    def _in_scope(self) -> Scope:
        return dict(self._scope)

    def _collect(self, data: str) -> None:
        if self._text is not None and len(self._text) < 1000:  # what is longer is refused by its length
            self._text.append(data[:_LONGEST_NAME])

    def _listen(self) -> None:
        self._text, self._parser.CharacterDataHandler = [], self._collect

    def _heard(self) -> str:
        text = "".join(self._text or ()).strip()
        self._text, self._parser.CharacterDataHandler = None, None
        return text

    # Outside of records.

    def _outer_start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        parent = self._path[-1] if self._path else ""
        if local == "record" and (parent in _LISTS or not parent):
            self._open(namespace)
        elif not parent:
            self._root(namespace, local)
        elif parent == "OAI-PMH" and local == "error":
            self._code = attributes.get("code", "")
            self._listen()
        elif parent == "OAI-PMH" and local == "responseDate":
            self._listen()
        elif parent == "OAI-PMH" and local != "request":
            self._answer = self._envelope.verb = local
        elif local == "resumptionToken" and self._path == ["OAI-PMH", self._envelope.verb]:
            self._envelope.size = attributes.get("completeListSize", "")
            self._listen()
        if self._record is None:
            self._path.append(local)
            if len(self._path) > _DEEPEST:
                raise SourceError(f"elements are nested more than {_DEEPEST} deep")

    def _root(self, namespace: str, local: str) -> None:
        if local == "OAI-PMH":
            if namespace != OAI:
                self._note("oai-namespace", namespace or "–")
        elif (namespace in FORMS and local != "collection") or local == "dim":
            self._open(namespace)
            self._take(form_of(namespace, local), level=3)
        elif local in _LISTS:
            self._answer = local
        elif local.lower() == "html":
            raise SourceError("this is an HTML page, not records: perhaps an error or login page of the source")
        else:
            raise SourceError(
                f"the root element is {local[:100]!r}: no OAI-PMH answer, no list of records, no metadata known here"
            )

    def _outer_end(self, name: str) -> None:
        local = self._path.pop()
        if self._text is None:
            return
        text = self._heard()
        if local == "responseDate":
            self._envelope.date = text
        elif local == "resumptionToken":
            self._envelope.token = text
        elif local == "error":
            self._envelope.error, self._envelope.words = self._code, " ".join(text.split())[:500]
            self._refused(self._envelope.words)

    def _refused(self, text: str) -> None:
        if self._code != "noRecordsMatch":
            code = f"the error {self._code!r}" if self._code else "an error without a code"
            raise SourceError(f"the source answered with {code}: {text or 'it says no more'}")
        self._settled = True
        self._note("no-records-match", text)

    # Inside a record.

    def _open(self, namespace: str) -> None:
        self._position += 1
        self._record = Received(self._position, self._parser.CurrentByteIndex, namespace)
        self._level, self._part = 1, ""
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._inner_start, self._inner_end

    def _take(self, form: str, level: int) -> None:
        """Take the record's own element as its metadata: a document, or a MARC record, has no envelope."""
        assert self._record is not None  # noqa: S101 - called only between _open and _close
        self._part, self._level = "bare", level
        self._record.form, self._record.start, self._record.scope = form, self._record.begin, self._in_scope()
        self._record.filled = level > 3

    def _inner_start(self, name: str, attributes: dict[str, str]) -> None:
        self._level += 1
        record, level = self._record, self._level
        if level > 4 or record is None:
            if level > _DEEPEST:
                raise SourceError(f"elements of record {self._position} are nested more than {_DEEPEST} deep")
            return
        if level == 4:
            record.filled = record.filled or self._part in ("metadata", "bare")
            return
        namespace, _, local = name.rpartition(" ")
        if level == 2:
            self._child(record, local, attributes)
        elif self._part == "header" and local in ("identifier", "datestamp"):
            self._listen()
        elif self._part == "metadata" and record.start < 0:
            record.form, record.scope = form_of(namespace, local), self._in_scope()
            record.start = self._parser.CurrentByteIndex

    def _child(self, record: Received, local: str, attributes: dict[str, str]) -> None:
        """Begin a child of the record's element; where it is none of an envelope's, there is no envelope."""
        if not self._part and local not in ("header", "metadata", "about"):
            marc = local in ("leader", "controlfield", "datafield")
            self._take(form_of(record.namespace, "marc21" if marc else "record"), level=4)
            return
        self._part = local
        if local == "header":
            record.header["status"] = attributes.get("status", "")
        elif local == "metadata":
            record.blocks += 1
            self._part = local if record.blocks == 1 else "passed over"

    def _inner_end(self, name: str) -> None:
        self._level -= 1
        record = self._record
        if self._level > 2 or record is None:
            return
        here = self._parser.CurrentByteIndex - self._first
        if self._level == 0:
            self._close(record)
        elif self._level == 2 and self._part == "bare":
            record.close(bytes(self._held[record.start - self._first : self._held.find(b">", here) + 1]))
            self._close(record)
        elif self._level == 2 and self._text is not None:
            record.header[name.rpartition(" ")[2]] = self._heard()
        elif self._level == 1 and self._part == "metadata" and record.start >= 0:
            record.close(bytes(self._held[record.start - self._first : here]))

    def _close(self, record: Received) -> None:
        self._out.extend(judged(record, self._source, self._origin))
        self._record = None
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._outer_start, self._outer_end


def _doctype(name: str, system: str | None, public: str | None, internal: int) -> None:
    raise SourceError(
        f"the file has a document type declaration ({name[:100]}), which can define entities and name files to fetch;"
        " such files are refused, so take the declaration out"
        if name.lower() != "html"
        else "this is an HTML page, not records: perhaps an error or login page of the source"
    )
