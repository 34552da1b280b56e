"""Our OAI-PMH answers and the records in them against the published XML Schemas (`xsd/README.md`)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from lxml import etree
from pyoxigraph import RdfFormat, parse
from tests.conftest import Fields, dim_page, dim_record, work_fields
from tests.federation import ORIGIN, deletion
from tests.unit.test_exchange import IRI, TURTLE, names

from katalod import pipeline
from katalod.assets import asset
from katalod.catalogue import Catalogue
from katalod.settings import Settings
from katalod.web import create_app, oai_answers
from katalod.web.exchange import SCHEMAS, facts

XSD = Path(__file__).parent / "xsd"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
HOSTILE = "</title>]]><!--&amp;\t\u0085\u2028 'x' \"y\" \U0001f600"
FULL: Fields = [
    ("title", HOSTILE, "de"),
    ("title", "Second title", "en"),
    ("title.subtitle", "Untertitel", "de"),
    ("title.alternative", "Anders", "de"),
    ("contributor.author", "Muster, Maria", None),
    ("contributor.author", "Amt für Städtebau", None),
    ("contributor.editor", "Beispiel, Bernd", None),
    ("contributor.advisor", "Rat, Rita", None),
    ("contributor.translator", "Über, Setzer", None),
    ("date.issued", "2021-05-28", None),
    ("type", "Zeitschriftenaufsatz", "de"),
    ("language.iso", "de", None),
    ("language.iso", "en", None),
    ("publisher", "Difu", None),
    ("publisher.place", "Berlin", None),
    ("relation.ispartofseries", "Difu-Papers ; 7", None),
    ("relation.ispartof", "Informationen zur Raumentwicklung", None),
    ("identifier.isbn", "978-3-88118-676-6", None),
    ("identifier.issn", "0028-0836", None),
    ("identifier.doi", "10.1000/182", None),
    ("identifier.urn", "urn:nbn:de:101:1-201", None),
    ("identifier.uri", "https://repository.example.org/handle/difu/80", None),
    ("identifier.citation", "IzR 7 (2021), S. 1-2", None),
    ("subject", "Dorf", "de"),
    ("subject", HOSTILE, "de"),
    ("subject.ddc", "307.72", None),
    ("description.abstract", f"Von Dörfern. {HOSTILE}", "de"),
    ("description.tableofcontents", "1 Anfang", "de"),
    ("description", "Eine Bemerkung", "de"),
    ("format.extent", "12 S.", None),
    ("coverage.spatial", "Berlin", None),
    ("rights.uri", "https://creativecommons.org/licenses/by/4.0/", None),
    ("rights", "Alle Rechte", "de"),
]


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(XSD / "all.xsd", etree.XMLParser(no_network=True)))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder = tmp_path_factory.mktemp("schemas")
    settings = Settings(home=folder / "home", base="https://data.example.org/", publish_jobs=1)
    records = [dim_record(f"{ORIGIN}:difu/{n}", work_fields(n)) for n in range(12)]
    records += [
        dim_record(f"{ORIGIN}:difu/80", FULL),
        dim_record(f"{ORIGIN}:difu/81", [("title", "Nur ein Titel", None)]),
    ]
    for targets in (records, [deletion(3)]):
        page = folder / "page.xml"
        page.write_text(dim_page(targets), "utf-8")
        pipeline.publish(settings, (str(page), str(asset("data/difu-581658.dim.xml"))), lambda *_: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(oai_answers, "PAGE", {"ListRecords": 5, "ListIdentifiers": 5})
        yield create_app(settings, Catalogue(settings)).test_client()


def valid(schema: etree.XMLSchema, text: str) -> etree._Element:
    """Read an answer that is as its schema demands; MODS by that of version 3.4, to which 3.8 only adds."""
    root = etree.fromstring(text.replace('version="3.8"', 'version="3.4"').encode())
    assert schema.validate(root), [f"{one.line}: {one.message}" for one in schema.error_log][:5]
    return root


IDENTIFIER = "oai:data.example.org:difu/80"
REQUESTS = [
    {"verb": "Identify"},
    {"verb": "ListMetadataFormats"},
    {"verb": "ListMetadataFormats", "identifier": IDENTIFIER},
    {"verb": "ListSets"},
    *({"verb": "GetRecord", "identifier": IDENTIFIER, "metadataPrefix": prefix} for prefix in SCHEMAS),
    {"verb": "GetRecord", "identifier": "oai:data.example.org:difu/3", "metadataPrefix": "mods"},  # deleted
    {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "set": "year:1995"},
    {"verb": "ListRecords", "metadataPrefix": "marcxml", "from": "2020-01-01", "until": "2999-12-31"},
]
FAULTS = {
    "badVerb": [{}, {"verb": "x"}],
    "badArgument": [
        {"verb": "Identify", "x": "y"},
        {"verb": "Identify", "Verb": "<&\"'>"},
        {"verb": "GetRecord", "identifier": "oai:x:y z<", "metadataPrefix": "oai_dc"},
        {"verb": "ListMetadataFormats", "identifier": "oai:%%%\x00"},
        {"verb": "GetRecord", "identifier": IDENTIFIER, "metadataPrefix": "a b"},
        {"verb": "ListRecords", "metadataPrefix": ""},
        {"verb": "ListRecords", "metadataPrefix": "<&\"'>"},
        {"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "a b:c/d"},
        {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "set": "nix::"},
        {"verb": "GetRecord"},
        {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "<&\x00\ufffe"},
        {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2022-01-01", "until": "2021-01-01"},
    ],
    "idDoesNotExist": [
        {"verb": "GetRecord", "identifier": "really_wrong_id", "metadataPrefix": "oai_dc"},
        {"verb": "ListMetadataFormats", "identifier": "oai:data.example.org:difu/nothing"},
    ],
    "cannotDisseminateFormat": [
        {"verb": "GetRecord", "identifier": IDENTIFIER, "metadataPrefix": "xoai"},
        {"verb": "ListRecords", "metadataPrefix": "!~*'()"},
    ],
    "noRecordsMatch": [
        {"verb": "ListRecords", "metadataPrefix": "oai_dc", "until": "1990-01-01"},
        {"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "type:nothing"},
    ],
    "badResumptionToken": [
        {"verb": "ListRecords", "resumptionToken": "a b\t<&\x01"},
        {"verb": "ListSets", "resumptionToken": "x"},
    ],
}


@pytest.mark.parametrize("asked", REQUESTS, ids=lambda asked: " ".join(asked.values()))
def test_answers_are_valid(client: FlaskClient, schema: etree.XMLSchema, asked: dict[str, str]) -> None:
    root = valid(schema, client.get(f"/oai?{urlencode(asked)}").text)
    assert root[2].tag == OAI + asked["verb"]
    assert dict(root[1].attrib) == asked


@pytest.mark.parametrize("prefix", SCHEMAS)
@pytest.mark.parametrize("verb", ["ListRecords", "ListIdentifiers"])
def test_every_page_of_a_list_is_valid(client: FlaskClient, schema: etree.XMLSchema, verb: str, prefix: str) -> None:
    asked, seen = {"verb": verb, "metadataPrefix": prefix}, 0
    while asked:
        root = valid(schema, client.get(f"/oai?{urlencode(asked)}").text)
        seen += len(root.findall(f".//{OAI}header"))
        token = root.findtext(f".//{OAI}resumptionToken")
        asked = {"verb": verb, "resumptionToken": token} if token else {}
    assert seen == 15


@pytest.mark.parametrize(("code", "asked"), [(code, asked) for code, some in FAULTS.items() for asked in some])
def test_errors_are_valid(client: FlaskClient, schema: etree.XMLSchema, code: str, asked: dict[str, str]) -> None:
    root = valid(schema, client.get(f"/oai?{urlencode(asked)}").text)
    assert root.find(f"{OAI}error").get("code") == code


def test_a_work_with_everything_and_one_with_nothing_are_valid(schema: etree.XMLSchema) -> None:
    quads = list(parse(TURTLE, format=RdfFormat.TURTLE))
    whole = facts(quads, IRI, "a/1", "2026-01-02T03:04:05Z", names)
    bare = facts(quads[:1], IRI, "a/1", "", names)
    odd = replace(whole, languages=("xyzzy", "de"), issued="um 1900", pages=("a b\\c",), licences=("x y",))
    for work in (whole, bare, odd):
        for name in ("oai_dc", "marcxml", "mods"):
            valid(schema, SCHEMAS[name].write(work, quads))


def test_the_schemas_find_faults(schema: etree.XMLSchema) -> None:
    good = SCHEMAS["marcxml"].write(facts([], IRI, "a/1", "", names), [])
    valid(schema, good)
    for bad in (
        good.replace('tag="001"', 'tag="1"'),
        good.replace("4500<", "<"),
        good.replace("<leader>", "<leader x='1'>"),
    ):
        assert bad != good and not schema.validate(etree.fromstring(bad.encode()))
