"""The header `Prefer: wait=N` (RFC 7240): the caller would rather wait than come back."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

LONGEST = 60
"""A request that waits keeps a thread of the web server; what takes longer is asked after."""
WAITING_AT_ONCE = 2
"""In one process of the web server: half of its threads as `make serve` starts it, so that those who wait never keep out everybody else."""

_places = threading.BoundedSemaphore(WAITING_AT_ONCE)


def wanted_wait(request: Request) -> int:
    """How many seconds to wait for a result: 0 without the preference, 60 where the caller would wait longer or names no number.

    Other preferences are passed over. Raises ValidationError for a wait that is no whole number.
    """
    for preference in re.split(r"[,;]", request.headers.get("Prefer", "")):
        name, _, value = preference.partition("=")
        if name.strip().lower() != "wait":
            continue
        seconds = value.strip().strip('"')
        if not seconds:
            return LONGEST
        if not re.fullmatch(r"[0-9]{1,9}", seconds):
            raise ValidationError({"Prefer": ["Write wait= and a whole number of seconds, for example “wait=30”."]})
        return min(int(seconds), LONGEST)
    return 0


@contextmanager
def place_to_wait() -> Iterator[bool]:
    """Whether the request may wait now; where others take all the places it is answered at once, as RFC 7240 allows for any preference."""
    taken = _places.acquire(blocking=False)
    try:
        yield taken
    finally:
        if taken:
            _places.release()
