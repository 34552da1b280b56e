"""The command line. Each command reads its words, calls one function, and says what came of it.

Exit codes: 0 done; 1 it could not be done, and the message says why (`check`: findings of severity
Violation); 2 the command line is not understood (`check`: the file cannot be read).
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from katalod import __version__
from katalod.errors import KatalodError

if TYPE_CHECKING:  # imported by the commands that need them, so that --help stays fast
    from katalod.curation import Question
    from katalod.model import Release
    from katalod.pipeline import Published
    from katalod.pipeline.sources import Harvested
    from katalod.pipeline.standing import Standing
    from katalod.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])


class Commands(click.Group):
    """A group whose commands end with a message and exit code 1 where the run cannot go on."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except KatalodError as error:
            raise click.ClickException(str(error)) from error


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


as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for scripts.")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@common
def main(home: Path | None, config: Path | None) -> None:
    """Publish a library's or repository's catalogue as linked open data."""


@main.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--full", is_flag=True, help="Build from all records, not only from what changed.")
@as_json
@common
def publish(sources: tuple[str, ...], full: bool, as_json: bool, home: Path | None, config: Path | None) -> None:
    """Take files, folders, archives or - into the harvest memory, and release all that is in it.

    Without SOURCE the memory is released anew. Only what changed since the current release is built, unless
    mapping, shapes, authority or curated links changed too.
    """
    from katalod import pipeline

    with progress() as watch:
        published = pipeline.publish(settings_of(home, config), sources, watch, full)
    click.echo(json.dumps(_published(published)) if as_json else _told(published))
    taken = published.taken
    if taken.documents and taken.unreadable == taken.documents:
        raise click.ClickException("none of the files could be read; /quality/ and `katalod check FILE` say why")


@main.command()
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

    Ask again after any failure: it goes on where it stopped. Exit code 1 if a source could not be harvested.
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


@main.command()
@click.option("--every", default="1h", show_default=True, help="How often: 15m, 1h, 1d; sources may say otherwise.")
@click.option("--once", is_flag=True, help="One round, then end; exit code 1 if anything in it failed.")
@common
def follow(every: str, once: bool, home: Path | None, config: Path | None) -> None:
    """Harvest the sources of the settings and publish, again and again, until it is ended (SIGTERM)."""
    from katalod.pipeline import following
    from katalod.settings import duration

    settings = settings_of(home, config)
    last = following.follow(settings, duration(every, "--every") or 3600.0, click.echo, rounds=int(once))
    if once and last is not None and last.failed:
        sys.exit(1)


@main.command()
@click.option("--host", help="Address to listen at.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen at.  [default: 8080]")
@common
def serve(host: str | None, port: int | None, home: Path | None, config: Path | None) -> None:
    """Serve the current release: pages, data, SPARQL."""
    from katalod.web import serving

    serving.serve(settings_of(home, config, server_host=host, server_port=port), say)


@main.command()
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
        say(_told(pipeline.publish(settings, (str(asset("data")),), watch)))
    serving.serve(settings, say, serving.links_to_try(settings, "difu/581658"))


@main.command()
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


@main.command()
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


@main.group()
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


@main.group()
def gnd() -> None:
    """Load the authority file that keywords are linked to."""


@gnd.command("load")
@click.argument("sources", nargs=-1, required=True, metavar="FILE|URL...")
@click.option("--version", "version", default="", help="Version of the dump, where the file does not say it.")
@as_json
@common
def gnd_load(sources: tuple[str, ...], version: str, as_json: bool, home: Path | None, config: Path | None) -> None:
    """Build the index of the GND from dumps, which are fetched if they are addresses; the old one serves until then.

    DNB's Turtle (.ttl) and JSON-LD (.jsonld), lobid-gnd's JSON lines (.jsonl), each with .gz or without. Several
    are read into one index: subject headings first, then places and corporate bodies, by which names are told.
    """
    from katalod import renewal

    with progress() as watch:
        summary = renewal.load_authority(settings_of(home, config), sources, version, watch)
    row = {"headings": summary.headings, "variants": summary.variants, "refused": summary.refused}
    if as_json:
        news = [{"shape": one.shape, "keyword": one.value, "message": one.en} for one in summary.news]
        click.echo(json.dumps(row | {"version": summary.version, "news": news}))
        return
    for finding in (*summary.findings, *summary.news):
        say(f"{finding.severity} {finding.shape}: {finding.value} - {finding.en}")
    counts = ", ".join(f"{count} {name}" for name, count in row.items())
    click.echo(f"{', '.join(sources)}: {counts}; version {summary.version}. The next publish links against it.")


