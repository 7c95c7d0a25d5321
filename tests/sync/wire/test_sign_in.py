"""Which redirects mean that the session has ended, and which that the address is wrong."""

from __future__ import annotations

import pytest

from sync.wire.answers import leads_to_sign_in

HERE = "http://shop.example/stock"


@pytest.mark.parametrize(
    "location", ["https://shop.example/stock", "https://www.shop.example/stock", "http://www.shop.example/", "//shop.example/"]
)
def test_same_host_in_another_form_is_no_sign_in(location: str) -> None:
    assert not leads_to_sign_in(HERE, location)


@pytest.mark.parametrize("location", ["https://login.shop.example/", "https://shop.example.net/stock", "https://www.shop.example/login"])
def test_another_host_or_a_path_called_so_is_one(location: str) -> None:
    assert leads_to_sign_in(HERE, location)


def test_what_is_no_address_leads_nowhere() -> None:
    assert not leads_to_sign_in(HERE, "http://[shop")
