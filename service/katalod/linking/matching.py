"""From the keywords of a record to headings, by rules in a fixed order.

1. A curated decision wins over everything, also when it says that there is no heading.
2. An identifier that the source itself gives, if its check digit holds.
3. The preferred name of one heading: in the same spelling, else in another case.
4. A variant of one heading.

A link that is only likely is held back and reported with its candidates: a name of several headings, a
bare keyword where the heading has a qualifier, a heading whose variant says that it has a special sense.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from katalod.linking.authority import Authority, Hit
from katalod.linking.curated import Curated, Decision
from katalod.linking.gnd import identifier
from katalod.linking.labels import FIELDS, clean, fold, qualified, spelled, trailing_field
from katalod.model import Concept, Finding, Link, Record, Severity, Subject

LEXICAL = "LexicalMatching"
CURATION = "ManualMappingCuration"
GIVEN, SAME, OTHER_CASE, QUALIFIER, VARIANT = 0.99, 0.98, 0.95, 0.95, 0.9
"""How sure a rule is: the source's own identifier, the heading as written, in another case, its qualifier
in another form, a variant. The order is what counts; none claims the 1.0 of a person's decision."""

OTHER_VOCABULARIES = frozenset(
    ("bk", "bisac", "ddc", "jel", "lcc", "lcsh", "mesh", "msc", "rameau", "rvk", "stw", "thesoz", "udc")
)
"""Schemes whose terms are no free keywords: they are not looked up in the GND."""


@dataclass(frozen=True, slots=True)
class Held:
    """Why a keyword was not linked, in German and English, and which headings were at hand."""

    candidates: tuple[str, ...]
    de: str
    en: str


def link(record: Record, authority: Authority, curated: Curated, separators: tuple[str, ...] = ()) -> Record:
    """Give the record with its keywords linked, and findings for what was held back.

    `separators` are the signs that stand before a qualifier in the keywords of this source, beside
    brackets: with " " (or "space") `Migration Informatik` is read as `Migration (Informatik)`.
    """
    subjects: list[Subject] = []
    findings: list[Finding] = []
    for subject in record.subjects:
        links, held = _decide(subject, authority, curated, separators)
        subjects.append(replace(subject, links=links))
        findings.extend(_finding(record, subject, reason) for reason in held)
    return replace(record, subjects=tuple(subjects), findings=(*record.findings, *dict.fromkeys(findings)))


def _decide(
    subject: Subject, authority: Authority, curated: Curated, separators: tuple[str, ...]
) -> tuple[tuple[Link, ...], tuple[Held, ...]]:
    decisions = curated.about(subject.label)
    if any(not decision.iri for decision in decisions):
        return (), ()
    if chosen := tuple(_curated(decision, authority) for decision in decisions if not decision.excluded):
        return chosen, ()
    excluded = {decision.iri for decision in decisions}
    given, held = _given(subject, authority)
    found = given or _by_name(subject, authority, separators)
    if isinstance(found, Held):
        return (), (*held, found)
    return ((found,) if found and found.concept.iri not in excluded else ()), held


def _curated(decision: Decision, authority: Authority) -> Link:
    return Link(
        authority.heading(decision.iri) or Concept(decision.iri, decision.object_label or decision.label),
        decision.predicate,
        decision.method,
        decision.confidence,
        _named(authority),
        decision.author,
        decision.date,
        decision.comment,
    )


def _given(subject: Subject, authority: Authority) -> tuple[Link | None, tuple[Held, ...]]:
    """Take the identifier that the source gives, if it is one of the GND."""
    text = (subject.authority or "").strip()
    if not text or not _looks_like_gnd(text, subject.scheme):
        return None, ()
    iri = identifier(text)
    if iri is None:
        de = f"die mitgelieferte GND-Nummer „{text[:80]}“ hat eine falsche Prüfziffer; bitte berichtigen"
        en = f'the GND identifier "{text[:80]}" given with it fails its check digit; please correct it'
        return None, (Held((), de, en),)
    concept = authority.heading(iri) or Concept(iri, subject.label)
    why = "identifier given by the source"
    return Link(concept, "exactMatch", CURATION, GIVEN, _named(authority), comment=why), ()


def _looks_like_gnd(text: str, scheme: str | None) -> bool:
    """Whether an identifier claims to be the GND's; a bare number may be any authority's."""
    marked = text.casefold().startswith(("(de-588", "gnd", "http://d-nb.info/gnd/", "https://d-nb.info/gnd/"))
    return marked or (scheme or "").casefold() in ("gnd", "swd", "rswk") or (text[7:8] == "-" and len(text) == 9)


