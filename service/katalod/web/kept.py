"""Answers that never change, kept packed in memory once they were written: the least used leave when it is full."""

import gzip
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

ROOM = 64 * 1024 * 1024  # bytes: pages of the event stream for 100,000 works
LEVEL = 3


class Kept:
    """A bounded store of answers; safe in several threads."""

    def __init__(self, room: int = ROOM) -> None:
        """Keep answers of so many bytes together."""
        self._room = room
        self._size = 0
        self._answers: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str, write: Callable[[], bytes]) -> bytes:
        """Give the answer that is kept under a key, packed by gzip, and write it where there is none yet.

        An empty answer is not kept.
        """
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        plain = write()  # two at once write the same
        if not plain:
            return b""
        answer = gzip.compress(plain, LEVEL, mtime=0)
        with self._lock:
            if len(answer) <= self._room and key not in self._answers:
                self._answers[key] = answer
                self._size += len(answer)
            while self._size > self._room:
                self._size -= len(self._answers.popitem(last=False)[1])
        return answer
