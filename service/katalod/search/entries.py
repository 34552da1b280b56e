"""What of a work is searched, faceted and shown, and how it lies in the index."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import tantivy

from katalod.search.words import SHORTEST_COMPOUND, english, german, part_stems, phrase, stems, words

AREAS = ("title", "subjects", "people", "kinds", "text")
"""Where words are looked for with their places, for phrases and beginnings of words; `text` holds stems only."""

STEMMED = ("title", "subjects")
"""Areas whose words are found by their stems too; names of people are not stemmed."""

FACETS = ("type", "keyword", "heading", "person", "language", "source")
"""What results are counted by, beside the year."""

EXACT = ("path", "whole", "borne", "name", "suggest")
"""Fields whose values are looked for as a whole; `borne` holds the headings of the work itself without those above."""

SEPARATOR = "\x1f"
LONGEST = 200  # characters of a title that is sorted by or suggested
_STARTS = 6  # words of a name that it is suggested by
SHOWN_PEOPLE = 4  # that a hit names
_SHOWN = 280  # characters of the text that a hit shows


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the authority that a work is found by."""

    id: str
    label: str
    variants: tuple[str, ...] = ()
    above: tuple[str, ...] = ()  # ids of the broader headings, and of theirs
    borne: bool = True  # the work itself bears it: it counts as a facet


@dataclass(frozen=True, slots=True)
class Entry:
    """What of one work is searched."""

    path: str
    title: str
    more_titles: tuple[str, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()  # abstracts and the like, each with its language or ""
    people: tuple[str, ...] = ()
    keywords: tuple[tuple[str, str], ...] = ()  # slug and label
    headings: tuple[Heading, ...] = ()
    year: int = 0  # 0 where nobody knows
    types: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()  # the type in words
    languages: tuple[str, ...] = ()
    source: str = ""
    identifiers: tuple[str, ...] = ()


Rows = dict[str, Any]
"""An entry, laid out: field of the index to value or values."""


@cache
def schema() -> tantivy.Schema:
    """Give the layout of the index; one that changes makes former indexes unreadable."""
    builder = tantivy.SchemaBuilder()
    for field in AREAS:
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="position")
    for field in (*(f"{area}_stems" for area in STEMMED), "parts"):
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="basic")
    for field in EXACT:
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    for field in FACETS:
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic", fast=True)
    for field in ("by_year", "by_title"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_unsigned_field("year", indexed=True, fast=True)
    builder.add_bytes_field("shown", stored=True)
    return builder.build()


def laid_out(entry: Entry) -> Rows:
    """Lay an entry out in the fields of the index; any process may do this, and one takes the rows in."""
    title = words(" ".join((entry.title, *entry.more_titles)))
    subjects = [word for label in _labels(entry) for word in phrase(label).split()]
    texts = [(words(text), english if tongue == "en" else german) for text, tongue in entry.texts]
    every = set(title).union(subjects, *(found for found, _ in texts))
    beginning = entry.texts[0][0][:_SHOWN] if entry.texts else ""
    shown = (entry.path, entry.title, entry.people[:SHOWN_PEOPLE], entry.year, entry.types[:1], beginning)
    rows: Rows = {
        "title": " ".join(title),
        "subjects": " ".join(subjects),
        "people": " ".join(map(phrase, entry.people)),
        "kinds": " ".join(map(phrase, entry.kinds)),
        "text": " ".join(stem for found, stemmed in texts for stem in map(stemmed, found)),
        # Sets in any order: these fields know no places.
        "title_stems": " ".join(set().union(*map(stems, title))),
        "subjects_stems": " ".join(set().union(*map(stems, subjects))),
        "parts": " ".join({stem for word in every if len(word) >= SHORTEST_COMPOUND for stem in part_stems(word)}),
        "shown": json.dumps(shown, ensure_ascii=False).encode(),
    }
    rows |= {field: list(dict.fromkeys(values)) for field, values in _exact(entry)}
    if entry.year > 0:
        rows["year"] = entry.year
    return rows


def document(rows: Rows) -> tantivy.Document:
    """Make rows a document of the index."""
    return tantivy.Document.from_dict(rows, schema())


def _labels(entry: Entry) -> list[str]:
    """Name all that the work is about: keywords, headings and their variants, each once."""
    names = [label for _, label in entry.keywords]
    for heading in entry.headings:
        names += (heading.label, *heading.variants)
    return list(dict.fromkeys(names))


def _exact(entry: Entry) -> Iterator[tuple[str, Iterable[str]]]:
    """Give the values that are taken as a whole."""
    borne = [heading for heading in entry.headings if heading.borne]
    folded = phrase(entry.title)
    yield "path", [entry.path]
    called = (folded, *map(phrase, _labels(entry)), *_identified(entry))
    yield "whole", [name for name in called if name]
    yield "borne", [heading.id for heading in borne]
    yield "heading", [id for heading in borne for id in (heading.id, *heading.above)]
    yield "keyword", [slug for slug, _ in entry.keywords]
    yield "person", entry.people
    yield "name", [f"{phrase(name)}{SEPARATOR}{name}" for name in entry.people]
    yield "type", entry.types
    yield "language", entry.languages
    yield "source", [entry.source] if entry.source else []
    yield "suggest", _suggested(entry)
    yield "by_year", [f"{9999 - min(max(entry.year, 0), 9999):04d} {entry.path}"]
    yield "by_title", [f"{folded[:LONGEST]}{SEPARATOR}{entry.path}"]


def _identified(entry: Entry) -> Iterator[str]:
    """Give the identifiers as a search for them is folded; those of digits and hyphens are found in one piece too."""
    for identifier in (*entry.identifiers, entry.path):
        folded = words(identifier)
        yield " ".join(folded)
        if len(folded) > 1 and identifier.replace("-", "").isalnum():
            yield "".join(folded)


def _suggested(entry: Entry) -> Iterator[str]:
    """Give what is suggested while one types: keywords, headings and their variants, people; by every word of them."""
    named = [(label, "keyword", slug, label) for slug, label in entry.keywords]
    for heading in entry.headings:
        if heading.borne:
            names = (heading.label, *heading.variants)
            named += [(name, "heading", heading.id, heading.label) for name in names]
    named += [(name, "person", name, name) for name in entry.people]
    for name, kind, id, label in named:
        rest = phrase(name)
        for _ in range(_STARTS):
            if not rest:
                break
            yield f"{rest}{SEPARATOR}{kind}{SEPARATOR}{id}{SEPARATOR}{label}"
            rest = rest.partition(" ")[2]
