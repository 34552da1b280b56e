"""What is not sure: for a keyword without a link, the headings that people may choose from, with scores."""

from collections.abc import Callable
from dataclasses import dataclass

from katalod.linking.authority import Authority, Hit
from katalod.linking.curated import Curated
from katalod.linking.labels import clean, normal
from katalod.linking.matching import decide
from katalod.linking.names import personal
from katalod.linking.rules import DEFAULT, Rules
from katalod.model import Concept, Subject

MOST = 5
HELD, LIKE, ELSEWHERE = 0.85, 0.75, 0.7
"""What a perfect likeness of names is worth: found by a method and held back, alike only, found by others."""
ALIKE = 78.0  # per cent of a key that must be the same, for a name to be worth a look

Ask = Callable[[str], tuple[tuple[str, str, float], ...]]
"""Asks somebody else for headings: identifier, name, and a score from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A heading that may be meant, and what speaks for it."""

    concept: Concept
    score: float  # 0 to 1; below the confidence of any link
    why: str  # held, alike, online
    broader: tuple[str, ...] = ()  # the names of the broader headings


@dataclass(frozen=True, slots=True)
class Proposal:
    """A keyword that has no link, why, and what could be chosen."""

    label: str
    candidates: tuple[Candidate, ...]
    de: str = ""
    en: str = ""


def propose(
    subject: Subject, authority: Authority, curated: Curated, rules: Rules = DEFAULT, ask: Ask = lambda label: ()
) -> Proposal | None:
    """Give the headings that a keyword may stand for, the likeliest first.

    None for a keyword that is linked or decided on, and for a person's name: there is nothing to choose.
    """
    label = clean(subject.label)
    links, held = decide(subject, authority, curated, rules)
    decided = any(not decision.excluded for decision in curated.about(label))
    if links or decided or not label or (personal(label) and not held):
        return None
    refused = {decision.iri for decision in curated.about(label)}
    found: dict[str, Candidate] = {}
    for reason in held:
        for hit in reason.hits:
            _offer(found, authority, hit, HELD * _likeness(label, hit.name), "held")
    for hit, likeness in _alike(label, authority):
        _offer(found, authority, hit, LIKE * likeness, "alike")
    for iri, name, score in ask(label):
        concept = authority.heading(authority.current(iri) or iri) or Concept(iri, name)
        _keep(found, authority, Candidate(concept, round(ELSEWHERE * score, 2), "online"))
    ranked = sorted(found.values(), key=lambda candidate: (-candidate.score, candidate.concept.iri))
    chosen = tuple(candidate for candidate in ranked if candidate.concept.iri not in refused)[:MOST]
    return Proposal(label, chosen, held[-1].de if held else "", held[-1].en if held else "")


def _offer(found: dict[str, Candidate], authority: Authority, hit: Hit, score: float, why: str) -> None:
    concept = authority.heading(hit.iri) or Concept(hit.iri, hit.label)
    _keep(found, authority, Candidate(concept, round(score, 2), why))


def _keep(found: dict[str, Candidate], authority: Authority, candidate: Candidate) -> None:
    """Keep the better of two candidates for one heading."""
    former = found.get(candidate.concept.iri)
    if former is None or former.score < candidate.score:
        names = authority.labels(candidate.concept.broader)
        broader = tuple(names[iri] for iri in candidate.concept.broader if iri in names)
        found[candidate.concept.iri] = Candidate(candidate.concept, candidate.score, candidate.why, broader)


def _likeness(label: str, name: str) -> float:
    from rapidfuzz import fuzz

    return float(fuzz.ratio(normal(label), normal(name))) / 100


def _alike(label: str, authority: Authority) -> list[tuple[Hit, float]]:
    """Give subject headings with a name that is written much like the label."""
    from rapidfuzz import fuzz, process  # compiled code: not loaded by those who only link

    keys = authority.resembling(label)
    best = process.extract(normal(label), keys, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=MOST)
    hits = [(hit, score / 100) for key, score, _ in best for hit in authority.bearing(key)]
    return [(hit, score) for hit, score in hits if hit.kind == "subject" and not hit.english]
