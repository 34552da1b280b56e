"""A patched dump is, byte for byte, the dump that is written from the start."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from katalod.pipeline import dump

lines = st.integers(0, 3000).map(lambda n: f'<http://example.org/{n:04d}> <http://x/p> "ä{n}" .\n'.encode())


@pytest.fixture(autouse=True)
def small_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dump, "CUT", 4)


@settings(max_examples=150, deadline=None)
@given(st.sets(lines, max_size=200), st.sets(lines, max_size=40), st.sets(lines, max_size=40))
def test_patching_is_writing_anew(
    tmp_path_factory: pytest.TempPathFactory, old: set[bytes], out: set[bytes], new: set[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("dump")
    former, patched, anew = (folder / name for name in ("former", "patched", "anew"))
    for each in (former, patched, anew):
        each.mkdir()
    removed, added = out & old, new - (old - out)
    dump.write(sorted(old), former)
    expected = dump.write(sorted((old - removed) | added), anew)
    assert dump.patch(former, removed, added, patched) == expected
    for name in (dump.NAME, dump.INDEX):
        assert (patched / name).read_bytes() == (anew / name).read_bytes()


def test_it_is_ordinary_gzip(tmp_path: Path) -> None:
    content = [f"line {n}\n".encode() for n in range(5000)]
    dump.write(content, tmp_path)
    assert gzip.decompress((tmp_path / dump.NAME).read_bytes()) == b"".join(content)
    assert len(dump.read_index(tmp_path)) > 100


def test_untouched_members_are_not_packed_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = sorted(f"line {n}\n".encode() for n in range(5000))
    (tmp_path / "new").mkdir()
    dump.write(content, tmp_path)
    packed: list[int] = []
    pack = dump._pack
    monkeypatch.setattr(dump, "_pack", lambda lines: packed.append(1) or pack(lines))
    dump.patch(tmp_path, [b"line 2500\n"], [b"line 2500b\n"], tmp_path / "new")
    assert 0 < len(packed) < 5
