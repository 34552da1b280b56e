"""Commands that search: federate."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from katalod.cli.terminal import as_json, common, say, settings_of

if TYPE_CHECKING:
    from katalod.federation import Answer, Place, Same


@click.command()
@click.argument("query")
@click.option("--with", "names", multiple=True, metavar="NAME", help="Ask this catalogue.  [default: all that are on]")
@click.option("--deadline", type=click.FloatRange(0.1, 60), help="Seconds for each.  [default: as the settings say]")
@click.option("--limit", type=click.IntRange(1, 50), default=10, show_default=True, help="Works of each.")
@click.option("--format", "format", type=click.Choice(["text", "json"]), default="text", help="For people or scripts.")
@as_json
@common
def federate(
    query: str,
    names: tuple[str, ...],
    deadline: float | None,
    limit: int,
    format: str,
    as_json: bool,
    home: Path | None,
    config: Path | None,
) -> None:
    """Search our catalogue and others side by side, and say what is the same work.

    Exit code 1 if nobody answered.
    """
    from katalod.federation import Federation
    from katalod.federation.together import search
    from katalod.settings.targets import ALL

    settings = settings_of(home, config)
    federation = Federation(settings.targets, readers=1)
    targets = federation.chosen(names or (ALL,))
    if deadline:
        targets = tuple(replace(target, deadline=deadline) for target in targets)
    answers, same = search(settings, federation, targets, query, limit)
    if not targets:
        say("no other catalogue is switched on; docs/federation.md says how to switch one on")
    click.echo(_rows(answers, same) if as_json or format == "json" else _told(answers, same))
    if not any(answer.state == "answered" for answer in answers):
        sys.exit(1)


def _rows(answers: "Sequence[Answer]", same: "Mapping[Place, Same]") -> str:
    works = {answer.target: answer.works for answer in answers}
    rows = [
        {"held": one.held, "at": [{"catalogue": name, **asdict(works[name][number])} for name, number in one.places]}
        for one in dict.fromkeys(same.values())
    ]
    catalogues = [{name: value for name, value in asdict(answer).items() if name != "works"} for answer in answers]
    return json.dumps({"catalogues": catalogues, "works": rows}, ensure_ascii=False)


def _told(answers: "Sequence[Answer]", same: "Mapping[Place, Same]") -> str:
    """Say who answered, and then each work once: ours first, then in the order of the catalogues."""
    lines = []
    for answer in answers:
        many = f"the first {len(answer.works)}" if answer.total is None else f"{answer.total:,} found"
        came = many if answer.state == "answered" else answer.why
        lines.append(f"{answer.target:<12} {answer.state:<12} {answer.seconds:5.1f} s  {came}".rstrip())
    works = {answer.target: answer.works for answer in answers}
    for one in dict.fromkeys(same.values()):
        places = [(name, works[name][number]) for name, number in one.places]
        first = places[0][1]
        by = " · ".join(filter(None, ("; ".join(first.people), first.year)))
        lines += ["", first.title, *([f"  {by}"] if by else [])]
        lines += [f"  {name}: {work.address or '–'}" for name, work in places]
        if one.held and places[0][0] != answers[0].target:
            lines.append(f"  {answers[0].target}: {', '.join(one.held)}")
    return "\n".join(lines)
