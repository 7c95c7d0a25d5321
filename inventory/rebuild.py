"""Batches and levels set to what the movements say: for a product whose figures contradict themselves (docs/integrity.md)."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import Sum

from accounts.acting import Actor
from accounts.audit import Entry, record_many
from inventory import moment
from inventory.batchfigures import FIGURES, differing_of
from inventory.errors import NotRebuildable, PlanChanged
from inventory.ledger.booking import booking
from inventory.ledger.correction import ENTITY, Correction, write_corrections
from inventory.ledger.counters import ZERO, Counters, Key
from inventory.ledger.locking import among, lock
from inventory.ledger.settling import settle
from inventory.models import (
    COUNTED,
    Batch,
    Cause,
    DirtyKey,
    DriftClass,
    Level,
    Movement,
    MovementKind,
    Product,
    UnitKind,
    Warehouse,
    WarehouseMode,
)
from inventory.quantity import from_thousandths
from inventory.signals import levels_changed

AT_ONCE = 200
TIMES = ("expires_at", "expiry_booked_at", "voided_at")

Figures = Mapping[str, Any]


@dataclass(frozen=True)
class BatchChange:
    """A batch that is not as its movements made it: only what differs, as it is and as it will be."""

    batch: int
    before: Figures
    after: Figures


@dataclass(frozen=True)
class LevelChange:
    """A level whose counters will change, or that is in quarantine; `reason` is the quarantine's."""

    product: int
    warehouse: int
    before: Counters
    after: Counters
    quarantined: bool
    reason: str


@dataclass(frozen=True)
class Plan:
    """What a rebuild would do. `problems` are sentences about what the movements themselves leave open: with any, nothing can be rebuilt.

    Two plans with the same `digest` do the same to the same figures.
    """

    batches: tuple[BatchChange, ...]
    levels: tuple[LevelChange, ...]
    problems: tuple[str, ...]

    @property
    def empty(self) -> bool:
        return not (self.batches or self.levels or self.problems)

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self), cls=DjangoJSONEncoder, sort_keys=True).encode()).hexdigest()


def preview(actor: Actor, product: Product, warehouse: Warehouse | None = None) -> Plan:
    """What each batch and level of the product would become, in one warehouse or in all that keep a ledger. Writes nothing.

    Raises NotAllowed.
    """
    actor.require("stock.rebuild")
    return _plan(_keys(actor, product, warehouse))


def rebuild(actor: Actor, product: Product, warehouse: Warehouse | None = None, *, digest: str) -> Plan:
    """Do what the preview with this digest showed, all of it or nothing, and lift the quarantine. What was done.

    Batches and counters become what their movements say; each change has its audit row. Doing it again changes nothing. Raises NotAllowed,
    PlanChanged when something was booked since the preview, NotRebuildable when the movements contradict themselves.
    """
    actor.require("stock.rebuild")
    with transaction.atomic():
        keys = _keys(actor, product, warehouse)
        levels, _ = lock(actor.account, keys)
        now = moment.now()
        plan = _plan(keys)
        if plan.digest != digest:
            raise PlanChanged(
                f"The stock of {product} has changed since the preview. Nothing was rebuilt.",
                hint="Look at the preview again.",
                details={"digest": plan.digest},
            )
        if plan.problems:
            raise NotRebuildable(
                f"The movements of {product} contradict themselves. {' '.join(plan.problems)}",
                hint="Find out which movements are wrong; they can only be told by the audit log and by backups.",
            )
        if plan.empty:
            return plan
        correlation = uuid.uuid4()
        _write(actor, plan, levels, now, correlation)
        _settle(actor, [Key(each.product, each.warehouse) for each in plan.levels if each.quarantined], correlation)
    return plan


def _keys(actor: Actor, product: Product, warehouse: Warehouse | None) -> list[Key]:
    """The ledger levels of the product that there are or should be."""
    mine = {"account": actor.account, "product": product, "warehouse__mode": WarehouseMode.LEDGER}
    if warehouse is not None:
        mine["warehouse"] = warehouse
    places = set(Batch.objects.filter(**mine).order_by().values_list("warehouse_id", flat=True).distinct())
    places |= set(Level.objects.filter(**mine).values_list("warehouse_id", flat=True))
    return sorted(Key(product.pk, place) for place in places)


def _plan(keys: list[Key]) -> Plan:
    if not keys:
        return Plan((), (), ())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({differing_of(keys)}) found ORDER BY id")
        names = [column[0] for column in cursor.description]
        rows = {row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}
    batches = Batch.objects.in_bulk(list(rows))
    expiries = _expiries(rows)
    counters = _counted(keys)
    changes, problems = [], []
    for pk, row in rows.items():
        batch = batches[pk]
        after, trouble = _after(batch, row, expiries.get(pk))
        problems += trouble
        before = {name: getattr(batch, name) for name in after}
        different = [name for name in after if before[name] != after[name]]
        if different:
            changes.append(BatchChange(pk, {name: before[name] for name in different}, {name: after[name] for name in different}))
        key = Key(batch.product_id, batch.warehouse_id)
        moved = _counting(after["remaining"], after["expiry_booked_at"]) - _counting(batch.remaining, batch.expiry_booked_at)
        counters[key] = counters.get(key, Counters()).moved(batch.unit_kind, moved)
    return Plan(tuple(changes), tuple(_levels(keys, counters)), tuple(problems))


