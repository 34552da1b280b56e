"""What is counted over all partitions while a release is built."""

from collections import Counter
from dataclasses import dataclass, field

from katalod.model import Agent, Subject
from katalod.pipeline.partition import Partition


@dataclass
class Tally:
    """The sums that the shared graphs and the manifest are made from."""

    subjects: Counter[Subject] = field(default_factory=Counter)
    agents: Counter[Agent] = field(default_factory=Counter)
    properties: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    links: int = 0
    works: int = 0
    quarantined: int = 0
    modified: str = ""
    example: str = ""

    def add(self, part: Partition) -> None:
        """Count a partition in."""
        self.subjects.update(part.subjects)
        self.agents.update(part.agents)
        self.properties.update(part.properties)
        self.classes.update(part.classes)
        self.links += part.links
        for outcome in part.outcomes:
            self.works += outcome.published
            self.quarantined += not outcome.published
            if outcome.published:
                self.modified = max(self.modified, outcome.datestamp)
                self.example = self.example or outcome.path
