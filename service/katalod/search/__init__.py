"""The text index of a release (tantivy): written with it, in full or as a change to the former one's.

::

    words       text -> folded words, stems, parts of compounds
    entries     what of a work is searched, and how it lies in the index
    writing     Writer: a new index, or a change to a copy
    tree        what a language with booleans asks for, as values
    asking      what people type -> a ladder of queries; a tree -> a query
    index       Index: hits, facets, suggestions

An index that was changed answers exactly as one that was built in full (docs/decisions/0030).
"""

from katalod.search.asking import FILTERS
from katalod.search.entries import FACETS, SHOWN_PEOPLE, Entry, Heading, Rows, laid_out
from katalod.search.index import SORTS, Asked, Hit, Index, Order, Suggestion
from katalod.search.words import phrase
from katalod.search.writing import Writer, fits

__all__ = [
    "FACETS",
    "FILTERS",
    "SHOWN_PEOPLE",
    "SORTS",
    "Asked",
    "Entry",
    "Heading",
    "Hit",
    "Index",
    "Order",
    "Rows",
    "Suggestion",
    "Writer",
    "fits",
    "laid_out",
    "phrase",
]
