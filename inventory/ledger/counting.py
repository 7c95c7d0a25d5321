"""Counts: what somebody counted, until it is decided (docs/ledger.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import changed, state
from inventory import moment
from inventory.errors import AlreadyDecided, AlreadyOpened, Quarantined
from inventory.ledger.countedlines import CountedLine, clashes, products_of, row_of, rows_of
from inventory.ledger.counters import ZERO
from inventory.ledger.facts import check_place, happened, text_of
from inventory.ledger.repeating import told_once
from inventory.ledger.standing import standing
from inventory.ledger.taking import MONEY
from inventory.models import Count, CountLine, CountStatus, Level, Movement, MovementKind, Warehouse

MOST_LINES = 20_000
BATCH = 500
UNCHANGED: Any = object()


def enter_count(
    actor: Actor,
    *,
    warehouse: Warehouse,
    lines: Sequence[CountedLine],
    note: str = "",
    counted_at: datetime | None = None,
    opening: bool = False,
    source_key: str | None = None,
) -> Count:
    """Note what somebody counted, beside what is known at this moment. Nothing is booked before the count is approved.

    An `opening` count is what a warehouse begins with, and only possible while nothing is booked there. With a `source_key` it is entered
    once, and every repetition answers with the first. Raises NotAllowed, ValidationError naming lines, NotALedger, BeforeOpening,
    AlreadyOpened, Quarantined, and DoesNotExist for what is not the account's.
    """
    actor.require("count.add")
    if not 0 < len(lines) <= MOST_LINES:
        raise ValidationError({"lines": f"Enter between 1 and {MOST_LINES:,} lines, not {len(lines):,}."})
    with told_once(), transaction.atomic():
        place = Warehouse.objects.select_for_update(no_key=True).get(pk=warehouse.pk, account=actor.account)
        known = Count.objects.filter(account=actor.account, source_key=source_key).first() if source_key else None
        if known is not None:
            return known
        now = moment.now()
        count = Count(
            account=actor.account,
            warehouse=place,
            opening=opening,
            note=text_of(note, "note", 300),
            counted_at=happened(counted_at, now, "counted_at"),
            source_key=source_key or None,
            entered_by=actor.label[:200],
        )
        check_count(count, now)
        rows = rows_of(count, lines)
        _check_sound(place, rows)
        _compare(count, rows, now)
        count.value = value_of(rows)
        count.save(force_insert=True)
        CountLine.objects.bulk_create(rows, batch_size=BATCH)
        _audit(actor, count, "ADD", None, {**state(count), "lines": len(rows)})
    return count


def add_count_line(actor: Actor, count: Count, line: CountedLine) -> CountLine:
    """Add a line to a count that waits. Raises as `enter_count` does, and AlreadyDecided."""
    actor.require("count.add")
    with transaction.atomic():
        stored = pending(actor, count)
        row = row_of(stored, line, products_of(actor.account, [line]))
        _store(stored, row)
        _audit(actor, stored, "ADD_LINE", None, state(row))
    return row


def change_count_line(
    actor: Actor,
    line: CountLine,
    *,
    counted: Any = UNCHANGED,
    lot: str = UNCHANGED,
    expires_on: date | None = UNCHANGED,
    unit_cost: Any = UNCHANGED,
    note: str = UNCHANGED,
) -> CountLine:
    """Correct a line of a count that waits; what is not given stays.

    What was known stays that of the entry, unless another lot or expiry is meant. Whoever counts anew removes the line and adds one.
    Raises as `add_count_line` does, and CountLine.DoesNotExist.
    """
    actor.require("count.add")
    with transaction.atomic():
        stored = pending(actor, line.count)
        old = CountLine.objects.select_related("product", "batch").get(pk=line.pk, count=stored)
        given = {"counted": counted, "lot": lot, "expires_on": expires_on, "unit_cost": unit_cost, "note": note}
        kept = {name: getattr(old, name) if value is UNCHANGED else value for name, value in given.items()}
        meant = CountedLine(old.product, old.unit_kind, batch=old.batch, **kept)
        row = row_of(stored, meant, {old.product_id: old.product})
        row.pk, row.system = old.pk, old.system
        _store(stored, row, again=(row.lot, row.expires_on) != (old.lot, old.expires_on))
        before, after = changed(state(old), state(row))
        if after:
            _audit(actor, stored, "CHANGE_LINE", {"line": row.pk, **before}, after)
    return row


def remove_count_line(actor: Actor, line: CountLine) -> None:
    """Take a line out of a count that waits. Raises NotAllowed, AlreadyDecided, DoesNotExist."""
    actor.require("count.add")
    with transaction.atomic():
        stored = pending(actor, line.count)
        old = CountLine.objects.get(pk=line.pk, count=stored)
        before = state(old)
        old.delete()
        _revalue(stored)
        _audit(actor, stored, "REMOVE_LINE", before, None)


def reject_count(actor: Actor, count: Count, note: str = "") -> Count:
    """Decide that nothing of a count is booked. Raises NotAllowed, AlreadyDecided, ValidationError, Count.DoesNotExist."""
    actor.require("count.decide")
    why = text_of(note, "note", 300)
    with transaction.atomic():
        stored = pending(actor, count)
        before = state(stored)
        stored.status, stored.decided_at, stored.decided_by = CountStatus.REJECTED, moment.now(), actor.label[:200]
        if why:
            # The audit row has all of it.
            stored.note = f"{stored.note} Rejected: {why}".strip()[:300]
        stored.save(update_fields=["status", "decided_at", "decided_by", "note"])
        old, new = changed(before, state(stored))
        _audit(actor, stored, "REJECT", old, {**new, "why": why})
    return stored


def pending(actor: Actor, count: Count) -> Count:
    """The count as it is now, locked until the end of the transaction. Raises AlreadyDecided where it waits no more."""
    stored = Count.objects.select_for_update(no_key=True, of=("self",)).select_related("warehouse").get(pk=count.pk, account=actor.account)
    if stored.status != CountStatus.PENDING:
        raise AlreadyDecided(f"Count {stored.pk} was decided before: {stored.get_status_display().lower()}.")
    stored.account = actor.account
    return stored


def check_count(count: Count, now: datetime) -> None:
    """Raises NotALedger, BeforeOpening and AlreadyOpened where the warehouse can't be counted so."""
    check_place(count.warehouse, now if count.opening else count.counted_at)
    booked = Movement.objects.filter(warehouse=count.warehouse).exclude(kind=MovementKind.CORRECTION)
    if count.opening and booked.exists():
        raise AlreadyOpened(
            f"Something is booked in {count.warehouse}, so it has begun already.",
            hint="Enter an ordinary count: its differences are booked.",
        )