def _by_name(subject: Subject, authority: Authority, separators: tuple[str, ...]) -> Link | Held | None:
    """Find the one heading that bears the keyword as its name."""
    if (subject.scheme or "").casefold() in OTHER_VOCABULARIES:
        return None
    written = spelled(subject.label)
    named = authority.look_up(subject.label)
    same = tuple(hit for hit in named if hit.preferred and spelled(hit.name) == written)
    others = named
    if _foreign(subject.lang):
        # "gift" in English is no poison: in another language only the very spelling counts
        others = tuple(hit for hit in named if spelled(hit.name) == written)
    hits = _each_once(same or others)
    if not hits:
        found = _by_qualifier(written, authority, separators)
        return found if found or named else _qualified_only(written, authority)
    if len(hits) > 1:
        return _ambiguous(hits)
    (hit,) = hits
    bare = qualified(written) is None
    if bare and hit.qualified and not hit.preferred:
        return _needs_qualifier(hits)
    if bare and hit.preferred and (sense := _contradicted(hit, authority)):
        return sense
    return _lexical(hit, authority, SAME if same else OTHER_CASE if hit.preferred else VARIANT)


def _foreign(lang: str | None) -> bool:
    """Whether a language tag names another language than German; "*" and "-" name none."""
    tag = (lang or "").casefold()
    return tag[:2].isalpha() and not tag.startswith(("de", "ger"))


def _by_qualifier(written: str, authority: Authority, separators: tuple[str, ...]) -> Link | Held | None:
    """Find a qualified heading whose qualifier the keyword writes in another form."""
    hits: list[Hit] = []
    if split := qualified(written):
        beside = " ".join(split)
        hits += (hit for hit in authority.look_up(beside) if hit.preferred and hit.name == beside)
    for separator in (" " if each == "space" else each for each in separators):
        base, found, qualifier = written.rpartition(separator)
        if found and base.strip() and qualifier.strip():
            inside = f"{base.strip()} ({qualifier.strip()})"
            hits += (hit for hit in authority.look_up(inside) if hit.preferred)
    hits = list(_each_once(tuple(hits)))
    if len(hits) > 1:
        return _ambiguous(tuple(hits))
    return _lexical(hits[0], authority, QUALIFIER) if hits else None


def _qualified_only(written: str, authority: Authority) -> Held | None:
    homonyms = authority.homonyms(written) if qualified(written) is None else ()
    return _needs_qualifier(homonyms) if homonyms else None


def _contradicted(hit: Hit, authority: Authority) -> Held | None:
    """Hold a heading back that is called by another word only within a field: it has that field's sense.

    "Teilhabe" has the variant "Partizipation (Philosophie)", so it is the philosophers' term. This says
    nothing where the heading names word or field itself ("Sozialraum": "Raum (Sozialwissenschaften)"), and
    nothing where the word is an abbreviation or a phrase: the one has a qualifier because it is short, the
    other needs none to be understood.
    """
    concept = authority.heading(hit.iri)
    for variant in concept.variants if concept else ():
        for word, field in _senses(variant, authority):
            if word.isupper() or " " in word or any(fold(part) in fold(hit.label) for part in (word, field)):
                continue
            others = tuple(other for other in authority.look_up(word) if other.preferred and other.iri != hit.iri)
            return Held(
                tuple(map(str, (hit, *others))),
                f"die Variante „{variant}“ der Ansetzung sagt, dass sie den Sinn des Fachs {field} hat",
                f'the variant "{variant}" of the heading says that it has the sense of the field {field}',
            )
    return None


def _senses(variant: str, authority: Authority) -> Iterator[tuple[str, str]]:
    """Give word and field of a variant that is qualified by a field of learning, in whichever spelling."""
    if split := qualified(variant):
        word, qualifier = split
        yield from ((word, part) for part in qualifier.split(", ") if part in FIELDS)
    elif (split := trailing_field(variant)) and any(hit.preferred for hit in authority.look_up(split[0])):
        yield split


def _ambiguous(hits: tuple[Hit, ...]) -> Held:
    return Held(
        tuple(map(str, hits)),
        "mehrere Ansetzungen tragen diesen Namen",
        "several headings bear this name",
    )


def _needs_qualifier(hits: tuple[Hit, ...]) -> Held:
    return Held(
        tuple(map(str, hits)),
        "die Ansetzung hat einen Zusatz, den das Schlagwort nicht nennt",
        "the heading has a qualifier that the keyword does not name",
    )


def _lexical(hit: Hit, authority: Authority, confidence: float) -> Link:
    predicate, comment = ("exactMatch", "") if hit.preferred else ("closeMatch", f"variant name: {hit.name}")
    concept = authority.heading(hit.iri) or Concept(hit.iri, hit.label)
    return Link(concept, predicate, LEXICAL, confidence, _named(authority), comment=comment)


def _each_once(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Keep the best hit of each heading: preferred names come first."""
    first: dict[str, Hit] = {}
    for hit in hits:
        first.setdefault(hit.iri, hit)
    return tuple(first.values())


def _named(authority: Authority) -> str:
    return f"{authority.name} {authority.version}"


def _finding(record: Record, subject: Subject, held: Held) -> Finding:
    label, among = clean(subject.label), "; ".join(held.candidates)
    de, en = f"„{label}“ ist nicht verknüpft: {held.de}.", f'"{label}" is not linked: {held.en}.'
    if among:
        de += f" Zur Wahl: {among}; ein Eintrag in der Linkliste entscheidet."
        en += f" Candidates: {among}; an entry in the curated links decides."
    return Finding(
        Severity.INFO,
        "link-held-back",
        "subjects",
        subject.label,
        de,
        en,
        identifier=record.identifier,
        path=record.path,
    )
