"""Writing what order lines take of stock: sales in the ledger and holds in mirrors, each said anew where it changes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounts.acting import Actor
from inventory import items, ledger, moment
from inventory.models import Cause, Hold, Item, Sale, Warehouse
from marketplaces.errors import NotBooked
from marketplaces.models import Order, OrderLine
from marketplaces.orders.booked import ZERO, Booked, key_of

_PLACES = Decimal("0.0001")
_LARGEST_PRICE = Decimal(10) ** 9


@dataclass(frozen=True)
class Change:
    """How much a line takes of each warehouse from now on, in what the product is counted in; `at` is when it was ordered."""

    line: OrderLine
    item: Item
    booked: Booked
    sold: Mapping[int, Decimal]
    held: Mapping[int, Decimal]
    at: datetime


@dataclass(frozen=True)
class Written:
    """By line: how much more of it is missing in the ledger than before (less: negative). And the lines that a count has seen since."""

    short: Mapping[int, Decimal]
    counted: frozenset[int]


def write(actor: Actor, order: Order, changes: Sequence[Change]) -> Written:
    """Let the ledger and the holds say this; items follow. For the caller's transaction, which ends with what this raises.

    Raises NotBooked where the ledger can't be corrected so, with the reason.
    """
    facts: dict[str, tuple[Change, ledger.SaleFact]] = {}
    for change in changes:
        for place in sorted({*change.sold, *change.booked.sold}):
            if change.sold.get(place, ZERO) != change.booked.sold.get(place, ZERO):
                fact = _fact(order, change, place)
                facts[fact.source_key] = (change, fact)
    counted = _sell(actor, order, facts)
    for change in changes:
        for place in sorted({*change.held, *change.booked.held}):
            _hold(actor, order, change, place)
    return Written(_shorter(order, facts), counted)


def _fact(order: Order, change: Change, place: int) -> ledger.SaleFact:
    """All that the line has sold of one warehouse; a correction where it said something before."""
    sale, quantity = change.booked.sales.get(place), change.sold.get(place, ZERO)
    return ledger.SaleFact(
        source_key=key_of(order, change.line, place),
        # Corrected where it was booked, whatever the item is linked to by now.
        product_id=sale.product_id if sale else _product(change.item),
        warehouse_id=place,
        unit_kind=sale.unit_kind if sale else change.item.unit_kind,
        quantity=quantity,
        reference=f"{order.shop} {order.order_id}",
        revision=sale.revision + 1 if sale else 0,
        void=not quantity,
        correlation=order.correlation,
        # A shop's clock may be ahead of ours.
        sold_at=sale.sold_at if sale else min(change.at, moment.now()),
        price=_price(change.line, change.item),
    )


def _product(item: Item) -> int:
    if item.product_id is None:
        raise ValueError(f"Item {item.pk} is linked to nothing.")
    return item.product_id


def _price(line: OrderLine, item: Item) -> Decimal | None:
    """Of one of what the product is counted in."""
    if line.unit_price is None:
        return None
    price = (line.unit_price / item.pack).quantize(_PLACES)
    return price if 0 <= price < _LARGEST_PRICE else None


def _sell(actor: Actor, order: Order, facts: Mapping[str, tuple[Change, ledger.SaleFact]]) -> frozenset[int]:
    """Book the facts; the lines whose warehouse was counted anew since, so that nothing is left to correct there."""
    if not facts:
        return frozenset()
    outcome = ledger.sell_many(actor, [fact for _, fact in facts.values()], cause=Cause.MARKETPLACE_ORDER)
    if outcome.held:
        raise NotBooked(outcome.held[0][1])
    if not outcome.history:
        return frozenset()
    stored = {row.source_key: row.revision for row in _sales(order, facts)}
    return frozenset(change.line.pk for key, (change, fact) in facts.items() if stored.get(key, -1) < fact.revision)


def _shorter(order: Order, facts: Mapping[str, tuple[Change, ledger.SaleFact]]) -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for sale in _sales(order, facts):
        change = facts[sale.source_key or ""][0]
        before = change.booked.sales.get(sale.warehouse_id)
        found[change.line.pk] = found.get(change.line.pk, ZERO) + sale.shortfall - (before.shortfall if before else ZERO)
    return found


def _sales(order: Order, facts: Mapping[str, tuple[Change, ledger.SaleFact]]) -> list[Sale]:
    return list(Sale.objects.filter(account=order.account_id, source_key__in=list(facts))) if facts else []


def _hold(actor: Actor, order: Order, change: Change, place: int) -> None:
    hold, quantity = change.booked.holds.get(place), change.held.get(place, ZERO)
    if hold is not None and not quantity:
        items.release_hold(actor, hold.source_key, "Back in stock", correlation=order.correlation)
    elif hold is None or hold.quantity != quantity:
        product = hold.product if hold else change.item.product
        if product is None:
            raise ValueError(f"Item {change.item.pk} is linked to nothing.")
        items.hold(
            actor,
            product,
            hold.warehouse if hold else Warehouse.objects.get(pk=place, account=order.account_id),
            quantity,
            source_key=hold.source_key if hold else _free_key(order, change.line, place),
            correlation=order.correlation,
            unit_kind=hold.unit_kind if hold else change.item.unit_kind,
            reason=f"{order.shop} {order.order_id}",
        )


def _free_key(order: Order, line: OrderLine, place: int) -> str:
    """A key that held nothing before: a hold that was released does not hold again."""
    key = key_of(order, line, place)
    used = Hold.objects.filter(account=order.account_id, source_key=key).exists()
    return f"{key}#{uuid.uuid4().hex[:8]}" if used else key
