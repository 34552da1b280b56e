"""Whom SERVICE may reach: a listed name must not lead into the operator's own network."""

import pytest

from katalod.errors import QueryError, StoreError
from katalod.store.calling import check_addresses


@pytest.mark.parametrize(
    "service",
    [
        "http://127.0.0.1:8081/sparql",
        "http://10.0.0.5/sparql",
        "http://[::1]:8081/sparql",
        "http://localhost:8081/sparql",
    ],
)
def test_a_number_and_localhost_are_meant_as_they_stand(service: str) -> None:
    check_addresses([service])


@pytest.mark.parametrize(
    "service",
    [
        "http://127.1/sparql",  # names to a reader, loopback to the system's resolver
        "http://2130706433/sparql",
        "http://0x7f000001/sparql",
        "http://10.1/sparql",
        "http://192.168.257/sparql",
        "http://169.254.43518/latest/meta-data",  # link-local: 169.254.169.254
        "http://0/sparql",
        "http://user@127.1/sparql",
    ],
)
def test_a_name_that_leads_inside_is_refused(service: str) -> None:
    with pytest.raises(QueryError, match=r"no public address"):
        check_addresses(["http://127.0.0.1/sparql", service])


def test_a_public_address_may_be_called() -> None:
    check_addresses(["http://1.1/sparql", "http://8.8.8.8/sparql"])  # 1.0.0.1


@pytest.mark.parametrize("service", ["http://nowhere.invalid/sparql", "http:///sparql"])
def test_a_name_without_address_is_said_to_have_none(service: str) -> None:
    with pytest.raises(StoreError, match="has no address"):
        check_addresses([service])


def test_nothing_is_looked_up_for_a_query_that_calls_nobody() -> None:
    check_addresses([])
