"""Loads: what people keep about them, and what of them is here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Least
from django.utils import timezone

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import changed, state
from inventory.errors import NotReady
from inventory.models import Bucket, Load, LoadUnit, Scan, Unit
from inventory.scope import counting

LOCAL = (
    "friendly_name",
    "colour",
    "tagged",
    "wrapped",
    "pickup_date",
    "pickup_to_be_announced",
    "category",
    "local_notes",
)
"""The columns that people write and no sync does; the sanity check has a verb of its own."""

SALVAGE = "salvage"
"""The category of loads that are neither wrapped nor tagged, whatever its case."""

_NOTHING = Decimal(0)


@dataclass(frozen=True)
class LoadCounts:
    """Pieces of a load on hand by bucket, serials of its roster that no list names, and how far its scan session is."""

    asis: Decimal
    sta: Decimal
    fg: Decimal
    not_on_hand: int
    scanned: Decimal

    @property
    def expected(self) -> Decimal:
        return self.asis + self.sta + self.fg


@dataclass(frozen=True)
class RosterRow:
    """A line of a load's roster beside the unit with its serial; or a unit of the load that the roster does not name (`line` None)."""

    load: Load
    line: LoadUnit | None
    unit: Unit | None
    scanned: bool

    @property
    def serial(self) -> str:
        return self.line.serial if self.line else self._unit.serial

    @property
    def model(self) -> str:
        return self.line.model if self.line else self._unit.model

    @property
    def quantity(self) -> Decimal:
        quantity: Decimal = self.line.quantity if self.line else self._unit.quantity
        return quantity

    @property
    def on_hand(self) -> bool:
        """Whether the lists say it is here; never for a line without a serial, which they can't say it of."""
        return self.unit is not None and self.unit.gone_at is None

    @property
    def bucket(self) -> str:
        """Where it is; blank for what is not on hand."""
        return self._unit.bucket if self.on_hand else ""

    @property
    def status(self) -> str:
        return self._unit.status if self.on_hand else ""

    @property
    def other_load(self) -> Load | None:
        """The load it is in by now, when that is another one."""
        return self._unit.load if self.on_hand and self._unit.load_id != self.load.pk else None

    @property
    def _unit(self) -> Unit:
        assert self.unit is not None
        return self.unit


def edit_load(actor: Actor, load: Load, **columns: Any) -> Load:
    """Change what people keep about a load: columns of LOCAL and no others. A pick-up date takes the place of "to be announced".

    Returns the load as stored then. Raises NotAllowed, ValidationError naming the column.
    """
    actor.require("load.edit")
    foreign = columns.keys() - set(LOCAL)
    if foreign:
        raise ValidationError(dict.fromkeys(sorted(foreign), "This comes with the sync and is not edited here."))
    if columns.get("pickup_date"):
        if columns.get("pickup_to_be_announced"):
            raise ValidationError({"pickup_to_be_announced": "A pick-up with a date is not to be announced. Clear one of the two."})
        columns["pickup_to_be_announced"] = False
    elif columns.get("pickup_to_be_announced"):
        columns["pickup_date"] = None
    return _change(actor, load, columns)


def sanity_check(actor: Actor, load: Load, stage: str) -> Load:
    """Note that a person has checked the load on the floor, "early" or "final"; a blank takes the check back.

    Raises NotAllowed, ValidationError for another stage, NotReady for a final check of a load that is not tagged and wrapped, unless it is
    salvage.
    """
    actor.require("load.edit")
    if stage not in ("", "early", "final"):
        raise ValidationError({"stage": f"There is no stage “{stage}”. Use early or final, or nothing to take the check back."})
    who = {"sanity_checked_by": actor.label[:200], "sanity_checked_at": timezone.now()}
    nobody = {"sanity_checked_by": "", "sanity_checked_at": None}
    return _change(actor, load, {"sanity_check": stage, **(who if stage else nobody)})


def counts(loads: QuerySet[Load]) -> dict[int, LoadCounts]:
    """The counts of each of `loads`, by id, in four statements."""
    keys = list(loads.order_by().values_list("pk", flat=True))
    on_hand = Unit.objects.filter(gone_at__isnull=True, load__in=keys).order_by().values_list("load", "bucket")
    pieces = {(load, bucket): total for load, bucket, total in on_hand.annotate(total=Sum("quantity"))}
    here = Unit.objects.filter(warehouse=OuterRef("warehouse"), serial_key=OuterRef("serial_key"), gone_at__isnull=True)
    lines = LoadUnit.objects.filter(~Exists(here), load__in=keys).exclude(serial_key="")
    missing = dict(lines.order_by().values_list("load").annotate(total=Count("pk")))
    scans = counting(Scan.objects.filter(session__load__in=keys)).order_by().values_list("session__load")
    scanned = dict(scans.annotate(total=Sum(Least("quantity", "unit__quantity"))))
    return {
        key: LoadCounts(
            asis=pieces.get((key, Bucket.ASIS), _NOTHING),
            sta=pieces.get((key, Bucket.STA), _NOTHING),
            fg=pieces.get((key, Bucket.FG), _NOTHING),
            not_on_hand=missing.get(key, 0),
            scanned=scanned.get(key, _NOTHING),
        )
        for key in keys
    }


def roster(load: Load) -> list[RosterRow]:
    """The lines of the load's roster in their order, then its units that the roster does not name, by serial; in three statements."""
    lines = list(LoadUnit.objects.filter(load=load).order_by("pk"))
    of_line = LoadUnit.objects.filter(load=load).exclude(serial_key="").values("serial_key")
    expected = Q(load=load, gone_at__isnull=True)
    units = Unit.objects.filter(expected | Q(serial_key__in=of_line), warehouse=load.warehouse_id).select_related("load")
    found = list(units.order_by("serial_key", "pk"))
    scanned = set(Scan.objects.filter(session__load=load).values_list("unit", flat=True))
    by_serial = {unit.serial_key: unit for unit in found if unit.serial_key}
    named = {line.serial_key for line in lines}
    rows: list[tuple[LoadUnit | None, Unit | None]] = [(line, by_serial.get(line.serial_key)) for line in lines]
    rows += [(None, unit) for unit in found if unit.serial_key not in named]
    return [RosterRow(load, line, unit, unit is not None and unit.pk in scanned) for line, unit in rows]


def _change(actor: Actor, load: Load, columns: dict[str, Any]) -> Load:
    """Save and audit what differs of `columns`."""
    with transaction.atomic():
        stored = (
            Load.objects.select_for_update(of=("self",), no_key=True).select_related("warehouse").get(pk=load.pk, account=actor.account)
        )
        before = state(stored)
        for name, value in columns.items():
            setattr(stored, name, value)
        stored.clean_fields(exclude=_others(columns))
        _check_ready(stored, columns)
        old, new = changed(before, state(stored))
        if new.keys() - {"sanity_checked_at"}:
            stored.save(update_fields=list(new))
            record(actor, entity="Load", entity_id=stored.pk, action="CHANGE", before=old, after=new)
        else:
            stored.refresh_from_db()
    return stored


def _others(columns: Iterable[str]) -> set[str]:
    return {field.name for field in Load._meta.fields} - set(columns)


def _check_ready(load: Load, columns: dict[str, Any]) -> None:
    if columns.get("sanity_check") != "final" or load.category.strip().casefold() == SALVAGE:
        return
    undone = [word for word, done in (("tagged", load.tagged), ("wrapped", load.wrapped)) if not done]
    if undone:
        raise NotReady(
            f"The load is not {' and not '.join(undone)} yet, so its final check can't be done.",
            hint="Note the work first; a load of the category Salvage needs neither.",
        )
