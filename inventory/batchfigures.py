"""What the movements of batches say of them, whatever stands on the batches themselves."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from inventory.ledger.columns import INCOMING, OUTGOING, UNMOVED, column_of
from inventory.ledger.counters import Key
from inventory.models import MovementKind

COLUMNS = (*INCOMING, *OUTGOING)
"""The columns of a batch that movements fill; what remains is what came in less what went out."""
FIGURES = (*COLUMNS, "remaining")

COUNTS = "CASE WHEN b.expiry_booked_at IS NULL THEN b.remaining ELSE 0 END"
"""What of a batch is in the counter of its level, as the batch has it."""


def differing(batches: str, movements: str) -> str:
    """SQL for the batches `b` among those that `batches` chooses which are not as their movements `m`, chosen by `movements`, made them.

    Gives id, product_id, warehouse_id, each of FIGURES as it stands and, with `moved_` before it, as it should; `counts` and
    `moved_counts` are what is in the counter; `void` whether it is said to be void.
    """
    figures = ", ".join(f"b.{name}, COALESCE(m.{name}, 0) AS moved_{name}" for name in FIGURES)
    differ = " OR ".join(f"b.{name} <> COALESCE(m.{name}, 0)" for name in FIGURES)
    return f"""
        SELECT b.id, b.product_id, b.warehouse_id, {figures}, {COUNTS} AS counts, COALESCE(m.counts, 0) AS moved_counts,
            CASE WHEN b.voided_at IS NULL THEN 0 ELSE 1 END AS void
        FROM inventory_batch b LEFT JOIN (
            SELECT m.batch_id, {_sums()} FROM inventory_movement m WHERE {movements} AND m.batch_id IS NOT NULL GROUP BY m.batch_id
        ) m ON m.batch_id = b.id
        WHERE ({batches}) AND ({differ} OR {COUNTS} <> COALESCE(m.counts, 0) OR (b.voided_at IS NOT NULL AND COALESCE(m.remaining, 0) <> 0))
    """


def differing_of(keys: Iterable[Key]) -> str:
    """The same for the batches of these levels; without parameters."""
    places: dict[int, list[int]] = {}
    for key in keys:
        places.setdefault(int(key.warehouse_id), []).append(int(key.product_id))
    chosen = " OR ".join(
        f"(b.warehouse_id = {warehouse} AND b.product_id IN ({', '.join(map(str, products))}))" for warehouse, products in places.items()
    )
    batches = chosen or "1 = 0"
    return differing(batches, f"m.batch_id IN (SELECT b.id FROM inventory_batch b WHERE {batches})")


def _sums() -> str:
    parts = [f"SUM({_column(name)}) AS {name}" for name in COLUMNS]
    return ", ".join([*parts, "SUM(m.batch_delta) AS remaining", "SUM(m.level_delta) AS counts"])


def _column(name: str) -> str:
    """By how much a movement changes the column, as SQL made from the rule that the ledger books by."""
    cases = []
    for kind in MovementKind:
        if kind in UNMOVED:
            continue
        for sign, compares in ((Decimal(1), ">"), (Decimal(-1), "<")):
            column, amount = column_of(kind, sign)
            if column == name:
                way = "" if amount == sign else "-"
                cases.append(f"WHEN m.kind = '{kind.value}' AND m.batch_delta {compares} 0 THEN {way}m.batch_delta")
    return f"CASE {' '.join(cases)} ELSE 0 END"
