"""Why a keyword stands for a heading, in words: what the page of a keyword shows of its SSSOM mappings."""

from collections.abc import Iterator
from dataclasses import dataclass

from katalod.model import MATCHES
from katalod.web.presentation import Keyword, Page, Row, Value, keyword

WORDED = (
    ("sssom:mapping_justification", "evidence_method"),
    ("sssom:mapping_tool", "evidence_tool"),
    ("sssom:confidence", "evidence_confidence"),
    ("sssom:object_source_version", "evidence_authority"),
    ("sssom:author_label", "evidence_author"),
    ("sssom:reviewer_label", "evidence_reviewer"),
    ("sssom:mapping_date", "evidence_date"),
    ("sssom:comment", "evidence_comment"),
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One link of a keyword: the heading, a sentence that says how it stands, and the evidence for it."""

    heading: Value
    sentence: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class KeywordPage:
    """The page of a keyword."""

    keyword: Keyword
    variants: tuple[Value, ...]
    evidence: tuple[Evidence, ...]
    permanent: str


def keyword_page(page: Page) -> KeywordPage:
    """Lay out the page of a keyword concept."""
    shown = keyword(page, page.topic)
    return KeywordPage(
        keyword=shown,
        variants=tuple(page.value(term) for term in page.said.values(page.topic, "skos:altLabel")),
        evidence=tuple(evidence(page, shown.name.text)),
        permanent=page.reader.link(page.topic),
    )


def evidence(page: Page, name: str) -> Iterator[Evidence]:
    """Say of each link how the heading stands to the keyword, and what speaks for it."""
    mappings = {  # (predicate, heading) -> the mapping that tells of it
        (predicate, heading): mapping
        for mapping in page.said.subjects()
        for predicate in page.said.iris(mapping, "sssom:predicate_id")
        for heading in page.said.iris(mapping, "sssom:object_id")
    }
    for match in MATCHES:
        for heading in page.said.iris(page.topic, f"skos:{match}"):
            mapping = mappings.get((page.said.iri(f"skos:{match}"), heading), "")
            label = page.labels.get(heading) or page.said.first(mapping, "sssom:object_label") or page.label(heading)
            yield Evidence(
                heading=Value(label, href=page.reader.link(heading), note=match),
                sentence=page.reader.t(f"evidence_{match}", keyword=name, heading=label),
                rows=tuple(_rows(page, mapping)),
            )


def _rows(page: Page, mapping: str) -> Iterator[Row]:
    for property, wording in WORDED:
        values = tuple(page.value(term) for term in page.said.values(mapping, property))
        if property == "sssom:mapping_justification":
            values = tuple(Value(value.text) for value in values)
        if property == "sssom:confidence":
            values = tuple(Value(_percent(value.text, page)) for value in values)
        if values:
            yield Row(page.reader.t(wording), values)


def _percent(text: str, page: Page) -> str:
    try:
        return page.reader.t("percent", value=f"{float(text) * 100:.0f}")
    except (ValueError, OverflowError):
        return text
