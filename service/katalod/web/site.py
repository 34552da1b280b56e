"""What makes the pages those of one house: name, logo, colours, imprint, privacy, accessibility statement."""

import re
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, send_file

from katalod.errors import SettingsError
from katalod.settings import Settings
from katalod.web import answers
from katalod.web.reader import Reader

interface = Blueprint("site", __name__)

NOTICES = ("imprint", "privacy", "accessibility")
LOGOS = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp"}
PAPERS = ("#ffffff", "#1d2122")  # on which the colours must be readable, light and dark

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_ADDRESS = re.compile(r"(https?://[^\s<>\"]*[^\s<>\".,;:)]|[\w.+-]+@[\w-]+\.[\w.-]*\w)")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph or an item of a notice: pieces of text, each with the address it links to."""

    kind: str  # h2, p, li
    pieces: tuple[tuple[str, str], ...]


def check(settings: Settings) -> None:
    """Refuse what the pages could not show; raises SettingsError."""
    for name, paper in zip(("site_colour", "site_colour_dark"), PAPERS, strict=True):
        colour = getattr(settings, name)
        if colour and not _COLOUR.fullmatch(colour):
            raise SettingsError(f"{name} cannot be {colour!r}; give a colour such as #0b5c63")
        if colour and contrast(colour, paper) < 4.5:
            raise SettingsError(f"{name} {colour} can hardly be read on {paper}; its contrast must be 4.5 at least")
    for name in ("site_imprint", "site_privacy", "site_accessibility", "site_logo"):
        value = getattr(settings, name)
        if value and not _web(value) and not Path(value).is_file():
            also = "" if name == "site_logo" else ", and it is no web address"
            raise SettingsError(f"{name} cannot be {value!r}; there is no such file{also}")
    if settings.site_logo and (_web(settings.site_logo) or Path(settings.site_logo).suffix not in LOGOS):
        raise SettingsError(f"site_logo cannot be {settings.site_logo!r}; give a file of {', '.join(LOGOS)}")


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours (WCAG 2.2, 1.4.3)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@interface.get("/static/katalod.css")
def stylesheet() -> Response:
    """Give the stylesheet with the house's colours."""
    answer = Response(_styled(answers.settings()), content_type="text/css; charset=utf-8")
    answer.headers["Cache-Control"] = "public, max-age=86400"
    answer.set_etag(f"css-{current_app.config['STAMP']}")
    return answer


@lru_cache(4)
def _styled(settings: Settings) -> str:
    css = Path(__file__).with_name("static").joinpath("katalod.css").read_text("utf-8")
    if settings.site_colour:
        css += f"\n:root {{ {_colours(settings.site_colour)} }}"
    if settings.site_colour or settings.site_colour_dark:
        dark = settings.site_colour_dark or "#84cdd0"
        css += f"\n@media (prefers-color-scheme: dark) {{ :root {{ {_colours(dark)} }} }}"
    return css


def _colours(colour: str) -> str:
    on = max(("#ffffff", "#000000"), key=lambda paper: contrast(colour, paper))
    return f"--accent: {colour}; --on-accent: {on};"


@interface.get("/logo")
def logo() -> Response:
    """Give the house's logo."""
    file = answers.settings().site_logo
    if not file:
        return abort(HTTPStatus.NOT_FOUND)
    path = Path(file).absolute()
    return send_file(path, mimetype=LOGOS[path.suffix], max_age=86400)


@interface.get("/<any(imprint, privacy, accessibility):name>")
def notice(name: str) -> Response:
    """Give imprint, privacy notice or accessibility statement: the house's own, else what holds for katalod."""
    set_to: str = getattr(answers.settings(), f"site_{name}")
    who = answers.reader()
    if _web(set_to):
        return Response(status=HTTPStatus.SEE_OTHER, headers={"Location": set_to})
    if not set_to and name == "imprint":
        return abort(HTTPStatus.NOT_FOUND)
    text = Path(set_to).read_text("utf-8") if set_to else who.t(f"{name}_default")
    body = answers.render("notice.html", who, name=name, blocks=blocks(text), release=None)
    return answers.html(body, who)


def notices(settings: Settings, who: Reader) -> list[tuple[str, str]]:
    """Name the notices that there are, with where they stand."""
    found = []
    for name in NOTICES:
        set_to = getattr(settings, f"site_{name}")
        if set_to or name != "imprint":
            found.append((name, set_to if _web(set_to) else who.to(name)))
    return found


def blocks(text: str) -> list[Block]:
    """Read a plain text: paragraphs between empty lines, `# ` before a heading, `- ` before an item."""
    found: list[Block] = []
    for part in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in part.strip().splitlines()]
        if lines and lines[0].startswith("#"):
            found.append(Block("h2", _pieces(lines.pop(0).lstrip("# "))))
        items = [line for line in lines if line.startswith("- ")]
        if items and len(items) == len(lines):
            found += [Block("li", _pieces(line[2:])) for line in items]
        elif lines:
            found.append(Block("p", _pieces(" ".join(lines))))
    return found


def _pieces(text: str) -> tuple[tuple[str, str], ...]:
    found = []
    for number, piece in enumerate(_ADDRESS.split(text)):
        if piece:
            found.append((piece, (piece if _web(piece) else f"mailto:{piece}") if number % 2 else ""))
    return tuple(found)


def _web(text: str) -> bool:
    return text.startswith(("https://", "http://"))
