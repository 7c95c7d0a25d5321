"""What answers mean that say no: by the code in them, not by their status."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplaces.errors import ShopRefused
from marketplaces.providers.bricklink.refusing import NotThere, SignedBadly, judge
from sync.wire.breaker import Outcome, outcome_of
from sync.wire.errors import BadCredentials, RetryLater, WireError, WrongAnswer


def said(code: object, description: str = "", message: str = "") -> dict[str, Any]:
    return {"meta": {"description": description, "message": message, "code": code}, "data": {}}


@pytest.mark.parametrize(
    ("answer", "kind", "code", "acted", "outcome"),
    [
        (said(400, "Unparseable value or field: item.type"), ShopRefused, "invalid", False, Outcome.SUCCESS),
        (said(400, "", "INVALID_REQUEST_BODY"), ShopRefused, "invalid", False, Outcome.SUCCESS),
        (said(400, "Invalid item sequence number: null"), ShopRefused, "set_suffix", False, Outcome.SUCCESS),
        (said(400, "Parameter [color_id] is invalid"), ShopRefused, "unknown_color", False, Outcome.SUCCESS),
        (said(405, "", "METHOD_NOT_ALLOWED"), ShopRefused, "invalid", False, Outcome.SUCCESS),
        (said(415, "", "UNSUPPORTED_MEDIA_TYPE"), ShopRefused, "invalid", False, Outcome.SUCCESS),
        (said(422, "NOT_IN_UPDATABLE_STATUS"), ShopRefused, "invalid", False, Outcome.SUCCESS),
        (said(404, "Inventory 700000999 not found"), NotThere, "not_there", False, Outcome.SUCCESS),
        (said(401, "SIGNATURE_INVALID: oauth_timestamp=1"), BadCredentials, "signature", False, Outcome.LOGIN_CERTAINLY_REFUSED),
        (said(401, "TOKEN_IP_MISMATCHED: 203.0.113.9"), BadCredentials, "address", False, Outcome.LOGIN_CERTAINLY_REFUSED),
        (said(401, "NONCE_USED"), SignedBadly, "signed_badly", False, Outcome.SUCCESS),
        (said(401, "TIMESTAMP_REFUSED"), SignedBadly, "signed_badly", False, Outcome.SUCCESS),
        (said(403, "", "PERMISSION_DENIED"), BadCredentials, "forbidden", False, Outcome.LOGIN_CERTAINLY_REFUSED),
        (said(429), RetryLater, "too_many_calls", False, Outcome.NEUTRAL),
        (said("500", "", "INTERNAL_SERVER_ERROR"), RetryLater, "server_error", True, Outcome.FAILURE),
        (said(503), RetryLater, "server_error", True, Outcome.FAILURE),
        ({"hello": 1}, WrongAnswer, "json_shape", True, Outcome.FAILURE),
        ([], WrongAnswer, "json_shape", True, Outcome.FAILURE),
    ],
)
def test_bug_8_error_counts_as_what_it_is_inside_an_answer_of_200(
    answer: Any, kind: type[WireError], code: str, acted: bool, outcome: Outcome
) -> None:
    error = judge(answer, 200)
    assert isinstance(error, kind)
    assert (error.code, error.may_have_acted, outcome_of(error)) == (code, acted, outcome)


@pytest.mark.parametrize("code", [200, 201, 204, "204", 299])
def test_any_two_hundred_is_good(code: object) -> None:
    assert judge(said(code), 200) is None


def test_good_word_under_an_error_status_is_not_believed() -> None:
    assert isinstance(judge(said(200), 500), WrongAnswer)


def test_status_speaks_where_there_is_no_envelope() -> None:
    assert judge({"error": "x"}, 503) is None


def test_refused_address_is_named() -> None:
    error = judge(said(401, "TOKEN_IP_MISMATCHED: 203.0.113.9", "BAD_OAUTH_REQUEST"), 200)
    assert error is not None
    assert error.sentence == (
        "The token is for another IP address: it does not let 203.0.113.9, which is how BrickLink sees this machine in."
    )
    assert error.hint == "Make a new token at BrickLink for 203.0.113.9, or for all addresses (0.0.0.0, mask 0.0.0.0)."


def test_brick_links_own_words_are_shown() -> None:
    error = judge(said(400, "String input must not be null", "PARAMETER_MISSING_OR_INVALID"), 200)
    assert error is not None
    assert error.sentence == "BrickLink refuses this. It says: “String input must not be null”."


def test_too_many_calls_rest_a_minute_where_nothing_else_is_said() -> None:
    error = judge(said(429), 200)
    assert isinstance(error, RetryLater)
    assert error.after == 60


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["meta", "code", "description", "message", "data"]), inner),
    ),
    st.sampled_from([200, 201, 400, 401, 404, 429, 500, 503]),
)
def test_every_answer_is_judged(answer: Any, status: int) -> None:
    error = judge(answer, status)
    assert error is None or isinstance(error, WireError)