@main.group()
def links() -> None:
    """Look at the links of keywords to the GND, and decide on those that are not sure."""


@links.command("review")
@click.argument("keywords", nargs=-1, metavar="[KEYWORD]...")
@click.option("--author", default="", help="Who decides.  [default: git's user.name]")
@click.option("--limit", type=int, default=0, help="At most so many keywords; 0: all.")
@common
def links_review(keywords: tuple[str, ...], author: str, limit: int, home: Path | None, config: Path | None) -> None:
    """Decide on keywords without a link, the most used first; or on the KEYWORDs named, decided or not.

    Answers are lines: "1 exact" (or close, broad, narrow, related; the first letter is enough) for a candidate,
    "4077814-9 broad" for another heading, "no" for no heading, each with a reason behind it if you like; an
    empty line or "skip" to go on; "quit" to end. Every decision is kept at once.
    """
    from datetime import date

    from katalod import curation
    from katalod.catalogue import opened

    settings, who, kept = settings_of(home, config), author or _author(), 0
    with opened(settings) as edition:
        session = curation.Review(settings, edition, keywords)
        for question in session.questions(limit):
            _show(question)
            while (text := _line()) is not None:
                try:
                    decision = curation.answered(text, question, session.desk.authority, who, date.today().isoformat())
                except ValueError as error:
                    say(str(error))
                    continue
                if decision:
                    curation.keep(settings, [decision])
                    kept += 1
                break
            else:
                break
        if session.note:
            say(session.note)
    click.echo(f"{kept} decisions kept; the next publish applies them")


@links.command("list")
@click.option("--open", "undecided", is_flag=True, help="The keywords without a link instead, with candidates.")
@click.option("--limit", type=int, default=0, help="At most so many; 0: all.")
@as_json
@common
def links_list(undecided: bool, limit: int, as_json: bool, home: Path | None, config: Path | None) -> None:
    """List the links of the current release: keyword, relation, heading, method, confidence."""
    from itertools import islice

    from katalod import curation
    from katalod.catalogue import opened

    with opened(settings_of(home, config)) as edition:
        if undecided:
            session = curation.Review(settings_of(home, config), edition)
            rows: Iterator[dict[str, Any]] = (curation.listed(question) for question in session.questions(limit))
        else:
            rows = islice(edition.links(), limit or None)
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False) if as_json else "\t".join(curation.told(row)))


@links.command("export")
@click.option("--open", "undecided", is_flag=True, help="A table of the keywords without a link, to be edited.")
@click.option("--limit", type=int, default=100, show_default=True, help="With --open, at most so many keywords.")
@common
def links_export(undecided: bool, limit: int, home: Path | None, config: Path | None) -> None:
    """Write all links of the current release to standard output, as SSSOM."""
    from katalod import curation
    from katalod.catalogue import opened

    settings = settings_of(home, config)
    with opened(settings) as edition:
        if undecided:
            session = curation.Review(settings, edition)
            lines = curation.questions_table(session.questions(limit), settings.dataset_title_de)
        else:
            lines = curation.links_table(edition, settings.dataset_title_de)
        for line in lines:
            click.echo(line, nl=False)


@links.command("import")
@click.argument("table", type=click.Path(path_type=Path), metavar="FILE")
@common
def links_import(table: Path, home: Path | None, config: Path | None) -> None:
    """Take the decisions of an edited SSSOM table into our own; rows without a relation are passed over."""
    from katalod import curation

    count, found = curation.take_in(settings_of(home, config), table)
    for finding in found.findings:
        say(f"{table}: {finding.en}")
    click.echo(f"{count} decisions taken in; the next publish applies them")


