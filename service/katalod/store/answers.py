"""What an engine gives back, and why it may refuse."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from katalod.errors import QueryError, StoreError


def _nothing() -> None:
    """There is nothing to let go of."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer on its way: whoever takes it iterates over it, and closes it in any case.

    Iteration raises StoreError where the rest of the answer cannot come; the part that was given is then
    no answer, and the connection must be cut.
    """

    content_type: str
    body: Iterator[bytes]
    close: Callable[[], None] = field(default=_nothing)
    size: int | None = None  # where the answer is already whole
    store: Path | None = None  # the release's store that gave it, where it is one of ours
    release: str = ""  # the release that it is good for as long as that is current; "" where it is not
    kept: bool = False  # it was there already

    def read(self) -> bytes:
        """Take the whole answer at once."""
        try:
            return b"".join(self.body)
        finally:
            self.close()


class Crowded(StoreError):  # noqa: N818 - a state, as errors.Busy
    """There is no place for the query now; `retry` says after how many seconds to come again."""

    def __init__(self, message: str, retry: int, *, own: bool) -> None:
        """Say whether the client's own other queries are in the way, or those of others."""
        super().__init__(message)
        self.retry = retry
        self.own = own


class TooLarge(QueryError):  # noqa: N818
    """The query or its answer is larger than this endpoint takes or gives."""


class Unacceptable(QueryError):  # noqa: N818
    """The query is well-formed, but there is no answer to it in the media type that was asked for."""


class Unanswered(StoreError):  # noqa: N818
    """A service elsewhere, which the query calls, has failed."""


class Gone(StoreError):  # noqa: N818
    """The client has left before its answer came."""
