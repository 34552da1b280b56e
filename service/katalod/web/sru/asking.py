"""What an SRU request asks, held to SRU 1.1 and 1.2: a fault is a numbered diagnostic of info:srw/diagnostic/1."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from katalod import cql
from katalod.search import Order
from katalod.search.tree import Tree
from katalod.web.sru import clauses, sorting
from katalod.web.sru.diagnostics import Diagnostic
from katalod.web.sru.records import FORMS, Form

VERSIONS = ("1.2", "1.1")
PACKINGS = ("xml", "string")
PAGE, MOST = 10, 100  # records of an answer: where nothing is said, and at most

PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "explain": ("version", "recordPacking", "stylesheet"),
    "searchRetrieve": (
        "version", "query", "startRecord", "maximumRecords", "recordPacking", "recordSchema", "recordXPath",
        "resultSetTTL", "sortKeys", "stylesheet",
    ),
}  # fmt: skip
"""The parameters of each operation, as its schema orders them; those of extensions begin with `x-`."""

_DIGITS = 9  # of a number that is read


@dataclass(frozen=True, slots=True)
class Request:
    """A request: its operation, the version in which it is answered, and its parameters as they were given."""

    operation: str = "explain"
    version: str = VERSIONS[0]
    given: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """What a searchRetrieve asks for."""

    tree: Tree
    order: Order
    start: int  # from 1
    size: int  # records; 0 for their number alone
    form: Form
    packing: str
    warnings: tuple[Diagnostic, ...] = ()


def opened(arguments: Iterable[tuple[str, list[str]]]) -> Request:
    """Read what is asked for and in which version; never fails, so that every fault has a place to be told in."""
    given = {name: values for name, values in arguments if not name.startswith("x-") and any(values)}
    operation = given["operation"][0] if "operation" in given else "searchRetrieve" if given else "explain"
    version = given["version"][0] if "version" in given else ""
    pairs = tuple((name, value) for name in sorted(given) for value in given[name])
    return Request(operation, version if version in VERSIONS else VERSIONS[0], pairs)


def check(request: Request) -> dict[str, str]:
    """Give the parameters of a request; raises Diagnostic for what its operation does not know or lacks."""
    if request.operation not in PARAMETERS:
        known = " and ".join(PARAMETERS)
        raise Diagnostic(4, request.operation[:100], f"there is {known}; not {request.operation[:100]}")
    given = dict(request.given)
    if not given:
        return {}
    names = [name for name, _ in request.given]
    for name in names:
        if name != "operation" and name not in PARAMETERS[request.operation]:
            raise Diagnostic(8, name[:100], f"{request.operation} does not take {name[:100]}")
        if names.count(name) > 1:
            raise Diagnostic(6, name, f"{name} is given more than once; give it once")
    needed = ("operation", "version", "query") if request.operation == "searchRetrieve" else ("operation", "version")
    for name in needed:
        if name not in given:
            raise Diagnostic(7, name, f"{request.operation} needs {name}")
    if given["version"] not in VERSIONS:
        raise Diagnostic(5, VERSIONS[0], f"answers are of version {' or '.join(VERSIONS)}; ask for one of these")
    return given


def packed(given: Mapping[str, str]) -> str:
    """Say how records are packed; raises Diagnostic for a packing that there is not."""
    packing = given.get("recordPacking", PACKINGS[0])
    if packing not in PACKINGS:
        raise Diagnostic(71, packing[:100], f"records are packed as {' or '.join(PACKINGS)}; not as {packing[:100]}")
    return packing


def searched(given: Mapping[str, str], base: str) -> Search:
    """Read a searchRetrieve; raises Diagnostic."""
    try:
        query = cql.read(given["query"])
    except cql.CqlError as fault:
        raise Diagnostic(fault.number, fault.details, str(fault)) from fault
    tree = clauses.tree(query.tree, base)
    order = sorting.by_query(query.sort) if query.sort else sorting.by_keys(given.get("sortKeys", ""))
    start, size = _number(given, "startRecord", 1, 1), _number(given, "maximumRecords", PAGE, 0)
    _number(given, "resultSetTTL", 0, 0)
    if "recordXPath" in given:
        raise Diagnostic(72, "", "records are given whole; leave recordXPath out")
    wish = given.get("recordSchema", "dc")
    form = next((form for form in FORMS if wish in form.names), None)
    if form is None:
        raise Diagnostic(66, wish[:200], f"there is {', '.join(form.name for form in FORMS)}; not {wish[:200]}")
    ignored = passed_over(given)
    if query.sort and "sortKeys" in given:
        ignored += (Diagnostic(94, "", "the query says how to sort, and so does sortKeys; the query's word was taken"),)
    return Search(tree, order, start, min(size, MOST), form, packed(given), ignored)


def passed_over(given: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """Name what an answer does without."""
    if "stylesheet" not in given:
        return ()
    return (Diagnostic(110, "", "answers come without stylesheet; the parameter was passed over"),)


def _number(given: Mapping[str, str], name: str, otherwise: int, least: int) -> int:
    text = given.get(name, str(otherwise))
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text) >= least):
        raise Diagnostic(6, name, f"{name} is a whole number from {least} on, of {_DIGITS} digits at most")
    return int(text)
