"""Linking measured: a large authority (time and memory of loading, opening, look-up), records, candidates.

    python benchmarks/linking.py [--headings 500000] [DUMP [PAGE...]]

Without DUMP and PAGEs, both are made: headings of random syllables, and records that bear some of them.
"""

import argparse
import gzip
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from katalod.linking import Authority, Curated, authority, link
from katalod.linking.candidates import propose
from katalod.model import Record, Subject

GND = "https://d-nb.info/gnd/"
GNDO = "https://d-nb.info/standards/elementset/gnd#"
_SYLLABLES = "wohn ung markt stadt recht bau land kraft werk stoff zeit raum feld bild schul e n er lich heit kunst"
SYLLABLES = _SYLLABLES.split()


def dump(path: Path, headings: int) -> list[str]:
    """Write a dump of so many headings, with two variants and a broader heading each; gives their names."""
    chance, labels, former = random.Random(1), [], ""
    number = 4_000_000
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        file.write("[")
        while len(labels) < headings:
            number += 1
            check = sum(int(d) * w for w, d in enumerate(reversed(str(number)), 2)) % 11
            iri = f"{GND}{number}-{'X' if check == 10 else check}"
            names = ["".join(chance.choices(SYLLABLES, k=chance.randint(4, 7))).capitalize() for _ in range(3)]
            row = {
                "@id": iri,
                f"{GNDO}preferredNameForTheSubjectHeading": [{"@value": names[0]}],
                f"{GNDO}variantNameForTheSubjectHeading": [{"@value": name} for name in names[1:]],
            }
            if former:
                row[f"{GNDO}broaderTermGeneral"] = [{"@id": former}]
            file.write(json.dumps(row) + ",\n")
            labels.append(names[0])
            former = iri if number % 7 == 0 else former
        file.write("{}]")
    return labels


def peak(code: str, *words: str) -> tuple[float, float]:
    """Run a program; gives its seconds and its largest memory in MB."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, *words], check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return time.perf_counter() - began, used


def median(times: int, work: Callable[[], object]) -> float:
    """Give the median of the seconds that some work takes."""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


def records(pages: list[Path], labels: list[str]) -> Iterator[Record]:
    """Read the keywords of `dim` pages, or make 3,000 records with four keywords, one of them unknown."""
    chance = random.Random(2)
    for page in pages:
        with gzip.open(page) as file:
            for number, record in enumerate(
                ET.parse(file).getroot().iter("{http://www.openarchives.org/OAI/2.0/}record")
            ):
                subjects = (
                    Subject(field.text or "", field.get("lang"))
                    for field in record.iter("{http://www.dspace.org/xmlns/dspace/dim}field")
                    if field.get("element") == "subject" and not field.get("qualifier")
                )
                yield Record(f"{page.name}-{number}", "", subjects=tuple(subjects))
    for number in range(0 if pages else 3_000):
        words = [*chance.choices(labels, k=3), "".join(chance.choices(SYLLABLES, k=4)).capitalize()]
        yield Record(str(number), "", subjects=tuple(Subject(word, "de") for word in words))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--headings", type=int, default=500_000)
    options.add_argument("files", nargs="*", type=Path)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made, index = Path(folder) / "dump.jsonld.gz", Path(folder) / "gnd.sqlite"
        labels = dump(made, given.headings) if not given.files else []
        source = given.files[0] if given.files else made
        code = "import sys; from pathlib import Path; from katalod.linking import authority;"
        code += "authority.build(Path(sys.argv[1]), Path(sys.argv[2]))"
        seconds, memory = peak(code, str(source), str(index))
        print(f"load: {seconds:.1f} s, at most {memory:.0f} MB, index {index.stat().st_size / 1e6:.0f} MB")
        print(f"open: {median(20, lambda: Authority.open(index).close()) * 1e3:.2f} ms")
        some = list(records(given.files[1:], labels))
        words = list(dict.fromkeys(subject.label for record in some for subject in record.subjects))
        with Authority.open(index) as opened:
            queue = iter(words)
            cold = median(len(words) // 2, lambda: opened.look_up(next(queue)))
            print(f"look-up, never asked before: {cold * 1e6:.0f} µs ({opened.headings} headings)")
            began = time.process_time()
            linked = [link(record, opened, Curated()) for record in some]
            spent = (time.process_time() - began) / len(some)
            print(f"record: {spent * 1e3:.3f} ms ({len(some)} records, {len(words)} keywords)")
            open_words = [s for record in linked for s in record.subjects if not s.links][:200]
            wrong = open_words or [Subject(word[:3] + word[4:]) for word in words[:200] if len(word) > 6]
            queue2 = iter(wrong)
            each = median(len(wrong), lambda: propose(next(queue2), opened, Curated()))
            print(f"candidates of a keyword: {each * 1e3:.1f} ms")
        asking = "import sys; from pathlib import Path; from katalod.linking import Authority\n"
        asking += "a = Authority.open(Path(sys.argv[1]))\n"
        asking += "for word in open(sys.argv[2], encoding='utf-8'): a.near(word.strip())"
        (Path(folder) / "words").write_text("\n".join(words), "utf-8")
        code = f"import resource; exec({asking!r}); print('reading process: at most',"
        code += " resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, 'MB')"
        subprocess.run([sys.executable, "-c", code, str(index), str(Path(folder) / "words")], check=True)


if __name__ == "__main__":
    assert authority  # the module that the measured process imports
    main()
