from __future__ import annotations

from typing import Any
from unittest.mock import ANY, patch

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import OperationalError
from django.db.models import ProtectedError
from django.http import Http404
from django.test import Client
from rest_framework.exceptions import Throttled, ValidationError

from accounts.errors import Problem
from config.answers import exception_handler


class StillBusy(Problem):
    """For this test."""

    status = 409


class FromFarAway(Exception):
    """Carries the words without being a Problem."""

    code = "far_away"
    sentence = "The far end is gone."
    hint = "Wait."


def answer(error: Exception) -> tuple[int, Any]:
    response = exception_handler(error, {})
    assert response is not None
    return response.status_code, response.data


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (StillBusy("A run is at it."), (409, {"code": "still_busy", "message": "A run is at it."})),
        (
            Problem("No.", hint="Ask.", code="no", status=418),
            (418, {"code": "no", "message": "No.", "hint": "Ask."}),
        ),
        (FromFarAway(), (400, {"code": "far_away", "message": "The far end is gone.", "hint": "Wait."})),
        (RequestDataTooBig(), (413, {"code": "too_large", "message": "The request is larger than 20 MB. Send less at once."})),
        (PermissionDenied(), (403, {"code": "permission_denied", "message": "You may not do this."})),
    ],
    ids=["problem", "with everything", "only the words", "too large", "denied"],
)
def test_code_message_and_hint(error: Exception, expected: tuple[int, Any]) -> None:
    assert answer(error) == expected


@pytest.mark.parametrize(
    ("state", "words"), [("40P01", "deadlock detected"), ("40001", "could not serialize"), (None, "database is locked")]
)
def test_who_let_another_go_first_is_told_to_come_again(state: str | None, words: str) -> None:
    assert answer(_failed(state, words)) == (503, {"code": "in_the_way", "message": ANY, "hint": "Send it again."})


@pytest.mark.parametrize(("state", "words"), [("57P01", "terminating connection"), (None, "disk I/O error")])
def test_other_failures_of_the_database_are_nobody_s_turn(state: str | None, words: str) -> None:
    assert exception_handler(_failed(state, words), {}) is None


def _failed(state: str | None, words: str) -> OperationalError:
    """As Django wraps what the driver raises."""
    error = OperationalError(words)
    error.__cause__ = Exception(words)
    error.__cause__.sqlstate = state  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize(
    ("error", "errors"),
    [
        (ValidationError({"name": ["Too long."]}), {"name": ["Too long."]}),
        (ValidationError("Nonsense."), {"non_field_errors": ["Nonsense."]}),
        (DjangoValidationError({"name": "Too long."}), {"name": ["Too long."]}),
        (DjangoValidationError("Nonsense."), {"non_field_errors": ["Nonsense."]}),
    ],
)
def test_wrong_input_is_named_by_field(error: Exception, errors: dict[str, list[str]]) -> None:
    status, body = answer(error)
    assert status == 400
    assert body == {"code": "invalid", "message": "The request has fields that need correcting.", "errors": errors}


def test_a_missing_row_does_not_say_whether_it_exists_elsewhere() -> None:
    status, body = answer(Http404("No Unit matches the given query."))
    assert (status, body["code"]) == (404, "not_found")
    assert "Unit" not in body["message"]


def test_a_row_that_is_in_use_is_a_conflict() -> None:
    assert answer(ProtectedError("x", set()))[0] == 409


def test_headers_of_the_framework_stay() -> None:
    response = exception_handler(Throttled(wait=7), {})
    assert response is not None
    assert response.headers["Retry-After"] == "7"


def test_what_nobody_foresaw_is_left_to_be_reported() -> None:
    assert exception_handler(ZeroDivisionError(), {}) is None


def test_a_code_comes_from_the_name_of_the_class() -> None:
    assert StillBusy.code == "still_busy"
    assert Problem("x").code == "problem"


def test_an_address_of_the_api_that_is_none_answers_in_json(client: Client) -> None:
    answer = client.get("/api/nowhere")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_an_address_for_people_that_is_none_answers_with_a_page(client: Client) -> None:
    answer = client.get("/nowhere")
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_an_error_in_the_api_that_nobody_foresaw_answers_in_json_and_tells_nothing(client: Client) -> None:
    client.raise_request_exception = False
    with patch("jobs.health.checks", side_effect=ZeroDivisionError("secret")):
        answer = client.get("/api/health")
    assert (answer.status_code, answer.json()["code"]) == (500, "server_error")
    assert "secret" not in answer.content.decode()
