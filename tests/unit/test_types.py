"""`ontology/types.toml` and `ontology/languages.toml`: facts, each said once."""

import csv
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from katalod.assets import asset

SHARED = Path(__file__).parents[2].parent / "shared"
TYPES = tomllib.loads(asset("ontology/types.toml").read_text("utf-8"))["type"]
LANGUAGES = tomllib.loads(asset("ontology/languages.toml").read_text("utf-8"))["language"]


def fold(text: str) -> str:
    return "/".join(" ".join(part.split()) for part in text.casefold().split("/"))


MEANT = {fold(text): row for row in TYPES for text in row["strings"]}
CODES = {fold(text): row["code"] for row in LANGUAGES for text in (*row["strings"], row["code"])}


def test_no_type_string_has_two_meanings() -> None:
    times = Counter(fold(text) for row in TYPES for text in row["strings"])
    assert [text for text, n in times.items() if n > 1] == []


def test_no_language_string_has_two_meanings() -> None:
    times = Counter(fold(text) for row in LANGUAGES for text in {*row["strings"], row["code"]})
    assert [text for text, n in times.items() if n > 1] == []


def test_rows_have_known_keys_and_well_formed_values() -> None:
    for row in TYPES:
        assert set(row) - {"form", "form_label", "degree"} == {"strings", "class", "coar"}, row
        assert ("form" in row) == ("form_label" in row), row
        assert re.fullmatch(r"(bibo|dcmitype):[A-Z][A-Za-z]+", row["class"]), row
        assert re.fullmatch(r"c_[0-9a-f]{4}|c_18(ws|gh|cf|cc)|R60J-J5BD|c_186u", row["coar"]), row


def weighted(digits: str) -> int:
    """The sum that a GND number's check digit comes from: weights down to 2."""
    return sum(int(digit) * weight for digit, weight in zip(digits, range(len(digits) + 1, 1, -1), strict=True))


def test_gnd_forms_pass_their_check_digits() -> None:
    forms = {row["form"] for row in TYPES if "form" in row}
    assert len(forms) > 10
    for form in forms:
        if "-" in form:
            digits, _, check = form.partition("-")
            assert "0123456789X"[weighted(digits) % 11] == check, form
        else:
            assert "0123456789X"[(11 - weighted(form[:-1]) % 11) % 11] == form[-1], form


@pytest.mark.parametrize(
    ("text", "kind", "coar", "form", "degree"),
    [
        ("Graue Literatur/ Bericht", "bibo:Report", "c_93fc", "4128022-2", None),
        ("dissertation", "bibo:Thesis", "c_db06", "4113937-9", "phd"),
        ("Hochschulschrift / Dissertation", "bibo:Thesis", "c_db06", "4113937-9", "phd"),
        ("Habilitation", "bibo:Thesis", "c_db06", "4113937-9", None),
        ("Tagungsband", "bibo:Proceedings", "c_f744", "1071861417", None),
        ("Journal", "bibo:Journal", "c_0640", "4067488-5", None),
        ("Periodical", "bibo:Periodical", "c_2659", "4067488-5", None),
        ("Poster", "bibo:Document", "c_6670", None, None),
        ("Vortrag", "bibo:Slideshow", "R60J-J5BD", None, None),
        ("Moving  Image", "bibo:AudioVisualDocument", "c_8a7e", None, None),
        ("Sound", "bibo:AudioDocument", "c_18cc", None, None),
        ("info:eu-repo/semantics/article", "bibo:AcademicArticle", "c_6501", None, None),
    ],
)
def test_what_types_mean(text: str, kind: str, coar: str, form: str | None, degree: str | None) -> None:
    row = MEANT[fold(text)]
    assert (row["class"], row["coar"], row.get("form"), row.get("degree")) == (kind, coar, form, degree)


def test_a_conference_is_an_event_and_no_type() -> None:
    assert "bibo:Conference" not in {row["class"] for row in TYPES}


def test_every_profile_string_is_mapped() -> None:
    profile = SHARED / "data" / "profile" / "types.tsv"
    if not profile.exists():
        pytest.skip("would read data/profile/types.tsv: the type strings of the mapping profile")
    rows = list(csv.reader(profile.read_text("utf-8").splitlines(), delimiter="\t"))[1:]
    strings = [text.strip() for row in rows for text in row[0].split(" ; ")]
    assert len(strings) > 80
    assert [text for text in strings if fold(text) not in MEANT] == []
    for row in rows:
        coar = set(re.findall(r"c_[0-9a-z]{4}|R60J-J5BD", row[2]))
        for text in row[0].split(" ; "):
            assert MEANT[fold(text)]["coar"] in coar | {"c_1843"}, text


@pytest.mark.parametrize(
    ("strings", "code"),
    [
        ("de deu ger Deutsch German", "ger"),
        ("en eng Englisch English", "eng"),
        ("fr fra fre Französisch French", "fre"),
        ("zh zho chi Chinesisch Chinese", "chi"),
        ("nl nld dut Niederländisch Dutch", "dut"),
        ("el ell gre Griechisch Greek", "gre"),
        ("cs ces cze Tschechisch Czech", "cze"),
        ("mul Mehrsprachig", "mul"),
    ],
)
def test_what_language_strings_mean(strings: str, code: str) -> None:
    assert {CODES[fold(text)] for text in strings.split()} == {code}


def test_all_languages_of_iso_639_1_are_there() -> None:
    two = {text for row in LANGUAGES for text in row["strings"] if re.fullmatch(r"[a-z]{2}", text)}
    assert len(two) == 183
    assert all(re.fullmatch(r"[a-z]{3}", row["code"]) for row in LANGUAGES)
