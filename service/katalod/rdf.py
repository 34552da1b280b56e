"""Prefixes, terms, and the IRIs that we make.

pyoxigraph's terms are the only RDF model between mapping and web.
"""

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from urllib.parse import quote

from pyoxigraph import NamedNode

from katalod.assets import asset

CC0 = "http://creativecommons.org/publicdomain/zero/1.0/"
GND = "https://d-nb.info/gnd/"

_TRANSCRIBED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "œ": "oe", "ł": "l"})
_FORBIDDEN = re.compile(r'[\x00-\x20<>"{}|\\^`]')


@cache
def prefixes() -> Mapping[str, str]:
    """Give the prefixes of the mapping profile: short name to namespace IRI."""
    table = tomllib.loads(asset("ontology/mapping.toml").read_text("utf-8"))
    return MappingProxyType(table["prefixes"])


@cache
def term(curie: str) -> NamedNode:
    """Give the IRI that a CURIE of the mapping profile stands for; KeyError for an unknown prefix."""
    prefix, _, local = curie.partition(":")
    return NamedNode(prefixes()[prefix] + local)


def curie(iri: str) -> str:
    """Shorten an IRI by the profile's prefixes, where one fits."""
    for prefix, namespace in prefixes().items():
        if iri.startswith(namespace) and len(iri) > len(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri


def valid_iri(text: str) -> bool:
    """Whether a text may stand as an IRI for the web: http(s), a host, no character that RFC 3987 forbids."""
    return bool(re.match(r"https?://[^/\s]+", text)) and not _FORBIDDEN.search(text) and len(text) < 2048


def slug(label: str) -> str:
    """Fold a label to ASCII letters, digits and hyphens.

    Labels that differ in more than case, space, hyphens and umlaut transcription get different slugs:
    what the folding loses is kept as a digest, so that "C++" is not "C".
    """
    text = unicodedata.normalize("NFC", label).casefold().translate(_TRANSCRIBED)
    words = re.sub(r"[\s\-_‐‑–]+", "-", text).strip("-")
    plain = re.sub(r"[^a-z0-9-]", "", words)
    if plain == words and len(plain) <= 80:
        return plain or "x"
    readable = re.sub(r"[^a-z0-9]+", "-", unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode())
    return f"{readable.strip('-')[:60]}-{hashlib.sha256(words.encode()).hexdigest()[:8]}".lstrip("-")


def work_iri(base: str, path: str) -> NamedNode:
    """The IRI of the thing that a record is about."""
    return NamedNode(f"{base}id/{quote(path, safe='/-._~:')}")


def doc_iri(base: str, path: str) -> NamedNode:
    """The IRI of the document that describes it."""
    return NamedNode(f"{base}doc/{quote(path, safe='/-._~:')}")


def keyword_iri(base: str, label: str) -> NamedNode:
    """The IRI of a keyword concept of the repository."""
    return NamedNode(f"{base}id/keyword/{slug(label)}")


def dataset_iri(base: str) -> NamedNode:
    """The IRI of the dataset as a whole."""
    return NamedNode(f"{base}#dataset")


def graph_iri(base: str, name: str) -> NamedNode:
    """The IRI of a named graph: keywords, authority or dataset."""
    return NamedNode(f"{base}graph/{name}")


def made_iri(subject: NamedNode, *parts: str) -> NamedNode:
    """Make an IRI below a record's own, for a thing that has none; never a blank node."""
    return NamedNode(f"{subject.value}#{'-'.join(slug(part) for part in parts)}")
