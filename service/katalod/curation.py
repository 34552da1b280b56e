"""Links between machine and people: what is to be decided, decisions kept, all links as a table, a newer authority.

It joins the current release with the room of linking: the only place where the two meet on the read side.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit

from katalod.catalogue import Edition, Keyword, opened
from katalod.errors import AuthorityError, NoRelease
from katalod.fetch import BUSY, FetchError, Limits, Session
from katalod.linking import Authority, Curated, Rules, building, curated, evaluation, keeping, rules, sssom
from katalod.linking.candidates import Ask, Proposal, propose
from katalod.linking.curated import Decision
from katalod.linking.dumps import READERS
from katalod.linking.gnd import identifier
from katalod.linking.names import personal
from katalod.linking.news import Used, news
from katalod.linking.online import Reconciliation
from katalod.model import Finding, Subject
from katalod.pipeline.partition import authority_path, links_path, loaded_authority
from katalod.rdf import slug
from katalod.settings import Settings

TITLES = 3  # of works that bear a keyword
RELATIONS = {
    "e": "exactMatch",
    "c": "closeMatch",
    "b": "broadMatch",
    "n": "narrowMatch",
    "r": "relatedMatch",
}
"""The first letters and what they decide; the words may be written out."""
DUMP = Limits(silence=120.0, whole=6 * 3600.0, size=20 << 30)

_ANSWER = re.compile(r"(?P<which>\S+)\s+(?P<relation>[a-z]+)\b[ :]*(?P<comment>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Desk:
    """What is needed to judge a keyword."""

    authority: Authority
    curated: Curated
    rules: Rules

    @property
    def state(self) -> str:
        """Name authority, decisions and rules as they are: what was found with the same is the same."""
        return f"{self.authority.digest[:16]}{self.curated.digest[:16]}{self.rules}"


@dataclass(frozen=True, slots=True)
class Question:
    """A keyword without a link, how many works use it, some of them, and what could be chosen."""

    keyword: Keyword
    proposal: Proposal
    titles: tuple[tuple[str, str], ...]  # path and title


def desk(settings: Settings) -> Desk:
    """Open authority, decisions and rules as they are now; AuthorityError where one cannot be used."""
    return Desk(Authority.open(authority_path(settings)), curated.read(links_path(settings)), rules(settings))


def open_keywords(edition: Edition, at: Desk) -> list[Keyword]:
    """List the keywords of a release that have no link and no decision, the most used first; no persons' names."""
    return [
        keyword
        for keyword in edition.keywords()
        if not keyword.linked and not personal(keyword.label) and not _decided(at.curated.about(keyword.label))
    ]


def _decided(decisions: tuple[Decision, ...]) -> bool:
    return any(not decision.excluded for decision in decisions)


def question(edition: Edition, at: Desk, keyword: Keyword, ask: Ask = lambda label: ()) -> Question:
    """Put a keyword as a question: its candidates, and works that bear it."""
    subject = Subject(keyword.label, keyword.lang)
    proposal = propose(subject, at.authority, at.curated, at.rules, ask) or Proposal(keyword.label, ())
    return Question(keyword, proposal, tuple(edition.works(keyword=keyword.iri, limit=TITLES)[1]))


class Review:
    """A session of questions: it knows what is open, and asks the reconciliation service where that is set."""

    def __init__(self, settings: Settings, edition: Edition, labels: tuple[str, ...] = ()) -> None:
        """Open authority and decisions; with labels, it is about these keywords and no others, decided or not.

        Raises AuthorityError for a label that is no keyword of the release.
        """
        at = desk(settings)
        known = {slug(keyword.label): keyword for keyword in edition.keywords()} if labels else {}
        for label in labels:
            if slug(label) not in known:
                raise AuthorityError(f"reviewing {label!r}: it is no keyword of release {edition.release.id}")
        self.desk = Desk(at.authority, Curated(), Rules(())) if labels else at
        self._keywords = [known[slug(label)] for label in labels] or open_keywords(edition, at)
        self._edition = edition
        cache = settings.home / "reconcile.sqlite"
        self._online = Reconciliation(settings.linking_service, cache, time.time()) if settings.linking_online else None

    def questions(self, limit: int = 0) -> Iterator[Question]:
        """Put one keyword after the other as a question; at most so many, 0 for all."""
        for keyword in islice(self._keywords, limit or None):
            yield question(self._edition, self.desk, keyword, self._online or _nobody)

    @property
    def note(self) -> str:
        """Say why the service was asked no further; empty where it was not, or where it answered."""
        return self._online.note if self._online else ""


def _nobody(label: str) -> tuple[tuple[str, str, float], ...]:
    return ()


