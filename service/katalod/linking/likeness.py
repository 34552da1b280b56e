"""How alike two names are written, from 0 to 1: a measure for candidates, never for links."""

FEWEST = 3  # words of a part of a name that say enough of the whole
PART = 0.9  # what a part is worth


def likeness(one: str, other: str) -> float:
    """Compare two folded names, whatever the order of their words; a long part is nearly the whole."""
    from rapidfuzz import fuzz  # compiled code: not loaded by those who only link

    alike = fuzz.token_sort_ratio(one, other) / 100
    if min(len(set(one.split())), len(set(other.split()))) >= FEWEST:
        alike = max(alike, PART * fuzz.token_set_ratio(one, other) / 100)
    return float(alike)
