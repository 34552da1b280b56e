"""One release, opened for reading: all that pages, feeds and the command line ask of it."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import islice
from pathlib import Path
from typing import cast

from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, RdfFormat, parse

from katalod import releases
from katalod.asking import answered
from katalod.assets import asset
from katalod.changes import ChangeLog, Event, Told
from katalod.dumped import Dumped
from katalod.errors import ReleaseError
from katalod.fragments import Fragments, known_counts
from katalod.headings import Headings
from katalod.identity import Identity
from katalod.model import Change, Finding, Release, Severity
from katalod.rdf import dataset_iri, doc_iri, prefixes, term, work_iri
from katalod.report import Report
from katalod.search import Index
from katalod.settings import Settings
from katalod.store.embedded import Embedded

_USES = """PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?keyword (COUNT(?work) AS ?uses) WHERE {{
  ?keyword skos:inScheme {scheme} . ?work dcterms:subject ?keyword
}} GROUP BY ?keyword"""
_NAMED = 100_000  # names that are remembered
_TOLD = 50  # changes of a record that its page tells
_RELEASES = 1000  # that the quality pages look back to


class Past:
    """A kept release as the feeds read it: its change log and its works; opened as it is asked."""

    def __init__(self, settings: Settings, release: Release) -> None:
        """Find a release of the home; raises ReleaseError where it is not kept."""
        self.release = release
        self._settings = settings
        self._folder = releases.folder(settings.home, release.id)

    @cached_property
    def log(self) -> ChangeLog:
        """The change log as this release knows it; raises ReleaseError where the release keeps none."""
        return ChangeLog(self._folder)

    @cached_property
    def _dumped(self) -> Dumped:
        return Dumped(self._folder, self.release.base)

    def documents(self, paths: Sequence[str]) -> Iterator[tuple[str, list[Quad]]]:
        """Give the statements of many works, each with its document; best asked for in the order of the paths."""
        return self._dumped.works(paths)


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword concept of a release: how it is called, how many works bear it, and whether it leads anywhere."""

    iri: str
    label: str
    lang: str | None
    uses: int
    linked: bool


