"""What must hold for the trail of movements and audit rows, and for reconcile itself."""

from __future__ import annotations

from inventory.integrity.question import Question, Row, json_moment, json_text, number
from inventory.ledger.correction import ACTION, ENTITY
from inventory.ledger.purposes import ISSUES, REVERSALS, listed
from inventory.models import UnitKind


def _unmoved(row: Row) -> str:
    return f"Sale {row['sale_id']} holds {number(row['held'])} of batch {row['batch_id']}, its movements took {number(row['moved'])}."


TAKEN = Question(
    "Sale",
    f"""
    SELECT sale_id AS id, MAX(product_id) AS product_id, MAX(warehouse_id) AS warehouse_id, sale_id, batch_id,
        SUM(held) AS held, SUM(moved) AS moved
    FROM (
        SELECT a.sale_id, a.batch_id, s.product_id, s.warehouse_id, a.quantity - a.released AS held, 0 AS moved
        FROM inventory_allocation a JOIN inventory_sale s ON s.id = a.sale_id WHERE a.account_id = %(account)s
        UNION ALL
        SELECT m.document_id, m.batch_id, m.product_id, m.warehouse_id, 0, -m.batch_delta
        FROM inventory_movement m WHERE m.account_id = %(account)s AND m.kind IN {listed(*ISSUES, *REVERSALS)} AND m.document_id IS NOT NULL
    ) sides
    GROUP BY sale_id, batch_id HAVING SUM(held) <> SUM(moved)
    """,
    _unmoved,
)
"""What a sale holds of a batch is what its movements took out of it."""


def _unaudited(row: Row) -> str:
    return f"Nothing in the audit log belongs to this {row['kind'].replace('_', ' ')} of {number(row['level_delta'])} {row['unit_kind']}."


def audited(*, lately: bool = False) -> Question:
    """Whatever changes stock leaves an audit row; asked of all movements, or of those of the last day.

    Facts of outside systems that were booked together share one row, which knows the instant. A sync that sets mirrors from a snapshot has
    its run for a trail.
    """
    booked, told = ("AND m.booked_at >= %(yesterday)s", "AND t.created_at >= %(day_before)s") if lately else ("", "")
    instant = json_moment("t.after", "booked_at")
    return Question(
        "Movement",
        f"""
        SELECT m.id, m.product_id, m.warehouse_id, m.unit_kind, m.kind, m.level_delta
        FROM inventory_movement m
        WHERE m.account_id = %(account)s AND m.kind <> 'snapshot' {booked}
            AND NOT EXISTS (SELECT 1 FROM audit_logs l WHERE l.correlation = m.correlation)
            AND m.booked_at NOT IN (
                SELECT {instant} FROM audit_logs t
                WHERE t.account_id = %(account)s AND t.action = 'BOOK_MANY' AND {instant} IS NOT NULL {told}
            )
        """,
        _unaudited,
    )


def _pointless(row: Row) -> str:
    return f"A correction of {row['entity_id']} in the audit log changed nothing."


def pointless() -> Question:
    """No correction without a difference was ever written down."""
    same = " AND ".join(f"{json_text('l.before', kind)} = {json_text('l.after', kind)}" for kind in UnitKind.values)
    return Question(
        "AuditLog",
        f"""
        SELECT l.id, CAST(NULL AS bigint) AS product_id, CAST(NULL AS bigint) AS warehouse_id, l.entity_id FROM audit_logs l
        WHERE l.account_id = %(account)s AND l.entity = '{ENTITY}' AND l.action = '{ACTION}' AND {same}
        """,
        _pointless,
    )


POINTLESS_MARK = Question(
    "Movement",
    """
    SELECT id, product_id, warehouse_id FROM inventory_movement
    WHERE account_id = %(account)s AND kind = 'correction' AND drift = 0
    """,
    lambda row: "A correction that corrected nothing.",
)


def _looked(row: Row) -> str:
    return f"Was written by “{row['mode']}”, which only looks."


def looked() -> Question:
    """Nothing was written by what only looks."""
    mode = json_text("l.after", "mode")
    return Question(
        "AuditLog",
        f"""
        SELECT l.id, CAST(NULL AS bigint) AS product_id, CAST(NULL AS bigint) AS warehouse_id, {mode} AS mode FROM audit_logs l
        WHERE l.account_id = %(account)s AND l.entity = '{ENTITY}' AND l.action = '{ACTION}' AND {mode} <> 'correct'
        """,
        _looked,
    )


def _second(row: Row) -> str:
    return f"Pass {row['id']} works at the same time as another one."


SECOND_PASS = Question(
    "Reconciliation",
    """
    SELECT id, CAST(NULL AS bigint) AS product_id, CAST(NULL AS bigint) AS warehouse_id FROM (
        SELECT id, COUNT(*) OVER () AS together FROM inventory_reconciliation
        WHERE account_id = %(account)s AND status = 'running' AND lease_until > %(now)s
    ) live
    WHERE together > 1
    """,
    _second,
)
