"""What speaks against a link: why a keyword is held back, and which headings are at hand for people to choose from."""

from collections.abc import Iterator
from dataclasses import dataclass

from katalod.linking.authority import Authority, Hit
from katalod.linking.labels import FIELDS, fold, qualified, trailing_field
from katalod.linking.methods import Asked, Found

_BOTH = """
also arm art bad bald bank bikini billion boot brand brief brie chef dose dick gift gang gut gymnasium handy hang
hell herd hose hut kind konkurrenz lack last list log lust made mappe mist mode most mutter note pole post probe
promotion rat rang rente rock rot see seen sense spring stern still stock strand tag tang taste ton tot wall wand war
warm wetter wild wink winkel
"""
FALSE_FRIENDS = frozenset(_BOTH.split())
"""Words that are German and English, and mean two things."""

_KINDS = {
    "place": ("ein Ort", "a place"),
    "person": ("eine Person", "a person"),
    "family": ("eine Familie", "a family"),
    "body": ("eine Körperschaft", "a corporate body"),
    "event": ("eine Veranstaltung", "an event"),
    "work": ("ein Werk", "a work"),
}


@dataclass(frozen=True, slots=True)
class Held:
    """Why a keyword was not linked, in German and English, and which headings were at hand."""

    hits: tuple[Hit, ...]
    de: str
    en: str


def doubted(hit: Hit, found: Found, asked: Asked) -> Held | None:
    """Say what speaks against the only heading that was found."""
    bare = qualified(asked.written) is None
    if found.rule == "number" and bare and (homonyms := asked.authority.homonyms(asked.written)):
        return _needs_qualifier((*homonyms, hit))
    if bare and hit.qualified and not hit.preferred:
        return _needs_qualifier((hit,))
    if asked.lang == "en" and found.rule != "english" and fold(asked.written) in FALSE_FRIENDS:
        return Held((hit,), "im Englischen bedeutet das Wort etwas anderes", "in English the word means another thing")
    if bare and hit.preferred and found.rule != "qualified":
        return _contradicted(hit, asked.authority)
    return None


def qualified_only(asked: Asked) -> Held | None:
    """Say that only headings with a qualifier bear the word."""
    homonyms = asked.authority.homonyms(asked.written) if qualified(asked.written) is None else ()
    return _needs_qualifier(homonyms) if homonyms else None


def _contradicted(hit: Hit, authority: Authority) -> Held | None:
    """Hold a heading back that is called by another word only within a field: it has that field's sense.

    "Teilhabe" has the variant "Partizipation (Philosophie)", so it is the philosophers' term. This says
    nothing where the heading names word or field itself ("Sozialraum": "Raum (Sozialwissenschaften)"), and
    nothing where the word is an abbreviation or a phrase: the one has a qualifier because it is short, the
    other needs none to be understood.
    """
    concept = authority.heading(hit.iri)
    for variant in concept.variants if concept else ():
        for word, field in _senses(variant, authority):
            if word.isupper() or " " in word or any(fold(part) in fold(hit.label) for part in (word, field)):
                continue
            others = tuple(other for other in authority.look_up(word) if other.preferred and other.iri != hit.iri)
            return Held(
                (hit, *others),
                f"die Variante „{variant}“ der Ansetzung sagt, dass sie den Sinn des Fachs {field} hat",
                f'the variant "{variant}" of the heading says that it has the sense of the field {field}',
            )
    return None


def _senses(variant: str, authority: Authority) -> Iterator[tuple[str, str]]:
    """Give word and field of a variant that is qualified by a field of learning, in whichever spelling."""
    if split := qualified(variant):
        word, qualifier = split
        yield from ((word, part) for part in qualifier.split(", ") if part in FIELDS)
    elif (split := trailing_field(variant)) and any(hit.preferred for hit in authority.look_up(split[0])):
        yield split


def ambiguous(hits: tuple[Hit, ...]) -> Held:
    """Say that several headings bear the name."""
    return Held(hits, "mehrere Ansetzungen tragen diesen Namen", "several headings bear this name")


def a_name(hits: tuple[Hit, ...]) -> Held:
    """Say that a place, person or body is called so."""
    de, en = _KINDS.get(next((hit.kind for hit in hits if hit.kind != "subject"), ""), ("ein Name", "a name"))
    if any(hit.kind == "subject" for hit in hits):
        return Held(hits, f"so heißt auch {de}", f"{en} is called so too")
    return Held(hits, f"das ist {de} und kein Sachbegriff", f"it is {en}, and no subject heading")


def _needs_qualifier(hits: tuple[Hit, ...]) -> Held:
    return Held(
        hits,
        "die Ansetzung hat einen Zusatz, den das Schlagwort nicht nennt",
        "the heading has a qualifier that the keyword does not name",
    )
