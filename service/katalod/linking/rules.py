"""The methods of linking by name: which are there, in which order, how sure each is."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from katalod.errors import SettingsError
from katalod.settings import Settings

METHODS = (
    "curated",  # a librarian's decision
    "given",  # an identifier that the source itself gives
    "exact",  # the preferred name of a heading, as it is written
    "variant",  # another name of a heading
    "normalised",  # case, accents, hyphens, punctuation, umlauts transcribed, ss for ß
    "inverted",  # "Integration, soziale"
    "qualified",  # a qualifier in another of its three spellings
    "number",  # "Wohnungsmärkte": the singular for the plural, or the plural for the singular
    "english",  # an English name that the authority has, or has through its links
    "compound",  # a part of a keyword that holds several, cut at the separators of the source
)

CONFIDENCE: Mapping[str, float] = MappingProxyType(
    {
        "given": 0.99,
        "exact": 0.98,
        "case": 0.95,
        "qualified": 0.95,
        "normalised": 0.93,
        "inverted": 0.93,
        "variant": 0.9,
        "number": 0.9,
        "english": 0.85,
    }
)
"""How sure a method is. The order is what counts; none claims the 1.0 of a person's decision."""
LESS_BY_VARIANT, LESS_BY_CUT = 0.05, 0.02


@dataclass(frozen=True, slots=True)
class Rules:
    """What an operator has chosen: the methods in their order, and how this source writes its keywords."""

    methods: tuple[str, ...] = METHODS
    separators: tuple[str, ...] = ()  # between keywords that stand in one string
    qualifiers: tuple[str, ...] = ()  # before a qualifier, beside brackets


DEFAULT = Rules()
"""All methods, keywords that stand alone, qualifiers in brackets."""


def rules(settings: Settings) -> Rules:
    """Read the rules from the settings; raises SettingsError for a method nobody knows."""
    for method in settings.linking_methods:
        if method not in METHODS:
            raise SettingsError(f"linking_methods cannot have {method!r}; the methods are {', '.join(METHODS)}")
    return Rules(
        tuple(dict.fromkeys(settings.linking_methods)) or METHODS,
        tuple(map(_sign, settings.linking_separators)),
        tuple(map(_sign, settings.linking_qualifiers)),
    )


def _sign(text: str) -> str:
    return " " if text == "space" else text
