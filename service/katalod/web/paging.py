"""Pages of long lists."""

from dataclasses import dataclass, replace

from flask import request

SIZE = 25
LAST = 10_000  # so that no one makes the store skip over millions of rows


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of a list this is, and of how many."""

    number: int
    size: int = SIZE
    total: int = 0

    def of(self, total: int) -> "Paging":
        """Give this page of so many rows."""
        return replace(self, total=total)

    @property
    def offset(self) -> int:
        """How many rows come before this page."""
        return (self.number - 1) * self.size

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.total // self.size))


def asked_page(size: int = SIZE) -> Paging:
    """Read which page was asked for; what is no number is the first page."""
    text = request.args.get("page", "1")
    number = int(text[:9]) if text.isascii() and text.isdigit() else 1
    return Paging(min(max(number, 1), LAST), size)
