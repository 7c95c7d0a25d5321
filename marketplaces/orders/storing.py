"""What a shop says of an order, as it can be stored: cut to length, and without what no database holds."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

from inventory.models import Condition
from marketplaces.lots import RemoteLine, RemoteOrder
from marketplaces.models import Order, OrderLine, OrderPhase
from marketplaces.orders.plan import NewLine

MOST = 2**31 - 1
_LONGEST_KEY = 120
_LARGEST = Decimal(10) ** 10
_PLACES = Decimal("0.0001")


def describe(order: Order, listed: RemoteOrder) -> None:
    """Let the order say what the list says of it."""
    order.status = text(listed.status, 40)
    order.phase = listed.phase if listed.phase in OrderPhase.values else OrderPhase.OPEN
    order.buyer = text(listed.buyer, 200)
    order.ordered_at = listed.ordered_at
    order.changed_at = listed.changed_at
    order.pieces = pieces(listed.pieces)
    order.lot_count = pieces(listed.lot_count)
    order.currency = text(listed.currency, 3)
    order.subtotal = money(listed.subtotal)
    order.total = money(listed.total)


def as_listed(order: Order) -> RemoteOrder:
    """The order as the list last told of it."""
    same = ("order_id", "status", "phase", "ordered_at", "changed_at", "buyer", "pieces", "lot_count", "currency", "subtotal", "total")
    return RemoteOrder(digest=order.read_digest, **{name: getattr(order, name) for name in same})


def line_of(order: Order, new: NewLine) -> OrderLine:
    """A line that is stored for the first time."""
    remote = new.remote
    return OrderLine(
        account_id=order.account_id,
        order=order,
        key=new.key,
        lot_id=text(remote.lot_id, 40),
        part_number=text(remote.part_number, 80),
        color_id=remote.color_id if remote.color_id is not None and 0 <= remote.color_id <= MOST else None,
        condition=remote.condition if remote.condition in Condition.values else "",
        name=text(remote.name, 300),
        quantity=pieces(new.quantity),
        refunded=pieces(new.refunded),
        unit_price=money(remote.unit_price),
    )


def key(remote: RemoteLine) -> str:
    """The line's key, short enough to be stored with what may be added to it."""
    if len(remote.key) <= _LONGEST_KEY - 20 and "\0" not in remote.key:
        return remote.key
    return hashlib.sha256(remote.key.encode()).hexdigest()


def text(value: Any, longest: int) -> str:
    return "".join(each if each.isprintable() else " " for each in str(value or "")).strip()[:longest]


def pieces(value: int) -> int:
    return max(0, min(value, MOST))


def money(value: Decimal | None) -> Decimal | None:
    if value is None or not value.is_finite() or abs(value) >= _LARGEST:
        return None
    return value.quantize(_PLACES)
