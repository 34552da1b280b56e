"""How fast others match their data with ours: batches of ten queries, in process, each asked once, cold.

    python benchmarks/reconciling.py HOME        a home with a release, such as one of benchmarks/synthetic.py

Titles are asked as they are, with a word bent and one left out, and with a person and the year beside them; keywords
and headings as they are and with a letter too many; people as they are and with the given name first. A tenth has no
type. The median and the 95th percentile of a batch, and of each kind of query.
"""

import argparse
import json
import os
import random
import statistics
import time
from pathlib import Path

from flask.testing import FlaskClient

from katalod import settings
from katalod.catalogue import Catalogue
from katalod.edition import Edition
from katalod.search import Asked
from katalod.web import create_app

BATCHES = 60
Query = dict[str, object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    made = settings.load(environ={}, given={"home": parser.parse_args().home})
    catalogue = Catalogue(made)
    client = create_app(made, catalogue).test_client()
    queries = asked(catalogue.edition(), BATCHES * 10)
    ask(client, [("work", {"query": "warm"})] * 10)
    print(
        f"{catalogue.edition().release.count('works')} works, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    tell("a batch of ten, mixed", [ask(client, queries[n : n + 10]) for n in range(0, len(queries), 10)])
    others = asked(catalogue.edition(), BATCHES * 20, seed=8)
    for kind in dict.fromkeys(kind for kind, _ in others):
        own = [one for one in others if one[0] == kind]
        tell(f"ten of {kind}", [ask(client, own[n : n + 10]) for n in range(0, len(own) - 9, 10)])


def tell(what: str, spent: list[tuple[float, float]]) -> None:
    wall, own = ([one[n] for one in spent] for n in (0, 1))
    told = f"median {statistics.median(wall):6.1f} ms, p95 {sorted(wall)[int(0.95 * len(wall))]:6.1f} ms"
    print(f"{what:26} {len(spent):3} batches, {told}; of our own processor time {statistics.median(own):5.1f} ms")


def ask(client: FlaskClient, batch: list[tuple[str, Query]]) -> tuple[float, float]:
    form = {"queries": json.dumps({f"q{n}": query for n, (_, query) in enumerate(batch)})}
    began, busy = time.perf_counter(), time.process_time()
    answer = client.post("/reconcile", data=form)
    spent = (time.perf_counter() - began) * 1000, (time.process_time() - busy) * 1000
    assert answer.status_code == 200, answer.text
    return spent


def asked(edition: Edition, number: int, seed: int = 7) -> list[tuple[str, Query]]:
    chance = random.Random(seed)
    people = edition.index.values("person", 1 << 20)
    labels = [keyword.label for keyword in edition.keywords()]
    hits = [hit for year in range(1960, 2026) for hit in edition.index.find(Asked("", (("year", str(year)),)), 50)[1]]
    found: list[tuple[str, Query]] = []
    for n in range(number):
        hit, label, name = chance.choice(hits), chance.choice(labels), chance.choice(people)[0]
        family, _, given = name.partition(", ")
        beside = [{"pid": "year", "v": str(hit.year)}, *({"pid": "creator", "v": one} for one in hit.people[:1])]
        found.append(
            (
                ("titles", {"query": hit.title, "type": "work", "type_strict": "should"}),
                ("titles with a slip", {"query": slipped(hit.title, chance), "type": "work"}),
                ("titles with properties", {"query": hit.title, "type": "work", "properties": beside}),
                ("slips with properties", {"query": slipped(hit.title, chance), "properties": beside, "type": "work"}),
                ("keywords", {"query": label, "type": "keyword"}),
                ("headings", {"query": label, "type": "heading"}),
                ("headings with a slip", {"query": f"{label}x", "type": "heading"}),
                ("people", {"query": name, "type": "person"}),
                ("people turned", {"query": f"{given} {family}", "type": "person"}),
                ("no type, limit 3", {"query": chance.choice((hit.title, label, name)), "limit": 3}),
            )[n % 10]
        )
    return found


def slipped(title: str, chance: random.Random) -> str:
    """Bend a word and leave one out, as happens when one types."""
    words = title.split()
    at = chance.randrange(len(words))
    words[at] = words[at][:-1] + "e"
    return " ".join(words[: at - 1] + words[at:] if at else words)


if __name__ == "__main__":
    main()
