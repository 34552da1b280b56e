"""Keywords to headings: what is linked, what is held back, and who wins."""

import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from katalod.assets import asset
from katalod.linking import Authority, Curated, Rules, authority, curated, link
from katalod.linking.curated import Decision
from katalod.model import Finding, Link, Record, Severity, Subject
from katalod.rdf import slug

GND = "https://d-nb.info/gnd/"

# Names and identifiers are facts of the GND; the three spellings of qualifiers are DNB's, lobid's and TIB's.
HEADINGS = {
    "4120730-0": ("Migration",),
    "4226008-5": ("Migration <Informatik>",),
    "4528009-5": ("Migration Biologie",),
    "4134681-6": ("Teilhabe", "Methexis", "Partizipation (Philosophie)"),
    "4044789-3": ("Partizipation",),
    "4116546-9": ("Sozialraum", "Raum (Sozialwissenschaften)", "Sozialer Raum"),
    "4066399-1": ("Wirtschaft", "Wirtschaftsleben", "Ökonomie (Wirtschaft)"),
    "4191581-1": ("Landwirtschaftsstatistik", "Agrarstatistik"),
    "1257107356": ("Bleistift <Motiv>", "Malstift"),
    "1046442198": ("iPad Air", "Tablet"),
    "1065014074": ("iPad Air",),
    "4128319-3": ("Hauptschullehrer", "Tablet"),
    "4057883-5": ("Straße",),
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    folder = tmp_path_factory.mktemp("gnd")
    gndo = "https://d-nb.info/standards/elementset/gnd#"
    lines = [
        f'<{GND}{number}> <{gndo}{"variant" if place else "preferred"}NameForTheSubjectHeading> "{name}" .\n'
        for number, names in HEADINGS.items()
        for place, name in enumerate(names)
    ]
    (folder / "dump.ttl").write_text("".join(lines), "utf-8")
    authority.build(folder / "dump.ttl", folder / "gnd.sqlite", version="1")
    with Authority.open(folder / "gnd.sqlite") as index:
        yield index


NONE = Curated()


def one(
    index: Authority, subject: Subject | str, decided: Curated = NONE, separators: tuple[str, ...] = ()
) -> tuple[tuple[Link, ...], tuple[Finding, ...]]:
    subject = Subject(subject, "de") if isinstance(subject, str) else subject
    record = link(Record("difu/1", "oai:x:1", subjects=(subject,)), index, decided, Rules(qualifiers=separators))
    assert record.subjects[0].label == subject.label
    return record.subjects[0].links, record.findings


def decide(label: str, number: str, predicate: str = "closeMatch", excluded: bool = False) -> Decision:
    return Decision(slug(label), label, predicate, number and GND + number, excluded=excluded, author="A. Muster")


@pytest.mark.parametrize(
    ("keyword", "number", "predicate", "confidence"),
    [
        ("Migration", "4120730-0", "exactMatch", 0.98),
        ("  Migration\u00a0", "4120730-0", "exactMatch", 0.98),
        ("Strasse", "4057883-5", "exactMatch", 0.95),
        ("migration", "4120730-0", "exactMatch", 0.95),
        ("Agrarstatistik", "4191581-1", "closeMatch", 0.9),
        ("Sozialraum", "4116546-9", "exactMatch", 0.98),
        ("Wirtschaft", "4066399-1", "exactMatch", 0.98),
        ("Migration (Informatik)", "4226008-5", "exactMatch", 0.98),
        ("Migration <Informatik>", "4226008-5", "exactMatch", 0.98),
        ("Migration (Biologie)", "4528009-5", "exactMatch", 0.95),
        ("Migration Biologie", "4528009-5", "exactMatch", 0.98),
        ("migration biologie", "4528009-5", "exactMatch", 0.95),
        ("Bleistift (Motiv)", "1257107356", "exactMatch", 0.98),
        ("Partizipation (Philosophie)", "4134681-6", "closeMatch", 0.9),
    ],
)
def test_a_certain_keyword_is_linked(
    index: Authority, keyword: str, number: str, predicate: str, confidence: float
) -> None:
    links, findings = one(index, keyword)
    assert findings == ()
    (found,) = links
    assert (found.concept.iri, found.predicate, found.confidence) == (GND + number, predicate, confidence)
    assert (found.method, found.authority) == ("LexicalMatching", "GND 1")
    assert found.concept == index.heading(number)
    assert pickle.loads(pickle.dumps(links)) == links


@pytest.mark.parametrize(
    ("keyword", "candidates", "reason"),
    [
        ("Teilhabe", ("4134681-6 Teilhabe", "4044789-3 Partizipation"), "Partizipation (Philosophie)"),
        ("iPad Air", ("1046442198 iPad Air", "1065014074 iPad Air"), "several headings"),
        ("ipad air", ("1046442198 iPad Air", "1065014074 iPad Air"), "several headings"),
        ("Tablet", ("1046442198 iPad Air", "4128319-3 Hauptschullehrer"), "several headings"),
        ("Bleistift", ("1257107356 Bleistift <Motiv>",), "qualifier"),
        ("Malstift", ("1257107356 Bleistift <Motiv>",), "qualifier"),
    ],
)
def test_a_doubtful_keyword_is_held_back_with_its_candidates(
    index: Authority, keyword: str, candidates: tuple[str, ...], reason: str
) -> None:
    links, (finding,) = one(index, keyword)
    assert links == ()
    assert (finding.severity, finding.shape, finding.field) == (Severity.INFO, "link-held-back", "subjects")
    assert (finding.value, finding.identifier, finding.path) == (keyword, "oai:x:1", "difu/1")
    assert "; ".join(candidates) in finding.en and "; ".join(candidates) in finding.de
    assert reason in finding.en


@pytest.mark.parametrize("keyword", ["Wohnquartier", "Migration Informatik", "", "Raum", "Philosophie", "\ud800"])
def test_what_is_no_heading_is_neither_linked_nor_reported(index: Authority, keyword: str) -> None:
    assert one(index, keyword) == ((), ())


@pytest.mark.parametrize("separator", [" "])
def test_a_blank_before_a_qualifier_is_believed_only_of_a_source_that_writes_so(
    index: Authority, separator: str
) -> None:
    (found,), findings = one(index, "Migration Informatik", separators=(separator,))
    assert (found.concept.iri, findings) == (GND + "4226008-5", ())
    assert one(index, "Migration: Informatik", separators=(":",))[0][0].concept.iri == GND + "4226008-5"
    assert one(index, "Migration Geologie", separators=(separator,)) == ((), ())


def test_in_another_language_only_the_very_spelling_counts(index: Authority) -> None:
    assert one(index, Subject("Migration", "en"))[0][0].concept.iri == GND + "4120730-0"
    assert one(index, Subject("migration", "en_US")) == ((), ())
    for lang in (None, "", "*", "-", "de_DE", "ger"):
        assert one(index, Subject("migration", lang))[0], lang


def test_an_identifier_of_the_source_goes_before_its_words(index: Authority) -> None:
    (found,), findings = one(index, Subject("Teilhabe", authority="(DE-588)4134681-6"))
    assert (found.concept.label, found.method, found.confidence) == ("Teilhabe", "ManualMappingCuration", 0.99)
    assert findings == ()
    (unknown,), _ = one(index, Subject("Goethe", scheme="gnd", authority="118540238"))
    assert (unknown.concept.iri, unknown.concept.label) == (GND + "118540238", "Goethe")
    assert one(index, Subject("Goethe", authority="118540238")) == ((), ()), "a number may be any authority's"
    assert one(index, Subject("Goethe", authority="c2c9a5ce-1b1c-4b7e-8f5c-b7a1f7d4e1aa")) == ((), ())


def test_a_false_identifier_is_reported_and_the_words_decide(index: Authority) -> None:
    (found,), (finding,) = one(index, Subject("Migration", authority="https://d-nb.info/gnd/4120730-1"))
    assert (found.method, found.concept.iri) == ("LexicalMatching", GND + "4120730-0")
    assert "4120730-1" in finding.en and "4120730-1" in finding.de


def test_terms_of_other_vocabularies_are_not_looked_up(index: Authority) -> None:
    assert one(index, Subject("Migration", scheme="lcsh")) == ((), ())
    assert one(index, Subject("Migration", scheme="gnd"))[0]


def test_a_curated_decision_wins_over_everything(index: Authority) -> None:
    decided = Curated((decide("Migration", "4044789-3"), decide("Migration", "4066399-1", "relatedMatch")))
    links, findings = one(index, Subject("migration", "en", authority="(DE-588)4120730-0"), decided)
    assert findings == ()
    assert [(each.concept.label, each.predicate, each.certain) for each in links] == [
        ("Partizipation", "closeMatch", True),
        ("Wirtschaft", "relatedMatch", False),
    ]
    assert {(each.method, each.author) for each in links} == {("ManualMappingCuration", "A. Muster")}


def test_a_curated_no_is_silent(index: Authority) -> None:
    for keyword in ("Migration", "Teilhabe", "iPad Air"):
        assert one(index, keyword, Curated((decide(keyword, ""),))) == ((), ())
    excluded = Curated((decide("Migration", "4120730-0", excluded=True),))
    assert one(index, "Migration", excluded) == ((), ())


def test_two_spellings_in_one_record_are_both_linked_and_findings_are_kept(index: Authority) -> None:
    former = Finding(Severity.INFO, "x", "titles", "", "", "")
    subjects = tuple(map(Subject, ("Migration", "migration", "Teilhabe", "Teilhabe")))
    record = link(Record("p", "i", subjects=subjects, findings=(former,)), index, Curated())
    assert [len(subject.links) for subject in record.subjects] == [1, 1, 0, 0]
    assert [finding.shape for finding in record.findings] == ["x", "link-held-back"]


def test_the_first_record_is_linked_as_the_profile_says(tmp_path: Path) -> None:
    keywords = {
        "Zuwanderung": ("exactMatch", "4315666-6"),
        "Migration": ("exactMatch", "4120730-0"),
        "Wohnungsmarkt": ("exactMatch", "4066794-7"),
        "Wohnquartier": ("closeMatch", "4077814-9"),
        "Teilhabe": ("closeMatch", "4044789-3"),
        "Integrationspolitik": ("relatedMatch", "4077570-7"),
        "Forschungsprojekt": None,
        "Handlungsempfehlung": None,
    }
    decided = curated.read(asset("data/links.sssom.tsv"))
    record = Record("difu/581658", "x", subjects=tuple(Subject(keyword, "de") for keyword in keywords))
    with Authority.open(authority.shipped(tmp_path / "gnd.sqlite")) as shipped:
        linked = link(record, shipped, decided)
        bare = link(record, shipped, Curated())
    assert linked.findings == ()
    for subject in linked.subjects:
        wanted = keywords[subject.label]
        assert [(each.predicate, each.concept.iri) for each in subject.links] == (
            [(wanted[0], GND + wanted[1])] if wanted else []
        )
    assert [subject.label for subject in bare.subjects if subject.links] == [
        "Zuwanderung",
        "Migration",
        "Wohnungsmarkt",
    ]
    assert [finding.value for finding in bare.findings] == ["Teilhabe"]
