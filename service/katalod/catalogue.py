"""The read side: all that the web may ask of the current release."""

import threading
import time
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import islice
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from katalod import releases
from katalod.asking import answered
from katalod.assets import asset
from katalod.errors import NoRelease, ReleaseError
from katalod.model import Change, Finding, Release
from katalod.rdf import dataset_iri, doc_iri, term, work_iri
from katalod.report import Report
from katalod.search import Index
from katalod.settings import Settings
from katalod.store.embedded import Embedded

_EVERY = 1.0  # seconds between two looks at which release is current


class Edition:
    """One release, opened for reading; safe in several threads, and good as long as anyone holds it."""

    def __init__(self, settings: Settings, release: Release) -> None:
        """Open a release of the home; raises ReleaseError or StoreError where it is damaged."""
        self.release = release
        self._settings = settings
        self._folder = releases.folder(settings.home, release.id)
        self._store = Embedded.open(self._folder / "store")
        self._report = Report(self._folder)
        self._index = Index(self._folder / "search")

    @property
    def store(self) -> Path:
        """The folder of the release's store, for the engines that answer strangers' queries."""
        return self._folder / "store"

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

    def dataset(self) -> list[Quad]:
        """Give the description of the dataset (VoID and DCAT)."""
        return self._store.described(dataset_iri(self.release.base))

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

    def works(
        self, keyword: str = "", concept: str = "", limit: int = 20, offset: int = 0
    ) -> tuple[int, list[tuple[str, str]]]:
        """List the works that bear a keyword concept or a heading, by title; without either, the newest."""
        about = keyword or concept
        if not about:
            return self._report.count("work"), self._report.newest(limit, offset)
        return self._store.works(NamedNode(about), self.release.base, limit, offset)

    def title(self, path: str) -> str:
        """Give the title of a work; empty where it is unknown."""
        work = self._report.work(path)
        return work[0] if work else ""

    def modified(self, path: str) -> str:
        """Give the datestamp of a work's record; empty where it has none."""
        work = self._report.work(path)
        return work[1] if work else ""

    def gone(self, path: str) -> Change | None:
        """Say when a work was deleted, and what it was; None if it was not."""
        return self._report.gone(path)

    def moved(self, path: str) -> str | None:
        """Give the path under which a work is found now; None if it never moved."""
        return None

    def findings(self, path: str = "", shape: str = "", limit: int = 100, offset: int = 0) -> tuple[int, list[Finding]]:
        """Give what was amiss, with a record or by a shape: how many, and a page of them."""
        return self._report.findings(path, shape, limit, offset)

    def finding_counts(self) -> list[tuple[str, str, int]]:
        """Count what was amiss by shape and severity, the gravest first."""
        return self._report.finding_counts()

    def changes(self, limit: int, offset: int) -> tuple[int, list[Change]]:
        """Say what changed since the release before: how many, and a page of them."""
        changes = releases.read_changes(self._folder)
        page = list(islice(changes, offset, offset + limit))
        return offset + len(page) + sum(1 for _ in changes), page

    def dump(self, release: str = "") -> Path | None:
        """Give the file that holds a whole release as N-Quads, by default this one; None for one that is not kept."""
        try:
            return releases.folder(self._settings.home, release or self.release.id).absolute() / "dump.nq.gz"
        except ReleaseError:
            return None

    def search(self, text: str, limit: int = 20, offset: int = 0) -> tuple[int, list[tuple[str, str, str]]]:
        """Find works by words: how many, and a page of path, title and beginning of the text."""
        return self._index.find(text, limit, offset)

    def ask(self, query: str, format: str) -> str:
        """Answer a query of the operator's own, in process and without limits, in a form of `ANSWERS`.

        Raises QueryError for a fault in the query or a form that does not fit its answer.
        """
        return answered(self._store, query, format)

    def releases(self) -> list[Release]:
        """List the releases of the home, the newest first."""
        return releases.listing(self._settings.home)


class Catalogue:
    """Gives the edition that is current, and follows a promotion within a second; safe in several threads."""

    def __init__(self, settings: Settings) -> None:
        """Make the catalogue of a home; nothing is opened before it is asked."""
        self.settings = settings
        self._lock = threading.Lock()
        self._editions: deque[Edition] = deque(maxlen=2)  # requests may still read the one before
        self._looked = float("-inf")

    def edition(self) -> Edition:
        """Give the current release, opened; raises NoRelease where nothing is published."""
        with self._lock:
            if time.monotonic() - self._looked >= _EVERY or not self._editions:
                self._look()
                self._looked = time.monotonic()
            if not self._editions:
                raise NoRelease(
                    f"nothing is published in {self.settings.home} yet; publish with `katalod publish SOURCE`"
                )
            return self._editions[-1]

    def _look(self) -> None:
        current = releases.current(self.settings.home)
        if not self._editions or self._editions[-1].release.id != current:
            self._editions.append(Edition(self.settings, releases.find(self.settings.home, current)))

    def close(self) -> None:
        """Let go of all releases."""
        with self._lock:
            self._editions.clear()


@contextmanager
def opened(settings: Settings) -> Iterator[Edition]:
    """Open the current release for a while; raises NoRelease where nothing is published."""
    catalogue = Catalogue(settings)
    try:
        yield catalogue.edition()
    finally:
        catalogue.close()


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
