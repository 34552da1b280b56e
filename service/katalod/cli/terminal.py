"""What all commands share: their options, the settings, bars of progress, errors as messages."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from katalod.errors import KatalodError

if TYPE_CHECKING:  # imported by the commands that need them, so that --help stays fast
    from katalod.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for scripts.")


class Commands(click.Group):
    """A group whose commands end with a message and exit code 1 where the run cannot go on."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except KatalodError as error:
            raise click.ClickException(str(error)) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands in the order of use, each with the whole first sentence of its help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.get_short_help_str(1000)) for name, one in self.commands.items()])


def common(command: F) -> F:
    """Give a command the options that all of them take."""
    home = click.option("--home", type=click.Path(path_type=Path), help="Where everything is kept.  [default: ./var]")
    config = click.option("--config", type=click.Path(path_type=Path), help="Settings.  [default: katalod.toml]")
    return home(config(command))


def settings_of(home: Path | None, config: Path | None, **given: str | int | None) -> "Settings":
    """Read the settings for a command; options before the command's name count too."""
    from katalod import settings

    above = click.get_current_context().find_root().params
    return settings.load(config or above.get("config"), given={"home": home or above.get("home"), **given})


def say(text: str) -> None:
    """Tell the person something; what a script reads goes to standard output."""
    click.echo(text, err=True)


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar while work goes on and a person is watching; give the function that moves it."""
    if not sys.stderr.isatty():
        yield lambda doing, done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def watch(doing: str, done: int, total: int) -> None:
            if doing not in tasks:
                tasks[doing] = bars.add_task(doing, total=None)
            bars.update(tasks[doing], completed=done, total=total or None)

        yield watch
