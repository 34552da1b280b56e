"""Values are made fit to publish, and what was amiss with them is named; what is right stays as it is."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from katalod.records.cleaning import clean, excerpt


@pytest.mark.parametrize(
    "text",
    [
        "Wohnen in der Stadt",
        "Bleistift <Motiv>",
        "Form <Link>",
        "Kunst <1>",
        "a < b und c > d",
        "R&D, AT&T; Lärm & Stille",
        "https://example.org/?a=1&copy=2",
        "SÃO PAULO",
        "«été» – «là»",
        "„Ä“",
        "می‌خواهم",  # Persian needs its zero-width non-joiner
        "👩‍💻",
    ],
)
def test_what_is_right_stays(text: str) -> None:
    assert clean(text) == (text, ())


@pytest.mark.parametrize(
    ("text", "cleaned", "faults"),
    [
        ("  a \n\n b\t c\xa0d\u2028e ", "a b c d e", ()),
        ("Gro\u0308ße", "Größe", ()),
        ("Wasser\xadzeichen", "Wasserzeichen", ()),
        ("<p>Ein <i>Wort</i></p><p>noch eins</p>", "Ein Wort noch eins", ("markup",)),
        ("H<sub>2</sub>O", "H2O", ("markup",)),
        ("<BR/>eins<br>zwei", "eins zwei", ("markup",)),
        ('<a href="javascript:alert(1)" title="x">hier</a>', "hier", ("markup",)),
        ("<jats:p>Text</jats:p>", "Text", ("markup",)),
        ("&lt;i&gt;Titel&lt;/i&gt; &amp;amp; mehr", "Titel & mehr", ("markup",)),
        ("<script>alert(1)</script>Titel", "Titel", ("markup",)),
        ("<script>alert(1)", "", ("markup",)),
        ("<style>p {}</style><!-- x -->Titel", "Titel", ("markup",)),
        ("&Auml;pfel &#228; &#xe4;", "Äpfel ä ä", ("markup",)),
        ("abc\u202edef\u200b\ufeff\u2066x", "abcdefx", ("control-characters",)),
        ("a\x00b\x07c\ud800d", "abcd", ("control-characters",)),
        ("GrÃ¶Ã\x9fe", "Größe", ("mojibake",)),
        ("StÃ¤dte fÃ¼r alle", "Städte für alle", ("mojibake",)),
        ("\x84Gr\xf6\xdfe\x93 \x96 5 \x80", "„Größe“ – 5 €", ("mojibake",)),
        ("<b>Ã¼ber\u200b</b>", "über", ("markup", "mojibake", "control-characters")),
    ],
)
def test_what_is_wrong_is_mended_and_named(text: str, cleaned: str, faults: tuple[str, ...]) -> None:
    assert clean(text) == (cleaned, faults)


def test_an_excerpt_shows_where_the_fault_is_and_is_fit_to_be_shown() -> None:
    text = "x" * 100 + "<b>hier</b>" + "y" * 300
    shown = excerpt("markup", text)
    assert "<b>hier</b>" in shown
    assert len(shown) <= 200
    assert "\u202e" not in excerpt("control-characters", "a\u202eb")


@given(st.text(alphabet=st.characters() | st.sampled_from("<>&;/pbi \u200b\u202eÃ¤\x80"), max_size=200))
def test_nothing_crashes_and_nothing_unfit_comes_out(text: str) -> None:
    value, faults = clean(text)
    value.encode()
    assert value == " ".join(value.split())
    assert unicodedata.is_normalized("NFC", value)
    assert not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in value)
    assert len(set(faults)) == len(faults)


@pytest.mark.parametrize("part", ["<script", "<!--", "<p <", "&lt;", "<", "&", "<script>", "Ã", "\x80", "<p>" * 3])
def test_hostile_texts_take_no_more_time_than_long_ones(part: str) -> None:
    begin = time.process_time()
    clean(part * (200_000 // len(part)))
    assert time.process_time() - begin < 2
