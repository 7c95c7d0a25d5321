"""Lots as BrickLink keeps them: what a create and an update must look like, and what becomes of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_UP, Decimal, InvalidOperation
from html import escape
from typing import Any

from sandbox.bricklink.catalog import COLORS, TYPES, entry
from sandbox.market.memory import Row

TEXT_LIMIT = 255
TIERS = tuple(f"tier_{what}{number}" for number in (1, 2, 3) for what in ("quantity", "price"))
_OPTIONAL = {"completeness", "stock_room_id", "my_cost", "sale_rate", "bulk", "remarks", *TIERS}
_CREATE = {
    "item",
    "color_id",
    "quantity",
    "new_or_used",
    "unit_price",
    "description",
    "is_retain",
    "is_stock_room",
    *_OPTIONAL,
}
_FIXED = {"inventory_id", "item", "color_id", "new_or_used", "completeness"}
"""An update takes these and does nothing with them."""
_UPDATE = {
    "quantity",
    "unit_price",
    "description",
    "remarks",
    "bulk",
    "is_retain",
    "is_stock_room",
    "stock_room_id",
    "my_cost",
    "sale_rate",
    *TIERS,
}
_QUANTITY = re.compile(r"[+-]?\d+")


class NotTaken(Exception):
    """The request is refused: `code` and `message` of BrickLink's table, and its own words."""

    def __init__(self, description: str, code: int = 400, message: str = "PARAMETER_MISSING_OR_INVALID") -> None:
        super().__init__(description)
        self.description, self.code, self.message = description, code, message


