"""The emitters: from all values of one field to triples, and to findings where a value cannot be typed.

Each takes the values of a field and where it stands (`At`), and yields triples and findings. A value that
cannot be typed keeps its string in the row's `otherwise` property; it is never guessed (docs/mapping.md).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from katalod.mapping import agents, dates, identifiers, languages, parts, vocabularies
from katalod.mapping.at import At
from katalod.model import Finding, Severity, Subject, Text
from katalod.rdf import keyword_iri, term, valid_iri

Emitted = Iterator[Triple | Finding]
Emitter = Callable[[tuple[Any, ...], At], Emitted]


def string(values: tuple[str, ...], at: At) -> Emitted:
    """Say a plain string."""
    for value in values:
        yield Triple(at.work, at.property, Literal(value))


def literal(values: tuple[Text, ...], at: At) -> Emitted:
    """Say a string in its language, as tagged."""
    for value in values:
        yield Triple(at.work, at.property, _tagged(value.value, languages.primary(value.lang)))


def text(values: tuple[Text, ...], at: At) -> Emitted:
    """Say a text in its language: the field's tag, else the record's, unless the text itself contradicts it."""
    for value in values:
        tag = languages.primary(value.lang) or _language_of(at)
        found = languages.contradicted(Text(value.value, tag))
        if found:
            yield at.finding(
                "language-tag",
                value.value,
                f"Die Sprachangabe „{tag}“ widerspricht dem Text; er ist als „{found}“ veröffentlicht.",
                f"The language tag {tag!r} contradicts the text; it is published as {found!r}.",
            )
        yield Triple(at.work, at.property, _tagged(value.value, found or tag))


def date(values: tuple[str, ...], at: At) -> Emitted:
    """Say one date, typed by its shape; further ones, and what is no date, keep their string."""
    found = [literal for value in values if (literal := dates.typed(value))]
    if found:
        yield Triple(at.work, at.property, found[0])
    for value in values:
        typed = dates.typed(value)
        if typed is None:
            yield from _untyped_date(value, at)
        elif typed != found[0]:
            yield from _kept(value, at)
            yield at.finding(
                "date-more-than-one",
                value,
                f"Mehr als ein Datum; veröffentlicht ist {found[0].value}, dieses bleibt als Text.",
                f"More than one date; {found[0].value} is published, this one stays as text.",
                Severity.INFO,
            )


def earliest(values: tuple[str, ...], at: At) -> Emitted:
    """Say the earliest date only: later ones tell of later files, not of the work."""
    found = sorted((literal for value in values if (literal := dates.typed(value))), key=lambda d: d.value)
    if found:
        yield Triple(at.work, at.property, found[0])
    for value in values:
        if dates.typed(value) is None:
            yield from _untyped_date(value, at)


def accession(values: tuple[str, ...], at: At) -> Emitted:
    """Say when the description was made and last changed; never of the work itself."""
    found = sorted((literal for value in values if (literal := dates.typed(value))), key=lambda d: d.value)
    if found:
        yield Triple(at.doc, term("dcterms:created"), found[0])
    if len(found) > 1:
        yield Triple(at.doc, term("dcterms:modified"), found[-1])
    for value in values:
        if dates.typed(value) is None:
            yield Triple(at.doc, term("dc11:date"), Literal(value))
            yield _date_form(value, at)


def iri(values: tuple[str, ...], at: At) -> Emitted:
    """Say a web address as an IRI; what is none stays a string."""
    for value in values:
        if valid_iri(value):
            yield Triple(at.work, at.property, NamedNode(value))
            continue
        yield from _kept(value, at)
        if at.field == "pages" or ":" in value.split(" ")[0]:
            yield at.finding(
                "iri",
                value,
                "Keine gültige Webadresse; sie bleibt als Text stehen.",
                "Not a valid web address; it stays as text.",
            )


def language(values: tuple[str, ...], at: At) -> Emitted:
    """Say the language as an ISO 639-2/B term of id.loc.gov."""
    for value in values:
        code = vocabularies.language(value, at.table)
        if code:
            yield Triple(at.work, at.property, term(f"lang:{code}"))
            continue
        yield from _kept(value, at)
        yield at.finding(
            "language-unknown",
            value,
            f"„{value}“ ist keine bekannte Sprache; die Angabe bleibt als Text stehen.",
            f"{value!r} is no known language; it stays as text.",
        )


def kind(values: tuple[Text, ...], at: At) -> Emitted:
    """Say what the work is: BIBO class, COAR type and GND form concept; the library's own words always stay."""
    for value in values:
        yield Triple(at.work, term("dc11:type"), _tagged(value.value, languages.primary(value.lang)))
        found = vocabularies.kind(value.value, at.table)
        if found is None:
            yield at.finding(
                "type-unknown",
                value.value,
                "Diese Dokumentart ist nicht zugeordnet; ontology/types.toml nimmt sie auf.",
                "This type of document is not mapped; ontology/types.toml takes it.",
            )
            continue
        yield Triple(at.work, term("rdf:type"), term(found.type))
        yield Triple(at.work, at.property, term(f"coar:{found.coar}"))
        if found.form:
            yield Triple(at.work, term("rdau:P60584"), term(f"gnd:{found.form}"))
        if found.degree:
            yield Triple(
                at.work, term("bibo:degree"), NamedNode(f"http://purl.org/ontology/bibo/degrees/{found.degree}")
            )


