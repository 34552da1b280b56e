"""What is given by hand is cut into records, or refused with a reason; nothing is lost without a word."""

import gzip
import io
import json
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from katalod.errors import SourceError
from katalod.model import Finding, RawRecord, Severity
from katalod.sources import files, pages
from katalod.sources.datestamps import utc

SHARED = Path(__file__).parents[2].parent / "shared"
BAD = SHARED / "data" / "bad.tar.gz"
OAI = 'xmlns="http://www.openarchives.org/OAI/2.0/"'
DC = 'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'


def record(number: int, metadata: str | None = None, status: str = "", namespaces: str = DC) -> str:
    body = f"<oai_dc:dc {namespaces}><dc:title>Title {number}</dc:title></oai_dc:dc>" if metadata is None else metadata
    return (
        f"<record><header{status}><identifier>oai:example.org:{number}</identifier>"
        f"<datestamp>2024-05-0{number}T10:00:00Z</datestamp></header>"
        f"{f'<metadata>{body}</metadata>' if body else ''}</record>"
    )


def page(*parts: str, verb: str = "ListRecords", root: str = OAI) -> str:
    return f'<?xml version="1.0"?><OAI-PMH {root}><{verb}>{"".join(parts)}</{verb}></OAI-PMH>'


def read(text: str | bytes) -> list[RawRecord | Finding]:
    data = text.encode() if isinstance(text, str) else text
    return list(pages.records(io.BytesIO(data), "files", "a.xml"))


def taken(found: list[RawRecord | Finding]) -> list[RawRecord]:
    return [item for item in found if isinstance(item, RawRecord)]


def shapes(found: list[RawRecord | Finding]) -> list[str]:
    return [item.shape for item in found if isinstance(item, Finding)]


def test_a_page_gives_its_records_in_order_with_their_places() -> None:
    first, second = taken(read(page(record(1), record(2))))
    assert (first.identifier, first.datestamp, first.form) == ("oai:example.org:1", "2024-05-01T10:00:00Z", "oai_dc")
    assert (first.position, second.position, second.origin) == (1, 2, "a.xml")
    assert b"<dc:title>Title 1</dc:title>" in first.payload


def test_a_payload_stands_alone_though_its_namespaces_were_declared_far_above() -> None:
    (raw,) = taken(read(page(record(1, namespaces=""), root=f"{OAI} {DC} xmlns:unused='http://example.org/'")))
    from xml.etree import ElementTree

    root = ElementTree.fromstring(raw.payload)
    assert root[0].tag == "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc"
    assert root[0][0].text == "Title 1"
    assert b"unused" not in raw.payload


def test_a_payload_is_the_same_wherever_chunks_end(monkeypatch: pytest.MonkeyPatch) -> None:
    text = page(*(record(n) for n in range(1, 8)))
    whole = taken(read(text))
    for size in (1, 7, 64, 1000):
        monkeypatch.setattr(pages, "CHUNK", size)
        assert taken(read(text)) == whole


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "iso-8859-1"])
def test_every_encoding_ends_as_utf8(encoding: str) -> None:
    declared = "utf-16" if encoding.startswith("utf-16") else encoding.removesuffix("-sig")
    text = page(record(1)).replace("Title", "Städtebau").replace('"1.0"', f'"1.0" encoding="{declared}"')
    (raw,) = taken(read(text.encode(encoding)))
    assert "Städtebau 1".encode() in raw.payload


@pytest.mark.parametrize(
    ("root", "form"),
    [
        ('<dim:dim xmlns:dim="http://www.dspace.org/xmlns/dspace/dim">{}</dim:dim>', "dim"),
        ('<metadata xmlns="http://www.lyncode.com/xoai">{}</metadata>', "xoai"),
        ('<mods xmlns="http://www.loc.gov/mods/v3">{}</mods>', "mods"),
        ('<record xmlns="http://www.loc.gov/MARC21/slim">{}</record>', "marc21"),
        ('<collection xmlns="http://www.loc.gov/MARC21/slim"><record>{}</record></collection>', "marc21"),
        ("<collection><record>{}</record></collection>", "marc21"),
    ],
)
def test_a_bare_document_is_one_record(root: str, form: str) -> None:
    inner = {
        "dim": '<dim:field mdschema="dc" element="identifier">x1</dim:field>',
        "xoai": '<element name="dc"><element name="identifier"><element name="none"><field name="value">x1</field>'
        "</element></element></element>",
        "mods": "<identifier>x1</identifier>",
        "marc21": '<controlfield tag="001">x1</controlfield>',
    }[form]
    (raw,) = taken(read(root.format(inner)))
    assert (raw.form, raw.identifier, raw.datestamp, raw.position) == (form, "x1", "", 1)
    assert inner.encode() in raw.payload
    assert raw.payload.endswith(b"</metadata>")


