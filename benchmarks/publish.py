"""Publishing 3,000 records end to end, beside the plain rdflib and pySHACL pipeline over the same records.

    python benchmarks/publish.py --records FOLDER --authority FILE [--runs 3] [--json FILE]

The records are `dim` pages (.xml.gz), the authority a GND dump in DNB's Turtle. Each way runs in processes
of its own, in turn; medians are printed, and peak memory of the largest process and of all together.
"""

import argparse
import json
import multiprocessing
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from katalod.assets import asset

KATALOD = [sys.executable, "-m", "katalod"]


def timed(command: list[str]) -> tuple[float, float]:
    """Run a command: wall seconds, and peak resident memory in MB of all its processes together."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, memory(process.pid))
        time.sleep(0.02)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return time.perf_counter() - began, peak


def memory(pid: int) -> float:
    """Resident memory in MB of a process and all below it (Linux)."""
    total, waiting = 0.0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            pages = int(Path(f"/proc/{one}/statm").read_text().split()[1])
            children = Path(f"/proc/{one}/task/{one}/children").read_text().split()
        except (OSError, IndexError):
            continue
        total += pages * os.sysconf("SC_PAGE_SIZE") / 1e6
        waiting += [int(child) for child in children]
    return total


def plain(pages: list[Path], authority: Path, folder: Path, answer: "multiprocessing.Queue[dict[str, float]]") -> None:
    """Run the plain pipeline in a process of its own."""
    from plain import run

    figures = run(pages, authority, asset("shapes/record.ttl"), folder / "plain.nq")
    answer.put(figures | {"memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3})


def main() -> None:
    """Run both ways in turn and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    shared = Path(__file__).parents[1].parent / "shared" / "data"
    parser.add_argument("--records", type=Path, default=shared / "oai-dim")
    parser.add_argument(
        "--authority", type=Path, default=shared / "gnd" / "authorities-gnd-sachbegriff_lds-excerpt.ttl.gz"
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    pages = sorted(options.records.glob("page-*.xml.gz"))
    if not pages or not options.authority.exists():
        sys.exit(f"there are no pages in {options.records}, or no {options.authority}; see --help")
    rows: dict[str, list[float]] = {}

    def keep(name: str, value: float) -> None:
        rows.setdefault(name, []).append(value)

    for _ in range(options.runs):
        with tempfile.TemporaryDirectory() as folder:
            seconds, peak = timed([*KATALOD, "gnd", "load", str(options.authority), "--home", folder])
            keep("katalod: load the authority, s", seconds)
            keep("katalod: load the authority, MB", peak)
            seconds, peak = timed([*KATALOD, "publish", *map(str, pages), "--home", folder])
            keep("katalod: publish, s", seconds)
            keep("katalod: publish, MB of all processes", peak)
            shown = subprocess.run(
                [*KATALOD, "releases", "show", "--json", "--home", folder], capture_output=True, check=True
            )
            count = json.loads(shown.stdout)["counts"]["works"]
            queue: multiprocessing.Queue[dict[str, float]] = multiprocessing.Queue()
            process = multiprocessing.Process(target=plain, args=(pages, options.authority, Path(folder), queue))
            process.start()
            figures = queue.get()
            process.join()
            keep("plain: load the authority, s", figures["authority"])
            keep("plain: publish, s", figures["publish"])
            keep("plain: MB", figures["memory"])
    medians = {name: statistics.median(values) for name, values in rows.items()}
    medians["works published"] = count
    medians["katalod: records/s"] = figures["records"] / medians["katalod: publish, s"]
    medians["plain: records/s"] = figures["records"] / medians["plain: publish, s"]
    medians["ratio, publish alone"] = medians["plain: publish, s"] / medians["katalod: publish, s"]
    both = [
        sum(medians[f"{way}: {part}, s"] for part in ("load the authority", "publish")) for way in ("plain", "katalod")
    ]
    medians["ratio, with the authority loaded"] = both[0] / both[1]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {options.runs} runs")
    for name, value in medians.items():
        print(f"{name:45} {value:10.2f}")
    if options.json:
        options.json.write_text(json.dumps({"medians": medians, "runs": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
