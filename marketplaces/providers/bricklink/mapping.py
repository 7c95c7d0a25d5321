"""What BrickLink should show of an item, and the bodies that tell it so. Pure (docs/bricklink.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from inventory.models import Completeness, Condition, Item, ItemStatus, ItemType
from inventory.models.item import TOKEN_LENGTH
from marketplaces.lots import Fields, Refusal, Wanted
from marketplaces.models import ListingState
from marketplaces.providers import rules

TEXT_LIMIT = 255
"""Of description and remarks; BrickLink names none."""
MARK_LENGTH = TOKEN_LENGTH + 2
"""A blank, “#” and the token."""
CONDITIONS = {Condition.NEW: "N", Condition.USED: "U"}
COMPLETENESS = {Completeness.SEALED: "S", Completeness.COMPLETE: "C", Completeness.INCOMPLETE: "B"}
_UNSTATED = {Condition.NEW: "S", Condition.USED: "C"}
TIERS = 3
_SUFFIXED = re.compile(r".+-\d+")


@dataclass(frozen=True)
class Known:
    """What is known of BrickLink for one item.

    `number` is what a person says that BrickLink calls the item's, blank otherwise. `color` is its colour there, None where BrickLink's
    list does not have it. `currency` is the shop's, blank while not known. `told` is the identity that its lot was made with or has; None
    where it has no lot.
    """

    number: str = ""
    color: int | None = None
    currency: str = ""
    told: Mapping[str, Any] | None = None


def wanted(item: Item, settings: Mapping[str, Any], known: Known) -> Wanted | Refusal:
    """The lot of an item by the connection's `settings`, or why there can't be one."""
    if known.color is None:
        return Refusal(
            ListingState.UNMAPPED,
            "unknown_color",
            f"BrickLink has no colour {item.color_id}.",
            "Correct the item's colour, or enter what BrickLink calls it among the shop's mappings.",
        )
    factor = rules.factor_of(settings["price_factor"])
    refusal = rules.currency_refusal(str(settings["price_currency"]), known.currency, factor)
    if refusal is not None:
        return refusal
    fields: dict[str, Any] = {}
    price = rules.price_of(item.price, factor)
    # A lot can't be made without a price; afterwards it is the shop's own where we are not to send it.
    if settings["send_price"] or known.told is None:
        if isinstance(price, Refusal):
            return price
        fields["price"] = price
    tiers = None if item.tiers is None else rules.tiers_of(item.tiers, factor)
    if tiers is not None:
        if problem := _tier_problem(tiers, fields.get("price")):
            return Refusal(ListingState.FAILED, "invalid", problem, "Correct the item's tier prices.")
        fields["tiers"] = tiers
    texts, warnings = _texts(item, settings)
    fields |= {"hidden": item.status == ItemStatus.RESERVED, **texts}
    if item.bulk is not None:
        fields["bulk"] = item.bulk
    if item.sale_percent is not None:
        fields["sale_percent"] = item.sale_percent
    if item.cost is not None:
        fields["cost"] = rules.cost_of(item.cost, factor)
    return Wanted(_identity(item, known, known.color), item.offered, fields, warnings)


def _identity(item: Item, known: Known, color: int) -> dict[str, Any]:
    number = numbered(item.item_type, known.number or item.part_number)
    told = str((known.told or {}).get("number") or "")
    # BrickLink tells no number from another by capitals alone, so a lot is not replaced for them.
    number = told if told.casefold() == number.casefold() else number
    condition = Condition(item.condition)
    stated = COMPLETENESS.get(Completeness(item.completeness), _UNSTATED[condition])
    return {
        "type": str(item.item_type),
        "number": number,
        "color": color,
        "condition": CONDITIONS[condition],
        "completeness": stated if item.item_type == ItemType.SET else "",
    }


def numbered(item_type: str, number: str) -> str:
    """A number as BrickLink's catalogue has it: that of a set ends with which one of that number it is, the first unless it says so."""
    number = number.strip()
    return f"{number}-1" if item_type == ItemType.SET and not _SUFFIXED.fullmatch(number) else number


def _tier_problem(tiers: list[list[Any]], price: str | None) -> str:
    if len(tiers) > TIERS:
        return f"BrickLink takes {TIERS} tier prices, and the item has {len(tiers)}."
    last = (1, Decimal(price) if price is not None else None)
    for number, (quantity, text) in enumerate(tiers, 1):
        amount = Decimal(text)
        if amount <= 0:
            return f"Tier price {number} rounds to 0.000, and shops take three decimals."
        if quantity <= last[0] or (last[1] is not None and amount >= last[1]):
            return f"Tier {number} has to be for more pieces and at a lower price, rounded to three decimals, than what stands before it."
        last = (quantity, amount)
    return ""


