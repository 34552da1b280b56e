"""Where each field of the source goes: one row a field, and a function a kind of value."""

import re
from collections.abc import Callable, Iterator, Mapping

from katalod.model import Agent, Relation, Series, Subject, Text
from katalod.records.authorities import iri
from katalod.records.forms import Value
from katalod.records.paths import handle_of, is_handle

Filled = Iterator[tuple[str, object]]  # a field of Record, and one value of it
Row = tuple[Callable[[Value, str], Filled], str]

_URL = re.compile(r"(?i)https?://[^\s/]+\S*")
_DOI = re.compile(r"(?i)(?:https?://(?:dx\.|www\.)?doi\.org/|doi:\s*|info:doi/)?(10\.\d{4,9}/\S+)")
_URN = re.compile(
    r"(?i)(?:https?://(?:www\.)?nbn-resolving\.(?:org|de)/(?:resolver\?(?:identifier=|urn=))?)?(urn:nbn:\S+)"
)
_ISBN = re.compile(r"(?i)(?:(?:urn:)?e?-?isbn(?:-1[03])?[:\s]*)(\S.*)|97[89][\d\s–-]{10,14}")
_ISSN = re.compile(r"(?i)(?:(?:urn:)?[ep]?-?issn[:\s]*)(\S.*)|\d{4}-\d{3}[\dx]")
_PLACE = re.compile(r"\[?([^\W\d_][^\d:;]{1,38}?)\]?\s?: (?=\S)")
_VOLUME = re.compile(
    r"(?i)(?:(?:bd|band|vol|volume|nr|no|heft|h|jg|jahrgang|teil|t|issue|ausgabe|n\.f)\.?\s*)*"
    r"(?:\d[\w.,/\- ()]{0,30}|[ivxlcdm]{1,8})"
)


def text(value: Value, field: str) -> Filled:
    """A text with its language."""
    yield field, Text(value.value, value.lang)


def string(value: Value, field: str) -> Filled:
    """A string as such."""
    yield field, value.value


def agent(value: Value, role: str) -> Filled:
    """A person; an author is a creator, all others contribute."""
    known = iri(value.authority)
    body = known is not None and known.startswith("https://ror.org/")
    yield "creators" if role == "author" else "contributors", Agent(value.value, role, known, body)


def body(value: Value, role: str) -> Filled:
    """A corporate body that contributes."""
    yield "contributors", Agent(value.value, role, iri(value.authority), True)


def publisher(value: Value, _: str) -> Filled:
    """A publisher, and its place where that stands before it: `Berlin: Difu`."""
    name = value.value
    if match := _PLACE.match(name):
        yield "places", match[1].strip()
        name = name[match.end() :]
    yield "publishers", Agent(name, "publisher", iri(value.authority), True)


def subject(value: Value, scheme: str) -> Filled:
    """A keyword, with the heading that the source itself names for it."""
    known = iri(value.authority) or (iri(value.value) if scheme == "gnd" else None)
    # What cannot be right stays as it is: whoever links says so, if it claims to be of the GND.
    yield "subjects", Subject(value.value, value.lang, scheme or None, known or value.authority)


def series(value: Value, _: str) -> Filled:
    """A series, and the volume after the last semicolon where it looks like one."""
    title, _, last = (part.strip() for part in value.value.rpartition(";"))
    if title and _VOLUME.fullmatch(last):
        yield "series", Series(title, last)
    else:
        yield "series", Series(value.value.rstrip("; "))


def relation(value: Value, kind: str) -> Filled:
    """A relation to another work; an ISSN among unqualified ones is that of the journal."""
    if kind == "relation" and (match := _ISSN.fullmatch(value.value)):
        yield "issns", match[1] or value.value
    else:
        yield "relations", Relation(kind, value.value)


def source(value: Value, _: str) -> Filled:
    """What the work was taken from; an ISSN is that of the journal."""
    match = _ISSN.fullmatch(value.value)
    yield ("issns", match[1] or value.value) if match else ("sources", value.value)


