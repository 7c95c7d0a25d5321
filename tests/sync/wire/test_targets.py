from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.wire.errors import TargetRefused, Unreachable
from sync.wire.targets import BaseUrl, address_problem, parse_base_url, resolve

SHOP_NETWORK = (ipaddress.ip_network("192.168.10.0/24"), ipaddress.ip_network("fd00:7::/32"))
EVERYTHING = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))


def lookup_of(*addresses: str) -> Any:
    def lookup(host: str, port: int, type: int) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET6 if ":" in address else socket.AF_INET, type, 6, "", (address, port)) for address in addresses]

    return lookup


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"])
def test_public_address_is_open(address: str) -> None:
    assert address_problem(address, ()) is None


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "10.0.0.1", "172.16.5.5", "192.168.10.7", "100.64.0.1", "fd00:7::1", "::ffff:192.168.10.7", "64:ff9b::c0a8:a07"],
)
def test_private_address_is_closed_unless_listed(address: str) -> None:
    assert address_problem(address, ()) == "not a public address"
    assert address_problem(address, EVERYTHING) is None


@pytest.mark.parametrize("address", ["192.168.10.7", "fd00:7::1", "::ffff:192.168.10.7", "64:ff9b::c0a8:a07"])
def test_listed_network_opens_its_addresses_in_all_their_forms(address: str) -> None:
    assert address_problem(address, SHOP_NETWORK) is None


@pytest.mark.parametrize("address", ["192.168.11.7", "fd00:8::1", "::ffff:192.168.11.7", "127.0.0.1"])
def test_listed_network_opens_nothing_else(address: str) -> None:
    assert address_problem(address, SHOP_NETWORK) == "not a public address"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("169.254.169.254", "a link-local address"),
        ("fe80::1", "a link-local address"),
        ("fe80::1%eth0", "a link-local address"),
        ("::ffff:169.254.169.254", "a link-local address"),
        ("64:ff9b::a9fe:a9fe", "a link-local address"),
        ("64:ff9b:1::a9fe:a9fe", "a link-local address"),
        ("2002:a9fe:a9fe::1", "a link-local address"),
        ("::169.254.169.254", "a link-local address"),
        ("224.0.0.1", "a multicast address"),
        ("ff02::1", "a multicast address"),
        ("::ffff:224.0.0.1", "a multicast address"),
        ("0.0.0.0", "the unspecified address"),
        ("::", "the unspecified address"),
        ("::ffff:0.0.0.0", "the unspecified address"),
        ("0.1.2.3", "a reserved address"),
        ("255.255.255.255", "a reserved address"),
        ("240.0.0.1", "a reserved address"),
        ("100.100.100.200", "a cloud metadata address"),
        ("fd00:ec2::254", "a cloud metadata address"),
        ("168.63.129.16", "a cloud metadata address"),
        ("elsewhere", "no IP address"),
    ],
)
def test_some_addresses_are_closed_whatever_is_listed(address: str, reason: str) -> None:
    assert address_problem(address, EVERYTHING) == reason


@given(st.ip_addresses(v=4))
def test_mapped_form_is_judged_like_the_address_it_stands_for(address: ipaddress.IPv4Address) -> None:
    assert address_problem(f"::ffff:{address}", SHOP_NETWORK) == address_problem(str(address), SHOP_NETWORK)


@given(st.ip_addresses(network="169.254.0.0/16"), st.sampled_from(["::ffff:{}", "64:ff9b::{}", "{}"]))
def test_no_link_local_address_is_ever_open(address: ipaddress.IPv4Address, form: str) -> None:
    assert address_problem(form.format(address), EVERYTHING) == "a link-local address"


def test_all_addresses_of_a_name_are_kept_in_order_and_once() -> None:
    target = resolve("till.example", 443, SHOP_NETWORK, lookup=lookup_of("192.168.10.7", "8.8.8.8", "192.168.10.7"))
    assert target.addresses == ("192.168.10.7", "8.8.8.8")


@pytest.mark.parametrize("mixture", [("8.8.8.8", "127.0.0.1"), ("127.0.0.1", "8.8.8.8"), ("8.8.8.8", "169.254.169.254")])
def test_one_closed_address_closes_the_name(mixture: tuple[str, ...]) -> None:
    with pytest.raises(TargetRefused, match=r"till\.example is at 1"):
        resolve("till.example", 443, (), lookup=lookup_of(*mixture))


def test_private_address_is_refused_with_the_setting_that_opens_it() -> None:
    with pytest.raises(TargetRefused) as caught:
        resolve("till.example", 80, (), lookup=lookup_of("192.168.10.7"))
    assert caught.value.sentence == "till.example is at 192.168.10.7, which is not a public address."
    assert "ALLOWED_TARGETS" in caught.value.hint


@pytest.mark.parametrize("trick", ["2130706433", "127.1", "0x7f000001"])
def test_numbers_for_loopback_are_looked_up_and_refused(trick: str) -> None:
    with pytest.raises(TargetRefused):
        resolve(trick, 80, ())


@pytest.mark.parametrize(("number", "code"), [(socket.EAI_NONAME, "dns"), (socket.EAI_AGAIN, "dns_busy")])
def test_unknown_name_is_unreachable(number: int, code: str) -> None:
    def lookup(*_arguments: Any, **_options: Any) -> Any:
        raise socket.gaierror(number, "whatever")

    with pytest.raises(Unreachable, match=r"The name nowhere\.example can't be found") as caught:
        resolve("nowhere.example", 80, (), lookup=lookup)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("url", "parts", "origin"),
    [
        ("https://shop.example", BaseUrl("https", "shop.example", 443, ""), "https://shop.example"),
        ("http://Shop.Example:8069/odoo/", BaseUrl("http", "shop.example", 8069, "/odoo"), "http://shop.example:8069"),
        ("https://[fd00:7::1]:8443/x/y", BaseUrl("https", "fd00:7::1", 8443, "/x/y"), "https://[fd00:7::1]:8443"),
        ("https://bücher.example:443/", BaseUrl("https", "xn--bcher-kva.example", 443, ""), "https://xn--bcher-kva.example"),
    ],
)
def test_address_is_taken_apart(url: str, parts: BaseUrl, origin: str) -> None:
    assert parse_base_url(url) == parts
    assert parse_base_url(url).origin == origin


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example",
        "ftp://shop.example",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://shop.example:0",
        "https://shop.example:99999",
        "https://shop.example:abc",
        "https://sesame@shop.example",
        "https://mara:sesame@shop.example",
        "https://shop.example/?key=sesame",
        "https://shop.example/#sesame",
        "https://shop.example\\@elsewhere.example",
        "https://shop.example /x",
        "https://shop.example/\nx",
        "https://[fd00::1",
        "https://a..b",
    ],
)
def test_unusable_address_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(TargetRefused) as caught:
        parse_base_url(url)
    assert "sesame" not in caught.value.sentence + caught.value.hint
