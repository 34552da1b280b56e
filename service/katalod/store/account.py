"""An account of the queries that were asked: figures, a log, and which are asked most. Never by whom."""

import json
import logging
import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from katalod.errors import QueryError, QueryTimeout
from katalod.store.answers import Crowded, Gone, TooLarge

BOUNDS = (0.002, 0.01, 0.05, 0.25, 1.0, 5.0, 30.0)  # seconds, of the histogram
SLOW = 1.0  # seconds from which a query is kept with its text
LARGEST = 4 << 20  # bytes of a log file, of which one former is kept
REMEMBERED = 1000  # different queries whose askings are counted
LONGEST = 8000  # characters of a query that is written down
EVERY = 60.0  # seconds between two times that the counts are saved
SLOWEST = 10  # queries shown in the figures

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """One query: which, how long it took, how much came of it."""

    digest: str
    form: str
    media: str
    seconds: float
    bytes: int
    outcome: str
    cached: bool


def outcome_of(error: BaseException | None) -> str:
    """Say in a word what came of a query."""
    match error:
        case None:
            return "answered"
        case TooLarge():
            return "too-large"
        case QueryError():
            return "refused"
        case QueryTimeout():
            return "late"
        case Crowded():
            return "crowded"
        case Gone() | GeneratorExit():
            return "gone"
        case _:
            return "failed"


class Account:
    """Counts queries and writes them down under a folder; safe in several threads."""

    def __init__(self, folder: Path) -> None:
        """Go on with what was counted before."""
        self._folder = folder
        self._lock = threading.Lock()
        self._outcomes: Counter[tuple[str, bool]] = Counter()
        self._times = [0] * (len(BOUNDS) + 1)
        self._seconds = 0.0
        self._slowest: dict[str, Entry] = {}
        self._asked = Counter(_read(folder / "asked.json"))
        self._saved = time.monotonic()

    def enter(self, entry: Entry, query: str, *, lasting: bool) -> None:
        """Take a query in."""
        with self._lock:
            self._outcomes[entry.outcome, entry.cached] += 1
            self._times[bisect_left(BOUNDS, entry.seconds)] += 1
            self._seconds += entry.seconds
            row = asdict(entry) | {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
            self._append("queries.jsonl", row)
            if entry.seconds >= SLOW:
                self._keep_slow(entry)
                self._append("slow.jsonl", row | {"query": query[:LONGEST]})
            if lasting and entry.outcome == "answered" and len(query) <= LONGEST:
                self._asked[query, entry.media] += 1
                self._forget_seldom()
            if time.monotonic() - self._saved > EVERY:
                self._save()

    def most_asked(self, count: int) -> list[tuple[str, str]]:
        """Name the queries, with their media types, that were asked more than once, the most asked first."""
        with self._lock:
            ranked = sorted(self._asked.items(), key=lambda item: (-item[1], item[0]))
            return [question for question, times in ranked[:count] if times > 1]

    def figures(self) -> Iterator[str]:
        """Give the figures as lines for Prometheus (text format 0.0.4)."""
        with self._lock:
            yield "# HELP katalod_queries_total SPARQL queries by what came of them."
            yield "# TYPE katalod_queries_total counter"
            for (outcome, cached), count in sorted(self._outcomes.items()):
                yield f'katalod_queries_total{{outcome="{outcome}",cached="{str(cached).lower()}"}} {count}'
            yield "# HELP katalod_query_seconds How long SPARQL queries took, to the end of their answer."
            yield "# TYPE katalod_query_seconds histogram"
            total = 0
            for bound, count in zip((*map(str, BOUNDS), "+Inf"), self._times, strict=True):
                total += count
                yield f'katalod_query_seconds_bucket{{le="{bound}"}} {total}'
            yield f"katalod_query_seconds_sum {self._seconds:.6f}"
            yield f"katalod_query_seconds_count {total}"
            yield "# HELP katalod_slow_query_seconds The slowest SPARQL queries; log/slow.jsonl has their text."
            yield "# TYPE katalod_slow_query_seconds gauge"
            for one in self._slowest.values():
                yield f'katalod_slow_query_seconds{{query="{one.digest}",outcome="{one.outcome}"}} {one.seconds:.3f}'

    def close(self) -> None:
        """Save what was counted."""
        with self._lock:
            self._save()

    def _keep_slow(self, entry: Entry) -> None:
        former = self._slowest.get(entry.digest)
        if former is None or former.seconds < entry.seconds:
            self._slowest[entry.digest] = entry
        ranked = sorted(self._slowest.values(), key=lambda one: -one.seconds)
        self._slowest = {one.digest: one for one in ranked[:SLOWEST]}

    def _forget_seldom(self) -> None:
        if len(self._asked) > 2 * REMEMBERED:
            self._asked = Counter(dict(self._asked.most_common(REMEMBERED)))

    def _append(self, name: str, row: dict[str, object]) -> None:
        path = self._folder / name
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
                full = file.tell() > LARGEST
            if full:
                path.replace(path.with_name(f"{path.stem}.1.jsonl"))
        except FileNotFoundError:
            self._prepare(name, row)
        except OSError as error:
            logger.warning("writing %s: %s; queries go on without", path, error)

    def _prepare(self, name: str, row: dict[str, object]) -> None:
        """Make the folder at the first entry: who only looks into a home leaves it as it is."""
        try:
            self._folder.mkdir(parents=True)
        except OSError as error:
            logger.warning("making %s: %s; queries go on without their log", self._folder, error)
            return
        self._append(name, row)

    def _save(self) -> None:
        self._saved = time.monotonic()
        rows = [[query, media, times] for (query, media), times in self._asked.most_common(REMEMBERED)]
        if not rows:
            return
        new = self._folder / "asked.json.new"
        try:
            new.write_text(json.dumps(rows, ensure_ascii=False, indent=0), "utf-8")
            new.replace(self._folder / "asked.json")
        except OSError as error:
            logger.warning("writing %s: %s; queries go on without", new, error)


def _read(file: Path) -> dict[tuple[str, str], int]:
    """Read what was saved; nothing where it is not there or not ours."""
    try:
        return {(str(query), str(media)): int(times) for query, media, times in json.loads(file.read_text("utf-8"))}
    except (OSError, ValueError, TypeError):
        return {}