def licence(value: Value, _: str) -> Filled:
    """A licence by its web address, else what is said about rights."""
    yield "licences" if _URL.fullmatch(value.value) else "rights", value.value


def labelled(value: Value, label: str) -> Filled:
    """An identifier of a scheme that has no field of its own, with the scheme's name before it."""
    yield "identifiers", value.value if value.value.startswith("(") else f"({label}){value.value}"


def handle(value: Value, _: str) -> Filled:
    """The record's handle, with or without a resolver before it."""
    name = handle_of(value.value) or value.value
    yield ("handles", name) if is_handle(name) else ("identifiers", value.value)


def identifier(value: Value, _: str) -> Filled:
    """An identifier without a scheme: what it is shows in its shape."""
    written = value.value
    if match := _DOI.fullmatch(written):
        yield "dois", match[1]
    elif match := _URN.fullmatch(written):
        yield "urns", match[1]
    elif match := _ISBN.fullmatch(written):
        yield "isbns", match[1] or written
    elif match := _ISSN.fullmatch(written):
        yield "issns", match[1] or written
    elif name := handle_of(written):
        yield "handles", name
        if _URL.fullmatch(written):
            yield "pages", written
    elif _URL.fullmatch(written):
        yield "pages", written
    else:
        yield "identifiers", written


def doi(value: Value, _: str) -> Filled:
    """A DOI without the resolver's address before it; what has not its shape stays as it is."""
    match = _DOI.fullmatch(value.value)
    yield "dois", match[1] if match else value.value


FIELDS: Mapping[str, Row] = {
    "dc.title": (text, "titles"),
    "dc.title.alternative": (text, "alternatives"),
    "dc.title.translated": (text, "alternatives"),
    "dc.title.subtitle": (text, "subtitles"),
    "dc.creator": (agent, "author"),
    "dc.contributor": (agent, "other"),
    "dc.contributor.author": (agent, "author"),
    "dc.contributor.editor": (agent, "editor"),
    "dc.contributor.advisor": (agent, "advisor"),
    "dc.contributor.illustrator": (agent, "illustrator"),
    "dc.contributor.translator": (agent, "translator"),
    "dc.contributor.other": (agent, "other"),
    "dc.contributor.referee": (agent, "other"),
    "dc.contributor.corporate": (body, "other"),
    "dc.contributor.corporatename": (body, "other"),
    "dc.contributor.institution": (body, "other"),
    "dc.contributor.department": (body, "other"),
    "dc.publisher": (publisher, ""),
    "dc.publisher.place": (string, "places"),
    "dc.date": (string, "dates"),
    "dc.date.issued": (string, "issued"),
    "dc.date.available": (string, "available"),
    "dc.date.accessioned": (string, "accessioned"),
    "dc.date.created": (string, "created"),
    "dc.date.submitted": (string, "submitted"),
    "dc.date.copyright": (string, "copyrighted"),
    "dc.date.updated": (string, "updated"),
    "dc.identifier": (identifier, ""),
    "dc.identifier.uri": (identifier, ""),
    "dc.identifier.url": (identifier, ""),
    "dc.identifier.doi": (doi, ""),
    "dc.identifier.urn": (string, "urns"),
    "dc.identifier.isbn": (string, "isbns"),
    "dc.identifier.issn": (string, "issns"),
    "dc.identifier.handle": (handle, ""),
    "dc.identifier.citation": (string, "citations"),
    "dc.identifier.other": (string, "identifiers"),
    "dc.identifier.ppn": (labelled, "ppn"),
    "dc.identifier.pmid": (labelled, "pmid"),
    "dc.identifier.ismn": (labelled, "ismn"),
    "dc.identifier.govdoc": (labelled, "govdoc"),
    "dc.identifier.sici": (labelled, "sici"),
    "dc.identifier.oclc": (labelled, "OCoLC"),
    "dc.language": (string, "languages"),
    "dc.language.iso": (string, "languages"),
    "dc.language.rfc3066": (string, "languages"),
    "dc.description": (text, "descriptions"),
    "dc.description.abstract": (text, "abstracts"),
    "dc.description.tableofcontents": (text, "contents"),
    "dc.description.version": (string, "versions"),
    "dc.description.sponsorship": (body, "funder"),
    "dc.type": (text, "types"),
    "dc.type.version": (string, "versions"),
    "dc.subject": (subject, ""),
    "dc.subject.other": (subject, ""),
    "dc.subject.classification": (subject, "classification"),
    "dc.subject.gnd": (subject, "gnd"),
    "dc.subject.swd": (subject, "swd"),
    "dc.subject.lcsh": (subject, "lcsh"),
    "dc.subject.mesh": (subject, "mesh"),
    "dc.subject.ddc": (string, "classes"),
    "dc.rights": (licence, ""),
    "dc.rights.uri": (licence, ""),
    "dc.rights.license": (licence, ""),
    "dc.rights.accessrights": (string, "rights"),
    "dc.rights.holder": (string, "rights"),
    "dc.relation": (relation, "relation"),
    "dc.relation.uri": (relation, "relation"),
    "dc.relation.isbasedon": (relation, "source"),
    "dc.relation.ispartofseries": (series, ""),
    "dc.relation.ispartof": (relation, "isPartOf"),
    "dc.relation.haspart": (relation, "hasPart"),
    "dc.relation.isversionof": (relation, "isVersionOf"),
    "dc.relation.hasversion": (relation, "hasVersion"),
    "dc.relation.isformatof": (relation, "isFormatOf"),
    "dc.relation.hasformat": (relation, "hasFormat"),
    "dc.relation.isreferencedby": (relation, "isReferencedBy"),
    "dc.relation.references": (relation, "references"),
    "dc.relation.replaces": (relation, "replaces"),
    "dc.relation.isreplacedby": (relation, "isReplacedBy"),
    "dc.relation.requires": (relation, "requires"),
    "dc.relation.isrequiredby": (relation, "isRequiredBy"),
    "dc.relation.conformsto": (relation, "conformsTo"),
    "dc.format": (string, "formats"),
    "dc.format.mimetype": (string, "formats"),
    "dc.format.extent": (string, "extents"),
    "dc.format.medium": (string, "media"),
    "dc.source": (source, ""),
    "dc.source.uri": (source, ""),
    "dc.coverage": (text, "coverage"),
    "dc.coverage.spatial": (text, "coverage"),
    "dc.coverage.temporal": (text, "coverage"),
    "handle": (handle, ""),
}

