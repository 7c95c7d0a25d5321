"""Scanning what is on the floor, and how far a session is (docs/scanning.md)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.db.models.functions import Least
from django.utils import timezone

from accounts.acting import Actor
from accounts.audit import record
from inventory.errors import NotAQuantity, NotExpected, NotOnHand, NotScannable, QuantityNeeded, SessionClosed
from inventory.keys import model_key, serial_key, trimmed
from inventory.models import LoadUnit, Scan, ScanSession, SessionKind, SessionStatus, Unit
from inventory.quantity import from_thousandths, to_thousandths
from inventory.scope import counting, expected_in, loose

LONGEST = 80
_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Scanned:
    """What came of a scan: the unit or bulk line, whether it was "new" in this session or scanned "again", and that in words."""

    scan: Scan
    unit: Unit
    state: Literal["new", "again"]
    sentence: str


@dataclass(frozen=True)
class Progress:
    """How far a session is: pieces expected on hand, and how many of these were scanned."""

    expected: Decimal
    scanned: Decimal

    @property
    def complete(self) -> bool:
        return self.scanned == self.expected > 0


def scan(actor: Actor, session: ScanSession, text: str, *, quantity: Decimal | int | None = None) -> Scanned:
    """Book that the unit with the serial `text`, whatever its case, was seen in `session`; else the bulk line of the model `text`, of which
    `quantity` pieces were counted.

    Safe to repeat: a serial counts once, a new count of a bulk line takes the place of the one before. Raises NotAllowed, SessionClosed,
    NotScannable for a text that can be neither, NotOnHand for what is not here, NotExpected for what belongs to another session,
    QuantityNeeded for a bulk line without a count, NotAQuantity for a count that can't be.
    """
    actor.require("scan.add")
    text = trimmed(text)
    if not text or len(text) > LONGEST or not text.isprintable():
        raise NotScannable(f"What was scanned has to be a serial or a model of 1 to {LONGEST} characters.", hint="Scan or type it again.")
    with transaction.atomic():
        stored = _open_session(actor, session)
        unit = _meant(stored, text)
        counted = _counted(unit, text, quantity)
        values = {
            "quantity": counted,
            "text": text,
            "scanned_by": actor.user,
            "scanned_by_label": actor.label[:200],
        }
        row, is_new = Scan.objects.get_or_create(session=stored, unit=unit, defaults={**values, "account": actor.account})
        if is_new:
            return Scanned(row, unit, "new", f"{unit} is scanned." if unit.serial_key else _of_line(unit, counted))
        if unit.serial_key:
            return Scanned(row, unit, "again", f"{unit} was scanned before, by {row.scanned_by_label}.")
        return Scanned(_recounted(actor, row, values), unit, "again", _of_line(unit, counted))


def remove_scan(actor: Actor, scan: Scan) -> None:
    """Take a scan back. Safe to repeat. Raises NotAllowed, SessionClosed."""
    actor.require("scan.delete")
    with transaction.atomic():
        row = Scan.objects.select_related("session").filter(pk=scan.pk, account=actor.account).first()
        if row is None:
            return
        _open_session(actor, row.session)
        before = {"session": row.session_id, "unit": row.unit_id, "quantity": str(row.quantity), "scanned_by": row.scanned_by_label}
        row.delete()
        record(actor, entity="Scan", entity_id=scan.pk, action="DELETE", before=before)


def progress(sessions: QuerySet[ScanSession]) -> dict[int, Progress]:
    """How far each of `sessions` is, by id, in four statements."""
    rows = list(sessions.order_by().values_list("pk", "kind", "load_id", "warehouse_id", "bucket"))
    on_hand = Unit.objects.filter(gone_at__isnull=True).order_by()
    loads = [load for _, kind, load, _, _ in rows if kind == SessionKind.LOAD]
    warehouses = {warehouse for _, kind, _, warehouse, _ in rows if kind == SessionKind.BUCKET}
    of_load = dict(on_hand.filter(load__in=loads).values_list("load").annotate(Sum("quantity")))
    in_buckets = on_hand.filter(loose(), warehouse__in=warehouses).values_list("warehouse", "bucket")
    of_bucket = {(warehouse, bucket): pieces for warehouse, bucket, pieces in in_buckets.annotate(Sum("quantity"))}
    # More pieces than a line has don't make up for units that are missing.
    scans = counting(Scan.objects.filter(session__in=[row[0] for row in rows])).order_by().values_list("session")
    scanned = dict(scans.annotate(pieces=Sum(Least("quantity", "unit__quantity"))))
    return {
        pk: Progress(
            of_load.get(load, _NOTHING) if kind == SessionKind.LOAD else of_bucket.get((warehouse, bucket), _NOTHING),
            scanned.get(pk, _NOTHING),
        )
        for pk, kind, load, warehouse, bucket in rows
    }


def _open_session(actor: Actor, session: ScanSession) -> ScanSession:
    stored = ScanSession.objects.select_for_update(of=("self",), no_key=True).select_related("load", "warehouse")
    row = stored.get(pk=session.pk, account=actor.account)
    if row.status == SessionStatus.CLOSED:
        raise SessionClosed(f"This session is closed: {row.closed_reason}")
    return row


def _meant(session: ScanSession, text: str) -> Unit:
    """The unit with this serial, else the bulk line of this model, that the session expects."""
    units = Unit.objects.filter(warehouse=session.warehouse_id).select_related("load", "product")
    unit = units.filter(serial_key=serial_key(text)).first()
    if unit is not None:
        _check_expected(session, unit)
        return unit
    # A key without letters and digits is that of rows without a model.
    of_model = units.filter(model_key=model_key(text)).exclude(model_key="")
    lines = of_model.filter(serial_key__isnull=True)
    line = lines.filter(pk__in=expected_in(session).values("pk")).order_by("pk").first()
    if line is not None:
        return line
    here = lines.filter(gone_at__isnull=True).order_by("pk").first()
    if here is not None:
        _check_expected(session, here)
    if of_model.filter(serial_key__isnull=False, gone_at__isnull=True).exists():
        raise NotScannable(f"{text} is the model of units with serials.", hint="Scan the serial of the unit.")
    raise _unknown(session, text)


def _check_expected(session: ScanSession, unit: Unit) -> None:
    if unit.gone_at is not None:
        raise NotOnHand(
            f"{unit} is gone since {timezone.localtime(unit.gone_at):%Y-%m-%d %H:%M}: no list names it any more.", hint=_LOOK_AGAIN
        )
    # None also for what is left of a load that the lists dropped: see inventory.scope.loose.
    load = unit.load if unit.load is not None and unit.load.not_reported_at is None else None
    expected = unit.load_id == session.load_id if session.kind == SessionKind.LOAD else load is None and unit.bucket == session.bucket
    if expected:
        return
    if load is not None:
        raise NotExpected(f"{unit} belongs to load {load}, in {unit.bucket}.", hint="Scan it in the session of that load.")
    raise NotExpected(
        f"{unit} belongs to no load that is listed; it is in {unit.bucket}.", hint=f"Scan it in the session of bucket {unit.bucket}."
    )


def _unknown(session: ScanSession, text: str) -> NotOnHand:
    line = (
        LoadUnit.objects.filter(warehouse=session.warehouse_id, serial_key=serial_key(text))
        .select_related("load")
        .order_by("-load__number")
        .first()
    )
    if line is not None:
        return NotOnHand(f"{line.serial} is on the roster of load {line.load}, but no list says that it is here.", hint=_LOOK_AGAIN)
    return NotOnHand(f"No unit with the serial and no bulk line of the model “{text}” is known in {session.warehouse}.", hint=_LOOK_AGAIN)


_LOOK_AGAIN = "Look at the label again. If it is right, wait for the next sync."


def _counted(unit: Unit, text: str, quantity: Decimal | int | None) -> Decimal:
    """The pieces a scan stands for."""
    if unit.serial_key:
        if quantity not in (None, 1):
            raise NotAQuantity(f"{unit} is one unit; {quantity} of it can't be.", hint="Leave the quantity out.")
        return Decimal(1)
    if quantity is None:
        raise QuantityNeeded(f"{text} has no serials: the lists say {unit.quantity} pieces.", hint="Count them and enter the number.")
    try:
        stored = to_thousandths(quantity)
    except ValueError as error:
        raise NotAQuantity(str(error), hint="Enter the number that was counted.") from error
    may_be_fraction = unit.product is not None and unit.product.fractional
    if stored <= 0 or (stored % 1000 and not may_be_fraction):
        raise NotAQuantity(f"{quantity} is not a number of pieces.", hint="Enter a whole number above 0.")
    return from_thousandths(stored)


def _of_line(unit: Unit, counted: Decimal) -> str:
    if counted == unit.quantity:
        return f"{unit.model}: all {unit.quantity} counted."
    return f"{unit.model}: {counted} counted, the lists say {unit.quantity}."


def _recounted(actor: Actor, row: Scan, values: dict[str, object]) -> Scan:
    """A line's scan with the new count and who counted it."""
    if row.quantity == values["quantity"]:
        return row
    before = {"quantity": str(row.quantity), "scanned_by": row.scanned_by_label}
    for name, value in values.items():
        setattr(row, name, value)
    row.scanned_at = timezone.now()
    row.save(update_fields=[*values, "scanned_at"])
    after = {"quantity": str(row.quantity), "scanned_by": row.scanned_by_label}
    record(actor, entity="Scan", entity_id=row.pk, action="CHANGE", before=before, after=after)
    return row
