"""One at a time: a lock in the home that ends with the process that holds it, however that ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from katalod.errors import Busy, KatalodError


@contextmanager
def held(home: Path, name: str, doing: str, unprepared: type[KatalodError]) -> Iterator[None]:
    """Hold the home for one thing to do; raises Busy where another process is doing it.

    Where the home cannot be prepared, the error that its caller promises is raised: `unprepared`.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        file = (home / f"{name}.lock").open("w")
    except OSError as error:
        raise unprepared(f"preparing the home {home}: {error}; check the folder and its rights") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Busy(f"another process is {doing} {home}; wait for it to end, or end it, then try again") from error
        yield
