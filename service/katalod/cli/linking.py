"""Commands about the authority file and the links to it: gnd, links."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from katalod.cli.terminal import Commands, as_json, common, progress, say, settings_of

if TYPE_CHECKING:
    from katalod.curation import Question


@click.group(cls=Commands)
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


@click.group(cls=Commands)
def links() -> None:
    """Look at the links of keywords to the GND, and decide on those that are not sure."""


@links.command("review")
@click.argument("keywords", nargs=-1, metavar="[KEYWORD]...")
@click.option("--author", default="", help="Who decides.  [default: git's user.name]")
@click.option("--limit", type=click.IntRange(0), default=0, help="At most so many keywords; 0: all.")
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
@click.option("--limit", type=click.IntRange(0), default=0, help="At most so many; 0: all.")
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
@click.option(
    "--limit", type=click.IntRange(0), default=100, show_default=True, help="With --open, at most so many keywords."
)
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
