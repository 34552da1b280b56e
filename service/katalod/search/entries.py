"""What of a work is searched, faceted and shown, and how it lies in the index."""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import NamedTuple

import tantivy

from katalod.search.words import Forms, cut, memory, phrase, words

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


class Rows(NamedTuple):
    """An entry, laid out: one text, which costs a tenth of many small ones to hand from process to process."""

    path: str
    fields: str  # JSON: field of the index to value or values


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
    known = memory()
    named = [known[piece] for piece in cut(entry.title)]
    title = [*named, *(known[piece] for text in entry.more_titles for piece in cut(text))]
    labels = _labels(entry)
    subjects = [known[label.casefold()] for label in labels]
    people = [phrase(name) for name in entry.people]
    texts = [([known[piece] for piece in cut(text)], tongue == "en") for text, tongue in entry.texts]
    every = chain(title, subjects, *(found for found, _ in texts))
    beginning = entry.texts[0][0][:_SHOWN] if entry.texts else ""
    shown = (entry.path, entry.title, entry.people[:SHOWN_PEOPLE], entry.year, entry.types[:1], beginning)
    rows: dict[str, object] = {
        "title": _together(title),
        "subjects": " ".join([forms.folded for forms in subjects]),
        "people": " ".join(people),
        "kinds": " ".join([known[kind.casefold()].folded for kind in entry.kinds]),
        "text": " ".join([forms.english if other else forms.german for found, other in texts for forms in found]),
        "title_stems": _once([forms.stems for forms in title]),
        "subjects_stems": _once([forms.stems for forms in subjects]),
        "parts": _once([forms.parts for forms in every]),
        "shown": b64encode(json.dumps(shown, ensure_ascii=False).encode()).decode(),  # as JSON has bytes
    }
    folded = dict(zip(labels, (forms.folded for forms in subjects), strict=True))
    folded |= zip(entry.people, people, strict=True)
    rows |= {field: list(dict.fromkeys(values)) for field, values in _exact(entry, _together(named), labels, folded)}
    if entry.year > 0:
        rows["year"] = entry.year
    return Rows(entry.path, json.dumps(rows))


def _labels(entry: Entry) -> list[str]:
    """Name all that the work is about: keywords, headings and their variants, each once."""
    names = [label for _, label in entry.keywords]
    for heading in entry.headings:
        names += (heading.label, *heading.variants)
    return list(dict.fromkeys(names))


def _together(found: Iterable[Forms]) -> str:
    """Join the folded words of a text."""
    return " ".join([forms.folded for forms in found if forms.folded])


def _once(found: Iterable[str]) -> str:
    """Join what a field without places holds."""
    return " ".join(dict.fromkeys(found))


def _exact(
    entry: Entry, title: str, labels: list[str], folded: Mapping[str, str]
) -> Iterator[tuple[str, Iterable[str]]]:
    """Give the values that are taken as a whole; labels and people's names are folded already."""
    borne = [heading for heading in entry.headings if heading.borne]
    yield "path", [entry.path]
    called = (title, *[folded[label] for label in labels], *_identified(entry))
    yield "whole", [name for name in called if name]
    yield "borne", [heading.id for heading in borne]
    yield "heading", [id for heading in borne for id in (heading.id, *heading.above)]
    yield "keyword", [slug for slug, _ in entry.keywords]
    yield "person", entry.people
    yield "name", [f"{folded[name]}{SEPARATOR}{name}" for name in entry.people]
    yield "type", entry.types
    yield "language", entry.languages
    yield "source", [entry.source] if entry.source else []
    yield "suggest", _suggested(entry, folded)
    yield "by_year", [f"{9999 - min(max(entry.year, 0), 9999):04d} {entry.path}"]
    yield "by_title", [f"{title[:LONGEST]}{SEPARATOR}{entry.path}"]


def _identified(entry: Entry) -> Iterator[str]:
    """Give the identifiers as a search for them is folded; those of digits and hyphens are found in one piece too."""
    for identifier in (*entry.identifiers, entry.path):
        folded = words(identifier)
        yield " ".join(folded)
        if len(folded) > 1 and identifier.replace("-", "").isalnum():
            yield "".join(folded)


def _suggested(entry: Entry, folded: Mapping[str, str]) -> Iterator[str]:
    """Give what is suggested while one types: keywords, headings and their variants, people; by every word of them."""
    for slug, label in entry.keywords:
        yield from _starts(folded[label], f"keyword{SEPARATOR}{slug}{SEPARATOR}{label}")
    for heading in entry.headings:
        if heading.borne:
            for name in (heading.label, *heading.variants):
                yield from _starts(folded[name], f"heading{SEPARATOR}{heading.id}{SEPARATOR}{heading.label}")
    for name in entry.people:
        yield from _starts(folded[name], f"person{SEPARATOR}{name}{SEPARATOR}{name}")


def _starts(name: str, thing: str) -> list[str]:
    """Give what suggests a thing by one of its names: the name from each of its first words on."""
    split = name.split(" ")
    rests = (" ".join(split[n:]) for n in range(min(len(split), _STARTS))) if len(split) > 1 else split
    return [f"{rest}{SEPARATOR}{thing}" for rest in rests if rest]
