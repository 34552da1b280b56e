"""What there is stands in the documentation: settings, commands, options, formats, shapes, routes."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest

from katalod.cli import main
from katalod.formats import FORMATS
from katalod.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


def commands(group: click.Group, words: str = "katalod") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{words} {name}")
        else:
            yield f"{words} {name}", command


@pytest.mark.parametrize("name", [f.name for f in fields(Settings)])
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in (DOCS / "settings.md").read_text("utf-8"), f"docs/settings.md says nothing of {name}"


@pytest.mark.parametrize(("words", "command"), list(commands(main)))
def test_every_command_and_option_is_documented(words: str, command: click.Command) -> None:
    page = (DOCS / "commands.md").read_text("utf-8")
    assert f"`{words}" in page, f"docs/commands.md says nothing of {words}"
    for option in command.params:
        for flag in option.opts:
            if flag.startswith("--"):
                assert f"`{flag}" in page or f"{flag} " in page, f"docs/commands.md says nothing of {flag}"


@pytest.mark.parametrize("format", FORMATS, ids=lambda row: row.name)
def test_every_format_is_documented(format: object) -> None:
    page = (DOCS / "interfaces.md").read_text("utf-8")
    assert getattr(format, "media") in page  # noqa: B009
    assert f".{getattr(format, 'suffix')}" in page  # noqa: B009


def test_every_link_between_pages_resolves() -> None:
    import re

    for page in (*DOCS.rglob("*.md"), DOCS.parent / "README.md", DOCS.parent / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
            if "://" not in target and not target.startswith("mailto:"):
                assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"