@links.command("evaluate")
@click.argument("gold", type=click.Path(path_type=Path), metavar="GOLD")
@as_json
@common
def links_evaluate(gold: Path, as_json: bool, home: Path | None, config: Path | None) -> None:
    """Link the keywords of a table (record, label, gnd) and compare: precision, recall, coverage, errors by method.

    Curated decisions are not asked, so that the methods are measured.
    """
    from katalod import curation

    done = curation.evaluated(settings_of(home, config), gold)
    click.echo(json.dumps(done.as_row(), ensure_ascii=False) if as_json else done.as_text())


def _author() -> str:
    """Give the name that git knows the person by; empty where there is none."""
    import subprocess

    try:
        told = subprocess.run(["git", "config", "user.name"], capture_output=True, text=True, check=False, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return told.stdout.strip()


def _line() -> str | None:
    """Read an answer from the terminal or a script; None at its end, or to quit."""
    click.echo("> ", nl=False, err=True)
    text = sys.stdin.readline()
    return None if not text or text.strip().casefold() in ("q", "quit") else text


def _show(question: "Question") -> None:
    """Put a question on the terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console, asked = Console(stderr=True), question.proposal
    console.print(Text.assemble((f"\n{asked.label}", "bold"), f"  {question.keyword.uses} works  ", (asked.en, "dim")))
    for _, title in question.titles:
        console.print(Text(f"  · {title}", "dim"))
    table = Table("", "GND", "heading", "also", "broader", "score", box=None, pad_edge=False)
    for number, one in enumerate(asked.candidates, 1):
        variants, broader = "; ".join(one.concept.variants)[:80], "; ".join(one.broader)[:60]
        cells = (one.concept.iri.rpartition("/")[2], one.concept.label, variants, broader, f"{one.score:.2f}")
        table.add_row(*map(Text, (str(number), *cells)))
    console.print(table if asked.candidates else Text("  no candidate"))


@main.group("config")
def configuration() -> None:
    """Check and show the settings."""


@configuration.command("check")
@common
def config_check(home: Path | None, config: Path | None) -> None:
    """Say whether the settings can be used."""
    settings = settings_of(home, config)
    sources = ", ".join(source.name for source in settings.sources) or "none"
    click.echo(f"the settings can be used; the dataset's IRIs begin with {settings.base}; sources: {sources}")


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
    del row["sources"]
    for name, value in row.items():
        click.echo(f"{name.ljust(24)} {' '.join(value) if isinstance(value, tuple) else value}")
    for source in settings.sources:
        click.echo(f"{f'sources.{source.name}'.ljust(24)} {source.kind} {source.url}")


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


def _harvested(results: "Iterator[Harvested]", as_json: bool) -> None:
    """Say what each harvest came to as soon as it ends; exit code 1 if one did not come to its end."""
    from dataclasses import asdict

    failed = False
    for one in results:
        failed = failed or not one.ended_well
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


def _manifest(release: "Release") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(release) | {"counts": dict(release.counts), "digests": dict(release.digests)}


def _published(published: "Published") -> dict[str, Any]:
    from dataclasses import asdict

    row = {"release": published.release.id, "new": published.new, "built": published.built}
    row |= {"taken": asdict(published.taken)}
    return row | {"counts": dict(published.release.counts), "changes": dict(published.changes)}


def _told(published: "Published") -> str:
    release, counts = published.release, dict(published.release.counts)
    if not published.new:
        return f"nothing has changed; {release.id} stays the current release ({counts['works']} works)"
    changes = ", ".join(f"{count} {kind}" for kind, count in published.changes) or "no work changed"
    told = f"published release {release.id}: {counts['works']} works, {counts['triples']} statements, {changes}"
    findings = f"{counts['violations']} violations, {counts['warnings']} warnings, {counts['infos']} notes"
    return f"{told} (built {published.built})\n{counts['quarantined']} records held back; {findings} (see /quality/)"
