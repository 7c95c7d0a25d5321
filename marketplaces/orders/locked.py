"""The items that an order is about, and what is free of their stock, held until the end of the transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Q, Sum

from inventory.ledger.counters import Key
from inventory.ledger.locking import among
from inventory.levels import present
from inventory.models import Hold, Item, ItemWarehouse, Level

ZERO = Decimal(0)


@dataclass
class Locked:
    """Items by id, and the warehouses of those that are linked, in the order in which orders take from them."""

    items: dict[int, Item]
    sources: dict[int, list[ItemWarehouse]]
    _free: dict[tuple[int, int, str], Decimal] = field(default_factory=dict)

    def free(self, item: Item, place: int) -> Decimal:
        """What of the linked item's product is available in a warehouse and not held there; never below zero."""
        return max(self._free.get((item.product_id or 0, place, item.unit_kind), ZERO), ZERO)

    def took(self, item: Item, place: int, quantity: Decimal) -> None:
        """So much less of it is free now."""
        key = (item.product_id or 0, place, item.unit_kind)
        self._free[key] = self._free.get(key, ZERO) - quantity


def lock(account_id: int, item_ids: Iterable[int]) -> Locked:
    """Lock the stock of these items first, then the items with all others that offer the same products, as whatever books does."""
    wanted = set(item_ids)
    mine = Item.objects.filter(account=account_id)
    products = dict(mine.filter(pk__in=wanted, product__isnull=False).values_list("pk", "product_id"))
    sources: dict[int, list[ItemWarehouse]] = defaultdict(list)
    for source in ItemWarehouse.objects.filter(item__in=products).select_related("warehouse").order_by("item_id", "position", "pk"):
        sources[source.item_id].append(source)
    keys = {Key(products[pk] or 0, source.warehouse_id) for pk, own in sources.items() for source in own}
    levels = _levels(account_id, keys) if keys else []
    same_stock = Q(pk__in=wanted) | Q(product__in=set(products.values()))
    rows = mine.filter(same_stock).select_for_update(no_key=True).order_by("pk")
    found = Locked({row.pk: row for row in rows if row.pk in wanted}, sources)
    _read_free(found, levels, keys)
    return found


def _levels(account_id: int, keys: set[Key]) -> Sequence[Level]:
    rows = Level.objects.filter(among(keys), account=account_id).select_for_update(no_key=True)
    return list(rows.order_by("product_id", "warehouse_id"))


def _read_free(found: Locked, levels: Sequence[Level], keys: set[Key]) -> None:
    kinds = {(item.product_id, item.unit_kind) for item in found.items.values() if item.product_id}
    for shown in present(levels):
        for product, kind in kinds:
            if product == shown.level.product_id:
                found._free[product, shown.level.warehouse_id, kind] = shown.available.of(kind)
    if not keys:
        return
    held = Hold.objects.filter(among(keys), released_at__isnull=True).order_by()
    for row in held.values("product_id", "warehouse_id", "unit_kind").annotate(sum=Sum("quantity")):
        place = (row["product_id"], row["warehouse_id"], row["unit_kind"])
        found._free[place] = found._free.get(place, ZERO) - row["sum"]
