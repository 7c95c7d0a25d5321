"""Approving a count: its differences become movements, whatever was sold between counting and approving (docs/ledger.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import changed, state
from inventory.ledger.booking import Booking, booking
from inventory.ledger.counters import ZERO, Key
from inventory.ledger.counting import BATCH, check_count, pending, value_of
from inventory.ledger.facts import ends
from inventory.ledger.leaving import cost_of_parts
from inventory.ledger.settling import settle
from inventory.ledger.standing import is_meant, standing
from inventory.ledger.taking import MONEY
from inventory.models import (
    Batch,
    BatchOrigin,
    Cause,
    Count,
    CountLine,
    CountStatus,
    MovementKind,
    Sale,
    SaleStatus,
    UnitKind,
    Warehouse,
)


def approve_count(actor: Actor, count: Count) -> Count:
    """Book what a count found: a gain into a batch of its own, a loss out of the batch or lot that was counted, else first expired first.

    Each line's difference is booked, never the counted number. Of a loss larger than what is left now as much is booked as is there; the
    line says so, and the count becomes adjusted. Raises NotAllowed, AlreadyDecided, ValidationError for a count without lines, NotALedger,
    BeforeOpening, AlreadyOpened for an opening count that came second, Quarantined, Count.DoesNotExist.
    """
    actor.require("count.decide")
    with transaction.atomic():
        stored = pending(actor, count)
        lines = list(stored.lines.select_related("product").order_by("id"))
        if not lines:
            raise ValidationError({"lines": "There is nothing in this count. Add what was counted, or reject it."})
        keys = {Key(line.product_id, stored.warehouse_id) for line in lines}
        cause = Cause.OPENING if stored.opening else Cause.STOCK_COUNT
        with booking(actor, keys, cause, correlation=stored.correlation) as booked:
            if stored.opening:
                # One of two opening counts comes first. After the levels, as everybody locks them.
                Warehouse.objects.select_for_update(no_key=True).get(pk=stored.warehouse_id)
            check_count(stored, booked.now)
            before = state(stored)
            _book(booked, stored, lines)
            short = any(line.booked != line.counted - line.system for line in lines)
            stored.status = CountStatus.ADJUSTED if short else CountStatus.APPROVED
            stored.decided_at, stored.decided_by, stored.value = booked.now, actor.label[:200], value_of(lines)
            stored.save(update_fields=["status", "decided_at", "decided_by", "value"])
            old, new = changed(before, state(stored))
            record(
                actor,
                entity="Count",
                entity_id=stored.pk,
                action="APPROVE",
                before=old,
                after={**new, "lines": len(lines), "gained": _sums(lines, 1), "lost": _sums(lines, -1)},
                cause=cause.value,
                correlation=booked.correlation,
            )
    return stored


def _book(booked: Booking, count: Count, lines: Sequence[CountLine]) -> None:
    for line in lines:
        line.booked, line.value = ZERO, ZERO
    _lose(booked, count, [line for line in lines if line.counted < line.system])
    gains = [line for line in lines if line.counted > line.system]
    _gain(booked, count, gains)
    CountLine.objects.bulk_update(lines, ["booked", "value", "note"], batch_size=BATCH)
    for key, kind in _short(booked, gains):
        settle(booked, key, kind)


def _lose(booked: Booking, count: Count, losses: Sequence[CountLine]) -> None:
    parts: dict[int, list[tuple[int, Decimal]]] = {}
    for start in range(0, len(losses), BATCH):
        parts.update(_parts(count.warehouse_id, losses[start : start + BATCH]))
    batches = booked.batches(pk for taken in parts.values() for pk, _ in taken)
    for line in losses:
        taken = [(batches[pk], quantity) for pk, quantity in parts.get(line.pk, [])]
        for batch, quantity in taken:
            booked.change(batch, MovementKind.COUNT_LOSS, -quantity, **_about(count, line, count.counted_at))
        line.booked = -sum((quantity for _, quantity in taken), ZERO)
        costs_known = all(batch.unit_cost is not None for batch, _ in taken)
        line.value = -cost_of_parts(taken) if costs_known else None
        wanted = line.system - line.counted
        if -line.booked < wanted:
            line.note = f"{line.note} Only {-line.booked} of {wanted} were left to take.".strip()[:300]


def _parts(warehouse_id: int, losses: Sequence[CountLine]) -> dict[int, list[tuple[int, Decimal]]]:
    """From which batches each line's loss goes, first expired first, as far as they go. One statement, read as it comes."""
    wanted: dict[tuple[int, str], list[tuple[CountLine, Decimal]]] = defaultdict(list)
    for line in losses:
        wanted[line.product_id, line.unit_kind].append((line, line.system - line.counted))
    rows = Batch.objects.filter(warehouse=warehouse_id, product__in={line.product_id for line in losses}, remaining__gt=0)
    in_order = rows.order_by("product_id", "unit_kind", "undated", "expires_at", "received_at", "id")
    fields = in_order.values_list("pk", "product_id", "unit_kind", "lot", "expires_on", "expiry_booked_at", "remaining")
    parts: dict[int, list[tuple[int, Decimal]]] = defaultdict(list)
    for pk, product, kind, lot, expires_on, expired, remaining in fields.iterator(chunk_size=2000):
        left, still = Decimal(remaining), []
        for line, need in wanted[product, kind]:
            if line.batch_id is not None:
                meant = pk == line.batch_id
            else:
                meant = is_meant(line.lot, line.expires_on, lot=lot, expires_on=expires_on, sellable=expired is None)
            taken = min(need, left) if meant else ZERO
            if taken:
                parts[line.pk].append((pk, taken))
                left -= taken
            if need > taken:
                still.append((line, need - taken))
        wanted[product, kind] = still
    return dict(parts)


