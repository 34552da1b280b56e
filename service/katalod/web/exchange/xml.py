"""XML in strings: a page of records is written as fast as it is read, and nothing of a value is taken for markup."""

import re
from collections.abc import Iterable

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0, 2.2
_SPECIAL = re.compile('[\x00-\x08\x0b-\x1f&<>"\ud800-\udfff\ufffe\uffff]')
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"})


def escaped(text: str) -> str:
    """Write a text so that XML reads it back; characters that XML 1.0 forbids are left out."""
    if not _SPECIAL.search(text):  # most texts: half the time of a harvest went here
        return text
    return _FORBIDDEN.sub("", text).translate(_MARKUP)


def element(name: str, text: str, attributes: str = "") -> str:
    """Write an element with a text; nothing where there is none."""
    return f"<{name}{attributes}>{escaped(text)}</{name}>" if text else ""


def within(name: str, parts: Iterable[str], attributes: str = "") -> str:
    """Write an element around others; nothing where there are none."""
    inner = "".join(parts)
    return f"<{name}{attributes}>{inner}</{name}>" if inner else ""


def located(namespace: str, schema: str) -> str:
    """Write the attributes that say where the schema of a namespace is."""
    instance = "http://www.w3.org/2001/XMLSchema-instance"
    return f' xmlns:xsi="{instance}" xsi:schemaLocation="{namespace} {schema}"'


def attribute(name: str, value: str | None) -> str:
    """Write an attribute; nothing where there is no value."""
    return f' {name}="{escaped(value)}"' if value else ""
