"""What was taken of stock for order lines so far: sales in the ledger and holds in mirrors, found by their keys."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from inventory.ledger.bulkfacts import LONGEST_KEY
from inventory.models import Hold, Sale, SaleStatus, Warehouse
from marketplaces.models import Order, OrderLine

ZERO = Decimal(0)
_ROOM = 10
"""For what tells one hold from an earlier one of the same line."""


@dataclass
class Booked:
    """What is taken for one line, by warehouse, in the order in which it was."""

    sales: dict[int, Sale] = field(default_factory=dict)
    """Cancelled ones too: a new booking is their next revision."""
    holds: dict[int, Hold] = field(default_factory=dict)
    """Those that hold."""

    @property
    def sold(self) -> dict[int, Decimal]:
        return {place: sold_of(sale) for place, sale in self.sales.items() if sold_of(sale)}

    @property
    def held(self) -> dict[int, Decimal]:
        return {place: hold.quantity for place, hold in self.holds.items()}

    @property
    def short(self) -> dict[int, Decimal]:
        """What of `sold` is not there yet."""
        return {place: sale.shortfall for place, sale in self.sales.items() if sale.shortfall}


def sold_of(sale: Sale) -> Decimal:
    """How much of it counts as sold."""
    return Decimal(sale.quantity) if sale.status == SaleStatus.BOOKED else ZERO


def source_key(provider: str, shop_id: int, order_id: str, line_key: str, warehouse_id: int) -> str:
    """What the sale of a line, or its hold, is known by in one warehouse: the same whenever it is booked or corrected."""
    place = f"@{warehouse_id}"
    key = f"{provider}:{shop_id}:{order_id}:{line_key}"
    if len(key) + len(place) > LONGEST_KEY - _ROOM:
        key = f"{provider}:{shop_id}:{hashlib.sha256(key.encode()).hexdigest()}"
    return key + place


def key_of(order: Order, line: OrderLine, warehouse_id: int) -> str:
    """The source key of an order's line."""
    return source_key(order.shop.provider, order.shop_id, order.order_id, line.key, warehouse_id)


def booked_of(order: Order, lines: Sequence[OrderLine]) -> Mapping[int, Booked]:
    """What is taken for these lines of an order, by the line's id. Three statements."""
    found = {line.pk: Booked() for line in lines}
    places = list(Warehouse.objects.filter(account=order.account_id).values_list("pk", flat=True))
    owners = {key_of(order, line, place): (line.pk, place) for line in lines for place in places}
    for sale in Sale.objects.filter(account=order.account_id, source_key__in=list(owners)).order_by("pk"):
        pk, place = owners[sale.source_key or ""]
        found[pk].sales[place] = sale
    holding = Hold.objects.filter(account=order.account_id, released_at__isnull=True, correlation=order.correlation)
    for hold in holding.order_by("pk"):
        owner = owners.get(hold.source_key.split("#")[0])
        if owner is not None:
            found[owner[0]].holds[owner[1]] = hold
    return found
