"""What SRU answers: the protocol's XML (SRU 1.1 and 1.2, one namespace for both) around records and diagnostics."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from katalod.settings import Settings
from katalod.web.exchange.xml import element, escaped, within
from katalod.web.sru import diagnostics, records
from katalod.web.sru.asking import PARAMETERS, Request, Search
from katalod.web.sru.diagnostics import Diagnostic

if TYPE_CHECKING:
    from katalod.edition import Edition

NAMESPACE = "http://www.loc.gov/zing/srw/"
ZEEREX = "http://explain.z3950.org/dtd/2.0/"


def found(edition: "Edition", settings: Settings, request: Request, asked: Search) -> str:
    """Answer a search; raises Diagnostic where the first record that is wanted is not there."""
    total, paths = edition.index.matching(asked.tree, asked.order, asked.size, asked.start - 1)
    if asked.start > max(total, 1):
        raise Diagnostic(61, "", f"{total} records are found; none is in position {asked.start}")
    rows = (
        _record(request, asked.form.identifier, asked.packing, data, iri, asked.start + number)
        for number, (iri, data) in enumerate(records.written(edition, paths, asked.form))
    )
    after = asked.start + len(paths)
    parts = [
        element("numberOfRecords", str(total)),
        within("records", rows),
        element("nextRecordPosition", str(after)) if paths and after <= total else "",
        _echo(request),
        _told(asked.warnings),
        _about(edition, settings),
    ]
    return _envelope(request, parts)


def explained(request: Request, explain: str, packing: str, warnings: tuple[Diagnostic, ...]) -> str:
    """Answer with the description of the service."""
    return _envelope(request, [_record(request, ZEEREX, packing, explain), _echo(request), _told(warnings)])


def refused(request: Request, diagnostic: Diagnostic, explain: str) -> str:
    """Answer a request that cannot be met; the schema wants a count with a search, a record with an explain."""
    if request.operation == "explain":
        return explained(request, explain, "xml", (diagnostic,))
    count = element("numberOfRecords", "0") if request.operation != "scan" else ""
    return _envelope(request, [count, _echo(request), _told((diagnostic,))])


def _envelope(request: Request, parts: Iterable[str]) -> str:
    name = f"{request.operation if request.operation in ('explain', 'scan') else 'searchRetrieve'}Response"
    version = element("version", request.version)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{NAMESPACE}">{version}{"".join(parts)}</{name}>\n'


def _record(request: Request, schema: str, packing: str, data: str, identifier: str = "", position: int = 0) -> str:
    parts = [
        element("recordSchema", schema),
        element("recordPacking", packing),
        f"<recordData>{escaped(data) if packing == 'string' else data}</recordData>",
        element("recordIdentifier", identifier if request.version != "1.1" else ""),  # new in 1.2
        element("recordPosition", str(position or "")),
    ]
    return f"<record>{''.join(parts)}</record>"


def _echo(request: Request) -> str:
    """Repeat what was asked, where the protocol has a place for it."""
    if request.operation not in PARAMETERS:
        return ""
    given = dict(request.given)
    known = (element(name, given.get(name, "")) for name in PARAMETERS[request.operation])
    return within(f"echoed{request.operation[0].upper()}{request.operation[1:]}Request", known)


def _told(told: tuple[Diagnostic, ...]) -> str:
    return within("diagnostics", map(diagnostics.written, told))


def _about(edition: "Edition", settings: Settings) -> str:
    """Say of which time the records are, and what may be done with them."""
    space = ' xmlns:dcterms="http://purl.org/dc/terms/"'
    said = element("dcterms:modified", edition.release.created), element("dcterms:license", settings.dataset_licence)
    return within("extraResponseData", said, space)
