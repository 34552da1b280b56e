"""Dumps of the GND in each form that it is published in, read as facts without ever being held whole."""

import gzip
import io
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from katalod.errors import AuthorityError
from katalod.linking import Authority, authority, dumps
from katalod.rdf import GND

GNDO = "https://d-nb.info/standards/elementset/gnd#"
ABOUT = f"{GND}4191581-1/about"

TURTLE = f"""
@prefix gndo: <{GNDO}> .
@prefix dnbt: <https://d-nb.info/standards/elementset/dnb#> .
<{GND}4191581-1> a gndo:SubjectHeadingSensoStricto ;
  gndo:preferredNameForTheSubjectHeading "Landwirtschaftsstatistik" ;
  gndo:variantNameForTheSubjectHeading "Agrarstatistik" ;
  gndo:oldAuthorityNumber "(DE-588c)4191581-1", "(DE-588)4000440-5" ;
  dnbt:deprecatedUri "{GND}1012979-0" ;
  gndo:broaderTermGeneral <{GND}4056995-0>, <{GND}4191581-1> ;
  gndo:relatedTerm <{GND}4000449-1> ;
  <http://www.w3.org/2004/02/skos/core#exactMatch> <http://id.loc.gov/authorities/subjects/sh85002415> .
<http://id.loc.gov/authorities/subjects/sh85002415> <http://www.w3.org/2004/02/skos/core#prefLabel>
  "Agriculture--Statistics"@en, "Statistiques agricoles"@fr .
<{ABOUT}> <http://purl.org/dc/terms/modified> "2022-11-25T16:05:11.000" ;
  <http://purl.org/dc/terms/license> <http://creativecommons.org/publicdomain/zero/1.0/> .
<{GND}4056995-0> gndo:preferredNameForTheSubjectHeading "Statistik" .
<{GND}4005728-8> gndo:preferredNameForThePlaceOrGeographicName "Berlin" .
"""

NODES = [
    {
        "@id": f"{GND}4191581-1",
        "@type": [f"{GNDO}SubjectHeadingSensoStricto"],
        f"{GNDO}preferredNameForTheSubjectHeading": [{"@value": "Landwirtschaftsstatistik"}],
        f"{GNDO}variantNameForTheSubjectHeading": [{"@value": "Agrarstatistik"}],
        f"{GNDO}oldAuthorityNumber": [{"@value": "(DE-588c)4191581-1"}, {"@value": "(DE-588)4000440-5"}],
        "https://d-nb.info/standards/elementset/dnb#deprecatedUri": [{"@value": f"{GND}1012979-0"}],
        f"{GNDO}broaderTermGeneral": [{"@id": f"{GND}4056995-0"}, {"@id": f"{GND}4191581-1"}],
        f"{GNDO}relatedTerm": [{"@id": f"{GND}4000449-1"}],
        "http://www.w3.org/2004/02/skos/core#exactMatch": [
            {"@id": "http://id.loc.gov/authorities/subjects/sh85002415"}
        ],
    },
    {
        "@id": "http://id.loc.gov/authorities/subjects/sh85002415",
        "http://www.w3.org/2004/02/skos/core#prefLabel": [
            {"@value": "Agriculture--Statistics", "@language": "en"},
            {"@value": "Statistiques agricoles", "@language": "fr"},
        ],
    },
    {
        "@id": ABOUT,
        "http://purl.org/dc/terms/modified": [{"@value": "2022-11-25T16:05:11.000"}],
        "http://purl.org/dc/terms/license": [{"@id": "http://creativecommons.org/publicdomain/zero/1.0/"}],
    },
    {"@id": f"{GND}4056995-0", f"{GNDO}preferredNameForTheSubjectHeading": [{"@value": "Statistik"}]},
    {"@id": f"{GND}4005728-8", f"{GNDO}preferredNameForThePlaceOrGeographicName": [{"@value": "Berlin"}]},
]

LOBID = [
    {"index": {"_index": "gnd", "_type": "authority", "_id": f"{GND}4191581-1"}},
    {
        "id": f"{GND}4191581-1",
        "type": ["SubjectHeading", "AuthorityResource", "SubjectHeadingSensoStricto"],
        "preferredName": "Landwirtschaftsstatistik",
        "variantName": ["Agrarstatistik"],
        "oldAuthorityNumber": ["(DE-588c)4191581-1", "(DE-588)4000440-5"],
        "deprecatedUri": [f"{GND}1012979-0"],
        "broaderTermGeneral": [
            {"id": f"{GND}4056995-0", "label": "Statistik"},
            {"id": f"{GND}4191581-1", "label": "Landwirtschaftsstatistik"},
        ],
        "relatedTerm": [{"id": f"{GND}4000449-1", "label": "Agrarpolitik"}],
        "exactMatch": [{"id": "http://id.loc.gov/authorities/subjects/sh85002415", "label": "Agriculture--Statistics"}],
        "describedBy": {
            "id": ABOUT,
            "dateModified": "2022-11-25T16:05:11.000",
            "license": {"id": "http://creativecommons.org/publicdomain/zero/1.0/"},
        },
    },
    {"index": {"_index": "gnd", "_id": f"{GND}4056995-0"}},
    {"id": f"{GND}4056995-0", "type": ["SubjectHeading", "AuthorityResource"], "preferredName": "Statistik"},
    {"id": f"{GND}4005728-8", "type": ["PlaceOrGeographicName"], "preferredName": "Berlin"},
]

