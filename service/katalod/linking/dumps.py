"""A dump of the GND read as facts, a statement at a time: DNB's Turtle and JSON-LD, lobid-gnd's JSON lines.

DNB's dumps do not keep the statements of a heading together, so a reader gives facts in any order, and
whoever takes them puts them together. Nothing is ever read whole: a dump may be larger than memory.
Another form of dump is another line in `READERS`.
"""

import codecs
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

import pyoxigraph as ox

from katalod.linking.gnd import kind_of, meaning
from katalod.rdf import GND

Fact = tuple[str, str, str]
"""What is said, of which IRI, and the value.

preferred, variant, english: a name. broader, related, same, replaced: another heading. former: an older
identifier of the same heading. match: a concept of another vocabulary. named: what such a concept is called
in English. modified, licence: of the dump. kind: and a kind: what sort of heading it is.
"""

CHUNK = 1 << 20
LARGEST = 16 << 20
"""Characters of one object in a JSON dump; the largest heading has some 200,000."""

_HEADINGS = ("broader", "related", "same", "replaced", "match")  # what leads to another IRI
_GRAPH = re.compile(r'\{\s*(?:"@context"[\s\S]*?)?"@graph"\s*:\s*\[')
_FILLING = " \t\r\n,[]"


def turtle(stream: IO[bytes]) -> Iterator[Fact]:
    """Read Turtle as the DNB publishes it.

    Lenient, because one ill-formed link to elsewhere among millions must not cost the whole dump; labels
    and identifiers are checked by whoever takes the facts.
    """
    for quad in ox.parse(stream, format=ox.RdfFormat.TURTLE, lenient=True):
        subject, value = quad.subject, quad.object
        fact, _ = meaning(quad.predicate.value)
        if fact and isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode | ox.Literal):
            tag = value.language or "" if isinstance(value, ox.Literal) else ""
            yield from _stated(quad.predicate.value, subject.value, value.value, tag, isinstance(value, ox.NamedNode))


def jsonld(stream: IO[bytes]) -> Iterator[Fact]:
    """Read JSON-LD as the DNB publishes it: arrays, however nested, of flat node objects, or one `@graph` of them.

    The engine's own parser is not asked: it reads a document whole, and dies of a deeply nested one.
    """
    for node in _objects(stream):
        subject = node.get("@id")
        if not isinstance(subject, str):
            continue
        for key, values in node.items():
            fact, _ = meaning(key)
            if not fact:
                continue
            for value in values if isinstance(values, list) else (values,):
                if isinstance(value, str):
                    yield from _stated(key, subject, value, "", fact in _HEADINGS)
                elif isinstance(value, dict) and isinstance(found := value.get("@id", value.get("@value")), str):
                    yield from _stated(key, subject, found, str(value.get("@language", "")), "@id" in value)


def lobid(stream: IO[bytes]) -> Iterator[Fact]:
    """Read lobid-gnd's JSON: an object a line, with or without the lines of the bulk format between them."""
    for node in _objects(stream):
        subject = node.get("id")
        if not isinstance(subject, str) or "preferredName" not in node:
            continue  # a line of the bulk format, which only says where the next one goes
        kinds = [kind for name in _strings(node.get("type")) if (kind := kind_of(name))]
        yield f"kind:{kinds[0] if kinds else 'subject'}", subject, ""
        about = node.get("describedBy")
        rows = (*node.items(), *(about.items() if isinstance(about, dict) else ()))
        for key, values in rows:
            fact, _ = meaning(key)
            for value in values if fact and isinstance(values, list) else (values,) if fact else ():
                if isinstance(value, str):
                    yield fact, subject, value
                elif isinstance(value, dict) and isinstance(found := value.get("id"), str):
                    yield fact, subject, found
                    label = value.get("label")
                    if fact == "match" and isinstance(label, str) and label != found:
                        yield "named", found, label


def _strings(value: object) -> Iterator[str]:
    yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str))


def _stated(predicate: str, subject: str, value: str, tag: str, leads: bool) -> Iterator[Fact]:
    """Give the facts of one statement; `leads` where its value is an IRI rather than a text."""
    fact, kind = meaning(predicate)
    english = tag.lower().startswith("en")
    if fact == "named":
        if english and not subject.startswith(GND):
            yield fact, subject, value
    elif fact in ("preferred", "variant"):
        if not leads:
            yield "english" if english and fact == "variant" else fact, subject, value
            if kind and fact == "preferred":
                yield f"kind:{kind}", subject, ""
    elif fact in ("former", "modified", "licence") or leads is (fact in _HEADINGS):
        yield fact, subject, value


def _objects(stream: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Give the objects of a JSON document or of JSON lines one by one, in the memory of one of them.

    Raises ValueError for what is no JSON, is cut off, is nested too deeply, or has too large an object.
    """
    decoder = json.JSONDecoder()
    text = _Text(stream)
    while text.reach_object():
        try:
            found, text.at = decoder.raw_decode(text.held, text.at)
        except RecursionError as error:
            raise ValueError("an object is nested too deeply") from error
        except json.JSONDecodeError as error:
            if len(text.held) - text.at > LARGEST:
                raise ValueError(f"an object is larger than {LARGEST:,} characters, or is no JSON") from error
            if not text.more():
                raise ValueError(f"it ends within an object: {text.held[text.at : text.at + 40]!r}") from error
            continue
        if isinstance(found, dict):
            yield found


class _Text:
    """The text of a stream, of which only a piece is held."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.held, self.at = "", 0
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._begun = self._graph = False

    def more(self) -> bool:
        """Let go of what was read, and hold as much again as is left, at least a chunk; False at the end."""
        rest = self.held[self.at :]
        data = self._stream.read(max(CHUNK, len(rest)))
        self.held, self.at = rest + self._decoder.decode(data, final=not data), 0
        return bool(data)

    def reach_object(self) -> bool:
        """Go to the next object, past the arrays around it; False at the end. ValueError for anything else."""
        while True:
            while self.at < len(self.held) and self.held[self.at] in _FILLING:
                if self._graph and self.held[self.at] == "]":
                    return False  # the end of the nodes; what follows is the document around them
                self.at += 1
            if self.at < len(self.held):
                break
            if not self.more():
                return False
        if self.held[self.at] != "{":
            raise ValueError(f"{self.held[self.at : self.at + 40]!r} is no object of a dump in JSON")
        if not self._begun and (found := _GRAPH.match(self.held, self.at)):
            self._begun = self._graph = True
            self.at = found.end()
            return self.reach_object()
        self._begun = True
        return True


READERS: dict[str, Callable[[IO[bytes]], Iterable[Fact]]] = {
    ".ttl": turtle,
    ".jsonld": jsonld,
    ".jsonl": lobid,
    ".ndjson": lobid,
}
"""Readers by the suffix of the file, with or without `.gz` behind it."""
