"""A work as reference managers take it: CSL-JSON, and BibTeX, RIS, COinS and Highwire tags made from it."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from katalod.rdf import curie
from katalod.web.presentation import Page, keywords

Item = Mapping[str, Any]

KINDS: Mapping[str, tuple[str, str, str]] = MappingProxyType(  # class -> CSL, BibTeX, RIS
    {
        "bibo:AcademicArticle": ("article-journal", "article", "JOUR"),
        "bibo:Article": ("article-journal", "article", "JOUR"),
        "bibo:AudioDocument": ("song", "misc", "SOUND"),
        "bibo:AudioVisualDocument": ("motion_picture", "misc", "VIDEO"),
        "bibo:Book": ("book", "book", "BOOK"),
        "bibo:BookSection": ("chapter", "incollection", "CHAP"),
        "bibo:Chapter": ("chapter", "incollection", "CHAP"),
        "bibo:EditedBook": ("book", "book", "EDBOOK"),
        "bibo:Image": ("graphic", "misc", "FIGURE"),
        "bibo:Issue": ("periodical", "misc", "SER"),
        "bibo:Journal": ("periodical", "misc", "JFULL"),
        "bibo:Legislation": ("legislation", "misc", "BILL"),
        "bibo:Manuscript": ("manuscript", "unpublished", "UNPB"),
        "bibo:Map": ("map", "misc", "MAP"),
        "bibo:Periodical": ("periodical", "misc", "JFULL"),
        "bibo:Proceedings": ("book", "proceedings", "CONF"),
        "bibo:Report": ("report", "techreport", "RPRT"),
        "bibo:Series": ("book", "misc", "SER"),
        "bibo:Slideshow": ("speech", "misc", "SLIDE"),
        "bibo:Thesis": ("thesis", "phdthesis", "THES"),
        "bibo:Webpage": ("webpage", "misc", "ELEC"),
        "bibo:Website": ("webpage", "misc", "ELEC"),
        "dcmitype:Dataset": ("dataset", "misc", "DATA"),
        "dcmitype:Software": ("software", "misc", "COMP"),
    }
)
OTHER = ("document", "misc", "GEN")
PLAIN = (
    ("publisher-place", "rdau:P60163"),
    ("publisher", "dc11:publisher"),
    ("edition", "bibo:edition"),
    ("DOI", "bibo:doi"),
    ("ISBN", "bibo:isbn13"),
    ("number-of-pages", "bibo:numPages"),
)
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_WORDED = {"\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\^{}"}
_BIBTEX = str.maketrans({c: f"\\{c}" for c in "#$%&_{}"} | _WORDED)


def item(page: Page) -> dict[str, Any]:
    """Give a work as a CSL-JSON item; the key `kind` says its class, for the other forms."""
    said, topic = page.said, page.topic
    kind = next((name for iri in said.iris(topic, "rdf:type") if (name := curie(iri)) in KINDS), "")
    title = said.best(topic, page.reader.lang, "dcterms:title")
    subtitles = [literal.value for literal in said.literals(topic, "rdau:P60493")]
    hosts = [page.label(iri) for iri in said.iris(topic, "dcterms:isPartOf")]
    article = kind in ("bibo:AcademicArticle", "bibo:Article", "bibo:BookSection", "bibo:Chapter")
    found: dict[str, Any] = {
        "id": topic.removeprefix(f"{page.reader.base}id/"),
        "type": KINDS.get(kind, OTHER)[0],
        "kind": kind,
        "title": ". ".join((title.value if title else page.reader.t("untitled"), *subtitles)),
        "author": _names(page, said.iris(topic, "dcterms:creator")),
        "editor": _names(page, said.iris(topic, "marcrel:edt")),
        "issued": _dated(said.first(topic, "dcterms:issued")),
        "container-title" if article else "collection-title": hosts[0] if len(hosts) == 1 else "",
        "volume" if article else "collection-number": said.first(topic, "bibo:volume") if len(hosts) == 1 else "",
        "ISSN": next((said.first(iri, "bibo:issn") for iri in said.iris(topic, "dcterms:isPartOf")), ""),
        "language": next((iri.rpartition("/")[2] for iri in said.iris(topic, "dcterms:language")), ""),
        "URL": next((iri for iri in said.iris(topic, "foaf:isPrimaryTopicOf") if page.reader.link(iri)), topic),
        "genre": next((page.label(iri) for iri in said.iris(topic, "dcterms:type")), ""),
        "keyword": ", ".join(one.name.text for one in keywords(page) if one.name.text),
        "abstract": _text(said.best(topic, page.reader.lang, "dcterms:abstract")),
    }
    found |= {name: said.first(topic, property) for name, property in PLAIN}
    return {name: value for name, value in found.items() if value}


def _text(literal: Any) -> str:
    return literal.value if literal else ""


def _names(page: Page, iris: Iterable[str]) -> list[dict[str, str]]:
    """Split names into family and given; a body's name stays whole."""
    order = list(page.said.chain(next(iter(page.said.iris(page.topic, "bibo:authorList")), "")))
    placed = sorted(iris, key=lambda iri: order.index(iri) if iri in order else len(order))
    found = []
    for iri in placed:
        name = page.label(iri)
        family, comma, given = name.partition(",")
        body = any(kind.endswith("Organization") for kind in page.said.iris(iri, "rdf:type"))
        split = comma and given.strip() and not body
        found.append({"family": family.strip(), "given": given.strip()} if split else {"literal": name})
    return found


