"""Single values of Odoo's answers: `false` means empty for every type but truth values. Pure. What makes no sense raises Unclear."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from inventory.quantity import LARGEST, THOUSAND, plain
from sync.sources.odoo.pages import stamp_of
from sync.texts import clean

_FINEST_PRICE = Decimal("0.000001")


class Unclear(ValueError):
    """A value that can't be meant. `field` is its name in Odoo, `sentence` what is wrong with it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


def text(value: Any, field: str, limit: int) -> str:
    """A text without blanks around it, leading zeros kept; blank for empty. Raises Unclear for other things and what is too long."""
    if value is None or value is False:
        return ""
    if not isinstance(value, str):
        raise Unclear(field, f"“{field}” is no text.")
    found = clean(value)
    if len(found) > limit:
        raise Unclear(field, f"“{field}” has {len(found):,} characters; at most {limit} can be kept.")
    return found


def label(value: Any, limit: int) -> str:
    """The same for what is only shown: what is too long ends in “…”, what is no text is blank."""
    found = clean(value) if isinstance(value, str) else ""
    return found if len(found) <= limit else f"{found[: limit - 1]}…"


def link(value: Any, field: str) -> int | None:
    """The id that a many2one leads to, its text being a label of the user's language; None for empty. Raises Unclear."""
    if value is None or value is False:
        return None
    number = value[0] if isinstance(value, list) and value else value
    if isinstance(number, bool) or not isinstance(number, int):
        raise Unclear(field, f"“{field}” leads to no record.")
    return number


def linked(value: Any) -> int | None:
    """The same; None for what can't be meant, too."""
    try:
        return link(value, "")
    except Unclear:
        return None


def shown(value: Any, limit: int) -> str:
    """The text of a many2one; blank for empty. For people only."""
    return label(value[1], limit) if isinstance(value, list) and len(value) > 1 else ""


def links(value: Any) -> list[int]:
    """The ids that a one2many or many2many leads to."""
    return [each for each in value if isinstance(each, int)] if isinstance(value, list) else []


def flag(value: Any, field: str) -> bool:
    """True or false, the only type of which false is a value. Raises Unclear."""
    if not isinstance(value, bool):
        raise Unclear(field, f"“{field}” says neither yes nor no.")
    return value


def number(value: Any, field: str) -> Decimal:
    """A number; Odoo has none that is empty. Raises Unclear."""
    try:
        if isinstance(value, bool | list | dict) or value is None:
            raise InvalidOperation
        found = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise Unclear(field, f"“{field}” is no number.") from error
    if not found.is_finite() or abs(found) >= LARGEST:
        raise Unclear(field, f"“{field}” is no number that can be meant.")
    return found


def thousandths(found: Decimal) -> int:
    """A quantity as it is stored; halves of a thousandth go up."""
    return int((found * THOUSAND).to_integral_value(ROUND_HALF_UP))


def price(value: Any, field: str) -> str:
    """A price as plain text; blank for empty and for 0, which means that nobody entered one. Raises Unclear."""
    if value is None or value is False:
        return ""
    found = number(value, field).quantize(_FINEST_PRICE, ROUND_HALF_UP)
    if found < 0:
        raise Unclear(field, f"“{field}” is negative.")
    return format(plain(found), "f") if found else ""


def moment(value: Any, field: str) -> datetime | None:
    """A date and time, UTC whatever the user's zone; None for empty. Raises Unclear."""
    if value is None or value is False:
        return None
    found = stamp_of(value)
    if found is None:
        raise Unclear(field, f"“{field}” is no date and time.")
    return found
