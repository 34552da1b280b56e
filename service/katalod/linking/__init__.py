"""Keywords to headings of the GND: what is certain is linked, what is doubtful is held back and reported.

::

    labels      how a label is written: folding, qualifiers
    gnd         identifiers with their check digit; a dump read as facts
    building    facts -> an index on disk
    authority   the index, opened for reading
    sssom       a table of decisions, as a spreadsheet program leaves it
    curated     what librarians decided
    matching    the rules, in their order: `link`
"""

from katalod.linking.authority import Authority
from katalod.linking.curated import Curated
from katalod.linking.matching import link

__all__ = ["Authority", "Curated", "link"]
