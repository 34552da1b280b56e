"""Answering queries for a shell: over the release or over any endpoint, in the forms that a shell likes."""

from collections.abc import Iterator, Sequence

from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
    serialize,
)

from katalod.errors import QueryError, StoreError
from katalod.fetch import FetchError, Session
from katalod.store.embedded import Embedded

TABLES = {
    "json": QueryResultsFormat.JSON,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
    "xml": QueryResultsFormat.XML,
}
GRAPHS = {"turtle": RdfFormat.TURTLE, "ntriples": RdfFormat.N_TRIPLES, "rdfxml": RdfFormat.RDF_XML}
_ACCEPTED = "application/sparql-results+json, application/n-triples;q=0.9, text/turtle;q=0.8"
WIDEST = 60  # characters of a column of a table for people


def answered(store: Embedded, query: str, format: str) -> str:
    """Answer a query as text: `table` for people, a form of TABLES for rows, of GRAPHS for a graph.

    Raises QueryError for a fault in the query, and for a form that does not fit what it asks for.
    """
    _check(format)
    try:
        result = store.query(query)
    except StoreError as error:
        raise QueryError(f"{error}; mend the query") from error
    return _text(result, format)


def answered_by(endpoint: str, query: str, format: str) -> str:
    """Answer a query as `answered` does, by the SPARQL endpoint at a web address.

    Raises QueryError for what the endpoint refuses, StoreError where it does not answer as the protocol says.
    """
    _check(format)
    headers = {"Accept": _ACCEPTED, "Content-Type": "application/sparql-query"}
    session = Session()
    try:
        with session.open("POST", endpoint, (), headers, query.encode()) as stream:
            body = b"".join(stream)
            kind = stream.headers.get("content-type", "").partition(";")[0].strip().lower()
    except FetchError as error:
        raise StoreError(f"asking {endpoint}: {error}") from error
    finally:
        session.close()
    if stream.status >= 400:
        said = " ".join(body[:600].decode("utf-8", "replace").split())
        kind_of_error = QueryError if stream.status in (400, 413) else StoreError
        raise kind_of_error(f"asking {endpoint}: status {stream.status}: {said}")
    return _text(_read(body, kind, endpoint), format)


def _read(body: bytes, kind: str, endpoint: str) -> QuerySolutions | QueryBoolean | Iterator[Triple]:
    """Read what was asked for and nothing else: parsers of other forms follow what a hostile answer tells them."""
    try:
        if kind in ("application/sparql-results+json", "application/json"):
            return parse_query_results(body, format=QueryResultsFormat.JSON)
        if kind in ("application/n-triples", "text/turtle"):
            triples = [quad.triple for quad in parse(body, format=RdfFormat.TURTLE)]  # which N-Triples are, too
            return iter(triples)
    except (SyntaxError, ValueError) as error:
        raise StoreError(f"asking {endpoint}: its answer cannot be read as {kind}: {error}") from error
    raise StoreError(f"asking {endpoint}: it answers in {kind or 'no form'}; is it a SPARQL endpoint?")


def _check(format: str) -> None:
    if format not in ("table", *TABLES, *GRAPHS):
        raise QueryError(f"there is no form {format!r}; take table, {', '.join((*TABLES, *GRAPHS))}")


def _text(result: QuerySolutions | QueryBoolean | QueryTriples | Iterator[Triple], format: str) -> str:
    if isinstance(result, QuerySolutions | QueryBoolean):
        if format in GRAPHS:
            raise QueryError(f"the form {format!r} is for graphs, and this query gives rows; take {', '.join(TABLES)}")
        if format == "table":
            return _table(result) if isinstance(result, QuerySolutions) else f"{'yes' if result else 'no'}\n"
        return (result.serialize(format=TABLES[format]) or b"").decode() + "\n"
    if format in TABLES:
        format = "turtle"  # a graph has no rows: the nearest readable form
    return (serialize(result, format=GRAPHS.get(format, RdfFormat.TURTLE)) or b"").decode()


def _table(result: QuerySolutions) -> str:
    """Lay rows out in columns, each as wide as it must be."""
    names = [variable.value for variable in result.variables]
    rows = [names, *([_cell(solution[name]) for name in names] for solution in result)]
    widths = [min(WIDEST, max(len(row[n]) for row in rows)) for n in range(len(names))]
    return "".join(_line(row, widths) for row in (rows[0], ["-" * width for width in widths], *rows[1:]))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip() + "\n"


def _cell(term: object) -> str:
    value = getattr(term, "value", "" if term is None else str(term))
    return " ".join(str(value).split())
