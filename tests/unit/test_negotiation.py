"""Negotiation holds RFC 9110, section 12.4 and 12.5, and no header raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from katalod.web.negotiation import LANGUAGES, language, negotiate

TURTLE, JSONLD, NT, RDFXML, HTML = OFFERS = (
    "text/turtle",
    "application/ld+json",
    "application/n-triples",
    "application/rdf+xml",
    "text/html",
)
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8"


@pytest.mark.parametrize(
    ("header", "best"),
    [
        (None, TURTLE),
        ("", TURTLE),
        ("*/*", TURTLE),
        (" , ,", TURTLE),
        ("no type at all", TURTLE),
        (CHROME, HTML),
        ("text/html, */*", HTML),
        ("*/*, text/html", HTML),
        ("text/html;q=0.5, */*;q=0.8", TURTLE),
        ("text/turtle; charset=utf-8", TURTLE),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', JSONLD),
        ('application/ld+json; profile="a, b; q=0"; q=0.9, text/turtle;q=0.5', JSONLD),
        ("TEXT/TURTLE", TURTLE),
        ("application/ld+json, text/turtle", TURTLE),
        ("text/turtle;q=0.3, application/rdf+xml;q=0.4", RDFXML),
        ("text/turtle;q=0.3, application/rdf+xml;Q=0.4", RDFXML),
        ("application/*", JSONLD),
        ("text/*;q=0.2, application/n-triples;q=0.1", TURTLE),
        ("text/*, text/turtle;q=0", HTML),
        ("*/*, text/turtle;q=0, application/ld+json;q=0", NT),
        ("*/*;q=0", None),
        ("image/png", None),
        ("text/html;q=0", None),
        ("text/html;q=2, application/n-triples;q=0.1", NT),
        ("text/html;q=nan, application/n-triples;q=0.1", NT),
        ("text/html;q=-1, application/n-triples;q=0.1", NT),
        ("text/html;q=, application/n-triples;q=0.1", NT),
        ("text/html;q=1.000, text/turtle;q=0.999", HTML),
        ('text/turtle;x="never closed, text/html', TURTLE),
    ],
)
def test_the_best_form(header: str | None, best: str | None) -> None:
    assert negotiate(header, OFFERS) == best


@given(st.text(max_size=300) | st.text(alphabet='*/;,=q."\\ 01textmlur+', max_size=200))
def test_no_header_raises(header: str) -> None:
    assert negotiate(header, OFFERS) in (*OFFERS, None)
    assert language(None, header) in LANGUAGES


@given(st.dictionaries(st.sampled_from(OFFERS), st.integers(0, 1000), min_size=1))
def test_the_highest_quality_wins_and_ties_go_to_the_servers_order(wanted: dict[str, int]) -> None:
    header = ", ".join(f"{name};q={quality / 1000:.3f}" for name, quality in wanted.items())
    highest = max(wanted.values())
    first = next((name for name in OFFERS if wanted.get(name) == highest), None)
    assert negotiate(header, OFFERS) == (first if highest else None)


@given(st.permutations(["text/turtle;q=0.4", "text/html;q=0.7", "application/*;q=0.1", "image/png"]))
def test_the_order_of_a_header_does_not_matter(elements: list[str]) -> None:
    assert negotiate(", ".join(elements), OFFERS) == HTML


def test_a_long_header_is_read_in_linear_time() -> None:
    for hostile in ('"' * 100_000, ";" * 100_000, "a/b;q=" * 50_000, '"\\' * 50_000, "," * 100_000):
        negotiate(hostile, OFFERS)
        language(None, hostile)


@pytest.mark.parametrize(
    ("chosen", "header", "best"),
    [
        (None, None, "de"),
        (None, "en-US,en;q=0.9,de;q=0.8", "en"),
        (None, "de-AT", "de"),
        (None, "fr, en;q=0.5, de;q=0.4", "en"),
        (None, "fr", "de"),
        (None, "en, de", "en"),
        (None, "en;q=0.1, de;q=0", "en"),
        (None, "de;q=0, *", "en"),
        (None, "*", "de"),
        ("en", "de", "en"),
        ("de", "en", "de"),
        ("xx", "en", "en"),
        ("EN", "de", "de"),
    ],
)
def test_the_best_language(chosen: str | None, header: str | None, best: str) -> None:
    assert language(chosen, header) == best
