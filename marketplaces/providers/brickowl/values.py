"""Single values as Brick Owl writes them: numbers as text, nothing as null, an empty map as an empty list. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from marketplaces.providers.rules import rounded

# More digits are no count and no price of anything, and could take for ever to convert.
_MOST_DIGITS = 15
_MOST_ID_DIGITS = 20


def text(value: Any) -> str:
    """A text or a number as text; blank for nothing and for anything else."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return ""
    # Longer numbers are no ids, and could take for ever to write.
    return str(value) if Decimal(value).is_finite() and abs(value) < 10**_MOST_ID_DIGITS else ""


def number(value: Any) -> Decimal | None:
    """A number, or None for anything that is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        found = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) <= _MOST_DIGITS else None


def whole(value: Any, otherwise: int = 0) -> int:
    """A whole number, its fraction left out; `otherwise` for anything that is none."""
    found = number(value)
    return otherwise if found is None else int(found)


def money(value: Any) -> str | None:
    """A price as text with three decimals; None for nothing."""
    found = number(value)
    return None if found is None else str(rounded(found))


def on(value: Any) -> bool:
    """A truth value, which comes as a digit."""
    return value is True or text(value).lower() in ("1", "true", "yes")


def mapping(value: Any) -> Mapping[str, Any]:
    """An object; the empty one for the empty list that stands for it, and for anything else."""
    return value if isinstance(value, dict) else {}


def rows(value: Any, key: str) -> Iterator[Mapping[str, Any]]:
    """The objects of a list, of an object that holds them by their ids, or the one object that is all there is.

    An object is a single one where it has a member called `key`. What is no object is left out.
    """
    if isinstance(value, dict):
        value = [value] if key in value else value.values()
    for row in value if isinstance(value, list) or not isinstance(value, str | int | Decimal | None) else ():
        if isinstance(row, dict):
            yield row


def moment(value: Any) -> datetime | None:
    """Seconds since 1970, or an ISO time, as a time; None for anything else and for 1970 itself, which means nothing."""
    seconds = number(value)
    try:
        if seconds is not None:
            return datetime.fromtimestamp(int(seconds), UTC) if seconds > 0 else None
        found = datetime.fromisoformat(text(value))
    except (ValueError, OverflowError, OSError):
        return None
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return aware if aware.year > 1970 else None
