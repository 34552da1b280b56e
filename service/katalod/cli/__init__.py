"""The command line. Each command reads its words, calls one function, and says what came of it.

Exit codes: 0 done; 1 it could not be done, and the message says why (`check`: findings of severity
Violation); 2 the command line is not understood (`check`: the file cannot be read).
"""

from pathlib import Path

import click

from katalod import __version__
from katalod.cli.configuration import configuration
from katalod.cli.linking import gnd, links
from katalod.cli.records import check, follow, harvest, publish
from katalod.cli.releases import releases
from katalod.cli.searching import federate
from katalod.cli.serving import demo, query, serve
from katalod.cli.terminal import Commands, common


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@common
def main(home: Path | None, config: Path | None) -> None:
    """Publish a library's or repository's catalogue as linked open data."""


for command in (publish, harvest, follow, check, serve, demo, query, federate, releases, gnd, links, configuration):
    main.add_command(command)
