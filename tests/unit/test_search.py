"""The search index: what folds alike is found alike, the ladder, facets, and that changed and full indexes agree."""

import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from katalod.errors import QueryError, StoreError
from katalod.search import Asked, Entry, Heading, Index, Order, Writer, fits
from katalod.search.asking import read
from katalod.search.entries import FACETS
from katalod.search.tree import But, Called, Either, Every, Everything, Tree, Value, Words, Years, masked
from katalod.search.words import Memory, cut, fold, german, memory, parts, stems, words

MARKET = Heading("4066794-7", "Wohnungsmarkt", ("Wohnungswesen / Markt",), ("4038639-9",))
TOWN = Heading("4056723-0", "Stadt", ("Kommune",))
TAKING_PART = Heading("4044789-3", "Partizipation", ("Bürgerbeteiligung",), borne=False)
WORKS = (
    Entry(
        "difu/1", "Der Wohnungsmarkt in Müllers Stadt", ("Ein Bericht",), (("Mieten steigen überall.", "de"),), ("Müller, Hans",),
        (("wohnungsmarkt", "Wohnungsmarkt"),), (MARKET,), 2020, ("coar:c_93fc",), ("Bericht",), ("ger",), "difu",
        ("9783881186766", "10.1234/abc"),
    ),
    Entry(
        "difu/2", "Teilhabe", (), (("Vom Wohnungsmarkt handelt auch dieser Text über Städte.", "de"),), ("Mueller, Erna",),
        (("teilhabe", "Teilhabe"),), (TAKING_PART, TOWN), 2010, ("coar:c_93fc",), ("Bericht",), ("ger",), "difu",
    ),
    Entry(
        "tib/3", "Housing policies", (), (("The universities and their housing.", "en"),), ("Smith, Ann",), (), (MARKET, TOWN),
        2015, ("coar:c_2f33",), ("Book",), ("eng",), "tib",
    ),
    Entry("tib/4", "Ohne alles"),
)  # fmt: skip


def build(folder: Path, entries: Iterable[Entry]) -> Index:
    writer = Writer(folder)
    writer.add(entries)
    writer.finish()
    return Index(folder)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return build(tmp_path_factory.mktemp("search") / "index", WORKS)


def paths(index: Index, text: str = "", *filters: tuple[str, str], sort: str = "relevance") -> list[str]:
    total, hits = index.find(Asked(text, filters, sort))
    assert total == len(hits)
    return [hit.path for hit in hits]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Müller", "Mueller"), ("Müller", "MULLER"), ("Häuser", "Haeuser"), ("Straße", "STRASSE"), ("Øster", "Oester"),
     ("Cafe\u0301", "Café"), ("Łódź", "Lodz"), ("Größe", "Groesse")],
)  # fmt: skip
def test_spellings_of_a_word_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize("word", ["neue", "Bauer", "Quelle", "Steuer", "Trauer"])
def test_what_is_no_umlaut_keeps_its_letters(word: str) -> None:
    assert fold(word) == word.casefold()


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once_for_words(text: str) -> None:
    for word in words(text):
        assert stems(word)
        assert all(part != word for part in parts(word))


@given(st.text(max_size=60))
@example("Müller’s „Größe“, e.V. (İstanbul)a.e o.e ⒈ Σ\u0301ΑΣ ﬃ\u1e9e")
@example("x" * 200 + ".ue")
def test_the_pieces_of_a_text_have_the_words_of_the_whole(text: str) -> None:
    known = memory()
    pieces = [known[piece] for piece in cut(text)]
    assert [word for piece in pieces for word in piece.folded.split()] == words(text)
    assert [stem for piece in pieces for stem in piece.german.split()] == [german(word) for word in words(text)]


def test_what_is_remembered_is_bounded() -> None:
    known = Memory()
    assert known["x" * 1000].folded and not known
    known |= dict.fromkeys(map(str, range(1 << 18)), known["wort"])
    assert known["worte"].german == "wort"
    assert len(known) == 1


@pytest.mark.parametrize(
    ("word", "expected"),
    [("wohnungsmarkt", {"wohnung", "markt"}), ("schulpolitik", {"schule", "politik"}),
     ("wohnungsmarkte", {"wohnung", "markte"}), ("stadtentwicklungspolitik", {"stadt", "entwicklung", "politik"})],
)  # fmt: skip
def test_parts_of_compounds(word: str, expected: set[str]) -> None:
    assert expected <= set(parts(word))


