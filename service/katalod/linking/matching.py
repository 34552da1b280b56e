"""From the keywords of a record to headings, by named methods in a fixed order (`rules.METHODS`).

A link that is only likely is held back and reported with its candidates: a name of several headings, a
bare keyword where the heading has a qualifier, a heading whose variant says that it has a special sense, a
name of a place, person or body.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from katalod.linking.authority import Authority, Hit
from katalod.linking.curated import Curated, Decision
from katalod.linking.gnd import identifier
from katalod.linking.labels import FIELDS, clean, fold, qualified, spelled, trailing_field
from katalod.linking.methods import Asked, Found, find
from katalod.linking.names import given_name, personal
from katalod.linking.rules import CONFIDENCE, DEFAULT, LESS_BY_CUT, Rules
from katalod.model import Concept, Finding, Link, Record, Severity, Subject

LEXICAL = "LexicalMatching"
CURATION = "ManualMappingCuration"

OTHER_VOCABULARIES = frozenset(
    ("bk", "bisac", "ddc", "jel", "lcc", "lcsh", "mesh", "msc", "rameau", "rvk", "stw", "thesoz", "udc")
)
"""Schemes whose terms are no free keywords: they are not looked up in the GND."""

_BOTH = """
also arm art bad bald bank bikini billion boot brand brief brie chef dose dick gift gang gut gymnasium handy hang
hell herd hose hut kind konkurrenz lack last list log lust made mappe mist mode most mutter note pole post probe
promotion rat rang rente rock rot see seen sense spring stern still stock strand tag tang taste ton tot wall wand war
warm wetter wild wink winkel
"""
FALSE_FRIENDS = frozenset(_BOTH.split())
"""Words that are German and English, and mean two things."""

_KINDS = {
    "place": ("ein Ort", "a place"),
    "person": ("eine Person", "a person"),
    "family": ("eine Familie", "a family"),
    "body": ("eine Körperschaft", "a corporate body"),
    "event": ("eine Veranstaltung", "an event"),
    "work": ("ein Werk", "a work"),
}


@dataclass(frozen=True, slots=True)
class Held:
    """Why a keyword was not linked, in German and English, and which headings were at hand."""

    hits: tuple[Hit, ...]
    de: str
    en: str


def link(record: Record, authority: Authority, curated: Curated, rules: Rules = DEFAULT) -> Record:
    """Give the record with its keywords linked, and findings for what was held back.

    A string that holds several keywords is cut where the rules say so, unless it is one heading or one name.
    """
    subjects: list[Subject] = []
    findings: list[Finding] = []
    for subject in record.subjects:
        links, held = decide(subject, authority, curated, rules)
        findings.extend(_finding(record, subject, reason) for reason in held)
        parts = () if links or held else _parts(subject, authority, curated, rules)
        if not parts:
            subjects.append(replace(subject, links=links))
            continue
        findings.append(_cut(record, subject, tuple(part.label for part, _ in parts)))
        known = {each.label for each in (*subjects, *record.subjects)}
        for part, reasons in parts:
            if part.label not in known:
                subjects.append(part)
                findings.extend(_finding(record, part, reason) for reason in reasons)
    return replace(record, subjects=tuple(subjects), findings=(*record.findings, *dict.fromkeys(findings)))


def decide(
    subject: Subject, authority: Authority, curated: Curated, rules: Rules = DEFAULT
) -> tuple[tuple[Link, ...], tuple[Held, ...]]:
    """Give the links of one keyword, and why it has none or not another."""
    decisions = curated.about(subject.label) if "curated" in rules.methods else ()
    if any(not decision.iri for decision in decisions):
        return (), ()
    if chosen := tuple(_curated(decision, authority) for decision in decisions if not decision.excluded):
        return chosen, ()
    excluded = {decision.iri for decision in decisions}
    given, held = _given(subject, authority) if "given" in rules.methods else (None, ())
    found = given or _by_name(subject, authority, rules)
    if isinstance(found, Held):
        return (), (*held, found)
    return ((found,) if found and found.concept.iri not in excluded else ()), held


def _parts(
    subject: Subject, authority: Authority, curated: Curated, rules: Rules
) -> tuple[tuple[Subject, tuple[Held, ...]], ...]:
    """Cut a string at the first separator that is in it, and its parts at the next; nothing if there is none.

    A person's name is never cut: its comma is no separator.
    """
    if "compound" not in rules.methods or not rules.separators or subject.authority:
        return ()
    written = clean(subject.label)
    for place, separator in enumerate(rules.separators):
        labels = tuple(dict.fromkeys(label for part in written.split(separator) if (label := part.strip())))
        if len(labels) < 2 or not all(map(_whole, labels)):
            continue
        if personal(written) and not _all_headings(labels, authority):
            return ()
        parts: list[tuple[Subject, tuple[Held, ...]]] = []
        rest = replace(rules, separators=rules.separators[place + 1 :])
        for label in labels:
            part = replace(subject, label=label)
            links, held = decide(part, authority, curated, rules)
            inner = () if links or held else _parts(part, authority, curated, rest)
            parts += inner or ((replace(part, links=tuple(map(_less_sure, links))), held),)
        return tuple(parts)
    return ()


def _whole(label: str) -> bool:
    """Whether a part can stand alone: no half of a bracket, no "Garten-" of "Garten-, Landschaftsbau"."""
    return label.count("(") == label.count(")") and label[-1] not in "-‐‑"


def _all_headings(labels: tuple[str, ...], authority: Authority) -> bool:
    """Whether what has the shape of a name is a list of headings all the same: "Fensterbau, Staatssoziologie"."""
    return not any(map(given_name, labels)) and all(
        any(hit.preferred and hit.name == label and hit.kind == "subject" for hit in authority.near(label))
        for label in labels
    )


def _less_sure(link: Link) -> Link:
    """Say of the link of a part that it was found in a part."""
    if link.method != LEXICAL:
        return link
    return replace(link, rule=f"compound, {link.rule}", confidence=round(link.confidence - LESS_BY_CUT, 2))


def _curated(decision: Decision, authority: Authority) -> Link:
    iri = authority.current(decision.iri) or decision.iri  # a decision outlives the merging of its heading
    return Link(
        authority.heading(iri) or Concept(iri, decision.object_label or decision.label),
        decision.predicate,
        decision.method,
        decision.confidence,
        _named(authority),
        decision.author,
        decision.date,
        decision.comment,
        reviewer=decision.reviewer,
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
    concept = authority.heading(authority.current(iri) or iri) or Concept(iri, subject.label)
    why = "identifier given by the source"
    return Link(concept, "exactMatch", CURATION, CONFIDENCE["given"], _named(authority), comment=why, rule="given"), ()


def _looks_like_gnd(text: str, scheme: str | None) -> bool:
    """Whether an identifier claims to be the GND's; a bare number may be any authority's."""
    marked = text.casefold().startswith(("(de-588", "gnd", "http://d-nb.info/gnd/", "https://d-nb.info/gnd/"))
    return marked or (scheme or "").casefold() in ("gnd", "swd", "rswk") or (text[7:8] == "-" and len(text) == 9)


def asked_for(subject: Subject, authority: Authority, rules: Rules) -> Asked:
    """Give a keyword as the methods are asked for it."""
    tag = (subject.lang or "").casefold()
    lang = "de" if tag.startswith("ger") else tag[:2] if tag[:2].isalpha() else ""
    return Asked(spelled(subject.label), lang, authority, rules)


def _by_name(subject: Subject, authority: Authority, rules: Rules) -> Link | Held | None:
    """Find the one heading that bears the keyword as its name."""
    if (subject.scheme or "").casefold() in OTHER_VOCABULARIES:
        return None
    asked = asked_for(subject, authority, rules)
    found = find(asked)
    if found is None:
        return None if asked.near(asked.written) else _qualified_only(asked)
    hits = _each_once(found.hits)
    topics = tuple(hit for hit in hits if hit.kind == "subject")
    names = tuple(hit for hit in hits if hit.kind != "subject")
    if any(hit.kind != "subject" for hit in authority.near(asked.written)):
        names += tuple(hit for hit in authority.look_up(asked.written) if hit.kind != "subject")
    if not topics or (names and not _beats(topics[0], names)):
        return _a_name(_each_once((*topics, *names)))
    if len(topics) > 1:
        return _ambiguous(topics)
    return _doubted(topics[0], found, asked) or _lexical(topics[0], found, asked)


def _beats(topic: Hit, names: tuple[Hit, ...]) -> bool:
    """Whether a subject heading is what is meant: no place, person or body has the word as its first name."""
    return topic.preferred and not any(name.preferred for name in names)


def _doubted(hit: Hit, found: Found, asked: Asked) -> Held | None:
    """Say what speaks against the only heading that was found."""
    bare = qualified(asked.written) is None
    if found.rule == "number" and bare and (homonyms := asked.authority.homonyms(asked.written)):
        return _needs_qualifier((*homonyms, hit))
    if bare and hit.qualified and not hit.preferred:
        return _needs_qualifier((hit,))
    if asked.lang == "en" and found.rule != "english" and fold(asked.written) in FALSE_FRIENDS:
        return Held((hit,), "im Englischen bedeutet das Wort etwas anderes", "in English the word means another thing")
    if bare and hit.preferred and found.rule != "qualified":
        return _contradicted(hit, asked.authority)
    return None


def _qualified_only(asked: Asked) -> Held | None:
    homonyms = asked.authority.homonyms(asked.written) if qualified(asked.written) is None else ()
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
                (hit, *others),
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
    return Held(hits, "mehrere Ansetzungen tragen diesen Namen", "several headings bear this name")


def _a_name(hits: tuple[Hit, ...]) -> Held:
    de, en = _KINDS.get(next((hit.kind for hit in hits if hit.kind != "subject"), ""), ("ein Name", "a name"))
    if any(hit.kind == "subject" for hit in hits):
        return Held(hits, f"so heißt auch {de}", f"{en} is called so too")
    return Held(hits, f"das ist {de} und kein Sachbegriff", f"it is {en}, and no subject heading")


def _needs_qualifier(hits: tuple[Hit, ...]) -> Held:
    return Held(
        hits,
        "die Ansetzung hat einen Zusatz, den das Schlagwort nicht nennt",
        "the heading has a qualifier that the keyword does not name",
    )


def _lexical(hit: Hit, found: Found, asked: Asked) -> Link:
    """Say that a heading bears the keyword as its name, and how that was seen."""
    comment = "" if hit.preferred else f"variant name: {hit.name}"
    if found.rule == "english":
        comment = f"English name: {hit.name}"
    concept = asked.authority.heading(hit.iri) or Concept(hit.iri, hit.label)
    predicate = "exactMatch" if hit.preferred else "closeMatch"
    return Link(
        concept, predicate, LEXICAL, found.sure(hit), _named(asked.authority), comment=comment, rule=found.rule
    )


def _each_once(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Keep the best hit of each heading: preferred names come first."""
    first: dict[str, Hit] = {}
    for hit in sorted(hits, key=lambda hit: not hit.preferred):
        first.setdefault(hit.iri, hit)
    return tuple(first.values())


def _named(authority: Authority) -> str:
    return f"{authority.name} {authority.version}"


def _finding(record: Record, subject: Subject, held: Held) -> Finding:
    label, among = clean(subject.label), "; ".join(map(str, held.hits))
    de, en = f"„{label}“ ist nicht verknüpft: {held.de}.", f'"{label}" is not linked: {held.en}.'
    if among:
        de += f" Zur Wahl: {among}; ein Eintrag in der Linkliste entscheidet."
        en += f" Candidates: {among}; an entry in the curated links decides."
    return _note(record, subject, "link-held-back", de, en)


def _cut(record: Record, subject: Subject, labels: tuple[str, ...]) -> Finding:
    parts, label = "; ".join(labels), clean(subject.label)
    return _note(
        record, subject, "keyword-cut",
        f"„{label}“ enthält mehrere Schlagwörter und wurde geteilt: {parts}.",
        f'"{label}" holds several keywords and was cut: {parts}.',
    )  # fmt: skip


def _note(record: Record, subject: Subject, shape: str, de: str, en: str) -> Finding:
    return Finding(
        Severity.INFO, shape, "subjects", subject.label, de, en, identifier=record.identifier, path=record.path
    )
