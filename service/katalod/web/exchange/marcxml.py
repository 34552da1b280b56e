"""A work as MARC 21 in XML: what our statements say, and no more; a field that would have to be guessed is left out."""

import re
from collections.abc import Iterator

from katalod.model import Agent
from katalod.rdf import GND
from katalod.web.exchange.facts import RELATORS, Facts
from katalod.web.exchange.xml import element, escaped, located

NAMESPACE = "http://www.loc.gov/MARC21/slim"
SCHEMA = "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd"

_SERIAL = ("Journal", "Periodical", "Series")
_AUTHORITIES = (
    (GND, "(DE-588)"),
    ("https://orcid.org/", "(orcid)"),
    ("https://ror.org/", "(ror)"),
    ("http://viaf.org/viaf/", "(viaf)"),
)
_ROOT = f'<record xmlns="{NAMESPACE}"{located(NAMESPACE, SCHEMA)} type="Bibliographic">'

Subfields = list[tuple[str, str]]


def marcxml(work: Facts) -> str:
    """Write a work as a bibliographic record."""
    serial = any(kind.rpartition("/")[2] in _SERIAL for kind in work.kinds)
    leader = f"00000na{'s' if serial else 'm'} a2200000uc 4500"
    control = [f"<leader>{leader}</leader>", _control("001", work.path), _control("005", _moment(work.changed))]
    control.append(_control("008", _fixed(work)))
    fields = sorted(_fields(work), key=lambda field: field[0][0])  # stable: 245 before 246, as MARC lists them
    return f"{_ROOT}{''.join(control)}{''.join(_field(*field) for field in fields)}</record>"


def _fields(work: Facts) -> Iterator[tuple[str, Subfields]]:
    """Give the fields as tag with indicators ("245_1"), and their subfields."""
    yield from _numbers(work)
    yield from _people(work)
    title = [("a", work.title.value), ("b", " : ".join(text.value for text in work.subtitles))]
    yield f"245{'1' if work.creators else '0'}0", title
    for text in (*work.titles[1:], *work.alternatives):
        yield "2463_", [("a", text.value)]
    places, names = [("a", place) for place in work.places], [("b", name) for name in work.publishers]
    yield "264_1", [*places, *names, ("c", work.issued)]
    yield "300__", [("a", extent) for extent in work.extents]
    yield from _notes(work)
    yield from _subjects(work)
    for one, kind in work.series:
        if kind == "Series":
            yield "4900_", [("a", one.title), ("x", one.issn or ""), ("v", one.volume or "")]
        else:
            yield "7730_", [("t", one.title), ("g", one.volume or ""), ("x", one.issn or "")]
    for address in work.pages:
        yield "85640", [("u", address)]
    yield "85642", [("u", work.iri), ("3", "Linked Data")]


def _numbers(work: Facts) -> Iterator[tuple[str, Subfields]]:
    for isbn in work.isbns:
        yield "020__", [("a", isbn)]
    for issn in work.issns:
        yield "022__", [("a", issn)]
    for kind, values in (("doi", work.dois), ("urn", work.urns), ("hdl", work.handles)):
        for value in values:
            yield "0247_", [("a", value), ("2", kind)]
    yield f"041{'1' if len(work.languages) > 1 else '_'}_", [("a", code) for code in work.languages]
    for number in work.classes:
        yield "08204", [("a", number)]


def _people(work: Facts) -> Iterator[tuple[str, Subfields]]:
    for number, agent in enumerate(work.creators):
        yield _agent("1" if number == 0 else "7", agent)
    for agent in work.contributors:
        yield _agent("7", agent)


def _agent(block: str, agent: Agent) -> tuple[str, Subfields]:
    tag = f"{block}102_" if agent.body else f"{block}00{'1' if ',' in agent.name else '0'}_"
    return tag, [("a", agent.name), ("0", _authority(agent.iri)), ("4", RELATORS.get(agent.role, "ctb"))]


def _notes(work: Facts) -> Iterator[tuple[str, Subfields]]:
    for text in work.descriptions:
        yield "500__", [("a", text.value)]
    for text in work.contents:
        yield "5050_", [("a", text.value)]
    for text in work.abstracts:
        yield "5203_", [("a", text.value)]
    for licence in work.licences:
        yield "540__", [("u", licence)]


def _subjects(work: Facts) -> Iterator[tuple[str, Subfields]]:
    for iri, label in work.headings:
        if label:
            yield "650_7", [("a", label), ("0", _authority(iri)), ("0", iri), ("2", "gnd")]
    for word in work.keywords:
        yield "653__", [("a", word.value)]
    for iri, label in work.forms:
        if label:
            yield "655_7", [("a", label), ("0", _authority(iri)), ("0", iri), ("2", "gnd-content")]
    for kind in work.types:
        yield "655_4", [("a", kind.value)]


def _authority(iri: str | None) -> str:
    """Write an authority's identifier as MARC does, behind the code of its list; another IRI as it is."""
    for stem, code in _AUTHORITIES:
        if iri and iri.startswith(stem):
            return code + iri.removeprefix(stem)
    return iri or ""


def _fixed(work: Facts) -> str:
    """Write field 008: date of entry, year, language; a fill character for what we do not know."""
    entered = work.changed[2:10].replace("-", "") or "||||||"
    language = work.languages[0] if work.languages else "|||"  # the others stand in 041
    return f"{entered}{'s' if work.year else 'n'}{work.year or 'uuuu'}    xx {'|' * 17}{language[:3]} d"


def _moment(changed: str) -> str:
    return re.sub(r"[^0-9]", "", changed)[:14] + ".0" if changed else ""


def _control(tag: str, text: str) -> str:
    return element("controlfield", text, f' tag="{tag}"')


def _field(tag: str, subfields: Subfields) -> str:
    inner = "".join(f'<subfield code="{code}">{escaped(value)}</subfield>' for code, value in subfields if value)
    if not inner:
        return ""
    first, second = tag[3].replace("_", " "), tag[4].replace("_", " ")
    return f'<datafield tag="{tag[:3]}" ind1="{first}" ind2="{second}">{inner}</datafield>'
