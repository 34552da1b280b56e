"""Commands about releases: list, show, diff, rollback, prune, files."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from katalod.cli.terminal import Commands, as_json, common, say, settings_of

if TYPE_CHECKING:
    from katalod.model import Release


@click.group(cls=Commands)
def releases() -> None:
    """List, show, compare, roll back and prune releases."""


@releases.command("list")
@as_json
@common
def releases_list(as_json: bool, home: Path | None, config: Path | None) -> None:
    """List the releases, the newest first; * marks the current one."""
    from katalod import releases as archive

    settings = settings_of(home, config)
    found = archive.listing(settings.home)
    now = archive.current(settings.home) if found else ""
    if as_json:
        click.echo(json.dumps([_manifest(release) | {"current": release.id == now} for release in found]))
        return
    for release in found:
        mark = "*" if release.id == now else " "
        click.echo(f"{mark} {release.id}  {release.created}  {release.count('works')} works")
    if not found:
        say(f"nothing is published in {settings.home} yet; publish records with `katalod publish SOURCE`")


@releases.command("show")
@click.argument("release", default="")
@as_json
@common
def releases_show(release: str, as_json: bool, home: Path | None, config: Path | None) -> None:
    """Show what a release holds and what it was made from; by default the current one."""
    from katalod import releases as archive

    row = _manifest(archive.find(settings_of(home, config).home, release))
    if as_json:
        click.echo(json.dumps(row))
        return
    for name, value in row.items():
        for inner, content in value.items() if isinstance(value, dict) else [("", value)]:
            click.echo(f"{name} {inner}".strip().ljust(22) + f" {content}")


@releases.command("diff")
@click.argument("before")
@click.argument("after")
@click.option("--patch", is_flag=True, help="As an RDF Patch, a line a quad.")
@as_json
@common
def releases_diff(before: str, after: str, patch: bool, as_json: bool, home: Path | None, config: Path | None) -> None:
    """Say which works were created, updated and deleted from release BEFORE to AFTER."""
    from dataclasses import asdict

    from katalod import releases as archive

    folder = settings_of(home, config).home
    if patch:
        for line in archive.patch(folder, before, after):
            click.echo(line, nl=False)
        return
    changes = archive.changes(folder, before, after)
    if as_json:
        click.echo(json.dumps([asdict(change) for change in changes]))
        return
    for change in changes:
        click.echo(f"{change.kind}  {change.path}  {change.title}")
    say(f"{len(changes)} works differ between {before} and {after}")


@releases.command("rollback")
@click.argument("release", default="")
@common
def releases_rollback(release: str, home: Path | None, config: Path | None) -> None:
    """Make an earlier release the current one; by default the one before the current."""
    from katalod import releases as archive

    click.echo(f"{archive.rollback(settings_of(home, config).home, release).id} is current")


@releases.command("prune")
@click.option("--keep", type=int, default=5, show_default=True, help="How many of the newest to keep.")
@common
def releases_prune(keep: int, home: Path | None, config: Path | None) -> None:
    """Remove old releases; the current one always stays."""
    from katalod import releases as archive

    removed = archive.prune(settings_of(home, config).home, keep)
    click.echo(f"{len(removed)} releases removed" + (": " + ", ".join(removed) if removed else ""))


@releases.command("files")
@click.argument("release", default="")
@common
def releases_files(release: str, home: Path | None, config: Path | None) -> None:
    """Make the files of a release that are else made when first asked for; by default of the current one."""
    from katalod import dumps
    from katalod import releases as archive

    place = settings_of(home, config).home
    found = archive.find(place, release)
    for kind in dumps.KINDS:
        if found.former or not kind.delta:
            made = dumps.make(place, found.id, kind.name)
            click.echo(f"{made.sha256}  {made.path}")


def _manifest(release: "Release") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(release) | {"counts": dict(release.counts), "digests": dict(release.digests)}
