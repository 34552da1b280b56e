"""Sorting more lines than memory should hold: sorted runs on disk, merged at the end."""

import heapq
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path


class Spool:
    """Takes lines in any order and gives them back sorted, each once."""

    def __init__(self, folder: Path, most: int = 100_000_000) -> None:
        """Spill to runs in a folder whenever more than so many bytes have come in."""
        self._folder = folder
        self._most = most
        self._lines: list[bytes] = []
        self._size = 0
        self._runs: list[Path] = []

    def add(self, lines: Iterable[bytes]) -> None:
        """Take lines, each with its line end."""
        for line in lines:
            self._lines.append(line)
            self._size += len(line) + 60  # what Python keeps beside the bytes
        if self._size > self._most:
            self._spill()

    def _spill(self) -> None:
        run = self._folder / f"run-{len(self._runs)}"
        with run.open("wb") as file:
            file.writelines(sorted(self._lines))
        self._runs.append(run)
        self._lines, self._size = [], 0

    def sorted(self) -> Iterator[bytes]:
        """Give all lines in the order of their bytes, each once, and remove the runs."""
        with ExitStack() as stack:
            runs = [stack.enter_context(run.open("rb")) for run in self._runs]
            for line, _ in groupby(heapq.merge(*runs, sorted(self._lines))):
                yield line
        for run in self._runs:
            run.unlink()
