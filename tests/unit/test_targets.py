"""What can be said to other catalogues, what is read from their answers, and which works are the same."""

import json
import time
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pyoxigraph import Store
from tests import targets as recorded

from katalod import settings
from katalod.errors import SettingsError, SourceError
from katalod.federation import Answer, State, Work, identifiers, joined, lobid, sparql, sru
from katalod.federation.asking import LARGEST
from katalod.federation.values import LONGEST, MOST_WORKS, Refused, isbn, line, named
from katalod.federation.words import words
from katalod.settings import Target

SRU = Target(
    "dnb", "https://x.example/sru", version="1.1", schema="MARC21-xml", index="WOE", page="https://d-nb.info/{id}"
)
SPARQL = Target("other", "https://x.example/sparql", "sparql")
LOBID = Target("lobid", "https://x.example/search", "lobid")


def load(folder: Path, text: str) -> tuple[Target, ...]:
    path = folder / "katalod.toml"
    path.write_text(text, "utf-8")
    return settings.load(path, environ={}).targets


# -- settings


def test_shipped_catalogues_are_known_and_off_until_they_are_switched_on(tmp_path: Path) -> None:
    assert {(target.name, target.on) for target in settings.Settings().targets} == {
        ("dnb", False), ("k10plus", False), ("lobid", False),
    }  # fmt: skip
    first, second, *rest = load(
        tmp_path,
        '[targets.near]\nurl = "https://a.example/sparql"\nkind = "sparql"\ndeadline = "2s"\n[targets.dnb]\non = true\n'
        'parameters = { accessToken = "s" }\n',
    )
    assert (first.name, first.on, first.label, first.deadline) == ("near", True, "near", 2.0)
    assert (second.name, second.on, second.index, second.label) == ("dnb", True, "WOE", "Deutsche Nationalbibliothek")
    assert second.parameters == (("accessToken", "s"),)
    assert [(target.name, target.on) for target in rest] == [("k10plus", False), ("lobid", False)]
    assert hash(first) != hash(second)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[targets.a]\nurl = "https://x.org"\nidnex = "WOE"', "nobody knows the key 'idnex'; perhaps 'index' is meant"),
        ('[targets.a]\nkind = "sru"', "url cannot be ''"),
        ('[targets.a]\nurl = "x.org"', "url cannot be 'x.org'"),
        ('[targets.a]\nurl = "https://"', "url cannot be"),
        (
            '[targets.a]\nurl = "https://x.org"\nkind = "z3950"',
            "kind cannot be 'z3950'; it is one of sru, sparql, lobid",
        ),
        ('[targets.a]\nurl = "https://x.org"\ndeadline = "2h"', "at most 60 seconds"),
        ('[targets.a]\nurl = "https://x.org"\ndeadline = "0"', "above 0"),
        ('[targets.a]\nurl = "https://x.org"\ndeadline = 3', "takes a text in quotation marks"),
        ('[targets.a]\nurl = "https://x.org"\non = "yes"', "on cannot be 'yes'; it takes true or false"),
        ('[targets.a]\nurl = "https://x.org"\nversion = "2.0"', "version cannot be '2.0'"),
        ('[targets.a]\nurl = "https://x.org"\nindex = "a b"', "index cannot be 'a b'"),
        ('[targets.a]\nurl = "https://x.org"\nquery = "dc.title=x"', "query has no {words}"),
        ('[targets.a]\nurl = "https://x.org"\nkind = "lobid"\nindex = "x"', "index is not for the kind lobid"),
        ('[targets.a]\nurl = "https://x.org"\npage = "https://x.org/1"', "page cannot be"),
        ('[targets.a]\nurl = "https://x.org"\nparameters = "a=b"', "parameters cannot be 'a=b'"),
        ('[targets."a b"]\nurl = "https://x.org"', "'a b' is no name"),
        ('[targets.all]\nurl = "https://x.org"', "'all' stands for something else"),
        ('[targets.ours]\nurl = "https://x.org"', "'ours' stands for something else"),
        ('targets = "dnb"', "give each a table"),
        ("".join(f'[targets.t{n}]\nurl = "https://x.org"\n' for n in range(17)), "more than 16 targets are on"),
    ],
)
def test_what_is_not_understood_is_said(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(SettingsError) as told:
        load(tmp_path, text)
    assert reason in str(told.value)


# -- what is asked


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("soziale Stadt", ("soziale", "Stadt")),
        ('"soziale Stadt" wohnungsm*', ("soziale Stadt", "wohnungsm*")),
        ("title:Wohnen -Miete year:2010-2012 typ:bericht", ("Wohnen",)),
        ("978-3-88118-676-6 10.5555/made.1", ("978-3-88118-676-6", "10.5555/made.1")),
        ('Müller" or 1=1', ("Müller", "or 1=1")),
        ("a a A", ("a", "A")),
        ("?! * - {words} <b>", ("words", "b")),
        ("", ()),
        (" ".join(map(str, range(20))), tuple(map(str, range(12)))),
    ],
)
def test_what_was_typed_is_said_in_words_that_all_understand(typed: str, said: tuple[str, ...]) -> None:
    assert words(typed) == said


