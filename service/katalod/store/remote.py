"""A SPARQL endpoint elsewhere that holds the release: the same limits and guards, its engine."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from katalod.errors import QueryError, QueryTimeout, StoreError
from katalod.fetch import FetchError, Limits, Session, Stream
from katalod.settings import Settings
from katalod.store.answers import Answer, Gone, TooLarge, Unacceptable
from katalod.store.calling import check_addresses
from katalod.store.child import Question
from katalod.store.guard import check
from katalod.store.lanes import Lanes, Run, never

HELD = 1 << 16


class Remote:
    """Passes strangers' queries to the endpoint that the setting `sparql_engine` names."""

    def __init__(self, store: Path, settings: Settings) -> None:
        """Nothing is asked yet; the store's folder is of no use to an endpoint elsewhere."""
        self._settings = settings
        self._limits = Limits(
            attempts=1,
            silence=settings.sparql_timeout,
            whole=settings.sparql_timeout,
            size=settings.sparql_result << 20,
        )
        self._lanes = Lanes(settings, quick=float("inf"))  # its engine is not ours to share out

    def ask(
        self,
        query: str,
        accept: str,
        client: str,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        gone: Callable[[], bool] = never,
    ) -> Answer:
        """Answer a query as `engine.Pool.ask` does."""
        reading = check(query, self._settings.sparql_services)
        check_addresses(reading.services)
        question = Question(query, accept, tuple(default_graphs), tuple(named_graphs), reading.dataset)
        run = self._lanes.enter(client, gone)
        session = Session(self._limits)
        passage = _Passage(session, run, self._lanes)
        try:
            stream = session.open(
                "POST", self._settings.sparql_engine, question.parameters, question.headers, question.query.encode()
            )
            with self._lanes.steady(run):
                run.stop = stream.abort
            return passage.begin(stream)
        except FetchError as error:
            passage.close()
            raise passage.failure(error) from error
        except BaseException:
            passage.close()
            raise

    @property
    def busy(self) -> int:
        """How many queries run or wait."""
        return self._lanes.running + self._lanes.waiting

    def switch(self, store: Path) -> None:
        """Do nothing: which release the endpoint holds is decided where it runs."""

    def close(self) -> None:
        """End all that runs."""
        self._lanes.close()


class _Passage:
    """One answer on its way through."""

    def __init__(self, session: Session, run: Run, lanes: Lanes) -> None:
        self._session = session
        self._run = run
        self._lanes = lanes

    def begin(self, stream: Stream) -> Answer:
        pieces = iter(stream)
        if stream.status == 406:
            raise Unacceptable("the endpoint does not offer this form")
        if stream.status != 200:
            said = next(pieces, b"")[:400].decode("utf-8", "replace").strip()
            if 400 <= stream.status < 500 and stream.status != 429:
                raise QueryError(said or f"the endpoint refused the query (status {stream.status})")
            raise StoreError(f"asking the endpoint: status {stream.status}: {said}")
        kind = stream.headers.get("content-type", "application/octet-stream")
        held: list[bytes] = []
        size = 0
        for piece in pieces:
            held.append(piece)
            size += len(piece)
            if size >= HELD:
                return Answer(kind, self._flow(held, pieces), self.close)
        self.close()
        return Answer(kind, iter(held), size=size)

    def _flow(self, held: list[bytes], pieces: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield b"".join(held)
            held.clear()
            yield from pieces
        except FetchError as error:
            raise self.failure(error) from error
        finally:
            self.close()

    def failure(self, error: FetchError) -> StoreError:
        text = str(error)
        if self._run.fate == "gone":
            return Gone("the client left before its answer came")
        if "larger than" in text:
            return TooLarge("the answer is larger than this endpoint gives; ask for less, or take the dump")
        if self._run.fate == "late" or "Timeout" in text or "longer than" in text:
            return QueryTimeout("the query did not end in its time and was stopped; ask for less")
        return StoreError(text)

    def close(self) -> None:
        self._lanes.leave(self._run)
        self._session.close()
