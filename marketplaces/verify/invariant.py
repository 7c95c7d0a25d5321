"""The invariant that marketplaces add: none is told more than there is (docs/integrity.md, I16)."""

from __future__ import annotations

from collections.abc import Sequence

from inventory.integrity import Check, Question, register
from inventory.integrity.question import Asked, Row
from inventory.items import standing

HOLDS = "No marketplace is told more than there is, less what is reserved and kept back."


def declare() -> None:
    """For ready()."""
    register(Check(16, HOLDS, lambda asked: (TOLD, _following(asked))))


def _told(row: Row) -> str:
    return f"{row['shop']} is told {row['told_quantity']} of {row['number']}, {row['offered']} are offered."


# What is being sent, failed or waits for a person says so itself; a change of the last minutes may not have been noticed yet.
TOLD = Question(
    "Listing",
    """
    SELECT l.id, i.product_id, CAST(NULL AS bigint) AS warehouse_id, l.told_quantity, c.name AS shop, i.part_number AS number,
           CASE WHEN i.archived_at IS NOT NULL OR i.status = 'sold' THEN 0 ELSE i.quantity_available END AS offered
    FROM marketplaces_listing l
    JOIN inventory_item i ON i.id = l.item_id
    JOIN marketplaces_shop s ON s.id = l.shop_id
    JOIN sync_connection c ON c.id = s.connection_id
    WHERE l.account_id = %(account)s AND l.state = 'synced' AND (l.item_version = i.version OR i.updated_at < %(late)s)
      AND l.told_quantity > CASE WHEN i.archived_at IS NOT NULL OR i.status = 'sold' THEN 0 ELSE i.quantity_available END
    """,
    _told,
)


def _following(asked: Asked) -> Question:
    """Linked items that do not say what their stock offers. The offer is worked out as items do it, not in words of its own."""
    offers = {row.item_id: row.offer for row in standing.all_of(asked.account.pk, asked.now) if row.quantity != row.offer}

    def say(row: Row) -> str:
        return f"{row['number']} says {row['quantity_available']}, its stock offers {offers[row['id']]}."

    return Question("Item", _linked(sorted(offers)), say)


def _linked(ids: Sequence[int]) -> str:
    return f"""
    SELECT i.id, i.product_id, CAST(NULL AS bigint) AS warehouse_id, i.quantity_available, i.part_number AS number
    FROM inventory_item i WHERE i.account_id = %(account)s AND i.id IN ({", ".join(map(str, ids)) or "NULL"})
    """
