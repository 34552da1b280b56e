"""Links and what is to be decided about them: for people to read, and as SSSOM tables to take away."""

from collections.abc import Iterable

from flask import Blueprint, Response, current_app, json, request

from katalod import curation
from katalod.curation import Desk, Question
from katalod.rdf import GND
from katalod.web import answers
from katalod.web.negotiation import negotiate
from katalod.web.paging import SIZE, Paging, asked_page

interface = Blueprint("curation", __name__)

TSV = "text/tab-separated-values"
KEPT = 64  # pages of questions that are remembered


@interface.get("/quality/links")
def questions() -> Response:
    """Give the keywords that have no link, the most used first, with what could be chosen."""
    asked, at = asked_page(SIZE), curation.desk(answers.settings())
    total, found = _questions(at, asked)
    wanted = negotiate(request.headers.get("Accept"), (answers.HTML, answers.JSON))
    if wanted is None:
        return answers.not_acceptable((answers.HTML, answers.JSON))
    if wanted == answers.JSON:
        listed = {"total": total, "authority": _named(at), "keywords": [curation.listed(one) for one in found]}
        return _sent(json.dumps(listed, ensure_ascii=False) + "\n", answers.JSON, at)
    release = answers.edition().release
    who = answers.reader(release.base)
    mark = f"links-{answers.stamp(at.state)}-{who.lang}"
    shown = {"questions": found, "paging": asked.of(total), "authority": _named(at)}
    answer = answers.unchanged(release, mark) or answers.html(
        answers.render("links.html", who, release=release, gnd=GND, **shown), who
    )
    answer.headers["Cache-Control"] = "no-cache"
    return answers.validated(answer, release, mark)


@interface.get("/quality/links.sssom.tsv")
def template() -> Response:
    """Give a page of these keywords as an SSSOM table to be edited: a row a candidate, predicates to be filled in."""
    at = curation.desk(answers.settings())
    _, found = _questions(at, asked_page(SIZE))
    return _table(curation.questions_table(found, answers.settings().dataset_title_de), at, "questions.sssom.tsv")


@interface.get("/dumps/links.sssom.tsv")
def links() -> Response:
    """Give all links of the current release as an SSSOM table."""
    edition = answers.edition()
    release = edition.release
    kept: dict[str, bytes] = current_app.extensions["katalod.links"]
    table = kept.get(release.id)
    if table is None:  # a release never changes, and only the current one is asked for
        table = "".join(curation.links_table(edition, answers.settings().dataset_title_de)).encode()
        kept.clear()
        kept[release.id] = table
    answer = answers.lasting("sssom", f"{TSV}; charset=utf-8", lambda: table)
    answer.headers["Content-Disposition"] = 'attachment; filename="links.sssom.tsv"'
    return answer


def _questions(at: Desk, asked: Paging) -> tuple[int, tuple[Question, ...]]:
    """Put a page of keywords as questions; what was found in the same state of things is not sought again."""
    edition = answers.edition()
    remembered: dict[tuple[object, ...], tuple[int, tuple[Question, ...]]] = current_app.extensions["katalod.questions"]
    key = (edition.release.id, at.state, asked.number, asked.size)
    found = remembered.get(key)
    if found is None:
        keywords = curation.open_keywords(edition, at)
        page = keywords[asked.offset : asked.offset + asked.size]
        found = len(keywords), tuple(curation.question(edition, at, keyword) for keyword in page)
        if len(remembered) >= KEPT:
            remembered.clear()
        remembered[key] = found
    return found


def _named(at: Desk) -> str:
    return f"{at.authority.name} {at.authority.version}"


def _table(lines: Iterable[str], at: Desk, name: str) -> Response:
    answer = _sent("".join(lines), f"{TSV}; charset=utf-8", at)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _sent(body: str, media: str, at: Desk) -> Response:
    release, mark = answers.edition().release, f"links-{answers.stamp(at.state)}-{media[:8]}"
    answer = answers.unchanged(release, mark) or Response(body, content_type=media)
    # Decisions count as soon as they are made, between releases too: a copy has to be asked about.
    answer.headers |= {"Vary": "Accept, Accept-Language", "Cache-Control": "no-cache"}
    return answers.validated(answer, release, mark)
