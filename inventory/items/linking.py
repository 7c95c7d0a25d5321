"""Items that offer the stock of a product (docs/items.md)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.acting import Actor
from inventory.errors import NotReady
from inventory.items import fields as entered
from inventory.items.editing import put
from inventory.items.work import Work, not_archived, working
from inventory.models import Item, ItemChange, ItemChangeKind, ItemWarehouse, Level, Product, Warehouse


def link(
    actor: Actor,
    item: Item,
    product: Product,
    warehouses: Iterable[Warehouse],
    *,
    reason: str = "",
    correlation: uuid.UUID | None = None,
    **rules: Any,
) -> Item:
    """Let the item offer what these warehouses have of the product; orders take it from them in this order. Replaces another link.

    `rules` are those of fields.RULES; a new link counts in the product's own unit kind unless told otherwise. Raises NotAllowed,
    ItemArchived, NotReady while pieces of it are reserved, ValidationError naming the field.
    """
    actor.require("item.edit")
    foreign = rules.keys() - entered.RULES.keys()
    if foreign:
        raise ValidationError(dict.fromkeys(sorted(foreign), "This is no rule of a link."))
    places = list(dict.fromkeys(warehouse.pk for warehouse in warehouses))
    given = {} if item.linked else {"unit_kind": product.unit_kind}
    values = entered.read({**given, **rules})
    with transaction.atomic():
        hold_stock(actor, product.pk, places)
        with working(actor, [item.pk], cause="link", correlation=correlation) as work:
            stored = work.items[item.pk]
            put(stored, values)
            attach(work, stored, product.pk, places, ItemChangeKind.LINK, reason=reason)
    return stored


def unlink(actor: Actor, item: Item, reason: str = "", *, correlation: uuid.UUID | None = None) -> Item:
    """Let the item keep the number it offers now, as its own. Safe to repeat. Raises NotAllowed, ItemArchived."""
    actor.require("item.edit")
    with working(actor, [item.pk], cause="unlink", correlation=correlation) as work:
        stored = work.items[item.pk]
        if stored.linked:
            attach(work, stored, None, [], ItemChangeKind.UNLINK, reason=reason)
    return stored


def hold_stock(actor: Actor, product_id: int, warehouse_ids: Sequence[int]) -> None:
    """Lock what an item is about to follow, before the item, as bookings do: one that is under way is waited for, a later one sees the
    link. Raises ValidationError for what the account does not have."""
    if not warehouse_ids:
        raise ValidationError({"warehouses": "Choose at least one warehouse whose stock it offers."})
    if Warehouse.objects.filter(account=actor.account, pk__in=warehouse_ids).count() < len(warehouse_ids):
        raise ValidationError({"warehouses": "There is no such warehouse."})
    levels = Level.objects.filter(account=actor.account, product=product_id, warehouse__in=warehouse_ids)
    list(levels.select_for_update(no_key=True).order_by("product_id", "warehouse_id").values_list("pk"))
    if not list(Product.objects.filter(account=actor.account, pk=product_id).select_for_update(no_key=True).values_list("pk")):
        raise ValidationError({"product": "There is no such product."})


def attach(
    work: Work,
    item: Item,
    product_id: int | None,
    warehouse_ids: Sequence[int],
    kind: str,
    *,
    reason: str = "",
    undoes: ItemChange | None = None,
) -> None:
    """Let the locked item follow this product in these warehouses, or none. Raises ItemArchived, NotReady."""
    not_archived([item])
    if product_id is not None and item.quantity_reserved:
        raise NotReady(f"{item.quantity_reserved:,} pieces of {item} are reserved.", hint="Release them, then link it.")
    before = warehouses_of(item)
    item.product_id = product_id
    more = {}
    if before != list(warehouse_ids):
        item.sources.all().delete()
        ItemWarehouse.objects.bulk_create(
            [
                ItemWarehouse(account_id=item.account_id, item=item, warehouse_id=pk, position=position)
                for position, pk in enumerate(warehouse_ids)
            ]
        )
        more = {"warehouses": [before, list(warehouse_ids)]}
    work.note(item, kind, reason=reason, undoes=undoes, more=more)


def warehouses_of(item: Item) -> list[int]:
    """The ids of the warehouses it offers, in the order in which orders take from them."""
    return list(item.sources.order_by("position", "pk").values_list("warehouse_id", flat=True))
