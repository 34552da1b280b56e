"""Searching 100,000 works: building the index, searches with facets, suggestions.

    python benchmarks/search.py [--works 100000] [--json FILE]

The works are made up, from one seed: titles and abstracts whose words are as unevenly frequent as in a real
catalogue (Zipf), a third of them German compounds; five keywords, up to three headings with what is above
them, one to three people. Every search is asked once, cold, as a stranger would; its time is that of hits,
facets and years together.
"""

import argparse
import json
import multiprocessing
import os
import pickle
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import katalod.search
from katalod.search import Asked, Entry, Heading, Index, Rows, Writer, laid_out

PARTS = (Path(katalod.search.__file__).parent / "parts.txt").read_text().split()
BATCH = 200
VOWELS, CONSONANTS = "aeiou", "bdfghklmnprstwz"


class Maker:
    """Makes works, always the same."""

    def __init__(self, works: int) -> None:
        self.chance = random.Random(6)
        self.works = works
        self.vocabulary = [self._word() for _ in range(120_000)]
        self.headings = [
            Heading(f"4{n:06d}-1", self._word(), (self._word(),), tuple(f"4{n % m:06d}-1" for m in (900, 60, 7)))
            for n in range(12_000)
        ]
        self.people = [f"{self._word().capitalize()}, {self._word()[:6].capitalize()}" for _ in range(60_000)]
        self.weights = [0.0]
        for rank in range(1, len(self.vocabulary) + 1):
            self.weights.append(self.weights[-1] + 1 / (rank + 2.7))

    def _word(self) -> str:
        if self.chance.random() < 0.33:
            return self.chance.choice(PARTS) + self.chance.choice(("", "s")) + self.chance.choice(PARTS)
        return "".join(
            self.chance.choice(CONSONANTS) + self.chance.choice(VOWELS) for _ in range(self.chance.randint(2, 4))
        ) + self.chance.choice(("", "n", "s", "ung"))

    def text(self, length: int) -> list[str]:
        return self.chance.choices(self.vocabulary, cum_weights=self.weights[1:], k=length)

    def uneven(self, things: list) -> object:
        return things[int(len(things) * self.chance.random() ** 3)]

    def entries(self) -> Iterator[Entry]:
        for n in range(self.works):
            title = " ".join(self.text(self.chance.randint(4, 12))).capitalize()
            labels = [self.uneven(self.vocabulary) for _ in range(5)]
            yield Entry(
                f"difu/{500_000 + n}", title, (), ((" ".join(self.text(self.chance.randint(60, 180))), "de"),),
                tuple({self.uneven(self.people) for _ in range(self.chance.randint(1, 3))}),
                tuple({label: label.capitalize() for label in labels}.items()),
                tuple({self.uneven(self.headings) for _ in range(self.chance.randint(0, 3))}),
                2026 - int(60 * self.chance.random() ** 2), (f"coar:c_{int(9 * self.chance.random() ** 2)}",),
                ("Bericht",), ("ger" if self.chance.random() < 0.7 else "eng",), "difu", (f"97838811{n:05d}",),
            )  # fmt: skip

    def asked_for(self, length: int) -> list[str]:
        """Words that people search for: none of the forty most frequent, which are those that say nothing."""
        dull = set(self.vocabulary[:40])
        return [word for word in self.text(length + 40) if word not in dull][:length]

    def questions(self, number: int) -> list[Asked]:
        asked = []
        for n in range(number):
            text = " ".join(self.asked_for(1 + n % 3))
            if n % 7 == 0:
                text = f'"{text}"'
            if n % 11 == 0:
                text = self.asked_for(1)[0][:5] + "*"
            filters = ((), (("year", "2000-2020"),), (("heading", f"4{n % 60:06d}-1"),))[n % 3]
            asked.append(Asked(text if n % 50 else "", filters, ("relevance", "relevance", "year", "title")[n % 4]))
        return asked


def build(folder: Path, batches: list[bytes]) -> tuple[float, float]:
    """Build an index as a publish does: processes lay entries out, one takes them in; wall and CPU seconds."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(lay_out, batches[:4])  # they are up, and have read the list of parts
        began, cpu = time.perf_counter(), sum(os.times()[:4])
        writer = Writer(folder)
        for rows in pool.imap(lay_out, batches):
            writer.take(rows)
        pool.close()
        pool.join()
    writer.finish()
    return time.perf_counter() - began, sum(os.times()[:4]) - cpu


def lay_out(batch: bytes) -> list[Rows]:
    return [laid_out(entry) for entry in pickle.loads(batch)]


def timed(ask: Callable[[object], object], questions: list) -> dict[str, float]:
    spent = []
    for question in questions:
        began = time.perf_counter()
        ask(question)
        spent.append((time.perf_counter() - began) * 1000)
    ranked = sorted(spent)
    return {
        "median_ms": round(statistics.median(ranked), 2),
        "p95_ms": round(ranked[int(0.95 * len(ranked))], 2),
        "max_ms": round(ranked[-1], 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--works", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    maker = Maker(options.works)
    made = maker.entries()
    batches = list(iter(lambda: pickle.dumps(list(islice(made, BATCH))), pickle.dumps([])))
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room) / "index"
        wall, cpu = build(folder, batches)
        index = Index(folder)

        def search(asked: Asked) -> None:
            index.find(asked, 25)
            index.facets(asked)
            index.years(asked)

        typed = [word[:length] for word in maker.asked_for(150) for length in range(1, min(len(word), 8))]
        result = {
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
            "works": options.works,
            "index": {
                "works_per_second": round(options.works / wall),
                "seconds": round(wall, 1),
                "cpu_seconds": round(cpu, 1),
                "megabytes": round(sum(file.stat().st_size for file in folder.iterdir()) / 1e6),
            },
            "search": timed(search, maker.questions(1000)),
            "suggest": timed(index.suggest, list(dict.fromkeys(typed))),
        }  # fmt: skip
    print(json.dumps(result, indent=1))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
