"""What Brick Owl means when it says no, however it says it."""

from __future__ import annotations

from typing import Any

import pytest

from marketplaces.errors import LotNotThere, ShopRefused
from marketplaces.providers.brickowl.refusing import problem
from sync.wire.errors import BadCredentials, RetryLater
from tests.marketplaces.brickowl.build import KEY, LISTED

CREATE, UPDATE = "inventory/create", "inventory/update"
WORDS = "Invalid condition, use one of: new, news, newc"


@pytest.mark.parametrize(
    "answer",
    [
        {"error": WORDS},
        {"error": {"status": WORDS}},
        {"errors": [WORDS]},
        {"errors": {"condition": [WORDS]}},
        {"status": "error", "message": WORDS},
        {"error": [], "errors": [{"message": WORDS}]},
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_every_shape_of_an_error_is_one_also_inside_200(answer: Any, status: int) -> None:
    found = problem(answer, status, CREATE)
    assert isinstance(found, ShopRefused)
    assert found.code == "invalid"
    assert WORDS in found.sentence


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "success", "lot_id": "55500123"},
        {"status": "Success"},
        {"status": "Payment Received", "order_id": "8800001"},
        {"error": "", "errors": [], "status": "success"},
        {"error": None},
        [LISTED],
        [],
        {},
        LISTED,
    ],
)
def test_what_says_no_error_is_none(answer: Any) -> None:
    assert problem(answer, 200, "order/view") is None


@pytest.mark.parametrize(
    ("status", "said", "path", "kind", "code"),
    [
        (401, "Invalid API key", CREATE, BadCredentials, "bad_key"),
        (200, "Invalid API key", UPDATE, BadCredentials, "bad_key"),
        (403, "This key does not have the right to do this", UPDATE, ShopRefused, "forbidden_function"),
        (400, "You do not have permission", "catalog/id_lookup", ShopRefused, "forbidden_function"),
        (429, "Too many requests", CREATE, RetryLater, "too_many_calls"),
        (200, "Rate limit exceeded", CREATE, RetryLater, "too_many_calls"),
        (400, "Invalid BOID", CREATE, ShopRefused, "unknown_part"),
        (404, "Item not found", CREATE, ShopRefused, "unknown_part"),
        (404, "Item not found", UPDATE, ShopRefused, "unknown_part"),
        (400, "This item is scheduled for deletion", CREATE, ShopRefused, "retiring"),
        (400, "This item is scheduled for deletion", UPDATE, ShopRefused, "retiring"),
        (400, "Invalid color", CREATE, ShopRefused, "unknown_color"),
        (400, "Lot not found", UPDATE, LotNotThere, "lot_not_there"),
        (404, "Lot not found", "inventory/delete", LotNotThere, "lot_not_there"),
        (404, "Not found", UPDATE, LotNotThere, "lot_not_there"),
        (400, "Quantity must be positive", CREATE, ShopRefused, "invalid"),
    ],
)
def test_what_is_said_decides_what_happens_next(status: int, said: str, path: str, kind: type, code: str) -> None:
    found = problem({"error": said}, status, path)
    assert type(found) is kind
    assert found.code == code
    assert not found.may_have_acted


def test_server_errors_are_left_to_their_status() -> None:
    assert problem({"error": "Something went wrong"}, 500, CREATE) is None


@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("inventory/list", "view the inventory"),
        ("inventory/update", "edit the inventory"),
        ("bulk/batch", "edit the inventory"),
        ("order/list", "view orders"),
        ("catalog/color_list", "catalogue"),
    ],
)
def test_missing_right_is_named(path: str, right: str) -> None:
    found = problem({"error": "Not allowed"}, 403, path)
    assert found is not None
    assert right in found.sentence


def test_key_that_the_shop_repeats_is_not_repeated() -> None:
    found = problem({"error": f"Invalid API key {KEY}!"}, 401, CREATE, secret=KEY)
    assert found is not None
    assert KEY not in found.sentence + found.hint + repr(found)
    assert "Invalid API key …!" in found.sentence


def test_long_and_marked_up_words_are_shown_short_and_plain() -> None:
    found = problem({"error": "<b>No</b> " + "x" * 5000}, 400, CREATE)
    assert found is not None
    assert len(found.sentence) < 400
    assert "<b>" not in found.sentence
