"""What stands near a work: works that share its headings, the places of these in the tree, and a picture of it."""

from typing import TYPE_CHECKING, Any

from katalod.model import MATCHES
from katalod.rdf import GND
from katalod.search import Hit
from katalod.web import charts
from katalod.web.facets import address
from katalod.web.presentation import Page, Value

if TYPE_CHECKING:
    from katalod.edition import Edition

SHOWN = 6  # works that share headings


def around(edition: "Edition", page: Page, path: str) -> dict[str, Any]:
    """Give what the page of a work shows of its neighbourhood."""
    borne = [iri for iri in page.said.iris(page.topic, "dcterms:subject") if iri.startswith(GND)]
    near: list[Hit] = edition.index.related(path, "borne", [iri.removeprefix(GND) for iri in borne], SHOWN)
    return {
        "places": [place for iri in borne if len(place := _place(edition, page, iri)) > 1],
        "sharing": near,
        "graph": charts.graph(page.reader.t("this_work"), [*_branches(edition, page)]),
    }


def _place(edition: "Edition", page: Page, iri: str) -> list[Value]:
    """Give the way from the widest heading down to this one."""
    way = [*edition.headings.above(iri)[::-1], iri]
    labels = edition.labels([one for one in way if one not in page.labels], page.reader.lang)
    return [Value(labels.get(one) or page.label(one), href=address(page.reader, one)) for one in way]


def _branches(edition: "Edition", page: Page) -> list[charts.Branch]:
    prefix = f"{page.reader.base}id/keyword/"
    borne = page.said.iris(page.topic, "dcterms:subject")
    found, led = [], set()
    for concept in (iri for iri in borne if iri.startswith(prefix)):
        leaves = []
        for match in MATCHES:
            for heading in page.said.iris(concept, f"skos:{match}"):
                led.add(heading)
                leaves.append(_leaf(edition, page, heading, match))
        name = page.said.name(concept, page.reader.lang) or page.label(concept)
        found.append(charts.Branch(name, page.reader.link(concept), tuple(leaves)))
    for heading in (iri for iri in borne if iri.startswith(GND) and iri not in led):
        leaf = _leaf(edition, page, heading, "from_source")
        found.append(charts.Branch(leaf.label, leaf.href, (leaf,)))
    return sorted(found, key=lambda branch: (branch.label.casefold(), branch.href))


def _leaf(edition: "Edition", page: Page, heading: str, match: str) -> charts.Leaf:
    above = edition.headings.above(heading)[:1]
    name = page.label(above[0]) if above else ""
    there = address(page.reader, above[0]) if above else ""
    return charts.Leaf(page.label(heading), address(page.reader, heading), page.reader.t(match), name, there)