@pytest.mark.parametrize("word", ["stadt", "migration", "universities", "ministerium", "x" * 500, "123456789", ""])
def test_what_is_no_compound_has_no_parts(word: str) -> None:
    assert parts(word) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wohnungsmarkt", ["difu/1", "tib/3", "difu/2"]),  # title and heading before abstract
        ("wohnung", ["difu/1", "tib/3", "difu/2"]),  # by the parts of the compound
        ("Märkte", ["difu/1", "tib/3", "difu/2"]),
        ("Mueller", ["difu/1", "difu/2"]),
        ("person:muller", ["difu/1", "difu/2"]),
        ("person:Müller title:Teilhabe", ["difu/2"]),
        ("Stadt", ["tib/3", "difu/2", "difu/1"]),  # what is about it, before what only names it
        ("Kommune", ["tib/3", "difu/2"]),  # a variant of the heading
        ("Bürgerbeteiligung", ["difu/2"]),
        ("housing policy", ["tib/3"]),
        ("university", ["tib/3"]),
        ('"housing policies"', ["tib/3"]),
        ('"policies housing"', []),
        ("wohnungsm", ["difu/1", "tib/3", "difu/2"]),  # nothing has that word, so it begins one
        ("wohnungsm*", ["difu/1", "tib/3", "difu/2"]),
        ("Wohnungsmarkt -Teilhabe", ["difu/1", "tib/3"]),
        ("year:2010-2015", ["tib/3", "difu/2"]),
        ("jahr:2016-", ["difu/1"]),
        ("year:2015", ["tib/3"]),
        ("source:tib", ["tib/3"]),
        ("typ:Bericht", ["difu/1", "difu/2"]),
        ("subject:Partizipation", ["difu/2"]),
        ("978-3-88118-676-6", ["difu/1"]),
        ("10.1234/abc", ["difu/1"]),
        ("difu/2", ["difu/2"]),
        ("Teilhabe: housing", []),
        ("nix:Teilhabe", []),
        ("???", []),
        ("", ["difu/1", "tib/3", "difu/2", "tib/4"]),
    ],
)
def test_what_a_search_finds_in_its_order(index: Index, text: str, expected: list[str]) -> None:
    assert paths(index, text) == expected


def test_sorts(index: Index) -> None:
    assert paths(index, sort="year") == ["difu/1", "tib/3", "difu/2", "tib/4"]
    assert paths(index, sort="title") == ["difu/1", "tib/3", "tib/4", "difu/2"]


def test_pages_are_pieces_of_the_whole(index: Index) -> None:
    whole = [hit.path for hit in index.find(Asked("Wohnungsmarkt"), 25)[1]]
    pieces = [hit.path for n in range(5) for hit in index.find(Asked("Wohnungsmarkt"), 1, n)[1]]
    assert pieces == whole
    assert index.find(Asked("Wohnungsmarkt"), 25, 10**6) == (3, [])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Everything(), ["difu/1", "tib/3", "difu/2", "tib/4"]),
        (Words(("stadt",)), ["difu/1", "tib/3", "difu/2"]),
        (Words(("markte",)), ["difu/1", "tib/3", "difu/2"]),  # by the parts of a compound
        (Words(("markte",), "title"), []),
        (Words(("wohnungs*",), "title"), ["difu/1"]),
        (Words(("hous?ng",), "title"), ["tib/3"]),
        (Words(("mullers", "stadt"), "title"), ["difu/1"]),
        (Words(("9783881186766",)), ["difu/1"]),
        (Called(("teilhabe",), "title"), ["difu/2"]),
        (Called(("housing",), "title"), []),
        (Called(("housing",), "title", begins=True), ["tib/3"]),
        (Called(("smith", "ann"), "people"), ["tib/3"]),
        (Called(("smith",), "people"), []),
        (Called(("smith",), "people", begins=True), ["tib/3"]),
        (Called(("kommune",), "subjects"), ["tib/3", "difu/2"]),
        (Called(("wohnungswesen",), "subjects"), []),
        (Called(("10", "1234", "abc"), "identifier"), ["difu/1"]),
        (Called(("teilhabe",), "identifier"), []),  # a title and a keyword
        (Value("type", "coar:c_2f33"), ["tib/3"]),
        (Years(2010, 2015), ["tib/3", "difu/2"]),
        (Years(2015, 2010), []),
        (But(Everything(), Years(1, 9999)), ["tib/4"]),
        (Either(), []),
        (Every((Either((Years(2020, 2020), Years(2015, 2015))), Words(("stadt",), "subjects"))), ["tib/3"]),
    ],
)  # fmt: skip
def test_what_a_tree_finds(index: Index, asked: Tree, expected: list[str]) -> None:
    assert index.matching(asked, Order(), 25) == (len(expected), expected)
    assert index.matching(asked, Order(), 1, 1) == (len(expected), expected[1:2])
    assert set(index.matching(asked, Order("title", backwards=True), 25)[1]) == set(expected)
    assert index.matching(asked, Order(), 0) == (len(expected), [])


