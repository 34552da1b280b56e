"""Commands that show a release: serve, demo, query."""

import sys
from pathlib import Path

import click

from katalod.cli.records import told
from katalod.cli.terminal import as_json, common, progress, say, settings_of


@click.command()
@click.option("--host", help="Address to listen at.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen at.  [default: 8080]")
@common
def serve(host: str | None, port: int | None, home: Path | None, config: Path | None) -> None:
    """Serve the current release: pages, data, SPARQL."""
    from katalod.web import serving

    serving.serve(settings_of(home, config, server_host=host, server_port=port), say)


@click.command()
@click.option("--host", help="Address to listen at.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen at.  [default: 8080]")
@common
def demo(host: str | None, port: int | None, home: Path | None, config: Path | None) -> None:
    """Publish the record that ships with katalod, serve it, and name three links to try."""
    from katalod import pipeline
    from katalod.assets import asset
    from katalod.web import serving

    settings = settings_of(home, config, server_host=host, server_port=port)
    with progress() as watch:
        say(told(pipeline.publish(settings, (str(asset("data")),), watch)))
    serving.serve(settings, say, serving.links_to_try(settings, "difu/581658"))


@click.command()
@click.argument("query", metavar="SPARQL")
@click.option("--format", "format", default="table", help="table, json, csv, tsv, xml; for graphs turtle, ntriples.")
@click.option("--endpoint", metavar="URL", help="Ask a SPARQL endpoint instead of the release in the home.")
@as_json
@common
def query(query: str, format: str, endpoint: str | None, as_json: bool, home: Path | None, config: Path | None) -> None:
    """Ask the current release, or an endpoint elsewhere, a SPARQL query; - reads it from standard input."""
    from katalod import asking, catalogue

    text = sys.stdin.read() if query == "-" else query
    if endpoint:
        click.echo(asking.answered_by(endpoint, text, "json" if as_json else format), nl=False)
        return
    with catalogue.opened(settings_of(home, config)) as edition:
        click.echo(edition.ask(text, "json" if as_json else format), nl=False)
