"""The durable memory: raw records as they were received, and how far the harvest of each source has come."""

from katalod.harvest.intervals import Interval, Intervals
from katalod.harvest.memory import FORMS, Intake, Kept, Memory, NotKept

__all__ = ["FORMS", "Intake", "Interval", "Intervals", "Kept", "Memory", "NotKept"]
