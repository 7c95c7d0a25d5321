"""Linked items follow their stock: in the transaction that changes a level, and by the sweep where anything else did (docs/items.md)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from inventory import moment
from inventory.items import standing
from inventory.items.work import tell
from inventory.models import ItemChange, ItemChangeKind, ItemWarehouse

LABEL = "Stock"
SWEEP = "sweep"
_BATCH = 1000
_MOST = 20_000

Pair = tuple[int, int]


def follow(account_id: int, keys: Iterable[Pair] | None, cause: str, correlation: uuid.UUID) -> int:
    """Let the items linked to these pairs of product and warehouse, or all of the account, offer what is there; how many changed.

    In the caller's transaction. A constant number of statements; one where nothing is linked.
    """
    rows = ItemWarehouse.objects.filter(account=account_id)
    if keys is not None:
        pairs = list(keys)
        # A statement takes only so many parameters: beyond these all that the warehouses offer is looked at.
        rows = rows.filter(_among(pairs) if len(pairs) <= _MOST else Q(warehouse__in={warehouse for _, warehouse in pairs}))
    return _follow(account_id, Q(pk__in=rows.order_by().values("item")), cause, correlation)


def follow_place(account_id: int, warehouse_id: int, cause: str) -> int:
    """The same for all that offer what this warehouse has."""
    rows = ItemWarehouse.objects.filter(account=account_id, warehouse=warehouse_id)
    return _follow(account_id, Q(pk__in=rows.order_by().values("item")), cause, uuid.uuid4())


def follow_items(account_id: int, item_ids: Collection[int], cause: str, correlation: uuid.UUID) -> int:
    """The same for these items."""
    return _follow(account_id, Q(pk__in=item_ids), cause, correlation)


def differing(account_id: int) -> list[int]:
    """The linked items that do not say what their stock offers, whatever made that so. Reads only."""
    return [row.item_id for row in standing.all_of(account_id, moment.now()) if row.quantity != row.offer]


def heal(account_id: int) -> int:
    """Let those that differ follow; how many changed. For the sweep, again and again."""
    found = differing(account_id)
    changed = 0
    for start in range(0, len(found), _BATCH):
        changed += follow_items(account_id, found[start : start + _BATCH], SWEEP, uuid.uuid4())
    return changed


def on_levels_changed(*, account_id: int, keys: Iterable[Pair], cause: str, correlation: uuid.UUID, **_signal: Any) -> None:
    """Receiver of levels_changed."""
    follow(account_id, keys, cause, correlation)


def _follow(account_id: int, which: Q, cause: str, correlation: uuid.UUID) -> int:
    with transaction.atomic():
        # Locked first, read after: two that book in two warehouses of one item would else each miss what the other has booked.
        held = standing.linked().filter(which, account=account_id).select_for_update(no_key=True).order_by("pk")
        pks = list(held.values_list("pk", flat=True))
        if not pks:
            return 0
        now = moment.now()
        moved = {row.item_id: (row.quantity, row.offer) for row in standing.of(pks, now) if row.quantity != row.offer}
        standing.write({pk: new for pk, (_, new) in moved.items()}, now)
        deltas = {pk: new - old for pk, (old, new) in moved.items()}
        ItemChange.objects.bulk_create(
            [_row(account_id, pk, delta, cause, correlation, now) for pk, delta in deltas.items()], batch_size=_BATCH
        )
        tell(account_id, list(moved), cause, correlation)
    return len(moved)


def _row(account_id: int, pk: int, delta: int, cause: str, correlation: uuid.UUID, now: datetime) -> ItemChange:
    return ItemChange(
        account_id=account_id,
        item_id=pk,
        kind=ItemChangeKind.LEVEL,
        delta_available=delta,
        cause=cause[:40],
        actor_label=LABEL,
        correlation=correlation,
        happened_at=now,
    )


def _among(keys: Iterable[Pair]) -> Q:
    places: dict[int, set[int]] = {}
    for product, warehouse in keys:
        places.setdefault(warehouse, set()).add(product)
    found = Q(pk__in=[])
    for warehouse, products in places.items():
        found |= Q(warehouse=warehouse, item__product__in=products)
    return found