def test_masks_that_open_too_many_ways(index: Index) -> None:
    with pytest.raises(QueryError):
        index.matching(Words(masked("ab*x?????????")), Order(), 1)


def test_facets_count_and_narrow(index: Index) -> None:
    facets = index.facets(Asked())
    assert dict(facets["heading"]) == {"4066794-7": 2, "4038639-9": 2, "4056723-0": 2}  # what is above counts too
    assert dict(facets["language"]) == {"ger": 2, "eng": 1}
    assert paths(index, "", ("heading", "4038639-9")) == ["difu/1", "tib/3"]
    assert paths(index, "", ("borne", "4038639-9")) == []
    assert paths(index, "", ("heading", "4038639-9"), ("year", "2016-2030")) == ["difu/1"]
    assert paths(index, "", ("keyword", "nix")) == paths(index, "", ("year", "nix")) == []
    assert index.years(Asked()) == ((2010, 1), (2015, 1), (2020, 1))
    assert set(facets) == set(FACETS)


def test_works_that_share_most_come_first(index: Index) -> None:
    assert [hit.path for hit in index.related("tib/3", "borne", ("4066794-7", "4056723-0"), 5)] == ["difu/1", "difu/2"]


def test_suggestions(index: Index) -> None:
    labels = [(one.kind, one.label, one.works) for one in index.suggest("wohn")]
    assert labels == [("heading", "Wohnungsmarkt", 2), ("keyword", "Wohnungsmarkt", 1)]
    assert [one.label for one in index.suggest("bürgerb")] == []  # the work does not bear that heading
    assert [one.label for one in index.suggest("kommu")] == ["Stadt"]
    assert [one.id for one in index.suggest("hans")] == ["Müller, Hans"]
    assert [one.id for one in index.suggest("housing p")] == ["tib/3"]
    assert index.suggest("") == index.suggest("?!") == ()
    assert index.names("m") == (("Mueller, Erna", 1), ("Müller, Hans", 1))


def test_works_are_found_by_their_title_and_by_one_like_it(index: Index) -> None:
    title = index.find(Asked("difu/1"))[1][0].title
    assert [hit.path for hit in index.titled(title.upper(), 5)] == ["difu/1"]
    assert index.titled(title[:-1], 5) == index.titled("", 5) == []
    bent = title.replace(title.split()[0], "Anderes")
    assert bent != title and [hit.path for hit in index.alike(bent, 1)] == ["difu/1"]
    assert index.alike("", 5) == index.alike("unbekannt", 5) == []


def test_names_are_found_turned_by_variants_and_with_another_end(index: Index) -> None:
    def called(text: str) -> list[str]:
        return [one.label for one in index.called(text, 10)]

    assert called("Müller, Hans") == called("hans mueller") == called("Müller, H.") == ["Müller, Hans"]
    assert called("Kommune") == ["Stadt"]
    assert called("Wohnungsmarktt") == ["Wohnungsmarkt", "Wohnungsmarkt"]
    assert called("Wo") == called("") == []


