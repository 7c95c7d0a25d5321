"""What the API answers when something can't be done: always `code` and `message`, with `hint` and field `errors` where there are any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import OperationalError
from django.db.models import ProtectedError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import defaults
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error
from rest_framework.views import exception_handler as answer_of_rest_framework
from rest_framework.views import set_rollback

from accounts.errors import Problem
from accounts.nul import NulCharacter
from accounts.uploadlimit import FileTooLarge

API = "/api/"
NOTHING_THERE = "There is nothing here for you: the address is wrong, or the row is not one of your business account."


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to `exc`, or None for an error that nobody foresaw, which is Django's to report.

    Errors that carry a sentence answer with their own status (400 where they have none) and code; wrong input with 400 and
    `errors` by field.
    """
    exc = _unreadable(exc) or _in_the_way(exc) or exc
    if isinstance(exc, Problem) or isinstance(getattr(exc, "sentence", None), str):
        set_rollback()
        status, code = getattr(exc, "status", 400), getattr(exc, "code", type(exc).__name__)
        return _answer(status, code, exc.sentence, getattr(exc, "hint", ""), getattr(exc, "details", None))  # type: ignore[attr-defined]
    if isinstance(exc, ProtectedError):
        set_rollback()
        return _answer(409, "in_use", "Other rows still need this one, so it stays. Remove them first.")
    if isinstance(exc, DjangoValidationError):
        exc = ValidationError(as_serializer_error(exc))
    response = answer_of_rest_framework(exc, context)
    if response is None:
        return None
    if isinstance(exc, ValidationError):
        response.data = {"code": "invalid", "message": "The request has fields that need correcting.", "errors": _by_field(exc.detail)}
    elif isinstance(exc, Http404):
        response.data = {"code": "not_found", "message": NOTHING_THERE}
    elif isinstance(exc, APIException):
        response.data = {"code": exc.get_codes(), "message": str(exc.detail)}
    else:
        response.data = {"code": "permission_denied", "message": str(exc) or "You may not do this."}
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The answer to a request that could not even be read: in words where it was too much at once, and JSON for programs."""
    problem = _unreadable(exception)
    if request.path.startswith(API):
        sentence = problem.sentence if problem else "The request can't be read. Check its address and its headers."
        hint = {"hint": problem.hint} if problem and problem.hint else {}
        code, status = (problem.code, problem.status) if problem else ("bad_request", 400)
        return JsonResponse({"code": code, "message": sentence, **hint}, status=status)
    if problem:
        return render(request, "config/too_large.html", {"problem": problem}, status=problem.status)
    return defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 for an address that is none: JSON for programs, a page for people."""
    if request.path.startswith(API):
        return JsonResponse({"code": "not_found", "message": NOTHING_THERE}, status=404)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500 for an error that nobody foresaw, of which the log tells the operator more."""
    if request.path.startswith(API):
        sentence = "Something unexpected happened here. The operator finds the details in the log."
        return JsonResponse({"code": "server_error", "message": sentence}, status=500)
    return defaults.server_error(request)


def _unreadable(exc: Exception) -> Problem | None:
    """What is wrong with a request that was not read to its end, because of its size or of a NUL; None for any other error."""
    if isinstance(exc, FileTooLarge | NulCharacter):
        return exc
    if isinstance(exc, RequestDataTooBig):
        megabytes = settings.UPLOAD_LIMIT / 1024 / 1024
        return Problem(f"The request is larger than {megabytes:g} MB. Send less at once.", code="too_large", status=413)
    if isinstance(exc, TooManyFilesSent):
        return Problem(f"More than {settings.DATA_UPLOAD_MAX_NUMBER_FILES} files came at once. Send fewer at once.", code="too_many_files")
    if isinstance(exc, TooManyFieldsSent):
        return Problem(
            f"More than {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} fields came at once. Send fewer at once.", code="too_many_fields"
        )
    return None


def _in_the_way(exc: Exception) -> Problem | None:
    """What to do when the database let another request go first, as of two that wait for each other; None for any other error."""
    if not isinstance(exc, OperationalError):
        return None
    # PostgreSQL's class 40 is deadlocks and serialisation; SQLite only says so in words.
    if not (getattr(exc.__cause__, "sqlstate", None) or "").startswith("40") and "database is locked" not in str(exc):
        return None
    sentence = "Somebody else changed the same rows at the same moment and went first."
    return Problem(sentence, hint="Send it again.", code="in_the_way", status=503)


def _answer(status: int, code: str, sentence: str, hint: str = "", details: Mapping[str, Any] | None = None) -> Response:
    body: dict[str, Any] = {"code": code, "message": sentence}
    if hint:
        body["hint"] = hint
    if details:
        body["details"] = dict(details)
    return Response(body, status=status)


def _by_field(detail: Any) -> Any:
    return detail if isinstance(detail, dict) else {"non_field_errors": detail}
