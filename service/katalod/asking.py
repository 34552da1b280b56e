"""Answering the operator's own queries: over the release, in the forms that a shell likes."""

from collections.abc import Sequence

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, serialize

from katalod.errors import QueryError, StoreError
from katalod.store.embedded import Embedded

TABLES = {
    "json": QueryResultsFormat.JSON,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
    "xml": QueryResultsFormat.XML,
}
GRAPHS = {"turtle": RdfFormat.TURTLE, "ntriples": RdfFormat.N_TRIPLES, "rdfxml": RdfFormat.RDF_XML}
WIDEST = 60  # characters of a column of a table for people


def answered(store: Embedded, query: str, format: str) -> str:
    """Answer a query as text: `table` for people, a form of TABLES for rows, of GRAPHS for a graph.

    Raises QueryError for a fault in the query, and for a form that does not fit what it asks for.
    """
    if format not in ("table", *TABLES, *GRAPHS):
        raise QueryError(f"there is no form {format!r}; take table, {', '.join((*TABLES, *GRAPHS))}")
    try:
        result = store.query(query)
    except StoreError as error:
        raise QueryError(f"{error}; mend the query") from error
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
