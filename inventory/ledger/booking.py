"""One transaction's work on some levels: they are locked first, proved, and written last (docs/ledger.md)."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from accounts.acting import Actor
from inventory import moment
from inventory.ledger import locking
from inventory.ledger.columns import column_of
from inventory.ledger.counters import ZERO, Counters, Key
from inventory.ledger.proving import prove
from inventory.ledger.repeating import told_once
from inventory.models import COUNTED, Batch, Cause, DirtyKey, Level, Movement, MovementKind, Product, StockSettings, UnitKind, Warehouse
from inventory.quantity import QuantityField
from inventory.signals import levels_changed
from inventory.stocksettings import settings_of

AT_ONCE = 200
"""Batches changed by one statement."""


class Booking:
    """What a verb writes to the ledger. Batches are changed at once or when they are next read; movements and counters at the end.

    `now` is the database's time after the locks were had, `levels` are locked, `products` and `warehouses` belong to their keys.
    """

    def __init__(self, actor: Actor, levels: dict[Key, Level], cause: Cause, now: datetime, correlation: uuid.UUID) -> None:
        self.actor, self.levels, self.cause, self.now, self.correlation = actor, levels, cause, now, correlation
        self.account = actor.account
        self.products = {row.pk: row for row in Product.objects.filter(pk__in={key.product_id for key in levels})}
        self.warehouses = {row.pk: row for row in Warehouse.objects.filter(pk__in={key.warehouse_id for key in levels})}
        for key in levels:
            # A level just made holds nothing in place: its product or warehouse may have gone while it was made.
            if key.product_id not in self.products:
                raise Product.DoesNotExist(f"There is no product {key.product_id} in this business account.")
            if key.warehouse_id not in self.warehouses:
                raise Warehouse.DoesNotExist(f"There is no warehouse {key.warehouse_id} in this business account.")
        self.counters = {key: Counters(level.pallets, level.packs, level.units) for key, level in levels.items()}
        self.movements: list[Movement] = []
        self.touched: set[Key] = set()
        self._stored = dict(self.counters)
        self._written = 0
        self._batches: dict[int, Batch] = {}
        self._pending: dict[int, dict[str, Decimal]] = {}
        self._rewritten: set[Key] = set()

    @cached_property
    def settings(self) -> StockSettings:
        return settings_of(self.account)

    def candidates(self, key: Key, kind: str) -> Iterator[Batch]:
        """The batches of a key that may be taken from, first expired first, read as far as they are asked for."""
        self.flush()
        rows = Batch.objects.filter(COUNTED, product=key.product_id, warehouse=key.warehouse_id, unit_kind=kind)
        in_order = rows.order_by("undated", "expires_at", "received_at", "id")
        for row in in_order.iterator(chunk_size=100):
            yield self._batches.setdefault(row.pk, row)

    def batches(self, pks: Iterable[int]) -> dict[int, Batch]:
        """The batches with these ids; those that lie under other keys than the locked ones are left out."""
        wanted = set(pks)
        missing = wanted - self._batches.keys()
        if missing:
            self.flush()
            for row in Batch.objects.filter(pk__in=missing, account=self.account):
                if Key(row.product_id, row.warehouse_id) in self.levels:
                    self._batches[row.pk] = row
        return {pk: self._batches[pk] for pk in wanted if pk in self._batches}

    def new_batch(self, batch: Batch) -> Batch:
        """Store a batch with nothing in it yet; `change` brings something in."""
        return self.new_batches([batch])[0]

    def new_batches(self, batches: list[Batch]) -> list[Batch]:
        """Store batches with nothing in them yet, in one statement for every 500."""
        for batch in batches:
            batch.account_id = self.account.pk
        stored = Batch.objects.bulk_create(batches, batch_size=500)
        self._batches.update((batch.pk, batch) for batch in stored)
        return stored

    def change(self, batch: Batch, kind: MovementKind, delta: Decimal, **about: Any) -> None:
        """Move `delta` into the batch (out of it, where negative) by a movement of `kind`.

        `about` may hold document_id, happened_at, reason and source_key. What comes back to a batch that has expired meanwhile does not
        come back to the counter.
        """
        if delta == 0:
            return
        if batch.expiry_booked_at is None and not self._counts(batch):
            # Only where nothing was taken out first, as of a quarantined level.
            self.expire([batch])
        column, amount = column_of(kind, delta)
        pending = self._pending.setdefault(batch.pk, defaultdict(Decimal))
        for name, by in ((column, amount), ("remaining", delta)):
            pending[name] += by
            setattr(batch, name, getattr(batch, name) + by)
        counted = self._counts(batch)
        if not counted and batch.expiry_booked_at is None and batch.remaining > 0:
            # It was sold out when it expired, so nothing left the counter then.
            self.mark_expired([batch])
        self._note(batch, kind, delta, delta if counted else ZERO, **about)

    def expire(self, batches: Iterable[Batch]) -> None:
        """Take what remains of batches that have expired out of the counters."""
        due = [batch for batch in batches if batch.expiry_booked_at is None and batch.remaining > 0]
        self.flush()
        for batch in due:
            self._note(batch, MovementKind.EXPIRY, ZERO, -batch.remaining, happened_at=batch.expires_at, cause=Cause.BATCH_EXPIRY)
        self.mark_expired(due)

    def lift_expiry(self, batch: Batch) -> None:
        """Bring what remains of a batch back into the counter, because it expires later than was thought."""
        Batch.objects.filter(pk=batch.pk).update(expiry_booked_at=None)
        batch.expiry_booked_at = None
        self._note(batch, MovementKind.EXPIRY_LIFTED, ZERO, batch.remaining)

    def mark_expired(self, batches: Iterable[Batch]) -> None:
        """Let the batches count no more."""
        marked = list(batches)
        if marked:
            Batch.objects.filter(pk__in=[batch.pk for batch in marked]).update(expiry_booked_at=self.now)
            for batch in marked:
                batch.expiry_booked_at = self.now

    def snapshot(self, key: Key, on_hand: Counters, reserved: Counters) -> bool:
        """Let the level of a mirror be this, with a movement for every counter that changes; whether anything did."""
        level, before = self.levels[key], self.counters[key]
        for kind in UnitKind.values:
            delta = on_hand.of(kind) - before.of(kind)
            if delta:
                self._write(key, kind, MovementKind.SNAPSHOT, level_delta=delta)
        changed = before != on_hand or reserved != (level.reserved_pallets, level.reserved_packs, level.reserved_units)
        if changed:
            level.reserved_pallets, level.reserved_packs, level.reserved_units = reserved
            self._rewritten.add(key)
        return changed

    def flush(self) -> None:
        """Write the changes of batches, relative to what is stored, in one statement for every 200."""
        pending, self._pending = self._pending, {}
        for start in range(0, len(pending), AT_ONCE):
            part = dict(list(pending.items())[start : start + AT_ONCE])
            columns = sorted({name for deltas in part.values() for name in deltas})
            Batch.objects.filter(pk__in=part).update(**{name: F(name) + _by_batch(part, name) for name in columns})

    def store(self) -> None:
        """Write what was booked so far, counters too, so that statements of the caller's own may come after it."""
        self.flush()
        new = Movement.objects.bulk_create(self.movements[self._written :], batch_size=1000)
        self._written = len(self.movements)
        changed = [key for key in self.levels if self.counters[key] != self._stored[key] or key in self._rewritten]
        for key in changed:
            level = self.levels[key]
            level.pallets, level.packs, level.units = self._stored[key] = self.counters[key]
            level.changed_at = self.now
        columns = [*UnitKind.values, "changed_at", *(f"reserved_{kind}" for kind in UnitKind.values if self._rewritten)]
        Level.objects.bulk_update([self.levels[key] for key in changed], columns, batch_size=500)
        self._rewritten.clear()
        self.touched.update({Key(each.product_id, each.warehouse_id) for each in new}, changed)

    def close(self) -> None:
        """Write what is left to write, and tell which levels were touched."""
        self.store()
        if self.touched:
            self._tell(sorted(self.touched))

    def _tell(self, touched: list[Key]) -> None:
        DirtyKey.objects.bulk_create(
            [
                DirtyKey(
                    account=self.account, product_id=key.product_id, warehouse_id=key.warehouse_id, cause=self.cause, noted_at=self.now
                )
                for key in touched
                # A mirror has no batches to prove it by.
                if self.levels[key].ledger
            ],
            update_conflicts=True,
            unique_fields=["product", "warehouse"],
            update_fields=["cause", "noted_at"],
            batch_size=500,
        )
        pairs = [tuple(key) for key in touched]
        levels_changed.send(sender=Booking, account_id=self.account.pk, keys=pairs, cause=self.cause.value, correlation=self.correlation)

    def _counts(self, batch: Batch) -> bool:
        return batch.expiry_booked_at is None and (batch.expires_at is None or batch.expires_at > self.now)

    def _note(
        self, batch: Batch, kind: MovementKind, batch_delta: Decimal, level_delta: Decimal, *, cause: Cause | None = None, **about: Any
    ) -> None:
        key = Key(batch.product_id, batch.warehouse_id)
        self._write(key, batch.unit_kind, kind, batch=batch, batch_delta=batch_delta, level_delta=level_delta, cause=cause, **about)

    def _write(
        self,
        key: Key,
        unit_kind: str,
        kind: MovementKind,
        *,
        level_delta: Decimal,
        batch: Batch | None = None,
        batch_delta: Decimal = ZERO,
        document_id: int | None = None,
        happened_at: datetime | None = None,
        reason: str = "",
        source_key: str = "",
        cause: Cause | None = None,
    ) -> None:
        self.counters[key] = self.counters[key].moved(unit_kind, level_delta)
        self.movements.append(
            Movement(
                account=self.account,
                product_id=key.product_id,
                warehouse_id=key.warehouse_id,
                batch=batch,
                unit_kind=unit_kind,
                kind=kind,
                batch_delta=batch_delta,
                level_delta=level_delta,
                level_after=self.counters[key].of(unit_kind),
                cause=cause or self.cause,
                reason=reason[:300],
                document_id=document_id,
                source_key=source_key,
                happened_at=happened_at or self.now,
                booked_at=self.now,
                actor=self.actor.user,
                actor_label=self.actor.label[:200],
                correlation=self.correlation,
            )
        )


@contextmanager
def booking(
    actor: Actor, keys: Iterable[Key], cause: Cause, *, correlation: uuid.UUID | None = None, by_hand: bool = True
) -> Iterator[Booking]:
    """A transaction in which the levels of `keys` are locked, true and rid of what has expired; what the block books is written at its end.

    Everything in it happens or nothing. A counter that does not agree with its batches is set right first, with an audit row of its own.
    Raises Quarantined for keys whose batches contradict themselves, unless the facts come from outside (`by_hand` false), and ToldTwice
    when a fact with the same source key was booked to another level meanwhile.
    """
    with told_once(), transaction.atomic():
        levels, made = locking.lock(actor.account, keys)
        now = moment.now()
        booked = Booking(actor, levels, cause, now, correlation or uuid.uuid4())
        prove(booked, made, by_hand=by_hand)
        yield booked
        booked.close()


def _by_batch(part: dict[int, dict[str, Decimal]], name: str) -> Case:
    quantity: QuantityField = QuantityField()
    whens = [When(Q(pk=pk), then=Value(deltas[name], output_field=quantity)) for pk, deltas in part.items() if deltas.get(name)]
    return Case(*whens, default=Value(ZERO, output_field=quantity), output_field=quantity)