def test_a_request_is_as_the_catalogue_wants_it() -> None:
    asked = dict(sru.request(SRU, ("soziale Stadt", "Miete"), 10).parameters)
    assert asked == {
        "version": "1.1", "operation": "searchRetrieve", "query": 'WOE="soziale Stadt" and WOE="Miete"',
        "maximumRecords": "10", "recordSchema": "MARC21-xml",
    }  # fmt: skip
    within = Target("a", "https://x.example", query="({words}) and mat=books")
    assert dict(sru.request(within, ("a", "b"), 1).parameters)["query"] == '("a" and "b") and mat=books'
    assert lobid.request(LOBID, ("soziale Stadt", "Wohn-m*"), 3).parameters == (
        ("q", '"soziale Stadt" AND Wohn\\-m*'), ("size", "3"), ("format", "json"),
    )  # fmt: skip
    own = Target("a", "https://x.example", "sparql", query="SELECT * { ?work <x:search> {text} } LIMIT {limit}")
    assert sparql.request(own, ("Größe", "a*"), 5).parameters[0][1] == 'SELECT * { ?work <x:search> "Größe a" } LIMIT 5'


@given(st.text(max_size=60))
@examples(max_examples=150, deadline=None)
def test_nothing_that_is_typed_breaks_out_of_a_query(typed: str) -> None:
    said = words(typed)
    cql = sru.cql(said, "WOE")
    assert cql.count('"') == 2 * len(said) and "\\" not in cql
    lucene = lobid.request(LOBID, said, 1).parameters[0][1]
    assert len(lucene.encode()) < 2000
    if said:
        query = sparql.request(SPARQL, said, 1).parameters[0][1]
        assert list(Store().query(query)) == []  # type: ignore[arg-type]


# -- what is answered


def test_an_answer_of_dnb_is_read() -> None:
    found = sru.read(SRU, recorded.DNB.encode())
    assert found.total == 1204
    assert found.works == (
        Work(
            "Die Migration in Wohnquartieren : Thesen für die Praxis", ("Müller, Jürgen", "Muster, Maria"), "2021",
            "https://d-nb.info/1234567890", (f"isbn:{recorded.ISBN}", "urn:nbn:de:0000-made-1"),
        ),
        Work("Nur hier", (), "", "https://d-nb.info/99"),
    )  # fmt: skip


def test_an_answer_of_k10plus_is_read_and_what_is_no_record_passed_over() -> None:
    found = sru.read(Target("k10plus", "https://x.example"), recorded.K10PLUS.encode())
    assert found.total == 3
    (work,) = found.works
    assert work.identifiers == ("doi:10.5555/made.1", f"isbn:{recorded.ISBN}")
    assert (work.title, work.year, work.address) == (
        "Migration in Wohnquartieren. Band 2", "2021", "https://doi.org/10.5555/made.1",
    )  # fmt: skip


def test_diagnostics_are_what_the_catalogue_says() -> None:
    with pytest.raises(Refused, match=r"diagnostic/1/66: \[dc\]: Unknown schema for retrieval"):
        sru.read(SRU, recorded.DNB_DIAGNOSTIC.format(schema="dc").encode())
    with pytest.raises(Refused, match="diagnostic/1/10: Query syntax error: unexpected token"):
        sru.read(SRU, recorded.K10PLUS_DIAGNOSTIC.encode())


