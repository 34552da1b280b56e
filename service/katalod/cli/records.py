"""Commands that take records in and release them: publish, harvest, follow, check."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from katalod.cli.terminal import as_json, common, progress, say, settings_of
from katalod.errors import KatalodError

if TYPE_CHECKING:
    from katalod.pipeline import Published
    from katalod.pipeline.sources import Harvested
    from katalod.pipeline.standing import Standing


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--full", is_flag=True, help="Build from all records, not only from what changed.")
@as_json
@common
def publish(sources: tuple[str, ...], full: bool, as_json: bool, home: Path | None, config: Path | None) -> None:
    """Take files, folders, archives or - into the harvest memory, and release all that is in it.

    Without SOURCE the memory is released anew. Only what changed since the current release is built, unless
    mapping, shapes, authority or curated links changed too.
    """
    from katalod import forking

    forking.begun()  # it and this process import the same for 0.3 s: side by side
    from katalod import pipeline

    with progress() as watch:
        published = pipeline.publish(settings_of(home, config), sources, watch, full)
    click.echo(json.dumps(_row(published)) if as_json else told(published))
    if not sources and not published.release.count("works"):
        say("no record of the memory could be published; give files, or harvest first: katalod harvest URL")
    taken = published.taken
    if sources and not (taken.records or taken.deletions or taken.unreadable):
        say(f"no record was found in {', '.join(sources)}; docs/commands.md names the files that are read")
    if taken.documents and taken.unreadable == taken.documents:
        raise click.ClickException("none of the files could be read; /quality/ and `katalod check FILE` say why")


@click.command()
@click.argument("source", default="", metavar="[URL|NAME|FOLDER]")
@click.option("--format", "form", default="", help="OAI-PMH format: dim, xoai, oai_dc.  [default: the best offered]")
@click.option("--set", "chosen_set", default="", help="Only records of this OAI-PMH set.")
@click.option("--from", "since", default="", help="Only what changed from this day or moment on (UTC).")
@click.option("--until", default="", help="Only what changed until this day or moment (UTC).")
@click.option("--name", default="", help="Name of the source.  [default: its address and set]")
@click.option("--dspace", is_flag=True, help="The URL is of DSpace's REST interface (7 or later).")
@click.option("--reconcile", is_flag=True, help="Compare the full list, and delete what is no longer in it.")
@click.option("--full", is_flag=True, help="Ask for everything anew, whatever is known.")
@click.option("--status", is_flag=True, help="Say how each source stands; exit code 1 if anything is missing.")
@click.option("--list", "listing", is_flag=True, help="List the records of the memory, one a line.")
@as_json
@common
def harvest(
    source: str, status: bool, listing: bool, as_json: bool, home: Path | None, config: Path | None, **asked: Any
) -> None:
    """Harvest a repository or a folder into the memory, or all sources of the settings; nothing is published.

    Ask again after any failure: it goes on where it stopped. Exit code 1 if anything of a source is missing, as with
    --status.
    """
    from katalod.pipeline import sources, standing

    settings = settings_of(home, config)
    if status:
        _standings(standing.standings(settings, source), as_json)
    elif listing:
        for row in sources.listing(settings, source):
            click.echo(json.dumps(row, ensure_ascii=False) if as_json else "\t".join(map(str, row.values())))
    else:
        with progress() as watch:
            _harvested(sources.harvest_all(settings, sources.Asked(source, **asked), watch), as_json)


@click.command()
@click.option("--every", default="1h", show_default=True, help="How often: 15m, 1h, 1d; sources may say otherwise.")
@click.option("--once", is_flag=True, help="One round, then end; exit code 1 if anything in it failed or is missing.")
@common
def follow(every: str, once: bool, home: Path | None, config: Path | None) -> None:
    """Harvest the sources of the settings and publish, again and again, until it is ended (SIGTERM)."""
    from katalod.pipeline import following
    from katalod.settings import duration

    settings = settings_of(home, config)
    last = following.follow(settings, duration(every, "--every") or 3600.0, click.echo, rounds=int(once))
    if once and last is not None and last.failed:
        sys.exit(1)


@click.command()
@click.argument("file", metavar="FILE")
@as_json
@common
def check(file: str, as_json: bool, home: Path | None, config: Path | None) -> None:
    """Print the Turtle of the records in FILE and what is amiss with them; nothing is published.

    Exit codes: 0 nothing that keeps a record out, 1 findings of severity Violation, 2 unreadable.
    """
    from katalod.pipeline import checking

    try:
        checked = checking.check_file(settings_of(home, config), file)
    except KatalodError as error:
        say(f"Error: {error}")
        sys.exit(2)
    click.echo(checked.as_json() if as_json else checked.as_turtle(), nl=False)
    sys.exit(checked.exit_code)


def _harvested(results: "Iterator[Harvested]", as_json: bool) -> None:
    """Say what each harvest came to as soon as it ends; exit code 1 if anything is missing."""
    from dataclasses import asdict

    failed = False
    for one in results:
        failed = failed or not one.whole
        if as_json:
            click.echo(json.dumps(asdict(one), ensure_ascii=False))
            continue
        if one.said:
            say(f"{one.source}: {one.said}")
        for remark in one.remarks:
            say(f"{one.source}: {remark}")
        click.echo(str(one))
    if failed:
        sys.exit(1)


def _standings(standings: "list[Standing]", as_json: bool) -> None:
    """Say how sources stand; exit code 1 if anything is missing."""
    if as_json:
        click.echo(json.dumps([standing.row() for standing in standings], ensure_ascii=False))
    for standing in standings if not as_json else ():
        click.echo("\n".join(standing.lines()))
    if not standings:
        say("nothing was harvested yet; name sources in katalod.toml, or harvest an address: katalod harvest URL")
    if not all(standing.whole for standing in standings):
        sys.exit(1)


def told(published: "Published") -> str:
    """Say what a publish came to."""
    release, counts = published.release, dict(published.release.counts)
    if not published.new:
        return f"nothing has changed; {release.id} stays the current release ({counts['works']} works)"
    changes = ", ".join(f"{count} {kind}" for kind, count in published.changes) or "no work changed"
    told = f"published release {release.id}: {counts['works']} works, {counts['triples']} statements, {changes}"
    findings = f"{counts['violations']} violations, {counts['warnings']} warnings, {counts['infos']} notes"
    return f"{told} (built {published.built})\n{counts['quarantined']} records held back; {findings} (see /quality/)"


def _row(published: "Published") -> dict[str, Any]:
    from dataclasses import asdict

    row = {"release": published.release.id, "new": published.new, "built": published.built}
    row |= {"taken": asdict(published.taken)}
    return row | {"counts": dict(published.release.counts), "changes": dict(published.changes)}
