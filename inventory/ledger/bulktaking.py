"""What the sales of a chunk take, first expired first: needs laid beside batches, both as running sums, in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from inventory.ledger.booking import Booking
from inventory.ledger.bulkposting import post
from inventory.ledger.bulktables import CHANGES, KEYS, NEEDS, empty, fill, insert, instant, money_of, money_sum, rows, run
from inventory.ledger.counters import Key
from inventory.ledger.purposes import issued_as
from inventory.models import Allocation, Sale
from inventory.quantity import from_thousandths

SETTLES = "Settles a shortfall."
_KIND = "product_id, warehouse_id, unit_kind"


@dataclass(frozen=True)
class Taken:
    """How much sales took in all, and the ids of the fresh ones that did not get all they needed."""

    quantity: Decimal
    short: tuple[int, ...]


def take(booked: Booking) -> Taken:
    """Let the sales of the table of needs take what they need, as far as it is there, store the fresh ones, and empty it.

    What they do not get is their shortfall.
    """
    _allocate(booked)
    run(
        "UPDATE inventory_sale SET shortfall = inventory_sale.shortfall + n.total - COALESCE(t.taken, 0) "
        f"FROM {NEEDS.name} n LEFT JOIN ({_taken()}) t ON t.document_id = n.sale_id WHERE inventory_sale.id = n.sale_id AND NOT n.fresh"
    )
    _store_fresh(booked)
    insert(
        Allocation,
        {"sale_id": "c.document_id", "batch_id": "c.batch_id", "quantity": "-c.batch_delta", "unit_cost": "c.unit_cost"},
        f"FROM {CHANGES.name} c ORDER BY c.seq",
        account_id=booked.account.pk,
        created_at=booked.now,
    )
    ((taken,),) = rows(f"SELECT COALESCE(SUM(-batch_delta), 0) FROM {CHANGES.name}")
    short = rows(
        f"SELECT n.sale_id FROM {NEEDS.name} n LEFT JOIN ({_taken()}) t ON t.document_id = n.sale_id "
        "WHERE n.fresh AND n.total > COALESCE(t.taken, 0)"
    )
    recost(f"SELECT sale_id FROM {NEEDS.name} WHERE NOT fresh")
    post(booked)
    empty(NEEDS)
    return Taken(from_thousandths(int(taken)), tuple(pk for (pk,) in short))


def settle(booked: Booking, keys: Iterable[Key]) -> Decimal:
    """Let the sales of these levels that are short take from what is there now, the oldest first; how much they took.

    Batches that contradict themselves are left alone.
    """
    sound = [key for key in sorted(keys) if booked.levels[key].quarantined_at is None]
    if not sound:
        return Decimal(0)
    fill(KEYS, [key._asdict() for key in sound])
    run(
        f"INSERT INTO {NEEDS.name} (position, sale_id, {_KIND}, quantity, purpose, sold_at, reason, movement_key, correlation, fresh, "
        "total) "
        "SELECT ROW_NUMBER() OVER (ORDER BY s.sold_at, s.id), s.id, s.product_id, s.warehouse_id, s.unit_kind, s.shortfall, s.purpose, "
        f"s.sold_at, '{SETTLES}', '', s.correlation, FALSE, 0 FROM {KEYS.name} k "
        "JOIN inventory_sale s ON s.product_id = k.product_id AND s.warehouse_id = k.warehouse_id "
        "WHERE s.shortfall > 0 AND s.status = 'booked'"
    )
    empty(KEYS)
    return take(booked).quantity


def recost(sales: str) -> None:
    """Set the cost of the sales that the query `sales` names to that of what their allocations hold now."""
    total = money_sum("a.quantity - a.released", "a.unit_cost")
    run(
        f"UPDATE inventory_sale SET cost = {money_of('t.total')} FROM (SELECT a.sale_id, {total} AS total FROM inventory_allocation a "
        f"WHERE a.sale_id IN ({sales}) GROUP BY a.sale_id) t WHERE inventory_sale.id = t.sale_id"
    )


def _allocate(booked: Booking) -> None:
    """Fill the table of changes.

    Along each product, warehouse and unit kind lie two rows of intervals, end to end: what the sales need, in their order, and what the
    batches hold, in theirs. The ends of both cut the line into pieces, each of one sale and one batch.
    """
    batches = (
        "SELECT b.id, b.product_id, b.warehouse_id, b.unit_kind, b.unit_cost, b.remaining, a.quantity AS asked, "
        "ROW_NUMBER() OVER w AS place, SUM(b.remaining) OVER (w ROWS UNBOUNDED PRECEDING) AS upto "
        "FROM asked a JOIN inventory_batch b "
        "ON b.product_id = a.product_id AND b.warehouse_id = a.warehouse_id AND b.unit_kind = a.unit_kind "
        "WHERE b.remaining > 0 AND b.expiry_booked_at IS NULL AND (b.expires_at IS NULL OR b.expires_at > %s) "
        "WINDOW w AS (PARTITION BY b.product_id, b.warehouse_id, b.unit_kind ORDER BY b.undated, b.expires_at, b.received_at, b.id)"
    )
    run(
        f"INSERT INTO {CHANGES.name} (seq, {_KIND}, batch_id, kind, batch_delta, level_delta, document_id, happened_at, reason, "
        "source_key, correlation, unit_cost) "
        f"WITH need AS MATERIALIZED (SELECT position, {_KIND}, "
        f"SUM(quantity) OVER (PARTITION BY {_KIND} ORDER BY position ROWS UNBOUNDED PRECEDING) AS upto "
        f"FROM {NEEDS.name} WHERE quantity > 0), "
        f"asked AS MATERIALIZED (SELECT {_KIND}, MAX(upto) AS quantity FROM need GROUP BY {_KIND}), "
        f"stock AS MATERIALIZED (SELECT * FROM ({batches}) held WHERE upto - remaining < asked), "
        f"ends AS (SELECT {_KIND}, upto, position, CAST(NULL AS bigint) AS place FROM need "
        f"UNION ALL SELECT {_KIND}, upto, CAST(NULL AS bigint), place FROM stock), "
        "piece AS (SELECT product_id, warehouse_id, unit_kind, MIN(position) OVER d AS position, MIN(place) OVER d AS place, "
        f"upto - COALESCE(LAG(upto) OVER (PARTITION BY {_KIND} ORDER BY upto), 0) AS quantity "
        f"FROM ends WINDOW d AS (PARTITION BY {_KIND} ORDER BY upto DESC)) "
        "SELECT ROW_NUMBER() OVER (ORDER BY p.position, p.place), n.product_id, n.warehouse_id, n.unit_kind, s.id, "
        f"{issued_as('n.purpose')}, "
        "-p.quantity, -p.quantity, n.sale_id, n.sold_at, n.reason, n.movement_key, n.correlation, s.unit_cost "
        f"FROM piece p JOIN {NEEDS.name} n ON n.position = p.position "
        "JOIN stock s "
        "ON s.product_id = p.product_id AND s.warehouse_id = p.warehouse_id AND s.unit_kind = p.unit_kind AND s.place = p.place "
        "WHERE p.quantity > 0",
        [instant(booked.now)],
    )


def _taken() -> str:
    total = money_sum("-batch_delta", "unit_cost")
    return f"SELECT document_id, SUM(-batch_delta) AS taken, {total} AS total FROM {CHANGES.name} GROUP BY document_id"


def _store_fresh(booked: Booking) -> None:
    same = ("product_id", "warehouse_id", "purpose", "unit_kind", "price", "sold_at", "reference", "source_key", "revision", "correlation")
    insert(
        Sale,
        {
            "id": "n.sale_id",
            **{name: f"n.{name}" for name in same},
            "quantity": "n.total",
            "shortfall": "n.total - COALESCE(t.taken, 0)",
            "cost": f"COALESCE({money_of('t.total')}, 0)",
        },
        f"FROM {NEEDS.name} n LEFT JOIN ({_taken()}) t ON t.document_id = n.sale_id WHERE n.fresh ORDER BY n.position",
        account_id=booked.account.pk,
        entered_by=booked.actor.label[:200],
        created_at=booked.now,
    )
