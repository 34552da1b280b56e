"""What search engines read of a page: schema.org as JSON-LD, from the same statements as the page itself."""

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from katalod.mapping.vocabularies import TAGS
from katalod.model import Release
from katalod.rdf import curie, dataset_iri
from katalod.settings import Settings
from katalod.web.presentation import Page, keywords

KINDS: Mapping[str, str] = {
    "bibo:AcademicArticle": "ScholarlyArticle",
    "bibo:Article": "Article",
    "bibo:AudioDocument": "AudioObject",
    "bibo:AudioVisualDocument": "VideoObject",
    "bibo:Book": "Book",
    "bibo:BookSection": "Chapter",
    "bibo:Chapter": "Chapter",
    "bibo:EditedBook": "Book",
    "bibo:Image": "ImageObject",
    "bibo:Issue": "PublicationIssue",
    "bibo:Journal": "Periodical",
    "bibo:Legislation": "Legislation",
    "bibo:Manuscript": "Manuscript",
    "bibo:Map": "Map",
    "bibo:Periodical": "Periodical",
    "bibo:Proceedings": "Book",
    "bibo:Report": "Report",
    "bibo:Series": "CreativeWorkSeries",
    "bibo:Slideshow": "PresentationDigitalDocument",
    "bibo:Thesis": "Thesis",
    "bibo:Webpage": "WebPage",
    "bibo:Website": "WebSite",
    "dcmitype:Dataset": "Dataset",
    "dcmitype:Software": "SoftwareSourceCode",
}
PLAIN = (
    ("isbn", "bibo:isbn13"),
    ("datePublished", "dcterms:issued"),
    ("bookEdition", "bibo:edition"),
    ("abstract", "dcterms:abstract"),
    ("numberOfPages", "bibo:numPages"),
)


def work(page: Page) -> dict[str, Any]:
    """Describe a work as schema.org does."""
    said, topic = page.said, page.topic
    title = said.best(topic, page.reader.lang, "dcterms:title")
    kinds = {KINDS[name] for iri in said.iris(topic, "rdf:type") if (name := curie(iri)) in KINDS}
    node: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": min(kinds, default="CreativeWork"),
        "@id": topic,
        "name": title.value if title else page.reader.t("untitled"),
        "inLanguage": [TAGS.get(code := iri.rsplit("/", 1)[-1], code) for iri in said.iris(topic, "dcterms:language")],
        "author": [_agent(page, iri) for iri in said.iris(topic, "dcterms:creator")],
        "editor": [_agent(page, iri) for iri in said.iris(topic, "marcrel:edt")],
        "translator": [_agent(page, iri) for iri in said.iris(topic, "marcrel:trl")],
        "illustrator": [_agent(page, iri) for iri in said.iris(topic, "marcrel:ill")],
        "funder": [_agent(page, iri) for iri in said.iris(topic, "marcrel:fnd")],
        "publisher": [{"@type": "Organization", "name": one.value} for one in said.literals(topic, "dc11:publisher")],
        "keywords": [one.name.text for one in keywords(page) if one.name.text],
        "about": [{"@id": iri, "name": page.label(iri)} for iri in said.iris(topic, "dcterms:subject")],
        "isPartOf": [{"@type": "CreativeWork", "name": page.label(i)} for i in said.iris(topic, "dcterms:isPartOf")],
        "sameAs": said.iris(topic, "umbel:isLike", "foaf:isPrimaryTopicOf"),
        "license": said.iris(topic, "dcterms:license"),
        "url": said.iris(topic, "wdrs:describedby")[:1],
        "identifier": [
            {"@type": "PropertyValue", "propertyID": kind, "value": one.value}
            for kind, name in (("doi", "bibo:doi"), ("hdl", "bibo:handle"), ("urn", "dcterms:identifier"))
            for one in said.literals(topic, name)
            if kind != "urn" or one.value.startswith("urn:")
        ],
    }
    for name, property in PLAIN:
        found = said.best(topic, page.reader.lang, property)
        node[name] = found.value if found else None
    return {name: value for name, value in node.items() if value}


def dataset(settings: Settings, release: Release, language: str, description: str) -> dict[str, Any]:
    """Describe the dataset and its ways in as schema.org does, for dataset search."""
    node = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": dataset_iri(settings.base).value,
        "name": settings.title(language),
        "description": description,
        "url": settings.base,
        "license": settings.dataset_licence,
        "isAccessibleForFree": True,
        "version": release.id,
        "dateModified": release.modified or release.created,
        "creator": settings.dataset_publisher and {"@type": "Organization", "name": settings.dataset_publisher},
        "includedInDataCatalog": {"@type": "DataCatalog", "@id": f"{settings.base}#catalogue", "url": settings.base},
        "publisher": settings.dataset_publisher and {"@type": "Organization", "name": settings.dataset_publisher},
        "inLanguage": ["de", "en"],
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": media, "contentUrl": f"{settings.base}dumps/{address}"}
            for media, address in (
                ("application/n-quads", "latest.nq.gz"),
                ("text/turtle", "latest/whole.ttl.gz"),
                ("application/ld+json", "latest/whole.jsonl.gz"),
            )
        ],
    }
    return {name: value for name, value in node.items() if value}


def script(node: Mapping[str, Any]) -> Markup:
    """Write a node so that no value can end the script element or open a comment (HTML, 4.12.1.3)."""
    text = json.dumps(node, ensure_ascii=False, indent=1)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - nothing that HTML reads is left in it


def _agent(page: Page, iri: str) -> dict[str, Any]:
    body = any(kind.endswith("Organization") for kind in page.said.iris(iri, "rdf:type"))
    own = iri.startswith(f"{page.topic}#")
    return {"@type": "Organization" if body else "Person", "name": page.label(iri)} | ({} if own else {"@id": iri})