class Edition(Past):
    """One release, opened for reading; safe in several threads, and good as long as anyone holds it."""

    def __init__(self, settings: Settings, release: Release) -> None:
        """Open a release of the home; raises ReleaseError or StoreError where it is damaged."""
        super().__init__(settings, release)
        self._store = Embedded.open(self._folder / "store")
        self._report = Report(self._folder)
        self.index = Index(self._folder / "search")
        self.headings = Headings(self._store, self.index, release.base)
        self.identity = Identity(self._store, release.base)
        self._named: dict[str, str] = {}

    @property
    def store(self) -> Path:
        """The folder of the release's store, for the engines that answer strangers' queries."""
        return self._folder / "store"

    def lineage(self) -> list[Release]:
        """Give the kept releases that led to this one without a gap, the oldest first and this one last."""
        return releases.lineage(self._settings.home, self.release.id)

    def document(self, path: str) -> list[Quad]:
        """Give the statements of a work, of all that was made below it and of its document; none if unknown."""
        if self._report.work(path) is None:
            return []
        return self._store.described(work_iri(self.release.base, path), doc_iri(self.release.base, path))

    def keyword(self, slug: str) -> list[Quad]:
        """Give a keyword concept, its links and their evidence; none if unknown."""
        concept = work_iri(self.release.base, f"keyword/{slug}")
        evidence = self._store.subjects(term("sssom:subject_id"), concept)
        return self._store.described(concept, *evidence)

    def described(self, path: str) -> list[Quad]:
        """Give the statements of a work or of a keyword concept by its path; none if unknown."""
        slug = path.removeprefix("keyword/")
        return self.document(path) if slug == path else self.keyword(slug)

    def links(self) -> Iterator[dict[str, str]]:
        """Give every link of a keyword as the slots of an SSSOM mapping, in the order of keywords and headings."""
        space = prefixes()["sssom"]
        for mapping in self._store.subjects(term("rdf:type"), term("sssom:Mapping")):
            row = {
                quad.predicate.value.removeprefix(space): quad.object.value
                for quad in self._store.describe([mapping.value])
                if quad.predicate.value.startswith(space) and isinstance(quad.object, NamedNode | Literal)
            }
            said = self._store.describe([row["subject_id"]])
            row["subject_label"] = _named(said)[0]
            yield row

    @cached_property
    def _keywords(self) -> tuple[Keyword, ...]:
        scheme = NamedNode(f"{self.release.base}id/keywords")
        linked = {row["subject_id"] for row in self.links()}
        found = []
        for row in cast(QuerySolutions, self._store.query(_USES.format(scheme=scheme))):
            iri = row["keyword"].value
            label, lang = _named(self._store.describe([iri]))
            found.append(Keyword(iri, label, lang, int(row["uses"].value), iri in linked))
        return tuple(sorted(found, key=lambda keyword: (-keyword.uses, keyword.label.casefold(), keyword.iri)))

    def keywords(self) -> tuple[Keyword, ...]:
        """List the keyword concepts, the most used first."""
        return self._keywords

    def dataset(self) -> list[Quad]:
        """Give the description of the dataset (VoID and DCAT)."""
        base = self.release.base
        return self._store.described(dataset_iri(base), NamedNode(f"{base}#catalogue"))

    def labels(self, iris: Collection[str], language: str) -> dict[str, str]:
        """Name IRIs for people: headings, keywords and agents of the release, and the terms that we borrow."""
        names = {iri: terms[iri] for iri in iris if iri in (terms := borrowed_labels(language))}
        wanted = sorted(set(iris) - names.keys())
        for quad in self._store.describe(wanted) if wanted else ():
            if quad.predicate in _NAMING and isinstance(quad.object, Literal):
                iri = quad.subject.value  # type: ignore[union-attr]
                if iri not in names or quad.object.language == language:
                    names[iri] = quad.object.value
        return names

    def names(self, iris: Collection[str]) -> dict[str, str]:
        """Name headings and agents as the authority does; remembered, for long lists ask for the same ones again."""
        unknown = [iri for iri in iris if iri not in self._named]
        if unknown:
            if len(self._named) > _NAMED:
                self._named.clear()
            self._named |= dict.fromkeys(unknown, "") | self.labels(unknown, "de")
        return {iri: self._named.get(iri, "") for iri in iris}

    def newest(self, limit: int) -> list[tuple[str, str]]:
        """Give path and title of the works that were changed last."""
        return self._report.newest(limit)

    def title(self, path: str) -> str:
        """Give the title of a work; empty where it is unknown."""
        work = self._report.work(path)
        return work[0] if work else ""

    def published(self, path: str) -> bool:
        """Whether a work, or a keyword, of that path is in the release."""
        return path.startswith("keyword/") or self._report.work(path) is not None

    def modified(self, path: str) -> str:
        """Give the datestamp of a work's record; empty where it has none."""
        work = self._report.work(path)
        return work[1] if work else ""

    def gone(self, path: str) -> Change | None:
        """Say when a work was deleted, and what it was; None if it was not, or was never published."""
        if gone := self._report.gone(path):
            return gone
        entry = self._told.entry(path) if self._told else None
        return Change(path, "deleted", entry.changed, title=entry.title) if entry and entry.deleted else None

    def moved(self, path: str) -> str | None:
        """Give the path under which a work is found now; None if it never moved, or is gone from there too."""
        target = self._report.moved(path)
        return target if target and self._report.work(target) else None

    def findings(self, path: str = "", shape: str = "", limit: int = 100, offset: int = 0) -> tuple[int, list[Finding]]:
        """Give what was amiss, with a record or by a shape: how many, and a page of them."""
        return self._report.findings(path, shape, limit, offset)

    def finding_counts(self) -> list[tuple[str, str, int]]:
        """Count what was amiss by shape and severity, the gravest first."""
        return self._report.finding_counts()

    def changes(self, limit: int, offset: int) -> tuple[int, list[Change]]:
        """Say what changed since the release before: how many, and a page of them."""
        if offset >= self._changed:
            return self._changed, []
        with (self._folder / "changes.jsonl").open("rb") as file:
            return self._changed, [Change(**json.loads(line)) for line in islice(file, offset, offset + limit)]

    @cached_property
    def _changed(self) -> int:
        with (self._folder / "changes.jsonl").open("rb") as file:
            return sum(1 for _ in file)

    def dump(self, release: str = "") -> Path | None:
        """Give the file that holds a whole release as N-Quads, by default this one; None for one that is not kept."""
        try:
            return releases.folder(self._settings.home, release or self.release.id).absolute() / "dump.nq.gz"
        except ReleaseError:
            return None

    def quarantined(self, limit: int, offset: int) -> tuple[int, list[Finding]]:
        """Give the findings that keep records out of the release: how many, and a page of them."""
        found: list[Finding] = []
        total = 0
        for shape, severity, count in self.finding_counts():
            if severity != Severity.VIOLATION:
                continue
            if len(found) < limit and offset < total + count:
                _, more = self._report.findings("", shape, limit - len(found), max(offset - total, 0))
                found += [finding for finding in more if finding.severity is Severity.VIOLATION]
            total += count
        return total, found

    def history(self, path: str) -> list[Event]:
        """Give the releases in which a work was created, updated or deleted, the latest first."""
        return self._told.history(path, _TOLD) if self._told else []

    def finding_history(self) -> list[Told]:
        """Give how often each shape was not met, in this release and those before it, the oldest first."""
        return self._told.findings(_RELEASES) if self._told else []

    @cached_property
    def _told(self) -> ChangeLog | None:
        """The change log; None where the release keeps none, which pages can do without, unlike feeds."""
        try:
            return self.log
        except ReleaseError:
            return None

    @cached_property
    def fragments(self) -> Fragments:
        """What fits a pattern, over all graphs, page by page."""
        return Fragments(self._store, known_counts(self.release.count("triples"), self.dataset()))

    def ask(self, query: str, format: str) -> str:
        """Answer a query of the operator's own, in process and without limits, in a form of `ANSWERS`.

        Raises QueryError for a fault in the query or a form that does not fit its answer.
        """
        return answered(self._store, query, format)

    def releases(self) -> list[Release]:
        """List the releases of the home, the newest first."""
        return releases.listing(self._settings.home)


def _named(said: Iterable[Quad]) -> tuple[str, str | None]:
    """Give the preferred label of a keyword and its language: German first, then untagged, then any other."""
    labels = [
        (quad.object.language or "", quad.object.value)
        for quad in said
        if quad.predicate == term("skos:prefLabel") and isinstance(quad.object, Literal)
    ]
    tag, label = min(labels, key=lambda one: (one[0] != "de", one[0], one[1]), default=("", ""))
    return label, tag or None


_NAMING = frozenset(
    NamedNode(iri)
    for iri in (
        "http://www.w3.org/2004/02/skos/core#prefLabel",
        "http://xmlns.com/foaf/0.1/name",
        "http://purl.org/dc/terms/title",
    )
)


@cache
def borrowed_labels(language: str) -> Mapping[str, str]:
    """Give the labels of the terms that we borrow, in a language (`ontology/labels.ttl`)."""
    quads = parse(path=str(asset("ontology/labels.ttl")), format=RdfFormat.TURTLE)
    return {
        quad.subject.value: quad.object.value
        for quad in quads
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal) and quad.object.language == language
    }
