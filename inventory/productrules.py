"""What a product's numbers may be, whichever way they come in. Pure."""

from __future__ import annotations

from decimal import Decimal

from inventory.models import Product

MOST_INSIDE = 1_000_000
"""Packs in a pallet, units in a pack."""

LONGEST_LEAD = 3650
PRICE_DIGITS = 14
PRICE_PLACES = 4
_PRICE_LIMIT = Decimal(10) ** (PRICE_DIGITS - PRICE_PLACES)


def wrong(product: Product) -> dict[str, str]:
    """A sentence for each of the product's fields that can't be so, by the field's name."""
    found = {
        "packs_per_pallet": wrong_packs(product.packs_per_pallet),
        "units_per_pack": wrong_units(product.units_per_pack, fractional=product.fractional),
        "lead_time_days": wrong_lead_time(product.lead_time_days),
        "purchase_price": wrong_price(product.purchase_price),
        "sale_price": wrong_price(product.sale_price),
    }
    return {field: sentence for field, sentence in found.items() if sentence}


def wrong_packs(packs: Decimal | int | None) -> str:
    if packs is None or _is_whole(packs):
        return ""
    return f"Packs in a pallet are a whole number from 1 to {MOST_INSIDE:,}; leave it empty where that is unknown."


def wrong_units(units: Decimal | int | None, *, fractional: bool) -> str:
    """A pack of what is counted in fractions may hold any part of a unit: 2.5 metres, 0.25 kilograms."""
    if units is None or _is_whole(units) or (fractional and 0 < units <= MOST_INSIDE):
        return ""
    if 0 < units <= MOST_INSIDE:
        return "Units in a pack are a whole number, as the product is not counted in fractions."
    return f"Units in a pack are a number from 1 to {MOST_INSIDE:,}; leave it empty where that is unknown."


def wrong_lead_time(days: int | None) -> str:
    if days is None or 0 <= days <= LONGEST_LEAD:
        return ""
    return f"A lead time is a whole number of days from 0 to {LONGEST_LEAD:,}."


def wrong_price(price: Decimal | None) -> str:
    if price is None:
        return ""
    if not price.is_finite() or not 0 <= price < _PRICE_LIMIT:
        return f"A price is a number from 0 to less than {_PRICE_LIMIT:,}."
    if price != round(price, PRICE_PLACES):
        return f"A price has at most {PRICE_PLACES} decimal places."
    return ""


def _is_whole(number: Decimal | int) -> bool:
    return number == int(number) and 1 <= number <= MOST_INSIDE
