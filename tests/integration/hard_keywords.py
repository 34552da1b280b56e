"""A hard set of keywords, made from an authority itself: its variants, and systematic changes of real headings.

Nothing here uses the code that is tested: plurals, inversions and spellings are made by rules of their own.
The same authority gives the same set.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SEPARATORS = (";", " / ", ",")
WITHHELD = 8  # one heading in so many is taken out of the index: its name must not lead to another


@dataclass(frozen=True, slots=True)
class Name:
    """A name of a heading, as a dump gives it."""

    number: str
    label: str
    preferred: bool


@dataclass(frozen=True, slots=True)
class Hard:
    """A keyword, what makes it hard, and the headings that it stands for: none says that it must not be linked."""

    family: str
    label: str
    lang: str | None
    numbers: tuple[str, ...]


def drawn(text: str, one_in: int, salt: str = "") -> bool:
    """Draw by digest: the same text is always drawn or never."""
    return int(hashlib.sha256(f"{salt}{text}".encode()).hexdigest()[:8], 16) % one_in == 0


def withheld(number: str) -> bool:
    return drawn(number, WITHHELD, "withheld")


# Heads of compounds with their plurals: facts of the language, not rules.
_PLURALS = """
    markt/märkte haus/häuser raum/räume plan/pläne recht/rechte buch/bücher land/länder projekt/projekte
    system/systeme museum/museen thema/themen stadt/städte schule/schulen dorf/dörfer platz/plätze baum/bäume
    fluss/flüsse vertrag/verträge verband/verbände betrieb/betriebe gebiet/gebiete gesetz/gesetze modell/modelle
    programm/programme prozess/prozesse problem/probleme produkt/produkte konzept/konzepte objekt/objekte
    kind/kinder bild/bilder feld/felder wald/wälder rad/räder amt/ämter blatt/blätter dach/dächer
    werk/werke spiel/spiele tier/tiere stoff/stoffe text/texte test/tests film/filme brief/briefe
    zentrum/zentren medium/medien kriterium/kriterien ministerium/ministerien studium/studien
    garten/gärten laden/läden boden/böden schaden/schäden vogel/vögel apfel/äpfel
    bank/banken zahl/zahlen frau/frauen arbeit/arbeiten form/formen art/arten tür/türen uhr/uhren
    wirkung/wirkungen krankheit/krankheiten tätigkeit/tätigkeiten gesellschaft/gesellschaften region/regionen
    pflanze/pflanzen maschine/maschinen familie/familien straße/straßen kirche/kirchen methode/methoden
    lehrerin/lehrerinnen arbeiterin/arbeiterinnen zeugnis/zeugnisse verhältnis/verhältnisse
    motor/motoren sensor/sensoren reaktor/reaktoren student/studenten präsident/präsidenten
    roboter/roboter apparat/apparate automat/automaten gerät/geräte instrument/instrumente
    vorgang/vorgänge klang/klänge bestand/bestände zustand/zustände ausgang/ausgänge
    fonds/fonds hotel/hotels park/parks team/teams auto/autos radio/radios
    kosten/kosten leute/leute eltern/eltern
