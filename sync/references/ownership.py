"""Whose word counts for which fields, as conditions of statements (docs/references.md).

In them `p` is the product, `r` the reference of the connection that speaks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inventory.dialect import quoted
from sync.models import Connection, FieldGroup, FieldOwner, ProductRef

GROUPS: Mapping[str, FieldGroup] = {
    "sku": FieldGroup.IDENTITY,
    "name": FieldGroup.IDENTITY,
    "category": FieldGroup.IDENTITY,
    "purchase_price": FieldGroup.PRICE,
    "vendor": FieldGroup.VENDOR,
    "lead_time_days": FieldGroup.VENDOR,
    "units_per_pack": FieldGroup.IDENTITY,
    "reorder_excluded": FieldGroup.REORDER,
    "active": FieldGroup.ACTIVE,
}
"""The fields of a product that an outside system may set, each with its group."""


def ahead_of(connection: Connection) -> dict[FieldGroup, list[int]]:
    """For each group the connections whose word goes before this one's. Those without a rank come last, in the order they were made."""
    ranks = {
        (group, number): rank
        for group, number, rank in FieldOwner.objects.filter(account=connection.account_id).values_list("group", "connection_id", "rank")
    }
    others = list(Connection.objects.filter(account=connection.account_id).order_by("pk").values_list("pk", flat=True))

    def place(group: str, number: int) -> tuple[int, int, int]:
        rank = ranks.get((group, number))
        return (1, 0, number) if rank is None else (0, rank, number)

    return {group: [other for other in others if place(group, other) < place(group, connection.pk)] for group in FieldGroup}


def may_write(field: str, ahead: Mapping[FieldGroup, Sequence[int]]) -> str:
    """Whether the reference `r` may set the field of the product `p`: nobody has pinned it, and nobody with the say knows the product."""
    parts = [f"p.pins NOT LIKE '%%,{field},%%'", _first_of_its_connection()]
    group = ahead[GROUPS[field]]
    if group:
        numbers = ", ".join(str(int(number)) for number in group)
        parts.append(
            f"NOT EXISTS (SELECT 1 FROM {quoted(ProductRef._meta.db_table)} o WHERE o.product_id = p.id AND o.gone_at IS NULL "
            f"AND o.connection_id IN ({numbers}))"
        )
    return " AND ".join(parts)


def _first_of_its_connection() -> str:
    """Where two things there are one product here, the older reference speaks for both."""
    return (
        f"NOT EXISTS (SELECT 1 FROM {quoted(ProductRef._meta.db_table)} f WHERE f.product_id = r.product_id "
        "AND f.connection_id = r.connection_id AND f.gone_at IS NULL AND (f.id < r.id OR r.gone_at IS NOT NULL))"
    )
