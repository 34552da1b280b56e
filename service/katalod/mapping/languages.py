"""Language tags are checked, not believed: a DSpace tag is often the language of the screen it was typed on."""

import re
from collections import Counter
from functools import cache
from typing import Any

from katalod.model import Text

_WORDS = {
    "de": "der die das und ist nicht ein eine einer von zu den des dem im mit für auf werden wird als",
    "en": "the and of to in is that for are with this by from which as an be was were has",
    "fr": "le la les des et est une dans pour que qui sur par au du avec sont",
    "es": "el la los las de y en que una por con para del se es al",
    "it": "il la le di e che per un una con del della sono nel gli",
    "nl": "de het een en van voor met zijn op is aan niet door bij",
}
"""Little words: they show a language for microseconds, and are enough to raise a suspicion."""
_LEAST = 80  # characters: below, a wrong guess is likelier than a wrong tag (measured on 1,127 texts)
_SURE = 0.999


def primary(tag: str | None) -> str | None:
    """Drop the region of a tag: `en-US` in DSpace is a locale of the screen, not a kind of English."""
    if not tag:
        return None
    return re.sub(r"-([a-z]{2}|[0-9]{3})$", "", tag.lower())


def contradicted(text: Text) -> str | None:
    """Give the language that a text is surely in, if that is not the one it is tagged with; else None.

    Little words of another language raise the suspicion; a model has to confirm it for both halves of the
    text, so that an abstract in two languages keeps its tag.
    """
    claimed = primary(text.lang)
    if claimed is None or len(text.value) < _LEAST or not _suspicious(text.value, claimed):
        return None
    middle = len(text.value) // 2
    halves = {_detected(text.value[:middle][:300]), _detected(text.value[middle:][:300])}
    found = halves.pop() if len(halves) == 1 else None
    return found if found and found != claimed else None


def _suspicious(text: str, claimed: str) -> bool:
    """Whether little words speak for another language than the claimed one; spares the model most texts."""
    words = Counter(text[:600].lower().split())
    shown = {language: sum(words[word] for word in little) for language, little in _little().items()}
    ours = shown.pop(claimed, 0)
    return max(shown.values()) >= 3 and max(shown.values()) > 2 * ours


@cache
def _little() -> dict[str, tuple[str, ...]]:
    return {language: tuple(words.split()) for language, words in _WORDS.items()}


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
