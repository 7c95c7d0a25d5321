"""Movements of a chunk, and what they make of batches and levels: three statements, however many there are."""

from __future__ import annotations

from decimal import Decimal

from inventory.ledger.booking import Booking
from inventory.ledger.bulktables import CHANGES, empty, insert, instant, run
from inventory.ledger.columns import column_of
from inventory.ledger.purposes import ISSUES, REVERSALS
from inventory.models import Movement, MovementKind, UnitKind

POSTED = (*ISSUES, *REVERSALS, MovementKind.RECEIPT_EDIT, MovementKind.RECEIPT_VOID)
"""Kinds that change stored batches. A receipt's batch is stored with what came in, and expiries leave batches as they are."""

_COUNTER = " ".join(f"WHEN '{kind}' THEN l.{kind}" for kind in UnitKind.values)


def post(booked: Booking) -> None:
    """Book the rows of the table of changes, in their order, and empty it.

    Their levels are locked; counters and batches move by what the rows say, relative to what is stored.
    """
    _movements(booked)
    _batches()
    _levels(booked)
    empty(CHANGES)


def _movements(booked: Booking) -> None:
    named = ("product_id", "warehouse_id", "batch_id", "unit_kind", "kind", "batch_delta", "level_delta", "reason", "document_id")
    running = "SUM(c.level_delta) OVER (PARTITION BY c.product_id, c.warehouse_id, c.unit_kind ORDER BY c.seq ROWS UNBOUNDED PRECEDING)"
    insert(
        Movement,
        {
            **{name: f"c.{name}" for name in (*named, "source_key", "happened_at", "correlation")},
            "level_after": f"CASE c.unit_kind {_COUNTER} END + {running}",
        },
        f"FROM {CHANGES.name} c JOIN inventory_level l ON l.product_id = c.product_id AND l.warehouse_id = c.warehouse_id ORDER BY c.seq",
        account_id=booked.account.pk,
        cause=booked.cause.value,
        booked_at=booked.now,
        actor_id=booked.actor.user.pk if booked.actor.user else None,
        actor_label=booked.actor.label[:200],
    )


def _batches() -> None:
    by_column: dict[str, list[str]] = {}
    for kind in POSTED:
        column, sign = column_of(kind, Decimal(1))
        by_column.setdefault(column, []).append(f"WHEN '{kind}' THEN {sign} * batch_delta")
    sums = ", ".join(f"SUM(CASE kind {' '.join(whens)} ELSE 0 END) AS {column}" for column, whens in by_column.items())
    sets = ", ".join(f"{column} = inventory_batch.{column} + d.{column}" for column in by_column)
    kinds = ", ".join(f"'{kind}'" for kind in POSTED)
    run(
        f"UPDATE inventory_batch SET {sets}, remaining = inventory_batch.remaining + d.delta "
        f"FROM (SELECT batch_id, SUM(batch_delta) AS delta, {sums} FROM {CHANGES.name} WHERE kind IN ({kinds}) GROUP BY batch_id) d "
        "WHERE inventory_batch.id = d.batch_id"
    )


def _levels(booked: Booking) -> None:
    sums = ", ".join(f"SUM(CASE unit_kind WHEN '{kind}' THEN level_delta ELSE 0 END) AS {kind}" for kind in UnitKind.values)
    sets = ", ".join(f"{kind} = inventory_level.{kind} + d.{kind}" for kind in UnitKind.values)
    moved = " OR ".join(f"d.{kind} <> 0" for kind in UnitKind.values)
    run(
        f"UPDATE inventory_level SET {sets}, changed_at = %s "
        f"FROM (SELECT product_id, warehouse_id, {sums} FROM {CHANGES.name} GROUP BY product_id, warehouse_id) d "
        f"WHERE inventory_level.product_id = d.product_id AND inventory_level.warehouse_id = d.warehouse_id AND ({moved})",
        [instant(booked.now)],
    )
