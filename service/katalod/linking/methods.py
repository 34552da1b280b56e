"""The methods that find headings by their names; what the hits mean is judged by `matching`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from katalod.linking.authority import Authority, Hit
from katalod.linking.labels import fold, qualified, spelled
from katalod.linking.names import personal, turned
from katalod.linking.number import LONG, forms
from katalod.linking.rules import CONFIDENCE, LESS_BY_VARIANT, Rules


@dataclass(frozen=True, slots=True)
class Asked:
    """A keyword as it is asked for."""

    written: str  # clean, its qualifier in round brackets
    lang: str  # two letters, or "" where nothing is claimed
    authority: Authority
    rules: Rules

    @property
    def foreign(self) -> bool:
        """Whether the keyword claims to be in another language than German: then no German grammar is applied."""
        return self.lang not in ("", "de")

    def near(self, label: str) -> tuple[Hit, ...]:
        """Give the headings that bear a German name, however it is spelled."""
        hits = self.authority.near(label)
        variants = "variant" in self.rules.methods
        return tuple(hit for hit in hits if not hit.english and (hit.preferred or variants))


@dataclass(frozen=True, slots=True)
class Found:
    """What a method found, and how sure it is of a preferred name."""

    rule: str
    hits: tuple[Hit, ...]
    confidence: float

    def sure(self, hit: Hit) -> float:
        """Say how sure the method is of one of its hits."""
        less = 0.0 if hit.preferred or self.rule in ("variant", "english") else LESS_BY_VARIANT
        return round(self.confidence - less, 2)


Method = Callable[[Asked], tuple[Hit, ...]]


def find(asked: Asked) -> Found | None:
    """Ask the methods in their order; the first that finds anything has the word."""
    for rule in asked.rules.methods:
        if (method := BY_NAME.get(rule)) and (hits := method(asked)):
            sure = CONFIDENCE[rule]
            if rule == "normalised" and all(fold(hit.name) == fold(asked.written) for hit in hits):
                sure = CONFIDENCE["case"]
            return Found(rule, hits, sure)
    return None


def exact(asked: Asked) -> tuple[Hit, ...]:
    """Find the headings whose preferred name is written so."""
    return tuple(hit for hit in asked.near(asked.written) if hit.preferred and spelled(hit.name) == asked.written)


def variant(asked: Asked) -> tuple[Hit, ...]:
    """Find the headings with a variant that is written so, and those with that name in another case beside them."""
    hits = asked.near(asked.written)
    same = tuple(hit for hit in hits if spelled(hit.name) == asked.written)
    if not same or asked.foreign:
        # "gift" in English is no poison: in another language only the very spelling counts
        return same
    folded = fold(asked.written)
    return same + tuple(hit for hit in hits if hit not in same and fold(hit.name) == folded)


def normalised(asked: Asked) -> tuple[Hit, ...]:
    """Find the headings whose name differs in case only, else in what spelling is free to do."""
    if asked.foreign:
        return ()
    hits = asked.near(asked.written)
    if not hits or (len(asked.written) <= 3 and not asked.written.isupper()):
        hits = tuple(hit for hit in hits if not hit.name.isupper())  # "los" is not the abbreviation LOS
    folded = fold(asked.written)
    if found := tuple(hit for hit in hits if fold(hit.name) == folded) or hits:
        return found + _other_word(asked, found)
    return ()


def _other_word(asked: Asked, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Give the heading that a word with ss may be the plural of: "Busse" is "Buße", or several of "Bus"."""
    if any(("ß" in hit.name) is not ("ß" in asked.written) for hit in hits):
        return number(asked)
    return ()


def inverted(asked: Asked) -> tuple[Hit, ...]:
    """Find the heading of a phrase whose noun was put first, or that the authority has with its noun first."""
    if asked.foreign:
        return ()
    if natural := turned(asked.written):
        return asked.near(natural)
    first, blank, noun = asked.written.partition(" ")
    if not blank or " " in noun or not noun[:1].isupper():
        return ()
    return tuple(hit for hit in asked.near(f"{noun}, {first}") if turned(hit.name))


def qualifier(asked: Asked) -> tuple[Hit, ...]:
    """Find a qualified heading whose qualifier the keyword writes in another form."""
    written = asked.written
    if personal(written):
        return ()
    hits: list[Hit] = []
    if split := qualified(written):
        beside = " ".join(split)
        hits += (hit for hit in asked.near(beside) if hit.preferred and fold(hit.name) == fold(beside))
    for separator in asked.rules.qualifiers:
        base, found, after = written.rpartition(separator)
        if found and base.strip() and after.strip():
            inside = f"{base.strip()} ({after.strip()})"
            hits += (hit for hit in asked.near(inside) if hit.preferred)
    return tuple(hits)


def number(asked: Asked) -> tuple[Hit, ...]:
    """Find the heading that bears the keyword in the other number: a preferred name, else a variant."""
    if asked.foreign or personal(asked.written):
        return ()
    hits = tuple(hit for form in forms(asked.written) for hit in asked.near(form) if _same_word(hit.name, form))
    return tuple(hit for hit in hits if hit.preferred) or hits


def _same_word(name: str, form: str) -> bool:
    """Whether a name is a form of a word: in a short one, hyphens count ("A-Stern" is not several of "Aster")."""
    return not name.isupper() and (len(form) >= LONG + 2 or fold(name) == fold(form))


def english(asked: Asked) -> tuple[Hit, ...]:
    """Find the heading that is called so in English, one or many of it."""
    if asked.lang not in ("", "en") or personal(asked.written):
        return ()
    low = asked.written
    singular = low[:-3] + "y" if low.endswith("ies") else low[:-1] if low.endswith("s") and low[-2:] != "ss" else ""
    for label in (low, singular):
        if label and (hits := tuple(hit for hit in asked.authority.near(label) if hit.english)):
            return hits
    return ()


BY_NAME: Mapping[str, Method] = MappingProxyType(
    {
        "exact": exact,
        "variant": variant,
        "normalised": normalised,
        "inverted": inverted,
        "qualified": qualifier,
        "number": number,
        "english": english,
    }
)
