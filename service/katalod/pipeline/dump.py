"""The dump: sorted N-Quads in gzip members that are cut where the content says, so that a change stays local.

A member begins with the first line and with every line whose CRC-32 is divisible by CUT. Writing a changed
list of lines from the start, and patching the members that changes fall into, give the same bytes (gzip
members concatenate: RFC 1952, 2.2). `dump.index` says where each member lies; the dump's digest is that of
its members' digests.
"""

import hashlib
import json
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from katalod.dumped import INDEX, NAME, Member, read_index

CUT = 512  # lines in a member, on average: some 60 kB
LEVEL = 5
AHEAD = 64  # members that are compressed together


def write(lines: Iterable[bytes], folder: Path) -> str:
    """Write the dump of sorted lines and its index; gives its digest."""
    with (folder / NAME).open("wb") as file:
        return _indexed(folder, list(_written(_cut(lines), file)))


def patch(former: Path, removed: Iterable[bytes], added: Iterable[bytes], folder: Path) -> str:
    """Write a dump that differs from a former one in some lines; only members they fall into are packed anew."""
    members = read_index(former)
    edits = _edits(members, sorted(removed), sorted(added))
    kept: list[Member] = []
    with (former / NAME).open("rb") as source, (folder / NAME).open("wb") as file:
        number = 0
        while number < len(members) or (number == 0 and edits):
            run: list[bytes] = []
            begun = number
            while number in edits:
                if number < len(members):
                    run.append(zlib.decompress(source.read(members[number].size), wbits=31))
                number += 1
            if number > begun:
                gone = set[bytes]().union(*(edits[n][0] for n in range(begun, number)))
                new = set[bytes]().union(*(edits[n][1] for n in range(begun, number)))
                lines = sorted((set(b"".join(run).splitlines(keepends=True)) - gone) | new)
                kept.extend(_written(_cut(lines), file))
            if number < len(members) and number not in edits:
                file.write(source.read(members[number].size))
                kept.append(members[number])
                number += 1
    return _indexed(folder, kept)


def _edits(
    members: Sequence[Member], removed: Sequence[bytes], added: Sequence[bytes]
) -> dict[int, tuple[set[bytes], set[bytes]]]:
    """Say for each member that changes which lines leave it and which come in.

    Where the line that a member begins with leaves, the member before has to take up the rest.
    """
    firsts = [member.first.encode() for member in members]
    edits: dict[int, tuple[set[bytes], set[bytes]]] = {}
    for side, lines in enumerate((removed, added)):
        for line in lines:
            number = max(0, bisect_right(firsts, line) - 1)
            edits.setdefault(number, (set(), set()))[side].add(line)
            if side == 0 and number and firsts[number] == line:
                edits.setdefault(number - 1, (set(), set()))
    return edits


def _cut(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    open_: list[bytes] = []
    for line in lines:
        if open_ and zlib.crc32(line) % CUT == 0:
            yield open_
            open_ = []
        open_.append(line)
    if open_:
        yield open_


def _written(cuts: Iterator[list[bytes]], file: BinaryIO) -> Iterator[Member]:
    """Pack and write members, some at once: zlib lets other threads run."""
    with ThreadPoolExecutor(2) as threads:
        while some := list(islice(cuts, AHEAD)):
            for lines, (packed, digest) in zip(some, threads.map(_pack, some), strict=True):
                file.write(packed)
                yield Member(lines[0].decode(), len(packed), digest)


def _pack(lines: list[bytes]) -> tuple[bytes, str]:
    data = b"".join(lines)
    packer = zlib.compressobj(LEVEL, wbits=31)  # 31: with a gzip header, which bears no time and no name
    return packer.compress(data) + packer.flush(), hashlib.sha256(data).hexdigest()


def _indexed(folder: Path, members: list[Member]) -> str:
    text = "".join(json.dumps(asdict(member), ensure_ascii=False) + "\n" for member in members)
    (folder / INDEX).write_text(text, "utf-8")
    return hashlib.sha256("".join(member.digest for member in members).encode()).hexdigest()