def _dated(text: str) -> dict[str, Any] | None:
    found = _DATE.match(text)
    return {"date-parts": [[int(part) for part in found.groups() if part and part != "00"]]} if found else None


def csl(items: Iterable[Item]) -> str:
    """Write CSL-JSON 1.0: a list of items."""
    rows = [{name: value for name, value in one.items() if name != "kind"} for one in items]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def bibtex(items: Iterable[Item]) -> str:
    """Write BibTeX entries in UTF-8, as biber and present-day BibTeX styles read it."""
    return "\n".join(_entry(one) for one in items)


def _entry(one: Item) -> str:
    kind = KINDS.get(one.get("kind", ""), OTHER)[1]
    fields = {
        "title": one["title"],
        "author": " and ".join(_bibtex_name(name) for name in one.get("author", ())),
        "editor": " and ".join(_bibtex_name(name) for name in one.get("editor", ())),
        "year": _year(one),
        "publisher": "" if kind == "techreport" else one.get("publisher"),
        "institution": one.get("publisher") if kind == "techreport" else "",
        "address": one.get("publisher-place"),
        "journal": one.get("container-title") if kind == "article" else "",
        "booktitle": one.get("container-title") if kind == "incollection" else "",
        "series": one.get("collection-title"),
        "volume": one.get("volume"),
        "number": one.get("collection-number"),
        "edition": one.get("edition"),
        "doi": one.get("DOI"),
        "isbn": one.get("ISBN"),
        "issn": one.get("ISSN"),
        "url": one.get("URL"),
        "language": one.get("language"),
        "keywords": one.get("keyword"),
        "abstract": one.get("abstract"),
    }
    key = re.sub(r"[^A-Za-z0-9:_-]+", "-", str(one["id"])).strip("-") or "x"
    rows = [f"  {name} = {{{_value(name, str(value))}}}" for name, value in fields.items() if value]
    return f"@{kind}{{{key},\n" + ",\n".join(rows) + "\n}\n"


def _value(name: str, text: str) -> str:
    """Write a field's value: addresses as they are, names as they were put together, all else escaped."""
    if name in ("url", "doi"):
        return re.sub(r"[{}\\\s]", "", text)
    return text if name in ("author", "editor") else _escaped(text)


def _escaped(text: str) -> str:
    return " ".join(text.translate(_BIBTEX).split())


def _bibtex_name(name: Mapping[str, str]) -> str:
    if "literal" in name:
        return "{" + _escaped(name["literal"]) + "}"  # braces keep a body's name whole
    return f"{_escaped(name['family'])}, {_escaped(name['given'])}"


def ris(items: Iterable[Item]) -> str:
    """Write RIS records: a tag a line, CRLF between them."""
    return "".join(f"{tag}  - {_line(value)}\r\n" for one in items for tag, value in _tags(one))


