"""Values that come from short lists: types, languages, access rights, licences, versions, carriers."""

import re
from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Triple

from katalod.mapping.at import At
from katalod.mapping.table import Kind, Table, fold
from katalod.model import Finding
from katalod.rdf import term, valid_iri

TAGS = {
    "ger": "de", "eng": "en", "fre": "fr", "spa": "es", "ita": "it", "dut": "nl", "pol": "pl", "por": "pt",
    "rus": "ru", "cze": "cs", "dan": "da", "swe": "sv", "nor": "no", "fin": "fi", "hun": "hu", "tur": "tr",
    "gre": "el", "lat": "la", "ukr": "uk", "chi": "zh", "jpn": "ja", "kor": "ko", "ara": "ar", "heb": "he",
}  # fmt: skip
"""Language tags (BCP 47) of ISO 639-2/B codes."""

ACCESS = {
    "open access": "c_abf2", "openaccess": "c_abf2", "info:eu-repo/semantics/openaccess": "c_abf2",
    "embargoed access": "c_f1cf", "info:eu-repo/semantics/embargoedaccess": "c_f1cf",
    "restricted access": "c_16ec", "info:eu-repo/semantics/restrictedaccess": "c_16ec",
    "metadata only access": "c_14cb", "closed access": "c_14cb", "info:eu-repo/semantics/closedaccess": "c_14cb",
}  # fmt: skip
"""COAR access rights by the words that repositories use for them."""

VERSIONS = {
    "publishedversion": ("published", "c_970fb48d4fbd8a85"), "vor": ("published", "c_970fb48d4fbd8a85"),
    "published": ("published", "c_970fb48d4fbd8a85"), "acceptedversion": ("accepted", "c_ab4af688f83e57aa"),
    "am": ("accepted", "c_ab4af688f83e57aa"), "accepted": ("accepted", "c_ab4af688f83e57aa"),
    "submittedversion": ("draft", "c_b1a7d7d4d402bcce"), "draft": ("draft", "c_b1a7d7d4d402bcce"),
}  # fmt: skip
"""BIBO status and COAR version by the last part of what repositories write."""

CARRIERS = {
    "online resource": "1018", "online-ressource": "1018", "online": "1018", "electronic": "1018",
    "volume": "1044", "band": "1044", "print": "1044", "buch": "1044",
}  # fmt: skip
"""RDA carrier types."""

_CC = re.compile(
    r"https?://(?:www\.)?(creativecommons\.org/(?:licenses/[a-z-]+/\d\.\d(?:/[a-z]{2,3})?|publicdomain/(?:zero|mark)/1\.0))"
    r"(?:/(?:deed|legalcode)(?:[.-][a-z_-]{2,8})?)?/?$",
    re.IGNORECASE,
)
_RIGHTS = re.compile(r"https?://(?:www\.)?(rightsstatements\.org/)(?:vocab|page)(/[A-Za-z-]+/1\.0/?)$")


def kind(text: str, table: Table) -> Kind | None:
    """Give what a type string means."""
    return table.kinds.get(fold(text))


def language(text: str, table: Table) -> str | None:
    """Give the ISO 639-2/B code of a language code or name: de, deu, ger, de_DE, Deutsch are `ger`."""
    folded = fold(text)
    return table.languages.get(folded) or table.languages.get(re.split(r"[-_]", folded)[0])


def rights(values: tuple[str, ...], at: At) -> Iterator[Triple | Finding]:
    """Say the access right as a COAR term; the words always stay."""
    for value in values:
        code = ACCESS.get(" ".join(value.casefold().split()))
        if code:
            yield Triple(at.work, at.property, term(f"coaraccess:{code}"))
        if at.otherwise is not None:
            yield Triple(at.work, at.otherwise, Literal(value))


def licence(values: tuple[str, ...], at: At) -> Iterator[Triple | Finding]:
    """Say a Creative Commons licence or rights statement by its one IRI; another address as a right."""
    for value in values:
        if match := _CC.match(value):
            yield Triple(at.work, at.property, NamedNode(f"http://{match[1].lower()}/"))
        elif match := _RIGHTS.match(value):
            path = match[2] if match[2].endswith("/") else match[2] + "/"
            yield Triple(at.work, at.property, NamedNode(f"http://{match[1]}vocab{path}"))
        elif valid_iri(value) and at.otherwise is not None:
            yield Triple(at.work, at.otherwise, NamedNode(value))
        else:
            yield Triple(at.work, term("dc11:rights"), Literal(value))


def version(values: tuple[str, ...], at: At) -> Iterator[Triple | Finding]:
    """Say the publication status in the terms of BIBO and COAR."""
    for value in values:
        found = VERSIONS.get(value.casefold().rsplit("/", 1)[-1].replace(" ", ""))
        if found:
            yield Triple(at.work, at.property, NamedNode(f"http://purl.org/ontology/bibo/status/{found[0]}"))
            yield Triple(at.work, at.property, term(f"coarversion:{found[1]}"))
        elif at.otherwise is not None:
            yield Triple(at.work, at.otherwise, Literal(value))


def extent(values: tuple[str, ...], at: At) -> Iterator[Triple | Finding]:
    """Say the extent as written, and the number of pages where it is one."""
    for value in values:
        yield Triple(at.work, at.property, Literal(value))
        if match := re.match(r"(\d{1,6})\s*(?:S\b|Seiten?\b|p\b|pp\b|pages?\b)", value):
            yield Triple(at.work, term("bibo:numPages"), Literal(match[1]))


def format(values: tuple[str, ...], at: At) -> Iterator[Triple | Finding]:
    """Say a media type by its IANA address; anything else as it is written."""
    for value in values:
        if re.fullmatch(r"(application|audio|font|image|message|model|text|video)/[A-Za-z0-9.+-]{1,80}", value):
            node = NamedNode(f"https://www.iana.org/assignments/media-types/{value.lower()}")
            yield Triple(at.work, at.property, node)
        elif at.otherwise is not None:
            yield Triple(at.work, at.otherwise, Literal(value))


def medium(values: tuple[str, ...], at: At) -> Iterator[Triple | Finding]:
    """Say the carrier by its RDA term; anything else as it is written."""
    for value in values:
        code = CARRIERS.get(value.casefold())
        if code:
            yield Triple(at.work, at.property, term(f"rdacarrier:{code}"))
        elif at.otherwise is not None:
            yield Triple(at.work, at.otherwise, Literal(value))