@given(st.text(max_size=80))
@examples(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_is_an_error(index: Index, text: str) -> None:
    total, hits = index.find(Asked(text, (("year", text), ("person", text))))
    assert total >= len(hits)
    read(text)
    index.suggest(text)
    for find in (index.titled, index.alike, index.called):
        find(text, 5)


@pytest.mark.parametrize(
    "text", ['"', "-", ":", "title:", '-title:"', "* *", "(" * 4000, "a " * 4000, "\x00", '"a', "year:-"]
)
def test_odd_texts(index: Index, text: str) -> None:
    index.find(Asked(text))


TREES = (
    Everything(),
    Words(("stadt",)),
    Words(("der", "bericht")),
    But(Words(("wo*t",), "title"), Words(("bericht",), "title")),
    Every((Years(2001, 2005), Either((Words(("markt",), "subjects"), Called(("muller", "a"), "people"))))),
    Called(("stadt",), "title", begins=True),
    Called(("wort", "7"), "subjects"),
    Value("keyword", "k1"),
)


def answers(index: Index) -> object:
    """All that an index says: what two of them must have in common."""
    questions = (
        "",
        "stadt",
        "Wohnung",
        "Muller",
        '"der bericht"',
        "a*",
        "markt -stadt",
        "year:2001-2005",
        "bericht alpha",
    )
    narrowed = ((), (("heading", "1"),), (("keyword", "k1"),), (("year", "2001-2003"),), (("person", "Müller, A"),))
    return [
        (index.find(Asked(text, filters, sort), 50), index.facets(Asked(text, filters)), index.years(Asked(text, filters)))
        for text in questions for filters in narrowed for sort in ("relevance", "title")
    ], [index.suggest(text) for text in ("a", "b", "m", "wo", "der")], index.names("m"), index.values("keyword"), [
        index.matching(asked, order, 40) for asked in TREES for order in (Order(), Order("title", backwards=True))
    ], [
        (index.titled(text, 20), index.alike(text, 20), index.called(text, 20))
        for text in ("Stadt Bericht", "Der Markt der Städte", "a muller", "Wohnbauten", "Alpha")
    ]  # fmt: skip


words_of_titles = st.lists(
    st.sampled_from(["Stadt", "Städte", "Wohnungsmarkt", "Bericht", "der", "Alpha", "Bau", "Markt", "Müller"]),
    max_size=5,
).map(" ".join)
made_entries = st.builds(
    Entry,
    path=st.integers(0, 25).map(lambda n: f"x/{n}"),
    title=words_of_titles,
    texts=words_of_titles.map(lambda text: ((text, "de"),)),
    people=st.lists(st.sampled_from(["Müller, A", "Mueller, A", "Berg, B"]), max_size=2, unique=True).map(tuple),
    keywords=st.lists(st.sampled_from([("k1", "Bau"), ("k2", "Wohnen"), ("k3", "Arbeit")]), max_size=3, unique=True).map(tuple),
    headings=st.lists(
        st.sampled_from([Heading("1", "Bau", ("Bauen",)), Heading("2", "Wohnbau", (), ("1",)), Heading("3", "Amt")]),
        max_size=2, unique=True,
    ).map(tuple),
    year=st.integers(0, 5).map(lambda n: n and 2000 + n),
)  # fmt: skip


@examples(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    steps=st.lists(
        st.tuples(st.lists(made_entries, max_size=12), st.sets(st.integers(0, 25), max_size=8)), min_size=1, max_size=4
    )
)
def test_a_changed_index_answers_as_one_built_in_full(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[list[Entry], set[int]]]
) -> None:
    room = tmp_path_factory.mktemp("agree")
    held: dict[str, Entry] = {}
    for number, (added, removed) in enumerate(steps):
        folder = room / str(number)
        if number:
            shutil.copytree(room / str(number - 1), folder)
            writer = Writer.open(folder)
        else:
            writer = Writer(folder)
        new = {entry.path: entry for entry in added}
        gone = [f"x/{n}" for n in removed]
        writer.remove(gone)
        writer.add(new.values())
        writer.finish()
        held = {path: entry for path, entry in held.items() if path not in gone} | new
    full = build(room / "full", sorted(held.values(), key=lambda entry: entry.path))
    assert answers(Index(room / str(len(steps) - 1))) == answers(full)


def test_a_large_index_changed_often_answers_as_one_built_in_full(tmp_path: Path) -> None:
    works = [
        replace(WORKS[n % 3], path=f"w/{n}", title=f"Stadt {n % 97} Wohnungsmarkt {n % 13}", year=1950 + n % 70,
                keywords=((f"k{n % 211}", f"Wort {n % 211}"),))
        for n in range(3000)
    ]  # fmt: skip
    build(tmp_path / "0", works[:2000])
    for number in range(1, 6):
        shutil.copytree(tmp_path / str(number - 1), tmp_path / str(number))
        writer = Writer.open(tmp_path / str(number))
        writer.remove(f"w/{n}" for n in range(number, 2000, 17))
        writer.add(works[1800 + 200 * number : 2000 + 200 * number])
        writer.add(works[:number])
        writer.finish()
    gone = {f"w/{n}" for number in range(1, 6) for n in range(number, 2000, 17)} - {f"w/{n}" for n in range(5)}
    # What was added again after its removal is there; the last change removed 5, 22, … but not the first five.
    kept = [work for work in works if work.path not in gone]
    full, changed = build(tmp_path / "full", kept), Index(tmp_path / "5")
    assert answers(changed) == answers(full)
    for order in (Order("year"), Order("year", True), Order("title"), Order("title", True)):
        pages = (changed.matching(Everything(), order, 100, place)[1] for place in range(0, len(kept), 100))
        assert [path for page in pages for path in page] == full.matching(Everything(), order, len(kept))[1]


def test_only_an_index_of_this_layout_is_changed(tmp_path: Path) -> None:
    build(tmp_path / "index", WORKS)
    assert fits(tmp_path / "index")
    (tmp_path / "index" / "katalod-layout").write_text("older")
    assert not fits(tmp_path / "index")
    with pytest.raises(StoreError, match="in full"):
        Writer.open(tmp_path / "index")
    with pytest.raises(StoreError):
        Index(tmp_path)
