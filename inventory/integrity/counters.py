"""What must hold for the counters of levels, and for the ledger's running balances."""

from __future__ import annotations

from inventory.integrity.question import Asked, Question, Row, day_of, number
from inventory.models import UnitKind
from inventory.reconcile.detect import found
from inventory.reconcile.scope import scope_of


def _counter(row: Row) -> str:
    wrong = [
        f"{number(row[f'{kind}_before'])} {kind} in the counter, {number(row[f'{kind}_after'])} in its batches"
        for kind in UnitKind.values
        if row[f"{kind}_before"] != row[f"{kind}_after"]
    ]
    return f"{'; '.join(wrong)}."


def counter(asked: Asked) -> Question:
    """Levels that differ from their batches, as reconcile finds them."""
    differ = " OR ".join(f"{kind}_before <> {kind}_after" for kind in UnitKind.values)
    return Question("Level", f"SELECT d.*, d.level_id AS id FROM ({found(scope_of(asked.account))}) d WHERE {differ}", _counter)


_EACH_KIND = " UNION ALL ".join(
    f"SELECT id, product_id, warehouse_id, '{kind}' AS unit_kind, {kind} AS counter, 0 AS batches"
    " FROM inventory_level WHERE account_id = %(account)s AND ledger"
    for kind in UnitKind.values
)

_COUNTERS = tuple(UnitKind.values)
_RESERVED = tuple(f"reserved_{kind}" for kind in UnitKind.values)


def _negative(row: Row) -> str:
    below = [
        f"{name.replace('_', ' ')} {number(row[name])}"
        for name in (*_COUNTERS, *_RESERVED)
        if row[name] < 0 and (row["ledger"] or name in _RESERVED)
    ]
    return f"Below zero: {', '.join(below)}."


NEGATIVE = Question(
    "Level",
    f"""
    SELECT id, product_id, warehouse_id, ledger, {", ".join((*_COUNTERS, *_RESERVED))} FROM inventory_level
    WHERE account_id = %(account)s AND ((ledger AND ({" OR ".join(f"{name} < 0" for name in _COUNTERS)}))
        OR {" OR ".join(f"{name} < 0" for name in _RESERVED)})
    """,
    _negative,
)


def _moved(row: Row) -> str:
    return f"{number(row['counter'])} {row['unit_kind']} in the counter, {number(row['moved'])} by its movements."


MOVED = Question(
    "Level",
    f"""
    SELECT MAX(id) AS id, product_id, warehouse_id, unit_kind, SUM(counter) AS counter, SUM(batches) AS moved FROM (
        {_EACH_KIND}
        UNION ALL
        SELECT NULL, m.product_id, m.warehouse_id, m.unit_kind, 0, SUM(m.level_delta)
        FROM inventory_movement m JOIN inventory_warehouse w ON w.id = m.warehouse_id AND w.mode = 'ledger'
        WHERE m.account_id = %(account)s GROUP BY m.product_id, m.warehouse_id, m.unit_kind
    ) sides
    GROUP BY product_id, warehouse_id, unit_kind HAVING SUM(counter) <> SUM(batches)
    """,
    _moved,
)
"""The counter is the sum of what movements put into it."""

# In the order in which they were booked; what a correction has set right lies before it.
_IN_ORDER = """
    FROM inventory_movement m JOIN inventory_warehouse w ON w.id = m.warehouse_id AND w.mode = 'ledger'
    WHERE m.account_id = %(account)s
    WINDOW of_key AS (PARTITION BY m.product_id, m.warehouse_id, m.unit_kind),
        booked AS (PARTITION BY m.product_id, m.warehouse_id, m.unit_kind ORDER BY m.id)
"""


def _balance(row: Row) -> str:
    if row["level_after"] != row["running"]:
        return f"Says that {number(row['level_after'])} {row['unit_kind']} were left, all movements up to it make {number(row['running'])}."
    return f"Left {number(row['level_after'])} {row['unit_kind']}."


BALANCE = Question(
    "Movement",
    f"""
    SELECT id, product_id, warehouse_id, unit_kind, level_after, running FROM (
        SELECT m.id, m.product_id, m.warehouse_id, m.unit_kind, m.kind, m.level_after, SUM(m.level_delta) OVER booked AS running,
            MAX(CASE WHEN m.kind = 'correction' THEN m.id END) OVER of_key AS corrected
        {_IN_ORDER}
    ) lines
    WHERE (level_after < 0 AND kind <> 'snapshot') OR (level_after <> running AND id >= COALESCE(corrected, 0))
    """,
    _balance,
)


def _closing(row: Row) -> str:
    if row["day"] < row["day_before"]:
        return f"Was booked on {row['day']}, after a movement of {row['day_before']}: a day that was over has changed."
    opening, closed = number(row["opening"]), number(row["closed_with"])
    return f"{row['day']} opens with {opening} {row['unit_kind']}, {row['day_before']} had closed with {closed}."


def closing() -> Question:
    """No day changes after it is over, and each opens with what the last one before it closed with."""
    return Question(
        "Movement",
        f"""
        SELECT id, product_id, warehouse_id, unit_kind, day, day_before, opening, closed_with FROM (
            SELECT m.id, m.product_id, m.warehouse_id, m.unit_kind, m.kind,
                {day_of("m.booked_at")} AS day, m.level_after - m.level_delta AS opening,
                LAG({day_of("m.booked_at")}) OVER booked AS day_before, LAG(m.level_after) OVER booked AS closed_with
            {_IN_ORDER}
        ) days
        WHERE day < day_before OR (day > day_before AND kind <> 'correction' AND opening <> closed_with)
        """,
        _closing,
    )
