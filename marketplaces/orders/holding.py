"""Holds of orders, released once the warehouse's own system has been read after the goods went (docs/orders.md)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Min, Q

from accounts.acting import Actor
from inventory import items
from inventory.models import Hold
from marketplaces.models import Order, Restock
from marketplaces.orders.settings import SHIPPED, hold_release
from sync.models import Kind, SyncRun, Verdict

LOOKED_AT = 20
"""Runs of a warehouse; the last complete one is among them, or comes with the next."""


def release_shown() -> int:
    """Every minute: release the holds of goods that their warehouse's system does not show any more; how many. Safe to repeat."""
    holds = list(Hold.objects.filter(released_at__isnull=True).select_related("warehouse").order_by("pk"))
    if not holds:
        return 0
    rows = Order.objects.filter(correlation__in={hold.correlation for hold in holds}).select_related("account", "shop__connection")
    orders = {order.correlation: order for order in rows}
    read_at = _read_at({hold.warehouse_id for hold in holds if hold.correlation in orders})
    released = 0
    for hold in holds:
        order, read = orders.get(hold.correlation), read_at.get(hold.warehouse_id)
        if order is None or read is None:
            continue
        gone = gone_at(order)
        if gone is not None and read > gone:
            because = f"{hold.warehouse} was read at {read:%Y-%m-%d %H:%M} UTC, after {order} {_went(order)}."
            actor = Actor.system(order.account, f"Orders of {order.shop}")
            released += items.release_hold(actor, hold.source_key, because, correlation=order.correlation)
    return released


def gone_at(order: Order) -> datetime | None:
    """Since when the warehouse's own system, when it is read, no longer counts the order's goods; None where it still does."""
    if hold_release(order.shop) != SHIPPED:
        return order.imported_at
    if order.restock == Restock.DECLINED:
        # They neither went to the buyer nor came back: whatever became of them, that system knows by now.
        return order.shipped_at or order.restock_at
    return order.shipped_at


def _went(order: Order) -> str:
    if hold_release(order.shop) != SHIPPED:
        return "was seen"
    return "was shipped" if order.shipped_at else "was cancelled"


def _read_at(warehouse_ids: Iterable[int]) -> dict[int, datetime]:
    """From when the last complete reading of each warehouse is, by the oldest of its documents."""
    found: dict[int, datetime] = {}
    partial = Count("feeds", filter=Q(feeds__taken_at__isnull=False) & ~Q(feeds__verdict=Verdict.COMPLETE))
    for warehouse_id in warehouse_ids:
        runs = SyncRun.objects.filter(connection__warehouse=warehouse_id, kind=Kind.SYNC, applied_at__isnull=False)
        latest = runs.order_by("-id").values_list("pk", flat=True)[:LOOKED_AT]
        whole = SyncRun.objects.filter(pk__in=list(latest)).annotate(oldest=Min("feeds__taken_at"), partial=partial)
        moments = whole.filter(partial=0, oldest__isnull=False).values_list("oldest", flat=True)
        if moments:
            found[warehouse_id] = max(moments)
    return found