def _gain(booked: Booking, count: Count, gains: Sequence[CountLine]) -> None:
    if not gains:
        return
    # What is there at this moment tells what the found ones cost, before they are among it.
    booked.flush()
    here = standing(count.warehouse, gains, booked.now)
    at = count.warehouse.opened_at or count.counted_at if count.opening else count.counted_at
    found = []
    for line in gains:
        like = here.batches.get(line.batch_id) if line.batch_id is not None else None
        batch = Batch(
            product_id=line.product_id,
            warehouse_id=count.warehouse_id,
            unit_kind=line.unit_kind,
            origin=BatchOrigin.OPENING if count.opening else BatchOrigin.COUNT,
            parent=like,
            unit_cost=line.unit_cost if line.unit_cost is not None else _rounded(here.cost_of(line)),
            lot=line.lot,
            expires_on=line.expires_on,
            received_at=at,
            packs_per_pallet=line.product.packs_per_pallet,
            units_per_pack=line.product.units_per_pack,
        )
        if line.expires_on is not None:
            batch.expires_at = ends(line.expires_on, booked.settings, booked.account.time_zone)
        if like is not None:
            batch.lot, batch.expires_on, batch.expires_at = like.lot, like.expires_on, like.expires_at
            batch.packs_per_pallet, batch.units_per_pack = like.packs_per_pallet, like.units_per_pack
        found.append(batch)
    for line, batch in zip(gains, booked.new_batches(found), strict=True):
        line.booked = line.counted - line.system
        booked.change(batch, MovementKind.COUNT_GAIN, line.booked, **_about(count, line, at))
        line.value = None if batch.unit_cost is None else (line.booked * batch.unit_cost).quantize(MONEY)


def _short(booked: Booking, gains: Iterable[CountLine]) -> list[tuple[Key, str]]:
    """Where sales are short of what was found."""
    found = {(Key(line.product_id, line.count.warehouse_id), line.unit_kind) for line in gains}
    if not found:
        return []
    where = {"warehouse__in": {key.warehouse_id for key, _ in found}, "product__in": {key.product_id for key, _ in found}}
    rows = Sale.objects.filter(account=booked.account, shortfall__gt=0, status=SaleStatus.BOOKED, **where).order_by()
    short = {(Key(product, place), kind) for product, place, kind in rows.values_list("product_id", "warehouse_id", "unit_kind").distinct()}
    return sorted(found & short)


def _about(count: Count, line: CountLine, at: datetime) -> dict[str, object]:
    reason = f"Count {count.pk}: {line.note}" if line.note else f"Count {count.pk}."
    return {"document_id": line.pk, "happened_at": at, "reason": reason}


def _sums(lines: Iterable[CountLine], sign: int) -> dict[str, Decimal]:
    sums = dict.fromkeys(UnitKind.values, ZERO)
    for line in lines:
        if line.booked is not None and line.booked * sign > 0:
            sums[line.unit_kind] += line.booked * sign
    return sums


def _rounded(cost: Decimal | None) -> Decimal | None:
    return None if cost is None else cost.quantize(MONEY)
