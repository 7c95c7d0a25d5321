"""Lots as Brick Owl keeps them: what a create and an update must look like, and what becomes of them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from sandbox.brickowl import catalog
from sandbox.market.memory import Row

NOTE_LIMIT = 255
EXTERNAL_LIMIT = 64
CONDITIONS = ("new", "news", "newc", "newi", "usedn", "usedg", "useda", "usedc", "usedi", "other")


class NotTaken(Exception):
    """The request is refused with that status, and a body in one of the shapes errors come in."""

    def __init__(self, body: Mapping[str, Any], status: int = 400) -> None:
        super().__init__(str(body))
        self.body, self.status = body, status


def bad(sentence: str) -> NotTaken:
    """A value that can't be."""
    return NotTaken({"error": {"status": sentence}})


def not_found() -> NotTaken:
    """No such lot."""
    return NotTaken({"errors": ["Lot not found"]}, 404)


def made(lot_id: str, given: Mapping[str, str]) -> Row:
    """The lot that a create asks for. Raises NotTaken."""
    boid, color = given.get("boid", ""), given.get("color_id", "")
    found = catalog.entry(boid)
    if found is None:
        raise NotTaken({"status": "error", "message": "Invalid BOID"})
    if found.retiring:
        raise bad("This item is scheduled for deletion")
    color = color or boid.partition("-")[2]
    rule = catalog.COLORED.get(found.type, "no")
    if rule == "must" and not color:
        raise bad("A color_id is required for this item")
    if rule == "no" and color:
        raise bad("color_id is not allowed for this item")
    if color and color not in catalog.COLORS:
        raise bad("Invalid color_id")
    quantity = whole(given.get("quantity", ""), "quantity")
    if quantity < 1:
        raise bad("Quantity must be greater than zero")
    return {
        "lot_id": lot_id,
        "boid": f"{found.boid}-{color}" if color else found.boid,
        "type": found.type,
        "name": found.name,
        "full_con": condition(given.get("condition", "")),
        "qty": quantity,
        "base_price": price(given.get("price", ""), "price"),
        "sale_percent": 0,
        "for_sale": "1",
        "bulk_qty": 1,
        "tier_price": [],
        "public_note": "",
        "personal_note": "",
        "my_cost": None,
        "lot_weight": None,
        "reserve_uid": "0",
        "external_id": external(given.get("external_id", "")),
        "ids": [{"id": number, "type": of} for number, of in found.ids],
        "created": int(time.time()),
    }


def changed(lot: Row, given: Mapping[str, str]) -> Row:
    """The lot after an update. What it does not know it ignores. Raises NotTaken."""
    found = catalog.entry(lot["boid"])
    if found is not None and found.retiring:
        raise bad("This item is scheduled for deletion")
    if "absolute_quantity" in given and "relative_quantity" in given:
        raise bad("Give absolute_quantity or relative_quantity")
    after = dict(lot)
    for name, value in given.items():
        match name:
            case "absolute_quantity":
                after["qty"] = whole(value, name)
            case "relative_quantity":
                after["qty"] = lot["qty"] + whole(value, name)
            case "price":
                after["base_price"] = price(value, name)
            case "for_sale":
                if value not in ("0", "1"):
                    raise bad("for_sale must be 0 or 1")
                after["for_sale"] = value
            case "sale_percent":
                after["sale_percent"] = whole(value, name)
                if not -95 <= after["sale_percent"] <= 95:
                    raise bad("sale_percent must be between -95 and 95")
            case "my_cost":
                after["my_cost"] = price(value, name)
            case "personal_note" | "public_note":
                if len(value) > NOTE_LIMIT:
                    raise bad(f"{name} is too long")
                after[name] = value
            case "bulk_qty":
                after["bulk_qty"] = whole(value, name)
                if after["bulk_qty"] < 1:
                    raise bad("bulk_qty must be greater than zero")
            case "tier_price":
                after["tier_price"] = tiers(value)
            case "condition":
                after["full_con"] = condition(value)
            case "update_external_id_1":
                after["external_id"] = external(value)
    if after["qty"] < 0:
        raise bad("Quantity must not be negative")
    return after


