"""Our own catalogue beside the others: its hits are an answer like theirs, and the first."""

import time
from collections.abc import Mapping, Sequence

from katalod.catalogue import opened
from katalod.edition import Edition
from katalod.errors import NoRelease
from katalod.federation.asking import Federation
from katalod.federation.same import Place, Same, identifiers, joined
from katalod.federation.values import Answer, State, Work
from katalod.rdf import work_iri
from katalod.search import Asked
from katalod.settings import Settings, Target
from katalod.settings.targets import OURS


def search(
    settings: Settings, federation: Federation, targets: Sequence[Target], text: str, limit: int
) -> tuple[tuple[Answer, ...], Mapping[Place, Same]]:
    """Search here and in targets; what is the same work is said for each place. Without a release, others answer."""
    others = federation.ask(targets, text, limit)
    try:
        with opened(settings) as edition:
            ours, held = _ours(edition, text, limit), edition.identity.bearing(identifiers(others))
    except NoRelease as none:
        ours, held = Answer(OURS, OURS, State.UNREACHABLE, str(none)), {}
    answers = (ours, *others)
    return answers, joined(answers, held)


def _ours(edition: Edition, text: str, limit: int) -> Answer:
    began = time.monotonic()
    total, hits = edition.index.find(Asked(text), limit)
    base = edition.release.base
    works = tuple(
        Work(hit.title, hit.people, str(hit.year or ""), work_iri(base, hit.path).value, edition.identity.of(hit.path))
        for hit in hits
    )
    return Answer(OURS, OURS, State.ANSWERED, "", round(time.monotonic() - began, 3), total, works)
