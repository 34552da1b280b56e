"""Which of the answers are one work: those that share an ISBN, a DOI or a URN, also by way of a third one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from katalod.federation.values import Answer, Work

Place = tuple[str, int]
"""The name of a target, and the place of a work in its answer."""


@dataclass(frozen=True, slots=True)
class Same:
    """One work, in all the answers that have it."""

    held: tuple[str, ...]  # paths of our own works, sorted
    places: tuple[Place, ...]  # in the order of the answers


def identifiers(answers: Sequence[Answer]) -> tuple[str, ...]:
    """Name all the identifiers that the answers hold, sorted."""
    return tuple(sorted({name for answer in answers for work in answer.works for name in work.identifiers}))


def joined(answers: Sequence[Answer], held: Mapping[str, Sequence[str]]) -> dict[Place, Same]:
    """Join what is the same work, for each place in the order of the answers; `held` names our works by identifier."""
    groups: dict[str, int] = {}  # identifier or path of ours -> group
    members: list[list[Place]] = []
    names: list[list[str]] = []
    for place, work in _placed(answers):
        keys = [*work.identifiers, *(path for name in work.identifiers for path in held.get(name, ()))]
        known = sorted({groups[key] for key in keys if key in groups})
        first = known[0] if known else len(members)
        if not known:
            members.append([])
            names.append([])
        for other in known[1:]:  # what this work shows to be one
            members[first] += members[other]
            names[first] += names[other]
            members[other], names[other] = [], []
        members[first].append(place)
        names[first] += keys
        groups |= dict.fromkeys(names[first], first)
    ours = {path for found in held.values() for path in found}
    order = {place: number for number, (place, _) in enumerate(_placed(answers))}
    same = [
        Same(tuple(sorted(ours.intersection(keys))), tuple(sorted(places, key=order.__getitem__)))
        for places, keys in zip(members, names, strict=True)
    ]
    found = {place: one for one in same for place in one.places}
    return {place: found[place] for place in order}


def _placed(answers: Sequence[Answer]) -> Iterator[tuple[Place, Work]]:
    for answer in answers:
        for number, work in enumerate(answer.works):
            yield (answer.target, number), work
