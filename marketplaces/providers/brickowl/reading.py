"""Brick Owl's lots, orders and store, read from its answers. Pure (docs/brickowl.md)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from inventory.models import Completeness
from marketplaces.lots import RemoteLine, RemoteLot, RemoteOrder, Store
from marketplaces.models import OrderPhase
from marketplaces.providers.brickowl import words
from marketplaces.providers.brickowl.mapping import token_in
from marketplaces.providers.brickowl.values import mapping, moment, money, number, on, rows, text, whole
from marketplaces.providers.rules import plain
from sync.wire.errors import WrongAnswer

PAGE = "https://www.brickowl.com/boid/"

Colors = Mapping[str, int]
"""Our colour of each of Brick Owl's."""


def lots(answer: Any, colors: Colors) -> Iterator[RemoteLot]:
    """The lots of a list. Raises WrongAnswer for one without an id."""
    for row in rows(answer, "lot_id"):
        yield lot(row, colors)


def lot(row: Mapping[str, Any], colors: Colors) -> RemoteLot:
    """A lot as it is listed. Raises WrongAnswer when it has no id."""
    lot_id, boid = text(row.get("lot_id")), text(row.get("boid"))
    if not lot_id:
        raise WrongAnswer("A lot in Brick Owl's list has no lot_id.", code="lot_shape")
    base, _, suffix = boid.partition("-")
    color = suffix or _color_id(row.get("color_id"))
    kind = text(row.get("type"))
    item_type = words.type_of(kind)
    code = (text(row.get("full_con")) or text(row.get("con"))).lower()
    condition, completeness = words.meaning_of(code, item_type)
    external = _external(row.get("external_lot_ids"))
    tokens = [token for token in map(token_in, external) if token]
    return RemoteLot(
        lot_id=lot_id,
        quantity=whole(row.get("qty")),
        identity={"boid": base, "color": color},
        fields=_fields(row, code),
        part_number=number_in(row.get("ids"), kind),
        item_type=item_type,
        color_id=_our_color(color, kind, colors),
        condition=condition,
        completeness=completeness if item_type == "SET" else Completeness.UNSTATED,
        name=plain(text(row.get("name"))),
        token=tokens[0] if tokens else "",
        others=tuple(mark for mark in external if not token_in(mark)),
        url=PAGE + boid if boid else "",
    )


def _fields(row: Mapping[str, Any], code: str) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "notes": plain(text(row.get("public_note"))),
        "location": plain(text(row.get("personal_note"))),
        "bulk": max(whole(row.get("bulk_qty"), 1), 1),
        "sale_percent": whole(row.get("sale_percent")),
        "tiers": tiers(row.get("tier_price")),
        "cost": money(row.get("my_cost")),
        "condition": code,
    }
    # Only the base price is ours: the other two have the sale taken off.
    price = money(row.get("base_price")) or money(row.get("price"))
    if price is not None:
        fields["price"] = price
    if row.get("for_sale") is not None:
        fields["hidden"] = not on(row["for_sale"])
    return fields


def tiers(value: Any) -> list[list[Any]]:
    """Tier prices, which come as pairs, as the text that sets them, or as nothing."""
    if isinstance(value, str):
        value = [pair.split(":") for pair in value.split(",")]
    found = []
    for pair in value if isinstance(value, list) else ():
        if isinstance(pair, dict):
            pair = list(pair.values())
        if isinstance(pair, list) and len(pair) == 2 and (price := money(pair[1])) is not None and whole(pair[0]) > 0:
            found.append([whole(pair[0]), price])
    return found


def number_in(ids: Any, kind: str) -> str:
    """BrickLink's number among the ids of a lot: of the type that means it, else the design's, else a set's."""
    by_type: dict[str, str] = {}
    for row in rows(ids, "id"):
        by_type.setdefault(text(row.get("type")), text(row.get("id")))
    wanted = ("bl_item_no", "set_number", "design_id") if kind == words.SET else ("bl_item_no", "design_id", "set_number")
    return next((by_type[name] for name in wanted if by_type.get(name)), "")


def _color_id(value: Any) -> str:
    found = text(value)
    return "" if found in ("", "0") else found


