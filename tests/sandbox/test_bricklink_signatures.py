"""Who is let in at BrickLink's stand-in, and what the others are told: always with status 200."""

from __future__ import annotations

import pytest
import requests

from sandbox.server import Sandbox
from tests.sandbox.market import BRICK, BrickLinkCalls, now


@pytest.fixture
def bricklink(sandbox: Sandbox) -> BrickLinkCalls:
    return BrickLinkCalls(sandbox)


def test_right_secrets_are_let_in_with_a_query_that_needs_encoding(bricklink: BrickLinkCalls) -> None:
    assert bricklink.code("GET", "/inventories?item_type=part&status=Y%2CS")[0] == 200
    assert bricklink.code("POST", "/inventories", BRICK)[0] == 201


def test_a_wrong_secret_is_said_inside_a_200(bricklink: BrickLinkCalls) -> None:
    assert bricklink.code("GET", "/colors", secret="another") == (401, "SIGNATURE_INVALID")


def test_a_signature_for_another_address_is_refused(bricklink: BrickLinkCalls) -> None:
    answer = bricklink.send("GET", "/inventories?color_id=11")
    headers = {"Authorization": answer.request.headers["Authorization"]}
    other = bricklink.sandbox.url + answer.request.path_url.replace("11", "1")
    assert requests.get(other, headers=headers, timeout=60).json()["meta"]["description"] == "SIGNATURE_INVALID"


def test_nonce_and_timestamp_serve_once_each_alone_may_come_again(bricklink: BrickLinkCalls) -> None:
    at = now()
    assert bricklink.code("GET", "/colors", nonce="once", timestamp=at)[0] == 200
    assert bricklink.code("GET", "/colors", nonce="once", timestamp=at) == (401, "NONCE_USED")
    assert bricklink.code("GET", "/colors", nonce="twice", timestamp=at)[0] == 200


def test_a_clock_that_is_wrong_is_refused(bricklink: BrickLinkCalls) -> None:
    assert bricklink.code("GET", "/colors", timestamp=str(int(now()) - 3600)) == (401, "TIMESTAMP_REFUSED")


@pytest.mark.parametrize(
    ("switch", "told"),
    [
        ("ip_mismatch", (401, "TOKEN_IP_MISMATCHED: 203.0.113.9")),
        ("wrong_secret", (401, "SIGNATURE_INVALID")),
        ("timestamp_refused", (401, "TIMESTAMP_REFUSED")),
        ("no_permission", (403, "This account may not sell")),
        ("throttled_inside", (429, "Too many requests")),
        ("error_in_200", (500, "Something went wrong on our side")),
    ],
)
def test_what_switches_say_inside_a_200_is_said_once_and_nothing_is_done(
    bricklink: BrickLinkCalls, switch: str, told: tuple[int, str]
) -> None:
    bricklink.switch(switch, times=1)
    assert bricklink.code("POST", "/inventories", BRICK) == told
    assert bricklink.lots() == []
    assert bricklink.code("POST", "/inventories", BRICK)[0] == 201


def test_calls_above_the_limit_are_refused_and_counted(bricklink: BrickLinkCalls) -> None:
    bricklink.sandbox.control("bricklink", "limit", calls=2)
    assert [bricklink.code("GET", "/colors")[0] for _ in range(3)] == [200, 200, 429]
    state = bricklink.sandbox.control("bricklink")
    assert (state["callsInWindow"], state["limit"], state["callsByKind"]) == (3, 2, {"colors": 3})
