"""Where an emitter stands: the record, the row of the table, and how to say that something is amiss."""

from dataclasses import dataclass

from pyoxigraph import NamedNode

from katalod.mapping.table import Table
from katalod.model import Finding, Record, Severity


@dataclass(frozen=True, slots=True)
class At:
    """One row of the mapping table, applied to one record."""

    record: Record
    base: str
    work: NamedNode
    doc: NamedNode
    field: str
    property: NamedNode
    otherwise: NamedNode | None  # takes the string of a value that could not be typed
    table: Table

    def finding(self, shape: str, value: str, de: str, en: str, severity: Severity = Severity.WARNING) -> Finding:
        """Name a fault of a value of this row's field."""
        return Finding(severity, shape, self.field, value[:200], de, en, path=self.record.path)
