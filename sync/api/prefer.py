"""The header `Prefer: wait=N` (RFC 7240): the caller would rather wait than come back."""

from __future__ import annotations

import re

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

LONGEST = 120


def wanted_wait(request: Request) -> int:
    """How many seconds the caller would wait for a result: 0 without the preference. Other preferences are passed over.

    Raises ValidationError for a number of seconds that is not from 1 to 120.
    """
    for preference in re.split(r"[,;]", request.headers.get("Prefer", "")):
        name, _, value = preference.partition("=")
        if name.strip().lower() != "wait":
            continue
        seconds = value.strip().strip('"')
        if not (re.fullmatch(r"[0-9]{1,3}", seconds) and 1 <= int(seconds) <= LONGEST):
            raise ValidationError({"Prefer": [f"Write wait= and a whole number of seconds from 1 to {LONGEST}, for example “wait=30”."]})
        return int(seconds)
    return 0
