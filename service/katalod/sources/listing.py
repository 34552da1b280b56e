"""What every repository that gives lists has in common: pages, and what may go wrong with them."""

from dataclasses import dataclass
from typing import Protocol

from katalod.errors import SourceError
from katalod.model import Finding, RawRecord

Span = tuple[str, str]
"""From and until, both included; empty where there is no bound."""


class Expired(SourceError):  # noqa: N818 - it describes the token
    """The source no longer knows where the next page begins; the list has to be asked for anew."""


class Stuck(SourceError):  # noqa: N818 - it describes the page
    """One page cannot be had at all, while the source answers otherwise."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a list says of a record without giving it."""

    identifier: str
    datestamp: str
    deleted: bool


@dataclass(frozen=True, slots=True)
class Lost:
    """A record that is there but cannot be had, and why."""

    identifier: str
    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: of records, or of headers alone."""

    items: tuple[RawRecord | Finding, ...] = ()
    headers: tuple[Header, ...] = ()
    lost: tuple[Lost, ...] = ()
    token: str = ""  # where the next page begins; empty at the end
    size: int = 0  # of the whole list, as the source says; 0 where it does not
    date: str = ""  # the source's clock


class Repository(Protocol):
    """A source that is asked for lists of what changed."""

    @property
    def url(self) -> str:
        """The address that is asked."""
        ...

    @property
    def request(self) -> str:
        """What is asked for beside the time, set first: what is known of one request holds for no other."""
        ...

    @property
    def said(self) -> str:
        """What a person should know of the choice that was made."""
        ...

    @property
    def asked(self) -> str:
        """The source's clock when it was asked who it is; empty where it was not."""
        ...

    @property
    def keeps_deletions(self) -> bool:
        """Whether its lists tell of deletions, for ever."""
        ...

    @property
    def by_day(self) -> bool:
        """Whether its datestamps are days, not seconds."""
        ...

    def page(self, span: Span, token: str, attempts: int = 0) -> Page:
        """Give a page of records; raises Expired, Stuck, or what else keeps the list from being read."""
        ...

    def headers(self, span: Span, token: str, attempts: int = 0) -> Page:
        """Give a page of headers, in the same way."""
        ...

    def origin(self, identifier: str) -> str:
        """Give the address of one record, however it was come by."""
        ...

    def deletion(self, header: Header) -> RawRecord:
        """Give what a header says of a deletion as a record."""
        ...

    def record(self, identifier: str) -> Page:
        """Give one record, or nothing where there is none of that name; SourceError where it cannot be had."""
        ...

    def halves(self, span: Span, end: str, cut: str) -> tuple[Span, Span] | None:
        """Cut a span in two, if possible after a moment; None where it is a single one, or cannot be cut."""
        ...
