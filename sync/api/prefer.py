"""The header `Prefer: wait=N` (RFC 7240): the caller would rather wait than come back."""

from __future__ import annotations

import re

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

LONGEST = 60
"""A request that waits keeps a thread of the web server; what takes longer is asked after."""


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