FORMS = {
    "dump.ttl": TURTLE,
    "nested.jsonld": json.dumps([NODES[:2], [NODES[2:]]], ensure_ascii=False),
    "flat.jsonld": json.dumps(NODES, indent=1),
    "graph.jsonld": json.dumps({"@context": {"gndo": {"@id": GNDO}}, "@graph": NODES}),
    "graph-first.jsonld": json.dumps({"@graph": NODES, "@context": {"gndo": GNDO}}),
    "bulk.jsonl": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in LOBID),
    "lines.jsonl": "\ufeff" + "\r\n".join(json.dumps(row) for row in LOBID if "id" in row),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_same_headings(tmp_path: Path, name: str, packed: bool) -> None:
    data = FORMS[name].encode()
    source = tmp_path / (f"{name}.gz" if packed else name)
    source.write_bytes(gzip.compress(data) if packed else data)
    summary = authority.build(source, tmp_path / "gnd.sqlite")
    assert (summary.headings, summary.variants, summary.version) == (3, 1, "2022-11-25")
    assert [finding.shape for finding in summary.findings] == ["authority-circle"]
    assert "4191581-1" in summary.findings[0].en
    with Authority.open(tmp_path / "gnd.sqlite") as index:
        concept = index.heading("4191581-1")
        assert concept is not None
        assert (concept.label, concept.variants) == ("Landwirtschaftsstatistik", ("Agrarstatistik",))
        assert (concept.broader, concept.related) == ((f"{GND}4056995-0",), (f"{GND}4000449-1",))
        for old in ("1012979-0", "4000440-5", "4191581-1"):
            assert index.current(GND + old) == f"{GND}4191581-1"
        assert index.current(f"{GND}118540238") is None
        assert [hit.kind for hit in index.look_up("Berlin")] == ["place"]
        assert [hit.iri for hit in index.near("agriculture statistics") if hit.english] == [f"{GND}4191581-1"]
        assert index.near("Statistiques agricoles") == ()
        about = (index.modified, index.licence, index.source)
    assert about == ("2022-11-25", "http://creativecommons.org/publicdomain/zero/1.0/", source.name)


CUT = json.dumps(NODES).encode()
BAD = {
    "cut.jsonld": CUT[: len(CUT) // 2],
    "cut-string.jsonl": b'{"id": "https://d-nb.info/gnd/4056995-0", "preferredName": "Sta',
    "cut.jsonld.gz": gzip.compress(CUT * 20)[:-30],
    "page.jsonld": b"<!DOCTYPE html><html><body>404</body></html>",
    "deep.jsonld": b'[{"@id": "x", "y": ' + b"[" * 200_000,
    "deeper.jsonl": b'{"id":' * 100_000,
    "long.jsonld": b'[{"@id": "' + b"x" * 40_000_000,
    "latin.jsonl": '{"id": "https://d-nb.info/gnd/4056995-0", "preferredName": "Lärm"}'.encode("latin-1"),
    "number.jsonl": b"12 13",
    "empty.jsonld": b"[]",
    "nothing.jsonl": b"",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_dump_is_named_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(BAD[name])
    with pytest.raises(AuthorityError, match=name.replace(".", r"\.")):
        authority.build(tmp_path / name, tmp_path / "gnd.sqlite")
    assert not (tmp_path / "gnd.sqlite").exists()


def test_a_dump_is_read_in_the_memory_of_a_piece_of_it() -> None:
    class Endless(io.RawIOBase):
        """An array of 300,000 headings, 40 MB, that is nowhere whole."""

        def __init__(self) -> None:
            self._rows = self._made()
            self._held = b""

        def _made(self) -> Iterator[bytes]:
            yield b"["
            for number in range(300_000):
                yield json.dumps({"@id": f"{GND}{number}", f"{GNDO}variantNameForTheSubjectHeading": "x"}).encode()
                yield b",\n"

        def read(self, size: int = -1) -> bytes:
            while len(self._held) < size and (row := next(self._rows, None)) is not None:
                self._held += row
            data, self._held = self._held[:size], self._held[size:]
            return data

    tracemalloc.start()
    facts = sum(1 for _ in dumps.jsonld(Endless()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert facts == 300_000
    assert peak < 20_000_000


def test_several_dumps_make_one_index(tmp_path: Path) -> None:
    (tmp_path / "subjects.ttl").write_text(TURTLE.replace('"Berlin"', '"Bonn"'), "utf-8")
    place = {"@id": f"{GND}4005728-8", f"{GNDO}preferredNameForThePlaceOrGeographicName": [{"@value": "Berlin"}]}
    (tmp_path / "places.jsonld").write_text(json.dumps([place]), "utf-8")
    told = []
    sources = (tmp_path / "subjects.ttl", tmp_path / "places.jsonld")
    authority.build(sources, tmp_path / "gnd.sqlite", progress=lambda doing, done, total: told.append(doing))
    with Authority.open(tmp_path / "gnd.sqlite") as index:
        assert index.look_up("Berlin") and index.look_up("Statistik")
        assert index.source == "subjects.ttl, places.jsonld"
    assert told[0] == "loading subjects.ttl" and "loading places.jsonld" in told