def _our_color(color: str, kind: str, colors: Colors) -> int | None:
    """BrickLink's colour, 0 for what has none; None where it is not told or not known."""
    if color:
        return colors.get(color)
    return None if words.needs_color(kind) else 0


def _external(value: Any) -> list[str]:
    marks = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
    return [mark for mark in map(text, marks) if mark]


_PHASES = {
    "0": OrderPhase.OPEN,
    "1": OrderPhase.OPEN,
    "2": OrderPhase.OPEN,
    "3": OrderPhase.OPEN,
    "4": OrderPhase.OPEN,
    "5": OrderPhase.SHIPPED,
    "6": OrderPhase.DONE,
    "7": OrderPhase.OPEN,
    "8": OrderPhase.CANCELLED,
}
_NAMED = {"shipped": OrderPhase.SHIPPED, "received": OrderPhase.DONE, "cancelled": OrderPhase.CANCELLED, "canceled": OrderPhase.CANCELLED}


def orders(answer: Any) -> list[RemoteOrder]:
    """The orders of a list. Raises WrongAnswer for one without an id or a time."""
    return [_order(row) for row in rows(answer, "order_id")]


def _order(row: Mapping[str, Any]) -> RemoteOrder:
    order_id = text(row.get("order_id"))
    times = (moment(row.get(name)) for name in ("order_date", "order_time", "iso_order_time"))
    ordered_at = next((found for found in times if found is not None), None)
    if not order_id or ordered_at is None:
        raise WrongAnswer(f"Order {order_id or '?'} in Brick Owl's list has no {'time' if order_id else 'id'}.", code="order_shape")
    status, status_id = text(row.get("status")), text(row.get("status_id"))
    phase = _PHASES.get(status_id) or _NAMED.get(status.lower(), OrderPhase.OPEN)
    return RemoteOrder(
        order_id=order_id,
        status=status or status_id,
        phase=phase,
        ordered_at=ordered_at,
        digest=hashlib.sha256(json.dumps(row, sort_keys=True, default=str).encode()).hexdigest(),
        buyer=plain(text(row.get("customer_username")) or text(row.get("buyer_name"))),
        pieces=max(whole(row.get("total_quantity")), 0),
        lot_count=max(whole(row.get("total_lots")), 0),
        currency=text(row.get("base_currency"))[:3].upper(),
        subtotal=number(row.get("sub_total")),
        total=number(row.get("base_order_total")),
    )


def order_lines(answer: Any, colors: Colors) -> list[RemoteLine]:
    """What an order holds. Raises WrongAnswer for a line without an id."""
    found = []
    for row in rows(answer, "order_item_id"):
        key = text(row.get("order_item_id"))
        if not key:
            raise WrongAnswer("A line of an order at Brick Owl has no order_item_id.", code="order_shape")
        kind = text(row.get("type"))
        item_type = words.type_of(kind)
        color = text(row.get("boid")).partition("-")[2] or _color_id(row.get("color_id"))
        code = text(row.get("full_con")) or text(row.get("condition"))
        external = _external(row.get("external_lot_ids"))
        unit_price: Decimal | None = number(row.get("base_price"))
        found.append(
            RemoteLine(
                key=key,
                lot_id=text(row.get("lot_id")),
                quantity=max(whole(row.get("ordered_quantity")), 0),
                refunded=max(whole(row.get("refunded_quantity")), 0),
                token=next((token for token in map(token_in, external) if token), ""),
                part_number=number_in(row.get("ids"), kind),
                item_type=item_type,
                color_id=_our_color(color, kind, colors),
                condition=words.meaning_of(code, item_type)[0],
                name=plain(text(row.get("name"))),
                unit_price=unit_price,
            )
        )
    return found


def store(answer: Any) -> Store:
    """Who the key belongs to; with `has_store` false in the extras for one that does not sell."""
    row = mapping(answer)
    details = mapping(row.get("store_details"))
    has_store = on(row.get("has_store")) or bool(details)
    return Store(
        name=plain(text(details.get("name"))),
        currency=text(details.get("base_currency"))[:3].upper(),
        extras={
            "username": text(row.get("username")),
            "store_id": text(details.get("store_id")),
            "country": text(details.get("country")),
            "has_store": has_store,
        },
    )
