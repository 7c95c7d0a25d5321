"""Requests with the character NUL, which no text of a database can hold and no person types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from accounts.errors import Problem

NUL = "\0"
_JSON_BODIES = "/api/"


class NulCharacter(Problem, BadRequest):
    """Refused: the address or the form holds a NUL, which PostgreSQL would fail at."""

    hint = "Take it out."

    def __init__(self) -> None:
        super().__init__("The address or the form holds a character that no text can have (NUL).")


class NoNul:
    """Middleware: a NUL in the address or in a posted form ends in NulCharacter. Bodies of the API are checked by its serializers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if NUL in request.path or any(NUL in name or NUL in value for name, value in _pairs(request.GET)):
            raise NulCharacter
        return self._answer(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        # Behind the CSRF check, which has read the form already.
        is_form = request.method == "POST" and not request.path.startswith(_JSON_BODIES)
        if is_form and any(NUL in name or NUL in value for name, value in _pairs(request.POST)):
            raise NulCharacter


def _pairs(given: Any) -> list[tuple[str, str]]:
    return [(name, value) for name, values in given.lists() for value in values]
