"""Search in other catalogues, side by side with ours.

::

    values      Work, Found, Answer: what other catalogues say, in our words
    words       what was typed -> what can be said to any catalogue
    sru, sparql, lobid   a protocol each: words -> Request, the body of an answer -> Found
    schemas     a record of MARC 21, MODS or Dublin Core -> Work
    asking      Federation: all at once, each with its deadline, for many readers
    same        which of the answers are one work, and which we hold
    together    our own hits beside theirs, for the command line

To add a protocol, add its module here, its row to `asking.PROTOCOLS` and its keys to `settings.targets.KINDS`.
"""

from katalod.federation.asking import Federation, NoSuchTarget
from katalod.federation.same import Place, Same, identifiers, joined
from katalod.federation.values import Answer, State, Work

__all__ = ["Answer", "Federation", "NoSuchTarget", "Place", "Same", "State", "Work", "identifiers", "joined"]
