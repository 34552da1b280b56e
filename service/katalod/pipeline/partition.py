"""What happens to a partition of records, in a process of its own: read, link, describe, validate.

A partition knows of no other, so one core, all cores or a cluster run the same code.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from pyoxigraph import RdfFormat, Triple, serialize

from katalod import linking, mapping, records, validation
from katalod.assets import asset
from katalod.changes import sets
from katalod.errors import ValidationError
from katalod.ledger import Bearing, borne
from katalod.linking import authority, curated
from katalod.model import Agent, Description, Finding, RawRecord, Record, Severity
from katalod.rdf import GND, curie, slug, term
from katalod.search import Entry, Heading, Rows, laid_out
from katalod.settings import Settings


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one record came to."""

    path: str
    title: str
    datestamp: str
    published: bool
    lines: bytes  # sorted N-Triples
    digest: str
    findings: tuple[Finding, ...]
    sought: Rows | None = None  # how the search index holds it
    sets: tuple[str, ...] = ()
    subjects: tuple[Bearing, ...] = ()
    agents: tuple[Agent, ...] = ()  # those with an authority's IRI


@dataclass(frozen=True, slots=True)
class Partition:
    """What a partition came to, and what its published works count towards the whole."""

    outcomes: tuple[Outcome, ...]
    properties: Mapping[str, int]
    classes: Mapping[str, int]
    links: int  # of works to the GND


class Headings(Collection[str]):
    """The names in the authority, as a collection of words: what keywords run together are cut by."""

    def __init__(self, authority: authority.Authority) -> None:
        """Look names up in an authority."""
        self._authority = authority

    def __contains__(self, name: object) -> bool:
        """Whether a name is a heading or a variant."""
        return isinstance(name, str) and bool(self._authority.look_up(name))

    def __len__(self) -> int:
        """How many headings there are."""
        return self._authority.headings

    def __iter__(self) -> Iterator[str]:
        """Give nothing: the names are for looking up."""
        return iter(())


@dataclass(frozen=True)
class Bench:
    """What a process needs for its work, opened once."""

    table: mapping.Table
    authority: authority.Authority
    curated: curated.Curated
    shapes: validation.Shapes
    concept_shapes: validation.Shapes
    rules: linking.Rules


@cache
def bench(settings: Settings) -> Bench:
    """Open mapping, authority, curated links and shapes, once in each process."""
    return Bench(
        mapping.load(),
        authority.Authority.open(authority_path(settings)),
        curated.read(links_path(settings)),
        validation.load("record"),
        validation.load("concept"),
        linking.rules(settings),
    )


def loaded_authority(settings: Settings) -> Path:
    """Give the place of the authority index that `katalod gnd load` builds in the home."""
    return settings.home / "gnd.sqlite"


def authority_path(settings: Settings) -> Path:
    """Give the authority index of the home; the shipped cut of GND facts where none was loaded."""
    loaded = loaded_authority(settings)
    return loaded if loaded.exists() else authority.shipped(settings.home / "gnd-shipped.sqlite")


def links_path(settings: Settings) -> Path:
    """Give the curated links: as set, else the home's, else those that ship with katalod."""
    if settings.linking_links:
        return Path(settings.linking_links)
    own = settings.home / "links.sssom.tsv"
    return own if own.exists() else asset("data/links.sssom.tsv")


def check(raws: tuple[tuple[RawRecord, str], ...], settings: Settings, keep: bool = False) -> Partition:
    """Read, link, describe and validate records, each under its path ("": its own); a failure is a finding.

    The lines of a record that may not be published are given only with `keep`.
    """
    tools = bench(settings)
    read = [_read(raw, path, settings, tools) for raw, path in raws]
    triples = [triple for _, _, description in read for triple in description.triples]
    faults = validation.check(triples, tools.shapes, validation.owners(settings.base))
    strays = faults.keys() - {description.path for _, _, description in read}
    if strays:  # else a fault would be lost, and its work published
        raise ValidationError(f"validating a partition: {sorted(strays)[:3]} belong to no record of it; please report")
    outcomes, works = [], []
    for raw, record, description in read:
        findings = (*description.findings, *faults.get(description.path, ()))
        sound = record is not None and not any(f.severity is Severity.VIOLATION for f in findings)
        outcomes.append(_outcome(raw, record, description, findings, sound, keep, tools.authority))
        if sound and record is not None:
            works.append((record, description))
    return _partition(tuple(outcomes), works)