def test_records_of_a_collection_are_parted() -> None:
    one = '<record><leader/><controlfield tag="001">{}</controlfield></record>'
    text = f'<collection xmlns="http://www.loc.gov/MARC21/slim">{one.format(1)}{one.format(2)}</collection>'
    assert [raw.identifier for raw in taken(read(text))] == ["1", "2"]


def test_a_handle_names_a_record_without_header() -> None:
    text = (
        f"<oai_dc:dc {DC}><dc:identifier>ISBN 3</dc:identifier>"
        "<dc:identifier>https://x.org/handle/difu/7</dc:identifier></oai_dc:dc>"
    )
    assert taken(read(text))[0].identifier == "difu/7"


def test_a_deletion_has_no_payload_even_if_metadata_came_with_it() -> None:
    found = read(page(record(1, status=' status="deleted"'), record(2, metadata="", status=' status="deleted"')))
    assert [(raw.deleted, raw.payload) for raw in taken(found)] == [(True, b""), (True, b"")]
    assert shapes(found) == ["deleted-with-metadata"]


@pytest.mark.parametrize("metadata", ["", "<oai_dc:dc/>", "&lt;dc&gt;", "<![CDATA[<dc>x</dc>]]>", " "])
def test_a_live_record_without_metadata_is_a_violation_and_no_record(metadata: str) -> None:
    text = page(record(1, metadata=metadata), record(2), root=f"{OAI} {DC}")
    found = read(text)
    assert [raw.identifier for raw in taken(found)] == ["oai:example.org:2"]
    (finding,) = [item for item in found if isinstance(item, Finding)]
    assert (finding.shape, finding.severity, finding.position) == ("no-metadata", Severity.VIOLATION, 1)
    assert finding.identifier == "oai:example.org:1"


def test_what_is_odd_is_said_and_taken() -> None:
    odd = record(1).replace("2024-05-01T10:00:00Z", "2024-13-45")
    twice = record(2).replace("</metadata>", "</metadata><metadata><a><b/></a></metadata>")
    found = read(page(odd, twice, record(3, status=' status="withdrawn"'), root='xmlns="http://example.org/"'))
    assert [raw.datestamp for raw in taken(found)] == ["", "2024-05-02T10:00:00Z", "2024-05-03T10:00:00Z"]
    assert shapes(found) == ["oai-namespace", "datestamp", "metadata-twice", "status"]
    assert b"<b/>" not in taken(found)[1].payload


def test_the_same_record_twice_comes_twice() -> None:
    assert len(taken(read(page(record(1), record(1))))) == 2


def test_no_records_match_is_news_and_no_fault() -> None:
    found = read(f'<OAI-PMH {OAI}><error code="noRecordsMatch">none</error></OAI-PMH>')
    assert shapes(found) == ["no-records-match"]
    assert found[0].severity is Severity.INFO  # type: ignore[union-attr]


