"""What must hold for sales, their allocations, and what was undone."""

from __future__ import annotations

from inventory.integrity.question import Question, Row, json_text, number
from inventory.ledger.purposes import ISSUES, REVERSALS, listed

_HELD = "SELECT sale_id, SUM(quantity - released) AS held FROM inventory_allocation WHERE account_id = %(account)s GROUP BY sale_id"


def _booked(row: Row) -> str:
    parts = f"{number(row['held'])} held, {number(row['returned'])} returned and {number(row['shortfall'])} short"
    if row["status"] == "cancelled":
        return f"Is cancelled, but has {parts}."
    return f"Quantity {number(row['quantity'])}, but {parts}."


SALE = Question(
    "Sale",
    f"""
    SELECT s.id, s.product_id, s.warehouse_id, s.status, s.quantity, s.returned, s.shortfall, COALESCE(a.held, 0) AS held
    FROM inventory_sale s LEFT JOIN ({_HELD}) a ON a.sale_id = s.id
    WHERE s.account_id = %(account)s AND CASE WHEN s.status = 'cancelled' THEN COALESCE(a.held, 0) <> 0 OR s.shortfall <> 0
        ELSE s.quantity <> COALESCE(a.held, 0) + s.returned + s.shortfall END
    """,
    _booked,
)


def _negative_sale(row: Row) -> str:
    return f"Quantity {number(row['quantity'])}, returned {number(row['returned'])}, short {number(row['shortfall'])}."


NEGATIVE_SALE = Question(
    "Sale",
    """
    SELECT id, product_id, warehouse_id, quantity, returned, shortfall FROM inventory_sale
    WHERE account_id = %(account)s AND (quantity <= 0 OR returned < 0 OR shortfall < 0)
    """,
    _negative_sale,
)


def _negative_allocation(row: Row) -> str:
    return f"Allocates {number(row['quantity'])} to sale {row['sale_id']} and has released {number(row['released'])}."


NEGATIVE_ALLOCATION = Question(
    "Allocation",
    """
    SELECT a.id, b.product_id, b.warehouse_id, a.sale_id, a.quantity, a.released
    FROM inventory_allocation a JOIN inventory_batch b ON b.id = a.batch_id
    WHERE a.account_id = %(account)s AND (a.quantity <= 0 OR a.released < 0 OR a.released > a.quantity)
    """,
    _negative_allocation,
)


def _expired(row: Row) -> str:
    return f"Sale {row['document_id']} took {number(-row['batch_delta'])} of batch {row['batch_id']} after it had expired."


def expired() -> Question:
    """Nothing was taken for a sale from goods that had expired by then. Expiries that were put earlier afterwards don't count."""
    return Question(
        "Movement",
        f"""
        SELECT m.id, m.product_id, m.warehouse_id, m.batch_id, m.batch_delta, m.document_id
        FROM inventory_batch b JOIN inventory_movement m ON m.batch_id = b.id
        WHERE b.account_id = %(account)s AND b.expires_at IS NOT NULL AND m.kind IN {listed(*ISSUES)}
            AND m.booked_at >= b.expires_at AND NOT EXISTS (
            SELECT 1 FROM inventory_purchase p JOIN audit_logs l ON l.account_id = b.account_id AND l.entity = 'Purchase'
                AND l.entity_id = CAST(p.id AS text) AND l.action = 'CHANGE' AND l.created_at > m.booked_at
            WHERE p.batch_id = b.id AND {json_text("l.after", "expires_at")} IS NOT NULL
        ) AND NOT EXISTS (
            SELECT 1 FROM inventory_purchase p JOIN audit_logs l ON l.account_id = b.account_id AND l.entity = 'Purchase'
                AND l.action = 'BOOK_MANY' AND l.created_at > m.booked_at
            WHERE p.batch_id = b.id AND p.revision > 0
        ) AND NOT EXISTS (
            SELECT 1 FROM audit_logs l WHERE l.account_id = b.account_id AND l.entity = 'Batch' AND l.entity_id = CAST(b.id AS text)
                AND l.action = 'CHANGE' AND l.created_at > m.booked_at
        )
        """,
        _expired,
    )


def _mixed(row: Row) -> str:
    return (
        f"Sale {row['sale_id']} of {row['of_sale']} took from batch {row['batch_id']}, which holds {row['of_batch']}"
        f"{'' if row['same_place'] else ' of another product or in another warehouse'}."
    )


MIXED = Question(
    "Allocation",
    """
    SELECT a.id, s.product_id, s.warehouse_id, a.sale_id, a.batch_id, s.unit_kind AS of_sale, b.unit_kind AS of_batch,
        CASE WHEN s.product_id = b.product_id AND s.warehouse_id = b.warehouse_id THEN 1 ELSE 0 END AS same_place
    FROM inventory_allocation a JOIN inventory_sale s ON s.id = a.sale_id JOIN inventory_batch b ON b.id = a.batch_id
    WHERE a.account_id = %(account)s
        AND (s.unit_kind <> b.unit_kind OR s.product_id <> b.product_id OR s.warehouse_id <> b.warehouse_id)
    """,
    _mixed,
)


def _mixed_movements(row: Row) -> str:
    return f"Holds {row['of_batch']}, but movements of {row['unit_kind']} elsewhere make {number(row['moved'])} of it."


# A purchase that was entered in the wrong unit kind is taken out in that kind and put in again in the right one.
MIXED_MOVEMENTS = Question(
    "Batch",
    """
    SELECT b.id, b.product_id, b.warehouse_id, b.unit_kind AS of_batch, m.unit_kind, SUM(m.batch_delta) AS moved
    FROM inventory_movement m JOIN inventory_batch b ON b.id = m.batch_id
    WHERE m.account_id = %(account)s
        AND (m.unit_kind <> b.unit_kind OR m.product_id <> b.product_id OR m.warehouse_id <> b.warehouse_id)
    GROUP BY b.id, b.product_id, b.warehouse_id, b.unit_kind, m.unit_kind HAVING SUM(m.batch_delta) <> 0 OR SUM(m.level_delta) <> 0
    """,
    _mixed_movements,
)


def _not_undone(row: Row) -> str:
    return f"Is cancelled, but {number(-row['moved'])} of batch {row['batch_id']} did not come back."


CANCELLED = Question(
    "Sale",
    f"""
    SELECT s.id, s.product_id, s.warehouse_id, m.batch_id, SUM(m.batch_delta) AS moved
    FROM inventory_sale s JOIN inventory_movement m ON m.document_id = s.id AND m.kind IN {listed(*ISSUES, *REVERSALS)}
    WHERE s.account_id = %(account)s AND s.status = 'cancelled'
    GROUP BY s.id, s.product_id, s.warehouse_id, m.batch_id HAVING SUM(m.batch_delta) <> 0
    """,
    _not_undone,
)


def _not_void(row: Row) -> str:
    return (
        f"Is void, but its movements leave {number(row['moved'])} in batch {row['batch_id']} and {number(row['counted'])} in the counter."
    )


VOIDED = Question(
    "Purchase",
    """
    SELECT p.id, b.product_id, b.warehouse_id, p.batch_id, SUM(m.batch_delta) AS moved, SUM(m.level_delta) AS counted
    FROM inventory_purchase p JOIN inventory_batch b ON b.id = p.batch_id JOIN inventory_movement m ON m.batch_id = p.batch_id
    WHERE p.account_id = %(account)s AND p.status = 'voided'
    GROUP BY p.id, b.product_id, b.warehouse_id, p.batch_id HAVING SUM(m.batch_delta) <> 0 OR SUM(m.level_delta) <> 0
    """,
    _not_void,
)
