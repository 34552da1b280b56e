"""Repositories that speak DSpace 7's REST interface: their search for items, newest change first.

It tells of no deletions: only a comparison of the full list finds those.
"""

import json
import re
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any
from urllib.parse import quote, urlsplit

from katalod.errors import SourceError
from katalod.fetch import FetchError, Reply, Session, Spoiled
from katalod.model import Finding, RawRecord
from katalod.sources import datestamps, items
from katalod.sources.listing import Header, Lost, Page, Span, Stuck
from katalod.sources.streams import Head

SIZE = 100  # what DSpace gives at most
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def connect(session: Session, source: str, url: str) -> "Repository":
    """Find the interface below an address that may be that of the repository itself."""
    if not urlsplit(url).netloc:
        raise SourceError(f"{url!r} is no web address; give one such as https://repository.example.org/server/api")
    root = re.split(r"/(?:discover|core)(?:/|$)", url.partition("?")[0].rstrip("/"), maxsplit=1)[0]
    if not root.endswith("/api"):
        root += "/api" if root.endswith("/server") else "/server/api"
    return Repository(session, source, root)


@dataclass(frozen=True)
class Repository:
    """One repository, asked for all its items."""

    session: Session
    source: str
    url: str
    by_day: bool = False
    keeps_deletions: bool = False
    asked: str = ""
    said: str = "items by REST, the newest change first; deletions are found by comparing the full list (--reconcile)"

    @property
    def request(self) -> str:
        """What is asked for beside the time."""
        return f"set= items {self.url}"

    def page(self, span: Span, token: str, attempts: int = 0) -> Page:
        """Give a page of items; where it cannot be had as it is, item by item."""
        number = int(token or 0)
        try:
            page = self._search(number, SIZE, attempts)
        except FetchError as fault:
            if fault.status not in (200, 500, 502, 504):
                raise
            page = self._piecemeal(number, fault)
        size = 0 if any(span) else page.size  # it counts all items, not those of the span
        return replace(page, items=tuple(_within(page, span)), token=_next(page, span), size=size)

    def headers(self, span: Span, token: str, attempts: int = 0) -> Page:
        """Give a page of headers: REST has no shorter list than the items themselves."""
        page = self.page(span, token, attempts)
        found = (item for item in page.items if isinstance(item, RawRecord))
        headers = tuple(Header(item.identifier, item.datestamp, item.deleted) for item in found)
        return replace(page, items=(), headers=headers)

    def record(self, identifier: str) -> Page:
        """Give one item by its handle or UUID, or nothing where there is none."""
        try:
            return Page(tuple(self.session.read(self.origin(identifier), (), self._items)))
        except FetchError as error:
            if error.status in (404, 410):
                return Page()
            raise

    def halves(self, span: Span, end: str, cut: str) -> None:
        """Cut nothing: the search is not limited by time."""

    def deletion(self, header: Header) -> RawRecord:
        """Give a deletion as a record."""
        origin = self.origin(header.identifier)
        return RawRecord(self.source, header.identifier, header.datestamp, True, "none", b"", origin)

    def origin(self, identifier: str) -> str:
        """Give the address of one item."""
        if _UUID.fullmatch(identifier):
            return f"{self.url}/core/items/{identifier}"
        return f"{self.url}/pid/find?id={quote(identifier, safe='')}"

    def _search(self, number: int, size: int, attempts: int = 0) -> Page:
        asked = [("dsoType", "item"), ("sort", "lastModified,desc"), ("page", str(number)), ("size", str(size))]
        return self.session.read(f"{self.url}/discover/search/objects", asked, self._page, attempts=attempts)

    def _page(self, reply: Reply) -> Page:
        result = _result(reply)
        about = result.get("page")
        about = about if isinstance(about, dict) else {}
        found = tuple(self._items(reply)) if b"indexableObject" in reply.body else ()
        last = _number(about, "number") + 1 >= _number(about, "totalPages") if "totalPages" in about else not found
        return Page(
            found,
            token="" if last else str(_number(about, "number") + 1),
            size=_number(about, "totalElements"),
            date=datestamps.of_header(reply.headers.get("date", "")) or max(_stamps(found), default=""),
        )

    def _items(self, reply: Reply) -> list[RawRecord | Finding]:
        try:
            found = list(items.records(Head(BytesIO(reply.body)), self.source, reply.url))
        except SourceError as error:
            raise Spoiled(str(error), reply.status) from error
        return [
            replace(item, origin=self.origin(item.identifier) if item.identifier else self.url, position=1)
            for item in found
            if isinstance(item, RawRecord) or item.shape not in ("not-an-item", "no-records")
        ]

    def _piecemeal(self, number: int, fault: FetchError) -> Page:
        """Ask for the items of a page one by one, so that only the one at fault is missing."""
        first = number * SIZE
        page, got, lost = Page(), list[RawRecord | Finding](), list[Lost]()
        for position in range(first, first + SIZE):
            try:
                one = self._search(position, 1, attempts=2)
            except FetchError as error:
                if error.status not in (200, 500, 502, 504):
                    raise
                lost.append(Lost(f"item {position + 1} of the list", str(error)))
                continue
            page = page if page.size else one
            got += one.items
            if not one.token:
                break
        if not got:
            raise Stuck(f"{fault}; nor could any item of that page be had by itself")
        return replace(page, items=tuple(got), lost=tuple(lost), token=str(number + 1) if one.token else "")


def _result(reply: Reply) -> dict[str, Any]:
    """Give the search result in an answer; Spoiled where there is none."""
    try:
        answer = json.loads(reply.body)
        result = answer["_embedded"]["searchResult"]
        if isinstance(result, dict):
            return result
    except (ValueError, RecursionError, TypeError, KeyError):
        pass
    told = f"reading {reply.url}: this is no answer of DSpace's search; is the address that of its /server/api?"
    raise Spoiled(told, reply.status)


def _number(about: dict[str, Any], name: str) -> int:
    value = about.get(name)
    return value if isinstance(value, int) else 0


def _stamps(found: tuple[RawRecord | Finding, ...]) -> list[str]:
    return [item.datestamp for item in found if isinstance(item, RawRecord)]


def _within(page: Page, span: Span) -> list[RawRecord | Finding]:
    """Keep what lies in the span, both ends included; an item without a datestamp always does."""
    since, until = span
    kept = []
    for item in page.items:
        stamp = item.datestamp if isinstance(item, RawRecord) else ""
        if not stamp or (stamp >= since and (not until or stamp[: len(until)] <= until)):
            kept.append(item)
    return kept


def _next(page: Page, span: Span) -> str:
    """Go no further than to what is older than the span, if the list is in order indeed."""
    stamps = _stamps(page.items)
    in_order = all(stamps) and stamps == sorted(stamps, reverse=True)
    return "" if in_order and stamps and stamps[-1] < span[0] else page.token