@pytest.mark.parametrize(("verb", "shape"), [("Identify", "no-records"), ("ListSets", "no-records")])
def test_another_answer_is_named(verb: str, shape: str) -> None:
    (finding,) = read(page(verb=verb))
    assert isinstance(finding, Finding)
    assert finding.shape == shape
    assert verb in finding.en
    assert verb in finding.de


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f'<OAI-PMH {OAI}><error code="badArgument">no such set</error></OAI-PMH>', "badArgument.*no such set"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "document type"),
        ("<html><body/></html>", "HTML"),
        ("<rdf/>", "'rdf'"),
        ("{}", "line 1, column 1"),
        (page(record(1, metadata="<a>" * 300 + "</a>" * 300)), "200 deep"),
        ('<?xml version="1.0" encoding="x-none"?><a/>', "x-none"),
        (page(record(1, metadata="<a>&nbsp;<b/></a>")), "entity"),
        (f"<records {' '.join(f'xmlns:n{n}={chr(34)}u{n}{chr(34)}' for n in range(2000))}/>", "1000 namespaces"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(SourceError, match=f"a.xml(.|\n)*{reason}"):
        read(text)


def test_good_records_come_before_the_fault_of_a_cut_page() -> None:
    text = page(record(1), record(2), record(3))
    found = pages.records(io.BytesIO(text[: text.index("Title 3")].encode()), "files", "a.xml")
    assert isinstance(next(found), RawRecord)
    assert isinstance(next(found), RawRecord)
    with pytest.raises(SourceError, match="line 1, column"):
        next(found)


def test_a_comment_without_end_is_not_scanned_for_ever() -> None:
    class Endless:
        def __init__(self) -> None:
            self.first = page().split("</")[0].encode() + b"<!--"

        def read(self, size: int = -1, /) -> bytes:
            first, self.first = self.first, b""
            return first or b"x" * size

    with pytest.raises(SourceError, match="16 MB"):
        list(pages.records(Endless(), "files", "a.xml"))


def manifest() -> Iterator[Any]:
    if not BAD.exists():
        yield pytest.param({}, b"", marks=pytest.mark.skip(reason="no ../shared: would have read data/bad.tar.gz"))
        return
    with tarfile.open(BAD) as archive:
        rows = json.load(archive.extractfile("bad/MANIFEST.json"))  # type: ignore[arg-type]
        for row in rows:
            if row["file"].startswith("oai/"):
                data = archive.extractfile(f"bad/{row['file']}").read()  # type: ignore[union-attr]
                yield pytest.param(row, data, id=row["file"].removeprefix("oai/"))


@pytest.mark.parametrize(("row", "data"), list(manifest()))
def test_bad_input_ends_as_its_manifest_says(row: dict[str, str | int], data: bytes, tmp_path: Path) -> None:
    target = tmp_path / Path(str(row["file"])).name
    target.write_bytes(data)
    begin = time.perf_counter()
    found = list(files.records(str(target)))
    assert time.perf_counter() - begin < 2
    records, refused = taken(found), "unreadable" in shapes(found)
    whole = (len(records), sum(raw.deleted for raw in records)) == (row["records"], row["deleted"])
    match row["expect"]:
        case "accept":
            assert whole
            assert not refused
        case "reject":
            assert refused or shapes(found) in (["empty"], ["no-records"])
        case "error":
            assert refused
            assert any(str(row["code"]) in item.en for item in found if isinstance(item, Finding))
        case "empty":
            assert (records, shapes(found)) == ([], ["no-records-match"])
        case "lenient":
            assert whole or shapes(found)
        case other:
            pytest.fail(f"the manifest expects {other}")


@pytest.mark.parametrize(
    ("written", "stamp"),
    [
        ("2024-05-01", "2024-05-01"),
        (" 2024-05-01T10:00:00Z ", "2024-05-01T10:00:00Z"),
        ("2024-05-01T01:00:00+02:00", "2024-04-30T23:00:00Z"),
        ("2017-06-24T00:40:54.970+0000", "2017-06-24T00:40:54Z"),
        ("2016-10-14 10:41:12.886", "2016-10-14T10:41:12Z"),
        ("2024-02-30", ""),
        ("0000-00-00T00:00:00Z", ""),
        ("9999-12-31T23:59:59-05:00", ""),
        ("yesterday", ""),
        ("٢٠٢٤-٠٥-٠١", ""),
        ("20240501", ""),
        ("", ""),
    ],
)
def test_datestamps_are_brought_to_utc(written: str, stamp: str) -> None:
    assert utc(written) == stamp


@given(st.text(max_size=40))
def test_no_datestamp_crashes(text: str) -> None:
    stamp = utc(text)
    assert stamp == "" or utc(stamp) == stamp


# Files, folders, archives, JSON, text.

ITEM = {
    "uuid": "u-1",
    "handle": "difu/7",
    "metadata": {"dc.title": [{"value": "Städte", "language": "de"}]},
    "inArchive": True,
    "discoverable": True,
    "withdrawn": False,
    "lastModified": "2017-06-24T00:40:54.970+0000",
    "type": "item",
}
OLD = {"id": 3, "type": "item", "metadata": [{"key": "dc.title", "value": "Alt", "language": None}]}
TEXT = "2021-05-282021https://example.org/handle/difu/581658International migration"


def of(tmp_path: Path, name: str, content: str | bytes) -> list[RawRecord | Finding]:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(files.records(str(path)))


@pytest.mark.parametrize(
    ("document", "identifiers"),
    [
        (ITEM, ["difu/7"]),
        ([ITEM, OLD], ["difu/7", "3"]),
        ({"items": [OLD]}, ["3"]),
        ({"_embedded": {"items": [ITEM]}}, ["difu/7"]),
        (
            {"_embedded": {"searchResult": {"_embedded": {"objects": [{"_embedded": {"indexableObject": ITEM}}]}}}},
            ["difu/7"],
        ),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_items_are_found_in_every_shape_of_page(
    tmp_path: Path, document: object, identifiers: list[str], indent: int | None
) -> None:
    found = of(tmp_path, "a.json", json.dumps(document, indent=indent))
    assert [raw.identifier for raw in taken(found)] == identifiers
    assert shapes(found) == []
    assert {raw.form for raw in taken(found)} == {"dspace7"}


def test_an_item_keeps_its_bytes_and_its_datestamp(tmp_path: Path) -> None:
    text = json.dumps(ITEM, indent=1, ensure_ascii=False)
    (raw,) = taken(of(tmp_path, "a.json", text))
    assert (raw.payload.decode(), raw.datestamp) == (text, "2017-06-24T00:40:54Z")


def test_json_lines_stream_and_tell_the_line_of_a_fault(tmp_path: Path) -> None:
    lines = "\n".join([json.dumps(ITEM), "", json.dumps(OLD), ""])
    assert [raw.position for raw in taken(of(tmp_path, "a.jsonl", lines))] == [1, 2]
    found = of(tmp_path, "b.jsonl", lines + "{broken")
    assert "line 4" in next(item.en for item in found if isinstance(item, Finding))


def test_withdrawn_items_are_deletions_and_hidden_ones_are_left_alone(tmp_path: Path) -> None:
    variants = [ITEM | {"withdrawn": True}, ITEM | {"discoverable": False}, ITEM | {"inArchive": False}, OLD]
    found = of(tmp_path, "a.json", json.dumps([*variants, OLD | {"withdrawn": "true"}, ITEM | {"type": "collection"}]))
    assert [(raw.identifier, raw.deleted) for raw in taken(found)] == [("difu/7", True), ("3", False), ("3", True)]
    assert shapes(found) == ["not-published", "not-published", "not-an-item"]


@pytest.mark.parametrize(
    "content",
    [
        "[1, 2",
        '{"a": ',
        "[" * 100_000,
        '{"a":' * 100_000,
        b"PK\x03\x04rest",
        b"\x00\x01\x02",
        "just a note",
        b"\x1f\x8b",
    ],
)
def test_rubbish_is_unreadable_and_says_what_to_do(tmp_path: Path, content: str | bytes) -> None:
    (finding,) = of(tmp_path, "a.json", content)
    assert isinstance(finding, Finding)
    assert (finding.shape, finding.severity, finding.origin) == ("unreadable", Severity.VIOLATION, "a.json")
    assert "a.json" in finding.en


@pytest.mark.parametrize("content", ["", " \n", "[]", "{}", '{"metadata": 3}'])
def test_nothing_in_a_file_is_said(tmp_path: Path, content: str) -> None:
    (finding,) = of(tmp_path, "a.json", content)
    assert isinstance(finding, Finding)
    assert finding.shape in ("empty", "no-records")


def test_half_a_surrogate_pair_does_no_harm(tmp_path: Path) -> None:
    odd = '{"handle": "a/1", "type": "\\ud800", "metadata": {}}'
    (finding,) = of(tmp_path, "a.json", odd)
    assert isinstance(finding, Finding)
    assert finding.en.encode()


def test_text_is_one_record_named_by_its_handle(tmp_path: Path) -> None:
    (raw,) = taken(of(tmp_path, "a.txt", TEXT))
    assert (raw.form, raw.identifier, raw.payload.decode()) == ("text", "text:difu/581658", TEXT)
    (other,) = taken(of(tmp_path, "b.txt", "978-3-88118-676-6 Ein Bericht"))
    assert other.identifier.startswith("text:")
    assert len(other.identifier) == 21
    assert shapes(of(tmp_path, "c.txt", "2021-05-28" + "x" * (1 << 20))) == ["unreadable"]


def test_a_folder_is_read_in_order_and_other_files_are_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for name in ("b/2.xml", "a.xml", ".hidden.xml", ".git/x.xml", "readme.md", "b/picture.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(page(record(1)))
    (folder / "c.xml.gz").write_bytes(gzip.compress(page(record(2)).encode()))
    assert [document.origin for document in files.documents(str(folder))] == ["in/a.xml", "in/b/2.xml", "in/c.xml.gz"]
    assert len(taken(list(files.records(str(folder))))) == 3


def packed(members: dict[str, bytes], mode: str = "w:gz") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("link.xml")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return out.getvalue()


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_an_archive_is_streamed_in_its_order_and_one_bad_file_does_not_stop_the_others(
    tmp_path: Path, mode: str
) -> None:
    members = {
        "z.xml": page(record(1)).encode(),
        "../../evil.xml": b"<broken",
        "a/item.json": json.dumps(ITEM).encode(),
        "a/packed.xml.gz": gzip.compress(page(record(2)).encode()),
        "a/inner.tar": packed({"x.xml": page(record(3)).encode()}, "w"),
        "picture.png": b"\x89PNG",
    }
    found = of(tmp_path, "bundle.bin", packed(members, mode))
    assert [(raw.identifier, raw.origin) for raw in taken(found)] == [
        ("oai:example.org:1", "bundle.bin/z.xml"),
        ("difu/7", "bundle.bin/a/item.json"),
        ("oai:example.org:2", "bundle.bin/a/packed.xml.gz"),
    ]
    assert [(item.shape, item.origin) for item in found if isinstance(item, Finding)] == [
        ("unreadable", "bundle.bin/evil.xml"),
        ("unreadable", "bundle.bin/a/inner.tar"),
    ]


def test_an_archive_that_is_cut_off_says_so_after_its_good_files(tmp_path: Path) -> None:
    data = packed({f"{n}.xml": (page(record(n)) + " " * 2000).encode() for n in (1, 2, 3)}, "w")
    found = of(tmp_path, "a.tar", data[:6000])
    assert len(taken(found)) >= 1
    assert shapes(found)[-1] == "unreadable"


@pytest.mark.parametrize("data", [packed({}), packed({}, "w"), b"\0" * 10240, packed({"a.png": b"x"})])
def test_an_empty_archive_is_said(tmp_path: Path, data: bytes) -> None:
    assert shapes(of(tmp_path, "a.tar", data)) == ["empty"]


def test_an_empty_folder_and_a_missing_target(tmp_path: Path) -> None:
    assert shapes(list(files.records(str(tmp_path)))) == ["empty"]
    with pytest.raises(SourceError, match="no such file"):
        list(files.records(str(tmp_path / "gone.xml")))


def test_a_document_ends_in_an_error_so_that_its_records_can_be_rolled_back(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(page(record(1))[:-20])
    for document in files.documents(str(tmp_path / "a.xml")):
        assert isinstance(next(document.records), RawRecord)
        with pytest.raises(SourceError):
            next(document.records)


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(page(record(1)).encode()))
    monkeypatch.setattr("sys.stdin", stream)
    assert [raw.origin for raw in taken(list(files.records("-")))] == ["-"]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_no_bytes_crash(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "a.xml"
        target.write_bytes(data)
        assert list(files.records(str(target)))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 700), st.binary(min_size=1, max_size=3))
def test_no_damage_to_a_page_crashes(place: int, damage: bytes) -> None:
    text = page(record(1), record(2)).encode()
    try:
        found = read(text[:place] + damage + text[place + len(damage) :])
    except SourceError:
        return
    assert found
