"""The indexes that CQL may ask for, and what a term means to each of them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from katalod import mapping
from katalod.mapping.identifiers import bare, isbn13
from katalod.mapping.vocabularies import language
from katalod.rdf import GND, curie
from katalod.search import tree as search
from katalod.search import words as folding
from katalod.web.sru import terms
from katalod.web.sru.diagnostics import Diagnostic
from katalod.web.sru.terms import Term

EQUAL, EXACT = ("=", "scr"), ("==", "exact")
IN_WORDS = (*EQUAL, *EXACT, "<>", "adj", "all", "any")
IN_YEARS = (*EQUAL, *EXACT, "<>", "<", "<=", ">", ">=", "within", "any")
_AS_WHOLE = (*EQUAL, *EXACT, "<>", "all", "any")
SPELLED = {name.casefold(): name for name in ("cql.serverChoice", "cql.anyIndexes", "cql.allRecords")}
"""Names as they are usually written; case makes no difference."""
_YEAR = re.compile(r"\d{1,4}|\d{2,3}\*|\d{3}\?|\d\d\?\?", re.ASCII)
_BEFORE = re.compile(r"(?i)^(?:https?://[^/\s]+/(?:xmlui/|jspui/)?handle/|urn:isbn:|isbn[:\s]*)")


@dataclass(frozen=True, slots=True)
class Index:
    """An index: its names, how it is called in English, its relations, and how it is asked."""

    names: tuple[str, ...]  # with their prefixes; the first is its own
    title: str
    relations: tuple[str, ...]
    ask: Callable[["Index", str, Term], search.Tree]
    area: str = ""  # of the search index, for words
    whole: bool = False  # knows whole names, for == and exact
    anchored: bool = False  # knows how names begin
    code: Callable[[str], search.Tree | None] = lambda _: None  # what a term means that is no words

    @property
    def name(self) -> str:
        """Its own name, as it is usually written."""
        return SPELLED.get(self.names[0], self.names[0])


def words(index: Index, relation: str, term: Term) -> search.Tree:
    """Ask for words: next to each other, all, any; or for a whole name."""
    if (meant := index.code(term.text)) is not None:
        return meant
    if relation in ("all", "any") and not (term.begins or term.ends):
        single = tuple(search.Words((word,), index.area) for word in dict.fromkeys(term.words))
        return search.Every(single) if relation == "all" else search.Either(single)
    if term.begins or term.ends or relation == "==":
        return _whole(index, relation, term)
    if len(term.words) > 1 and term.masks:
        raise Diagnostic(33, "", "words next to each other cannot be masked; ask with all, or without masks")
    phrases: list[search.Tree] = [search.Words(term.words, index.area)]
    if index.area == "people" and relation == "=" and len(term.words) > 1:  # «Maria Muster» is «Muster, Maria»
        phrases.append(search.Words((term.words[-1], *term.words[:-1]), index.area))
    return phrases[0] if len(phrases) == 1 else search.Either(tuple(phrases))


def _whole(index: Index, relation: str, term: Term) -> search.Tree:
    if not index.whole:
        raise Diagnostic(24, f"{relation} {term.text[:100]}", f"{index.name} knows no whole names; ask with = or adj")
    if term.begins and not index.anchored:
        raise Diagnostic(31, "", f"{index.name} knows no anchors")
    if relation in ("all", "any") or (term.ends and not term.begins):
        raise Diagnostic(32, "", "a term is anchored with = or adj, at its beginning, or at both ends")
    if term.masks and index.area not in ("title", "people"):
        raise Diagnostic(28, "*", f"whole names of {index.name} cannot be masked; ask with =")
    areas = (index.area,) if index.area else ("title", "people", "subjects", "identifier")
    begins = term.begins and not term.ends and relation != "=="
    called = tuple(search.Called(term.words, area, begins) for area in areas)
    return called[0] if len(called) == 1 else search.Either(called)


def _years(index: Index, relation: str, term: Term) -> search.Tree:
    """Ask for years: the search index knows no months and days."""
    spans = [_span(index, text) for text in term.text.split()]
    if relation == "any":
        return search.Either(tuple(search.Years(*span) for span in spans))
    if len(spans) != (2 if relation == "within" else 1):
        raise _no_year(index, term.text)
    first, last = spans[0]
    ends = {
        "<": (1, first - 1), "<=": (1, last), ">": (last + 1, 9999), ">=": (first, 9999),
        "within": (first, spans[-1][1]),
    }  # fmt: skip
    return search.Years(*ends.get(relation, (first, last)))


def _span(index: Index, text: str) -> tuple[int, int]:
    """Read a year, or with masks for its last digits the years that it may be."""
    if not _YEAR.fullmatch(text):
        raise _no_year(index, text)
    digits = text.rstrip(terms.MASKS)
    if digits == text:
        return int(text), int(text)
    return int(digits.ljust(4, "0")), int(digits.ljust(4, "9"))


def _no_year(index: Index, text: str) -> Diagnostic:
    known = "there is 1999, 199? and 19*, and within takes two years with a space between them"
    return Diagnostic(36, index.name, f"{text[:100]!r} is no year; {known}")


def _language(index: Index, relation: str, term: Term) -> search.Tree:
    """Ask for languages, by code or name."""
    codes = [language(text, _table()) or text.casefold() for text in _several(index, relation, term)]
    return _joined(relation, [search.Value("language", code) for code in codes])


def identified(index: Index, relation: str, term: Term) -> search.Tree:
    """Ask for identifiers as a whole."""
    return _joined(relation, [_identifier(text) for text in _several(index, relation, term)])


def _everything(index: Index, relation: str, term: Term) -> search.Tree:
    return search.Everything()


def _several(index: Index, relation: str, term: Term) -> list[str]:
    if term.masks:
        advice = "leave the mask out, or write a backslash before it"
        raise Diagnostic(28, "*", f"{index.name} is looked for as a whole; {advice}")
    return term.text.split() if relation in ("all", "any") else [term.text.strip()]


def _joined(relation: str, parts: list[search.Tree]) -> search.Tree:
    if len(parts) == 1:
        return parts[0]
    return search.Every(tuple(parts)) if relation == "all" else search.Either(tuple(parts))


def _identifier(text: str) -> search.Tree:
    """Ask for an identifier in the forms in which it may lie in the index: as written, and in one piece."""
    plain = _BEFORE.sub("", bare(text), count=1)
    forms = dict.fromkeys(tuple(folding.words(form)) for form in (plain, plain.replace("-", ""), *_isbns(plain)))
    return search.Either(tuple(search.Called(form, "identifier") for form in forms if form))


def _isbns(text: str) -> tuple[str, ...]:
    """Give the other form of an ISBN: that of ten digits for thirteen, and the other way round."""
    from stdnum import isbn  # reads its tables on import

    long = isbn13(text)
    return (long, isbn.to_isbn10(long)) if long.startswith("978") else (long,)


def _heading(text: str) -> search.Tree | None:
    return search.Value("borne", text.removeprefix(GND)) if text.startswith(GND) else None


def _kind(text: str) -> search.Tree | None:
    """Take an address or a short form of one for the code of a type."""
    return search.Value("type", curie(text)) if ":" in text and " " not in text else None


@cache
def _table() -> mapping.Table:
    return mapping.load()


INDEXES = (
    Index(("cql.serverchoice", "cql.anywhere", "cql.anyindexes", "cql.keywords", "bath.any", "pica.all"), "Anywhere",
          IN_WORDS, words, whole=True),
    Index(("cql.allrecords",), "All records", _AS_WHOLE, _everything),
    Index(("dc.title", "bath.title", "pica.tit"), "Title", IN_WORDS, words, "title", whole=True, anchored=True),
    Index(("dc.creator", "dc.contributor", "bath.author", "bath.name", "pica.per"), "Person or body, whatever its part",
          IN_WORDS, words, "people", whole=True, anchored=True),
    Index(("dc.subject", "bath.subject"), "Keyword or heading; an address of the GND", IN_WORDS, words, "subjects",
          whole=True, code=_heading),
    Index(("dc.description",), "Abstract or description", IN_WORDS, words, "text"),
    Index(("dc.date", "pica.jah"), "Year of publication", IN_YEARS, _years),
    Index(("dc.type",), "Type, in words or by its address", IN_WORDS, words, "kinds", code=_kind),
    Index(("dc.language",), "Language, by code or name", _AS_WHOLE, _language),
    Index(("dc.identifier", "bath.isbn", "pica.isb", "pica.num"), "ISBN, DOI, URN, handle, our own address", _AS_WHOLE,
          identified),
)  # fmt: skip
"""What may be asked for; the first where a clause names none."""
