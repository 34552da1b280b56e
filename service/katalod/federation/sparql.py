"""Asking by the SPARQL 1.1 Protocol: our own shape by default, that of others by a query of the operator's."""

from collections.abc import Iterable, Sequence
from itertools import islice

from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, QuerySolutions, parse_query_results

from katalod.errors import SourceError
from katalod.federation.values import MOST_WORKS, Found, Request, Work, isbn, named, work
from katalod.settings.targets import Target

OURS = """PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX bibo: <http://purl.org/ontology/bibo/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX wdrs: <http://www.w3.org/2007/05/powder-s#>
SELECT ?work ?title ?year ?page ?name ?isbn ?identifier WHERE {
  { SELECT ?work (MIN(?called) AS ?title) (MIN(?issued) AS ?year) (MIN(?document) AS ?page) WHERE {
      ?work dcterms:title ?called ; wdrs:describedby ?document
      FILTER NOT EXISTS { VALUES ?word { {words} } FILTER(!CONTAINS(LCASE(STR(?called)), ?word)) }
      OPTIONAL { ?work dcterms:issued ?issued }
    } GROUP BY ?work ORDER BY DESC(?year) ?work LIMIT {limit} }
  OPTIONAL {
    { ?work dcterms:creator/foaf:name ?name }
    UNION { ?work bibo:isbn13 ?isbn }
    UNION { ?work bibo:doi|dcterms:identifier ?identifier } }
} ORDER BY DESC(?year) ?work ?name ?isbn ?identifier"""
"""Works of a katalod whose title has all the words; a query of the operator's gives rows of the same variables."""

_MOST_ROWS = 5000

Row = dict[str, str]


def request(target: Target, words: Sequence[str], limit: int) -> Request:
    """Ask the query, with `{words}` a literal a word, lower-case, `{text}` one literal, `{limit}` a number."""
    plain = [word.rstrip("*") for word in words]
    query = (target.query or OURS).replace("{limit}", str(limit))
    query = query.replace("{words}", " ".join(str(Literal(word.lower())) for word in plain))
    query = query.replace("{text}", str(Literal(" ".join(plain))))
    return Request((("query", query),), "application/sparql-results+json")


def read(target: Target, body: bytes) -> Found:
    """Read an answer, work by work in the order of its rows; raises SourceError where it is none."""
    try:
        solutions = parse_query_results(body, format=QueryResultsFormat.JSON)
        if not isinstance(solutions, QuerySolutions):
            raise SourceError("no rows: the query must be a SELECT")
        names = [variable.value for variable in solutions.variables]
        rows = [{name: _text(row[name]) for name in names} for row in islice(solutions, _MOST_ROWS)]
    except (SyntaxError, ValueError, OSError) as error:
        raise SourceError(f"no results of a SPARQL query as JSON: {error}") from error
    if "work" not in names or "title" not in names:
        raise SourceError("no results with the variables ?work and ?title")
    about: dict[str, list[Row]] = {}
    for row in rows:
        about.setdefault(row["work"], []).append(row)
    works = (_work(iri, said) for iri, said in islice(about.items(), MOST_WORKS))
    return Found(None, tuple(one for one in works if one is not None))


def _work(iri: str, rows: list[Row]) -> Work | None:
    def values(*names: str) -> Iterable[str]:
        return dict.fromkeys(row[name] for name in names for row in rows if row.get(name))

    first = {name: next(iter(values(name)), "") for name in ("title", "year")}
    identifiers = (*map(isbn, values("isbn")), *map(named, values("identifier")))
    return work(first["title"], values("name"), first["year"], (*values("page"), iri), identifiers)


def _text(term: object) -> str:
    return term.value if isinstance(term, NamedNode | Literal | BlankNode) else ""
