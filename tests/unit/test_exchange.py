"""Works as catalogues exchange them: what the triples say, in every form, and XML whatever the values hold."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pyoxigraph import Quad, RdfFormat, parse

from katalod.model import Agent, Text
from katalod.rdf import prefixes
from katalod.web.exchange import SCHEMAS, Facts, dublin_core, facts

IRI = "http://example.org/id/a/1"
PREFIXES = "".join(f"@prefix {name}: <{space}> .\n" for name, space in prefixes().items())
MARC = "{http://www.loc.gov/MARC21/slim}"
MODS = "{http://www.loc.gov/mods/v3}"
NAMES = {
    "https://d-nb.info/gnd/4012775-8": "Dorf",
    "https://d-nb.info/gnd/4128022-2": "Bericht",
    "https://orcid.org/0000-0002-1825-0097": "Carberry, Josiah",
}
TURTLE = f"""{PREFIXES}
<{IRI}> a bibo:Article ; dcterms:title "Dörfer"@de , "Villages"@en ; rdau:P60493 "Ein Überblick"@de ;
  dcterms:creator <{IRI}#amt> , <https://orcid.org/0000-0002-1825-0097> ; bibo:authorList <{IRI}#authors-1> ;
  dcterms:contributor <{IRI}#ed> ; marcrel:edt <{IRI}#ed> ; dcterms:issued "2021-05"^^xsd:gYearMonth ;
  dcterms:language lang:ger , lang:eng ; bibo:isbn13 "9783881186766" ; bibo:doi "10.1000/x" ; bibo:handle "a/1" ;
  dcterms:identifier "urn:nbn:de:101:1-2" , "Sig. 7" ; dcterms:abstract "Über Dörfer."@de ;
  dc11:subject "Dorf"@de , "307.72"^^dcterms:DDC ; dcterms:subject <http://example.org/id/keyword/dorf> , gnd:4012775-8 ;
  rdau:P60584 gnd:4128022-2 ; dcterms:type coar:c_93fc ; dc11:type "Aufsatz"@de ; dc11:publisher "Difu" ;
  rdau:P60163 "Berlin" ; dcterms:isPartOf <{IRI}#series> , <{IRI}#periodical> ; isbd:P1053 "12 S." ;
  dcterms:license <http://creativecommons.org/licenses/by/4.0/> ;
  foaf:isPrimaryTopicOf <https://repository.example.org/handle/a/1> .
