"""One per cent of many records changed: the incremental release beside the full build, in one run.

    python benchmarks/incremental.py --records FOLDER [--works 50000]

The records of FOLDER (`dim` pages, .xml.gz) are repeated under new identifiers until there are enough.
Printed are the wall seconds of the full build, of the incremental one and of a full build of the changed
records, whether both changed releases have the same dump, and the ratio.
"""

import argparse
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

KATALOD = [sys.executable, "-m", "katalod"]
MORE = '<dim:field mdschema="dc" element="subject" lang="de">Zuwanderung</dim:field></dim:dim>'


def records(folder: Path) -> tuple[str, list[str]]:
    """Read the head of a page, and all records."""
    head, found = "", []
    for page in sorted(folder.glob("page-*.xml.gz")):
        text = gzip.decompress(page.read_bytes()).decode()
        head = text[: text.index("<record>")]
        found += re.findall(r"<record>.*?</record>", text, re.S)
    return head, found


def repeated(found: list[str], works: int) -> Iterator[str]:
    """Give so many records; each time round the identifiers are new."""
    for number, record in enumerate(islice(cycle(found), works)):
        turn = number // len(found)
        yield re.sub(r"(<identifier>[^<]+)", rf"\g<1>x{turn}", record, count=1)


def write(path: Path, head: str, records: Iterator[str]) -> None:
    """Write a page."""
    with path.open("w", encoding="utf-8") as file:
        file.write(head)
        file.writelines(records)
        file.write("</ListRecords></OAI-PMH>")


def publish(home: Path, *words: str) -> float:
    """Publish in a process of its own; gives wall seconds."""
    began = time.perf_counter()
    subprocess.run([*KATALOD, "publish", *words, "--home", str(home)], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def digest(home: Path) -> str:
    """Give the dump's digest of the current release."""
    command = [*KATALOD, "releases", "show", "--json", "--home", str(home)]
    shown = subprocess.run(command, capture_output=True, check=True)
    return str(json.loads(shown.stdout)["digests"]["dump"])


def main() -> None:
    """Build, change, build both ways, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=Path, default=Path(__file__).parents[2] / "shared/data/oai-dim")
    parser.add_argument("--works", type=int, default=50_000)
    options = parser.parse_args()
    head, found = records(options.records)
    if not found:
        sys.exit(f"there are no pages in {options.records}; see --help")
    with tempfile.TemporaryDirectory() as folder:
        all_of_them, some = Path(folder) / "all.xml", Path(folder) / "some.xml"
        write(all_of_them, head, repeated(found, options.works))
        changed = (r.replace("</dim:dim>", MORE) for n, r in enumerate(repeated(found, options.works)) if n % 100 == 0)
        write(some, head, changed)
        home, copy = Path(folder) / "home", Path(folder) / "copy"
        first = publish(home, str(all_of_them))
        shutil.copytree(home, copy)
        incremental = publish(home, str(some))
        full = publish(copy, str(some), "--full")
        print(f"{os.cpu_count()} cores, {options.works} works, {options.works // 100} changed")
        print(f"first build, in full          {first:8.2f} s   {options.works / first:8.0f} works/s")
        print(f"changed, incremental          {incremental:8.2f} s")
        print(f"changed, in full              {full:8.2f} s")
        print(f"ratio incremental / full      {incremental / full:8.3f}")
        print(f"the same dump                 {digest(home) == digest(copy)}")


if __name__ == "__main__":
    main()
