"""Repositories that speak OAI-PMH 2.0, whatever they do to it: one page at a time, whole or not at all."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TypeVar
from urllib.parse import quote
from xml.etree.ElementTree import Element

from katalod.errors import SourceError
from katalod.fetch import FetchError, Reply, Session, Spoiled
from katalod.model import Finding, RawRecord
from katalod.sources import datestamps, pages
from katalod.sources.answers import parsed, text
from katalod.sources.listing import Expired, Header, Lost, Page, Span, Stuck

BEST = ("dim", "xoai", "oai_dc")
"""The forms that are understood, what keeps most first: dim keeps languages and qualifiers, oai_dc loses them."""

_OF_A_PAGE = frozenset({200, 500, 502, 504})  # faults that may lie in one page, and not in the whole source
_TOKEN_FAULTS = frozenset({400, 404, 410, 422})  # how some say that a token is not known
_NO_NEWS = ("no-records-match", "empty-list", "no-records")

Params = Sequence[tuple[str, str]]
T = TypeVar("T")


class Refused(SourceError):  # noqa: N818 - it describes the request
    """The source answered with an OAI-PMH error."""

    def __init__(self, url: str, code: str, words: str) -> None:
        """Say which one, in the source's own words."""
        super().__init__(f"asking {url}: it answered with the error {code or 'without a code'}: {words or 'no more'}")
        self.code = code


def connect(session: Session, source: str, url: str, form: str = "", chosen_set: str = "") -> "Repository":
    """Ask a repository who it is and which forms it offers, and choose the best one, or the one that is wanted.

    SourceError where it does not answer as OAI-PMH, or does not offer the form.
    """
    draft = Repository(session, source, url, form, chosen_set)
    try:
        about = draft.tree([("verb", "Identify")])
    except FetchError as error:
        raise SourceError(f"asking {url} who it is: {error}; check the address and whether the source is up") from error
    try:
        offered = _offered(draft.tree([("verb", "ListMetadataFormats")]))
    except (SourceError, FetchError) as error:
        if not form:
            told = f"asking {url} for its formats: {error}; name one with --format, or `format` in the settings"
            raise SourceError(told) from error
        offered = {form: form}
    prefix = _best(url, offered, form)
    why = "as asked for" if form else "what keeps most"
    loss = "; it loses languages and qualifiers" if offered[prefix] == "oai_dc" else ""
    return replace(
        draft,
        prefix=prefix,
        by_day="hh" not in text(about, "Identify/granularity"),
        keeps_deletions=text(about, "Identify/deletedRecord") == "persistent",
        earliest=datestamps.utc(text(about, "Identify/earliestDatestamp")),
        asked=datestamps.utc(text(about, "responseDate")) or about.get("date", ""),
        said=f"{prefix}, {why} of {', '.join(offered)}{loss}",
    )


