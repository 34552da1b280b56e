"""From the harvest memory to a release: partitions in parallel, one sorted dump, one atomic promotion."""

import gzip
import hashlib
import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from katalod import __version__, releases
from katalod.assets import asset
from katalod.errors import NoRelease, ReleaseError
from katalod.harvest import Memory
from katalod.model import Finding, RawRecord, Release, Severity
from katalod.pipeline.graphs import shared_graphs
from katalod.pipeline.intake import Progress, Taken, take
from katalod.pipeline.partition import Outcome, Partition, authority_path, bench, check
from katalod.pipeline.spool import Spool
from katalod.pipeline.tally import Tally
from katalod.report import Report
from katalod.search import Writer
from katalod.settings import Settings
from katalod.store import embedded


@dataclass(frozen=True, slots=True)
class Published:
    """What a publish came to: the release that is now current, and whether it is new."""

    release: Release
    new: bool
    taken: Taken
    changes: tuple[tuple[str, int], ...] = ()


def publish(settings: Settings, targets: tuple[str, ...], progress: Progress) -> Published:
    """Take the targets into the memory, build a release from all that is in it, and make it current.

    Raises Busy while another process publishes into the home, SourceError for a target that is not there,
    and ReleaseError where the release cannot be written; the current release is then untouched.
    """
    with releases.publishing(settings.home), Memory(settings.home) as memory, executor(settings) as workers:
        taken = take(memory, targets, progress)
        try:
            former: Release | None = releases.find(settings.home)
        except NoRelease:
            former = None
        folder = releases.draft(settings.home)
        try:
            release = _build(settings, memory, folder, former, workers, progress)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise ReleaseError(f"building a release in {folder}: {error}; the current release is untouched") from error
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        if former is not None and former.digests == release.digests and former.base == release.base:
            shutil.rmtree(folder)
            return Published(former, False, taken)
        kinds = Counter(change.kind for change in releases.read_changes(folder))
        releases.finish(settings.home, folder, release)
        releases.promote(settings.home, release.id)
        return Published(release, True, taken, tuple(sorted(kinds.items())))


def _build(
    settings: Settings, memory: Memory, folder: Path, former: Release | None, workers: Executor, progress: Progress
) -> Release:
    tally, spool = Tally(), Spool(folder)
    with Report(folder, write=True) as report:
        then = Report(releases.folder(settings.home, former.id)) if former else None
        writer = Writer(folder / "search")
        for part in _partitions(settings, memory, report, workers, progress):
            tally.add(part)
            _keep(part, spool, report, writer, then)
        for graph in shared_graphs(settings, tally, workers):
            spool.add(graph.lines)
            report.add_findings(graph.findings)
        report.add_findings((*memory.findings(), *bench(settings).curated.findings))
        report.finish()
        progress("writing the release", 0, 0)
        dump, quads = _dump(spool, folder)
        writer.finish()
        changes = list(report.changes_since(then))
        releases.write_changes(folder, changes)
        return _manifest(settings, report, tally, dump, quads, former)


def _partitions(
    settings: Settings, memory: Memory, report: Report, workers: Executor, progress: Progress
) -> Iterator[Partition]:
    """Send the living records through the stages, a few partitions ahead, and give the results in order."""
    total, done = memory.count(), 0
    raws = _living(memory, report)
    waiting: list[Future[Partition]] = []
    while True:
        batch = tuple(islice(raws, settings.publish_batch))
        if batch:
            waiting.append(workers.submit(check, batch, settings))
        if not waiting:
            return
        if batch and len(waiting) < 3 * settings.jobs:
            continue
        try:
            part = waiting.pop(0).result()
        except BrokenProcessPool as error:
            raise ReleaseError(
                "a process that builds the release was killed, perhaps for want of memory;"
                " set fewer [publish] jobs and publish again; the current release is untouched"
            ) from error
        done += len(part.outcomes)
        progress("building the release", done, total)
        yield part


