"""Links between machine and people: what is to be decided, decisions kept, all links as a table.

It joins the current release with the room of linking: the only place where the two meet on the read side.
"""

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import cast

from katalod.edition import Edition, Keyword
from katalod.errors import AuthorityError
from katalod.linking import Authority, Curated, Rules, curated, evaluation, keeping, rules, sssom
from katalod.linking.candidates import Ask, Proposal, propose
from katalod.linking.curated import Decision
from katalod.linking.gnd import identifier
from katalod.linking.names import personal
from katalod.linking.online import Reconciliation
from katalod.model import Subject
from katalod.pipeline.partition import authority_path, links_path
from katalod.rdf import slug
from katalod.search import Asked
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
    paths = authority_path(settings), links_path(settings)
    return _desk(settings, *((path, path.stat().st_mtime_ns if path.exists() else 0) for path in paths))


@lru_cache(2)
def _desk(settings: Settings, index: tuple[Path, int], links: tuple[Path, int]) -> Desk:
    """Open them once for as long as the files are the same."""
    return Desk(Authority.open(index[0]), curated.read(links[0]), rules(settings))


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
    _, hits = edition.index.find(Asked("", (("keyword", slug(keyword.label)),), "title"), TITLES)
    return Question(keyword, proposal, tuple((hit.path, hit.title) for hit in hits))


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
