"""A release while it is built: lines that leave and lines that come, books, report and search index.

It begins as a copy of the former release, or empty; what is kept in it replaces what it held of the same path.
"""

import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

from pyoxigraph import DefaultGraph, Quad, RdfFormat, serialize

from katalod import ledger, releases
from katalod.changes import Scribe, undone
from katalod.ledger import Ledger
from katalod.model import Change
from katalod.pipeline import dump
from katalod.pipeline.graphs import Graph
from katalod.pipeline.partition import Partition
from katalod.pipeline.spool import Spool
from katalod.rdf import GND, doc_iri, graph_iri, keyword_iri, term, work_iri
from katalod.report import Report
from katalod.search import Writer
from katalod.store import embedded
from katalod.store.embedded import Embedded


class Draft:
    """A release in the making, in a folder of its own."""

    def __init__(self, folder: Path, base: str, former: Path | None, changing: bool) -> None:
        """Begin in an empty folder; with `changing` from all that the former release's folder holds."""
        self.folder = folder
        self._base = base
        self._former = former if changing else None
        self.then = Report(former) if former else None
        self.slugs: set[str] = set()  # of keywords that may have changed
        self.paths: set[str] = set()  # of works that may have changed
        self._removed: set[bytes] = set()
        self._added = Spool(folder)
        if self._former is not None:
            shutil.copy(self._former / ledger.NAME, folder / ledger.NAME)
            shutil.copytree(self._former / "report", folder / "report")
            shutil.copytree(self._former / "search", folder / "search")
            self._store = Embedded.open(self._former / "store")
        self._changes: list[Change] = []
        self._scribe = Scribe(folder, former, changing)
        self.ledger = Ledger(folder)
        self.report = Report(folder, write=True)
        self._writer = Writer.open(folder / "search") if self._former else Writer(folder / "search")

    def __enter__(self) -> Self:
        """Build in it for a while."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close what is open."""
        self._scribe.close()
        self.ledger.close()
        self.report.close()
        if self.then is not None:
            self.then.close()

    @property
    def since(self) -> int:
        """The intake up to which the former release knows the memory; 0 for an empty beginning."""
        return int(self.ledger.noted("intake") or 0)

    def forget(self, paths: Iterable[str]) -> None:
        """Take works out, with all that the former release said of them."""
        self.paths.update(paths)
        for path in sorted(self.paths):
            self.slugs |= self.ledger.forget(path)
            self.report.forget(path)
            self._scribe.forget(path)
            found = self._store.described(work_iri(self._base, path), doc_iri(self._base, path))
            self._leave(quad for quad in found if isinstance(quad.graph_name, DefaultGraph))
        self._writer.remove(sorted(self.paths))

    def keep(self, part: Partition) -> None:
        """Take what a partition came to in."""
        for outcome in part.outcomes:
            self.paths.add(outcome.path)
            self.report.add_findings(outcome.findings, "record")
            if outcome.published:
                self._added.add(outcome.lines.splitlines(keepends=True))
                self.report.add_work(outcome.path, outcome.title, outcome.datestamp, outcome.digest)
                self._scribe.place(outcome.path, outcome.sets)
                self.slugs |= self.ledger.enter(outcome.path, outcome.subjects, outcome.agents)
                continue
            self.report.hold_back(outcome.path)
            if self._was_there(outcome.path):
                self.report.add_gone(outcome.path, outcome.title, outcome.datestamp)
        self._writer.take(outcome.sought for outcome in part.outcomes if outcome.sought is not None)
        self._count(part.properties, part.classes, part.links)

    def _was_there(self, path: str) -> bool:
        """Whether a record that is held back was published before: then its path answers 410, not 404."""
        return self.then is not None and (self.then.work(path) is not None or self.then.gone(path) is not None)

    def forget_keywords(self) -> None:
        """Take out what the former release said of the keywords that may have changed."""
        if self._former is None:
            return
        for one in sorted(self.slugs):
            concept = keyword_iri(self._base, one)
            self._leave(self._store.described(concept, *self._store.subjects(term("sssom:subject_id"), concept)))
            self.report.forget_findings("keyword", f"keyword/{one}")

    def forget_graph(self, name: str, counted: bool = True) -> None:
        """Take out a named graph of the former release."""
        if self._former is not None:
            self._leave(self._store.graph(graph_iri(self._base, name)), counted)
            self.report.forget_findings(name)

    def add(self, graph: Graph, part: str, counted: bool = True) -> None:
        """Take lines of a named graph in."""
        self._added.add(graph.lines)
        self.report.add_findings(graph.findings, part)
        if counted:
            self._count(graph.properties, graph.classes, 0)

    def _leave(self, quads: Iterable[Quad], counted: bool = True) -> None:
        quads = list(quads)
        self._removed.update((serialize(quads, format=RdfFormat.N_QUADS) or b"").splitlines(keepends=True))
        if counted:
            classes = Counter(_value(quad) for quad in quads if quad.predicate == term("rdf:type"))
            links = sum(quad.predicate == term("dcterms:subject") and _value(quad).startswith(GND) for quad in quads)
            self._count(Counter(quad.predicate.value for quad in quads), classes, links, -1)

    def _count(self, properties: Mapping[str, int], classes: Mapping[str, int], links: int, sign: int = 1) -> None:
        self.ledger.count("property", properties, sign)
        self.ledger.count("class", classes, sign)
        self.ledger.count("link", {"dcterms:subject": links}, sign)

    def finish(self, intake: int) -> tuple[str, int]:
        """Write dump, store, index, books, report and change log; gives the dump's digest and the number of quads."""
        self.report.finish()
        with ThreadPoolExecutor(1) as aside:
            searchable = aside.submit(self._writer.finish)
            written = self._write_anew() if self._former is None else self._write_changed(self._former)
            searchable.result()
        self.ledger.note("intake", str(intake or -1))  # -1: all comes later, and yet this was a beginning
        self.ledger.note("quads", str(written[1]))
        self._changes = list(self.report.changes_since(self.then, None if self._former is None else self.paths))
        releases.write_changes(self.folder, self._changes)
        return written

    def log(self, release: str, moment: str, overruled: Iterable[Change]) -> None:
        """Enter what changed into the one log, and what releases had changed that were rolled back."""
        if self._scribe.begun:  # the first release, or the first that keeps a log
            self._changes = list(self.report.changes_since(None))
        paths = [change.path for change in self._changes]
        reverted = undone(overruled, paths, lambda path: self.report.work(path) is not None)
        findings: Counter[str] = Counter()
        for shape, _, count in self.report.finding_counts():
            findings[shape] += count
        self._scribe.enter((*self._changes, *reverted), release, moment, findings)

    def _write_anew(self) -> tuple[str, int]:
        plain = self.folder / "dump.nq"
        with plain.open("wb") as file:
            file.writelines(self._added.sorted())
        with ThreadPoolExecutor(1) as aside, plain.open("rb") as lines:
            stored = aside.submit(embedded.build, plain, self.folder / "store")
            digest = dump.write(lines, self.folder)
            quads = stored.result()
        plain.unlink()
        return digest, quads

    def _write_changed(self, former: Path) -> tuple[str, int]:
        added = set(self._added.sorted())
        removed, added = self._removed - added, added - self._removed
        embedded.change(former / "store", self.folder / "store", sorted(removed), sorted(added))
        quads = int(self.ledger.noted("quads")) - len(removed) + len(added)
        return dump.patch(former, removed, added, self.folder), quads


def _value(quad: Quad) -> str:
    return quad.object.value if hasattr(quad.object, "value") else ""