def _living(memory: Memory, report: Report) -> Iterator[RawRecord]:
    """Give the record that counts for each path; deletions and other claims go into the report."""
    for raw, path, others in memory.works():
        report.add_findings(_same_work(raw, path, other) for other in others if not other.deleted and not raw.deleted)
        if raw.deleted:
            report.add_gone(path, memory.title(path), raw.datestamp)
        else:
            yield raw


def _same_work(raw: RawRecord, path: str, other: RawRecord) -> Finding:
    return Finding(
        Severity.INFO, "same-work", "identifier", other.identifier[:200],
        f"Dasselbe Werk liegt auch als „{raw.identifier}“ vor ({raw.form}, {raw.origin}); das ist veröffentlicht.",
        f"The same work is there as {raw.identifier!r} too ({raw.form}, {raw.origin}); that one is published.",
        origin=other.origin, position=other.position, identifier=other.identifier[:200], path=path,
    )  # fmt: skip


def _keep(part: Partition, spool: Spool, report: Report, writer: Writer, then: Report | None) -> None:
    for outcome in part.outcomes:
        report.add_findings(outcome.findings)
        if outcome.published:
            spool.add(outcome.lines.splitlines(keepends=True))
            report.add_work(outcome.path, outcome.title, outcome.datestamp, outcome.digest)
        elif then is not None and _was_there(then, outcome):
            report.add_gone(outcome.path, outcome.title, outcome.datestamp)
    writer.add(outcome.entry for outcome in part.outcomes if outcome.published)


def _was_there(then: Report, outcome: Outcome) -> bool:
    """Whether a quarantined record was published before: then its path answers 410, not 404."""
    return then.work(outcome.path) is not None or then.gone(outcome.path) is not None


def _dump(spool: Spool, folder: Path) -> tuple[str, int]:
    """Write the sorted dump, compressed for readers, and the store; gives its digest and how many quads it has."""
    digest, plain = hashlib.sha256(), folder / "dump.nq"
    with (
        plain.open("wb") as file,
        (folder / "dump.nq.gz").open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed,
    ):
        for line in spool.sorted():
            digest.update(line)
            file.write(line)
            packed.write(line)
    quads = embedded.build(plain, folder / "store")
    plain.unlink()
    return digest.hexdigest(), quads


def _manifest(
    settings: Settings, report: Report, tally: Tally, dump: str, quads: int, former: Release | None
) -> Release:
    authority = bench(settings).authority
    severities: Counter[str] = Counter()
    for _, severity, count in report.finding_counts():
        severities[severity] += count
    counts = {
        "works": tally.works,
        "triples": quads,
        "keywords": len({subject.label for subject in tally.subjects}),
        "links": tally.links,
        "quarantined": tally.quarantined,
        "gone": report.count("gone"),
        "violations": severities["Violation"],
        "warnings": severities["Warning"],
        "infos": severities["Info"],
    }
    digests = {
        "dump": dump,
        "findings": report.digest(),
        "mapping": _digest(asset("ontology")),
        "shapes": _digest(asset("shapes")),
        "authority": authority.digest,
        "links": bench(settings).curated.digest,
    }
    return Release(
        releases.next_id(settings.home, dump),
        datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        tally.modified,
        tuple(counts.items()),
        tuple(digests.items()),
        settings.base,
        __version__,
        f"{authority.name} {authority.version}",
        former.id if former else "",
    )


def _digest(folder: Path) -> str:
    """Digest all files of a shipped folder, by name."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def executor(settings: Settings) -> ProcessPoolExecutor:
    """Start the processes that do the work; they come from a server of their own and share no lock with this one.

    They import and open what they need at once, while the sources are still being taken in.
    """
    authority_path(settings)  # built here once, before several processes would want to build it
    context = get_context("forkserver")
    context.set_forkserver_preload(["katalod.pipeline.partition"])
    workers = ProcessPoolExecutor(settings.jobs, mp_context=context)
    for _ in range(settings.jobs):
        workers.submit(ready, settings)
    return workers


def ready(settings: Settings) -> None:
    """Open what the work needs, in the process that will do it."""
    bench(settings)