def _tags(one: Item) -> Iterator[tuple[str, str]]:
    yield "TY", KINDS.get(one.get("kind", ""), OTHER)[2]
    yield "ID", str(one["id"])
    yield "TI", one["title"]
    for tag, role in (("AU", "author"), ("A2", "editor")):
        for name in one.get(role, ()):
            yield tag, _whole(name)
    for part in one.get("issued", {}).get("date-parts", ())[:1]:
        yield "PY", f"{part[0]:04d}"
        yield "DA", "/".join([f"{part[0]:04d}", *(f"{n:02d}" for n in part[1:]), *[""] * (3 - len(part))]) + "/"
    for tag, field in (
        ("PB", "publisher"), ("CY", "publisher-place"), ("T2", "container-title"), ("T3", "collection-title"),
        ("VL", "volume"), ("VL", "collection-number"), ("ET", "edition"), ("DO", "DOI"), ("SN", "ISBN"), ("SN", "ISSN"),
        ("UR", "URL"), ("LA", "language"), ("AB", "abstract"),
    ):  # fmt: skip
        if one.get(field):
            yield tag, str(one[field])
    for word in filter(None, one.get("keyword", "").split(", ")):
        yield "KW", word
    yield "ER", ""


def _whole(name: Mapping[str, str]) -> str:
    return name.get("literal") or f"{name['family']}, {name['given']}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _year(one: Item) -> str:
    parts = one.get("issued", {}).get("date-parts", ())
    return f"{parts[0][0]:04d}" if parts else ""


def coins(one: Item) -> str:
    """Write the title attribute of a COinS span (OpenURL 1.0), which Zotero reads where nothing better is there."""
    article = "container-title" in one
    genres = {"report": "report", "book": "book", "chapter": "bookitem"}
    genre = "article" if article else genres.get(one["type"], "document")
    rows = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", f"info:ofi/fmt:kev:mtx:{'journal' if article else 'book'}"),
        ("rft.genre", genre),
        ("rft.atitle" if article else "rft.btitle", one["title"]),
        *(("rft.au", _whole(name)) for name in one.get("author", ())),
        ("rft.date", _year(one)),
        ("rft.jtitle", one.get("container-title")),
        ("rft.series", one.get("collection-title")),
        ("rft.pub", one.get("publisher")),
        ("rft.place", one.get("publisher-place")),
        ("rft.isbn", one.get("ISBN")),
        ("rft.issn", one.get("ISSN")),
        ("rft_id", f"info:doi/{one['DOI']}" if one.get("DOI") else one.get("URL")),
    ]
    return urlencode([(name, value) for name, value in rows if value])


def highwire(one: Item) -> list[tuple[str, str]]:
    """Give the citation_* tags that Google Scholar and Zotero read."""
    rows = [
        ("citation_title", one["title"]),
        *(("citation_author", _whole(name)) for name in one.get("author", ())),
        ("citation_publication_date", "/".join(str(n) for n in (one.get("issued", {}).get("date-parts") or [[]])[0])),
        ("citation_journal_title", one.get("container-title", "")),
        ("citation_publisher", one.get("publisher", "")),
        ("citation_doi", one.get("DOI", "")),
        ("citation_isbn", one.get("ISBN", "")),
        ("citation_issn", one.get("ISSN", "")),
        ("citation_language", one.get("language", "")),
        ("citation_keywords", one.get("keyword", "")),
        ("citation_abstract_html_url", one.get("URL", "")),
    ]
    if one["type"] == "thesis":
        rows.append(("citation_dissertation_institution", one.get("publisher", "")))
    if one["type"] == "report":
        rows.append(("citation_technical_report_institution", one.get("publisher", "")))
    return [(name, value) for name, value in rows if value]


@dataclass(frozen=True, slots=True)
class Form:
    """One form of citations."""

    name: str
    media: str
    suffix: str
    label: str
    write: Callable[[Iterable[Item]], str]

    @property
    def content_type(self) -> str:
        """Say the encoding of what is text; JSON has but one."""
        return self.media if self.media.endswith("json") else f"{self.media}; charset=utf-8"


FORMS: tuple[Form, ...] = (
    Form("bibtex", "application/x-bibtex", "bib", "BibTeX", bibtex),
    Form("ris", "application/x-research-info-systems", "ris", "RIS", ris),
    Form("csl", "application/vnd.citationstyles.csl+json", "csl.json", "CSL-JSON", csl),
)
"""What a citation can be taken home as."""
