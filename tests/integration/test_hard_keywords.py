"""The hard set, linked: precision, recall, and which method errs.

It is made from the excerpt of the GND where that is at hand, else from the facts that ship with katalod.
"""

import gzip
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.hard_keywords import SEPARATORS, Hard, Name, hard_keywords, withheld

from katalod.assets import asset
from katalod.linking import Authority, Curated, Rules, authority, dumps
from katalod.linking.evaluation import Case, Evaluation, evaluate
from katalod.linking.gnd import local
from katalod.linking.labels import clean
from katalod.rdf import GND

SHARED = Path(__file__).parents[2].parent / "shared"
EXCERPT = SHARED / "data" / "gnd" / "authorities-gnd-sachbegriff_lds-excerpt.ttl.gz"
GNDO = "https://d-nb.info/standards/elementset/gnd#"

# What the excerpt lacks: English names, and places that are called like subject headings of ours.
ENGLISH = {"Wohnungsmarkt": "Housing market", "Migration": "Migration", "Gift": "Poison", "Brand": "Fire"}
PLACES = ("Wald", "Hof", "Berg", "Burg", "Markt", "Au", "Werk", "Halle", "Regen", "Essen", "Celle", "Fulda", "Rom")


def names(source: Path) -> list[Name]:
    with gzip.open(source) if source.suffix == ".gz" else source.open("rb") as stream:
        return [
            Name(local(subject), clean(value), kind == "preferred")
            for kind, subject, value in dumps.turtle(stream)  # type: ignore[arg-type]
            if kind in ("preferred", "variant")
        ]


@pytest.fixture(scope="module", params=["shipped", "excerpt"])
def judged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Evaluation]]:
    if request.param == "excerpt" and not EXCERPT.exists():
        pytest.skip("would have made the hard set from an excerpt of the GND with 102,677 headings")
    every = names(EXCERPT if request.param == "excerpt" else asset("data/gnd/gnd-facts.ttl"))
    folder = tmp_path_factory.mktemp("hard")
    known = [name for name in every if not withheld(name.number)]
    with (folder / "dump.ttl").open("w", encoding="utf-8") as file:
        for name in known:
            file.write(said(name.number, "preferred" if name.preferred else "variant", name.label))
            if name.preferred and name.label in ENGLISH:
                file.write(said(name.number, "variant", ENGLISH[name.label]).replace('" .', '"@en .'))
        for place, label in zip(numbers(), PLACES, strict=False):
            file.write(said(place, "preferred", label).replace("SubjectHeading", "PlaceOrGeographicName"))
    authority.build(folder / "dump.ttl", folder / "gnd.sqlite", version="1")
    families: dict[str, list[Hard]] = defaultdict(list)
    for hard in (*hard_keywords(every), *others(known)):
        families[hard.family].append(hard)
    with Authority.open(folder / "gnd.sqlite") as index:
        yield {family: judge(rows, index) for family, rows in families.items()}


def said(number: str, role: str, label: str) -> str:
    text = label.replace("\\", "\\\\").replace('"', '\\"')
    return f'<{GND}{number}> <{GNDO}{role}NameForTheSubjectHeading> "{text}" .\n'


def numbers() -> Iterator[str]:
    """Identifiers with right check digits that no heading has."""
    for number in range(9_900_000, 9_900_100):
        yield from (f"{number}-{c}" for c in "0123456789X" if authority.identifier(f"{number}-{c}"))


def others(known: list[Name]) -> Iterator[Hard]:
    """English names that the authority has, and names of places."""
    by_label = {name.label: name.number for name in known if name.preferred}
    for german, english in ENGLISH.items():
        if german in by_label and english not in by_label:
            yield Hard("english, known", english, "en", (by_label[german],))
            yield Hard("english, known", f"{english.lower()}s", "en", (by_label[german],))
    for place in PLACES:
        yield Hard("place", place, "de", ())


def judge(rows: list[Hard], index: Authority) -> Evaluation:
    cases = (
        Case(str(line), hard.label, hard.lang, frozenset(GND + number for number in hard.numbers), line)
        for line, hard in enumerate(rows)
    )
    return evaluate(cases, index, Curated(), Rules(separators=SEPARATORS))


def test_hard_keywords_are_linked_rightly_or_not_at_all(judged: dict[str, Evaluation]) -> None:
    right = sum(each.whole.right for each in judged.values())
    wrong = [error for each in judged.values() for error in each.errors]
    wanted, met = (sum(getattr(each, field) for each in judged.values()) for field in ("wanted", "met"))
    table = "\n".join(f"{name}: {each.whole} recall {each.recall:.3f}" for name, each in judged.items())
    assert right > 500, table
    assert len(wrong) <= 0.01 * right, (wrong, table)
    assert met >= 0.85 * wanted, table


def test_no_method_errs_more_than_one_time_in_a_hundred(judged: dict[str, Evaluation]) -> None:
    right: dict[str, int] = defaultdict(int)
    wrong: dict[str, list[object]] = defaultdict(list)
    for each in judged.values():
        for name, score in each.methods:
            right[name] += score.right
        for case, method, _, label in each.errors:
            wrong[method].append((case.label, label))
    for method, errors in wrong.items():
        assert len(errors) <= max(1, 0.01 * right[method]), (method, errors)


def test_every_family_is_there_and_none_fails_alone(judged: dict[str, Evaluation]) -> None:
    assert judged.keys() >= {
        "number", "umlauts transcribed", "umlauts decomposed", "case", "punctuation", "inversion", "separators",
        "near homonym", "person", "place", "english",
    }  # fmt: skip
    for family, each in judged.items():
        assert each.cases >= 1
        assert each.recall >= 0.85, (family, [case.label for case in each.missed][:20])
    for family in ("place", "person", "qualifier missing"):
        if family in judged:
            assert judged[family].linked == 0, (family, judged[family].errors)
