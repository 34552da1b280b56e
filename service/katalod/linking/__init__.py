"""Keywords to headings of the GND: what is certain is linked, what is doubtful is held back and reported.

::

    labels      how a label is written: folding, qualifiers
    number      singular and plural: which forms a keyword may stand for
    names       persons' names by their shape; inverted phrases
    gnd         identifiers with their check digit; the terms of the GND's vocabulary
    dumps       a dump read as facts: Turtle, JSON-LD, lobid's JSON lines
    schema      the tables of the index
    building    facts -> an index on disk
    authority   the index, opened for reading
    sssom       a table of decisions, as a spreadsheet program leaves it, and as we write it
    curated     what librarians decided
    keeping     decisions written down, so that two people's tables merge
    rules       the methods by name, their order and confidence, as an operator has set them
    methods     keyword -> hits
    doubts      what speaks against a link
    matching    hits judged: `link`
    likeness    how alike two names are written
    candidates  what is not sure: proposals with scores, for people
    online      the same from a reconciliation service
    news        what a newer dump changes for our links
    evaluation  links against what cataloguers meant
"""

from katalod.linking.authority import Authority
from katalod.linking.curated import Curated
from katalod.linking.matching import link
from katalod.linking.rules import METHODS, Rules, rules

__all__ = ["METHODS", "Authority", "Curated", "Rules", "link", "rules"]
