"""Language tags as sources write them, brought to BCP 47."""

import re
from functools import lru_cache

_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?")
# ISO 639-2 codes, of which BCP 47 (RFC 5646, 2.2.1) wants the two-letter form.
_SHORT = {
    "ger": "de", "deu": "de", "eng": "en", "fre": "fr", "fra": "fr", "ita": "it", "spa": "es", "por": "pt",
    "dut": "nl", "nld": "nl", "pol": "pl", "rus": "ru", "cze": "cs", "ces": "cs", "lat": "la", "dan": "da",
    "swe": "sv", "tur": "tr", "hun": "hu", "gre": "el", "ell": "el", "ara": "ar", "chi": "zh", "zho": "zh",
    "jpn": "ja", "heb": "he", "ukr": "uk", "fin": "fi", "nor": "no", "slo": "sk", "slk": "sk",
}  # fmt: skip
_NO_LANGUAGE = frozenset(("und", "zxx", "mul", "mis"))


@lru_cache(maxsize=512)
def tag(written: str | None) -> tuple[str | None, bool]:
    """Give the BCP 47 form of a tag, or none, and whether what was written is a fault.

    `en_US` becomes `en-US`, `ger` becomes `de`; `und` says that there is none, which is no fault.
    """
    if written is None or not (text := written.strip()):
        return None, False
    match = _TAG.fullmatch(text)
    if match is None:
        return None, True
    language, script, region = match.groups()
    language = language.lower()
    if language in _NO_LANGUAGE:
        return None, False
    parts = (_SHORT.get(language, language), script and script.title(), region and region.upper())
    return "-".join(part for part in parts if part), False
