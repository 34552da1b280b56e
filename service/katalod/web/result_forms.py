"""In which forms the answer to a query is given: by the query's own form, and by what the client asks for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    RdfFormat,
    parse,
    parse_query_results,
)

from katalod.rdf import curie
from katalod.store import Answer
from katalod.web.negotiation import negotiate
from katalod.web.reader import Reader

HTML = "text/html"
ROWS_SHOWN = 1000


@dataclass(frozen=True, slots=True)
class ResultForm:
    """A media type that we answer in, what the engine is asked for, and the short names of `format=`."""

    media: str
    engine: str
    names: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """The media type as a header: text without a charset is read as Latin-1 by many clients."""
        return f"{self.media}; charset=utf-8" if self.media.startswith("text/") else self.media


_JSON, _XML = "application/sparql-results+json", "application/sparql-results+xml"

TABLES = (
    ResultForm(_JSON, _JSON, ("json", "srj", "sparql-results+json")),
    ResultForm(_XML, _XML, ("xml", "srx", "sparql-results+xml")),
    ResultForm("text/csv", "text/csv", ("csv",)),
    ResultForm("text/tab-separated-values", "text/tab-separated-values", ("tsv",)),
    ResultForm("application/json", _JSON),
    ResultForm("application/xml", _XML),
    ResultForm("text/xml", _XML),
    ResultForm(HTML, _JSON, ("html",)),
)
GRAPHS = (
    ResultForm("text/turtle", "text/turtle", ("turtle", "ttl")),
    ResultForm("application/ld+json", "application/ld+json", ("jsonld", "json-ld", "json")),
    ResultForm("application/n-triples", "application/n-triples", ("ntriples", "n-triples", "nt")),
    ResultForm("application/rdf+xml", "application/rdf+xml", ("rdfxml", "rdf+xml", "rdf", "xml")),
    ResultForm("application/n-quads", "application/n-quads", ("nquads", "n-quads", "nq")),
    ResultForm("application/trig", "application/trig", ("trig",)),
    ResultForm("text/n3", "text/n3", ("n3",)),
    ResultForm(HTML, "application/n-triples", ("html",)),
)
FORMS = {"SELECT": TABLES, "ASK": TABLES, "CONSTRUCT": GRAPHS, "DESCRIBE": GRAPHS}


def choose(query_form: str, wishes: Sequence[str], accept: str | None) -> ResultForm | None:
    """Choose the form of an answer: a known name or media type given as `format=` wins over the header."""
    forms = FORMS[query_form]
    for wish in wishes:
        for form in forms:
            if wish.lower() in (form.media, *form.names):
                return form
    media = negotiate(accept, [form.media for form in forms])
    return next((form for form in forms if form.media == media), None)


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a table for people."""

    text: str
    href: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """An answer for people: the rows that are shown, and whether there are more."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    more: bool = False
    verdict: bool | None = None  # of ASK


def table(form: ResultForm, answer: Answer, who: Reader) -> Table:
    """Read an answer as a table; of a graph the columns are subject, predicate and object."""
    data = answer.read()
    if form.engine != _JSON:
        triples = parse(data, format=RdfFormat.N_TRIPLES)
        return _table(("s", "p", "o"), ((t.subject, t.predicate, t.object) for t in triples), who)
    found = parse_query_results(data, format=QueryResultsFormat.JSON)
    if isinstance(found, QueryBoolean):
        return Table((), (), verdict=bool(found))
    return _table(tuple(variable.value for variable in found.variables), (tuple(row) for row in found), who)


def _table(columns: tuple[str, ...], rows: Iterator[tuple[object, ...]], who: Reader) -> Table:
    shown = [tuple(_cell(value, who) for value in row) for row in islice(rows, ROWS_SHOWN + 1)]
    return Table(columns, tuple(shown[:ROWS_SHOWN]), more=len(shown) > ROWS_SHOWN)


def _cell(value: object, who: Reader) -> Cell:
    match value:
        case None:
            return Cell("")
        case NamedNode():
            return Cell(curie(value.value), who.link(value.value))
        case Literal():
            return Cell(value.value, lang=value.language or "")
        case BlankNode():
            return Cell(f"_:{value.value}")
        case _:
            return Cell(str(value))