<{IRI}#authors-1> rdf:first <https://orcid.org/0000-0002-1825-0097> ; rdf:rest <{IRI}#authors-2> .
<{IRI}#authors-2> rdf:first <{IRI}#amt> ; rdf:rest rdf:nil .
<{IRI}#amt> a foaf:Organization ; foaf:name "Amt für Dörfer" .
<{IRI}#ed> a foaf:Person ; foaf:name "Muster, Maria" .
<{IRI}#series> a bibo:Series ; dcterms:title "Reihe" ; bibo:issn "1234-5679" .
<{IRI}#periodical> a bibo:Periodical ; bibo:issn "0028-0836" .
"""


def names(iris: Collection[str]) -> dict[str, str]:
    return {iri: NAMES[iri] for iri in iris if iri in NAMES}


@pytest.fixture(scope="module")
def quads() -> list[Quad]:
    return list(parse(TURTLE, format=RdfFormat.TURTLE))


@pytest.fixture(scope="module")
def work(quads: list[Quad]) -> Facts:
    return facts(quads, IRI, "a/1", "2026-01-02T03:04:05Z", names)


def fields(record: ET.Element, tag: str) -> list[tuple[str, str]]:
    return [
        (s.get("code", ""), s.text or "") for f in record.iter(f"{MARC}datafield") if f.get("tag") == tag for s in f
    ]


def test_facts_are_read_in_order(work: Facts) -> None:
    assert [agent.name for agent in work.creators] == ["Carberry, Josiah", "Amt für Dörfer"]
    assert work.creators[0].iri == "https://orcid.org/0000-0002-1825-0097" and work.creators[1].body
    assert work.contributors == (Agent("Muster, Maria", "editor"),)
    assert work.urns == ("urn:nbn:de:101:1-2",) and work.identifiers == ("Sig. 7",)
    assert work.keywords == (Text("Dorf", "de"),) and work.classes == ("307.72",)
    assert work.year == "2021"


def test_marc(work: Facts, quads: list[Quad]) -> None:
    record = ET.fromstring(SCHEMAS["marcxml"].write(work, quads))
    leader = record.findtext(f"{MARC}leader", "")
    assert re.fullmatch(r"[\d ]{5}[\dA-Za-z ][\dA-Za-z][\dA-Za-z ]{3}22\d{5}[\dA-Za-z ]{3}4500", leader)
    control = {f.get("tag"): f.text or "" for f in record.iter(f"{MARC}controlfield")}
    assert control["001"] == "a/1" and control["005"] == "20260102030405.0"
    assert len(control["008"]) == 40 and control["008"][7:11] == "2021" and control["008"][35:38] == "ger"
    blocks = [f.get("tag", "")[0] for f in record.iter(f"{MARC}datafield")]
    assert blocks == sorted(blocks)
    assert ("0", "(orcid)0000-0002-1825-0097") in fields(record, "100")
    assert fields(record, "710") == [("a", "Amt für Dörfer"), ("4", "aut")]
    assert fields(record, "700") == [("a", "Muster, Maria"), ("4", "edt")]
    assert fields(record, "650")[:2] == [("a", "Dorf"), ("0", "(DE-588)4012775-8")]
    assert fields(record, "245") == [("a", "Dörfer"), ("b", "Ein Überblick")]
    assert fields(record, "490") == [("a", "Reihe"), ("x", "1234-5679")]
    assert fields(record, "773") == [("x", "0028-0836")]
    assert fields(record, "082") == [("a", "307.72")]


def test_mods(work: Facts, quads: list[Quad]) -> None:
    record = ET.fromstring(SCHEMAS["mods"].write(work, quads))
    kinds = {one.get("type"): one.text for one in record.findall(f"{MODS}identifier")}
    assert kinds["isbn"] == "9783881186766" and kinds["doi"] == "10.1000/x" and kinds["uri"] == IRI
    subject = next(one for one in record.iter(f"{MODS}subject") if one.get("authority") == "gnd")
    assert (subject.get("valueURI"), subject.findtext(f"{MODS}topic")) == ("https://d-nb.info/gnd/4012775-8", "Dorf")
    assert {one.get("type") for one in record.iter(f"{MODS}relatedItem")} == {"series", "host"}


def test_dublin_core(work: Facts) -> None:
    found = [(name, text.value) for name, text in dublin_core.elements(work)]
    assert found.count(("subject", "Dorf")) == 1  # the keyword and the heading are one word
    for one in (
        ("identifier", IRI), ("identifier", "https://doi.org/10.1000/x"), ("identifier", "urn:isbn:9783881186766"),
        ("subject", "https://d-nb.info/gnd/4012775-8"), ("subject", "ddc:307.72"), ("language", "eng"),
        ("type", "http://purl.org/coar/resource_type/c_93fc"), ("relation", "ISSN 0028-0836"), ("date", "2021-05"),
    ):  # fmt: skip
        assert one in found


def test_a_heading_without_a_name_is_not_made_up(quads: list[Quad]) -> None:
    work = facts(quads, IRI, "a/1", "", lambda iris: {})
    record = ET.fromstring(SCHEMAS["marcxml"].write(work, quads))
    assert fields(record, "650") == []
    assert fields(record, "100")[0] == ("a", "0000-0002-1825-0097")


@examples(max_examples=150, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_no_value_is_markup_or_breaks_a_record(value: str) -> None:
    hostile = f"{value}]]><x a='\"&amp;\x00\x0b\ufffe"
    text = TURTLE.replace('"Dörfer"@de', '"TITLE"@de').replace('"Muster, Maria"', '"NAME"')
    quads = list(parse(text, format=RdfFormat.TURTLE))
    read = facts(quads, IRI, hostile, "2026-01-02T03:04:05Z", lambda iris: dict.fromkeys(iris, hostile))
    for prefix in ("oai_dc", "marcxml", "mods"):
        record = ET.fromstring(SCHEMAS[prefix].write(read, quads))
        assert not [one for one in record.iter() if one.tag.endswith("}x") or one.tag == "x"]
