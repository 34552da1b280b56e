"""From the harvest memory to a release: partitions in parallel, one sorted dump, one atomic promotion.

A build is a change of a former state: of the current release where only records have changed since, of an
empty one else. Both ways give the same release, byte for byte in the dump.
"""

import hashlib
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from katalod import __version__, releases, search
from katalod.assets import asset
from katalod.dumped import NAME as DUMP
from katalod.errors import NoRelease, ReleaseError, StoreError
from katalod.harvest import Memory
from katalod.ledger import Ledger
from katalod.model import Finding, RawRecord, Release, Severity
from katalod.pipeline.draft import Draft
from katalod.pipeline.graphs import authority_graph, authority_subjects, dataset_graph, keyword_graphs, scheme_graph
from katalod.pipeline.intake import Progress, Taken, take
from katalod.pipeline.partition import Partition, bench, check
from katalod.pipeline.workers import executor
from katalod.settings import Settings


@dataclass(frozen=True, slots=True)
class Published:
    """What a publish came to: the release that is now current, whether it is new, and how it was built."""

    release: Release
    new: bool
    taken: Taken
    changes: tuple[tuple[str, int], ...] = ()
    built: str = ""  # "from what changed", or "in full" and why


def publish(settings: Settings, targets: tuple[str, ...], progress: Progress, full: bool = False) -> Published:
    """Take the targets into the memory, build a release from all that is in it, and make it current.

    Raises Busy while another process publishes into the home, SourceError for a target that is not there,
    and ReleaseError where the release cannot be written; the current release is then untouched.
    """
    with releases.publishing(settings.home), Memory(settings.home) as memory:
        inputs = _inputs(settings)  # before any worker opens them: what lands later counts for the next publish
        with executor(settings) as workers:
            taken = take(memory, targets, progress)
            former = _former(settings)
            reason = "it was asked for" if full else _why_in_full(settings, former, inputs, memory)
            with _drafted(settings.home) as folder, memory.still():
                then = releases.folder(settings.home, former.id) if former else None
                with Draft(folder, settings.base, then, changing=not reason) as draft:
                    release = _build(settings, memory, draft, workers, progress, inputs)
                if former is not None and former.digests == release.digests:
                    return Published(former, False, taken)
                kinds = Counter(change.kind for change in releases.read_changes(folder))
                before = former.id if former else ""
                release = replace(release, former=before)
                releases.finish(settings.home, folder, release)
                releases.promote(settings.home, release.id)
        built = f"in full: {reason}" if reason else "from what changed"
        return Published(release, True, taken, tuple(sorted(kinds.items())), built)


@contextmanager
def _drafted(home: Path) -> Iterator[Path]:
    """Give a folder to build in; whatever stops the build, the folder goes and the current release stays."""
    folder = None
    try:
        folder = releases.draft(home)
        yield folder
    except BrokenProcessPool as error:
        raise ReleaseError(
            "a process that builds the release was killed, perhaps for want of memory; set fewer [publish] jobs and"
            " publish again; the current release is untouched"
        ) from error
    except (OSError, sqlite3.Error, StoreError) as error:
        raise ReleaseError(
            f"building a release in {folder or home}: {error}; the current release is untouched. If the disk is full,"
            " make room (`katalod releases prune`) and publish again"
        ) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _former(settings: Settings) -> Release | None:
    try:
        return releases.find(settings.home)
    except NoRelease:
        return None


def _why_in_full(settings: Settings, former: Release | None, inputs: dict[str, str], memory: Memory) -> str:
    """Say why a build cannot begin from the current release; empty where it can."""
    if former is None:
        return "it is the first release"
    if former.base != settings.base or former.version != __version__:
        return f"the former release was made with {former.base} by katalod {former.version}"
    then = dict(former.digests)
    changed = [name for name, digest in inputs.items() if then.get(name) != digest]
    if changed:
        return f"{', '.join(changed)} changed"
    folder = releases.folder(settings.home, former.id)
    if not search.fits(folder / "search"):
        return "the search index is laid out in another way"
    with Ledger(folder, write=False) as books:
        if books.noted("memory") != memory.identity() or int(books.noted("intake")) > memory.mark():
            return "the harvest memory is another one"
    return ""


