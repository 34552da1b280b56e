"""The four forms of Dublin Core, flattened: one value after the other, each with the name of its field."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_SCHEMAS = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/elements/1.0/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
}
_PASSED_OVER = ("bundles", "others", "repository", "license", "internal")  # branches of xoai about files and settings


class Value(NamedTuple):
    """One value as a source gives it: `dc.contributor.author`, what it says, and its claimed language."""

    field: str
    value: str
    lang: str | None = None
    authority: str | None = None


class Unreadable(Exception):  # noqa: N818 - never leaves this stage
    """The payload is not what its form says."""


def dim(payload: bytes) -> Iterator[Value]:
    """Give the values of DSpace's intermediate metadata."""
    for element in _parsed(payload).iter():
        if element.tag.endswith("field"):
            get = element.get
            parts = (get("mdschema") or "dc", get("element"), get("qualifier"))
            yield Value(
                ".".join([part for part in parts if part]),
                _text(element),
                get("lang") or get("language") or get(LANG),
                get("authority"),
            )


def oai_dc(payload: bytes) -> Iterator[Value]:
    """Give the values of unqualified Dublin Core, and of DCMI terms where they stand among them."""
    root = _parsed(payload)
    record = next((element for element in root.iter() if _local(element) == "dc"), root)
    for element in record:
        space, _, local = str(element.tag).rpartition("}")
        yield Value(f"{_SCHEMAS.get(space[1:], 'dc')}.{local}", _text(element), element.get(LANG))


def xoai(payload: bytes) -> Iterator[Value]:
    """Give the values of XOAI's nesting: schema, element, qualifier, language, fields."""
    root = _parsed(payload)
    for record in root.iter():
        if _local(record) == "metadata" and (children := [child for child in record if _local(child) == "element"]):
            for schema in children:
                name = schema.get("name") or ""
                if name not in _PASSED_OVER:
                    yield from _branch(schema, (name,))
                elif name == "others":
                    yield from (Value("handle", _text(field)) for field in schema if field.get("name") == "handle")
            return


def _branch(element: Element, names: tuple[str, ...]) -> Iterator[Value]:
    """Go down to the fields; the last name above them is the language, except right below the element."""
    pending: list[str] = []
    for child in element:
        name = child.get("name") or ""
        if _local(child) == "element":
            yield from _branch(child, (*names, name))
        elif name == "value":
            if pending:
                yield _nested(names, pending.pop(), None)
            pending.append(_text(child))
        elif name == "authority" and pending:
            yield _nested(names, pending.pop(), _text(child))
    if pending:
        yield _nested(names, pending.pop(), None)


def _nested(names: tuple[str, ...], value: str, authority: str | None) -> Value:
    *field, lang = names if len(names) > 2 else (*names, "none")
    return Value(".".join(field), value, None if lang == "none" else lang, authority)


def dspace7(payload: bytes) -> Iterator[Value]:
    """Give the values of an item as DSpace's REST interface gives it, in the shape of version 7 or before."""
    try:
        item = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error
    metadata = item.get("metadata") if isinstance(item, dict) else None
    if isinstance(metadata, dict):
        pairs = ((name, entry) for name, entries in metadata.items() for entry in _entries(entries))
    elif isinstance(metadata, list):
        pairs = ((str(entry.get("key") or ""), entry) for entry in metadata if isinstance(entry, dict))
    else:
        raise Unreadable("no metadata")
    for name, entry in pairs:
        value = entry.get("value")
        if isinstance(value, str | int | float):
            field = name if "." in name or not name else f"dc.{name}"
            yield Value(field, str(value), _string(entry.get("language")), _string(entry.get("authority")))
    if handle := _string(item.get("handle")):
        yield Value("handle", handle)


def _entries(entries: Any) -> Iterator[dict[str, Any]]:
    for entry in entries if isinstance(entries, list) else [entries]:
        if isinstance(entry, dict):
            yield entry
        elif isinstance(entry, str):
            yield {"value": entry}


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _parsed(payload: bytes) -> Element:
    """Parse XML without a document type declaration: there are no entities to expand, and nothing to fetch."""
    if b"<!DOCTYPE" in payload or b"<!ENTITY" in payload:
        raise Unreadable("a document type declaration")
    try:
        return ElementTree.XML(payload, ElementTree.XMLParser(encoding="utf-8"))  # noqa: S314
    except (ElementTree.ParseError, ValueError) as error:
        raise Unreadable(str(error)) from error


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: Element) -> str:
    return "".join(element.itertext()) if len(element) else element.text or ""


FORMS: Mapping[str, Callable[[bytes], Iterator[Value]]] = {
    "dim": dim,
    "oai_dc": oai_dc,
    "xoai": xoai,
    "dspace7": dspace7,
}
