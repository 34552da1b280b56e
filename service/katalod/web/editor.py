"""What the page of the query editor needs: its data, and a policy that lets its scripts run and nothing else."""

from collections.abc import Iterable
from typing import Any

from pyoxigraph import Quad

from katalod.edition import borrowed_labels
from katalod.rdf import prefixes, term
from katalod.settings import Settings
from katalod.store.examples import examples
from katalod.web.reader import Reader

EDITOR_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Beyond that of other pages: scripts of our own, which ask our own endpoint."""

WORDS = {
    "examples": ("Beispiele", "Examples"),
    "table": ("Tabelle", "Table"),
    "chart": ("Diagramm", "Chart"),
    "rows": ("Zeilen", "rows"),
    "shown": ("gezeigt", "shown"),
}


def editor(settings: Settings, who: Reader, dataset: Iterable[Quad]) -> dict[str, Any]:
    """Give the data of the editor: where it asks, what it proposes, and the words for it."""
    names = borrowed_labels(who.lang)
    found = {"void:class": set[str](), "void:property": set[str]()}
    for name, iris in found.items():
        iris.update(quad.object.value for quad in dataset if quad.predicate == term(name))  # type: ignore[union-attr]
    return {
        "endpoint": f"{who.root}sparql",
        "base": settings.base,
        "root": who.root,
        "language": who.lang,
        "examples": [
            {"name": one.de if who.lang == "de" else one.en, "query": one.query} for one in examples(settings.base)
        ],
        "prefixes": dict(prefixes()),
        "classes": sorted(found["void:class"]),
        "properties": sorted(found["void:property"]),
        "labels": {iri: names[iri] for iris in found.values() for iri in sorted(iris) if iri in names},
        "words": {key: pair[who.lang != "de"] for key, pair in WORDS.items()},
    }
