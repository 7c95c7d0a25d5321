"""Single values of Finale's answers. Pure. Numbers come as numbers or as texts; what makes no sense raises Unclear in words."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from inventory.quantity import LARGEST, PLACES, THOUSAND, plain
from sync.texts import clean

_DAYS = 32_767
_FINEST = Decimal("1e-12")
"""Finer than that is noise of fractions, and has more digits than can be kept."""
_USUAL = re.compile(r"(?:0|[1-9]\d{0,10})(?:\.\d{1,12})?", re.ASCII).fullmatch
"""How nearly all numbers are written. There are millions of them, and those need no Decimal to be understood."""
_PACKING = re.compile(r"\s*(\d{1,9}(?:\.\d{1,3})?)(?![\d.])")


class Unclear(ValueError):
    """A value that can't be meant. `field` is its column, `sentence` what is wrong with it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


def text(value: Any, field: str, limit: int) -> str:
    """A text without blanks around it, leading zeros kept; blank for null. Raises Unclear for other things and what is too long."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool | list | dict):
        raise Unclear(field, f"“{field}” is no text.")
    found = clean(str(value))
    if len(found) > limit:
        raise Unclear(field, f"“{field}” has {len(found):,} characters; at most {limit} can be kept.")
    return found


def number(value: Any, field: str) -> Decimal | None:
    """A number; None for null and blank. Raises Unclear."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, bool | list | dict):
            raise InvalidOperation
        found = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise Unclear(field, f"“{field}” is no number.") from error
    if not found.is_finite() or abs(found) >= LARGEST:
        raise Unclear(field, f"“{field}” is no number that can be meant.")
    return found.quantize(_FINEST) if int(found.as_tuple().exponent) < -12 else found


def quantity(value: Any, field: str) -> int:
    """A quantity in thousandths, with its sign; 0 for null. What is finer is noise of fractions and rounded. Raises Unclear."""
    if (usual := _usual(value)) is not None:
        whole, _, rest = usual.partition(".")
        if len(rest) <= PLACES:
            return int(whole + rest.ljust(PLACES, "0"))
    found = number(value, field)
    return 0 if found is None else int((found * THOUSAND).to_integral_value())


def price(value: Any, field: str) -> str:
    """A price as plain decimal text; blank for null and for 0, which means that nobody entered one. Raises Unclear."""
    if (usual := _usual(value)) is not None:
        return "" if usual == "0" else usual
    found = number(value, field)
    if found is not None and found < 0:
        raise Unclear(field, f"“{field}” is negative.")
    return _plain(found) if found else ""


def amount(value: Any, field: str) -> str | None:
    """A number that is not negative, as plain text; None for null, which is not 0. Raises Unclear."""
    if (usual := _usual(value)) is not None:
        return usual
    found = number(value, field)
    if found is not None and found < 0:
        raise Unclear(field, f"“{field}” is negative.")
    return None if found is None else _plain(found)


def days(value: Any, field: str) -> int | None:
    """Whole days, part of one counting as one; None for null. Raises Unclear."""
    found = number(value, field)
    if found is None:
        return None
    if not 0 <= found <= _DAYS:
        raise Unclear(field, f"“{field}” is no number of days that can be meant.")
    return int(found.to_integral_value("ROUND_CEILING"))


def moment(value: Any, field: str) -> datetime | None:
    """A stamp, UTC where it names no zone; None for null. Raises Unclear."""
    if value is None or value == "":
        return None
    try:
        found = datetime.fromisoformat(str(value).strip())
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise Unclear(field, f"“{field}” is no date and time.") from error


def day(value: Any, field: str) -> date | None:
    """The day of a stamp: its first ten characters, whatever clock time and zone follow; None for null. Raises Unclear."""
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(str(value).strip()[:10])
    except ValueError as error:
        raise Unclear(field, f"“{field}” is no day.") from error


def per_case(packing: str) -> int | None:
    """Units of a case in thousandths, as the packing text begins with them: 40,000 of “40 cs 40/1”; None where it does not."""
    found = _PACKING.match(packing)
    return int(Decimal(found[1]) * THOUSAND) or None if found else None


def entries(value: Any, field: str) -> list[dict[str, Any]]:
    """A list of objects; empty for null. Raises Unclear."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise Unclear(field, f"“{field}” is no list of entries.")
    return value


def _usual(value: Any) -> str | None:
    """The plain text of a number that is not negative and written as nearly all are, without trailing zeros; else None."""
    if type(value) is int:
        return str(value) if 0 <= value < LARGEST else None
    if type(value) is not str or not _USUAL(value):
        return None
    return value.rstrip("0").rstrip(".") if "." in value else value


def _plain(found: Decimal) -> str:
    return format(plain(found), "f")
