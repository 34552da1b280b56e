"""What there is stands in the documentation: settings, commands, options, formats, shapes, routes."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest

from katalod.catalogue import Catalogue
from katalod.cli import main
from katalod.formats import FORMATS
from katalod.settings import Settings
from katalod.web import create_app

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


ADDRESSES = re.compile(r"/(?:favicon\.\w+|static/.*|logo|index\.<suffix>|id/(?:keywords)?)")  # of the pages themselves


def test_every_address_is_documented(tmp_path: Path) -> None:
    """Each route stands in the page, as itself or by the folder that it lies in."""
    settings = Settings(home=tmp_path)
    page = (DOCS / "interfaces.md").read_text("utf-8")
    for rule in create_app(settings, Catalogue(settings)).url_map.iter_rules():
        first = rule.rule.strip("/").partition("/")[0].partition(".<")[0]
        names = re.findall(r"\w+", first) if first.startswith("<any") else [first]
        for name in names if not ADDRESSES.fullmatch(rule.rule) else ():
            assert f"`/{name}" in page or name in ("any", "name"), f"docs/interfaces.md says nothing of {rule.rule}"


def anchors(page: Path) -> set[str]:
    """The fragments that a page's headings get."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_every_link_between_pages_resolves() -> None:
    root = DOCS.parent
    pages = (*DOCS.rglob("*.md"), *root.glob("*.md"), root / "benchmarks" / "README.md", root / "data" / "README.md")
    for page in pages:
        for target, fragment in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)", page.read_text("utf-8")):
            if "://" in target or target.startswith("mailto:"):
                continue
            found = page.parent / target if target else page
            assert found.exists(), f"{page.name} links to {target}, which is not there"
            assert not fragment or fragment in anchors(found), (
                f"{page.name} links to {target}#{fragment}: no such heading"
            )


def test_decisions_are_numbered_once() -> None:
    pages = sorted((DOCS / "decisions").glob("*.md"))
    assert len({page.name[:4] for page in pages}) == len(pages)
    for page in pages:
        assert page.read_text("utf-8").startswith(f"# {int(page.name[:4])}. "), page.name