def listed(asked: Question) -> dict[str, object]:
    """Give a question as a row for scripts."""
    return {
        "keyword": asked.keyword.iri,
        "label": asked.keyword.label,
        "works": asked.keyword.uses,
        "why": {"de": asked.proposal.de, "en": asked.proposal.en},
        "candidates": [
            {
                "gnd": candidate.concept.iri,
                "label": candidate.concept.label,
                "score": candidate.score,
                "found": candidate.why,
                "variants": candidate.concept.variants,
                "broader": candidate.broader,
            }
            for candidate in asked.proposal.candidates
        ],
        "examples": [{"path": path, "title": title} for path, title in asked.titles],
    }


def told(row: Mapping[str, object]) -> tuple[str, ...]:
    """Give a link, or an open keyword, as the cells of a line for people."""
    if "candidates" not in row:
        slots = ("subject_label", "predicate_id", "object_id", "object_label", "mapping_tool", "confidence")
        cells = (str(row.get(slot) or "") for slot in (*slots, "author_label"))
        return tuple(re.split(r"[#/]", cell)[-1] if cell.startswith("http") else cell for cell in cells)
    found = cast("list[dict[str, object]]", row["candidates"])
    among = "; ".join(f"{str(one['gnd']).rpartition('/')[2]} {one['label']} ({one['score']})" for one in found)
    return str(row["label"]), str(row["works"]), among


def evaluated(settings: Settings, gold: Path) -> evaluation.Evaluation:
    """Compare what the methods find with what cataloguers meant; AuthorityError for a table that cannot be used."""
    at = desk(settings)
    return evaluation.evaluate(evaluation.read(gold), at.authority, Curated(), at.rules)


def answered(text: str, asked: Question, authority: Authority, author: str, day: str) -> Decision | None:
    """Read an answer: `1 exact`, `2 c a comment`, `4077814-9 broad`, `no`; None to go on without a decision.

    Raises ValueError, with a message for the person, for what is none of these.
    """
    said = text.strip()
    if said.casefold() in ("", "s", "skip"):
        return None
    name, label = slug(asked.keyword.label), asked.keyword.label
    if found := re.fullmatch(r"(?:no|0|none)\b[ :]*(.*)", said, re.IGNORECASE | re.DOTALL):
        return Decision(name, label, "exactMatch", "", author=author, date=day, comment=found[1])
    match = _ANSWER.fullmatch(said)
    relation = RELATIONS.get(match["relation"][0]) if match else None
    words = {word: known for known in RELATIONS.values() for word in (known.removesuffix("Match"), known)}
    if not match or (match["relation"] not in words and len(match["relation"]) > 1) or relation is None:
        raise ValueError('say a number and e, c, b, n or r ("1 e"), a GND identifier ("4077814-9 b"), no, skip or quit')
    iri, heading = _chosen(match["which"], asked, authority)
    return Decision(name, label, relation, iri, heading, author=author, date=day, comment=match["comment"].strip())


def _chosen(which: str, asked: Question, authority: Authority) -> tuple[str, str]:
    candidates = asked.proposal.candidates
    if which.isdecimal() and 1 <= int(which) <= len(candidates):
        concept = candidates[int(which) - 1].concept
        return concept.iri, concept.label
    iri = identifier(which)
    if iri is None:
        raise ValueError(f"{which!r} is no candidate's number, and no GND identifier with a right check digit")
    known = authority.heading(authority.current(iri) or iri)
    if known is None:
        raise ValueError(f"{which} is not in the authority index")
    return known.iri, known.label


def keep(settings: Settings, decisions: Iterable[Decision]) -> Path:
    """Write decisions into the table that the next publish reads; gives its path."""
    own = Path(settings.linking_links) if settings.linking_links else settings.home / "links.sssom.tsv"
    seed = links_path(settings)
    keeping.keep(own, decisions, seed if seed.exists() else None)
    return own


def take_in(settings: Settings, table: Path) -> tuple[int, Curated]:
    """Take the decisions of a table into our own; gives how many, and the table with what was amiss in it.

    What a dispute suspends is not taken in.
    """
    found = curated.read(table)
    disputed = {finding.value for finding in found.findings if finding.field == "subject_label"}
    good = [decision for decision in found.decisions if decision.label not in disputed]
    if good:
        keep(settings, good)
    return len(good), found


