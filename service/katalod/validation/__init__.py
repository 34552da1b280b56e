"""Triples -> findings, by the SHACL shapes in `shapes/`: shapes are parsed once a process, works asked in batches.

pySHACL changes how rdflib reads booleans while it is at work, so this runs in child processes that do
nothing else: `load` once in each, then `check` a batch of about a hundred works at a time.
"""

from katalod.validation.checking import Owner, check, owners
from katalod.validation.shapes import Rule, Shapes, load

__all__ = ["Owner", "Rule", "Shapes", "check", "load", "owners"]
