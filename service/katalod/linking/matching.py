"""From the keywords of a record to headings, by named methods in a fixed order (`rules.METHODS`).

A link that is only likely is held back and reported with its candidates: a name of several headings, a
bare keyword where the heading has a qualifier, a heading whose variant says that it has a special sense, a
name of a place, person or body.
"""

from dataclasses import replace

from katalod.linking.authority import Authority, Hit
from katalod.linking.curated import Curated, Decision
from katalod.linking.doubts import Held, a_name, ambiguous, doubted, qualified_only
from katalod.linking.gnd import identifier
from katalod.linking.labels import clean, spelled
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
        return None if asked.near(asked.written) else qualified_only(asked)
    hits = _each_once(found.hits)
    topics = tuple(hit for hit in hits if hit.kind == "subject")
    names = tuple(hit for hit in hits if hit.kind != "subject")
    if any(hit.kind != "subject" for hit in authority.near(asked.written)):
        names += tuple(hit for hit in authority.look_up(asked.written) if hit.kind != "subject")
    if not topics or (names and not _beats(topics[0], names)):
        return a_name(_each_once((*topics, *names)))
    if len(topics) > 1:
        return ambiguous(topics)
    return doubted(topics[0], found, asked) or _lexical(topics[0], found, asked)


def _beats(topic: Hit, names: tuple[Hit, ...]) -> bool:
    """Whether a subject heading is what is meant: no place, person or body has the word as its first name."""
    return topic.preferred and not any(name.preferred for name in names)


def _lexical(hit: Hit, found: Found, asked: Asked) -> Link:
    """Say that a heading bears the keyword as its name, and how that was seen."""
    comment = "" if hit.preferred else f"variant name: {hit.name}"
    if found.rule == "english":
        comment = f"English name: {hit.name}"
    concept = asked.authority.heading(hit.iri) or Concept(hit.iri, hit.label)
    predicate = "exactMatch" if hit.preferred else "closeMatch"
    return Link(concept, predicate, LEXICAL, found.sure(hit), _named(asked.authority), comment=comment, rule=found.rule)


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
