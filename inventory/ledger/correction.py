"""How it is written down that counters were found wrong and set right (docs/reconcile.md)."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.acting import Actor
from accounts.audit import Entry, record_many
from inventory import offenders
from inventory.ledger.counters import Counters, Key
from inventory.models import COUNTED, Batch, Cause, Movement, MovementKind, Product, UnitKind, Warehouse
from inventory.models.warehouse import WarehouseMode

ENTITY = "WarehouseInventory"
ACTION = "AUTO_SYNC_CORRECTION"
LABEL = "Reconcile"


@dataclass(frozen=True)
class Correction:
    """The counters of one level as they were found, and as they are now."""

    level_id: int
    key: Key
    before: Counters
    after: Counters
    drift_class: str


def write_corrections(
    actor: Actor,
    corrections: Sequence[Correction],
    *,
    cause: Cause,
    found_on_write: bool,
    now: datetime,
    correlation: uuid.UUID,
    run_id: int | None = None,
) -> None:
    """Note corrections of levels that the caller writes, in its transaction: a movement for each counter, an audit row for each level.

    `actor` is who made it happen; the rows themselves are the system's. A constant number of statements.
    """
    if not corrections:
        return
    system = Actor.system(actor.account, LABEL)
    Movement.objects.bulk_create(
        [
            _mark(system, each, kind, cause=cause, found_on_write=found_on_write, now=now, correlation=correlation)
            for each in corrections
            for kind in UnitKind.values
            if each.before.of(kind) != each.after.of(kind)
        ],
        batch_size=1000,
    )
    named = Product.objects.filter(pk__in={each.key.product_id for each in corrections}).values_list("pk", "name", "sku")
    products = {pk: {"productName": name, "productNumber": sku} for pk, name, sku in named}
    places = dict(Warehouse.objects.filter(pk__in={each.key.warehouse_id for each in corrections}).values_list("pk", "code"))
    summed = _batches([each.key for each in corrections])
    entries = []
    for each in corrections:
        shared = {**products[each.key.product_id], "triggeredBy": cause.value}
        about = {
            "location": places[each.key.warehouse_id],
            "driftClass": each.drift_class,
            "batches": summed.get(each.key, {"count": 0, "digest": ""}),
            "runId": run_id,
            "actorKind": _kind_of(actor, cause),
            "mode": "correct",
            "foundOnWrite": found_on_write,
        }
        before = {**shared, **_plain(each.before)}
        after = {**shared, **_plain(each.after), "difference": _plain(each.after.less(each.before)), **about}
        entries.append(Entry(ENTITY, each.level_id, ACTION, before, after, cause.value))
    record_many(system, entries, correlation=correlation)
    offenders.tell(actor.account.pk, [each.key for each in corrections], now)


def _mark(
    actor: Actor, correction: Correction, kind: str, *, cause: Cause, found_on_write: bool, now: datetime, correlation: uuid.UUID
) -> Movement:
    after = correction.after.of(kind)
    return Movement(
        account=actor.account,
        product_id=correction.key.product_id,
        warehouse_id=correction.key.warehouse_id,
        unit_kind=kind,
        kind=MovementKind.CORRECTION,
        level_after=after,
        drift=after - correction.before.of(kind),
        cause=cause,
        found_on_write=found_on_write,
        happened_at=now,
        booked_at=now,
        actor_label=actor.label,
        correlation=correlation,
    )


def _batches(keys: Iterable[Key]) -> dict[Key, dict[str, Any]]:
    """How many batches each counter was summed from, and a digest of which."""
    wanted = set(keys)
    ids: dict[Key, list[int]] = {}
    rows = Batch.objects.filter(COUNTED, product__in={key.product_id for key in wanted}, warehouse__mode=WarehouseMode.LEDGER)
    for product, warehouse, pk in rows.order_by("pk").values_list("product_id", "warehouse_id", "pk"):
        key = Key(product, warehouse)
        if key in wanted:
            ids.setdefault(key, []).append(pk)
    return {
        key: {"count": len(found), "digest": hashlib.sha256(",".join(map(str, found)).encode()).hexdigest()[:16]}
        for key, found in ids.items()
    }


def _kind_of(actor: Actor, cause: Cause) -> str:
    if actor.user is None:
        return "schedule" if cause.value.startswith("scheduled") else "system"
    return "api" if "(token " in actor.label else "user"


def _plain(counters: Counters) -> dict[str, Any]:
    return {kind: _number(counters.of(kind)) for kind in UnitKind.values}


def _number(value: Any) -> int | float:
    return int(value) if value == int(value) else float(value)
