"""Triple patterns as clients and people write them, and the store's answer to them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from katalod.rdf import term
from katalod.store.embedded import Embedded
from katalod.web.hydra import Address, safe
from katalod.web.patterns import read

TITLE = term("dcterms:title")
YEAR = Literal("2021", datatype=term("xsd:gYear"))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", [None]),
        ("?o", [None]),
        ("?", [None]),
        (TITLE.value, [TITLE]),
        (f"<{TITLE.value}>", [TITLE]),
        ("dcterms:title", [TITLE]),
        ("http://example.org/dcterms:title", [NamedNode("http://example.org/dcterms:title")]),
        ("urn:isbn:1", [NamedNode("urn:isbn:1")]),
        ('""', [Literal("")]),
        ('"Stadt"', [Literal("Stadt")]),
        ('"Stadt"@de', [Literal("Stadt", language="de")]),
        ('"2021"^^<http://www.w3.org/2001/XMLSchema#gYear>', [YEAR]),
        ('"2021"^^http://www.w3.org/2001/XMLSchema#gYear', [YEAR]),
        ('"2021"^^xsd:gYear', [YEAR]),
        ('"a\nb"', [Literal("a\nb")]),
        ('"Er sagt "Was?" laut"@de', [Literal('Er sagt "Was?" laut', language="de")]),
        ('"a"@de, "b"@en', [Literal('a"@de, "b', language="en")]),
        ('"C:\\new"', [Literal("C:\\new"), Literal("C:\new")]),
        ('"a \\"b\\" c"', [Literal('a \\"b\\" c'), Literal('a "b" c')]),
        ('"\\u00e4"@de', [Literal("\\u00e4", language="de"), Literal("ä", language="de")]),
        ('"\\x"', [Literal("\\x")]),
        ('"\\"', [Literal("\\")]),
        ('"a\\" . <x:> <x:> \\"b"', [Literal('a\\" . <x:> <x:> \\"b'), Literal('a" . <x:> <x:> "b')]),
    ],
)
def test_an_object_is_read(text: str, meant: list[NamedNode | Literal | None]) -> None:
    assert read("", "", text) == [(None, None, one) for one in meant]


BAD = [
    "x y", "<", "<>", "<a b>", "_:b", "a", "http://[", "http://x/%zz", "http://x/\x00", '"', '"a', '"a"@', '"a"@de_DE',
    '"a"@abcdefghi', '"a"^^', '"a"^^<>', '"a"^^?x', "?x y", "[]", "'a'", "{", "http://x/<script>",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_term_is_named_by_its_place(text: str) -> None:
    with pytest.raises(ValueError, match="object"):
        read("?s", "?p", text)
    with pytest.raises(ValueError, match="subject"):
        read(text, text, "")


def test_a_literal_is_no_subject() -> None:
    for place in (0, 1):
        asked = ["", "", ""]
        asked[place] = '"a"'
        with pytest.raises(ValueError, match="subject" if place == 0 else "predicate"):
            read(*asked)


@given(st.text(max_size=60))
def test_no_text_raises_anything_else(text: str) -> None:
    for place in range(3):
        asked = ["", "", ""]
        asked[place] = text
        try:
            for pattern in read(*asked):
                assert len(pattern) == 3
        except ValueError as error:
            assert str(error) in ("subject", "predicate", "object")


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_a_literal_as_hydra_writes_it_is_read_back_first(text: str) -> None:
    assert read("", "", f'"{text}"@de')[0][2] == Literal(text, language="de")
    assert read("", "", str(Literal(text)))[-1][2] == Literal(text)  # as Turtle writes it: last


@given(st.binary(max_size=60))
def test_an_address_is_an_iri_whatever_was_asked(query: bytes) -> None:
    at = Address("http://example.org/fragments", safe(query), 2)
    for one in (at.here, at.fragment, at.page(3)):
        NamedNode(one)
    assert "page=" not in at.fragment.replace("%", "").partition("?")[2].split("&")


def test_a_page_keeps_the_words_of_the_client() -> None:
    at = Address("/fragments", safe(b"page=2&object=%22a%22@de&subject=?s"), 2)
    assert at.here == "/fragments?page=2&object=%22a%22@de&subject=?s"
    assert at.fragment == "/fragments?object=%22a%22@de&subject=?s"
    assert at.page(3) == "/fragments?object=%22a%22@de&subject=?s&page=3"


A, B, C = (NamedNode(f"http://example.org/{name}") for name in "abc")
GRAPHS = (DefaultGraph(), NamedNode("http://example.org/g/1"), NamedNode("http://example.org/g/2"))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Embedded:
    folder = tmp_path_factory.mktemp("store") / "store"
    made = Store(str(folder))
    for number, graph in enumerate(GRAPHS):
        made.extend(Quad(A, B, Literal(str(n)), graph) for n in range(number, 10 + 5 * number))
    made.add(Quad(C, B, A, GRAPHS[2]))
    made.flush()
    del made
    return Embedded.open(folder)


def test_a_triple_of_several_graphs_is_given_once(store: Embedded) -> None:
    found = list(store.matching((None, None, None)))
    given_once = [triple for triple in found if triple is not None]
    assert len(given_once) == len(set(given_once)) == 21
    assert len(found) == 10 + 14 + 18 + 1
    assert list(store.matching((None, B, A))) == [Triple(C, B, A)]
    assert list(store.matching((A, B, Literal("3")))) == [Triple(A, B, Literal("3")), None, None]


def test_a_walk_begun_in_the_midst_goes_on_as_one_from_the_beginning(store: Embedded) -> None:
    for pattern in ((None, None, None), (A, None, None), (None, B, None), (C, None, None), (None, None, B)):
        whole = list(store.matching(pattern))
        for skip in range(len(whole) + 3):
            assert list(store.matching(pattern, skip)) == whole[skip:]


def test_each_triple_is_counted_once_and_no_further_than_asked(store: Embedded) -> None:
    assert store.count((None, None, None), 100) == 21
    assert store.count((None, None, None), 7) == 7
    assert store.count((A, B, Literal("3")), 7) == 1
    assert store.count((B, None, None), 7) == 0


def test_terms_are_written_so_that_nothing_leaves_them(store: Embedded) -> None:
    for text in ('" . ?a ?b ?c . "', "\\", '"', "\n", "} UNION { ?a ?b ?c", "\x00"):
        assert list(store.matching((None, None, Literal(text)))) == []
        assert store.count((None, None, Literal(text)), 5) == 0
