"""What a page shows of a heading: what it is called, where it stands, what lies around it and in other vocabularies."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Quad

from katalod.model import MATCHES
from katalod.web.facets import address
from katalod.web.presentation import Page, Row, Value
from katalod.web.reader import Reader
from katalod.web.statements import Statements

if TYPE_CHECKING:
    from katalod.edition import Edition


@dataclass(frozen=True, slots=True)
class Narrower:
    """A heading below another one, and how many works it has with all below it."""

    label: str
    href: str
    works: int


@dataclass(frozen=True, slots=True)
class HeadingPage:
    """The page of a heading."""

    name: str
    iri: str
    variants: tuple[str, ...]
    above: tuple[Value, ...]  # the widest first
    narrower: tuple[Narrower, ...]
    related: tuple[Value, ...]
    keywords: tuple[Value, ...]  # of the repository, that lead here
    mappings: tuple[Value, ...]  # to other vocabularies


def laid_out(edition: "Edition", iri: str, quads: list[Quad], who: Reader) -> HeadingPage:
    """Lay out the page of a heading."""
    said = Statements(quads)
    above, below = edition.headings.above(iri)[::-1], edition.headings.narrower(iri)
    keywords = edition.headings.keywords_for(iri)
    wanted = {*said.mentioned(), *above, *below, *(one for one, _ in keywords)}
    page = Page(said, edition.labels(wanted, who.lang), who, iri)
    return HeadingPage(
        name=said.name(iri, who.lang) or page.label(iri),
        iri=iri,
        variants=tuple(literal.value for literal in said.literals(iri, "skos:altLabel")),
        above=tuple(Value(page.label(one), href=address(who, one)) for one in above),
        narrower=tuple(_narrower(edition, page, below)),
        related=tuple(Value(page.label(one), href=address(who, one)) for one in said.iris(iri, "skos:related")),
        keywords=tuple(Value(page.label(one), href=who.link(one), note=match) for one, match in keywords),
        mappings=tuple(
            Value(page.label(one), href=who.link(one), note=match)
            for match in MATCHES
            for one in said.iris(iri, f"skos:{match}")
        ),
    )


def _narrower(edition: "Edition", page: Page, below: list[str]) -> list[Narrower]:
    found = [
        Narrower(page.label(iri), address(page.reader, iri), count)
        for iri in below
        if (count := edition.headings.works.get(iri))
    ]
    return sorted(found, key=lambda one: (one.label.casefold(), one.href))


def around(page: HeadingPage, who: Reader) -> list[Row]:
    """Give what lies around a heading as rows, for a page that is about something else."""
    narrower = tuple(Value(one.label, href=one.href, note=who.number(one.works)) for one in page.narrower)
    rows = (("narrower", narrower), ("related_headings", page.related), ("mappings", page.mappings))
    return [Row(who.t(name), values) for name, values in rows if values]
