"""Taking what was sold: from an item's own number, from the ledger, or by holding it in a mirror (docs/orders.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal

from accounts.acting import Actor
from inventory import items
from inventory.models import Item, ItemWarehouse, WarehouseMode
from marketplaces.models import LineBooking, Order, OrderLine
from marketplaces.orders.booked import ZERO, Booked, booked_of
from marketplaces.orders.locked import Locked
from marketplaces.orders.splitting import split
from marketplaces.orders.writing import Change, write

CAUSE = "order"
COUNTED = "Ordered before its warehouse was opened here, so that the opening count has seen it."
NOWHERE = "The item is linked to a product, but to no warehouse in use that it could be taken from."


@dataclass(frozen=True)
class Wanted:
    """So many more pieces of a line are sold; `at` is when they were ordered."""

    line: OrderLine
    item_id: int
    pieces: int
    at: datetime


def kind_of(item: Item, sources: Sequence[ItemWarehouse]) -> LineBooking:
    """How what is sold of the item is booked."""
    if not item.linked:
        return LineBooking.ITEM
    return LineBooking.SALE if any(source.warehouse.mode == WarehouseMode.LEDGER for source in sources) else LineBooking.HOLD


def source_of(order: Order) -> str:
    """The order as histories name it."""
    return f"{order.shop} order {order.order_id}"


def take(actor: Actor, order: Order, wanted: Sequence[Wanted], locked: Locked) -> None:
    """Book these pieces, and note on the lines what became of them; the caller stores the lines.

    A sale is a fact: what is not there is the line's shortfall. Raises NotBooked.
    """
    _take_stock(actor, order, [each for each in wanted if locked.items[each.item_id].linked], locked)
    for each in wanted:
        item, line = locked.items[each.item_id], each.line
        if not item.linked:
            line.booking = LineBooking.ITEM
            line.shortfall += items.sold(actor, item, each.pieces, source=source_of(order), correlation=order.correlation, cause=CAUSE)
        if line.booking != LineBooking.HISTORY:
            line.booked += each.pieces


def _take_stock(actor: Actor, order: Order, wanted: Sequence[Wanted], locked: Locked) -> None:
    if not wanted:
        return
    booked = booked_of(order, [each.line for each in wanted])
    missing: dict[int, Decimal] = defaultdict(Decimal)
    changes = []
    for each in wanted:
        item, sources = locked.items[each.item_id], locked.sources.get(each.item_id, [])
        possible = [source for source in sources if source.warehouse.active]
        usable = [source for source in possible if not _counted(source, each.at)]
        if usable:
            each.line.booking = kind_of(item, sources)
            changes.append(_change(each, item, usable, booked[each.line.pk], locked, missing))
        elif possible and not each.line.booked:
            each.line.booking, each.line.note = LineBooking.HISTORY, COUNTED
        else:
            each.line.booking, each.line.note = LineBooking.SALE, NOWHERE
            missing[each.line.pk] += each.pieces * item.pack
    for pk, short in write(actor, order, changes).short.items():
        missing[pk] += short
    for each in wanted:
        pieces = missing[each.line.pk] / locked.items[each.item_id].pack
        each.line.shortfall = max(each.line.shortfall + int(pieces.to_integral_value(ROUND_CEILING)), 0)


def _counted(source: ItemWarehouse, at: datetime) -> bool:
    place = source.warehouse
    return place.mode == WarehouseMode.LEDGER and place.opened_at is not None and at < place.opened_at


def _change(
    each: Wanted, item: Item, sources: Sequence[ItemWarehouse], booked: Booked, locked: Locked, missing: dict[int, Decimal]
) -> Change:
    ledgers = [source.warehouse_id for source in sources if source.warehouse.mode == WarehouseMode.LEDGER]
    offered = [(source.warehouse_id, locked.free(item, source.warehouse_id)) for source in sources]
    # What is missing altogether is a shortfall of the ledger where there is one: the next receipt settles it.
    rest = ledgers[0] if ledgers else sources[0].warehouse_id
    sold, held = dict(booked.sold), dict(booked.held)
    for place, quantity in split(_quantity(each, item), offered, rest).items():
        if place in ledgers:
            sold[place] = sold.get(place, ZERO) + quantity
        else:
            held[place] = held.get(place, ZERO) + quantity
            missing[each.line.pk] += max(quantity - locked.free(item, place), ZERO)
        locked.took(item, place, quantity)
    return Change(each.line, item, booked, sold, held, each.at)


def _quantity(each: Wanted, item: Item) -> Decimal:
    quantity: Decimal = each.pieces * item.pack
    if item.product is not None and not item.product.fractional:
        return quantity.to_integral_value(ROUND_CEILING)
    return quantity
