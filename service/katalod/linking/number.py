"""Singular and plural of German nouns: which other forms a keyword may stand for.

The forms are guesses by the endings of plurals; whoever asks holds each against the headings, and takes one
only if it is the only one there. So a rule must not be complete, but it must not lead from one word to
another: "Blüte" is no plural of "Blut". Endings that do so are left to long words, or to none.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

SHORTEST = 4
"""A form with fewer letters is believed of no word: too many words are near it."""
LONG = 8
"""From this length on a word is a compound or a loan word, in which the ending tells more."""

_UMLAUTS = {"ä": "a", "ö": "o", "ü": "u"}
_LAST_UMLAUT = re.compile(r"[äöüÄÖÜ](?=u?[^aeiouyäöü]*$)")
_WORD = re.compile(r"[^\W\d_]+$")

# Plural ending -> singular endings. The first ending that fits a word speaks for it.
_SURE = (
    ("innen", ("in",)),
    ("nisse", ("nis",)),
    ("eigentümer", ()),
    ("tümer", ("tum",)),
    ("heiten", ("heit",)),
    ("keiten", ("keit",)),
    ("schaften", ("schaft",)),
    ("ungen", ("ung",)),
    ("ionen", ("ion",)),
    ("täten", ("tät",)),
    ("ismen", ("ismus",)),
    ("logien", ("logie",)),
    ("rhythmen", ("rhythmus",)),
    ("themen", ("thema",)),
    ("schemata", ("schema",)),
    ("firmen", ("firma",)),
    ("dramen", ("drama",)),
    ("dogmen", ("dogma",)),
    ("konten", ("konto",)),
    ("risiken", ("risiko",)),
    ("villen", ("villa",)),
    ("praxen", ("praxis",)),
    ("basen", ("basis", "base")),
    ("thesen", ("these",)),
    ("krisen", ("krise",)),
    ("analysen", ("analyse",)),
    ("museen", ("museum",)),
    ("zentren", ("zentrum",)),
    ("medien", ("medium",)),
    ("kriterien", ("kriterium",)),
    ("ministerien", ("ministerium",)),
    ("stipendien", ("stipendium",)),
    ("gymnasien", ("gymnasium",)),
    ("laboratorien", ("laboratorium",)),
    ("materialien", ("material",)),
    ("prinzipien", ("prinzip",)),
    ("studien", ("studie", "studium")),
    ("geräte", ("gerät",)),
    ("praktika", ("praktikum",)),
    ("curricula", ("curriculum",)),
    ("linge", ("ling",)),
    ("häuser", ("haus",)),
    ("länder", ("land",)),
    ("wälder", ("wald",)),
    ("bücher", ("buch",)),
    ("bilder", ("bild",)),
    ("kinder", ("kind",)),
    ("felder", ("feld",)),
    ("güter", ("gut",)),
    ("wörter", ("wort",)),
    ("ämter", ("amt",)),
    ("räder", ("rad",)),
    ("männer", ("mann",)),
    ("bäder", ("bad",)),
    ("bänder", ("band",)),
    ("blätter", ("blatt",)),
    ("dächer", ("dach",)),
    ("dörfer", ("dorf",)),
    ("fächer", ("fach",)),
    ("gläser", ("glas",)),
    ("gräber", ("grab",)),
    ("gräser", ("gras",)),
    ("hühner", ("huhn",)),
    ("kälber", ("kalb",)),
    ("kräuter", ("kraut",)),
    ("lämmer", ("lamm",)),
    ("löcher", ("loch",)),
    ("ränder", ("rand",)),
    ("schlösser", ("schloss",)),
    ("tücher", ("tuch",)),
    ("völker", ("volk",)),
    ("mütter", ("mutter",)),
    ("väter", ("vater",)),
    ("töchter", ("tochter",)),
    ("brüder", ("bruder",)),
    ("gärten", ("garten",)),
    ("häfen", ("hafen",)),
    ("läden", ("laden",)),
    ("böden", ("boden",)),
    ("schäden", ("schaden",)),
    ("öfen", ("ofen",)),
    ("nägel", ("nagel",)),
    ("vögel", ("vogel",)),
    ("mängel", ("mangel",)),
    ("mäntel", ("mantel",)),
    ("sättel", ("sattel",)),
    ("äpfel", ("apfel",)),
    ("klöster", ("kloster",)),
    ("frauen", ("frau",)),
    ("karten", ("karte",)),
    ("garten", ()),
    ("arten", ("art",)),
    ("formen", ("form",)),
    ("türen", ("tür",)),
    ("uhren", ("uhr",)),
    ("menschen", ("mensch",)),
    ("zahlen", ("zahl",)),
    ("arbeiten", ("arbeit",)),
    ("zeiten", ("zeit",)),
    ("banken", ("bank",)),
)
_OTHER_WORDS = """
blüte güte küste wüste kosten unkosten posten westen osten norden süden daten essen reifen waffen leiden
muttern masern weste note liste falle ware rinde reise kohle waren halle messe wende weise seite stelle
base laute weide heide linse rolle watte runde feste karte pfeife made winde rente torte kante sage
tonne schulden trümmer mühle hölle höhe nähe kälte größe länge röhre münze rübe wärme börse steuern strafen enden
"""
_NEVER = frozenset(_OTHER_WORDS.split())
"""What looks like a plural and is another word."""
_FEMININE = re.compile(r"(heit|keit|schaft|ung|ion|tät|ik|ur|enz|anz|ei)$")
_FOREIGN_PLURAL = re.compile(r"[^sui]s$")
_WITH_EN = re.compile(rf"{_FEMININE.pattern}|(or|ent|ant|ist|at|et|it|ot|graf|nom|soph|krat|log)$")
_STRONG = re.compile(
    r"(ment|at|et|iv|al|ell|em|amm|ekt|akt|ept|ess|ent|ant|ist|it|id|an|on|in|ein|eur|or|är|um|ag|eg|ieb|uch|icht|iel"
    r"|erk|ief|ort|eis|ich|ahr|ert|ein|aum|yp|og|ph|op|il|ol|ul|ist|iss|uss|enst|urs|orm|olk|arkt|ang|ung|ug|and|of|ück)$"
)


@lru_cache(4096)
def forms(label: str) -> tuple[str, ...]:
    """Give the labels that a label may stand for in the other number; what is sure comes first."""
    *before, last = label.split(" ")
    found = _WORD.search(last)
    if not found or len(found[0]) < SHORTEST:
        return ()
    head, word = last[: found.start()], found[0]
    others = dict.fromkeys(form for form in (*_singulars(word), *_plurals(word)) if len(form) >= SHORTEST)
    others.pop(word, None)
    given: dict[str, None] = {}
    for form in others:
        for adjective in _adjectives(before, plural=len(form) < len(word)):
            given[" ".join((*adjective, head + form))] = None
    return tuple(given)


def _singulars(word: str) -> Iterator[str]:
    """Undo the endings of a plural."""
    low = word.lower()
    if low in _NEVER:
        return
    for plural, endings in _SURE:
        if low.endswith(plural):
            yield from (_ended(word, plural, ending) for ending in endings)
            return
    if any(len(low) > len(never) + 2 and low.endswith(never) for never in _NEVER):
        return
    if low.endswith("e"):
        stem = word[:-1]
        if changed := _without_umlaut(stem):
            yield changed
        elif len(word) >= LONG or _STRONG.search(stem.lower()):
            yield stem
            if low.endswith("sse"):
                yield stem[:-1]
    elif low.endswith("en"):
        yield word[:-1]
        if _WITH_EN.search(low[:-2]):
            yield word[:-2]
        if low.endswith("ien"):
            yield word[:-3] + "ium"
        elif len(word) >= LONG:
            yield word[:-2] + "um"
    elif low.endswith(("eln", "ern")) or (len(word) >= LONG - 2 and _FOREIGN_PLURAL.search(low)):
        yield word[:-1]


def _plurals(word: str) -> Iterator[str]:
    """Add an ending where a word can have only that one; the heading may stand in the plural."""
    low = word.lower()
    if len(word) < LONG - 2 or low in _NEVER:
        return
    if low.endswith("in") and len(word) >= LONG:
        yield word + "nen"
    elif low.endswith("nis"):
        yield word + "se"
    elif low.endswith("e"):
        yield word + "n"
    elif _FEMININE.search(low):
        yield word + "en"
    elif low.endswith("ium"):
        yield word[:-2] + "en"


def _ended(word: str, plural: str, ending: str) -> str:
    """Give a word another ending; a word that is nothing but its ending keeps its capital."""
    stem = word[: -len(plural)]
    return stem + ending if stem else ending.capitalize() if word[0].isupper() else ending


def _without_umlaut(stem: str) -> str:
    """Take the umlaut of a plural back: Märkt -> Markt; empty where there is none in the last syllable."""
    found = _LAST_UMLAUT.search(stem)
    if not found:
        return ""
    plain = _UMLAUTS[found[0].lower()]
    return stem[: found.start()] + (plain.upper() if found[0].isupper() else plain) + stem[found.end() :]


def _adjectives(words: list[str], plural: bool) -> Iterator[list[str]]:
    """Give the words before a noun as they stand, and an adjective with the endings of the other number."""
    yield words
    if len(words) != 1 or len(words[0]) < 5:
        return
    (word,) = words
    if plural and word.endswith("e"):
        yield from ([word + ending] for ending in ("r", "s"))
    elif not plural and word.endswith(("er", "es")):
        yield [word[:-1]]
