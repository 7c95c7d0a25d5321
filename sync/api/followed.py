"""The answer to a start: what was started, at once or when it has ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from rest_framework.response import Response

from jobs.api.prefer import place_to_wait


class Active(Protocol):
    """Something that goes on by itself until it ends."""

    @property
    def is_active(self) -> bool: ...


Started = TypeVar("Started", bound=Active)


@dataclass(frozen=True)
class Followed(Generic[Started]):
    """How to follow what was started: find it as it is now, wait for its end so many seconds, tell of it, and where to ask after it."""

    find: Callable[[], Started]
    wait: Callable[[Started, float], object]
    envelope: Callable[[Started], dict[str, Any]]
    address: Callable[[Started], str]


def followed(how: Followed[Started], seconds: int, *, replayed: bool) -> Response:
    """202 with it as it stands, or 200 when it ended within `seconds`. `replayed`: an earlier request with the same key started it."""
    found = how.find()
    waited = bool(seconds)
    if seconds and found.is_active:
        with place_to_wait() as waited:
            if waited:
                how.wait(found, seconds)
        found = how.find()
    headers = {"Location": how.address(found)}
    if waited:
        headers["Preference-Applied"] = f"wait={seconds}"
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(how.envelope(found), status=200 if seconds and not found.is_active else 202, headers=headers)
