"""What was published, when, how good it is, and what has changed: for people, and as JSON."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import cache
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, abort

from katalod import mapping
from katalod.edition import borrowed_labels
from katalod.model import Finding
from katalod.rdf import prefixes, term
from katalod.web import answers, charts
from katalod.web.paging import Paging, asked_page

interface = Blueprint("quality", __name__)


@interface.get("/quality/")
def rules() -> Response:
    """Give how often each rule was not met, now and in the releases before."""
    edition = answers.edition()
    counts, told = edition.finding_counts(), edition.finding_history()
    examples = {shape: edition.findings(shape=shape, limit=1)[1][0] for shape, _, _ in counts}
    listed = [{"shape": shape, "severity": severity, "count": count} for shape, severity, count in counts]
    return answers.page_or_json(
        "quality.html",
        {
            "counts": counts,
            "examples": examples,
            "told": charts.spread(told, charts.COLUMNS),
            "courses": charts.courses([one.shapes for one in told]) if len(told) > 1 else [],
            "quarantined": edition.release.count("quarantined"),
        },
        lambda: {"shapes": listed, "releases": [asdict(one) for one in told]},
    )


@interface.get("/quality/quarantined")
def quarantined() -> Response:
    """Give the records that were held back, and why."""
    edition, asked = answers.edition(), asked_page()
    total, findings = edition.quarantined(asked.size, asked.offset)
    return _listed("", findings, asked.of(total))


@interface.get("/quality/record/<path:path>")
def record(path: str) -> Response:
    """Give all that was found amiss with one record, published or not."""
    edition = answers.edition()
    total, findings = edition.findings(path=path)
    if not total:
        return abort(HTTPStatus.NOT_FOUND)
    shown = {"path": path, "title": edition.title(path), "findings": findings}
    return answers.page_or_json("record.html", shown, lambda: _data(total, findings))


@interface.get("/quality/<shape>")
def rule(shape: str) -> Response:
    """Give the findings of one rule, with their records."""
    edition, asked = answers.edition(), asked_page()
    total, findings = edition.findings(shape=shape, limit=asked.size, offset=asked.offset)
    if not total:
        return abort(HTTPStatus.NOT_FOUND)
    return _listed(shape, findings, asked.of(total))


def _listed(shape: str, findings: list[Finding], paging: Paging) -> Response:
    """Give a page of findings."""
    published = answers.edition().published
    shown = {"shape": shape, "published": published, "findings": findings, "called": _called(), "paging": paging}
    return answers.page_or_json("shape.html", shown, lambda: _data(paging.total, findings))


def _data(total: int, findings: list[Finding]) -> dict[str, Any]:
    return {"total": total, "findings": [asdict(finding) for finding in findings]}


def _called() -> Callable[[str], str]:
    """Give how people call a field that a finding names: the property that it becomes, else the field itself."""
    labels = borrowed_labels(answers.reader().lang)

    def called(field: str) -> str:
        name = _properties().get(field, field)
        known = name.partition(":")[0] in prefixes()
        return labels.get(term(name).value, field) if known else field

    return called


@cache
def _properties() -> Mapping[str, str]:
    return {row.field: row.property for row in mapping.load().rows}


@interface.get("/releases/")
def releases() -> Response:
    """Give the releases, the newest first."""
    edition = answers.edition()
    found = edition.releases()
    return answers.page_or_json(
        "releases.html",
        {"releases": found},
        lambda: {"current": edition.release.id, "releases": [asdict(release) for release in found]},
        " ".join(release.id for release in found),
    )


@interface.get("/changes/")
def changes() -> Response:
    """Give what has changed since the release before."""
    edition, asked = answers.edition(), asked_page()
    total, found = edition.changes(asked.size, asked.offset)
    shown = {"changes": found, "moved": edition.moved, "paging": asked.of(total)}
    return answers.page_or_json(
        "changes.html", shown, lambda: {"total": total, "changes": [asdict(change) for change in found]}
    )
