"""Answers kept: a release never changes, so neither does the answer to a query over it."""

import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from katalod.store.answers import Answer

SMALL = 1 << 18
"""Answers up to this size are kept in memory, larger ones in files without a name."""

PIECE = 1 << 18
OVERHEAD = 1 << 10  # what an entry costs besides its bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was given; it may be read by many at once, also after it was thrown out."""

    content_type: str
    size: int
    data: bytes = b""
    file: BinaryIO | None = None

    def answer(self) -> Answer:
        """Give it once more."""
        return Answer(self.content_type, self._pieces(), size=self.size, kept=True)

    def _pieces(self) -> Iterator[bytes]:
        if self.file is None:
            yield self.data
            return
        for start in range(0, self.size, PIECE):
            yield os.pread(self.file.fileno(), min(PIECE, self.size - start), start)


class Shelf:
    """Keeps answers up to a size in all; what was asked for longest ago goes first. Safe in several threads."""

    def __init__(self, size: int) -> None:
        """Keep up to so many bytes; none for 0."""
        self._size = size
        self._held = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()

    def get(self, key: Hashable) -> Kept | None:
        """Give what is kept under a key."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def through(self, key: Hashable, answer: Answer) -> Answer:
        """Give an answer on, and keep it once it has been given whole."""
        if answer.size is not None and answer.size <= SMALL:
            data = answer.read()
            self._put(key, Kept(answer.content_type, len(data), data))
            return replace(answer, body=iter((data,)))
        return replace(answer, body=self._copied(key, answer))

    def _copied(self, key: Hashable, answer: Answer) -> Iterator[bytes]:
        file: BinaryIO | None = None
        if self._size:
            file = _unnamed()
        size = 0
        for piece in answer.body:
            size += len(piece)
            if file is not None and not (size <= self._size and _written(file, piece)):
                file = None
            yield piece
        if file is not None and _written(file):
            data = _read(file, size) if size <= SMALL else None
            kept = Kept(answer.content_type, size, file=file) if data is None else Kept(answer.content_type, size, data)
            self._put(key, kept)

    def _put(self, key: Hashable, kept: Kept) -> None:
        cost = kept.size + OVERHEAD
        with self._lock:
            if cost > self._size or key in self._kept:
                return
            self._kept[key] = kept
            self._held += cost
            while self._held > self._size:
                _, former = self._kept.popitem(last=False)
                self._held -= former.size + OVERHEAD

    @property
    def held(self) -> int:
        """How many bytes are kept."""
        return self._held


def _unnamed() -> BinaryIO | None:
    """Open a file that is gone with its last reader; None where there is no place for one."""
    try:
        return tempfile.TemporaryFile(buffering=0)
    except OSError:
        return None


def _written(file: BinaryIO, piece: bytes = b"") -> bool:
    """Write on, whole; False where the disk is full, which is no reason for a client to go without its answer."""
    try:
        return file.write(piece) == len(piece)
    except OSError:
        return False


def _read(file: BinaryIO, size: int) -> bytes | None:
    """Read what was written, whole; None where that fails."""
    data = b""
    try:
        while len(data) < size and (piece := os.pread(file.fileno(), size - len(data), len(data))):
            data += piece
    except OSError:
        return None
    return data if len(data) == size else None
