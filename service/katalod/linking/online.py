"""Candidates from a reconciliation service, such as lobid-gnd's. It never links, and to be offline changes nothing.

What was answered is kept in the home, so that the same keyword is asked once in a month at most.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from katalod.fetch import FetchError, Limits, Session
from katalod.linking.gnd import identifier

LIMITS = Limits(attempts=1, connect=3.0, silence=5.0, whole=10.0, size=1 << 20)
KEPT = 30 * 86_400  # seconds
MOST = 5

Answer = tuple[tuple[str, str, float], ...]


class Reconciliation:
    """Asks a service for headings; after the first failure it asks no more, and `note` says why."""

    def __init__(self, service: str, cache: Path, now: float, session: Session | None = None) -> None:
        """Keep answers in a file of the home; `now` is the time in seconds, by which old answers are told."""
        self.note = ""
        self._service, self._cache, self._now = service, cache, now
        self._session = session or Session(LIMITS)

    def __call__(self, label: str) -> Answer:
        """Give identifier, name and score (0 to 1) of what the service would choose for a keyword."""
        try:
            with closing(sqlite3.connect(self._cache)) as base:
                base.execute("CREATE TABLE IF NOT EXISTS answer (label TEXT PRIMARY KEY, asked REAL, body TEXT)")
                row = base.execute(
                    "SELECT body FROM answer WHERE label = ? AND asked > ?", (label, self._now - KEPT)
                ).fetchone()
                if row is None and not self.note and (body := self._ask(label)) is not None:
                    base.execute("INSERT OR REPLACE INTO answer VALUES (?, ?, ?)", (label, self._now, body))
                    base.commit()
                    row = (body,)
            return tuple(_read(row[0])) if row else ()
        except (sqlite3.Error, OSError) as error:
            self.note = self.note or f"keeping answers in {self._cache}: {error}"
            return ()

    def _ask(self, label: str) -> str | None:
        query = {"q0": {"query": label, "type": "SubjectHeading", "limit": MOST}}
        try:
            reply = self._session.get(self._service, [("queries", json.dumps(query, ensure_ascii=False))])
            body = reply.body.decode()
            tuple(_read(body))
        except (FetchError, UnicodeDecodeError, ValueError) as error:
            self.note = f"{self._service} was not asked further: {error}"
            return None
        return body


def _read(body: str) -> Iterator[tuple[str, str, float]]:
    """Read an answer of the reconciliation API; ValueError for anything else."""
    try:
        document = json.loads(body)
    except RecursionError as error:
        raise ValueError("the answer is nested too deeply") from error
    first = document.get("q0") if isinstance(document, dict) else None
    results = first.get("result") if isinstance(first, dict) else None
    if not isinstance(results, list):
        raise ValueError("the answer is none of the reconciliation API")  # noqa: TRY004 - of the value, not the type
    for one in results[:MOST]:
        iri = identifier(str(one.get("id", ""))) if isinstance(one, dict) else None
        score = one.get("score") if iri else None
        if iri and isinstance(score, int | float):
            yield iri, str(one.get("name", ""))[:500], min(max(float(score) / 100, 0.0), 1.0)
