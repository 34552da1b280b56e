"""Charts as values that a template draws as SVG: bars over years, bars with names, a work among its headings.

Each chart has its numbers beside it, as a table that everybody can read. Colours and lettering come from the
stylesheet, so that charts follow light and dark, and printing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

WIDTH, HEIGHT = 640, 150
_ROW, _FOOT = 26, 30
_MOST = 80  # bars of a chart of years; more are drawn together
_POINTS, _COURSE = 60, 120  # of a line over releases: points, and how wide it is
COLUMNS = 8  # releases whose numbers stand in a table

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it stands, what it says."""

    label: str
    count: int
    x: float
    y: float
    width: float
    height: float
    href: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar chart."""

    bars: tuple[Bar, ...]
    width: int
    height: int
    marks: tuple[tuple[float, str], ...] = ()  # along the foot: place and text


@dataclass(frozen=True, slots=True)
class Course:
    """How a number went up and down over releases: a line, and some of the numbers."""

    name: str
    counts: tuple[int, ...]  # of some releases, as `spread` chooses them
    points: str  # of an SVG polyline, 120 wide and 22 high


@dataclass(frozen=True, slots=True)
class Node:
    """A thing in a graph: its place, its name, where it leads, what it is."""

    label: str
    href: str
    kind: str  # work, keyword, heading, broader
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Leaf:
    """A heading that a keyword leads to, and the one right above it."""

    label: str
    href: str
    relation: str = ""
    above: str = ""
    above_href: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """A keyword of a work, and the headings that it leads to."""

    label: str
    href: str
    leaves: tuple[Leaf, ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    """A work among its keywords and headings: the picture, and the same as rows of a table."""

    nodes: tuple[Node, ...]
    lines: tuple[tuple[float, float, float, float], ...]
    width: int
    height: int
    branches: tuple[Branch, ...]


def years(counts: Sequence[tuple[int, int]], href: Callable[[int, int], str] | None = None) -> Bars | None:
    """Draw works by year, without gaps; spans of years stand together where there are too many. None for nothing."""
    counts = [(year, count) for year, count in counts if count > 0]
    if not counts:
        return None
    first, last = _ends(counts)
    early = counts[0][0] < first  # then the first bar holds all that came before, too
    step = 1
    while (last - first) // step + 1 > _MOST:
        step = {1: 2, 2: 5, 5: 10}.get(step, step * 2)
    first -= first % step
    totals = [0] * ((last - first) // step + 1)
    for year, count in counts:
        totals[min(max((year - first) // step, 0), len(totals) - 1)] += count
    top, broad = max(totals), WIDTH / len(totals)
    bars = []
    for place, total in enumerate(totals):
        start = first + place * step
        label = str(start) if step == 1 else f"{start}–{start + step - 1}"
        if early and not place:
            start, label = 0, f"–{start + step - 1}"
        high = round(total / top * HEIGHT, 1)
        link = href(start, first + (place + 1) * step - 1) if href and total else ""
        left, wide = round(place * broad, 2), round(broad * 0.82, 2)
        bars.append(Bar(label, total, left, round(HEIGHT - high, 1), wide, high, link))
    every = max(1, len(bars) // 6)
    told = (bar for bar in bars[every // 2 :: every] if 20 < bar.x + broad / 2 < WIDTH - 20)
    marks = tuple((round(bar.x + broad * 0.41, 1), bar.label.partition("–")[0]) for bar in told)
    return Bars(tuple(bars), WIDTH, HEIGHT + _FOOT, marks)


def courses(told: Sequence[Mapping[str, int]]) -> list[Course]:
    """Draw how often each shape was not met, in releases one after the other, by shape."""
    found = []
    for name in sorted({shape for counts in told for shape in counts}):
        heights = [counts.get(name, 0) for counts in spread(told, _POINTS)]
        top, broad = max(*heights, 1), _COURSE / max(len(heights) - 1, 1)
        points = (f"{place * broad:.1f},{20 - 18 * height / top:.1f}" for place, height in enumerate(heights))
        found.append(Course(name, tuple(counts.get(name, 0) for counts in spread(told, COLUMNS)), " ".join(points)))
    return found


def spread(things: Sequence[T], most: int) -> list[T]:
    """Give some things of many, the first and the last and others evenly between; all where they are few."""
    if len(things) <= most:
        return list(things)
    return [things[place * (len(things) - 1) // (most - 1)] for place in range(most)]


def _ends(counts: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Give the years between which a chart is drawn: few very early works do not press all others together."""
    total, seen, first = sum(count for _, count in counts), 0, counts[0][0]
    for year, count in counts:
        if (seen + count) * 100 > total:
            first = max(year, first)
            break
        seen += count
    return first, max(counts[-1][0], first)


def named(rows: Sequence[tuple[str, int, str]]) -> Bars | None:
    """Draw names with their counts, one below the other. None for nothing."""
    rows = [row for row in rows if row[1] > 0]
    if not rows:
        return None
    top = max(count for _, count, _ in rows)
    bars = (
        Bar(label, count, 0, place * _ROW + 4, max(2.0, round(count / top * 300, 1)), _ROW - 8, href)
        for place, (label, count, href) in enumerate(rows)
    )
    return Bars(tuple(bars), WIDTH, len(rows) * _ROW + 4)


def graph(topic: str, branches: Sequence[Branch]) -> Graph | None:
    """Draw a work at the left, its keywords, their headings and what is above them to the right. None for none."""
    if not branches:
        return None
    columns = (8.0, 190.0, 430.0, 670.0)
    nodes: list[Node] = []
    lines: list[tuple[float, float, float, float]] = []
    row = 0
    for branch in branches:
        height = _ROW * (row + (max(len(branch.leaves), 1) - 1) / 2) + _ROW
        nodes.append(Node(branch.label, branch.href, "keyword", columns[1], height))
        for leaf in branch.leaves:
            here = float(_ROW * row + _ROW)
            nodes.append(Node(leaf.label, leaf.href, "heading", columns[2], here))
            lines.append((columns[1] + 170, height, columns[2] - 8, here))
            if leaf.above:
                nodes.append(Node(leaf.above, leaf.above_href, "broader", columns[3], here))
                lines.append((columns[2] + 170, here, columns[3] - 8, here))
            row += 1
        row += not branch.leaves
    middle = _ROW * (row - 1) / 2 + _ROW
    lines += [(columns[0] + 120, middle, node.x - 8, node.y) for node in nodes if node.kind == "keyword"]
    nodes.insert(0, Node(topic, "", "work", columns[0], middle))
    return Graph(tuple(nodes), tuple(lines), 860, _ROW * (row + 1), tuple(branches))