def stamp(moment: datetime | None = None) -> str:
    """A time as BrickLink writes it."""
    return (moment or datetime.now(UTC)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def made(lot_id: int, given: Any, extra: str = "") -> Row:
    """The lot that a create asks for; `extra` is one more field that may be there. Raises NotTaken."""
    if not isinstance(given, dict):
        raise NotTaken("Not an object", message="INVALID_REQUEST_BODY")
    for name in given:
        if name not in _CREATE and name != extra:
            raise NotTaken(f"Unparseable value or field: [{name}]")
    item = given.get("item")
    if not isinstance(item, dict) or not item.get("no") or not item.get("type"):
        raise NotTaken("Parameter [item] is missing")
    for name in item:
        if name not in ("no", "type"):
            raise NotTaken(f"Unparseable value or field: [item.{name}]")
    for name in ("color_id", "quantity", "unit_price", "new_or_used", "is_retain", "is_stock_room"):
        if given.get(name) is None:
            raise NotTaken(f"Parameter [{name}] is missing")
    if given["new_or_used"] not in ("N", "U"):
        raise NotTaken("Unparseable value or field: new_or_used")
    kind, no = str(item["type"]), str(item["no"])
    if kind not in TYPES:
        raise NotTaken("Unparseable value or field: item.type")
    if kind == "SET" and not re.fullmatch(r".+-\d+", no):
        raise NotTaken("Invalid item sequence number: null")
    if kind == "SET" and given.get("completeness") not in ("C", "B", "S"):
        raise NotTaken("Parameter [completeness] is missing")
    found = entry(kind, no)
    if found is None:
        raise NotTaken(f"{kind} {no} not found", 404, "RESOURCE_NOT_FOUND")
    if not isinstance(given["color_id"], int) or given["color_id"] not in COLORS:
        raise NotTaken("Parameter [color_id] is invalid")
    if not isinstance(given["quantity"], int) or isinstance(given["quantity"], bool) or given["quantity"] < 1:
        raise NotTaken("Parameter [quantity] is invalid")
    lot: Row = {
        "inventory_id": lot_id,
        "item": {"no": found.no, "name": found.name, "type": found.type, "category_id": found.category},
        "color_id": given["color_id"],
        "color_name": COLORS[given["color_id"]][0],
        "quantity": given["quantity"],
        "new_or_used": given["new_or_used"],
        "unit_price": "0.0000",
        "bind_id": 0,
        "description": "",
        "remarks": "",
        "bulk": 1,
        "is_retain": False,
        "is_stock_room": False,
        "date_created": stamp(),
        "my_cost": "0.0000",
        "sale_rate": 0,
        **{name: 0 if "quantity" in name else "0.0000" for name in TIERS},
        "my_weight": "0.0000",
    }
    if kind == "SET":
        lot["completeness"] = given["completeness"]
    return _with(lot, given)


def changed(lot: Row, given: Any, extra: str = "") -> Row:
    """The lot after an update; its quantity may be nought. Raises NotTaken."""
    if not isinstance(given, dict):
        raise NotTaken("Not an object", message="INVALID_REQUEST_BODY")
    for name in given:
        if name not in _UPDATE | _FIXED and name != extra:
            raise NotTaken(f"Unparseable value or field: [{name}]")
    after = _with(lot, {name: value for name, value in given.items() if name in _UPDATE})
    if "quantity" in given:
        after["quantity"] = lot["quantity"] + _difference(given["quantity"])
        if after["quantity"] < 0:
            raise NotTaken("Parameter [quantity] is invalid")
    return after


def read(lot: Mapping[str, Any]) -> Row:
    """The lot as an answer shows it: texts escaped as for a web page, the stockroom only where it is in one."""
    shown = dict(lot)
    for name in ("description", "remarks"):
        shown[name] = escaped(shown[name])
    shown["item"] = {**shown["item"], "name": escaped(shown["item"]["name"])}
    return shown


def escaped(text: str) -> str:
    """Apostrophes, brackets, ampersands and quotes as entities."""
    return escape(text).replace("&#x27;", "&#39;").replace("(", "&#40;").replace(")", "&#41;")


def status_of(lot: Mapping[str, Any]) -> str:
    """The letter by which the list is filtered."""
    if lot["is_stock_room"]:
        return {"B": "B", "C": "C"}.get(str(lot.get("stock_room_id")), "S")
    return "Y" if lot["quantity"] else "N"


def listed(lots: Mapping[str, Row], query: Mapping[str, str]) -> list[Row]:
    """All lots that the filters let through. Each is a comma list; entries with a dash before them are left out."""
    filters: list[tuple[str, Callable[[Row], str]]] = [
        (query.get("item_type", "").upper(), lambda lot: lot["item"]["type"]),
        (query.get("status", "").upper(), status_of),
        (query.get("category_id", ""), lambda lot: str(lot["item"]["category_id"])),
        (query.get("color_id", ""), lambda lot: str(lot["color_id"])),
    ]
    given = [(wanted_in(text), of) for text, of in filters if text]
    return [read(lot) for lot in lots.values() if all(passes(of(lot)) for passes, of in given)]


def wanted_in(text: str) -> Callable[[str], bool]:
    """Whether a value passes a filter such as `Y,S` or `-N`."""
    entries = [part.strip() for part in text.split(",") if part.strip()]
    without = {part[1:] for part in entries if part.startswith("-")}
    only = {part for part in entries if not part.startswith("-")}
    return lambda value: value not in without and (not only or value in only)


def money(value: Any, name: str, *, least: str = "0") -> str:
    """`value` with four decimals, more of them rounded up. Raises NotTaken."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation as error:
        raise NotTaken(f"Unparseable value or field: {name}") from error
    if isinstance(value, bool) or not amount.is_finite() or amount < Decimal(least):
        raise NotTaken(f"Parameter [{name}] is invalid")
    return str(amount.quantize(Decimal("0.0001"), ROUND_UP))


def _with(lot: Row, given: Mapping[str, Any]) -> Row:
    after = dict(lot)
    if not isinstance(given.get("description"), str):
        raise NotTaken("String input must not be null")
    for name in ("description", "remarks"):
        if name in given:
            if not isinstance(given[name], str):
                raise NotTaken("String input must not be null")
            if len(given[name]) > TEXT_LIMIT:
                raise NotTaken(f"Parameter [{name}] is too long")
            after[name] = given[name]
    if "unit_price" in given:
        after["unit_price"] = money(given["unit_price"], "unit_price", least="0.0001")
    if "my_cost" in given:
        after["my_cost"] = money(given["my_cost"], "my_cost")
    for name, least, most in (("bulk", 1, 10_000), ("sale_rate", 0, 99)):
        if name in given:
            if not isinstance(given[name], int) or isinstance(given[name], bool) or not least <= given[name] <= most:
                raise NotTaken(f"Parameter [{name}] is invalid")
            after[name] = given[name]
    for name in ("is_retain", "is_stock_room"):
        if name in given:
            if not isinstance(given[name], bool):
                raise NotTaken(f"Unparseable value or field: {name}")
            after[name] = given[name]
    if "stock_room_id" in given or ("is_stock_room" in given and after["is_stock_room"]):
        after["stock_room_id"] = given.get("stock_room_id", after.get("stock_room_id"))
        if after["is_stock_room"] and after["stock_room_id"] not in ("A", "B", "C"):
            raise NotTaken("Parameter [stock_room_id] is invalid")
    if not after["is_stock_room"]:
        after.pop("stock_room_id", None)
    return _tiered(after, given)


def _tiered(after: Row, given: Mapping[str, Any]) -> Row:
    named = [name for name in TIERS if name in given]
    if not named:
        return after
    if len(named) != len(TIERS):
        raise NotTaken("All tier fields or none")
    steps: list[tuple[int, Decimal]] = []
    for number in (1, 2, 3):
        quantity, price = given[f"tier_quantity{number}"], money(given[f"tier_price{number}"], f"tier_price{number}")
        if not isinstance(quantity, int) or quantity < 0 or bool(quantity) != bool(Decimal(price)):
            raise NotTaken(f"Parameter [tier_quantity{number}] is invalid")
        after[f"tier_quantity{number}"], after[f"tier_price{number}"] = quantity, price
        steps.append((quantity, Decimal(price)))
    last = (1, Decimal(after["unit_price"]))
    ended = False
    for quantity, amount in steps:
        if quantity and (ended or quantity <= last[0] or amount >= last[1]):
            raise NotTaken("Tiers must rise in quantity and fall in price")
        ended = ended or not quantity
        last = (quantity, amount)
    return after


def _difference(value: Any) -> int:
    """A number or its text, with or without a sign: a difference in every case. Raises NotTaken."""
    if isinstance(value, bool) or not isinstance(value, int | str) or not _QUANTITY.fullmatch(str(value)):
        raise NotTaken("Parameter [quantity] is invalid")
    return int(value)
