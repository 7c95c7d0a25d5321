"""The batch call: up to fifty calls in one, and the quirks that clients have met with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sandbox.brickowl.lots import NotTaken

MOST = 50
ENDPOINTS = ("inventory/create", "inventory/update", "inventory/delete")
QUANTITY_ONLY = {"lot_id", "absolute_quantity"}


def entries(text: str) -> list[dict[str, Any]]:
    """The calls of a batch, from the form field `requests`: an object with one member of that name. Raises NotTaken."""
    try:
        sent = json.loads(text)
    except ValueError as error:
        raise _malformed() from error
    if not isinstance(sent, dict) or set(sent) != {"requests"} or not isinstance(sent["requests"], list):
        raise _malformed()
    found = sent["requests"]
    if not 1 <= len(found) <= MOST:
        raise NotTaken({"error": f"A batch has 1 to {MOST} requests"})
    for call in found:
        params = call.get("params") if isinstance(call, dict) else None
        if not isinstance(params, list) or len(params) != 1 or not isinstance(params[0], dict):
            raise _malformed()
    return found


def form_of(call: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of one of its calls, as a form would hold them."""
    return {name: str(value) for name, value in call["params"][0].items() if value is not None}


def _malformed() -> NotTaken:
    return NotTaken({"error": "Invalid JSON in requests"})
