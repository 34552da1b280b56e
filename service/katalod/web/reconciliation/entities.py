"""What others match their data with: works, keywords, headings and people, each under one identifier.

An identifier is an IRI reference, to be read against the identifier space (`…/id/`): the path of a work, `keyword/…`,
`person/…` for a name that no authority identifies; else the whole IRI of an authority (GND, ORCID, ROR).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote

from katalod.mapping.identifiers import bare, doi_name, isbn13, urn_name
from katalod.rdf import GND, valid_iri, work_iri
from katalod.records import authorities
from katalod.search import Asked, Hit, Suggestion
from katalod.web.entities import possible
from katalod.web.exchange import Facts, facts
from katalod.web.reader import Reader
from katalod.web.statements import Statements, readable

if TYPE_CHECKING:
    from pyoxigraph import Quad

    from katalod.curation import Desk
    from katalod.edition import Edition

TYPES = ("work", "keyword", "heading", "person")
KEYWORD, PERSON = "keyword/", "person/"
SAME = ("exactMatch", "closeMatch")  # links by which a keyword means a heading


@dataclass(frozen=True, slots=True)
class Entity:
    """Something that others may match their data with."""

    id: str
    name: str
    types: tuple[str, ...]
    description: str = ""
    hit: Hit | None = field(default=None, compare=False)  # what a search has told of a work already


@dataclass(frozen=True)
class At:
    """Where a request is answered: the release, what judges names (None without it), the client's language."""

    edition: "Edition"
    desk: "Desk | None"
    who: Reader

    @cached_property
    def _works(self) -> dict[str, Facts]:
        return {}

    def facts(self, path: str) -> Facts:
        """Give what is said of a work, read once for a request."""
        if path not in self._works:
            iri = work_iri(self.edition.release.base, path).value
            self._works[path] = facts(self.edition.document(path), iri, path, "", self.edition.names)
        return self._works[path]

    def entity(self, id: str) -> Entity | None:
        """Give an entity by its identifier; None for what is in the release under no such identifier."""
        if id.startswith(("https://", "http://")):
            return self._of_authority(id)
        if not possible(id):
            return None
        if id.startswith(KEYWORD):
            return self._keyword(id)
        if title := self.edition.title(id):
            return self.work(id, title)
        name = id.removeprefix(PERSON)
        works = self._uses("person", name) if name != id else 0
        return self._person(name, works) if works else None

    def work(self, path: str, title: str, hit: Hit | None = None) -> Entity:
        """Give a work whose title is known, described by what a hit has told of it, else by its own facts."""
        if hit is None:
            facts = self.facts(path)
            said = ("; ".join(one.name for one in facts.creators), facts.year)
        else:
            said = ("; ".join(hit.people), str(hit.year or ""))
        return Entity(path, title or path, ("work",), " · ".join(part for part in said if part), hit)

    def people(self, name: str, works: int) -> list[Entity]:
        """Give the people and bodies of a name: those that authorities identify, and what is but a name."""
        known = self.edition.identity.agents(name)
        found = [self._of_authority(iri) for iri in known if iri]
        if "" in known or not known:
            found.append(self._person(name, works))
        return [one for one in found if one]

    def suggested(self, one: Suggestion) -> list[Entity]:
        """Give what a suggestion of the index stands for: for a name, all who bear it."""
        if one.kind == "person":
            return self.people(one.label, one.works)
        if one.kind == "work":
            return [Entity(one.id, one.label, ("work",))]
        if one.kind == "keyword":
            return [Entity(f"{KEYWORD}{one.id}", one.label, ("keyword",), self._counted(one.works))]
        iri = f"{GND}{one.id}"
        return [Entity(iri, one.label, ("heading",), f"{readable(iri)} · {self._counted(one.works)}")]

    def keywords(self, heading: str) -> Iterator[Entity]:
        """Give the keywords that mean a heading."""
        found = self.edition.headings.keywords_for(heading)
        ids = (iri.removeprefix(f"{self.edition.release.base}id/") for iri, match in found if match in SAME)
        return (one for id in ids if (one := self.entity(id)))

    def said(self, entity: Entity) -> Statements:
        """Give what the release says of a keyword, a heading or an agent of an authority."""
        return Statements(self._quads(entity.id))

    def subject(self, entity: Entity) -> str:
        """Give the IRI that a keyword or an authority's entity is spoken of by."""
        return entity.id if "://" in entity.id else f"{self.edition.release.base}id/{entity.id}"

    def named(self, text: str) -> list[Entity]:
        """Give the entities that a text names by identifier: ours, an authority's, a DOI, URN, handle or ISBN."""
        written = text.strip()
        base = self.edition.release.base
        for room in (f"{base}id/", f"{base}doc/", f"{base}heading/"):
            if written.startswith(room):
                rest = unquote(written.removeprefix(room), errors="replace")
                written = GND + rest if room.endswith("/heading/") else rest
        ids = (authorities.iri(written) or written, *self._works_with(written))
        return [one for one in (self.entity(id) for id in dict.fromkeys(ids)) if one]

    def _works_with(self, identifier: str) -> Iterator[str]:
        name = bare(identifier)
        for property, value in (
            ("bibo:doi", doi_name(name)),
            ("dcterms:identifier", urn_name(name)),
            ("bibo:isbn13", isbn13(name)),
            ("bibo:handle", name if "/" in name else ""),
            ("foaf:isPrimaryTopicOf", identifier if valid_iri(identifier) else ""),
        ):
            yield from self.edition.identity.works(property, value) if value else ()

    def _uses(self, facet: str, value: str) -> int:
        return self.edition.index.count(Asked("", ((facet, value),)))

    def _counted(self, count: int) -> str:
        return self.who.count("some_works", count)

    def _quads(self, id: str) -> "list[Quad]":
        if id.startswith(KEYWORD):
            return self.edition.keyword(id.removeprefix(KEYWORD))
        return self.edition.headings.described(id)

    def _keyword(self, id: str) -> Entity | None:
        quads = self._quads(id)
        if not quads:
            return None
        name = Statements(quads).name(f"{self.edition.release.base}id/{id}", self.who.lang)
        return Entity(id, name, ("keyword",), self._counted(self._uses("keyword", id.removeprefix(KEYWORD))))

    def _person(self, name: str, works: int) -> Entity:
        return Entity(f"{PERSON}{name}", name, ("person",), self._counted(works))

    def _of_authority(self, text: str) -> Entity | None:
        iri = authorities.iri(text)
        if iri is None or not (quads := self._quads(iri)):
            return None
        said = Statements(quads)
        kinds = set(said.iris(iri, "rdf:type"))
        types = tuple(one for one, marks in _MARKS if kinds & marks)
        if not types:
            return None
        return Entity(iri, said.name(iri, self.who.lang) or iri, types, self._described(iri, said))

    def _described(self, iri: str, said: Statements) -> str:
        names = [one.value for one in said.literals(iri, "skos:altLabel")][:3]
        return " · ".join((readable(iri), ", ".join(names))) if names else readable(iri)


_MARKS = (
    ("heading", {"http://www.w3.org/2004/02/skos/core#Concept"}),
    ("person", {"http://xmlns.com/foaf/0.1/Person", "http://xmlns.com/foaf/0.1/Organization"}),
)


def page(entity: Entity) -> tuple[str, dict[str, str]]:
    """Give the address of our page about an entity, below the root, and what it is asked with."""
    if "heading" in entity.types:
        return f"heading/{entity.id.removeprefix(GND)}", {}
    if "person" in entity.types:
        return "search", {"person": entity.name}
    return f"doc/{entity.id}", {}
