"""What the OAI-PMH provider answers: the protocol's XML, around records in the forms of `exchange`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from katalod.changes import Entry
from katalod.rdf import term, work_iri
from katalod.releases import TIME
from katalod.settings import Settings
from katalod.web.exchange import SCHEMAS, facts
from katalod.web.exchange.xml import attribute, element, escaped, located
from katalod.web.oai_asking import SET, Listing, ProtocolError, schema_of

if TYPE_CHECKING:
    from katalod.edition import Edition

PAGE = {"ListRecords": 500, "ListIdentifiers": 2000}
AT_ONCE = 250  # records that are sent together
LAG = timedelta(seconds=5)

_SAFE = "/-._~"
_DOMAIN = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*(?:\.[a-zA-Z][a-zA-Z0-9-]*)+")
_SETS = {"source": "Sources", "type": "Types of document (COAR)", "year": "Years of publication"}


@dataclass(frozen=True, slots=True)
class Provider:
    """One release as a repository of records."""

    edition: "Edition"
    settings: Settings

    @property
    def address(self) -> str:
        """Where it is asked."""
        return f"{self.settings.base}oai"

    @property
    def _stem(self) -> str:
        return f"oai:{urlsplit(self.settings.base).hostname}:"

    def identifier(self, path: str) -> str:
        """Name the record of a path."""
        return self._stem + quote(path, safe=_SAFE)

    def entry(self, identifier: str) -> Entry:
        """Find what a record's identifier names; raises ProtocolError for one that was never here."""
        path = unquote(identifier.removeprefix(self._stem)) if identifier.startswith(self._stem) else ""
        entry = self.edition.log.entry(path)
        if entry is None:
            raise ProtocolError("idDoesNotExist", f"there is no record {identifier[:200]}")
        return entry

    def now(self) -> str:
        """Give the time of the answer, a little late: a release is seen some time after the time that it bears.

        A harvester asks next from the time of this answer; what was made by then and not yet seen must not be missed.
        """
        return max(self.edition.release.created, (datetime.now(UTC) - LAG).strftime(TIME))

    def identify(self) -> Iterator[str]:
        """Say what this repository is."""
        host = urlsplit(self.settings.base).hostname or ""
        yield element("repositoryName", self.settings.dataset_title_en)
        yield element("baseURL", self.address)
        yield element("protocolVersion", "2.0")
        yield element("adminEmail", self.settings.dataset_contact or f"webmaster@{host}")
        yield element("earliestDatestamp", self.edition.log.ends()[0] or self.edition.release.created)
        yield element("deletedRecord", "persistent")
        yield element("granularity", "YYYY-MM-DDThh:mm:ssZ")
        if _DOMAIN.fullmatch(host):
            namespace = "http://www.openarchives.org/OAI/2.0/oai-identifier"
            parts = (
                element("scheme", "oai"), element("repositoryIdentifier", host), element("delimiter", ":"),
                element("sampleIdentifier", self.identifier("difu/581658")),
            )  # fmt: skip
            root = f'<oai-identifier xmlns="{namespace}"{located(namespace, f"{namespace}.xsd")}>'
            yield f"<description>{root}{''.join(parts)}</oai-identifier></description>"

    def formats(self) -> Iterator[str]:
        """List the forms that every record is given in."""
        for schema in SCHEMAS.values():
            parts = element("metadataPrefix", schema.prefix), element("schema", schema.location)
            yield f"<metadataFormat>{''.join(parts)}{element('metadataNamespace', schema.namespace)}</metadataFormat>"

    def sets(self) -> Iterator[str]:
        """List the sets: the sources, the types, the years, and each of them."""
        names = [name for name in self.edition.log.sets() if SET.fullmatch(name)]
        if not names:
            raise ProtocolError("noSetHierarchy", "nothing is published yet, so there are no sets")
        types = {name: term(f"coar:{name.partition(':')[2]}").value for name in names if name.startswith("type:")}
        labels = self.edition.labels(set(types.values()), "en")
        for name in names:
            title = _SETS.get(name) or labels.get(types.get(name, "")) or name.partition(":")[2]
            yield f"<set>{element('setSpec', name)}{element('setName', title)}</set>"

    def record(self, entry: Entry, prefix: str) -> Iterator[str]:
        """Give one record."""
        yield from self._records([entry], schema_of(prefix))

    def listed(self, asked: Listing) -> Iterator[str]:
        """Give a page of a list, and where it goes on; raises ProtocolError before anything is given."""
        log, size = self.edition.log, PAGE[asked.verb]
        found = log.entries(asked.span, size + 1, asked.after)
        if not found:
            raise ProtocolError("noRecordsMatch", "no record was changed within this time and set")
        return self._page(asked, found[:size], len(found) > size, asked.total or log.count(asked.span))

    def _page(self, asked: Listing, entries: list[Entry], more: bool, total: int) -> Iterator[str]:
        if asked.verb == "ListIdentifiers":
            yield "".join(self._header(entry) for entry in entries)
        else:
            yield from self._records(entries, asked.prefix)
        if more or asked.given:
            token = asked.token(entries[-1], len(entries), total) if more else ""
            size = max(total, asked.given + len(entries) + more)
            yield f'<resumptionToken completeListSize="{size}" cursor="{asked.given}">{token}</resumptionToken>'

    def _records(self, entries: list[Entry], prefix: str) -> Iterator[str]:
        """Write records, some at once: the order of the log is nearly that of the dump."""
        write, base = SCHEMAS[prefix].write, self.edition.release.base
        for start in range(0, len(entries), AT_ONCE):
            some = entries[start : start + AT_ONCE]
            described = dict(self.edition.documents([entry.path for entry in some if not entry.deleted]))
            parts = []
            for entry in some:
                quads = described.get(entry.path)
                if not quads:
                    parts.append(f"<record>{self._header(entry)}</record>")
                    continue
                iri = work_iri(base, entry.path).value
                work = facts(quads, iri, entry.path, entry.changed, self.edition.names)
                parts.append(f"<record>{self._header(entry)}<metadata>{write(work, quads)}</metadata></record>")
            yield "".join(parts)

    def _header(self, entry: Entry) -> str:
        status = ' status="deleted"' if entry.deleted else ""
        parts = element("identifier", self.identifier(entry.path)), element("datestamp", entry.changed)
        sets = (element("setSpec", name) for name in entry.sets if SET.fullmatch(name))
        return f"<header{status}>{''.join(parts)}{''.join(sets)}</header>"


def envelope(provider: Provider, asked: Mapping[str, str], body: Iterator[str], inside: str) -> Iterator[str]:
    """Write an answer around what it holds; it repeats what was asked, unless that was not understood."""
    said = "".join(attribute(name, value) for name, value in asked.items())
    space = "http://www.openarchives.org/OAI/2.0/"
    yield (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="{space}"{located(space, f"{space}OAI-PMH.xsd")}>'
        f"<responseDate>{provider.now()}</responseDate><request{said}>{escaped(provider.address)}</request>"
    )
    yield f"<{inside}>" if inside else ""
    yield from body
    yield f"</{inside}></OAI-PMH>\n" if inside else "</OAI-PMH>\n"


def error(fault: ProtocolError) -> str:
    """Write an error of the protocol."""
    return element("error", str(fault), attribute("code", fault.code))
