"""What OAI-PMH answers say beside records, moments and spans, and which form is chosen."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.repository import Fault, Repository, many, serving

from katalod.errors import SourceError
from katalod.fetch import FetchError, Limits, Session
from katalod.model import RawRecord
from katalod.sources import datestamps, oai_pmh, pages
from katalod.sources.answers import parsed
from katalod.sources.listing import Expired, Stuck

OAI = "http://www.openarchives.org/OAI/2.0/"
MOMENTS = st.integers(0, 4_000_000_000)


def envelope(body: str, root: str = f'xmlns="{OAI}"') -> pages.Envelope:
    found = pages.Envelope()
    text = f"<OAI-PMH {root}><responseDate> 2025-06-01T12:00:00Z </responseDate><request>x</request>{body}</OAI-PMH>"
    try:
        list(pages.records(io.BytesIO(text.encode()), "difu", "x", found))
    except SourceError:
        assert found.error
    return found


def test_the_envelope_tells_where_the_list_goes_on() -> None:
    token = '<resumptionToken completeListSize="250" cursor="0"> a&amp;b=c </resumptionToken>'
    found = envelope(f"<ListRecords>{token}</ListRecords>")
    assert (found.verb, found.token, found.size, found.date) == ("ListRecords", "a&b=c", "250", "2025-06-01T12:00:00Z")


def test_a_token_inside_a_record_is_no_token() -> None:
    record = (
        "<record><header><identifier>a</identifier></header><metadata><dc><resumptionToken>x</resumptionToken></dc>"
        "</metadata></record>"
    )
    assert envelope(f"<ListRecords>{record}</ListRecords>").token == ""


def test_an_error_is_told_with_its_words() -> None:
    found = envelope('<error code="badResumptionToken">it   has\n expired</error>')
    assert (found.error, found.words) == ("badResumptionToken", "it has expired")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html></html>", "an HTML page"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><OAI-PMH>&a;</OAI-PMH>', "document type declaration"),
        (b"<html><body/></html>", "its root is 'html'"),
        (b"<OAI-PMH><Identify></OAI-PMH>", "not well-formed"),
        (b"<OAI-PMH>" + b"<a>" * 100 + b"</a>" * 100 + b"</OAI-PMH>", "nested more than 50 deep"),
        (b'<?xml version="1.0" encoding="unicode_escape"?><OAI-PMH/>', "not known here"),
    ],
)
def test_what_is_no_answer_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        parsed(body)


def test_an_answer_is_read_in_its_own_encoding_and_with_any_namespace() -> None:
    text = (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<x:OAI-PMH xmlns:x="y"><x:Identify>Größe</x:Identify></x:OAI-PMH>'
    )
    assert parsed(b"\n" + text.encode("latin-1")).findtext("Identify") == "Größe"


# Moments and spans.


@given(MOMENTS, st.floats(0, 10**7), st.booleans())
def test_it_is_asked_from_at_least_a_granule_earlier(moment: int, overlap: float, by_day: bool) -> None:
    now = datestamps.written(moment, by_day=False)
    since = datestamps.before(now, overlap, by_day)
    assert len(since) == (10 if by_day else 20)
    granule = 86_400 if by_day else 1
    assert datestamps.seconds(since) <= max(0, moment - int(max(overlap, granule)))
    assert datestamps.seconds(since) > moment - max(overlap, granule) - 86_400 - 1 or moment < 86_400


@given(MOMENTS, MOMENTS, st.booleans(), st.none() | MOMENTS)
def test_halves_cover_the_whole_and_do_not_overlap(one: int, other: int, by_day: bool, cut: int | None) -> None:
    first, last = sorted((one, other))
    since, until = datestamps.written(first, by_day), datestamps.written(last, by_day)
    found = datestamps.halves(since, until, by_day, "" if cut is None else datestamps.written(cut, by_day=False))
    if since == until:
        assert found is None
        return
    assert found is not None
    (a, b), (c, d) = found
    granule = 86_400 if by_day else 1
    assert (a, d) == (since, until)
    assert datestamps.seconds(c) - datestamps.seconds(b) == granule
    assert a <= b < c <= d


@given(MOMENTS, MOMENTS, MOMENTS)
def test_halving_ends_at_the_moment_at_fault(one: int, other: int, fault: int) -> None:
    first, last = sorted((one, other))
    fault = min(max(fault, first), last)
    span = (datestamps.written(first, by_day=False), datestamps.written(last, by_day=False))
    at = datestamps.written(fault, by_day=False)
    for _ in range(40):
        halves = datestamps.halves(*span, by_day=False)
        if halves is None:
            break
        span = next(half for half in halves if half[0] <= at <= half[1])
    assert span == (at, at)


def test_a_day_reaches_to_its_end() -> None:
    assert datestamps.halves("2024-05-01", "2024-05-01", by_day=False) == (
        ("2024-05-01T00:00:00Z", "2024-05-01T11:59:59Z"),
        ("2024-05-01T12:00:00Z", "2024-05-01T23:59:59Z"),
    )
    assert datestamps.halves("", "2024-05-01", by_day=True) is None


@pytest.mark.parametrize("written", ["", "Sun, 01 Jun", "Sun, 01 Jun 99999 12:00:00 GMT", "x" * 1000])
def test_a_header_that_says_no_moment(written: str) -> None:
    assert datestamps.of_header(written) == ""
    assert datestamps.of_header("Sun, 01 Jun 2025 14:00:00 +0200") == "2025-06-01T12:00:00Z"


# A repository.


def asked(repository: Repository, form: str = "") -> oai_pmh.Repository:
    return oai_pmh.connect(Session(Limits(attempts=2, pause=0.0)), "difu", repository.url, form)


@pytest.mark.parametrize(
    ("formats", "wanted", "chosen"),
    [
        (("oai_dc", "dim", "xoai", "mets"), "", "dim"),
        (("oai_dc", "xoai"), "", "xoai"),
        (("mets", "oai_dc"), "", "oai_dc"),
        (("oai_dc", "dim"), "oai_dc", "oai_dc"),
        (("oai_dc", "mets"), "mets", "mets"),
    ],
)
def test_the_best_form_or_the_wanted_one_is_chosen(formats: tuple[str, ...], wanted: str, chosen: str) -> None:
    with serving(Repository(many(1), formats=formats)) as repository:
        assert asked(repository, wanted).prefix == chosen


def test_a_form_that_is_not_offered_is_refused_with_what_is() -> None:
    with serving(Repository(many(1), formats=("mets",))) as repository:
        with pytest.raises(SourceError, match="offers the formats mets, not dim, xoai, oai_dc"):
            asked(repository)
        with pytest.raises(SourceError, match="offers the formats mets, not dim;"):
            asked(repository, "dim")


def test_a_page_is_given_with_the_address_of_each_record() -> None:
    with serving(Repository(many(25))) as repository:
        source = asked(repository)
        page = source.page(("", ""), "")
        second = source.page(("", ""), page.token)
    first = page.items[0]
    assert isinstance(first, RawRecord)
    assert first.origin == (
        f"{repository.url}?verb=GetRecord&metadataPrefix=dim&identifier=oai%3Aflaky.example%3Adifu%2F0"
    )
    assert (len(page.items), page.size, page.date, first.position) == (10, 25, "2025-06-01T12:00:00Z", 1)
    assert (len(second.items), bool(second.token)) == (10, True)


def test_what_a_page_can_come_to() -> None:
    with serving(Repository(many(25))) as repository:
        source = asked(repository)
        token = source.page(("", ""), "").token
        repository.faults = [Fault("expired", 2, 1)]
        with pytest.raises(Expired):
            source.page(("", ""), token)
        repository.faults = [Fault("never", 2, 99)]
        with pytest.raises(Stuck, match="nor could the identifiers"):
            source.page(("", ""), token)
        repository.faults = [Fault("s503", 2, 99)]
        with pytest.raises(FetchError, match="503"):
            source.page(("", ""), token)
        assert source.page(("2030-01-01T00:00:00Z", ""), "").items == ()
        assert source.record("oai:flaky.example:nobody").items == ()


def test_what_is_no_repository_is_said_not_to_be() -> None:
    with serving(Repository(many(1))) as repository, pytest.raises(SourceError, match="who it is"):
        repository.faults = []
        oai_pmh.connect(Session(Limits(attempts=1, connect=0.2)), "x", "http://127.0.0.1:9/oai")
