"""The change log in slices that never change: what each kept release changed, in pages.

The oldest kept release comes with all that the log knows up to it, where releases before it were pruned: of each
path the last change only. Its pages have other addresses than those of its own changes, so no page ever changes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from katalod.changes import Entry, Span
from katalod.errors import ReleaseError

if TYPE_CHECKING:
    from katalod.catalogue import Catalogue
    from katalod.edition import Edition, Past

SIZE = 250  # changes in a page


@dataclass(frozen=True, slots=True)
class Slice:
    """What one release changed, or all that was ever changed up to it."""

    edition: "Past"
    whole: bool

    @property
    def name(self) -> str:
        """The slice's part of the address of its pages."""
        return f"{self.edition.release.id}/all" if self.whole else self.edition.release.id

    @property
    def span(self) -> Span:
        """The time that it covers."""
        created = self.edition.release.created
        return Span("" if self.whole else created, created)

    @property
    def oldest(self) -> bool:
        """Whether nothing comes before it."""
        return self.whole or not self.edition.release.former

    def count(self) -> int:
        """How many changes it holds."""
        return self.edition.log.count(self.span)

    def page(self, number: int, backwards: bool = False) -> list[Entry]:
        """Give the changes of one page."""
        return self.edition.log.page(self.span, number, SIZE, backwards)


def lineage(catalogue: "Catalogue", edition: "Edition") -> Iterator[Slice]:
    """Give the slices that lead to an edition, the oldest first; none that is empty."""
    for number, release in enumerate(edition.lineage()):
        try:
            found = Slice(catalogue.past(release.id), whole=number == 0 and bool(release.former))
            if found.count():
                yield found
        except ReleaseError:  # pruned meanwhile, or made before there was a log
            continue


def slice_of(catalogue: "Catalogue", release: str, whole: bool) -> Slice:
    """Give one slice by its name; raises ReleaseError for a release that is not kept or has none."""
    found = Slice(catalogue.past(release), whole)
    found.edition.log.ends()
    return found


def version(base: str, entry: Entry) -> str:
    """Name one version of a work: the same wherever it is listed."""
    return f"{base}ldes/version/{moment(entry)}/{quote(entry.path, safe='/-._~:')}"


def moment(entry: Entry) -> str:
    """Write the time of a change as part of an address."""
    return entry.changed.replace("-", "").replace(":", "")