def links_table(edition: Edition, title: str) -> Iterator[str]:
    """Give all links of a release as SSSOM, line by line, in the order of keywords and headings."""
    base = edition.release.base
    prefixes = dict(sssom.PREFIXES) | {"keyword": f"{base}id/keyword/"}
    metadata = {
        "mapping_set_id": f"{base}dumps/links.sssom.tsv",
        "mapping_set_title": title,
        "mapping_set_version": edition.release.id,
        "license": "http://creativecommons.org/publicdomain/zero/1.0/",
        "object_source": "gnd:",
        "object_source_version": edition.release.authority,
    }
    yield from (f"{line}\n" for line in sssom.head(metadata, prefixes))
    yield from sssom.rows((_short(row, prefixes) for row in edition.links()), sssom.MORE_COLUMNS)


def _short(row: dict[str, str], prefixes: dict[str, str]) -> dict[str, str]:
    """Write the IRIs of a row as CURIEs."""
    short = dict(row)
    for slot in ("subject_id", "predicate_id", "object_id", "mapping_justification"):
        for name, space in prefixes.items():
            if row.get(slot, "").startswith(space):
                short[slot] = f"{name}:{row[slot].removeprefix(space)}"
    return short


def questions_table(questions: Iterable[Question], title: str) -> Iterator[str]:
    """Give open keywords as an SSSOM table to be edited: a row a candidate, without a predicate until one is set.

    Rows without a predicate are passed over when the table is read.
    """
    yield from (f"{line}\n" for line in sssom.head(dict(keeping.METADATA) | {"mapping_set_title": title}))
    yield from sssom.rows(row for one in questions for row in _template(one))


def _template(asked: Question) -> Iterator[dict[str, str]]:
    name, label = slug(asked.keyword.label), asked.keyword.label
    for candidate in asked.proposal.candidates:
        concept = candidate.concept
        decision = Decision(name, label, "", concept.iri, concept.label, confidence=1.0)
        yield keeping.row_of(decision) | {"predicate_id": "", "comment": ""}
    none = Decision(name, label, "", "")
    yield keeping.row_of(none) | {"predicate_id": "", "comment": ""}


def load_authority(
    settings: Settings,
    sources: tuple[str, ...],
    version: str,
    progress: building.Progress,
    pause: Callable[[float], None] = time.sleep,
) -> building.Summary:
    """Build the authority index of the home from dumps, files or addresses, and say what it changes for our links.

    Until the new index is whole the former one serves. Raises AuthorityError or FetchError.
    """
    paths = tuple(_fetched(settings, one, progress, pause) if "://" in one else Path(one) for one in sources)
    used = tuple(used_headings(settings))

    def review(draft: Path) -> list[Finding]:
        with Authority.open(draft) as authority:
            return list(news(used, authority))

    return building.build(paths, loaded_authority(settings), version=version, progress=progress, review=review)


def used_headings(settings: Settings) -> Iterator[Used]:
    """Give the headings that the current release and the curated decisions lead to, as they were known."""
    path = links_path(settings)
    for decision in curated.read(path).decisions:
        if decision.iri:
            yield Used(decision.iri, decision.object_label, decision.label, path.name)
    try:
        with opened(settings) as edition:
            release = edition.release.id
            for row in edition.links():
                yield Used(row["object_id"], row.get("object_label", ""), row.get("subject_label", ""), release)
    except NoRelease:
        return


def _fetched(
    settings: Settings, url: str, progress: building.Progress, pause: Callable[[float], None]
) -> Path:
    """Fetch a dump into the home, a piece at a time; a former one stays until the new one is whole."""
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    if not re.fullmatch(r"\w[\w.+-]{0,200}", name) or not any(name.endswith((end, f"{end}.gz")) for end in READERS):
        raise AuthorityError(f"loading {url}: its name does not end in {', '.join(READERS)}, with or without .gz")
    folder = settings.home / "dumps"
    folder.mkdir(parents=True, exist_ok=True)
    draft, session = folder / f".{name}.draft", Session(DUMP)
    try:
        for attempt in range(1, DUMP.attempts + 1):
            if _streamed(session, url, draft, progress, last=attempt == DUMP.attempts):
                break
            pause(DUMP.pause * 2 ** (attempt - 1))
        draft.replace(folder / name)
    finally:
        session.close()
        draft.unlink(missing_ok=True)
    return folder / name


def _streamed(session: Session, url: str, draft: Path, progress: building.Progress, last: bool) -> bool:
    """Fetch a file once; False where it is worth another attempt, FetchError where it is not."""
    try:
        with session.open("GET", url) as stream, draft.open("wb") as file:
            if stream.status >= 400:
                raise FetchError(f"loading {url}: the answer is status {stream.status}", stream.status)
            size, told = stream.headers.get("content-length", ""), 0
            for chunk in stream:
                file.write(chunk)
                told += len(chunk)
                progress(f"fetching {url}", told, int(size) if size.isdecimal() else 0)
    except FetchError as error:
        if last or (error.status >= 400 and error.status not in BUSY):
            raise
        return False
    return True
