"""Works read out of the dump are those of the store; the difference of two dumps is that of their lines."""

from pathlib import Path

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse

from katalod import dumped
from katalod.dumped import Dumped
from katalod.pipeline import dump

BASE = "http://example.org/"
PATHS = ("1", "10", "1a", "a/1", "a/1.2", "a/1/2", "a-1", "ä")


def lines(paths: set[str], extra: str = "") -> list[bytes]:
    """Statements of works whose paths begin alike, of their parts and documents; and of a keyword."""
    from katalod.rdf import doc_iri, work_iri

    found = {f'<{BASE}id/keyword/1> <{BASE}p> "k" <{BASE}graph/keywords> .\n'}
    for path in paths:
        work, document = work_iri(BASE, path).value, doc_iri(BASE, path).value
        for number in range(40):
            found |= {
                f'<{work}> <{BASE}p#{number}> "{path}{extra}" .\n',
                f'<{work}#part-{number}> <{BASE}p> "{path}" .\n',
            }
        found.add(f"<{document}> <{BASE}p> <{work}> .\n")
    return sorted(line.encode() for line in found)


@examples(max_examples=25, deadline=None)
@given(st.sets(st.sampled_from(PATHS)))
def test_each_work_gets_its_own_lines(tmp_path_factory, paths: set[str]) -> None:  # type: ignore[no-untyped-def]
    folder: Path = tmp_path_factory.mktemp("dumped")
    dump.write(lines(set(PATHS)), folder)
    found = dict(Dumped(folder, BASE).works(sorted(paths)))
    assert list(found) == sorted(paths)
    for path, quads in found.items():
        own = [line for line in lines({path}) if b"keyword" not in line]
        assert set(quads) == set(parse(b"".join(own), format=RdfFormat.N_QUADS))
        assert len(quads) == len(own)


def test_what_is_not_there_has_no_lines(tmp_path: Path) -> None:
    dump.write(lines({"1"}), tmp_path)
    assert next(iter(Dumped(tmp_path, BASE).works(["2", "1", "zzz"]))) == ("2", [])
    dump.write([], tmp_path)
    assert list(Dumped(tmp_path, BASE).works(["1"])) == [("1", [])]


@examples(max_examples=25, deadline=None)
@given(st.sets(st.sampled_from(PATHS)), st.sets(st.sampled_from(PATHS)), st.sampled_from(["", "!"]))
def test_the_difference_is_that_of_the_lines(tmp_path_factory, then: set[str], now: set[str], extra: str) -> None:  # type: ignore[no-untyped-def]
    before, after = (tmp_path_factory.mktemp(name) for name in ("before", "after"))
    old, new = lines(then), lines(now, extra)
    dump.write(old, before)
    dump.write(new, after)
    found = list(dumped.difference(before, after))
    assert {line.encode() for mark, line in found if mark == "D"} == set(old) - set(new)
    assert {line.encode() for mark, line in found if mark == "A"} == set(new) - set(old)
    assert [line for _, line in found] == sorted(line for _, line in found)
