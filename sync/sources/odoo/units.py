"""What moved, in the product's own unit of measure (docs/odoo.md, “Quantities”). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, localcontext
from typing import Any

from inventory.keys import name_key
from sync.sources.odoo import values
from sync.sources.odoo.pages import Page
from sync.sources.odoo.values import Unclear

Row = Mapping[str, Any]
_DIGITS = 40
MEASURED = frozenset(
    (
        "KG",
        "G",
        "T",
        "LB",
        "OZ",
        "L",
        "ML",
        "M³",
        "GAL (US)",
        "QT (US)",
        "FL OZ (US)",
        "IN³",
        "FT³",
        "MM",
        "CM",
        "M",
        "KM",
        "IN",
        "FT",
        "YD",
        "MI",
    )
) | {"M²", "FT²"}
"""Odoo's own units of weight, volume, length and area, in capitals. Its `rounding` tells nothing: pieces come with hundredths, too."""


def is_measured(row: Row) -> bool | None:
    """Whether a product is weighed or measured, so that parts of its unit are sold; None where it has no unit."""
    name = values.shown(row.get("uom_id"), 80)
    return name_key(name) in MEASURED if name else None


def done(row: Row) -> Decimal:
    """What moved, in the move's unit: never its demand. Raises Unclear."""
    field = "quantity" if "quantity" in row else "quantity_done"
    return values.number(row.get(field), field)


def needs_units(row: Row) -> bool:
    """Whether the move can only be converted by its units: something moved, and nothing was asked for."""
    try:
        return bool(done(row)) and not values.number(row.get("product_uom_qty"), "product_uom_qty")
    except Unclear:
        return False


def size_of(unit: Row) -> str:
    """How many of its kind's reference unit a unit of measure is, as text: 12 for a dozen. Blank where Odoo does not say.

    Up to Odoo 18 `factor` is the other way round. It was turned when units got a `relative_factor`.
    """
    try:
        factor = values.number(unit.get("factor"), "factor")
    except Unclear:
        return ""
    if factor <= 0:
        return ""
    return str(factor if "relative_factor" in unit else 1 / factor)


def moved(row: Row, page: Page) -> int:
    """What moved, in thousandths of the product's unit. Raises Unclear where that can't be told."""
    quantity, demand = done(row), values.number(row.get("product_uom_qty"), "product_uom_qty")
    asked = values.number(row.get("product_qty"), "product_qty")
    if not quantity:
        return 0
    if quantity == demand:
        return values.thousandths(asked)
    with localcontext() as context:
        context.prec = _DIGITS
        found = quantity * asked / demand if demand else quantity * _ratio(row, page)
        return values.thousandths(values.number(found, "quantity"))


def _ratio(row: Row, page: Page) -> Decimal:
    """How many of the product's unit one of the move's is."""
    product, unit = values.link(row.get("product_id"), "product_id"), values.link(row.get("product_uom"), "product_uom")
    own = page.unit_of.get(product or 0)
    if own is not None and own == unit:
        return Decimal(1)
    sizes = [page.unit_size.get(each or 0, "") for each in (unit, own)]
    if not all(sizes):
        raise Unclear("product_uom", "“product_uom” can't be converted into the product's unit.")
    return Decimal(sizes[0]) / Decimal(sizes[1])