def _read(raw: RawRecord, path: str, settings: Settings, tools: Bench) -> tuple[RawRecord, Record | None, Description]:
    known = path or records.path(raw.identifier)
    try:
        record = records.read(raw, Headings(tools.authority))
        if isinstance(record, Finding):
            return raw, None, Description(known, (), (record,))
        record = replace(record, path=path or record.path)
        record = linking.link(record, tools.authority, tools.curated, tools.rules)
        return raw, record, mapping.describe(record, tools.table, settings.base)
    except Exception as error:  # noqa: BLE001 - a record that nobody foresaw must not stop the others
        return raw, None, Description(known, (), (_failed(error),))


def _failed(error: Exception) -> Finding:
    return Finding(
        Severity.VIOLATION, "failed", "", "",
        f"Der Datensatz ließ sich nicht verarbeiten ({type(error).__name__}: {error}); bitte melden.",
        f"The record could not be processed ({type(error).__name__}: {error}); please report it.",
    )  # fmt: skip


def _outcome(
    raw: RawRecord,
    record: Record | None,
    description: Description,
    findings: tuple[Finding, ...],
    sound: bool,
    keep: bool,
    known: authority.Authority,
) -> Outcome:
    lines = b"".join(
        sorted((serialize(description.triples, format=RdfFormat.N_TRIPLES) or b"").splitlines(keepends=True))
    )
    title = record.titles[0].value if record is not None and record.titles else ""
    placed = tuple(
        replace(f, origin=raw.origin, position=raw.position, identifier=raw.identifier[:200], path=description.path)
        for f in dict.fromkeys(findings)
    )
    digest = hashlib.sha256(lines).hexdigest()
    outcome = Outcome(description.path, title, raw.datestamp, sound, lines if sound or keep else b"", digest, placed)
    if record is None or not sound:
        return outcome
    entry = _entry(record, description, raw.source, known)
    agents = (*record.creators, *record.contributors, *record.publishers)
    return replace(
        outcome,
        sought=laid_out(entry),
        sets=tuple(sets(entry.source, entry.types, entry.year)),
        subjects=tuple(dict.fromkeys(map(borne, record.subjects))),
        agents=tuple(agent for agent in agents if agent.iri),
    )


def _entry(record: Record, description: Description, source: str, known: authority.Authority) -> Entry:
    """Say what of a record is searched: variants of its headings too, so that they find the work."""
    said = defaultdict(list)
    work = next(triple.subject for triple in description.triples if triple.predicate == term("wdrs:describedby"))
    for triple in description.triples:
        if triple.subject == work:
            said[triple.predicate].append(_value(triple))
    borne = [iri for iri in said[term("dcterms:subject")] if iri.startswith(GND)]
    linked = {link.concept.iri: link.concept for subject in record.subjects for link in subject.links}
    concepts = {iri: linked.get(iri) or known.heading(iri) for iri in dict.fromkeys((*borne, *linked))}
    tongue = record.titles[0].lang if record.titles else None  # lists show the abstract that the title goes with
    abstracts = sorted(record.abstracts, key=lambda text: text.lang != tongue)
    return Entry(
        path=description.path,
        title=record.titles[0].value if record.titles else "",
        more_titles=tuple(text.value for text in (*record.titles[1:], *record.subtitles, *record.alternatives)),
        texts=tuple((text.value, text.lang or "") for text in (*abstracts, *record.descriptions)),
        people=tuple(dict.fromkeys(agent.name for agent in (*record.creators, *record.contributors))),
        keywords=tuple({slug(subject.label): subject.label for subject in record.subjects}.items()),
        headings=tuple(
            Heading(
                iri.removeprefix(GND),
                concept.label,
                concept.variants,
                tuple(above.removeprefix(GND) for above in known.ancestors(iri)),
                iri in borne,
            )
            for iri, concept in concepts.items()
            if concept is not None
        ),
        year=_year(said[term("dcterms:issued")]),
        types=tuple(curie(iri) for iri in said[term("dcterms:type")] or said[term("rdf:type")][:1]),
        kinds=tuple(text.value for text in record.types),
        languages=tuple(iri.rpartition("/")[2] for iri in said[term("dcterms:language")]),
        source=source,
        identifiers=(*record.isbns, *record.dois, *record.urns, *record.handles, *record.identifiers),
    )


def _year(dates: list[str]) -> int:
    """Give the earliest year of some dates that were typed as dates; 0 where there is none."""
    return min((int(date[:4]) for date in dates if date[:4].isdecimal()), default=0)


def _partition(outcomes: tuple[Outcome, ...], works: list[tuple[Record, Description]]) -> Partition:
    triples = [triple for _, description in works for triple in description.triples]
    return Partition(
        outcomes,
        Counter(triple.predicate.value for triple in triples),
        Counter(_value(triple) for triple in triples if triple.predicate == term("rdf:type")),
        sum(triple.predicate == term("dcterms:subject") and _value(triple).startswith(GND) for triple in triples),
    )


def _value(triple: Triple) -> str:
    return triple.object.value if hasattr(triple.object, "value") else ""
