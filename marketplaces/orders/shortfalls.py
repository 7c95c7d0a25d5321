"""Shortfalls of lines that the ledger has settled meanwhile."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_CEILING

from marketplaces.models import LineBooking, Order, OrderLine, OrderPhase, Shop
from marketplaces.orders.booked import ZERO, booked_of


def settled(shop: Shop) -> int:
    """Lower the shortfall of open lines to what is still missing in the ledger; of how many lines. One statement where nothing is short."""
    short = OrderLine.objects.filter(
        account=shop.account_id, shortfall__gt=0, order__shop=shop, order__phase=OrderPhase.OPEN, booking=LineBooking.SALE
    )
    by_order: dict[int, list[OrderLine]] = defaultdict(list)
    for line in short.select_related("item"):
        by_order[line.order_id].append(line)
    changed = 0
    for order in Order.objects.filter(pk__in=by_order).select_related("shop__connection"):
        lines = by_order[order.pk]
        for pk, booked in booked_of(order, lines).items():
            line = next(each for each in lines if each.pk == pk)
            if booked.held or not booked.sales or line.item is None:
                # What is missing in a mirror is not settled here.
                continue
            left = int((sum(booked.short.values(), ZERO) / line.item.pack).to_integral_value(ROUND_CEILING))
            if left < line.shortfall:
                changed += OrderLine.objects.filter(pk=pk, shortfall=line.shortfall).update(shortfall=left)
    return changed
