"""What must hold for batches."""

from __future__ import annotations

from inventory.batchfigures import FIGURES, differing
from inventory.integrity.question import Question, Row, number
from inventory.ledger.columns import INCOMING, OUTGOING

_IN = " + ".join(f"b.{name}" for name in INCOMING)
_OUT = " + ".join(f"b.{name}" for name in OUTGOING)


def _words(column: str) -> str:
    return column.replace("_", " ")


def _equation(row: Row) -> str:
    return f"Came in less went out is {number(row['expected'])}, remaining {number(row['remaining'])}."


EQUATION = Question(
    "Batch",
    f"""
    SELECT b.id, b.product_id, b.warehouse_id, b.remaining, {_IN} - ({_OUT}) AS expected
    FROM inventory_batch b WHERE b.account_id = %(account)s AND b.remaining <> {_IN} - ({_OUT})
    """,
    _equation,
    quarantines=True,
)


def _negative(row: Row) -> str:
    return f"Below zero: {', '.join(f'{_words(name)} {number(row[name])}' for name in FIGURES if row[name] < 0)}."


NEGATIVE = Question(
    "Batch",
    f"""
    SELECT b.id, b.product_id, b.warehouse_id, {", ".join(f"b.{name}" for name in FIGURES)}
    FROM inventory_batch b WHERE b.account_id = %(account)s AND ({" OR ".join(f"b.{name} < 0" for name in FIGURES)})
    """,
    _negative,
    quarantines=True,
)


def _sold(row: Row) -> str:
    return f"Sold {number(row['sold'])}, but sales hold {number(row['held'])} of it."


SOLD = Question(
    "Batch",
    """
    SELECT b.id, b.product_id, b.warehouse_id, b.sold, COALESCE(a.held, 0) AS held
    FROM inventory_batch b LEFT JOIN (
        SELECT batch_id, SUM(quantity - released) AS held FROM inventory_allocation WHERE account_id = %(account)s GROUP BY batch_id
    ) a ON a.batch_id = b.id
    WHERE b.account_id = %(account)s AND b.sold <> COALESCE(a.held, 0)
    """,
    _sold,
)


def _state(row: Row) -> str:
    return f"Is {row['state']}, should be {row['expected']}."


STATE = Question(
    "Batch",
    """
    SELECT id, product_id, warehouse_id, state, expected FROM (
        SELECT b.id, b.product_id, b.warehouse_id, b.state, b.expires_at, CASE
            WHEN b.voided_at IS NOT NULL THEN 'VOID'
            WHEN b.remaining = 0 THEN 'DEPLETED'
            WHEN b.expires_at <= %(now)s THEN 'EXPIRED'
            ELSE 'ACTIVE' END AS expected
        FROM inventory_batch b WHERE b.account_id = %(account)s
    ) judged
    WHERE state <> expected AND NOT (state = 'ACTIVE' AND expected = 'EXPIRED' AND (expires_at > %(late)s OR EXISTS (
        SELECT 1 FROM inventory_level l
        WHERE l.product_id = judged.product_id AND l.warehouse_id = judged.warehouse_id AND l.quarantined_at IS NOT NULL
    )))
    """,
    _state,
)


def _figures(row: Row) -> str:
    wrong = [
        f"{_words(name)} is {number(row[name])}, by its movements {number(row[f'moved_{name}'])}"
        for name in FIGURES
        if row[name] != row[f"moved_{name}"]
    ]
    if row["counts"] != row["moved_counts"]:
        wrong.append(f"{number(row['counts'])} of it counts, by its movements {number(row['moved_counts'])}")
    if row["void"] and row["moved_remaining"]:
        wrong.append(f"is void, by its movements {number(row['moved_remaining'])} remain")
    said = "; ".join(wrong)
    return f"{said[:1].upper()}{said[1:]}."


MOVED = Question("Batch", differing("b.account_id = %(account)s", "m.account_id = %(account)s"), _figures, quarantines=True)
"""Each figure of a batch is the sum of its movements, and so is what of it counts."""
