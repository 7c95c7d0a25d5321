"""What people decide about references: which product is meant, whose word counts, which places count (docs/references.md)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Replace
from django.utils import timezone

from accounts.acting import Actor
from accounts.audit import record
from accounts.errors import Problem
from inventory import supply
from inventory.keys import model_key, sku_key
from inventory.models import AliasKind, Product, ProductAlias, Warehouse, WarehouseMode
from inventory.productrecord import one_at_a_time
from sync.models import Connection, FactRule, FieldGroup, FieldOwner, ProductRef, WarehouseRef
from sync.references import levels, reordering
from sync.references.ownership import GROUPS
from sync.references.products import Products
from sync.references.statements import Some
from sync.systems import moving, system


class KnownAlready(Problem):
    """Refused: the connection knows the product as something else; merge them first."""

    status = 409


class NotThere(Problem):
    """Refused: what is named is not in this business account, or not any more."""

    status = 404


def match_product(actor: Actor, ref: ProductRef, product: Product | None) -> ProductRef:
    """Say which product a reference means; None makes a new one of it. Its fields and levels follow. Audited.

    Raises NotAllowed, NotThere.
    """
    actor.require("reference.edit")
    with transaction.atomic():
        one_at_a_time(actor.account)
        stored = _own(actor, ref)
        before = stored.product_id
        chosen = _made(actor, stored) if product is None else _product(actor, product)
        ProductRef.objects.filter(pk=stored.pk).update(product=chosen, problem="")
        _again(actor, [stored.pk], stored.connection, also=[before] if before and before != chosen.pk else [])
        record(
            actor,
            entity="ProductRef",
            entity_id=stored.pk,
            action="MATCH",
            before={"product": before},
            after={"product": chosen.pk, "sku": chosen.sku},
        )
    stored.refresh_from_db()
    return stored


def split(actor: Actor, ref: ProductRef) -> ProductRef:
    """Let a reference be a product of its own again: a new one. Audited. Raises NotAllowed, NotThere."""
    return match_product(actor, ref, None)


def merge(actor: Actor, keep: Product, other: Product) -> Product:
    """Let all that is said of `other` be said of `keep`; `other` stays, switched off, with what was booked on it. Audited.

    Raises NotAllowed, NotThere, and Problem for a product and itself.
    """
    actor.require("reference.edit")
    if keep.pk == other.pk:
        raise Problem("A product can't be merged with itself.", hint="Choose another one.")
    with transaction.atomic():
        one_at_a_time(actor.account)
        kept, gone = _product(actor, keep), _product(actor, other)
        moved = list(ProductRef.objects.filter(product=gone, account=actor.account).select_related("connection__account"))
        ProductRef.objects.filter(pk__in=[ref.pk for ref in moved]).update(product=kept)
        FactRule.objects.filter(product=gone, account=actor.account).update(product=kept)
        _share_barcodes(kept, gone)
        Product.objects.filter(pk=gone.pk).update(active=False, updated_at=timezone.now())
        for connection in {ref.connection_id: ref.connection for ref in moved}.values():
            _again(actor, [ref.pk for ref in moved if ref.connection_id == connection.pk], connection, also=[gone.pk])
        record(actor, entity="Product", entity_id=kept.pk, action="MERGE", after={"merged": gone.pk, "sku": gone.sku})
    kept.refresh_from_db()
    return kept


def _share_barcodes(kept: Product, gone: Product) -> None:
    """What a till calls by a barcode of the one is the other from now on: one that is switched off gives way."""
    barcodes = ProductAlias.objects.filter(product=gone, kind=AliasKind.BARCODE)
    shared = [ProductAlias(account_id=kept.account_id, product=kept, kind=each.kind, text=each.text, key=each.key) for each in barcodes]
    ProductAlias.objects.bulk_create(shared, ignore_conflicts=True)


def set_owners(actor: Actor, group: str, connections: Sequence[Connection]) -> None:
    """Say whose word counts first for a group of fields; connections that are left out come last. Products follow with the next sync.

    Audited. Raises NotAllowed, NotThere, and Problem for a group that does not exist.
    """
    actor.require("reference.edit")
    if group not in FieldGroup.values:
        raise Problem(f"There is no group of fields “{group}”.", hint=f"There are: {', '.join(FieldGroup.values)}.")
    mine = Connection.objects.filter(account=actor.account).in_bulk([each.pk for each in connections])
    if len(mine) != len({each.pk for each in connections}):
        raise NotThere("One of the connections is not in this business account.")
    with transaction.atomic():
        rows = FieldOwner.objects.filter(account=actor.account, group=group)
        before = list(rows.order_by("rank").values_list("connection_id", flat=True))
        rows.delete()
        FieldOwner.objects.bulk_create(
            FieldOwner(account=actor.account, group=group, connection=each, rank=rank) for rank, each in enumerate(connections, 1)
        )
        after = [each.pk for each in connections]
        record(actor, entity="FieldOwner", entity_id=group, action="CHANGE", before={"owners": before}, after={"owners": after})


def unpin(actor: Actor, product: Product, fields: Collection[str]) -> Product:
    """Let fields that people had set follow the outside systems again, at once. Audited. Raises NotAllowed, NotThere, Problem."""
    actor.require("reference.edit")
    unknown = sorted(set(fields) - GROUPS.keys() - {"reorder"})
    if unknown:
        raise Problem(f"No outside system sets “{unknown[0]}”.", hint=f"Fields that can be set: {', '.join(GROUPS)}, reorder.")
    with transaction.atomic():
        one_at_a_time(actor.account)
        stored = _product(actor, product)
        for field in fields:
            Product.objects.filter(pk=stored.pk).update(pins=Replace(F("pins"), Value(f",{field},"), Value(",")))
        if "reorder" in fields:
            stored.levels.filter(warehouse__references__isnull=False).update(reorder_pinned=False)
        refs = ProductRef.objects.filter(product=stored, gone_at=None).select_related("connection__account")
        for ref in refs.order_by("connection_id"):
            _again(actor, [ref.pk], ref.connection)
        record(actor, entity="Product", entity_id=stored.pk, action="UNPIN", after={"fields": sorted(fields)})
    stored.refresh_from_db()
    return stored


def set_counts(actor: Actor, ref: WarehouseRef, counts: bool) -> WarehouseRef:
    """Say whether what lies in a place counts for the levels, which follow at once. Audited. Raises NotAllowed, NotThere."""
    actor.require("reference.edit")
    with transaction.atomic():
        stored = _own_place(actor, ref)
        before = stored.counts
        stored.counts, stored.counts_pinned = counts, True
        stored.save(update_fields=["counts", "counts_pinned"])
        if before != counts:
            _all_levels(stored.connection)
        record(actor, entity="WarehouseRef", entity_id=stored.pk, action="CHANGE", before={"counts": before}, after={"counts": counts})
    return stored


def set_warehouse(actor: Actor, ref: WarehouseRef, warehouse: Warehouse) -> WarehouseRef:
    """Say in which warehouse here a place is; levels that follow the connection do so at once. Audited.

    Raises NotAllowed, NotThere, and Problem for one not in use, and, where the system tells stock, for one that keeps a ledger of its own
    or follows another connection.
    """
    actor.require("reference.edit")
    with transaction.atomic():
        stored = _own_place(actor, ref)
        chosen = Warehouse.objects.filter(pk=warehouse.pk, account=actor.account).first()
        if chosen is None:
            raise NotThere("There is no such warehouse in this business account.")
        _check_fits(stored.connection, chosen)
        before = stored.warehouse_id
        stored.warehouse = chosen
        stored.save(update_fields=["warehouse"])
        if before != chosen.pk:
            _all_levels(stored.connection, before)
        record(
            actor, entity="WarehouseRef", entity_id=stored.pk, action="CHANGE", before={"warehouse": before}, after={"warehouse": chosen.pk}
        )
    return stored


def _check_fits(connection: Connection, warehouse: Warehouse) -> None:
    if not system(connection.system).tells_stock:
        if not warehouse.active:
            raise Problem(f"{warehouse} is not in use.", hint="Choose one that is, or put it into use again.")
        return
    if warehouse.mode != WarehouseMode.MIRROR:
        raise Problem(f"{warehouse} keeps its own ledger.", hint="Choose a warehouse that follows an outside system.")
    others = WarehouseRef.objects.filter(warehouse=warehouse).exclude(connection=connection.pk)
    others = others.exclude(connection__system__in=moving())
    if others.exists() or warehouse.connections.exclude(pk=connection.pk).exists():
        raise Problem(f"{warehouse} follows another connection.", hint="A warehouse follows one outside system.")


def _again(actor: Actor, refs: Sequence[int], connection: Connection, *, also: Sequence[int] = ()) -> None:
    """Products and levels in line with these references, and the levels of the products they were of before."""
    at = timezone.now()
    numbers = ", ".join(str(int(number)) for number in refs) or "0"
    some = Some(f"r.id IN ({numbers})")
    Products(connection, match_sku=False).follow(some, at)
    levels.hold(connection, some)
    reordering.follow(connection, some, at)
    reordering.follow_rules(connection, some, at)
    keys = levels.follow(connection, some, correlation=uuid.uuid4())
    if also:
        keys += levels.follow_products(connection, also, correlation=uuid.uuid4())
    products = ProductRef.objects.filter(pk__in=refs, product__isnull=False).values_list("product_id", flat=True)
    supply.refresh(connection.account_id, sorted({*also, *products, *(key.product_id for key in keys)}))


def _all_levels(connection: Connection, left: int | None = None) -> None:
    some = Some("r.connection_id = %s", [connection.pk])
    levels.hold(connection, some, left=[left] if left else [])
    reordering.follow(connection, some, timezone.now())
    reordering.follow_rules(connection, some, timezone.now())
    levels.follow(connection, some, correlation=uuid.uuid4(), left=[left] if left else [])
    supply.refresh(connection.account_id)


def _made(actor: Actor, ref: ProductRef) -> Product:
    columns = {"sku": ref.sku, "sku_key": sku_key(ref.sku), "model_key": model_key(ref.sku), "name": ref.name}
    return Product.objects.create(account=actor.account, active=ref.active, fractional=bool(ref.fractional), **columns)


def _own(actor: Actor, ref: ProductRef) -> ProductRef:
    stored = ProductRef.objects.select_related("connection__account").filter(pk=ref.pk, account=actor.account).first()
    if stored is None:
        raise NotThere("There is no such reference in this business account.")
    return stored


def _own_place(actor: Actor, ref: WarehouseRef) -> WarehouseRef:
    stored = WarehouseRef.objects.select_related("connection__account").filter(pk=ref.pk, account=actor.account).first()
    if stored is None:
        raise NotThere("There is no such place in this business account.")
    return stored


def _product(actor: Actor, product: Product) -> Product:
    stored = Product.objects.filter(pk=product.pk, account=actor.account).first()
    if stored is None:
        raise NotThere("There is no such product in this business account.")
    return stored
