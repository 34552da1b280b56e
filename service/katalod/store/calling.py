"""Whom a query may call: the listed services, unless their name leads into the operator's own network."""

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from katalod.errors import QueryError, StoreError


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
