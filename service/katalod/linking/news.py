"""What a newer authority changes for the links that we have: headings renamed, merged or redirected, vanished."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from katalod.linking.authority import Authority
from katalod.linking.gnd import local
from katalod.linking.labels import spelled
from katalod.model import Finding, Severity


@dataclass(frozen=True, slots=True)
class Used:
    """A heading that we link to, as we know it, and a keyword that leads there."""

    iri: str
    label: str
    keyword: str
    origin: str  # "release" or the file of the curated links


def news(used: Iterable[Used], authority: Authority) -> Iterator[Finding]:
    """Say of each heading that we link to what has become of it; nothing where it is as it was."""
    told: set[tuple[str, str]] = set()
    for one in sorted(used, key=lambda one: (one.iri, one.keyword, one.origin)):
        if (one.iri, one.keyword) in told:
            continue
        told.add((one.iri, one.keyword))
        now = authority.current(one.iri)
        concept = authority.heading(now) if now else None
        number, known = local(one.iri), one.label or one.keyword
        if concept is None:
            yield _finding(
                one, "heading-vanished", Severity.WARNING,
                f"Die Ansetzung {number} „{known}“ ist nicht mehr in der Normdatei",
                f'the heading {number} "{known}" is no longer in the authority file',
            )  # fmt: skip
        elif concept.iri != one.iri:
            yield _finding(
                one, "heading-moved", Severity.WARNING,
                f"Die Ansetzung {number} „{known}“ heißt jetzt {local(concept.iri)} „{concept.label}“",
                f'the heading {number} "{known}" is now {local(concept.iri)} "{concept.label}"',
            )  # fmt: skip
        elif one.label and spelled(one.label) != spelled(concept.label):
            yield _finding(
                one, "heading-renamed", Severity.INFO,
                f"Die Ansetzung {number} „{known}“ wurde in „{concept.label}“ umbenannt",
                f'the heading {number} "{known}" was renamed "{concept.label}"',
            )  # fmt: skip


def _finding(one: Used, shape: str, severity: Severity, de: str, en: str) -> Finding:
    return Finding(
        severity, shape, "links", one.keyword,
        f"{de}; bitte die Verknüpfung des Schlagworts „{one.keyword}“ prüfen.",
        f'{en}; please check the link of the keyword "{one.keyword}".',
        origin=one.origin, identifier=one.iri,
    )  # fmt: skip