def wrapped(record: str, packing: str = "xml") -> bytes:
    return (
        '<srw:searchRetrieveResponse xmlns:srw="http://docs.oasis-open.org/ns/search-ws/sruResponse"><srw:numberOfRecords>1'
        f"</srw:numberOfRecords><srw:records><srw:record><srw:recordXMLEscaping>{packing}</srw:recordXMLEscaping>"
        f"<srw:recordData>{record}</srw:recordData></srw:record></srw:records></srw:searchRetrieveResponse>"
    ).encode()


def test_mods_and_dublin_core_are_read() -> None:
    (work,) = sru.read(SRU, wrapped(recorded.MODS)).works
    assert work == Work(
        "Die Stadt : heute", ("Muster, Maria", "Amt für Städtebau"), "2019", "https://example.org/stadt",
        ("doi:10.5555/made.2",),
    )  # fmt: skip
    (work,) = sru.read(SRU, wrapped(recorded.DC)).works
    assert work == Work(
        "Die Stadt", ("Muster, Maria",), "2019", "https://example.org/dc/1",
        (f"isbn:{recorded.ISBN}", "urn:nbn:de:0000-made-3"),
    )  # fmt: skip


def test_a_record_packed_as_a_text_is_read() -> None:
    packed = recorded.MODS.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert [work.title for work in sru.read(SRU, wrapped(packed, "string")).works] == ["Die Stadt : heute"]


def test_an_answer_of_lobid_is_read() -> None:
    found = lobid.read(LOBID, json.dumps(recorded.LOBID).encode())
    assert found.total == 17
    first, second = found.works
    assert first == Work(
        "Migration in Wohnquartieren : Thesen für die Praxis", ("Müller, Jürgen", "Ein Institut"), "2021",
        "http://lobid.org/resources/990000000000206441", ("doi:10.5555/made.1", f"isbn:{recorded.ISBN}"),
    )  # fmt: skip
    assert second == Work("Ohne alles", (), "", "http://lobid.org/resources/1")


def test_rows_of_a_sparql_endpoint_are_read_work_by_work() -> None:
    assert sparql.read(SPARQL, json.dumps(recorded.SPARQL).encode()).works == (
        Work("Wohnen in der Stadt", ("Muster, Maria", "Zweite, Zoe"), "2020", "https://other.example/id/1",
             ("doi:10.5555/made.4",)),
    )  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        b"", b"   ", b"<html><body>Login</body></html>", b"<!DOCTYPE html><html></html>", b"<a><b></a>", b"{}", b"[]", b"\xff\xfe\x00",
        recorded.BOMB.encode(), recorded.OUTSIDE.encode(), b"<a>" * 100 + b"</a>" * 100,
        b"<searchRetrieveResponse>" + b"<a/>" * 250_000 + b"</searchRetrieveResponse>",
        b'{"member": 1}', b"[" * 100_000, b'{"head": {"vars": ["x"]}, "results": {"bindings": []}}', b'{"boolean": true}',
        wrapped("&lt;!DOCTYPE x [&lt;!ENTITY a 'b'>]>&lt;mods/>"),
    ],
    ids=lambda body: body[:20].decode("latin-1"),
)  # fmt: skip
def test_what_is_no_answer_is_said_to_be_none(body: bytes) -> None:
    for module, target in ((sru, SRU), (sparql, SPARQL), (lobid, LOBID)):
        with pytest.raises(SourceError):
            module.read(target, body)


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda one: st.lists(one) | st.dictionaries(
    st.sampled_from(["id", "title", "isbn", "member", "contribution", "agent", "label", "publication", "startDate"]), one)))  # fmt: skip
@examples(max_examples=150, deadline=None)
def test_json_of_any_shape_is_read_or_refused(value: object) -> None:
    lobid.read(LOBID, json.dumps({"member": [value], "totalItems": value}).encode())


def test_what_others_say_comes_out_short_and_harmless() -> None:
    (work,) = lobid.read(LOBID, recorded.lobid_with(recorded.ATTACK + "x" * 10_000)).works
    assert "<script" not in work.title and len(work.title) <= LONGEST
    assert work.address == ""
    (work,) = lobid.read(LOBID, recorded.lobid_with("T", 'https://x.example/"onclick=')).works
    assert work.address == ""
    assert line("\x98Der\x9c Zauber\x00berg /") == "Der Zauberberg"


