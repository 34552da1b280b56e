"""What a record is called, where its envelope does not say."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

LONGEST = 2000
"""Characters of an identifier; what is longer is an attack or a mistake."""

_HANDLE = re.compile(r"(?:/handle/|\bhdl\.handle\.net/|\bhdl:\s*)([\w.]+/[\w.\-]+)", re.ASCII)
_HANDLE_NUMBER = re.compile(r"(?:/handle/|\bhdl\.handle\.net/|\bhdl:\s*)([\w.]+/\d+)", re.ASCII)


def named(payload: bytes) -> str:
    """Give the handle that a metadata document names, else its first identifier, else nothing."""
    try:
        # Safe: the splitter has refused a document type declaration, so there are no entities here.
        root = ElementTree.fromstring(payload)  # noqa: S314
    except ElementTree.ParseError:
        return ""
    return chosen([text.strip() for text in _identifiers(root) if text and text.strip()])


def chosen(identifiers: list[str]) -> str:
    """Choose a handle among identifiers, else the first one; nothing where there is none of fair length."""
    handles = [match[1] for text in identifiers if len(text) <= LONGEST and (match := _HANDLE.search(text))]
    return (handles + [text for text in identifiers if len(text) <= LONGEST] + [""])[0]


def handle_in(text: str) -> str:
    """Give the first handle in running text, where letters may follow its digits at once; or nothing."""
    match = _HANDLE_NUMBER.search(text)
    return match[1] if match else ""


def _identifiers(root: ElementTree.Element) -> Iterator[str | None]:
    for element in root.iter():
        local = element.tag.rpartition("}")[2]
        marc = local == "controlfield" and element.get("tag") == "001"
        if marc or local == "identifier" or element.get("element") == "identifier":  # MARC 21; oai_dc and mods; dim
            yield element.text
        elif element.get("name") == "identifier":  # xoai
            yield from (field.text for field in element.iter() if field.get("name") == "value")
        elif element.get("name") == "handle" and element.text:  # xoai, branch "others"
            yield f"hdl:{element.text.strip()}"
