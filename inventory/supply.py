"""How products stand over all their warehouses, kept up to date without anybody asking (docs/critical-items.md)."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import Error, transaction
from django.db.models import Exists, OuterRef, Q

from accounts.acting import Actor
from accounts.audit import record
from accounts.models import Account
from inventory import moment
from inventory.criticality import Thresholds
from inventory.dialect import differs, quoted
from inventory.incoming import AMONG, asked
from inventory.ledger.bulktables import NUMBER, Table, fill, instant, made, rows
from inventory.models import Level, OrderReceipt, Product, PurchaseOrder, PurchaseOrderLine, Supply, SupplyMark
from inventory.quantity import from_thousandths, to_thousandths
from inventory.signals import supply_changed
from inventory.supplyrows import NEW, leave, store
from inventory.supplysettings import thresholds_of

OVERLAP = timedelta(minutes=5)
"""Looked at again, as a change may be committed later than its time says."""

FULL = timedelta(hours=24)
"""After so long everything is compared, whatever seems to have changed."""

MOST = 50_000
"""More changed products than these are no shorter way than all of them."""

DEMAND = Table("supply_demand", {"product_id": NUMBER, "daily": NUMBER})

log = logging.getLogger(__name__)


def refresh(account_id: int, product_ids: Collection[int] | None = None, *, correlation: uuid.UUID | None = None) -> list[int]:
    """Let the supply of these products, of all with None, be what levels, batches and orders come to; the ids of those that changed.

    Products that are not active or never reordered have no row. In the caller's transaction, in which supply_changed is sent. One statement
    compares, and only what differs is written: as many statements for all products as for one. One at a time for each business account,
    so call it after levels were locked, never before. Judged anew is what has other figures; `follow` judges all of it once a day.
    """
    return _refresh(account_id, product_ids, everything=False, correlation=correlation)


def set_demand(account_id: int, demand: Mapping[int, Decimal | None], *, correlation: uuid.UUID | None = None) -> list[int]:
    """Let so much be expected to be sold of these products in a day, None being unknown; the ids of those whose supply changed.

    Products without supply are passed over. Raises ValueError for a demand that is negative. A constant number of statements.
    """
    if not demand:
        return []
    negative = [pk for pk, daily in demand.items() if daily is not None and daily < 0]
    if negative:
        raise ValueError(f"Less than nothing can't be sold in a day: product {negative[0]}.")
    with transaction.atomic(savepoint=False):
        _hold(account_id)
        supply = quoted(Supply._meta.db_table)
        told = [{"product_id": pk, "daily": None if daily is None else to_thousandths(round(daily, 3))} for pk, daily in demand.items()]
        with made(DEMAND):
            fill(DEMAND, sorted(told, key=lambda row: row["product_id"]))
            changed = rows(
                f"UPDATE {supply} SET daily_demand = t.daily, changed_at = %s FROM {DEMAND.name} t WHERE {supply}.account_id = %s "
                f"AND {supply}.product_id = t.product_id AND {differs(f'{supply}.daily_demand', 't.daily')} RETURNING {supply}.product_id",
                [instant(moment.now()), account_id],
            )
        ids = [pk for (pk,) in changed]
        return _refresh(account_id, ids, everything=True, also=ids, correlation=correlation) if ids else []


def set_maximum(actor: Actor, product: Product, maximum: Decimal | None) -> Supply:
    """Say of how much of a product there should be no more, in what it is counted in; None is unknown. The supply as it is then.

    Raises NotAllowed, ValidationError naming `maximum`, DoesNotExist for a product that is not the account's or has no supply.
    """
    actor.require("supply.edit")
    try:
        wanted = None if maximum is None else from_thousandths(to_thousandths(maximum))
    except ValueError as error:
        raise ValidationError({"maximum": str(error)}) from error
    if wanted is not None and wanted < 0:
        raise ValidationError({"maximum": f"Enter a quantity of at least zero, not {wanted}."})
    with transaction.atomic():
        _hold(actor.account.pk)
        stored = Supply.objects.select_related("product").get(product=product.pk, account=actor.account)
        before = stored.maximum
        if before != wanted:
            Supply.objects.filter(pk=stored.pk).update(maximum=wanted)
            states = [{"product": stored.product.sku, "maximum": None if each is None else str(each)} for each in (before, wanted)]
            record(actor, entity="Supply", entity_id=stored.pk, action="CHANGE", before=states[0], after=states[1])
            _refresh(actor.account.pk, [product.pk], everything=True)
    stored.refresh_from_db()
    return stored


def follow(account_id: int) -> list[int]:
    """Catch up with whatever changed levels, products and orders since the last look, and with everything once a day and after the settings
    changed; the ids of products whose supply changed. Safe at any time; five statements where nothing did."""
    with transaction.atomic():
        mark = _hold(account_id)
        now = moment.now()
        if mark.full_at is None or mark.looked_at is None or mark.full_at < now - FULL:
            changed = _refresh(account_id, None, everything=True)
            SupplyMark.objects.filter(pk=mark.pk).update(looked_at=now, full_at=now)
            return changed
        since = mark.looked_at - OVERLAP
        found = list(_touched(account_id, since)[: MOST + 1])
        if not found:
            return []
        changed = refresh(account_id, found if len(found) <= MOST else None)
        SupplyMark.objects.filter(pk=mark.pk).update(looked_at=now)
        return changed


def tick() -> None:
    """Every minute: each business account that has products follows. What fails for one is told and tried again in a minute."""
    stocked = Account.objects.filter(Exists(Product.objects.filter(account=OuterRef("pk"))))
    for pk in stocked.order_by("pk").values_list("pk", flat=True):
        try:
            follow(pk)
        except Error:
            log.exception("Supply of business account %s could not follow.", pk)


def on_orders_changed(*, account_id: int, product_ids: list[int], correlation: uuid.UUID, **_signal: Any) -> None:
    """Receiver of `orders_changed`, sent with the orders and their levels held and written: what is on order counts at once."""
    refresh(account_id, product_ids, correlation=correlation)


def on_warehouse_saved(*, instance: Any, created: bool, **_signal: Any) -> None:
    """Receiver of a warehouse's post_save: whether it counts may have changed, so all is compared at the next tick."""
    if not created:
        SupplyMark.objects.filter(account=instance.account_id).update(full_at=None)


