"""The nouns: what flows from stage to stage. All frozen, all hashable; tuples, never lists."""

from dataclasses import dataclass, fields
from enum import StrEnum

from pyoxigraph import Triple


class Severity(StrEnum):
    """How much a finding matters: a Violation keeps the record out of the release (SHACL 2.1.4)."""

    VIOLATION = "Violation"
    WARNING = "Warning"
    INFO = "Info"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault in the data, named so that a librarian finds it: file, record, field, value, what to do."""

    severity: Severity
    shape: str  # what was not met: a short name, which is also the local name of a SHACL shape
    field: str  # the Record field, or the source's own field name
    value: str
    de: str
    en: str
    origin: str = ""  # file or URL
    position: int = 0  # which record of it, from 1
    identifier: str = ""
    path: str = ""  # the record's path under /id/, where it has one


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One record as it was received, or the news of its deletion."""

    source: str  # the source's name in the settings; "files" for what was published by hand
    identifier: str
    datestamp: str  # UTC, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ; "" where the source gives none
    deleted: bool
    form: str  # a key of records.READERS: dim, xoai, oai_dc, dspace7, text; else the root element's name
    payload: bytes  # a complete document of that form, as received; empty for a deletion
    origin: str  # file or URL
    position: int = 1  # which record of it, from 1


@dataclass(frozen=True, slots=True)
class Text:
    """A string with the language that the source claims for it (BCP 47), or none."""

    value: str
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """A person or body, as named by the source; two of one name are not merged."""

    name: str
    role: str = "author"  # author, editor, advisor, illustrator, translator, funder, publisher, other
    iri: str | None = None  # ORCID, GND, ROR, where the source gives one
    body: bool = False  # a corporate body rather than a person


@dataclass(frozen=True, slots=True)
class Series:
    """The series or journal that a work is part of."""

    title: str
    volume: str | None = None
    issn: str | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation to another work: the local name of a dcterms property, and its IRI or citation."""

    kind: str  # isPartOf, hasPart, isVersionOf, …, relation
    value: str


@dataclass(frozen=True, slots=True)
class Concept:
    """A heading of an authority file."""

    iri: str
    label: str
    variants: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()  # IRIs
    related: tuple[str, ...] = ()  # IRIs


MATCHES = ("exactMatch", "closeMatch", "narrowMatch", "broadMatch", "relatedMatch")
"""How a keyword may stand to a concept (SKOS), the closest first."""


@dataclass(frozen=True, slots=True)
class Link:
    """Why a keyword stands for a concept: an SSSOM mapping, in its essentials."""

    concept: Concept
    predicate: str  # one of MATCHES
    method: str  # local name of a SEMAPV matching process: LexicalMatching, ManualMappingCuration, …
    confidence: float  # 0 to 1
    authority: str  # name and version of the authority file
    author: str = ""  # who decided, for curated links
    date: str = ""  # when, for curated links: YYYY-MM-DD
    comment: str = ""
    rule: str = ""  # the named method of ours that found it, for links that nobody decided
    reviewer: str = ""  # who looked at a decision again

    @property
    def certain(self) -> bool:
        """Whether the work itself may bear the concept (dcterms:subject)."""
        return self.predicate in ("exactMatch", "closeMatch")


@dataclass(frozen=True, slots=True)
class Subject:
    """A keyword as the library wrote it, and the concepts it was linked to."""

    label: str
    lang: str | None = None
    scheme: str | None = None  # gnd, ddc, … where the source says; None for free keywords
    authority: str | None = None  # the identifier that the source itself gives for it
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """What the library says of one work, in our words. One row of `ontology/mapping.toml` a field."""

    path: str  # under /id/ and /doc/: "difu/581658"
    identifier: str
    datestamp: str = ""

    titles: tuple[Text, ...] = ()
    subtitles: tuple[Text, ...] = ()
    alternatives: tuple[Text, ...] = ()
    creators: tuple[Agent, ...] = ()
    contributors: tuple[Agent, ...] = ()
    publishers: tuple[Agent, ...] = ()
    places: tuple[str, ...] = ()
    issued: tuple[str, ...] = ()
    available: tuple[str, ...] = ()
    created: tuple[str, ...] = ()
    submitted: tuple[str, ...] = ()
    copyrighted: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    accessioned: tuple[str, ...] = ()  # of the description, not of the work
    isbns: tuple[str, ...] = ()
    dois: tuple[str, ...] = ()
    urns: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()  # IRIs of web pages about the work
    citations: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    abstracts: tuple[Text, ...] = ()
    descriptions: tuple[Text, ...] = ()
    contents: tuple[Text, ...] = ()
    versions: tuple[str, ...] = ()
    types: tuple[Text, ...] = ()
    subjects: tuple[Subject, ...] = ()
    classes: tuple[str, ...] = ()  # Dewey numbers
    rights: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    series: tuple[Series, ...] = ()
    issns: tuple[str, ...] = ()  # of the series or journal
    relations: tuple[Relation, ...] = ()
    extents: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    coverage: tuple[Text, ...] = ()

    findings: tuple[Finding, ...] = ()  # faults met on the way here


PROVENANCE = ("path", "identifier", "datestamp", "findings")
"""Fields of `Record` that say where it comes from, and so have no row in the mapping table."""

MAPPED = tuple(f.name for f in fields(Record) if f.name not in PROVENANCE)


@dataclass(frozen=True, slots=True)
class Description:
    """The triples of one work and of the document that describes it."""

    path: str
    triples: tuple[Triple, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one work between two releases."""

    path: str
    kind: str  # created, updated, deleted
    datestamp: str  # of the record, or of its deletion
    before: str = ""  # digest of its lines in the former release
    after: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """The manifest of a release: what it holds, and from what it was made."""

    id: str
    created: str  # UTC, when it was built
    modified: str  # the newest datestamp among its records
    counts: tuple[tuple[str, int], ...]
    digests: tuple[tuple[str, str], ...]
    base: str
    version: str  # of katalod
    authority: str  # name and version of the authority file
    former: str = ""  # id of the release before

    def count(self, name: str) -> int:
        """How many there are of something counted in the manifest; 0 where it is not."""
        return dict(self.counts).get(name, 0)