def read(lot: Mapping[str, Any]) -> Row:
    """The lot as the list shows it: numbers as text, no map as an empty list, a price lowered by the sale."""
    effective = lot["base_price"]
    if lot["sale_percent"]:
        effective = str((Decimal(effective) * (100 - lot["sale_percent"]) / 100).quantize(Decimal("0.001"), ROUND_HALF_UP))
    return {
        "lot_id": lot["lot_id"],
        "boid": lot["boid"],
        "type": lot["type"],
        "con": "used" if lot["full_con"].startswith("used") else "new",
        "full_con": lot["full_con"],
        "qty": str(lot["qty"]),
        "price": effective,
        "base_price": lot["base_price"],
        "final_price": effective,
        "sale_percent": str(lot["sale_percent"]),
        "for_sale": lot["for_sale"],
        "bulk_qty": str(lot["bulk_qty"]),
        "tier_price": lot["tier_price"],
        "public_note": lot["public_note"] or None,
        "personal_note": lot["personal_note"] or "",
        "my_cost": lot["my_cost"],
        "lot_weight": lot["lot_weight"],
        "reserve_uid": lot["reserve_uid"],
        "external_lot_ids": {"other": lot["external_id"]} if lot["external_id"] else [],
        "ids": lot["ids"],
        "owl_id": catalog.base(lot["boid"]),
        "url": f"https://www.brickowl.com/boid/{lot['boid']}",
    }


def listed(lots: Mapping[str, Row], query: Mapping[str, str]) -> list[Row]:
    """The lots a list shows: without `active_only=0` only those for sale. One, with `lot_id` or `external_id_1`."""
    if query.get("lot_id"):
        one = lots.get(query["lot_id"])
        chosen = [one] if one is not None else []
    elif query.get("external_id_1"):
        chosen = [lot for lot in lots.values() if lot["external_id"] == query["external_id_1"]][:1]
    else:
        chosen = list(lots.values())
    if query.get("active_only", "1") != "0":
        chosen = [lot for lot in chosen if lot["qty"] and lot["for_sale"] == "1"]
    if query.get("type"):
        chosen = [lot for lot in chosen if lot["type"] == query["type"]]
    return [read(lot) for lot in chosen]


def whole(value: str, name: str) -> int:
    """A whole number with or without a sign. Raises NotTaken."""
    try:
        return int(value)
    except ValueError as error:
        raise bad(f"Invalid {name}") from error


def price(value: str, name: str) -> str:
    """A positive price, rounded to three decimals. Raises NotTaken."""
    try:
        amount = Decimal(value)
    except InvalidOperation as error:
        raise bad(f"Invalid {name}") from error
    if not amount.is_finite() or amount <= 0:
        raise bad(f"{name} must be positive")
    return str(amount.quantize(Decimal("0.001"), ROUND_HALF_UP))


def condition(value: str) -> str:
    """One of the short codes. Raises NotTaken naming them."""
    if value not in CONDITIONS:
        raise bad(f"Invalid condition, use one of: {', '.join(CONDITIONS)}")
    return value


def external(value: str) -> str:
    """Somebody else's number for the lot. Raises NotTaken."""
    if len(value) > EXTERNAL_LIMIT:
        raise bad("external_id is too long")
    return value


def tiers(value: str) -> list[list[str]]:
    """`50:0.110,100:0.100` as pairs; `remove` is none. Raises NotTaken."""
    if value == "remove":
        return []
    pairs = [part.partition(":") for part in value.split(",")]
    if not 1 <= len(pairs) <= 3 or any(not colon for _, colon, _ in pairs):
        raise bad("Invalid tier_price")
    return [[str(whole(quantity, "tier_price")), price(amount, "tier_price")] for quantity, _, amount in pairs]