@dataclass(frozen=True)
class Repository:
    """One repository, asked for one form and set."""

    session: Session
    source: str
    url: str
    prefix: str
    set: str = ""
    by_day: bool = False
    keeps_deletions: bool = False
    earliest: str = ""
    asked: str = ""
    said: str = ""

    @property
    def request(self) -> str:
        """What is asked for beside the time, set first."""
        return f"set={self.set} {self.prefix} {self.url}"

    def page(self, span: Span, token: str, attempts: int = 0) -> Page:
        """Give a page of records; where it cannot be read as it is, record by record."""
        try:
            return self._records(self._list("ListRecords", span, token), attempts)
        except FetchError as fault:
            if fault.status in _OF_A_PAGE or (fault.status == 0 and self._is_up()):
                return self._piecemeal(span, token, fault, attempts)
            raise

    def headers(self, span: Span, token: str, attempts: int = 0) -> Page:
        """Give a page of headers."""
        root = self.tree(self._list("ListIdentifiers", span, token), attempts)
        mark = root.find("ListIdentifiers/resumptionToken")
        found = (_header(element) for element in root.iterfind("ListIdentifiers/header"))
        return Page(
            headers=tuple(header for header in found if header.identifier),
            token=(mark.text or "").strip() if mark is not None else "",
            size=_number(mark.get("completeListSize", "")) if mark is not None else 0,
            date=datestamps.utc(text(root, "responseDate")) or root.get("date", ""),
        )

    def record(self, identifier: str) -> Page:
        """Give one record, or nothing where there is none of that name."""
        asked = [("verb", "GetRecord"), ("metadataPrefix", self.prefix), ("identifier", identifier)]
        try:
            return self._records(asked, 0)
        except Refused as refused:
            if refused.code == "idDoesNotExist":
                return Page()
            raise

    def halves(self, span: Span, end: str, cut: str) -> tuple[Span, Span] | None:
        """Cut a span in two; None where it is a single moment."""
        return datestamps.halves(span[0] or self.earliest, span[1] or end, self.by_day, cut)

    def tree(self, params: Params, attempts: int = 0) -> Element:
        """Ask for anything but records, and give the answer's root, also where nothing matches."""

        def read(reply: Reply) -> Element:
            try:
                root = parsed(reply.body)
            except SourceError as error:
                raise Spoiled(f"reading the answer of {self.url}: {error}", reply.status) from error
            _raise_refusal(self.url, root)
            if root.find(params[0][1]) is None and root.find("error") is None:
                raise Spoiled(f"reading {self.url}: this is no answer to {params[0][1]}", reply.status)
            root.set("date", _clock(reply))
            return root

        return self._read(params, read, attempts)

    def origin(self, identifier: str) -> str:
        """Give the address of one record: the same however the list was cut into pages."""
        return f"{self.url}?verb=GetRecord&metadataPrefix={quote(self.prefix)}&identifier={quote(identifier, safe='')}"

    def _records(self, params: Params, attempts: int) -> Page:
        def read(reply: Reply) -> Page:
            envelope = pages.Envelope()
            try:
                items = list(pages.records(BytesIO(reply.body), self.source, self.url, envelope))
            except SourceError as error:
                if envelope.error:
                    raise _refusal(self.url, envelope.error, envelope.words) from error
                reason = str(error).removesuffix(f"; {pages.ADVICE}")
                raise Spoiled(reason, reply.status) from error
            if envelope.verb != params[0][1] and envelope.error != "noRecordsMatch":
                raise Spoiled(f"reading {self.url}: this is no answer to {params[0][1]}", reply.status)
            date = datestamps.utc(envelope.date) or _clock(reply)
            return Page(
                tuple(self._placed(items)),
                lost=tuple(_lost(items)),
                token=envelope.token,
                size=_number(envelope.size),
                date=date,
            )

        return self._read(params, read, attempts)

    def _read(self, params: Params, reader: Callable[[Reply], T], attempts: int) -> T:
        try:
            return self.session.read(self.url, params, reader, attempts=attempts)
        except FetchError as error:
            if 400 <= error.status < 500:  # some send their errors so
                _raise_refusal(self.url, _tree_or_none(error.body))
                if error.status in _TOKEN_FAULTS and params[-1][0] == "resumptionToken":
                    raise Expired(f"{error}; perhaps it no longer knows its own token") from error
            raise

    def _list(self, verb: str, span: Span, token: str) -> Params:
        if token:
            return [("verb", verb), ("resumptionToken", token)]
        bounds = [("from", span[0]), ("until", span[1]), ("set", self.set)]
        return [("verb", verb), ("metadataPrefix", self.prefix), *((key, value) for key, value in bounds if value)]

    def _placed(self, items: Iterable[RawRecord | Finding]) -> Iterator[RawRecord | Finding]:
        """Give each item the address of its record, so that it does not change with the page."""
        for item in items:
            if isinstance(item, RawRecord) or item.identifier:
                yield replace(item, origin=self.origin(item.identifier), position=1)
            elif item.shape not in _NO_NEWS:
                yield replace(item, position=0)

    def _is_up(self) -> bool:
        try:
            self.tree([("verb", "Identify")], attempts=1)
        except (FetchError, SourceError):
            return False
        return True

    def _piecemeal(self, span: Span, token: str, fault: FetchError, attempts: int) -> Page:
        """Read a page through its list of headers, so that only what is at fault is missing."""
        try:
            listed = self.headers(span, token, attempts)
        except FetchError as error:
            raise Stuck(f"{fault}; nor could the identifiers of that page be had: {error}") from error
        items: list[RawRecord | Finding] = []
        lost: list[Lost] = []
        for header in listed.headers:
            try:
                one = Page((self.deletion(header),)) if header.deleted else self.record(header.identifier)
            except (FetchError, SourceError) as error:
                if isinstance(error, FetchError) and error.status == 0 and not self._is_up():
                    raise
                lost.append(Lost(header.identifier, str(error)))
            else:
                items += one.items
                lost += one.lost
        return replace(listed, items=tuple(items), headers=(), lost=tuple(lost))

    def deletion(self, header: Header) -> RawRecord:
        """Give what a deleted header says as a record."""
        where = self.origin(header.identifier)
        return RawRecord(self.source, header.identifier, header.datestamp, True, "none", b"", where)


def _offered(root: Element) -> dict[str, str]:
    """Give the prefixes that are offered, each with the form that is known by its namespace or its name."""
    offered = {}
    for element in root.iterfind("ListMetadataFormats/metadataFormat"):
        if prefix := text(element, "metadataPrefix"):
            offered[prefix] = pages.FORMS.get(text(element, "metadataNamespace"), prefix)
    return offered


def _best(url: str, offered: dict[str, str], wanted: str) -> str:
    for form in (wanted,) if wanted else BEST:
        for prefix in sorted(offered, key=lambda name: name != form):  # of two of one form, the one so called
            if form in (prefix, offered[prefix]):
                return prefix
    names = ", ".join(offered) or "none"
    raise SourceError(f"{url} offers the formats {names}, not {wanted or ', '.join(BEST)}; choose one with --format")


def _header(element: Element) -> Header:
    stamp = datestamps.utc(text(element, "datestamp"))
    return Header(text(element, "identifier"), stamp, element.get("status") == "deleted")


def _lost(items: Iterable[RawRecord | Finding]) -> Iterator[Lost]:
    for item in items:
        if isinstance(item, Finding) and item.shape == "no-metadata" and item.identifier:
            yield Lost(item.identifier, "the source lists it, but gives no metadata with it")


def _number(written: str) -> int:
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 12 else 0


def _clock(reply: Reply) -> str:
    """Give the moment of an answer by its HTTP header; empty where it has none."""
    return datestamps.of_header(reply.headers.get("date", ""))


def _tree_or_none(body: bytes) -> Element | None:
    try:
        return parsed(body)
    except SourceError:
        return None


def _raise_refusal(url: str, root: Element | None) -> None:
    error = root.find("error") if root is not None else None
    if error is not None and error.get("code") != "noRecordsMatch":
        raise _refusal(url, error.get("code", ""), " ".join((error.text or "").split())[:500])


def _refusal(url: str, code: str, words: str) -> SourceError:
    if code == "badResumptionToken":
        return Expired(f"asking {url} for the next page: it no longer knows its own token ({words})")
    return Refused(url, code, words)
