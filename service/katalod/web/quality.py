"""What was published, when, how good it is, and what has changed: for people, and as JSON."""

from dataclasses import asdict
from http import HTTPStatus

from flask import Blueprint, Response, abort, send_file

from katalod.web import answers
from katalod.web.paging import Paging, asked_page

interface = Blueprint("quality", __name__)


@interface.get("/quality/")
def rules() -> Response:
    """Give how often each rule was not met."""
    counts = answers.edition().finding_counts()
    listed = [{"shape": shape, "severity": severity, "count": count} for shape, severity, count in counts]
    return answers.page_or_json("quality.html", {"counts": counts}, lambda: {"shapes": listed})


@interface.get("/quality/<shape>")
def rule(shape: str) -> Response:
    """Give the findings of one rule, with their records."""
    edition, asked = answers.edition(), asked_page()
    total, findings = edition.findings(shape=shape, limit=asked.size, offset=asked.offset)
    if not total:
        return abort(HTTPStatus.NOT_FOUND)
    shown = {"shape": shape, "findings": findings, "paging": Paging(asked.number, asked.size, total)}
    return answers.page_or_json(
        "shape.html", shown, lambda: {"total": total, "findings": [asdict(finding) for finding in findings]}
    )


@interface.get("/releases/")
def releases() -> Response:
    """Give the releases, the newest first."""
    edition = answers.edition()
    found = edition.releases()
    return answers.page_or_json(
        "releases.html",
        {"releases": found},
        lambda: {"current": edition.release.id, "releases": [asdict(release) for release in found]},
    )


@interface.get("/changes/")
def changes() -> Response:
    """Give what has changed since the release before."""
    asked = asked_page()
    total, found = answers.edition().changes(asked.size, asked.offset)
    shown = {"changes": found, "paging": Paging(asked.number, asked.size, total)}
    return answers.page_or_json(
        "changes.html", shown, lambda: {"total": total, "changes": [asdict(change) for change in found]}
    )


@interface.get("/dumps/")
def dumps() -> Response:
    """Give the files in which everything is."""
    edition = answers.edition()
    file = edition.dump()
    size = file.stat().st_size if file else 0
    name = f"dumps/{edition.release.id}.nq.gz"
    return answers.page_or_json(
        "dumps.html",
        {"name": name, "size": size},
        lambda: {"latest": answers.reader().root + name, "bytes": size, "digests": dict(edition.release.digests)},
    )


@interface.get("/dumps/latest.nq.gz")
def latest() -> Response:
    """Lead to the current release's dump, whose address never changes its content."""
    return answers.redirect(f"dumps/{answers.edition().release.id}.nq.gz", HTTPStatus.FOUND)


@interface.get("/dumps/<release>.nq.gz")
def dump(release: str) -> Response:
    """Give the dump of a release; in parts, too, for a client whose download broke off."""
    found = answers.edition().dump(release)
    if found is None:
        return abort(HTTPStatus.NOT_FOUND)
    answer = send_file(found, mimetype="application/gzip", download_name=f"{release}.nq.gz", etag=release)
    answer.headers["Cache-Control"] = answers.FOREVER
    return answer
