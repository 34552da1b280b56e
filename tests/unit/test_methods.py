"""The named methods: what each finds, that each can be switched off, and what is only a candidate."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from katalod.errors import AuthorityError, SettingsError
from katalod.linking import METHODS, Authority, Curated, Rules, authority, link, rules
from katalod.linking.candidates import propose
from katalod.linking.curated import Decision
from katalod.linking.evaluation import evaluate, read
from katalod.linking.news import Used, news
from katalod.linking.rules import DEFAULT
from katalod.model import Finding, Link, Record, Subject
from katalod.rdf import GND, slug
from katalod.settings import Settings

GNDO = "https://d-nb.info/standards/elementset/gnd#"
# Identifiers and names are facts of the GND but for the last of each, made to have a homonym.
SUBJECTS = {
    "4066794-7": ("Wohnungsmarkt", "Immobilienmarkt / Wohnung"),
    "4077570-7": ("Soziale Integration",),
    "4120730-0": ("Migration",),
    "4226008-5": ("Migration <Informatik>",),
    "4528009-5": ("Migration Biologie",),
    "4134681-6": ("Teilhabe", "Methexis", "Partizipation (Philosophie)"),
    "4044789-3": ("Partizipation",),
    "4057883-5": ("Straße",),
    "1257107356": ("Bleistift <Motiv>",),
    "4128319-3": ("Hauptschullehrer", "Hauptschule / Lehrer"),
    "4077814-9": ("Stadtviertel",),
    "4191581-1": ("Landwirtschaftsstatistik", "Agrarstatistik"),
    "4021007-8": ("Gift",),
    "4056995-0": ("Essen",),
}
PLACES = {"4005762-8": ("Bonn", "Straße"), "4005728-8": ("Essen",)}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    folder = tmp_path_factory.mktemp("gnd")
    lines = [
        f'<{GND}{number}> <{GNDO}{"variant" if place else "preferred"}NameFor{kind}> "{name}" .\n'
        for kind, headings in (("TheSubjectHeading", SUBJECTS), ("ThePlaceOrGeographicName", PLACES))
        for number, names in headings.items()
        for place, name in enumerate(names)
    ]
    lines.append(f'<{GND}4066794-7> <{GNDO}variantNameForTheSubjectHeading> "Housing market"@en .\n')
    lines.append(f"<{GND}4077814-9> <{GNDO}broaderTermGeneral> <{GND}4066794-7> .\n")
    (folder / "dump.ttl").write_text("".join(lines), "utf-8")
    authority.build(folder / "dump.ttl", folder / "gnd.sqlite", version="1")
    with Authority.open(folder / "gnd.sqlite") as index:
        yield index


def linked(
    index: Authority, label: str, chosen: Rules = DEFAULT, lang: str | None = "de"
) -> tuple[list[Link], tuple[Finding, ...]]:
    record = link(Record("p", "i", subjects=(Subject(label, lang),)), index, Curated(), chosen)
    return [each for subject in record.subjects for each in subject.links], record.findings


@pytest.mark.parametrize(
    ("rule", "keyword", "number", "predicate", "confidence"),
    [
        ("exact", "Wohnungsmarkt", "4066794-7", "exactMatch", 0.98),
        ("variant", "Agrarstatistik", "4191581-1", "closeMatch", 0.9),
        ("normalised", "WOHNUNGSMARKT", "4066794-7", "exactMatch", 0.95),
        ("normalised", "Wohnungs-Markt", "4066794-7", "exactMatch", 0.93),
        ("normalised", "Hauptschule/Lehrer", "4128319-3", "closeMatch", 0.88),
        ("inverted", "Integration, soziale", "4077570-7", "exactMatch", 0.93),
        ("qualified", "Migration (Biologie)", "4528009-5", "exactMatch", 0.95),
        ("number", "Wohnungsmärkte", "4066794-7", "exactMatch", 0.9),
        ("number", "Landwirtschaftsstatistiken", "4191581-1", "exactMatch", 0.9),
        ("number", "Agrarstatistiken", "4191581-1", "closeMatch", 0.85),
    ],
)
def test_each_method_finds_its_own_and_can_be_switched_off(
    index: Authority, rule: str, keyword: str, number: str, predicate: str, confidence: float
) -> None:
    (found,), findings = linked(index, keyword)
    assert (found.rule, found.concept.iri, found.predicate) == (rule, GND + number, predicate)
    assert (found.confidence, found.method, findings) == (confidence, "LexicalMatching", ())
    without = Rules(tuple(method for method in METHODS if method != rule))
    rest, _ = linked(index, keyword, without)
    assert all(each.rule != rule for each in rest)
    assert rule in ("exact", "variant", "qualified") or rest == []


def test_an_english_keyword_goes_by_the_authoritys_english_names(index: Authority) -> None:
    for label, lang in (("Housing market", "en"), ("housing markets", "en_US"), ("housing market", None)):
        (found,), _ = linked(index, label, lang=lang)
        assert (found.concept.label, found.rule, found.predicate) == ("Wohnungsmarkt", "english", "closeMatch")
        assert found.comment == "English name: Housing market"
    assert linked(index, "housing market", lang="de") == ([], ())
    links, (finding,) = linked(index, "Gift", lang="en")
    assert links == [] and "in English" in finding.en
    assert linked(index, "Gift")[0]


def test_a_string_is_cut_only_where_the_source_is_said_to_write_so(index: Authority) -> None:
    text = "Wohnungsmarkt; Weber, Max; Straßen, Integration, soziale"
    assert linked(index, text) == ([], ())
    record = link(
        Record("p", "i", subjects=(Subject(text, "de"), Subject("Straßen", "de"))),
        index, Curated(), Rules(separators=(";", ",")),
    )  # fmt: skip
    assert [subject.label for subject in record.subjects] == [
        "Wohnungsmarkt", "Weber, Max", "Integration", "soziale", "Straßen",
    ]  # fmt: skip
    (first,) = record.subjects[0].links
    assert (first.rule, first.confidence) == ("compound, exact", 0.96)
    assert "keyword-cut" in [finding.shape for finding in record.findings]
    assert [found.concept.label for found in linked(index, "Hauptschule / Lehrer", Rules(separators=("/",)))[0]] == [
        "Hauptschullehrer"
    ], "a heading is not cut"
    assert linked(index, "Garten-, Wohnungsmarkt", Rules(separators=(",",))) == ([], ()), "no half of a word"
    assert linked(index, "Stadt (Bonn; Wohnungsmarkt)", Rules(separators=(";",))) == ([], ())


def test_names_of_persons_and_places_are_not_forced_onto_headings(index: Authority) -> None:
    assert linked(index, "Gift, Theodor", Rules(separators=(",",))) == ([], ())
    assert linked(index, "Gift, Ernst", Rules(separators=(",",))) == ([], ())
    links, (finding,) = linked(index, "Bonn")
    assert links == [] and "4005762-8 Bonn" in finding.en and "a place" in finding.en
    links, (finding,) = linked(index, "Essen")
    assert links == [] and "called so too" in finding.en and "4005728-8" in finding.en
    assert linked(index, "Straße")[0], "that a place has it as a variant does not matter"


def test_settings_name_the_methods() -> None:
    assert rules(Settings()) == Rules()
    chosen = rules(
        Settings(linking_methods=("exact", "number"), linking_separators=(";",), linking_qualifiers=("space",))
    )
    assert chosen == Rules(("exact", "number"), (";",), (" ",))
    with pytest.raises(SettingsError, match=r"'guess'.*number"):
        rules(Settings(linking_methods=("guess",)))


def test_candidates_are_for_people_and_surer_ones_come_first(index: Authority) -> None:
    pytest.importorskip("rapidfuzz", reason="would have compared spellings with rapidfuzz")
    misspelt = propose(Subject("Wohnugsmarkt", "de"), index, Curated())
    assert misspelt is not None and misspelt.de == ""
    best = misspelt.candidates[0]
    assert (best.concept.label, best.why) == ("Wohnungsmarkt", "alike") and 0.6 < best.score < 0.75
    held = propose(Subject("Teilhabe", "de"), index, Curated())
    assert held is not None and "Philosophie" in held.de
    assert [one.concept.label for one in held.candidates][:2] == ["Teilhabe", "Partizipation"]
    bare = propose(Subject("Bleistift"), index, Curated())
    assert bare is not None and [one.concept.label for one in bare.candidates] == ["Bleistift <Motiv>"]
    near = propose(Subject("Stadtvirtel"), index, Curated())
    assert near is not None and near.candidates[0].broader == ("Wohnungsmarkt",)
    for nothing in ("Wohnungsmarkt", "Weber, Max", ""):
        assert propose(Subject(nothing), index, Curated()) is None
    no = Curated((Decision(slug("Teilhabe"), "Teilhabe", "exactMatch", GND + "4134681-6", excluded=True),))
    refused = propose(Subject("Teilhabe"), index, no)
    assert refused is not None and [one.concept.label for one in refused.candidates] == ["Partizipation"]


def test_what_others_propose_is_a_candidate_and_nothing_more(index: Authority) -> None:
    pytest.importorskip("rapidfuzz", reason="would have compared spellings with rapidfuzz")
    asked = []

    def ask(label: str) -> tuple[tuple[str, str, float], ...]:
        asked.append(label)
        return (GND + "4077814-9", "Stadtviertel", 0.9), (GND + "4066752-2", "Wohngebiet", 0.5)

    found = propose(Subject("Quartier"), index, Curated(), ask=ask)
    assert found is not None and asked == ["Quartier"]
    assert [(one.concept.label, one.score, one.why) for one in found.candidates] == [
        ("Stadtviertel", 0.63, "online"), ("Wohngebiet", 0.35, "online"),
    ]  # fmt: skip


def test_a_newer_dump_is_compared_with_what_we_link_to(tmp_path: Path) -> None:
    (tmp_path / "new.ttl").write_text(
        f'<{GND}4066794-7> <{GNDO}preferredNameForTheSubjectHeading> "Wohnmarkt" .\n'
        f'<{GND}4077814-9> <{GNDO}preferredNameForTheSubjectHeading> "Stadtviertel" .\n'
        f'<{GND}4077814-9> <https://d-nb.info/standards/elementset/dnb#deprecatedUri> "{GND}4066752-2" .\n'
        f"<{GND}4120730-0> <http://www.w3.org/2002/07/owl#sameAs> <{GND}4077814-9> .\n",
        "utf-8",
    )
    used = (
        Used(GND + "4066794-7", "Wohnungsmarkt", "Wohnungsmarkt", "release"),
        Used(GND + "4066752-2", "Wohngebiet", "Wohnquartier", "links.sssom.tsv"),
        Used(GND + "4120730-0", "Migration", "Migration", "release"),
        Used(GND + "4044789-3", "Partizipation", "Teilhabe", "release"),
        Used(GND + "4077814-9", "Stadtviertel", "Stadtviertel", "release"),
    )

    def review(draft: Path) -> list[Finding]:
        with Authority.open(draft) as index:
            return list(news(used, index))

    summary = authority.build(tmp_path / "new.ttl", tmp_path / "gnd.sqlite", review=review)
    assert [(one.shape, one.value) for one in summary.news] == [
        ("heading-vanished", "Teilhabe"), ("heading-moved", "Wohnquartier"),
        ("heading-renamed", "Wohnungsmarkt"), ("heading-moved", "Migration"),
    ]  # fmt: skip
    with Authority.open(tmp_path / "gnd.sqlite") as index:
        assert index.findings() == summary.news
        old = Curated((Decision(slug("X"), "X", "broadMatch", GND + "4066752-2", author="A"),))
        (kept,) = link(Record("p", "i", subjects=(Subject("X"),)), index, old).subjects[0].links
        assert (kept.concept.label, kept.predicate) == ("Stadtviertel", "broadMatch"), "a decision outlives a merger"
    for one in summary.news:
        assert one.de and one.en and one.identifier.startswith(GND)


def test_an_evaluation_counts_by_method(index: Authority, tmp_path: Path) -> None:
    gold = tmp_path / "gold.tsv"
    gold.write_text(
        "record\tkeyword\tgnd\n1\tWohnungsmarkt\t4066794-7\n1\tWohnungsmärkte\t(DE-588)4066794-7\n"
        "2\tMigration\t4077814-9\n2\tNirgendwo\t4077814-9\n3\tAnderswo\t\n",
        "utf-8",
    )
    done = evaluate(read(gold), index, Curated())
    assert (done.cases, done.wanted, done.linked, done.met) == (5, 4, 3, 2)
    assert (done.whole.precision, done.recall, done.coverage) == (2 / 3, 0.5, 0.6)
    assert {name: (score.right, score.wrong) for name, score in done.methods} == {"exact": (1, 1), "number": (1, 0)}
    assert [(case.line, how, gnd) for case, how, gnd, _ in done.errors] == [(4, "exact", "4120730-0")]
    assert [case.label for case in done.missed] == ["Migration", "Nirgendwo"]
    assert "precision 66.67%" in done.as_text() and done.as_row()["recall"] == 0.5
    for text, said in (
        ("a\tb\n1\t2\n", "columns"),
        ("record\tlabel\tgnd\n1\tX\t4066794-8\n", "line 2.*check digit"),
    ):
        gold.write_text(text, "utf-8")
        with pytest.raises(AuthorityError, match=said):
            list(read(gold))
    with pytest.raises(AuthorityError, match=r"none\.tsv"):
        list(read(tmp_path / "none.tsv"))


def test_an_identifier_of_the_source_follows_a_merger(index: Authority, tmp_path: Path) -> None:
    subject = Subject("Anders", authority="(DE-588)4066794-7")
    record = link(Record("p", "i", subjects=(subject, replace(subject, authority="4120730-0"))), index, Curated())
    assert [each.links[0].rule for each in record.subjects] == ["given", "given"]
    assert link(record, index, Curated(), Rules(("exact",))).subjects[0].links == ()
