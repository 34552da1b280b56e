"""Answers that never change, kept in memory once they were written: the least used leave when it is full."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

ROOM = 64 * 1024 * 1024  # bytes


class Kept:
    """A bounded store of answers; safe in several threads."""

    def __init__(self, room: int = ROOM) -> None:
        """Keep answers of so many bytes together."""
        self._room = room
        self._size = 0
        self._answers: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str, write: Callable[[], bytes]) -> bytes:
        """Give the answer that is kept under a key, and write it where there is none yet."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        answer = write()  # two at once write the same
        with self._lock:
            if len(answer) <= self._room and key not in self._answers:
                self._answers[key] = answer
                self._size += len(answer)
            while self._size > self._room:
                self._size -= len(self._answers.popitem(last=False)[1])
        return answer