def subject(values: tuple[Subject, ...], at: At) -> Emitted:
    """Say a keyword three times: as written, as the repository's own concept, and as GND where that is certain."""
    for value in values:
        yield Triple(at.work, term("dc11:subject"), _tagged(value.label, languages.primary(value.lang)))
        yield Triple(at.work, at.property, keyword_iri(at.base, value.label))
        for link in value.links:
            if link.certain:
                yield Triple(at.work, at.property, NamedNode(link.concept.iri))


def _tagged(value: str, tag: str | None) -> Literal:
    try:
        return Literal(value, language=tag) if tag else Literal(value)
    except ValueError:  # not a tag that RDF 1.1 allows; the reader has named it already
        return Literal(value)


def _language_of(at: At) -> str | None:
    """The tag of a record that is in one language, for texts that bear none of their own."""
    codes = {vocabularies.language(value, at.table) for value in at.record.languages}
    return vocabularies.TAGS.get(codes.pop() or "") if len(codes) == 1 else None


def _kept(value: str, at: At) -> Iterator[Triple]:
    """Keep the string of a value that could not be typed."""
    if at.otherwise is not None:
        yield Triple(at.work, at.otherwise, Literal(value))


def _untyped_date(value: str, at: At) -> Emitted:
    yield from _kept(value, at)
    yield _date_form(value, at)


def _date_form(value: str, at: At) -> Finding:
    return at.finding(
        "date-form",
        value,
        "Kein Datum der Form JJJJ, JJJJ-MM oder JJJJ-MM-TT; es bleibt als Text stehen.",
        "No date written YYYY, YYYY-MM or YYYY-MM-DD; it stays as text.",
    )


EMITTERS: Mapping[str, Emitter] = {
    "accession": accession,
    "contributor": agents.contributor,
    "creator": agents.creator,
    "date": date,
    "dewey": identifiers.dewey,
    "doi": identifiers.doi,
    "earliest": earliest,
    "extent": vocabularies.extent,
    "format": vocabularies.format,
    "iri": iri,
    "isbn": identifiers.isbn,
    "issn": identifiers.issn,
    "kind": kind,
    "language": language,
    "licence": vocabularies.licence,
    "literal": literal,
    "medium": vocabularies.medium,
    "publisher": agents.publisher,
    "relation": parts.relation,
    "rights": vocabularies.rights,
    "series": parts.series,
    "string": string,
    "subject": subject,
    "text": text,
    "urn": identifiers.urn,
    "version": vocabularies.version,
}
"""Every emitter by the name that a row of the mapping table calls it."""
