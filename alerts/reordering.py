"""When something runs out, and when to buy how much of it (docs/forecast.md). Pure: values in, values out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from statistics import NormalDist

from alerts.forecast import FINEST

NONE = Decimal(0)
MOST_DAYS = 36_500
"""A hundred years: more are said to be so many."""


@dataclass(frozen=True)
class Standing:
    """What there is of a product and what was settled about it, in what it is counted in. `step` is what quantities are multiples of."""

    available: Decimal
    on_order: Decimal = NONE
    reorder_point: Decimal | None = None
    reorder_quantity: Decimal | None = None
    step: Decimal = Decimal(1)


@dataclass(frozen=True)
class Terms:
    """Days until an order arrives, days that it is to last, and how many deviations are kept for bad luck."""

    lead_days: int
    cover_days: int
    factor: Decimal


@dataclass(frozen=True)
class Plan:
    """When it runs out and what to buy when.

    `days_left` is 0 for what is out, None while nothing is known of sales. `reorder_in` is 0 for today, None where nothing is to be bought.
    `quantity` is for an order on that day: what sells in the days to cover, and what is missing then to `level`, rounded up to whole steps.
    """

    days_left: int | None
    reorder_in: int | None
    quantity: Decimal
    safety: Decimal
    level: Decimal
    missing: Decimal
    wanted: Decimal


def plan(daily: Decimal | None, deviation: Decimal, standing: Standing, terms: Terms) -> Plan:
    """Buy when what there is and what is on order no longer lasts until an order arrives and for `safety`, or is at the reorder point.

    A longer lead time never makes the day later or the quantity smaller; nothing is ever negative.
    """
    selling = daily or NONE
    safety = (terms.factor * deviation * Decimal(terms.lead_days).sqrt()).quantize(FINEST, ROUND_CEILING)
    level = max(selling * terms.lead_days + safety, standing.reorder_point or NONE)
    position = standing.available + standing.on_order
    missing = max(level - position, NONE)
    wanted = selling * terms.cover_days + missing
    if standing.reorder_quantity is not None and (selling or position <= level != 0):
        wanted = max(wanted, standing.reorder_quantity)
    quantity = (wanted / standing.step).to_integral_value(ROUND_CEILING) * standing.step
    due = position <= level and quantity > 0
    left = 0 if standing.available <= 0 else _whole_days(standing.available, selling)
    return Plan(left, 0 if due else _whole_days(position - level, selling), quantity, safety, level, missing, wanted)


def _whole_days(quantity: Decimal, daily: Decimal) -> int | None:
    if daily <= 0:
        return None
    return min(int((max(quantity, NONE) / daily).to_integral_value(ROUND_FLOOR)), MOST_DAYS)


def factor_of(service_percent: int) -> Decimal:
    """How many deviations cover such a share of cases of a normal distribution: 95 is 1.645. Never negative."""
    return max(Decimal(NormalDist().inv_cdf(service_percent / 100)).quantize(FINEST, ROUND_HALF_UP), NONE)


def lead_time(product: int | None, vendor: int | None, otherwise: int) -> tuple[int, str]:
    """Days from order to receipt and whose word that is: the product's own, its vendor's, or the account's."""
    if product is not None:
        return product, "product"
    return (vendor, "vendor") if vendor is not None else (otherwise, "settings")


def step_of(*, fractional: bool, counted_in_units: bool, units_per_pack: Decimal | None) -> Decimal:
    """What a quantity is a multiple of: whole packs where it is counted in units and packs are known, else whole ones, or thousandths."""
    if counted_in_units and units_per_pack:
        return units_per_pack
    return FINEST if fractional else Decimal(1)
