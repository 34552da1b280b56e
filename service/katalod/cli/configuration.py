"""Commands about the settings: check, show."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from katalod.cli.terminal import Commands, as_json, common, settings_of

if TYPE_CHECKING:
    from katalod.settings import Settings


@click.group("config", cls=Commands)
def configuration() -> None:
    """Check and show the settings."""


@configuration.command("check")
@common
def config_check(home: Path | None, config: Path | None) -> None:
    """Say whether the settings can be used, with the files that they name."""
    settings = settings_of(home, config)
    _tried(settings)
    sources = ", ".join(source.name for source in settings.sources) or "none"
    click.echo(f"the settings can be used; the dataset's IRIs begin with {settings.base}; sources: {sources}")


def _tried(settings: "Settings") -> None:
    """Read what publish and serve read first, so that neither stops later; raises KatalodError."""
    from katalod import linking
    from katalod.catalogue import Catalogue
    from katalod.linking import curated
    from katalod.pipeline.partition import links_path
    from katalod.store import engine_of
    from katalod.web import create_app

    linking.rules(settings)
    curated.read(links_path(settings))
    engine_of(settings)
    create_app(settings, Catalogue(settings))


@configuration.command("show")
@as_json
@common
def config_show(as_json: bool, home: Path | None, config: Path | None) -> None:
    """Show every setting as it stands."""
    from dataclasses import asdict

    settings = settings_of(home, config)
    row = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(settings).items()}
    if as_json:
        click.echo(json.dumps(row))
        return
    del row["sources"], row["targets"]
    for name, value in row.items():
        click.echo(f"{name.ljust(24)} {' '.join(value) if isinstance(value, tuple) else value}")
    for source in settings.sources:
        click.echo(f"{f'sources.{source.name}'.ljust(24)} {source.kind} {source.url}")
    for target in settings.targets:
        click.echo(f"{f'targets.{target.name}'.ljust(24)} {'on' if target.on else 'off'} {target.kind} {target.url}")
