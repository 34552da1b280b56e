"""A work as MODS 3.8: what our statements say, and no more."""

from collections.abc import Iterator

from katalod.model import Agent, Text
from katalod.rdf import GND
from katalod.web.exchange.facts import RELATORS, Facts
from katalod.web.exchange.xml import attribute, element, located, within

NAMESPACE = "http://www.loc.gov/mods/v3"
SCHEMA = "http://www.loc.gov/standards/mods/v3/mods-3-8.xsd"

_RESOURCES = {
    "AudioDocument": "sound recording",
    "AudioVisualDocument": "moving image",
    "Dataset": "software, multimedia",
    "Image": "still image",
    "Map": "cartographic",
    "Software": "software, multimedia",
}
_GND = ' authority="gnd" authorityURI="https://d-nb.info/gnd/"'
_LINKED = ' xmlns:xlink="http://www.w3.org/1999/xlink"'
_ROOT = f'<mods xmlns="{NAMESPACE}"{_LINKED}{located(NAMESPACE, SCHEMA)} version="3.8">'


def mods(work: Facts) -> str:
    """Write a work as a MODS record."""
    return f"{_ROOT}{''.join(_parts(work))}</mods>"


def _parts(work: Facts) -> Iterator[str]:
    for number, text in enumerate(work.titles):
        below = (element("subTitle", one.value) for one in work.subtitles if number == 0)
        kind = ' type="alternative"' if number else ""
        yield within("titleInfo", (element("title", text.value), *below), kind + _lang(text))
    for text in work.alternatives:
        yield within("titleInfo", [element("title", text.value)], ' type="alternative"' + _lang(text))
    yield from (_name(agent) for agent in (*work.creators, *work.contributors))
    kind = next((_RESOURCES[name] for iri in work.kinds if (name := iri.rpartition("/")[2]) in _RESOURCES), "text")
    yield element("typeOfResource", kind)
    yield from (element("genre", text.value, _lang(text)) for text in work.types)
    yield from (element("genre", label, _GND + attribute("valueURI", iri)) for iri, label in work.forms)
    yield from (element("genre", iri, ' authority="coar"' + attribute("valueURI", iri)) for iri in work.genres)
    yield _origin(work)
    for code in work.languages:
        yield within("language", [element("languageTerm", code, ' type="code" authority="iso639-2b"')])
    yield within("physicalDescription", (element("extent", extent) for extent in work.extents))
    yield from (element("abstract", text.value, _lang(text)) for text in work.abstracts)
    yield from (element("tableOfContents", text.value, _lang(text)) for text in work.contents)
    yield from (element("note", text.value, _lang(text)) for text in work.descriptions)
    yield from _subjects(work)
    yield from _hosts(work)
    yield from _identifiers(work)
    for iri in work.licences:
        yield element("accessCondition", iri, ' type="use and reproduction"' + attribute("xlink:href", iri))
    changed = element("recordChangeDate", work.changed, ' encoding="w3cdtf"')
    yield within("recordInfo", [element("recordIdentifier", work.path), changed])


def _name(agent: Agent) -> str:
    code = RELATORS.get(agent.role, "ctb")
    role = within("role", [element("roleTerm", code, ' type="code" authority="marcrelator"')])
    kind = f' type="{"corporate" if agent.body else "personal"}"'
    authority = _GND if agent.iri and agent.iri.startswith(GND) else ""
    return within("name", [element("namePart", agent.name), role], kind + authority + attribute("valueURI", agent.iri))


def _origin(work: Facts) -> str:
    dated = element("dateIssued", work.issued, ' encoding="w3cdtf" keyDate="yes"')
    places = (within("place", [element("placeTerm", place, ' type="text"')]) for place in work.places)
    return within("originInfo", (*places, *(element("publisher", name) for name in work.publishers), dated))


def _subjects(work: Facts) -> Iterator[str]:
    for iri, label in work.headings:
        yield within("subject", [element("topic", label)], _GND + attribute("valueURI", iri))
    for word in work.keywords:
        yield within("subject", [element("topic", word.value, _lang(word))])
    yield from (element("classification", number, ' authority="ddc"') for number in work.classes)


def _hosts(work: Facts) -> Iterator[str]:
    for one, kind in work.series:
        title = within("titleInfo", [element("title", one.title)])
        issn = element("identifier", one.issn or "", ' type="issn"')
        detail = within("detail", [element("number", one.volume or "")], ' type="volume"')
        part = within("part", [detail])
        yield within("relatedItem", [title, issn, part], ' type="series"' if kind == "Series" else ' type="host"')


def _identifiers(work: Facts) -> Iterator[str]:
    kinds = {"isbn": work.isbns, "issn": work.issns, "doi": work.dois, "urn": work.urns, "hdl": work.handles}
    yield element("identifier", work.iri, ' type="uri"')
    for kind, values in kinds.items():
        yield from (element("identifier", value, f' type="{kind}"') for value in values)
    yield from (element("identifier", value) for value in work.identifiers)
    first, *others = work.pages or ("",)
    addresses = (element("url", address) for address in others)
    yield within("location", (element("url", first, ' usage="primary"'), *addresses))


def _lang(text: Text) -> str:
    return attribute("xml:lang", text.lang)