@pytest.mark.parametrize(
    ("text", "as_isbn", "as_any"),
    [
        ("978-3-88118-676-6", "isbn:9783881186766", "isbn:9783881186766"),
        ("9783881186766 (Broschur) : EUR 9.80", "isbn:9783881186766", "isbn:9783881186766"),
        ("ISBN 978-3-88118-676-6", "isbn:9783881186766", "isbn:9783881186766"),
        ("0-19-852663-6", "isbn:9780198526636", ""),  # ten digits may be a number of another kind
        ("ISBN 0-19-852663-6", "isbn:9780198526636", "isbn:9780198526636"),
        ("urn:isbn:0198526636", "isbn:9780198526636", "isbn:9780198526636"),
        ("978-3-88118-676-5", "", ""),
        ("https://doi.org/10.5555/MADE.1", "", "doi:10.5555/made.1"),
        ("doi:10.5555/made.1", "", "doi:10.5555/made.1"),
        ("https://nbn-resolving.org/urn:nbn:de:0000-made-1", "", "urn:nbn:de:0000-made-1"),
        ("URN:NBN:DE:0000-made-1", "", "urn:nbn:de:0000-made-1"),
        ("HT004173290", "", ""),
    ],
)
def test_identifiers_have_one_form(text: str, as_isbn: str, as_any: str) -> None:
    assert (isbn(text), named(text)) == (as_isbn, as_any)


# -- the same work


def answer(name: str, *works: tuple[str, ...]) -> Answer:
    found = tuple(Work(f"{name} {n}", identifiers=names) for n, names in enumerate(works))
    return Answer(name, name, State.ANSWERED, works=found)


def test_works_are_joined_by_what_they_share_also_by_way_of_a_third() -> None:
    answers = (
        answer("a", ("isbn:1",), ("doi:2",), ("urn:9",), ()),
        answer("b", (), ("doi:3",)),
        answer("c", ("doi:2", "isbn:1"), ("doi:4",)),
    )
    assert identifiers(answers) == ("doi:2", "doi:3", "doi:4", "isbn:1", "urn:9")
    same = joined(answers, {"isbn:1": ("difu/1",), "doi:3": ("difu/2",), "doi:4": ("difu/2",), "urn:9": ()})
    assert list(same) == [(one.target, n) for one in answers for n in range(len(one.works))]
    assert same["a", 0].places == (("a", 0), ("a", 1), ("c", 0)) and same["a", 0].held == ("difu/1",)
    assert same["c", 0] is same["a", 1] is same["a", 0]
    assert same["b", 1].places == (("b", 1), ("c", 1)) and same["b", 1].held == ("difu/2",)  # joined by our own work
    assert same["b", 0].places == (("b", 0),) and same["a", 3].places == (("a", 3),)


@pytest.mark.parametrize(
    ("module", "target", "body"),
    [
        (sru, SRU, wrapped(f'<record {recorded.MARC}><datafield tag="245"><subfield code="a">T</subfield></datafield>'
                           + '<datafield tag="700"><subfield code="a">N</subfield></datafield>' * 40_000 + "</record>")),
        (sru, SRU, wrapped('<mods><titleInfo><title>T</title></titleInfo>' + "<identifier>10.5555/x</identifier>" * 80_000 + "</mods>")),
        (lobid, LOBID, json.dumps({"member": [{"title": "T"}] * 200_000}).encode()),
        (lobid, LOBID, json.dumps({"member": [{"title": ["T"] * 100_000, "isbn": [["9783881186766"] * 9] * 20_000}]}).encode()),
    ],
    ids=["people", "identifiers", "members", "values"],
)  # fmt: skip
def test_an_answer_of_the_largest_size_costs_little(module: ModuleType, target: Target, body: bytes) -> None:
    assert 1_000_000 < len(body) <= LARGEST
    began = time.process_time()
    works = module.read(target, body).works
    assert 0 < len(works) <= MOST_WORKS and works[0].title.startswith("T")
    assert time.process_time() - began < 2