def _build(
    settings: Settings, memory: Memory, draft: Draft, workers: Executor, progress: Progress, inputs: dict[str, str]
) -> Release:
    since, intake = draft.since, memory.mark()
    if since:
        draft.forget(memory.changed(since))
    for part in _partitions(settings, memory, draft, since, workers, progress):
        draft.keep(part)
    draft.report.move(memory.moved())
    progress("describing keywords", 0, 0)
    draft.forget_keywords()
    for graph in keyword_graphs(settings, draft.ledger.keywords(draft.slugs if since else None), workers):
        draft.add(graph, "keyword")
    if not since:
        draft.add(scheme_graph(settings), "keyword")
    if draft.ledger.moved_on("authority", authority_subjects(draft.ledger)):
        draft.forget_graph("authority")
        draft.add(authority_graph(settings, draft.ledger), "authority")
    draft.report.forget_findings("document")
    tools = bench(settings)
    noted = (*memory.findings(), *tools.curated.findings, *tools.authority.findings())
    draft.report.add_findings(noted, "document")
    draft.forget_graph("dataset", counted=False)
    draft.add(dataset_graph(settings, draft.ledger, draft.report, workers), "dataset", counted=False)
    progress("writing the release", 0, 0)
    draft.ledger.note("memory", memory.identity())
    dump, quads = draft.finish(intake)
    name, moment = releases.next_id(settings.home, dump), releases.moment(settings.home)
    draft.log(name, moment, releases.overruled(settings.home))
    with (draft.folder / DUMP).open("rb") as file:
        whole = hashlib.file_digest(file, "sha256").hexdigest()
    return _manifest(settings, draft, inputs | {"dump": dump, "sha256": whole}, quads, name, moment)


def _partitions(
    settings: Settings, memory: Memory, draft: Draft, since: int, workers: Executor, progress: Progress
) -> Iterator[Partition]:
    """Send the living records through the stages, a few partitions ahead, and give the results in order."""
    total, done = len(draft.paths) or memory.count(), 0
    raws = _living(memory, draft, since)
    waiting: list[Future[Partition]] = []
    while True:
        batch = tuple(islice(raws, settings.publish_batch))
        if batch:
            waiting.append(workers.submit(check, batch, settings))
        if not waiting:
            return
        if batch and len(waiting) < 3 * settings.jobs:
            continue
        part = waiting.pop(0).result()
        done += len(part.outcomes)
        progress("building the release", done, total)
        yield part


def _living(memory: Memory, draft: Draft, since: int) -> Iterator[tuple[RawRecord, str]]:
    """Give the record that counts for each path; deletions and other claims go into the report."""
    for raw, path, others in memory.works(since):
        living = [other for other in others if not other.deleted and not raw.deleted]
        draft.report.add_findings((_same_work(raw, path, other) for other in living), "record")
        if raw.deleted:
            draft.report.add_gone(path, memory.title(path), raw.datestamp)
        else:
            yield raw, path


def _same_work(raw: RawRecord, path: str, other: RawRecord) -> Finding:
    return Finding(
        Severity.INFO, "same-work", "identifier", other.identifier[:200],
        f"Dasselbe Werk liegt auch als „{raw.identifier}“ vor ({raw.form}, {raw.origin}); das ist veröffentlicht.",
        f"The same work is there as {raw.identifier!r} too ({raw.form}, {raw.origin}); that one is published.",
        origin=other.origin, position=other.position, identifier=other.identifier[:200], path=path,
    )  # fmt: skip


def _inputs(settings: Settings) -> dict[str, str]:
    """Digest all that a release is made from, but for the records."""
    tools = bench(settings)
    linking = repr((tools.rules, settings.dataset_title_de, settings.dataset_title_en))
    return {
        "mapping": _digest(asset("ontology")),
        "shapes": _digest(asset("shapes")),
        "authority": tools.authority.digest,
        "links": tools.curated.digest,
        "settings": hashlib.sha256(linking.encode()).hexdigest(),
    }


def _digest(folder: Path) -> str:
    """Digest all files of a shipped folder, by name."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _manifest(settings: Settings, draft: Draft, digests: dict[str, str], quads: int, name: str, moment: str) -> Release:
    """Say what the release holds."""
    severities: Counter[str] = Counter()
    for _, severity, count in draft.report.finding_counts():
        severities[severity] += count
    counts = {
        "works": draft.report.count("work"),
        "triples": quads,
        "keywords": draft.ledger.keyword_count(),
        "links": draft.ledger.counted("link")["dcterms:subject"],
        "quarantined": draft.report.count("held"),
        "gone": draft.report.count("gone"),
        "violations": severities["Violation"],
        "warnings": severities["Warning"],
        "infos": severities["Info"],
    }
    authority = bench(settings).authority
    return Release(
        name,
        moment,
        draft.report.newest_datestamp(),
        tuple(counts.items()),
        tuple(sorted((digests | {"findings": draft.report.digest()}).items())),
        settings.base,
        __version__,
        f"{authority.name} {authority.version}",
    )
