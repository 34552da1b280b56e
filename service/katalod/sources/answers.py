"""Small XML answers as a tree: everything but records."""

from io import BytesIO
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from katalod.errors import SourceError
from katalod.sources.streams import Head, as_utf8

_DEEPEST = 50
_MOST = 100_000  # elements


class _Builder:
    """A tree without namespaces, refused where it has a document type or is nested too deep."""

    def __init__(self) -> None:
        self._tree = TreeBuilder()
        self._depth = self._count = 0
        self.parser = parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._tree.data
        parser.StartDoctypeDeclHandler = _doctype

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._count += 1
        if self._depth > _DEEPEST or self._count > _MOST:
            raise SourceError(f"elements are nested more than {_DEEPEST} deep, or are more than {_MOST:,}")
        self._tree.start(name.rpartition(" ")[2], attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._tree.end(name.rpartition(" ")[2])

    def tree(self, body: bytes) -> Element:
        self.parser.Parse(body, True)
        return self._tree.close()


def tree(body: bytes) -> Element:
    """Give the root of an XML document, names without namespaces; SourceError where it cannot be read or trusted."""
    if not body.strip():
        raise SourceError("the answer is empty")
    try:
        return _Builder().tree(as_utf8(Head(BytesIO(body.lstrip()))).read())
    except expat.ExpatError as error:
        raise SourceError(f"not well-formed XML: {error}") from error


def parsed(body: bytes) -> Element:
    """Give the root of an OAI-PMH answer, names without namespaces; SourceError where it is none."""
    root = tree(body)
    if root.tag != "OAI-PMH":
        raise SourceError(f"no OAI-PMH answer: its root is {root.tag[:100]!r}")
    return root


def text(element: Element, path: str) -> str:
    """Give the text at a path below an element, without space around it; empty where there is none."""
    return (element.findtext(path) or "").strip()


def _doctype(name: str, *_: object) -> None:
    kind = "an HTML page" if name.lower() == "html" else f"a document type declaration ({name[:100]})"
    raise SourceError(f"no answer that can be read: it is or has {kind}")
