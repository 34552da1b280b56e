"""How an SRU request wants its records sorted: `sortBy` of CQL, and the older `sortKeys` of SRU 1.1."""

from katalod import cql
from katalod.search import Order
from katalod.web.sru import clauses
from katalod.web.sru.diagnostics import Diagnostic

KEYS = {"dc.title": "title", "dc.date": "year"}
"""What is sorted by, and the key of the search index for it."""

_WAYS = {"ascending": False, "descending": True}
_ALWAYS = ("missinglow", "ignorecase", "ignoreaccents")  # so it is, whatever is asked for
_FIELDS = 5  # of a sort key: path, schema, ascending, case, missing value


def by_query(keys: tuple[cql.SortKey, ...]) -> Order:
    """Read the `sortBy` of a query; raises Diagnostic."""
    _single(len(keys))
    key = keys[0]
    backwards = False
    for modifier in key.modifiers:
        name = modifier.name.local if modifier.name.prefix in ("", "sort") and not modifier.comparison else "?"
        if name.startswith("missing") and name not in _ALWAYS:
            raise Diagnostic(92, name[:100], "what lacks the key counts as the lowest; leave the modifier out")
        if name not in (*_WAYS, *_ALWAYS):
            said = str(modifier.name)[:100]
            raise Diagnostic(82, said, f"{said} is not known; there is sort.ascending and sort.descending")
        backwards = _WAYS.get(name, backwards)
    return _order(clauses.index_of(key.index).name, backwards)


def by_keys(text: str) -> Order:
    """Read `sortKeys`: keys of `path,schema,ascending,caseSensitive,missingValue`; without any, the newest first."""
    keys = text.split()
    if not keys:
        return Order("year")
    _single(len(keys))
    fields = keys[0].split(",")
    path, schema, ascending, case, missing = (*fields[:_FIELDS], *[""] * (_FIELDS - len(fields)))
    if len(fields) > _FIELDS:
        raise Diagnostic(82, keys[0][:100], f"a sort key has {_FIELDS} parts at most, with commas between them")
    if schema not in ("", "dc", "info:srw/schema/1/dc-v1.1"):
        raise Diagnostic(87, schema[:100], "records are sorted by Dublin Core; leave the schema out, or say dc")
    if ascending not in ("", "0", "1"):
        raise Diagnostic(90, ascending[:100], "the direction is 1 for ascending, 0 for descending")
    if case not in ("", "0"):
        raise Diagnostic(91, case[:100], "case makes no difference; say 0, or nothing")
    if missing not in ("", "lowValue"):
        raise Diagnostic(92, missing[:100], "what lacks the key counts as the lowest; say lowValue, or nothing")
    local = path.casefold().strip("/").replace("/", ".").removeprefix("dc.")
    return _order(f"dc.{local}", ascending == "0")


def _single(count: int) -> None:
    if count > 1:
        raise Diagnostic(84, "1", "records are sorted by one key; leave the others out")


def _order(name: str, backwards: bool) -> Order:
    """Give the order for an index; dates lie in the search index with the latest first."""
    if name not in KEYS:
        raise Diagnostic(88, name[:100], f"there is no sorting by {name[:100]}; there is {', '.join(KEYS)}")
    return Order(KEYS[name], backwards != (KEYS[name] == "year"))