def _refresh(
    account_id: int,
    product_ids: Collection[int] | None,
    *,
    everything: bool,
    also: Collection[int] = (),
    correlation: uuid.UUID | None = None,
) -> list[int]:
    """`also` are told as changed, whether or not their rows are written here."""
    if product_ids is not None and not product_ids:
        return []
    with transaction.atomic(savepoint=False):
        _hold(account_id)
        now, thresholds = moment.now(), thresholds_of(account_id)
        if product_ids is None:
            changed = _write(account_id, now, thresholds, "", everything)
        else:
            with asked(product_ids):
                changed = _write(account_id, now, thresholds, AMONG, everything)
        told = sorted({*changed, *also})
        if told:
            supply_changed.send(sender=Supply, account_id=account_id, product_ids=told, correlation=correlation or uuid.uuid4())
    return told


def _write(account_id: int, now: datetime, thresholds: Thresholds, among: str, everything: bool) -> list[int]:
    with made(NEW):
        return leave(account_id, among) + store(account_id, now, thresholds, among, everything=everything)


def _hold(account_id: int) -> SupplyMark:
    """The account's mark, held until the end of the transaction: two that refresh at once would write over each other what one of them read
    before the other's levels were there."""
    held = SupplyMark.objects.select_for_update(no_key=True).filter(account=account_id)
    found = held.first()
    if found is None:
        SupplyMark.objects.bulk_create([SupplyMark(account_id=account_id)], ignore_conflicts=True)
        found = held.get()
    return found


def _touched(account_id: int, since: datetime) -> Any:
    """Ids of products that something happened to since then."""
    orders = PurchaseOrder.objects.filter(
        Q(approved_at__gt=since) | Q(closed_at__gt=since) | Q(upstream_at__gt=since) | Q(sent_at__gt=since), account=account_id
    )
    receipts = OrderReceipt.objects.filter(account=account_id, created_at__gt=since)
    return (
        Level.objects.filter(account=account_id, changed_at__gt=since)
        .order_by()
        .values_list("product", flat=True)
        .union(
            Product.objects.filter(account=account_id, updated_at__gt=since).order_by().values_list("pk", flat=True),
            PurchaseOrderLine.objects.filter(order__in=orders).order_by().values_list("product", flat=True),
            receipts.order_by().values_list("line__product", flat=True),
        )
    )