def value_of(rows: Iterable[CountLine]) -> Decimal | None:
    """What the differences of these lines are worth together, as far as known; None where of none is."""
    values = [row.value for row in rows if row.value is not None]
    return sum(values, ZERO) if values else None


def _compare(count: Count, rows: Sequence[CountLine], now: datetime) -> None:
    """Note what is known of each line, and what the difference is worth."""
    here = standing(count.warehouse, rows, now)
    for row in rows:
        row.system = ZERO if count.opening else here.known_of(row)
        _value(row, here.cost_of(row))


def _value(row: CountLine, cost: Decimal | None) -> None:
    difference = row.counted - row.system
    if row.unit_cost is not None and (difference > 0 or cost is None):
        cost = row.unit_cost
    row.value = ZERO if not difference else None if cost is None else (difference * cost).quantize(MONEY)


def _store(count: Count, row: CountLine, *, again: bool = True) -> None:
    """Save a line, new or changed, and what its count is worth; `again` compares it with what is known now."""
    others = list(count.lines.exclude(pk=row.pk).filter(product=row.product_id).select_related("product", "batch"))
    if len(others) >= MOST_LINES:
        raise ValidationError({"lines": f"A count has at most {MOST_LINES:,} lines."})
    if any(second == len(others) for _, second in clashes([*others, row], opening=count.opening)):
        raise ValidationError({"lot": f"These {row.unit_kind} of {row.product} are in this count already. Change that line."})
    now = moment.now()
    check_count(count, now)
    _check_sound(count.warehouse, [row])
    if again:
        _compare(count, [row], now)
    else:
        _value(row, standing(count.warehouse, [row], now).cost_of(row))
    row.save(force_insert=row.pk is None)
    _revalue(count)


def _revalue(count: Count) -> None:
    count.value = value_of(count.lines.only("value", "count"))
    count.save(update_fields=["value"])


def _check_sound(warehouse: Warehouse, rows: Iterable[CountLine]) -> None:
    products = {row.product_id for row in rows}
    held = Level.objects.filter(warehouse=warehouse, product__in=products, quarantined_at__isnull=False).select_related("product").first()
    if held is not None:
        raise Quarantined(
            f"The batches of {held.product} contradict themselves, so it can't be compared with what was counted.",
            hint="A manager looks at the integrity report and rebuilds the product from its movements.",
        )


def _audit(actor: Actor, count: Count, action: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
    cause = "opening" if count.opening else "stock_count"
    record(
        actor,
        entity="Count",
        entity_id=count.pk,
        action=action,
        before=before,
        after=after,
        cause=cause,
        correlation=count.correlation,
    )
