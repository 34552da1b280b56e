"""Queries that call a service: whom they may call, and whether what came back is whole."""

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results, serialize

from katalod.errors import QueryError, StoreError
from katalod.store.answers import Answer, Unacceptable, Unanswered

JSON, TRIPLES = "application/sparql-results+json", "application/n-triples"


def check_addresses(services: Iterable[str]) -> None:
    """Refuse a listed service whose name resolves to a loopback, link-local, private or otherwise special address.

    An address that the operator has listed as a number, and `localhost`, are meant as they stand. The engine
    looks a name up once more when it calls, so a name server that lies between the two is not seen here: list
    services of those you trust.
    """
    for service in services:
        host = urlsplit(service).hostname or ""
        if host == "localhost" or _number(host):
            continue
        for address in _addresses(service, host):
            if not _public(address):
                raise QueryError(
                    f"SERVICE <{service}> is refused: {host} leads to {address}, which is no public address;"
                    " the operator may list it by its number"
                )


def _public(address: str) -> bool:
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return found.is_global and not found.is_multicast


def _number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _addresses(service: str, host: str) -> set[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise StoreError(f"calling SERVICE <{service}>: {host} has no address: {error}") from error
    return {str(row[4][0]).partition("%")[0] for row in found}


def checkable(form: str) -> str:
    """Name the media type in which an answer to a query of this form shows whether it is whole.

    When a service fails in the middle, Oxigraph's server writes its complaint behind the rows and ends the
    answer as if it were one; of CSV nobody could tell.
    """
    return JSON if form in ("SELECT", "ASK") else TRIPLES


def whole(answer: Answer, form: str, accept: str) -> Answer:
    """Read an answer in the media type above to its end, and give it in the one that was asked for.

    Raises Unanswered where it is not whole.
    """
    data = answer.read()
    if checkable(form) == JSON:
        rows, graph = QueryResultsFormat.from_media_type(accept), None
    else:
        rows, graph = None, RdfFormat.from_media_type(accept)
    try:
        if rows is not None:
            written = parse_query_results(data, format=QueryResultsFormat.JSON).serialize(format=rows)
        elif graph is not None:
            written = serialize((quad.triple for quad in parse(data, format=RdfFormat.N_TRIPLES)), format=graph)
        else:
            raise Unacceptable("the engine does not offer this form")
    except (SyntaxError, ValueError, OSError) as error:
        raise Unanswered("a service that the query calls did not answer as it should; ask again in a while") from error
    body = written or b""
    return Answer(accept, iter((body,)), size=len(body), store=answer.store)
