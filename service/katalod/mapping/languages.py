"""Language tags are checked, not believed: a DSpace tag is often the language of the screen it was typed on."""

import re
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

    Both halves of the text must speak for it, so that an abstract in two languages keeps its tag. Many little
    words of one other language decide; some raise the suspicion, which a model has to confirm.
    """
    claimed = primary(text.lang)
    if claimed is None or len(text.value) < _LEAST:
        return None
    middle = len(text.value) // 2
    halves = (text.value[:middle][:400], text.value[middle:][:400])
    (first, sure), (second, surely) = (_shown(half, claimed) for half in halves)
    if not first or not second:
        return None
    if first == second and sure and surely:
        return first
    detected = {_detected(half[:300]) for half in halves}
    agreed = detected.pop() if len(detected) == 1 else None
    return agreed if agreed and agreed != claimed else None


def _shown(text: str, claimed: str) -> tuple[str, bool]:
    """Name another language that little words speak for, and whether there are so many that nothing else can be."""
    counts, little = dict.fromkeys(_WORDS, 0), _little()
    for word in text.lower().split():
        for language in little.get(word, ()):
            counts[language] += 1
    ours = counts.pop(claimed, 0)
    first, second = sorted(counts, key=lambda language: -counts[language])[:2]
    if counts[first] < 2 or counts[first] <= 2 * ours:
        return "", False
    sure = claimed in _WORDS and counts[first] >= 8 and counts[first] > 8 * ours and counts[first] > 2 * counts[second]
    return first, sure


@cache
def _little() -> dict[str, tuple[str, ...]]:
    """Give the languages of each little word."""
    every = dict.fromkeys(word for words in _WORDS.values() for word in words.split())
    return {word: tuple(language for language, words in _WORDS.items() if word in words.split()) for word in every}


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
