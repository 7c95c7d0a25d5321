"""What an answer of Brick Owl means that says no. Pure (docs/brickowl.md)."""

from __future__ import annotations

from typing import Any

from marketplaces.errors import LotNotThere, ShopRefused
from marketplaces.providers.rules import plain
from sync.wire.errors import BadCredentials, RetryLater, WireError

RATE_PAUSE = 60.0
_MOST_WORDS = 300
_MEMBERS = ("error", "errors")
_DEPTH = 6

RIGHTS = {
    "inventory/list": "to view the inventory",
    "inventory/": "to edit the inventory",
    "bulk/batch": "to edit the inventory",
    "order/": "to view orders",
    "catalog/": "to use the catalogue",
}
"""The right of an API key that each kind of call needs, by how its path begins; the first that fits."""


def problem(answer: Any, status: int, path: str, *, secret: str = "") -> WireError | None:
    """The error that a JSON answer of that HTTP status to a call of `path` is; None when it is none.

    An error may come with 200. Of the shop's own words nothing is kept that holds `secret`.
    """
    said = words_of(answer) if status >= 300 or _is_error(answer) else None
    if said is None:
        return None
    quoted = plain(said.replace(secret, "…") if secret else said)[:_MOST_WORDS]
    return _meaning(quoted, quoted.lower(), status, path)


def _is_error(answer: Any) -> bool:
    if not isinstance(answer, dict):
        return False
    return any(answer.get(name) for name in _MEMBERS) or str(answer.get("status", "")).lower() in ("error", "failed", "failure", "fail")


def words_of(answer: Any) -> str:
    """The first text that says what is wrong, blank where there is none."""
    if isinstance(answer, dict):
        named = [answer[name] for name in (*_MEMBERS, "message") if answer.get(name)]
        return next((found for found in (_first_text(value, _DEPTH) for value in named) if found), "")
    return _first_text(answer, _DEPTH)


def _first_text(value: Any, depth: int) -> str:
    if isinstance(value, str):
        return value.strip()
    if depth and isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return next((found for found in (_first_text(each, depth - 1) for each in inner) if found), "")
    return ""


def _meaning(quoted: str, low: str, status: int, path: str) -> WireError | None:
    own = f" It says: “{quoted}”" if quoted else ""
    if status == 401 or (status < 300 and ("invalid api key" in low or "invalid key" in low)):
        hint = "Make a new API key at Brick Owl and enter it in the connection."
        return BadCredentials(f"Brick Owl refuses the API key.{own}", code="bad_key", hint=hint, http_status=status, certain=True)
    if status == 429 or "too many requests" in low or "rate limit" in low:
        return RetryLater(f"Brick Owl had too many calls.{own}", after=RATE_PAUSE, code="too_many_calls", http_status=status)
    # What else the status says alone, it says better.
    if status >= 500 or 300 <= status < 400 or status in (408, 425):
        return None
    if status == 403 or "permission" in low or "not authorized" in low or "not authorised" in low:
        return forbidden(path, own, status)
    if _of_a_lot(path) and ("lot" in low and _missing(low)):
        return LotNotThere(f"Brick Owl has no such lot.{own}", http_status=status)
    if "scheduled for deletion" in low:
        hint = "Choose another entry of the catalogue, or keep the item off this shop."
        return ShopRefused(f"Brick Owl is taking this out of its catalogue.{own}", code="retiring", hint=hint, http_status=status)
    if "boid" in low or "item not found" in low:
        hint = "Correct what Brick Owl calls this number among the shop's mappings."
        return ShopRefused(f"Brick Owl's catalogue does not know this.{own}", code="unknown_part", hint=hint, http_status=status)
    if "color" in low or "colour" in low:
        hint = "Correct the item's colour, or what Brick Owl calls it among the shop's mappings."
        return ShopRefused(f"Brick Owl refuses the colour.{own}", code="unknown_color", hint=hint, http_status=status)
    if _of_a_lot(path) and (status in (404, 410) or "not found" in low):
        return LotNotThere(f"Brick Owl has no such lot.{own}", http_status=status)
    said = own or f" It gives no reason, only the status {status}."
    return ShopRefused(
        f"Brick Owl refuses this.{said}", code="invalid", hint="Correct the item; it is sent again then.", http_status=status
    )


def _of_a_lot(path: str) -> bool:
    return path in ("inventory/update", "inventory/delete")


def _missing(low: str) -> bool:
    return any(word in low for word in ("not found", "no such", "does not exist", "doesn't exist", "invalid lot", "unknown"))


def forbidden(path: str, own: str = "", status: int = 403) -> ShopRefused:
    """The key has no right to the call of `path`."""
    right = next((right for start, right in RIGHTS.items() if path.startswith(start)), "to make this call")
    hint = "Give the key that right at Brick Owl, then test the connection."
    if path.startswith("catalog/"):
        hint = "Brick Owl gives that right when asked. Until then enter BOIDs and colours among the shop's mappings."
    return ShopRefused(f"The API key has no right {right}.{own}", code="forbidden_function", hint=hint, http_status=status)
