"""Trying a file out: what would become of its records, without taking them in."""

import json
import tempfile
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, parse

from katalod.errors import SourceError
from katalod.formats import FORMATS
from katalod.model import Finding, RawRecord, Severity
from katalod.pipeline.partition import check
from katalod.pipeline.workers import executor
from katalod.settings import Settings
from katalod.sources import files


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file's records would come to."""

    base: str
    quads: tuple[tuple[Quad, ...], ...]  # of each record
    findings: tuple[Finding, ...]

    @property
    def exit_code(self) -> int:
        """0 if nothing keeps a record out of a release, else 1."""
        return int(any(finding.severity is Severity.VIOLATION for finding in self.findings))

    def as_turtle(self) -> str:
        """Write the records as Turtle; the findings follow as comments, so that the whole is Turtle."""
        turtle = next(row for row in FORMATS if row.name == "turtle")
        text = turtle.write([quad for quads in self.quads for quad in quads], self.base).decode()
        return text + "".join(_comment(finding) for finding in self.findings)

    def as_json(self) -> str:
        """Write the findings, and the records as N-Quads lines."""
        nquads = next(row for row in FORMATS if row.name == "nquads")
        lines = nquads.write([quad for quads in self.quads for quad in quads], self.base).decode().splitlines()
        return json.dumps({"findings": [asdict(f) for f in self.findings], "nquads": lines}, ensure_ascii=False) + "\n"


def check_file(settings: Settings, file: str) -> Checked:
    """Read, link, describe and validate all records of a file; raises SourceError where it cannot be read."""
    with tempfile.TemporaryDirectory() as folder:
        # Where there is no home yet, none is made: checking leaves nothing behind.
        if not settings.home.exists():
            settings = replace(settings, home=Path(folder))
        found = [item for document in files.documents(file) for item in document.records]
        raws = ((item, "") for item in found if isinstance(item, RawRecord) and not item.deleted)
        findings = [item for item in found if isinstance(item, Finding)]
        if not any(isinstance(item, RawRecord) for item in found):
            raise SourceError(f"reading {file}: there is no record in it" + "".join(f"; {f.en}" for f in findings))
        quads: list[tuple[Quad, ...]] = []
        with executor(replace(settings, publish_jobs=1)) as worker:
            while batch := tuple(islice(raws, settings.publish_batch)):
                for outcome in worker.submit(check, batch, settings, keep=True).result().outcomes:
                    quads.append(tuple(parse(outcome.lines, format=RdfFormat.N_TRIPLES)))
                    findings.extend(outcome.findings)
        return Checked(settings.base, tuple(quads), tuple(findings))


def _comment(finding: Finding) -> str:
    """Write a finding as a Turtle comment: one line, whatever its value holds."""
    place = ", ".join(part for part in (finding.origin, finding.identifier, finding.field) if part)
    text = f"{finding.severity} {finding.shape} [{place}] {finding.value!r}: {finding.en}"
    return "# " + " ".join(text.split()) + "\n"
