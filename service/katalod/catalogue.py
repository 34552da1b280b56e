"""The read side: the release that is current, followed as it changes."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager

from katalod import releases
from katalod.edition import Edition, Past
from katalod.errors import NoRelease
from katalod.settings import Settings

_EVERY = 1.0  # seconds between two looks at which release is current
_PAST = 50  # releases before the current one that are kept open


class Catalogue:
    """Gives the edition that is current, and follows a promotion within a second; safe in several threads."""

    def __init__(self, settings: Settings) -> None:
        """Make the catalogue of a home; nothing is opened before it is asked."""
        self.settings = settings
        self._lock = threading.Lock()
        self._editions: deque[Edition] = deque(maxlen=2)  # requests may still read the one before
        self._past: OrderedDict[str, Past] = OrderedDict()
        self._looked = float("-inf")

    def edition(self) -> Edition:
        """Give the current release, opened; raises NoRelease where nothing is published."""
        with self._lock:
            if time.monotonic() - self._looked >= _EVERY or not self._editions:
                self._look()
                self._looked = time.monotonic()
            if not self._editions:
                raise NoRelease(
                    f"nothing is published in {self.settings.home} yet; publish with `katalod publish SOURCE`"
                )
            return self._editions[-1]

    def _look(self) -> None:
        current = releases.current(self.settings.home)
        if not self._editions or self._editions[-1].release.id != current:
            self._editions.append(Edition(self.settings, releases.find(self.settings.home, current)))

    def past(self, release: str) -> Past:
        """Give a kept release as the feeds read it; raises ReleaseError for one that is not kept."""
        now = self.edition()
        if now.release.id == release:
            return now
        releases.folder(self.settings.home, release)  # it may have been pruned since it was opened
        with self._lock:
            found = self._past.get(release) or Past(self.settings, releases.find(self.settings.home, release))
            self._past[release] = found
            self._past.move_to_end(release)
            if len(self._past) > _PAST:
                self._past.popitem(last=False)
            return found

    def close(self) -> None:
        """Let go of all releases."""
        with self._lock:
            self._editions.clear()
            self._past.clear()


@contextmanager
def opened(settings: Settings) -> Iterator[Edition]:
    """Open the current release for a while; raises NoRelease where nothing is published."""
    catalogue = Catalogue(settings)
    try:
        yield catalogue.edition()
    finally:
        catalogue.close()
