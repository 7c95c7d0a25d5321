"""One call to Brick Owl: the key in the query of a GET and in the form of a POST, and what its answer means (docs/brickowl.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from marketplaces.errors import ShopRefused
from marketplaces.provider import LONGEST_PAUSE
from marketplaces.providers.brickowl import refusing
from marketplaces.providers.brickowl.budgets import BULK, EACH
from marketplaces.providers.brickowl.system import BASE_URL
from sync.models import Connection
from sync.wire.breaker_row import ConnectionBreaker
from sync.wire.budget import ConnectionBudget
from sync.wire.caller import Spending
from sync.wire.errors import BadCredentials, Refused, WireError, WrongAnswer
from sync.wire.session import WireSession

LIST_SECONDS = 120.0
"""How long the whole inventory may take to begin."""


class Calls:
    """Calls with one connection's key, as a context manager, one at a time. Unless `guarded` they pass by its breaker.

    Raises CredentialsUnreadable, BadCredentials where there is no key, TargetRefused.
    """

    def __init__(self, connection: Connection, *, guarded: bool = True) -> None:
        self._key = connection.secrets.get("api_key") or ""
        if not self._key:
            raise BadCredentials("The API key is missing.", code="no_key", hint="Enter the key in the connection's credentials.")
        self._path = ""
        self._wire = WireSession(
            connection.base_url or BASE_URL,
            connection_id=connection.pk,
            name=connection.name,
            allowed=settings.ALLOWED_TARGETS,
            judge=self._judge,
            budget=ConnectionBudget(connection.pk),
            breaker=ConnectionBreaker(connection.pk) if guarded else None,
            longest_pause=LONGEST_PAUSE,
        )

    def __enter__(self) -> Calls:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._wire.close()

    @sensitive_variables("params")
    def get(
        self, path: str, params: Mapping[str, str], spending: Spending, *, bulk: bool = False, read_seconds: float | None = None
    ) -> Any:
        """The JSON document at `path`, whatever its shape. Tried up to three times. Raises WireError."""
        self._path = path
        params = {"key": self._key, **params}
        try:
            return self._wire.get_json(f"/{path}", params=params, expect=object, spending=_of(spending, bulk), read_seconds=read_seconds)
        except Refused as error:
            raise self._named(error) from None

    @sensitive_variables("form")
    def post(self, path: str, form: Mapping[str, str], spending: Spending, *, bulk: bool = False, may_be_empty: bool = False) -> Any:
        """Send a write once and return its answer, an empty object for an empty one where that `may_be_empty`. Raises WireError."""
        self._path = path
        form = {"key": self._key, **form}
        empty: object | None = {} if may_be_empty else None
        try:
            return self._wire.write_json("POST", f"/{path}", data=form, expect=object, empty=empty, spending=_of(spending, bulk))
        except Refused as error:
            raise self._named(error) from None

    def write(self, path: str, form: Mapping[str, str], spending: Spending, *, may_be_empty: bool = True) -> Mapping[str, Any]:
        """As `post`, for a call whose answer says that it was done. Raises WireError: of one that says anything else nobody knows."""
        answer = self.post(path, form, spending, may_be_empty=may_be_empty)
        if not isinstance(answer, dict) or str(answer.get("status", "success")).lower() != "success":
            raise WrongAnswer(f"Brick Owl's answer to {path} does not say whether it was done.", code="not_said", may_have_acted=True)
        return answer

    def judged(self, answer: Any, status: int, path: str) -> WireError | None:
        """What a part of an answer means, as if it had been the answer to a call of `path`."""
        return refusing.problem(answer, status, path, secret=self._key)

    def _judge(self, answer: Any, status: int) -> WireError | None:
        return self.judged(answer, status, self._path)

    def _named(self, error: Refused) -> Refused:
        """A refusal without words of the shop's, with the right that is missing."""
        if error.http_status == 403 and not isinstance(error, ShopRefused):
            return refusing.forbidden(self._path)
        return error


def _of(spending: Spending, bulk: bool) -> Spending:
    return replace(spending, names=(EACH, BULK) if bulk else (EACH,))
