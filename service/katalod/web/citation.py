"""How a work is cited: by a style of the Citation Style Language, the house's own or the operator's."""

import logging
import re
import threading
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle
from citeproc.formatter import plain
from citeproc.source.json import CiteProcJSON

from katalod.errors import SettingsError
from katalod.web.negotiation import LOCALES
from katalod.web.presentation import isbn

OURS = Path(__file__).with_name("citation.csl")

_SAMPLE = {  # what a style is tried with
    "type": "book",
    "title": "A title",
    "author": [{"family": "Name", "given": "A."}],
    "issued": {"date-parts": [[2021, 5, 28]]},
}
_log = logging.getLogger(__name__)


class Citations:
    """Writes citations in one style; safe in several threads."""

    def __init__(self, style: str = "") -> None:
        """Read a CSL style from a file, by default the house's own; SettingsError for one that cannot be used."""
        self._lock = threading.Lock()  # a style holds what it is writing
        try:
            self._styles = _read(Path(style)) if style else _read(OURS, checked=False)  # a test checks ours
        except Exception as error:  # whatever the library says of a file that is no style
            why = error.strerror if isinstance(error, OSError) and error.strerror else error
            raise SettingsError(
                f"site_citation: reading the style {style}: {why}; give a file of the Citation Style Language 1.0"
            ) from error

    def cite(self, item: Mapping[str, Any], lang: str) -> str:
        """Cite a CSL-JSON item as one line of plain text, in a language; the title alone where the style fails."""
        try:
            with self._lock:
                return _written(self._styles[lang], item)
        except Exception:  # noqa: BLE001 - a style may ask for what the library lacks; the page is worth more
            _log.exception("citing %s failed; the title stands alone", item.get("id"))
            return str(item["title"])


def _read(file: Path, checked: bool = True) -> dict[str, CitationStylesStyle]:
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # so the library tells of a file that breaks the schema
        path = str(file.resolve(strict=True))
        tongues = {lang: locale.replace("_", "-") for lang, locale in LOCALES.items()}
        found = {lang: CitationStylesStyle(path, locale, checked) for lang, locale in tongues.items()}
    for style in found.values():
        _written(style, _SAMPLE)
    return found


def _written(style: CitationStylesStyle, item: Mapping[str, Any]) -> str:
    said = {name: value for name, value in item.items() if name != "kind"} | {"id": "work"}
    said["title"] = re.sub(r"(?<![.\s])\.\s*$", "", item["title"])  # the style sets the full stop
    if "ISBN" in item:
        said["ISBN"] = isbn(item["ISBN"])
    source = CiteProcJSON([said])
    found = CitationStylesBibliography(style, source, plain)
    found.register(Citation([CitationItem("work")]))
    return str(found.bibliography()[0]).replace("\N{NO-BREAK SPACE}", " ").strip()
