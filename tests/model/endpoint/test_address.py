"""The client of an address goes with it."""

from model.endpoint.address import Address


def test_a_client_is_closed_when_its_address_is_dropped() -> None:
    address = Address("http://127.0.0.1:9/v1")
    client = address.client
    assert client is address.client
    assert not client.is_closed()
    del address
    assert client.is_closed()