"""
PLURALS = dict(pair.split("/") for pair in _PLURALS.split())
FIRST_NAMES = ("Max", "Anna", "Johann Sebastian", "Karl-Heinz", "M.", "Clara Maria von", "Wilhelm, 1867-1932")
_ENGLISH = """
gift art brand rat rock fast gut hut kind mist stern tag wand bad boot chef handy rente bald gang also
housing migration policy urban planning climate change labour market education poverty gender water energy
sustainability governance land use public transport social inclusion tourism innovation digitalization
"""
ENGLISH = _ENGLISH.split()


def hard_keywords(names: Iterable[Name], most: int = 400) -> Iterator[Hard]:
    """Give at most so many keywords of each family; headings that are withheld give names that must not be linked."""
    every = sorted(names, key=lambda name: (name.number, not name.preferred, name.label))
    bearers: dict[str, set[str]] = {}
    for name in every:
        bearers.setdefault(key(name.label), set()).add(name.number)
    known = [name for name in every if not withheld(name.number)]
    plain = [
        n for n in known if n.preferred and len(bearers[key(n.label)]) == 1 and re.fullmatch(r"[^\W\d_]{5,}", n.label)
    ]
    families = (
        variants(known, bearers),
        plurals(plain, bearers),
        spellings(plain),
        inversions([n for n in known if n.preferred], bearers),
        strings(plain),
        qualifiers([n for n in known if n.preferred], bearers),
        near(every, bearers),
        persons(plain),
        english({key(n.label) for n in known}),
    )
    for family in families:
        found = sorted(family, key=lambda hard: hashlib.sha256(f"{hard.family}{hard.label}".encode()).hexdigest())
        seen: dict[str, int] = {}
        for hard in found:
            seen[hard.family] = seen.get(hard.family, 0) + 1
            if seen[hard.family] <= most:
                yield hard


def key(label: str) -> str:
    """What two labels have in common for a reader in a hurry."""
    text = unicodedata.normalize("NFC", label).lower()
    for umlaut, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        text = text.replace(umlaut, plain)
    return re.sub(r"[\W_]+", "", text)


def variants(names: list[Name], bearers: dict[str, set[str]]) -> Iterator[Hard]:
    for name in names:
        if (
            not name.preferred
            and len(bearers[key(name.label)]) == 1
            and "(" not in name.label
            and "," not in name.label
        ):
            yield Hard("variant", name.label, "de", (name.number,))


def plural(label: str) -> str | None:
    for singular, many in PLURALS.items():
        if label.lower().endswith(singular) and (len(label) == len(singular) or len(label) >= len(singular) + 3):
            stem = label[: len(label) - len(singular)]
            return stem + many if stem else many.capitalize()
    return None


def plurals(plain: list[Name], bearers: dict[str, set[str]]) -> Iterator[Hard]:
    for name in plain:
        many = plural(name.label)
        if many and many != name.label and key(many) not in bearers:
            yield Hard("number", many, "de", (name.number,))
        if many and many != name.label and key(many) in bearers:
            (other, *more) = sorted(bearers[key(many)])
            if not more and not withheld(other):
                yield Hard("number, both are headings", many, "de", (other,))


def spellings(plain: list[Name]) -> Iterator[Hard]:
    for name in plain:
        label = name.label
        if re.search("[äöüß]", label, re.I):
            written = label
            for umlaut, two in (
                ("ä", "ae"),
                ("ö", "oe"),
                ("ü", "ue"),
                ("ß", "ss"),
                ("Ä", "Ae"),
                ("Ö", "Oe"),
                ("Ü", "Ue"),
            ):
                written = written.replace(umlaut, two)
            yield Hard("umlauts transcribed", written, "de", (name.number,))
            yield Hard("umlauts decomposed", unicodedata.normalize("NFD", label), "de", (name.number,))
        if drawn(label, 40):
            yield Hard("case", label.lower(), "de", (name.number,))
            yield Hard("case", label.upper(), "de", (name.number,))
            yield Hard("punctuation", f" {label}. ", "de", (name.number,))
            yield Hard("punctuation", f"„{label}“", "de", (name.number,))
        if len(label) > 12 and drawn(label, 20):
            yield Hard("soft hyphen", f"{label[:6]}\u00ad{label[6:]}", "de", (name.number,))


def inversions(preferred: list[Name], bearers: dict[str, set[str]]) -> Iterator[Hard]:
    for name in preferred:
        found = re.fullmatch(r"([A-ZÄÖÜ][a-zäöüß]+(?:e|er|es)) ([A-ZÄÖÜ][a-zäöüß]+)", name.label)
        if found and len(bearers[key(name.label)]) == 1:
            adjective, noun = found.groups()
            yield Hard("inversion", f"{noun}, {adjective}", "de", (name.number,))
            yield Hard("inversion", f"{noun}, {adjective.lower()}", "de", (name.number,))
        if "-" in name.label and name.label.replace("-", "").isalpha() and len(bearers[key(name.label)]) == 1:
            yield Hard("hyphen", name.label.replace("-", " "), "de", (name.number,))
            yield Hard("hyphen", name.label.replace("-", "\u2010"), "de", (name.number,))


def strings(plain: list[Name]) -> Iterator[Hard]:
    some = [name for name in plain if drawn(name.label, 60, "strings")]
    for one, two in zip(some[::2], some[1::2], strict=False):
        for separator in ("; ", ";", " / "):
            yield Hard("separators", f"{one.label}{separator}{two.label}", "de", (one.number, two.number))
        yield Hard("separators", f"{one.label}, {two.label}", None, (one.number, two.number))
        yield Hard("separators and a name", f"Weber, Max; {one.label}", "de", (one.number,))


def qualifiers(preferred: list[Name], bearers: dict[str, set[str]]) -> Iterator[Hard]:
    for name in preferred:
        found = re.fullmatch(r"([^()<>]+) [(<]([^()<>]+)[)>]", name.label)
        if not found or len(bearers[key(name.label)]) > 1:
            continue
        word, qualifier = found.groups()
        yield Hard("qualifier, angle", f"{word} <{qualifier}>", "de", (name.number,))
        yield Hard("qualifier, round", f"{word} ({qualifier})", "de", (name.number,))
        if key(word) not in bearers:
            yield Hard("qualifier missing", word, "de", ())


def near(every: list[Name], bearers: dict[str, set[str]]) -> Iterator[Hard]:
    """Names of headings that the index does not have: whatever they are linked to is wrong."""
    for name in every:
        several = any(separator in name.label for separator in SEPARATORS)  # so this source writes two keywords
        if withheld(name.number) and all(map(withheld, bearers[key(name.label)])) and not several:
            yield Hard("near homonym", name.label, "de", ())
            if name.preferred and (many := plural(name.label)) and key(many) not in bearers:
                yield Hard("near homonym, plural", many, "de", ())


def persons(plain: list[Name]) -> Iterator[Hard]:
    """Many headings are surnames too."""
    short = [
        name.label
        for name in plain
        if re.fullmatch("[A-ZÄÖÜ][a-zäöüß]{3,7}", name.label) and drawn(name.label, 5, "persons")
    ]
    for at, surname in enumerate(short):
        yield Hard("person", f"{surname}, {FIRST_NAMES[at % len(FIRST_NAMES)]}", "de", ())


def english(known: set[str]) -> Iterator[Hard]:
    for word in ENGLISH:
        yield Hard("english", word, "en", ())
        if key(word) not in known or word in ENGLISH[:20]:
            yield Hard("english", word.capitalize(), "en", ())
