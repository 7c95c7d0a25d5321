"""What may be entered by hand: quantities, costs, times and expiries, each refused with a sentence that names the field."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError

from inventory.errors import BeforeOpening, NotALedger
from inventory.keys import trimmed
from inventory.ledger.booking import Booking
from inventory.ledger.counters import Key
from inventory.models import ExpiryEnds, Product, StockSettings, UnitKind, Warehouse, WarehouseMode
from inventory.quantity import from_thousandths, to_thousandths

LEAST_COST = Decimal("0.01")
COST_PLACES = Decimal("0.0001")
LARGEST_MONEY = Decimal(10) ** 10
CLOCKS_DIFFER = timedelta(minutes=5)


def quantity_of(product: Product, value: Any, field: str = "quantity") -> Decimal:
    """`value` as a quantity of the product, above zero. Raises ValidationError for the field."""
    try:
        number = from_thousandths(to_thousandths(value))
    except ValueError as error:
        raise ValidationError({field: str(error)}) from error
    if number <= 0:
        raise ValidationError({field: f"Enter a quantity above zero, not {number}."})
    if not product.fractional and number != number.to_integral_value():
        raise ValidationError({field: f"{product} is counted in whole numbers, not {number}. A manager can allow fractions of it."})
    return number


def kind_of(value: str, field: str = "unit_kind") -> UnitKind:
    """Raises ValidationError for a unit kind there is not."""
    if value not in UnitKind.values:
        raise ValidationError({field: f"There is no unit kind “{value}”. Use {', '.join(UnitKind.values)}."})
    return UnitKind(value)


def money_of(value: Any, field: str) -> Decimal:
    """An amount of money, to four places and not negative. Raises ValidationError for the field."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation as error:
        raise ValidationError({field: f"“{value}” is not an amount of money."}) from error
    if not amount.is_finite() or not 0 <= amount < LARGEST_MONEY:
        raise ValidationError({field: f"Enter an amount of at least 0 and below {LARGEST_MONEY:,}, not {value}."})
    if amount != amount.quantize(COST_PLACES):
        raise ValidationError({field: f"Enter at most four decimal places, not {value}."})
    return amount


def cost_of(value: Any, *, free: bool) -> Decimal:
    """A unit cost of at least 0.01; zero for free goods. Raises ValidationError naming the field."""
    if free:
        if value not in (None, "") and money_of(value, "unit_cost") != 0:
            raise ValidationError({"unit_cost": "Free goods cost nothing. Leave the cost empty, or do not call them free."})
        return Decimal(0)
    if value in (None, ""):
        raise ValidationError({"unit_cost": "Enter what one costs, or say that the goods are free."})
    amount = money_of(value, "unit_cost")
    if amount < LEAST_COST:
        raise ValidationError({"unit_cost": f"Enter at least {LEAST_COST}, or say that the goods are free."})
    return amount


def text_of(text: str, field: str, longest: int) -> str:
    """The text without blanks around it. Raises ValidationError where it is longer than `longest` characters."""
    cut = trimmed(text)
    if len(cut) > longest:
        raise ValidationError({field: f"Enter at most {longest} characters."})
    return cut


def happened(value: datetime | None, now: datetime, field: str) -> datetime:
    """When something happened: `now` where it is not said. Raises ValidationError for the future."""
    if value is None:
        return now
    if value > now + CLOCKS_DIFFER:
        raise ValidationError({field: "This is in the future. Enter when it happened."})
    return value


def ends(day: date, settings: StockSettings, time_zone: str) -> datetime:
    """The instant from which goods with `day` on them are not sold any more, by the account's setting and time zone.

    Raises ValidationError for the first and the last day of the calendar, where they are none.
    """
    try:
        first = day + timedelta(days=1) if settings.expiry_ends == ExpiryEnds.END_OF_DAY else day
        # In UTC, in which it is stored: the first and the last day of the calendar are not there in every zone.
        return datetime.combine(first, time.min, tzinfo=zoneinfo.ZoneInfo(time_zone)).astimezone(UTC)
    except OverflowError as error:
        raise ValidationError({"expires_on": "This day is too far away. Leave it empty for goods that do not expire."}) from error


def check_ledger(booking: Booking, key: Key, at: datetime) -> Warehouse:
    """The warehouse of a key, in which something of `at` may be booked. Raises NotALedger and BeforeOpening."""
    return check_place(booking.warehouses[key.warehouse_id], at)


def check_place(warehouse: Warehouse, at: datetime) -> Warehouse:
    """The warehouse, in which something of `at` may be booked. Raises NotALedger and BeforeOpening."""
    if warehouse.mode != WarehouseMode.LEDGER:
        raise NotALedger(
            f"The stock of {warehouse} is kept by an outside system and follows it.", hint="Book it there, or choose another warehouse."
        )
    if not warehouse.active:
        raise NotALedger(f"{warehouse} is out of use.", hint="Choose another warehouse, or let a manager put it into use again.")
    if warehouse.opened_at is not None and at < warehouse.opened_at:
        raise BeforeOpening(
            f"{warehouse} is kept here since {warehouse.opened_at:%Y-%m-%d %H:%M} UTC; what happened before is in its opening count.",
            hint="Enter a later time, or correct the opening by a count.",
        )
    return warehouse
