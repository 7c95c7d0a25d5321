"""Warehouses: what people set about them (docs/products.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import changed, state
from inventory import moment
from inventory.errors import InUse, NameTaken
from inventory.items.following import follow_place
from inventory.mirror import follow_units
from inventory.models import Batch, Bucket, Count, Drift, IntegrityReport, Level, Movement, Reconciliation, Warehouse, WarehouseMode
from inventory.productrecord import one_at_a_time
from inventory.texts import line
from inventory.uses import SHOWS_NOTHING, Uses, figures, in_words, uses

COLUMNS = ("name", "active", "mode", "level_buckets", "opened_at")
BOOKED = (Batch, Movement, Count)
REPORTS = (Reconciliation, Drift, IntegrityReport)
"""They were made about the warehouse and do not depend on its mode."""

YEARS = (1970, 9000)
"""Far from both ends of the calendar, where a time has no counterpart in some time zones."""


def add_warehouse(actor: Actor, *, name: str, code: str, mode: str = WarehouseMode.LEDGER, **fields: Any) -> Warehouse:
    """A new place where stock is; `fields` may have active, level_buckets and, of a ledger, opened_at, which is now when left out.

    Raises NotAllowed, NameTaken for a code that another has, ValidationError naming the field that is wrong.
    """
    actor.require("warehouse.edit")
    warehouse = Warehouse(account=actor.account, code=line("code", code))
    with transaction.atomic():
        one_at_a_time(actor.account)
        taken = Warehouse.objects.filter(account=actor.account, code__iexact=warehouse.code).first()
        if taken is not None:
            raise NameTaken(f"The warehouse {taken.name} has the code {taken.code}.", hint="Choose another code.")
        _set(warehouse, {"name": name, "mode": mode, **fields})
        warehouse.save(force_insert=True)
        record(actor, entity="Warehouse", entity_id=warehouse.pk, action="ADD", after=state(warehouse))
    return warehouse


def edit_warehouse(actor: Actor, warehouse: Warehouse, **fields: Any) -> Warehouse:
    """Change name, active, mode, level_buckets or opened_at; the warehouse as stored then.

    The mode changes only while the warehouse has neither stock nor a past, and opened_at only while nothing is booked in it. Levels follow
    other level_buckets at once, and linked items offer nothing of a warehouse that is not active. Raises NotAllowed, InUse, ValidationError
    naming the field that is wrong.
    """
    actor.require("warehouse.edit")
    with transaction.atomic():
        if "mode" in fields:
            # Levels before the warehouse, as bookings lock them.
            list(Level.objects.select_for_update().filter(warehouse=warehouse.pk).order_by("product").values_list("pk"))
        # Where it matters that nothing is booked, bookings wait.
        rows = Warehouse.objects.select_for_update(no_key=not {"mode", "opened_at"} & fields.keys())
        stored = rows.get(pk=warehouse.pk, account=actor.account)
        before = state(stored)
        _set(stored, fields)
        old, new = changed(before, state(stored))
        _check(stored, before["name"], new)
        if new:
            stored.save(update_fields=list(new))
            record(actor, entity="Warehouse", entity_id=stored.pk, action="CHANGE", before=old, after=new)
        if "mode" in new:
            stored.levels.update(ledger=stored.mode == WarehouseMode.LEDGER)
        if "level_buckets" in new:
            follow_units(actor.account, actor=actor)
        if "active" in new:
            follow_place(actor.account.pk, stored.pk, "warehouse_edit")
    return stored


def buckets_of(given: str | Iterable[str]) -> list[str]:
    """Buckets, listed or in a text with commas between, each once and in their own order. Raises ValidationError for what is none."""
    parts = given.split(",") if isinstance(given, str) else given
    wanted = {part.strip().upper() for part in parts} - {""}
    unknown = sorted(wanted - set(Bucket.values))
    if unknown:
        raise ValidationError({"level_buckets": f"There is no bucket {unknown[0]}. Use {', '.join(Bucket.values)}, with commas between."})
    return [bucket for bucket in Bucket.values if bucket in wanted]


def keeping_mode(warehouse: Warehouse) -> Uses:
    """What keeps a warehouse in its mode: everything that stands or happened in it, and connections."""
    found = uses(warehouse, passing_over=(Level, *REPORTS))
    shown = warehouse.levels.exclude(SHOWS_NOTHING).count()
    return {Level: shown, **found} if shown else found


def _check(warehouse: Warehouse, name: str, new: Collection[str]) -> None:
    if "mode" in new:
        found = keeping_mode(warehouse)
        if found:
            raise InUse(
                f"{name} has {in_words(found)}, so its mode stays.",
                hint="Add another warehouse for stock that is kept in another way.",
                details=figures(found),
            )
    if "opened_at" in new:
        booked: Uses = {model: count for model, count in uses(warehouse).items() if model in BOOKED}
        if booked:
            raise InUse(
                f"{name} has {in_words(booked)}, so the time of its opening stays.",
                hint="What was there before belongs into a count.",
                details=figures(booked),
            )


def _set(warehouse: Warehouse, values: dict[str, Any]) -> None:
    foreign = values.keys() - set(COLUMNS)
    if foreign:
        raise ValidationError(dict.fromkeys(sorted(foreign), "This can't be set on a warehouse."))
    for name, value in values.items():
        if name == "level_buckets":
            value = ",".join(buckets_of(value))
        setattr(warehouse, name, line(name, value) if isinstance(value, str) else value)
    warehouse.clean_fields(exclude={"account"})
    if warehouse.mode == WarehouseMode.MIRROR:
        if values.get("opened_at") is not None:
            raise ValidationError({"opened_at": "Only a warehouse whose stock is kept here has an opening."})
        warehouse.opened_at = None
    elif {"mode", "opened_at"} & values.keys():
        warehouse.opened_at = _opening(warehouse.opened_at)


def _opening(opened_at: datetime | None) -> datetime:
    """In UTC; now where it is not said."""
    if opened_at is None:
        return moment.now()
    first, last = YEARS
    if not first <= opened_at.year < last:
        raise ValidationError({"opened_at": f"Enter a time between the years {first} and {last}."})
    return opened_at.astimezone(UTC)
