"""Values made fit to publish: no markup, no control characters, no mojibake, one kind of space."""

import html
import re
import unicodedata

# What the letters of UTF-8 look like when they were read as Latin-1 or Windows-1252, and C1 controls.
_GARBLED = (
    r"[\xc2-\xf4][\x80-\xbf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
_UNSEEN = (
    r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc"
    r"\ufffe\uffff\ud800-\udfff"
)
_SUSPECT = re.compile(rf"[<&{_UNSEEN}\u200c\u200d]|{_GARBLED}")
_SPACE = re.compile(r"[^\S ]|  |^ | $")
_CONTROLS = re.compile(rf"[{_UNSEEN}]|(?<![\u0590-\u0fff\u1000-\u109f\U0001f000-\U0001faff\ufe0f])[\u200c\u200d]")
_MOJIBAKE = re.compile(rf"[\x80-\x84\x86-\x9f]|{_GARBLED}")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_HIDDEN = re.compile(r"(?is)<(script|style)\b[^<>]*>.*?(?:</\1\s*>|\Z)|<!--.{0,2000}?-->")
# Names as HTML and JATS have them; a capital letter alone makes a qualifier, such as `Form <Link>`.
_BLOCKS = "p|br|div|li|ul|ol|dl|dt|dd|h[1-6]|tr|td|th|table|tbody|thead|hr|blockquote|pre|section|article|title|sec"
_INLINE = (
    "a|abbr|b|big|bold|cite|code|del|em|emph|font|i|img|inf|ins|italic|kbd|label|mark|nobr|q|s|small|span|strike"
    "|strong|sub|sup|tt|u|var|body|html|head|meta|link|script|style|iframe|object|embed|form|input|button|svg|math"
    "|sc|alternatives|(?:svg|mml|tex):[a-z]+"
)
_BLOCK_TAG = re.compile(rf"</?(?:jats:)?(?:{_BLOCKS}|{_BLOCKS.upper()})(?:\s[^<>]*|/)?>")
_INLINE_TAG = re.compile(rf"</?(?:jats:)?(?:{_INLINE}|{_INLINE.upper().replace('(?:SVG', '(?:svg')})(?:\s[^<>]*|/)?>")
_MARKUP = re.compile(f"{_BLOCK_TAG.pattern}|{_INLINE_TAG.pattern}|{_ENTITY.pattern}|<!--")


def clean(text: str) -> tuple[str, tuple[str, ...]]:
    """Give a value fit to publish, and the names of what was amiss with it: the shapes of findings.

    Only names of HTML and JATS elements count as markup, so that `Bleistift <Motiv>` stays as it is.
    """
    if not _SUSPECT.search(text):
        return _spaced(text), ()
    faults = []
    stripped = _without_markup(text)
    if _letters(stripped) != _letters(text):
        faults.append("markup")
    mended = _mended(stripped)
    if mended != stripped:
        faults.append("mojibake")
    visible = _CONTROLS.sub("", mended)
    if visible != mended and visible != mended.replace("\xad", ""):  # a soft hyphen is no fault worth naming
        faults.append("control-characters")
    return _spaced(visible), tuple(faults)


def excerpt(fault: str, text: str) -> str:
    """Give the place of a value where a fault begins, fit to be shown."""
    shape = {"markup": _MARKUP, "mojibake": _MOJIBAKE}.get(fault, _CONTROLS)
    match = shape.search(text)
    start = max(0, match.start() - 40) if match else 0
    part = _CONTROLS.sub("\ufffd", text[start : start + 160])
    return f"{'…' if start else ''}{' '.join(part.split())}{'…' if start + 160 < len(text) else ''}"


def _spaced(text: str) -> str:
    if _SPACE.search(text):
        text = " ".join(text.split())
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _letters(text: str) -> str:
    return "".join(text.split())


def _without_markup(text: str) -> str:
    """Take out tags and entities, also those that were escaped once too often."""
    for _ in range(3):
        if "<" not in text and "&" not in text:
            break
        before = text
        text = _HIDDEN.sub(" ", text)
        text = _INLINE_TAG.sub("", _BLOCK_TAG.sub(" ", text))
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
        if text == before:
            break
    return text


def _mended(text: str) -> str:
    """Undo a wrong decoding where that is certain."""
    if not _MOJIBAKE.search(text):
        return text
    import ftfy  # 0.1 s to import, and needed for one value in thousands

    return ftfy.fix_encoding(text)
