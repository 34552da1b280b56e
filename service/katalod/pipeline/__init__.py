"""The write side: sources -> memory -> release. The only place that joins the stages of writing."""

from katalod.pipeline.build import Published, publish
from katalod.pipeline.intake import Taken, take
from katalod.pipeline.partition import Outcome, check

__all__ = ["Outcome", "Published", "Taken", "check", "publish", "take"]
