"""What the triples of a work say, as other catalogues ask for it: read once, written in any of their forms."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from pyoxigraph import Literal, NamedNode, Quad

from katalod.model import Agent, Series, Text
from katalod.rdf import GND, term

Rows = Mapping[str, Mapping[str, list[NamedNode | Literal]]]  # subject -> property -> values
Names = Callable[[Collection[str]], Mapping[str, str]]

_TERMS = (NamedNode, Literal)
_DEWEY = "http://purl.org/dc/terms/DDC"
_MEDIA = "https://www.iana.org/assignments/media-types/"
_LANGUAGES = "http://id.loc.gov/vocabulary/iso639-2/"
_RELATIONS = tuple(
    f"dcterms:{name}"
    for name in (
        "relation", "hasPart", "isVersionOf", "hasVersion", "isFormatOf", "hasFormat", "replaces", "isReplacedBy",
        "references", "isReferencedBy", "requires", "isRequiredBy", "conformsTo",
    )
)  # fmt: skip
RELATORS = {"author": "aut", "editor": "edt", "advisor": "ths", "translator": "trl", "illustrator": "ill",
            "funder": "fnd"}  # fmt: skip
"""The roles of agents, and MARC's codes for them; anybody else is a contributor, `ctb`."""

_ROLES = {"marcrel:edt": "editor", "marcrel:ths": "advisor", "marcrel:trl": "translator", "marcrel:ill": "illustrator",
          "marcrel:fnd": "funder"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """A work as libraries exchange it."""

    iri: str
    path: str
    changed: str  # when its description was last published
    kinds: tuple[str, ...]  # IRIs of its classes
    types: tuple[Text, ...]  # in the library's words
    genres: tuple[str, ...]  # IRIs of COAR's resource types
    forms: tuple[tuple[str, str], ...]  # form headings of the GND: IRI and label
    titles: tuple[Text, ...]
    subtitles: tuple[Text, ...]
    alternatives: tuple[Text, ...]
    creators: tuple[Agent, ...]
    contributors: tuple[Agent, ...]
    publishers: tuple[str, ...]
    places: tuple[str, ...]
    issued: str
    dates: tuple[str, ...]  # others, as written
    languages: tuple[str, ...]  # ISO 639-2/B
    isbns: tuple[str, ...]
    issns: tuple[str, ...]
    dois: tuple[str, ...]
    handles: tuple[str, ...]
    urns: tuple[str, ...]
    identifiers: tuple[str, ...]  # of other kinds
    pages: tuple[str, ...]  # web addresses of the work
    abstracts: tuple[Text, ...]
    descriptions: tuple[Text, ...]
    contents: tuple[Text, ...]
    keywords: tuple[Text, ...]
    headings: tuple[tuple[str, str], ...]  # of the GND: IRI and label
    classes: tuple[str, ...]  # Dewey numbers
    series: tuple[tuple[Series, str], ...]  # with the class's local name: Series, Periodical, Collection
    extents: tuple[str, ...]
    formats: tuple[str, ...]
    licences: tuple[str, ...]  # IRIs
    rights: tuple[str, ...]  # IRIs or words
    sources: tuple[str, ...]
    relations: tuple[str, ...]
    coverage: tuple[str, ...]
    citations: tuple[str, ...]

    @property
    def title(self) -> Text:
        """The first title; empty where there is none."""
        return self.titles[0] if self.titles else Text("")

    @property
    def year(self) -> str:
        """The year of publication, four digits; empty where it is not known."""
        return self.issued[:4] if self.issued[:4].isdecimal() else ""


def rows(quads: Iterable[Quad]) -> Rows:
    """Index quads by subject and property."""
    found: defaultdict[str, defaultdict[str, list[NamedNode | Literal]]] = defaultdict(lambda: defaultdict(list))
    for subject, predicate, value, _ in quads:
        if type(subject) is NamedNode and type(value) in _TERMS:
            found[subject.value][predicate.value].append(value)
    return found


@cache
def _iris(properties: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(term(name).value for name in properties)


def facts(quads: Iterable[Quad], iri: str, path: str, changed: str, names: Names) -> Facts:
    """Read what is said of a work; things that are described elsewhere get their names from `names`."""
    everything = rows(quads)
    about = _Work(iri, everything)
    kinds = about.iris("rdf:type")
    subjects, forms = [one for one in about.iris("dcterms:subject") if one.startswith(GND)], about.iris("rdau:P60584")
    people = about.iris("dcterms:creator", "dcterms:contributor", *_ROLES)
    known = names([one for one in (*subjects, *forms, *people) if one not in everything])
    words = about.literals("dc11:subject")
    urns = tuple(text for text in about.texts("dcterms:identifier") if text.casefold().startswith("urn:"))
    return Facts(
        iri=iri, path=path, changed=changed, kinds=kinds,
        types=about.tagged("dc11:type"),
        genres=about.iris("dcterms:type"),
        forms=tuple((one, known.get(one, "")) for one in forms),
        titles=about.tagged("dcterms:title"),
        subtitles=about.tagged("rdau:P60493"),
        alternatives=about.tagged("dcterms:alternative"),
        creators=about.creators(known),
        contributors=about.contributors(known),
        publishers=about.texts("dc11:publisher"),
        places=about.texts("rdau:P60163"),
        issued=next(iter(about.texts("dcterms:issued")), ""),
        dates=about.texts("dc11:date"),
        languages=tuple(one.removeprefix(_LANGUAGES) for one in about.iris("dcterms:language")),
        isbns=about.texts("bibo:isbn13") or about.texts("bibo:isbn10"),
        issns=about.texts("bibo:issn"),
        dois=about.texts("bibo:doi"),
        handles=about.texts("bibo:handle"),
        urns=urns,
        identifiers=tuple(text for text in about.texts("dcterms:identifier", "dc11:identifier") if text not in urns),
        pages=about.iris("foaf:isPrimaryTopicOf"),
        abstracts=about.tagged("dcterms:abstract"),
        descriptions=about.tagged("dcterms:description"),
        contents=about.tagged("dcterms:tableOfContents"),
        keywords=tuple(_text(word) for word in words if word.datatype.value != _DEWEY),
        headings=tuple((one, known.get(one, "")) for one in subjects),
        classes=tuple(word.value for word in words if word.datatype.value == _DEWEY),
        series=about.series(),
        extents=about.texts("isbd:P1053"),
        formats=(*(one.removeprefix(_MEDIA) for one in about.iris("dcterms:format")), *about.texts("dc11:format")),
        licences=about.iris("dcterms:license"),
        rights=(*about.iris("dcterms:accessRights"), *about.texts("dcterms:rights", "dc11:rights")),
        sources=(*about.iris("dcterms:source"), *about.texts("dc11:source")),
        relations=(*about.iris(*_RELATIONS), *about.texts("dc11:relation")),
        coverage=about.texts("dc11:coverage"),
        citations=about.texts("dcterms:bibliographicCitation"),
    )  # fmt: skip


class _Work:
    """The statements about one work, and of what was made below it."""

    def __init__(self, iri: str, everything: Rows) -> None:
        self._all = everything
        self._own = everything.get(iri, {})

    def _values(self, properties: tuple[str, ...]) -> list[NamedNode | Literal]:
        found: list[NamedNode | Literal] = []
        for iri in _iris(properties):
            if iri in self._own:
                found += self._own[iri]
        return found

    def iris(self, *properties: str) -> tuple[str, ...]:
        return tuple([value.value for value in self._values(properties) if isinstance(value, NamedNode)])

    def literals(self, *properties: str) -> list[Literal]:
        return [value for value in self._values(properties) if isinstance(value, Literal)]

    def texts(self, *properties: str) -> tuple[str, ...]:
        found = self.literals(*properties)
        return tuple(dict.fromkeys([value.value for value in found])) if found else ()

    def tagged(self, *properties: str) -> tuple[Text, ...]:
        return tuple([_text(value) for value in self.literals(*properties)])

    def creators(self, known: Mapping[str, str]) -> tuple[Agent, ...]:
        """Give the authors in the order in which the work names them."""
        found = self.iris("dcterms:creator")
        head = next(iter(self.iris("bibo:authorList")), "")
        order: list[str] = []
        while head in self._all and len(order) <= len(found):
            cell = self._all[head]
            order += [value.value for value in cell.get(term("rdf:first").value, ())][:1]
            head = next((value.value for value in cell.get(term("rdf:rest").value, ())), "")
        ranked = sorted(found, key=lambda iri: order.index(iri) if iri in order else len(order))
        return tuple(self._agent(iri, "author", known) for iri in ranked)

    def contributors(self, known: Mapping[str, str]) -> tuple[Agent, ...]:
        roles = {iri: role for name, role in _ROLES.items() for iri in self.iris(name)}
        others = dict.fromkeys(self.iris("dcterms:contributor"), "other")
        return tuple(self._agent(iri, role, known) for iri, role in (others | roles).items())

    def _agent(self, iri: str, role: str, known: Mapping[str, str]) -> Agent:
        """Give an agent; one that was made below the work has no IRI to hand on."""
        said = self._all.get(iri)
        if said is None:
            return Agent(known.get(iri) or iri.rpartition("/")[2], role, iri)
        name = next((value.value for value in said.get(term("foaf:name").value, ())), "")
        return Agent(name, role, body=term("foaf:Organization") in said.get(term("rdf:type").value, ()))

    def series(self) -> tuple[tuple[Series, str], ...]:
        hosts = self.iris("dcterms:isPartOf")
        volumes = self.texts("bibo:volume")
        found = []
        for iri in hosts:
            said = self._all.get(iri, {})
            title, issn, kind = (
                next((value.value for value in said.get(term(name).value, ())), "")
                for name in ("dcterms:title", "bibo:issn", "rdf:type")
            )
            if title or issn:
                volume = volumes[0] if len(hosts) == len(volumes) == 1 else None
                found.append((Series(title, volume, issn or None), kind.rpartition("/")[2]))
        return tuple(found)


def _text(value: Literal) -> Text:
    return Text(value.value, value.language)
