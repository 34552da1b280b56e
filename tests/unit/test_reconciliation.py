"""What a reconciliation client asks, read from JSON and held to its bounds."""

import json
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from katalod.linking.likeness import likeness
from katalod.web.reconciliation.asking import (
    CANDIDATES,
    LONGEST,
    MOST_CANDIDATES,
    MOST_IDS,
    MOST_QUERIES,
    MOST_VALUES,
    AskingError,
    Given,
    Query,
    Wanted,
    batch,
    extension,
)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ("query", "type", "limit", "properties", "type_strict", "pid", "p", "v", "id", "ids", "settings", "name")
likely = st.recursive(
    anything,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5),
    max_leaves=20,
)


def one(**asked: Any) -> Query:
    return batch(json.dumps({"q0": asked}))["q0"]


def test_a_query_is_read_in_every_way_that_clients_write_it() -> None:
    assert one(query=" Dorf ") == Query("Dorf")
    assert one(query="Dorf", type="keyword", type_strict="should").types == ("keyword",)
    assert one(query="Dorf", type=["keyword", {"id": "heading", "name": "x"}], type_strict="all") == Query(
        "Dorf", ("keyword", "heading"), every=True
    )
    assert one(query="Dorf", type=None, limit=None, properties=None) == Query("Dorf")
    assert one(query=2010).text == "2010" and one(query=1.5).text == "1.5"
    read = one(
        query="x",
        properties=[{"pid": "year", "v": 2010}, {"p": "creator", "v": ["A", {"id": "i", "name": "B"}, None, ""]}],
    )
    assert read.properties == (("year", (Given("2010"),)), ("creator", (Given("A"), Given("B", "i"))))
    assert one(properties=[{"pid": "doi", "v": True}]).properties == (("doi", (Given("true"),)),)
    assert one(query="half \ud800 of a pair").text == "half ? of a pair"


@pytest.mark.parametrize(
    ("given_limit", "limit"), [(3, 3), ("7", 7), (2.0, 2), (0, CANDIDATES), (10_000, MOST_CANDIDATES)]
)
def test_limits_are_bounded(given_limit: Any, limit: int) -> None:
    assert one(query="x", limit=given_limit).limit == limit


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("nonsense", "queries is no JSON"),
        ("[" * 100_000, "queries is no JSON"),
        ('{"q0": ' + "9" * 5000 + "}", "queries is no JSON"),
        ("[]", "queries is an object, not a list"),
        ("null", "queries is an object, not nothing"),
        ('{"q0": "Dorf"}', "queries.q0 is an object, not a text"),
        ('{"q0": {}}', "needs a query or properties"),
        ('{"q0": {"query": ["Dorf"]}}', "queries.q0.query is a text, not a list"),
        ('{"q0": {"query": "x", "type": 7}}', "queries.q0.type is a type or a list of types, not a number"),
        ('{"q0": {"query": "x", "type": [[]]}}', "queries.q0.type is a text, not a list"),
        ('{"q0": {"query": "x", "type_strict": []}}', "type_strict is one of any, should, all"),
        ('{"q0": {"query": "x", "limit": -1}}', "limit is a whole number from 0, not -1"),
        ('{"q0": {"query": "x", "limit": NaN}}', "limit is a whole number from 0, not nan"),
        ('{"q0": {"query": "x", "limit": true}}', "limit is a whole number"),
        ('{"q0": {"query": "x", "properties": {}}}', "properties is a list, not an object"),
        ('{"q0": {"query": "x", "properties": [{"v": 1}]}}', "pid is a text, not nothing"),
        ('{"q0": {"query": "x", "properties": [{"pid": "y", "v": {"name": "x"}}]}}', "v.id is a text, not nothing"),
        (json.dumps({"q0": {"query": "x" * (LONGEST + 1)}}), f"at most {LONGEST} characters"),
    ],
)
def test_what_is_no_batch_is_told(asked: str, said: str) -> None:
    with pytest.raises(AskingError) as raised:
        batch(asked)
    assert said in str(raised.value) and raised.value.status == HTTPStatus.BAD_REQUEST


def test_too_much_is_told() -> None:
    most = {f"q{n}": {"query": "x"} for n in range(MOST_QUERIES)}
    assert len(batch(json.dumps(most))) == MOST_QUERIES
    values = [{"pid": "creator", "v": ["x"] * (MOST_VALUES + 1)}]
    ids = {"ids": [f"difu/{n}" for n in range(MOST_IDS + 1)], "properties": [{"id": "title"}]}
    for read, asked in (
        (batch, most | {"more": {"query": "x"}}),
        (batch, {"q0": {"query": "x", "properties": values}}),
        (batch, {"q0": {"query": "x", "properties": [{"pid": "x", "v": []}] * (MOST_VALUES + 1)}}),
        (extension, ids),
        (extension, {"ids": ids["ids"][:-1], "properties": [{"id": str(n)} for n in range(6)]}),
        (extension, {"ids": [], "properties": [{"id": str(n)} for n in range(MOST_IDS + 1)]}),
    ):
        with pytest.raises(AskingError, match="send it in parts") as raised:
            read(json.dumps(asked))
        assert raised.value.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_an_extension_is_read() -> None:
    asked = {
        "ids": ["difu/1", "difu/1", "keyword/dorf"],
        "properties": [
            {"id": "title"},
            {"id": "creator", "settings": {"limit": "2", "content": "id"}},
            {"id": "heading", "settings": {"limit": 1, "content": ["?"]}},
            {"id": "year", "settings": None},
            {"id": "title"},
        ],
    }
    assert extension(json.dumps(asked)) == (
        ("difu/1", "keyword/dorf"),
        (Wanted("title"), Wanted("creator", 2, "id"), Wanted("heading", 1), Wanted("year")),
    )


@given(st.dictionaries(st.text(max_size=5), likely, max_size=3) | likely)
def test_whatever_is_asked_is_read_or_told(asked: Any) -> None:
    for read in (batch, extension):
        try:
            read(json.dumps(asked))
        except AskingError as error:
            assert str(error)


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_a_measure(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) == likeness(other, one) <= 1


def test_likeness_knows_no_order_and_takes_a_long_part_for_nearly_the_whole() -> None:
    assert likeness("muster maria", "maria muster") == 1
    assert likeness("wohnen in der stadt", "wohnen in der stadt ein bericht aus den quartieren") == 0.9
    assert likeness("wohnen", "wohnen in der stadt") < 0.6
    assert likeness("", "x") == 0
    assert likeness("a a a a", "a day in the town") < 0.6, "a word that is repeated says no more"
