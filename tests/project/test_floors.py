"""Imports only go down, and each third-party library is met only at its door (docs/architecture.md)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "service" / "katalod"

FLOORS = (
    {"errors", "assets", "settings", "fetch", "holding", "rdf", "formats", "cql", "__init__"},
    {"model"},
    {"sources", "records", "linking", "mapping", "validation", "store", "search"},
    {
        "harvest",
        "report",
        "ledger",
        "releases",
        "changes",
        "dumped",
        "dumps",
        "describing",
        "fragments",
        "asking",
        "forking",
        "pipeline",
        "catalogue",
        "edition",
        "headings",
        "identity",
        "curation",
        "renewal",
        "endpoint",
        "federation",
    },
    {"web", "cli", "__main__"},
)
FLOOR = {part: n for n, parts in enumerate(FLOORS) for part in parts}
STAGES = FLOORS[2]

DOORS = {
    "flask": {"web"},
    "werkzeug": {"web"},
    "jinja2": {"web"},
    "babel": {"web"},
    "citeproc": {"web"},
    "waitress": {"web"},
    "click": {"cli"},
    "rich": {"cli"},
    "requests": {"fetch"},
    "rdflib": {"validation"},
    "pyshacl": {"validation"},
    "tantivy": {"search"},
    "rapidfuzz": {"linking"},
}

MODULES = sorted(PACKAGE.rglob("*.py"))


def part(path: Path) -> str:
    """The room a module belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports: inside functions and under TYPE_CHECKING too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where they go"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms(path: Path) -> set[str]:
    names = (name.split(".") for name in imported(path))
    return {name[1] for name in names if name[0] == "katalod" and len(name) > 1 and name[1] in FLOOR}


def test_every_module_has_a_floor() -> None:
    assert {part(path) for path in MODULES} <= set(FLOOR)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_only_go_down(path: Path) -> None:
    here = part(path)
    for room in rooms(path) - {here}:
        assert FLOOR[room] <= FLOOR[here], f"{path.name} imports upwards: {room}"
        assert not (here in STAGES and room in STAGES), f"the stage {here} imports the stage {room}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_libraries_are_met_at_their_doors(path: Path) -> None:
    for name in imported(path):
        library = name.split(".")[0]
        if library in DOORS:
            assert part(path) in DOORS[library], f"{path.name} imports {library}; its door is {DOORS[library]}"


def test_rooms_have_no_cycles() -> None:
    below: dict[str, set[str]] = {room: set() for room in FLOOR}
    for path in MODULES:
        below[part(path)] |= rooms(path) - {part(path)}

    def reach(room: str, seen: tuple[str, ...]) -> None:
        assert room not in seen, f"a cycle: {' -> '.join((*seen, room))}"
        for other in below[room]:
            reach(other, (*seen, room))

    for room in FLOOR:
        reach(room, ())


ACTS = {
    "open", "read_text", "read_bytes", "connect", "load", "loads", "parse", "Session", "Store", "Settings", "getenv",
    "basicConfig", "run", "Popen", "Thread", "Lock", "now", "time", "asset", "print", "setdefault", "install",
}  # fmt: skip
"""What reads, starts or holds something: never on import."""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_happens_on_import(path: Path) -> None:
    """No client, store, cache or settings object at module level: what a function needs, it is given."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Expr | ast.Assign | ast.AnnAssign) and node.value is not None:
            for call in ast.walk(node.value):
                if isinstance(call, ast.Call):
                    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                    assert name not in ACTS, f"{path.name}:{call.lineno} calls {name}() on import"