def _after(batch: Batch, row: Mapping[str, Any], expiry: tuple[datetime | None, datetime] | None) -> tuple[dict[str, Any], list[str]]:
    """The batch as its movements made it, and what they leave open, in sentences. `expiry` is when it expired and when that was booked."""
    after: dict[str, Any] = {name: from_thousandths(int(row[f"moved_{name}"])) for name in FIGURES}
    problems = [
        f"By its movements, {name.replace('_', ' ')} of batch {batch.pk} would be {after[name]}." for name in FIGURES if after[name] < 0
    ]
    after.update({name: getattr(batch, name) for name in TIMES})
    remaining, counts = after["remaining"], from_thousandths(int(row["moved_counts"]))
    if remaining == 0:
        after["expiry_booked_at"] = batch.expiry_booked_at if batch.expires_at else None
    elif counts == remaining:
        after["expiry_booked_at"] = None
    elif counts == 0 and (batch.expires_at or expiry):
        after["expires_at"] = batch.expires_at or (expiry and expiry[0])
        after["expiry_booked_at"] = batch.expiry_booked_at or (expiry[1] if expiry else batch.expires_at)
    else:
        problems.append(f"Of batch {batch.pk} {remaining} remain by its movements, but they left {counts} in the counter.")
    if remaining:
        after["voided_at"] = None
    return after, problems


def _expiries(batches: Iterable[int]) -> dict[int, tuple[datetime | None, datetime]]:
    """When the batches expired and when that was booked, by their movements; the last time where it was more than once."""
    rows = Movement.objects.filter(batch__in=list(batches), kind=MovementKind.EXPIRY).order_by("pk")
    return {batch: (happened, booked) for batch, happened, booked in rows.values_list("batch_id", "happened_at", "booked_at")}


def _counted(keys: list[Key]) -> dict[Key, Counters]:
    """What the batches put into the counters as they stand."""
    rows = Batch.objects.filter(COUNTED, among(keys)).order_by().values_list("product_id", "warehouse_id", "unit_kind")
    counters: dict[Key, Counters] = {}
    for product, warehouse, kind, left in rows.annotate(left=Sum("remaining")):
        key = Key(product, warehouse)
        counters[key] = counters.get(key, Counters()).moved(kind, left)
    return counters


def _counting(remaining: Decimal, expiry_booked_at: datetime | None) -> Decimal:
    return remaining if remaining > 0 and expiry_booked_at is None else ZERO


def _levels(keys: list[Key], counters: Mapping[Key, Counters]) -> Iterable[LevelChange]:
    stored = {Key(row.product_id, row.warehouse_id): row for row in Level.objects.filter(among(keys))}
    for key in keys:
        level, after = stored.get(key), counters.get(key, Counters())
        before = Counters(level.pallets, level.packs, level.units) if level else Counters()
        quarantined = level is not None and level.quarantined_at is not None
        if before != after or quarantined:
            reason = level.quarantine_reason if level is not None and quarantined else ""
            yield LevelChange(key.product_id, key.warehouse_id, before, after, quarantined, reason)


def _write(actor: Actor, plan: Plan, levels: Mapping[Key, Level], now: datetime, correlation: uuid.UUID) -> None:
    for start in range(0, len(plan.batches), AT_ONCE):
        _write_batches(plan.batches[start : start + AT_ONCE])
    entries = [Entry("Batch", each.batch, "REBUILD", each.before, each.after, Cause.REBUILD.value) for each in plan.batches]
    corrections = []
    for change in plan.levels:
        key = Key(change.product, change.warehouse)
        level = levels[key]
        if change.before != change.after:
            corrections.append(Correction(level.pk, key, change.before, change.after, DriftClass.MISMATCH))
            level.pallets, level.packs, level.units = change.after
            level.changed_at = now
        if change.quarantined:
            before, after = {"quarantined": True, "reason": change.reason}, {"quarantined": False}
            entries.append(Entry(ENTITY, level.pk, "QUARANTINE_LIFTED", before, after, Cause.REBUILD.value))
            level.quarantined_at, level.quarantine_reason = None, ""
        level.save(update_fields=["pallets", "packs", "units", "changed_at", "quarantined_at", "quarantine_reason"])
    record_many(actor, entries, correlation=correlation)
    write_corrections(actor, corrections, cause=Cause.REBUILD, found_on_write=False, now=now, correlation=correlation)
    touched = sorted(levels)
    DirtyKey.objects.bulk_create(
        [DirtyKey(account=actor.account, product_id=key[0], warehouse_id=key[1], cause=Cause.REBUILD, noted_at=now) for key in touched],
        update_conflicts=True,
        unique_fields=["product", "warehouse"],
        update_fields=["cause", "noted_at"],
    )
    pairs = [tuple(key) for key in touched]
    levels_changed.send(sender=Level, account_id=actor.account.pk, keys=pairs, cause=Cause.REBUILD.value, correlation=correlation)


def _settle(actor: Actor, keys: list[Key], correlation: uuid.UUID) -> None:
    """Let sales take what they were short of only because nothing was taken from quarantined levels; expiries that waited are booked."""
    if keys:
        with booking(actor, keys, Cause.REBUILD, correlation=correlation) as booked:
            for key in keys:
                for kind in UnitKind.values:
                    settle(booked, key, kind)


def _write_batches(changes: Iterable[BatchChange]) -> None:
    wanted = {each.batch: each for each in changes}
    rows = Batch.objects.in_bulk(list(wanted))
    for pk, batch in rows.items():
        for name, value in wanted[pk].after.items():
            setattr(batch, name, value)
    Batch.objects.bulk_update(rows.values(), [*FIGURES, *TIMES], batch_size=AT_ONCE)
