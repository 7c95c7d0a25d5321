"""Shortfalls: what was sold before it was known here is taken from the next goods that come (docs/ledger.md)."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from inventory.allocation import allocate
from inventory.ledger.booking import Booking
from inventory.ledger.counters import ZERO, Key
from inventory.ledger.locking import among
from inventory.ledger.taking import candidates, cost_of, take
from inventory.models import Sale, SaleStatus

AT_ONCE = 200


def settle(booked: Booking, key: Key, kind: str) -> Decimal:
    """Let the sales that are short take from what is there now, the oldest first; how much they took."""
    settled = ZERO
    if booked.levels[key].quarantined_at is not None:
        return settled
    while short := _short(booked, key, kind):
        for sale in short:
            found = allocate(candidates(booked, key, kind), sale.shortfall, now=booked.now)
            if found.takes:
                take(booked, sale, found.takes, reason="Settles a shortfall.")
                settled += sum((each.quantity for each in found.takes), ZERO)
                sale.shortfall = found.missing
                sale.cost = cost_of(sale.allocations.all())
                sale.save(update_fields=["shortfall", "cost"])
            if found.missing:
                return settled
    return settled


def settle_short(booked: Booking, wanted: Collection[tuple[Key, str]]) -> dict[tuple[Key, str], Decimal]:
    """Settle these levels and unit kinds as far as sales are short of them: how much those took. One statement where none is short."""
    rows = Sale.objects.filter(among(key for key, _ in wanted), account=booked.account, shortfall__gt=0, status=SaleStatus.BOOKED)
    short = {
        (Key(product, place), kind) for product, place, kind in rows.order_by().values_list("product", "warehouse", "unit_kind").distinct()
    }
    return {each: settle(booked, *each) for each in sorted(short.intersection(wanted))}


def _short(booked: Booking, key: Key, kind: str) -> list[Sale]:
    where = {"product": key.product_id, "warehouse": key.warehouse_id, "unit_kind": kind}
    rows = Sale.objects.filter(account=booked.account, shortfall__gt=0, status=SaleStatus.BOOKED, **where)
    return list(rows.order_by("sold_at", "id")[:AT_ONCE])