def _texts(item: Item, settings: Mapping[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    fields: dict[str, str] = {}
    warnings: list[str] = []
    room = TEXT_LIMIT - (MARK_LENGTH if settings["token"] else 0)
    for name, label, send, limit in (("notes", "Notes", "send_notes", TEXT_LIMIT), ("location", "The location", "send_location", room)):
        if settings[send]:
            text = rules.plain(getattr(item, name))
            fields[name], was_cut = rules.cut(" ".join(text.split()) if name == "location" else text, limit)
            if was_cut:
                warnings.append(rules.cut_warning(label, limit))
    return fields, tuple(warnings)


def remarks(location: str, token: str) -> str:
    """The private text of a lot: where it lies, and the mark by which it is known to be ours, if it has one."""
    return f"{location} #{token}".strip() if token else location


def create_body(wanted: Wanted, token: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """What makes the lot: the members that BrickLink takes, and all that it insists on. Raises ValueError for no pieces at all."""
    if wanted.quantity < 1:
        raise ValueError("A lot is made of at least one piece.")
    identity, fields = wanted.identity, wanted.fields
    body: dict[str, Any] = {
        "item": {"no": identity["number"], "type": identity["type"]},
        "color_id": identity["color"],
        "quantity": wanted.quantity,
        "new_or_used": identity["condition"],
        "description": "",
        "remarks": remarks(str(fields.get("location", "")), _mark(token, settings)),
        "bulk": 1,
        "is_retain": settings["zero_stock"] == "keep",
        "is_stock_room": False,
        **_members({name: value for name, value in fields.items() if name != "location"}, settings),
    }
    if identity["completeness"]:
        body["completeness"] = identity["completeness"]
    return body


@dataclass(frozen=True)
class Before:
    """What is known of a lot that is to be changed: the pieces that it was told, its item's token, the public text that it has, and
    whether it is hidden for another reason than being empty."""

    quantity: int
    token: str
    description: str
    hidden: bool = False


def update_body(difference: int, fields: Fields, before: Before, settings: Mapping[str, Any]) -> dict[str, Any]:
    """What moves the lot's quantity by `difference` and sets `fields`, and changes nothing else.

    The public text is always repeated, because BrickLink takes no update without it. Where empty lots are kept, one that becomes empty is
    retained in a stockroom, and taken out of it when there are pieces again, unless it is to be hidden.
    """
    body: dict[str, Any] = {"description": before.description, **_members(fields, settings)}
    if difference:
        body["quantity"] = f"{difference:+d}"
    if "location" in fields:
        body["remarks"] = remarks(str(fields["location"]), _mark(before.token, settings))
    if settings["zero_stock"] == "keep":
        after = before.quantity + difference
        if difference < 0 and after <= 0:
            body |= {"is_retain": True, **_stockroom(True, settings)}
        elif difference > 0 and before.quantity <= 0:
            body |= {"is_retain": True, **_stockroom(fields.get("hidden", before.hidden) is True, settings)}
    return body


def _mark(token: str, settings: Mapping[str, Any]) -> str:
    return token if settings["token"] else ""


def _members(fields: Fields, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The members for all fields but the location, which needs the token."""
    body: dict[str, Any] = {}
    if "price" in fields:
        body["unit_price"] = money(fields["price"])
    if "notes" in fields:
        body["description"] = fields["notes"]
    if "hidden" in fields:
        body |= _stockroom(fields["hidden"] is True, settings)
    if "bulk" in fields:
        body["bulk"] = fields["bulk"]
    if "sale_percent" in fields:
        body["sale_rate"] = fields["sale_percent"]
    if "cost" in fields:
        body["my_cost"] = money(fields["cost"])
    if "tiers" in fields:
        for number in range(1, TIERS + 1):
            quantity, price = fields["tiers"][number - 1] if number <= len(fields["tiers"]) else (0, "0")
            body |= {f"tier_quantity{number}": quantity, f"tier_price{number}": money(price)}
    return body


def _stockroom(hidden: bool, settings: Mapping[str, Any]) -> dict[str, Any]:
    return {"is_stock_room": True, "stock_room_id": settings["stockroom"]} if hidden else {"is_stock_room": False}


def money(text: Any) -> str:
    """A price as BrickLink writes it, with four decimals."""
    return f"{Decimal(str(text)):.4f}"
