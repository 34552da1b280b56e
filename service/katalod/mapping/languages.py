"""Language tags are checked, not believed: a DSpace tag is often the language of the screen it was typed on."""

import re
from functools import cache
from typing import Any

from katalod.model import Text

_GERMAN = "der die das und ist nicht ein eine einer von zu den des dem im mit für auf werden wird als"
_ENGLISH = "the and of to in is that for are with this by from which as an be was were has"
_WORDS = {"de": frozenset(_GERMAN.split()), "en": frozenset(_ENGLISH.split())}
_LEAST = 80  # characters: below, a wrong guess is likelier than a wrong tag (measured on 1,127 texts)
_SURE = 0.999


def primary(tag: str | None) -> str | None:
    """Drop the region of a tag: `en-US` in DSpace is a locale of the screen, not a kind of English."""
    if not tag:
        return None
    return re.sub(r"-([a-z]{2}|[0-9]{3})$", "", tag.lower())


def contradicted(text: Text) -> str | None:
    """Give the language that a text is surely in, if that is not the one it is tagged with; else None.

    Both halves of the text must speak for it: an abstract in two languages keeps its tag.
    """
    claimed = primary(text.lang)
    if claimed is None or len(text.value) < _LEAST or _plainly(text.value, claimed):
        return None
    middle = len(text.value) // 2
    halves = {_detected(text.value[:middle][:300]), _detected(text.value[middle:][:300])}
    found = halves.pop() if len(halves) == 1 else None
    return found if found and found != claimed else None


def _plainly(text: str, claimed: str) -> bool:
    """Whether the little words already show the claimed language; spares the model nine texts in ten."""
    if claimed not in _WORDS:
        return False
    words = text[:600].lower().split()
    ours = sum(word in _WORDS[claimed] for word in words)
    others = sum(word in _WORDS["en" if claimed == "de" else "de"] for word in words)
    return ours >= 2 and ours > 3 * others


def _detected(text: str) -> str | None:
    language, sure = _model().classify(text)
    return str(language) if sure >= _SURE else None


@cache
def _model() -> Any:
    # 0.8 s to load, and needed for one text in ten: imported and read when it is first asked.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages(["de", "en", "fr", "es", "it", "nl", "pl", "pt", "ru", "cs", "da", "sv", "tr", "la"])
    return model
