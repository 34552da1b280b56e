"""CQL: the grammar of version 1.2, its faults by their numbers, and bounds."""

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from katalod import cql
from katalod.cql import Boolean, Clause, CqlError, Modifier, Name, Query, Relation, SortKey, read


def clause(index: str, relation: str, term: str) -> Clause:
    prefix, _, local = index.rpartition(".")
    return Clause(term, Name(local, prefix), Relation(Name(relation)))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("fish", Clause("fish")),
        ('"fish market"', Clause("fish market")),
        ('"a \\"b\\" c"', Clause('a \\"b\\" c')),  # backslashes are the term's own matter
        ("dc.title = fish", clause("dc.title", "=", "fish")),
        ("DC.Title=fish", clause("dc.title", "=", "fish")),
        ("dc.title<>fish", clause("dc.title", "<>", "fish")),
        ("dc.date >= 1999", clause("dc.date", ">=", "1999")),
        ("dc.title any and", clause("dc.title", "any", "and")),  # a reserved word where only a term can stand
        ('title == "a" ', clause("title", "==", "a")),
        ("a AND b", Boolean("and", Clause("a"), Clause("b"))),
        ("a and b or c", Boolean("or", Boolean("and", Clause("a"), Clause("b")), Clause("c"))),  # from the left
        ("a and (b or c)", Boolean("and", Clause("a"), Boolean("or", Clause("b"), Clause("c")))),
        ("a not b prox c", Boolean("prox", Boolean("not", Clause("a"), Clause("b")), Clause("c"))),
        ("((a))", Clause("a")),
        ("a prox/unit=word/distance>3 b",
         Boolean("prox", Clause("a"), Clause("b"), (Modifier(Name("unit"), "=", "word"), Modifier(Name("distance"), ">", "3")))),
        ("x =/stem/rel.algorithm=cori y",
         Clause("y", Name("x"), Relation(Name("="), (Modifier(Name("stem")), Modifier(Name("algorithm", "rel"), "=", "cori"))))),
        ('> dc = "http://x/" dc.title = a', Clause("a", Name("title", "dc", "http://x/"), Relation(Name("=")))),
        ('> "http://x/" title = a', Clause("a", Name("title", "", "http://x/"), Relation(Name("=")))),
        ('(> p = "u:1" p.a = b) and p.a = b',
         Boolean("and", Clause("b", Name("a", "p", "u:1"), Relation(Name("="))), clause("p.a", "=", "b"))),
    ],
)  # fmt: skip
def test_a_query_becomes_a_tree(text: str, tree: cql.Tree) -> None:
    assert read(text) == Query(tree)


def test_the_order_stands_behind_the_query() -> None:
    keys = (SortKey(Name("date", "dc"), (Modifier(Name("descending", "sort")),)), SortKey(Name("title", "dc")))
    assert read("a or b sortBy dc.date/sort.descending dc.title").sort == keys
    assert read("(a) SORTBY title").sort == (SortKey(Name("title")),)


@pytest.mark.parametrize(
    ("text", "number", "details"),
    [
        ("", 10, "0"), ("   ", 10, "3"), ("a b", 10, "3"), ("a = ", 10, "4"), ("= a", 10, "0"), ("a and", 10, "5"),
        ("and a", 10, "0"), ("a / b", 10, "2"), ("a =/ b c d", 10, "9"), ("a sortBy", 10, "8"), ("a sortBy b c = d", 10, "13"),
        ("()", 10, "1"), ("> a", 10, "3"), ("> a = b", 10, "7"), ("a = (b)", 10, "4"), ("(a b c d)", 10, "7"),
        ("(a", 13, "0"), ("a)", 13, "1"), ("((a) or (b", 13, "8"), ("a and (b))", 13, "9"),
        ('"a', 14, "0"), ('a = "b\\"', 14, "4"), ('"', 14, "0"),
        ("(" * 1000 + "a" + ")" * 1000, 13, str(cql.DEEPEST)),
        (" or ".join(["a"] * (cql.MOST + 2)), 38, str(cql.MOST)),
        ("a" * 10_000, 12, str(cql.LONGEST)),
    ],
)  # fmt: skip
def test_a_fault_has_its_number_and_its_place(text: str, number: int, details: str) -> None:
    with pytest.raises(CqlError) as caught:
        read(text)
    assert (caught.value.number, caught.value.details) == (number, details)
    assert str(caught.value)


def test_what_is_just_allowed_is_read() -> None:
    assert read("(" * cql.DEEPEST + "a" + ")" * cql.DEEPEST) == Query(Clause("a"))
    assert isinstance(read(" or ".join(["a"] * (cql.MOST + 1))).tree, Boolean)


_TERMS = st.text(st.characters(exclude_characters='\\"', exclude_categories=["Cs"]), max_size=12)
_NAMES = st.from_regex(r"[a-z]{1,5}(\.[a-z]{1,5})?", fullmatch=True).filter(
    lambda n: n not in ("and", "or", "not", "prox", "sortby")
)


def written(tree: cql.Tree) -> str:
    if isinstance(tree, Boolean):
        return f"({written(tree.left)}) {tree.operator} ({written(tree.right)})"
    if tree.index is None or tree.relation is None:
        return f'"{tree.term}"'
    return f'{tree.index} {tree.relation.name} "{tree.term}"'


_CLAUSES = _TERMS.map(Clause) | st.builds(clause, _NAMES, st.sampled_from(("=", "==", "<>", "any", "within")), _TERMS)
_TREES = st.recursive(
    _CLAUSES,
    lambda parts: st.builds(Boolean, st.sampled_from(("and", "or", "not", "prox")), parts, parts),
    max_leaves=12,
)


@examples(max_examples=150, deadline=None)
@given(_TREES)
def test_what_is_written_is_read(tree: cql.Tree) -> None:
    assert read(written(tree)) == Query(tree)


@examples(max_examples=300, deadline=None)
@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(['"', "(", ")", "and", "=", ">", "/", "a", "sortBy", "\\", " ", "<>"])).map("".join)
)
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    try:
        assert isinstance(read(text), Query)
    except CqlError as fault:
        assert fault.number in (10, 12, 13, 14, 38)
