"""The forms in which SRU hands out records: those of `exchange`, under the names by which SRU knows them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from katalod.rdf import work_iri
from katalod.web.exchange import SCHEMAS, Schema, dublin_core, facts

if TYPE_CHECKING:
    from katalod.edition import Edition

_INFO = "info:srw/schema/1/"


@dataclass(frozen=True, slots=True)
class Form:
    """A form of records: its short name, its title, the identifier by which SRU knows it, and others for the same."""

    name: str
    title: str
    identifier: str
    schema: Schema
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names under which it is asked for."""
        return (self.name, self.identifier, self.schema.namespace, self.schema.location, *self.also)


_DC = Schema("dc", dublin_core.SRW, dublin_core.SRW_SCHEMA, lambda work, _: dublin_core.srw_dc(work))

FORMS = (
    Form("dc", "Dublin Core", f"{_INFO}dc-v1.1", _DC),
    Form("marcxml", "MARC 21 XML", f"{_INFO}marcxml-v1.1", SCHEMAS["marcxml"], ("MARC21-xml",)),
    Form("mods", "MODS 3.8", f"{_INFO}mods-v3.8", SCHEMAS["mods"]),
    Form("rdf", "RDF/XML", SCHEMAS["rdf"].namespace, SCHEMAS["rdf"], ("RDFxml",)),
    Form("oai_dc", "Dublin Core, as OAI-PMH has it", SCHEMAS["oai_dc"].namespace, SCHEMAS["oai_dc"]),
)
"""What records are handed out as; the first where nothing is said."""


def written(edition: "Edition", paths: list[str], form: Form) -> Iterator[tuple[str, str]]:
    """Write works: the IRI of each, and its record as an XML element, in the order of the paths."""
    described = dict(edition.documents(sorted(paths)))
    for path in paths:
        iri, entry = work_iri(edition.release.base, path).value, edition.log.entry(path)
        work = facts(described[path], iri, path, entry.changed if entry else "", edition.names)
        yield iri, form.schema.write(work, described[path])
