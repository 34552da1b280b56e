"""Which other forms a keyword may stand for, and the spellings that are one key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from katalod.linking.labels import normal
from katalod.linking.names import personal, turned
from katalod.linking.number import forms


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("Wohnungsmärkte", "Wohnungsmarkt"),
        ("Häuser", "Haus"),
        ("Bürgerhäuser", "Bürgerhaus"),
        ("Schulen", "Schule"),
        ("Lehrerinnen", "Lehrerin"),
        ("Zeitungen", "Zeitung"),
        ("Zeugnisse", "Zeugnis"),
        ("Museen", "Museum"),
        ("Ministerien", "Ministerium"),
        ("Themen", "Thema"),
        ("Studien", "Studium"),
        ("Studien", "Studie"),
        ("Gärten", "Garten"),
        ("Bauern", "Bauer"),
        ("Reaktoren", "Reaktor"),
        ("Projekte", "Projekt"),
        ("Hotels", "Hotel"),
        ("Soziale Netzwerke", "Soziales Netzwerk"),
        ("Öffentliche Räume", "Öffentlicher Raum"),
        ("Erneuerbare Energie", "Erneuerbare Energien"),
        ("Technologie", "Technologien"),
    ],
)
def test_a_keyword_in_the_other_number_has_the_form_of_the_heading(many: str, one: str) -> None:
    assert one in forms(many)


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("Blüte", "Blut"), ("Rinde", "Rind"), ("Reise", "Reis"), ("Kosten", "Kost"), ("Posten", "Post"),
        ("Westen", "Weste"), ("Falle", "Fall"), ("Note", "Not"), ("Watte", "Watt"), ("Liste", "List"),
        ("Tänzer", "Tanz"), ("Mörder", "Mord"), ("Eigentümer", "Eigentum"), ("Anlassen", "Anlass"),
        ("Schulden", "Schuld"), ("Wüste", "Wust"), ("Börse", "Bors"), ("Muttern", "Mutter"), ("Kindergarten", "Kinderg"),
        ("Haus", "Hau"), ("Kreis", "Krei"), ("Tee", "Te"),
    ],
)  # fmt: skip
def test_what_looks_like_a_plural_is_left_alone(word: str, other: str) -> None:
    assert other not in forms(word)


@given(st.text(max_size=60))
def test_anything_has_forms_or_none(text: str) -> None:
    assert text not in forms(text)
    assert len(forms(text)) < 20


@given(st.text(max_size=60))
def test_a_key_is_its_own_key_but_for_qualifiers(text: str) -> None:
    key = normal(text)
    if "(" not in key and "~" not in key:
        assert normal(key) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße", "STRASSE"), ("Öffentlicher Raum", "oeffentlicher raum"), ("E-Learning", "E\u2010Learning"),
        ("E-Learning", "Elearning"), ("Wohnungs\u00admarkt", "Wohnungsmarkt"), ("Café", "Cafe"),
        ("Bürger", "Bu\u0308rger"), ("Migration <Informatik>", "Migration (Informatik)"), ("„Heimat“", "Heimat"),
        ("Windows 8.1", "Windows 8,1"),
    ],
)  # fmt: skip
def test_spellings_that_are_one_key(one: str, other: str) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C++", "C"), ("C#", "C"), ("Windows 8.1", "Windows 81"), ("Migration (Informatik)", "Migration Informatik"),
        ("Maße", "Mase"), ("+", "-"),
    ],
)  # fmt: skip
def test_what_is_another_key(one: str, other: str) -> None:
    assert normal(one) != normal(other)


@pytest.mark.parametrize(
    "name",
    [
        "Weber, Max", "Goethe, Johann Wolfgang von", "Müller, K.-H.", "Kant, Immanuel 1724-1804", "Kant, Immanuel, 1724-",
        "von Arnim, Bettina", "Droste-Hülshoff, Annette von", "O’Neill, Eugene", "Max Weber (1864-1920)", "Ågren, Åsa",
    ],
)  # fmt: skip
def test_a_persons_name_is_known_by_its_shape(name: str) -> None:
    assert personal(name)


@pytest.mark.parametrize(
    "label", ["Integration, soziale", "Wohnen", "Berlin", "Migration (Informatik)", "1,2-Ethandiol", ""]
)
def test_what_is_no_persons_name(label: str) -> None:
    assert not personal(label)


def test_an_inverted_phrase_is_turned() -> None:
    assert turned("Integration, soziale") == "soziale Integration"
    assert turned("Stadt, kleine alte") == "kleine alte Stadt"
    assert turned("Weber, Max") is None
    assert turned("Wohnen") is None
