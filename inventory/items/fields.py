"""What may be entered into the fields of an item: each value is read, or refused in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import TextChoices

from inventory.items.offers import MOST
from inventory.models import Completeness, Condition, ItemStatus, ItemType, UnitKind
from inventory.quantity import from_thousandths, to_thousandths
from inventory.texts import line, lines

SHOP_PLACES = Decimal("0.001")
"""What shops show of a price."""
MOST_TIERS = 3
_PLACES = Decimal("0.0001")
_LARGEST_PRICE = Decimal(10) ** 10
_WHOLE = re.compile(r"[+-]?[0-9]+")


def rounded(price: Decimal) -> Decimal:
    """A price as shops carry it: three decimals, a half goes up."""
    return price.quantize(SHOP_PLACES, ROUND_HALF_UP)


def read(values: Mapping[str, Any]) -> dict[str, Any]:
    """These values by field, as an item holds them. Raises ValidationError with a sentence for each that can't be, or is no such field."""
    found: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, value in values.items():
        try:
            found[name] = READERS[name](value)
        except KeyError:
            wrong[name] = "An item has no such field that can be set."
        except ValueError as error:
            wrong[name] = str(error)
        except ValidationError as error:
            wrong[name] = " ".join(error.messages)
    if wrong:
        raise ValidationError(wrong)
    return found


def _text(longest: int, *, missing: str = "", several_lines: bool = False) -> Callable[[Any], str]:
    def read_text(value: Any) -> str:
        text = lines("", str(value or "")) if several_lines else line("", str(value or ""))
        if missing and not text:
            raise ValueError(missing)
        if len(text) > longest:
            raise ValueError(f"The text has {len(text):,} characters, at most {longest:,} are possible.")
        return text

    return read_text


def _choice(choices: type[TextChoices], *, blank: bool = False, short: Mapping[str, str] | None = None) -> Callable[[Any], str]:
    known = {spelling.lower(): str(value) for value, label in choices.choices for spelling in (str(value), str(label))}
    known |= short or {}

    def read_choice(value: Any) -> str:
        text = str(value or "").strip()
        if blank and not text:
            return ""
        if text.lower() not in known:
            raise ValueError(f"There is no “{text[:40]}” here. Use one of {', '.join(choices.values)}.")
        return known[text.lower()]

    return read_choice


def whole(least: int, most: int = MOST, *, optional: bool = False) -> Callable[[Any], int | None]:
    """A reader of whole numbers between these, which raises ValueError in words."""
    limits = f"from {least:,} to {most:,}" if most < MOST else f"of {least:,} or more"

    def read_whole(value: Any) -> int | None:
        if optional and (value is None or value == ""):
            return None
        text = str(value).strip()
        if isinstance(value, bool) or not _WHOLE.fullmatch(text) or len(text) > 20 or not least <= int(text) <= most:
            raise ValueError(f"Enter a whole number {limits}, not “{text[:40]}”.")
        return int(text)

    return read_whole


def _money(value: Any) -> Decimal:
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise ValueError(f"“{str(value)[:40]}” is not an amount of money; write it with digits and a point, like 0.125.") from error
    if not amount.is_finite() or abs(amount) >= _LARGEST_PRICE:
        raise ValueError(f"Enter an amount below {_LARGEST_PRICE:,}, not {str(value)[:40]}.")
    if amount != amount.quantize(_PLACES):
        raise ValueError(f"Enter at most four decimal places, not {str(value)[:40]}.")
    return amount


def price(value: Any) -> Decimal | None:
    """A price above zero, to four places, that is not nothing as shops round it. None is not known yet."""
    if value is None or value == "":
        return None
    amount = _money(value)
    if amount <= 0:
        raise ValueError(f"Enter a price above 0, not {amount}. Leave it empty where it is not known yet: no shop is sent it until then.")
    if rounded(amount) == 0:
        raise ValueError(f"Shops carry three decimal places, and {amount} would be 0.000 there. Enter at least 0.0005.")
    return amount


def cost(value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    amount = _money(value)
    if amount < 0:
        raise ValueError(f"Enter a cost of 0 or more, not {amount}.")
    return amount


def tiers(value: Any) -> list[list[Any]] | None:
    """Pairs of quantity and price: quantities rise, prices fall. None leaves them to the shops, an empty list is none."""
    if value is None or value == "":
        return None
    if not isinstance(value, (list, tuple)) or not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in value):
        raise ValueError('Enter tier prices as pairs of quantity and price, such as [[50, "0.110"], [100, "0.100"]].')
    if len(value) > MOST_TIERS:
        raise ValueError(f"At most {MOST_TIERS} tier prices are possible, not {len(value)}.")
    found: list[list[Any]] = []
    for number, (quantity, amount) in enumerate(value, 1):
        try:
            pair = (whole(1)(quantity), price(amount))
        except ValueError as error:
            raise ValueError(f"Tier {number}: {error}") from error
        if pair[1] is None:
            raise ValueError(f"Tier {number} has no price.")
        found.append([pair[0], str(max(pair[1].normalize(), rounded(pair[1]), key=_places))])
    for number, (before, after) in enumerate(pairwise(found), 2):
        if after[0] <= before[0]:
            raise ValueError(
                f"Tier {number} is for {after[0]:,} pieces or more; that has to be more than tier {number - 1}'s {before[0]:,}."
            )
        if rounded(Decimal(after[1])) >= rounded(Decimal(before[1])):
            raise ValueError(f"Tier {number} costs {after[1]}; that has to be less than tier {number - 1}'s {before[1]}.")
    return found


def _places(number: Decimal) -> int:
    return -int(number.as_tuple().exponent)


def _quantity(*, above_zero: bool) -> Callable[[Any], Decimal]:
    def read_quantity(value: Any) -> Decimal:
        number = from_thousandths(to_thousandths(value))
        if number < 0 or (above_zero and number == 0):
            raise ValueError(f"Enter a quantity {'above zero' if above_zero else 'of 0 or more'}, not {number}.")
        return number

    return read_quantity


RULES: Mapping[str, Callable[[Any], Any]] = {
    "unit_kind": _choice(UnitKind),
    "pack": _quantity(above_zero=True),
    "buffer": _quantity(above_zero=False),
    "minimum": whole(0),
    "maximum": whole(0, optional=True),
    "share": whole(1, 100),
}
"""By which a linked item offers what is there."""

READERS: Mapping[str, Callable[[Any], Any]] = {
    "name": _text(300),
    "part_number": _text(80, missing="A number is needed: BrickLink's catalogue number, such as 3001."),
    "item_type": _choice(ItemType),
    "color_id": whole(0),
    "condition": _choice(Condition, short={"n": Condition.NEW, "u": Condition.USED}),
    "completeness": _choice(Completeness, blank=True),
    "location": _text(200),
    "quantity_available": whole(0),
    "status": _choice(ItemStatus),
    "price": price,
    "notes": _text(10_000, several_lines=True),
    "bulk": whole(1, optional=True),
    "sale_percent": whole(0, 99, optional=True),
    "tiers": tiers,
    "cost": cost,
    **RULES,
}
"""Every field that people may set, with what reads it."""