NEVER = frozenset(("dc.description.provenance", "dcterms.provenance"))
"""Fields that hold the names and mail addresses of submitters: not even a finding may repeat them."""

NAMING = frozenset(row for row in FIELDS.values() if row[0] in (identifier, handle) or row[1] == "titles")
"""The rows that say what a record is called: its handle and its title."""

_DCTERMS = {
    "alternative": "dc.title.alternative",
    "issued": "dc.date.issued",
    "available": "dc.date.available",
    "created": "dc.date.created",
    "datesubmitted": "dc.date.submitted",
    "datecopyrighted": "dc.date.copyright",
    "modified": "dc.date.updated",
    "abstract": "dc.description.abstract",
    "tableofcontents": "dc.description.tableofcontents",
    "bibliographiccitation": "dc.identifier.citation",
    "extent": "dc.format.extent",
    "medium": "dc.format.medium",
    "license": "dc.rights.uri",
    "accessrights": "dc.rights.accessrights",
    "rightsholder": "dc.rights.holder",
    "spatial": "dc.coverage.spatial",
    "temporal": "dc.coverage.temporal",
}


def row(field: str) -> Row | None:
    """Give the row of a source's field; DCMI terms mean what the DSpace field of that meaning means."""
    found = FIELDS.get(field) or FIELDS.get(field.lower())
    if found is None and field.startswith("dcterms."):
        name = field[8:].lower()
        found = FIELDS.get(_DCTERMS.get(name, f"dc.{name}")) or FIELDS.get(f"dc.relation.{name}")
    return found
