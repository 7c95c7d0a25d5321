"""Scan sessions: which there are, and when they close and open again (docs/scanning.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from accounts.acting import Actor
from accounts.audit import record
from inventory.errors import AlwaysOpen, ClosedBySync
from inventory.keys import trimmed
from inventory.loadstate import DELIVERED
from inventory.models import Bucket, ClosedBy, Load, ScanSession, SessionKind, SessionStatus, Unit, Warehouse

EMPTY_RUNS_TO_CLOSE = 2
"""A load is taken for gone when so many syncs in a row found none of its units: one may have looked in the middle of a move."""

IS_DELIVERED = "The load is delivered."
IS_NOT_REPORTED = "The load is no longer listed."
IS_EMPTY = "None of its units was on hand in two syncs."
IS_BACK = "Opened again by a sync: the load is back."
LONGEST_REASON = 200


@dataclass(frozen=True)
class SessionCounts:
    """What following came to. Created, reopened and closed by it; the rest of those there were before."""

    created: int
    reopened: int
    closed: int
    unchanged: int


def follow(warehouse: Warehouse, *, loads_judged: bool, at: datetime) -> SessionCounts:
    """Bring the sessions of `warehouse` in line with its stock and loads as they are stored now; `at` is the time of the sync.

    One session for each bucket, and, where this sync has read the loads (`loads_judged`), one for each load that is here or delivered.
    What a person closed stays closed. Call it in the transaction of the stock; at most eight statements, none that writes when all is
    well.
    """
    sessions = ScanSession.objects.filter(warehouse=warehouse)
    before = dict(sessions.values_list("bucket").annotate(Count("pk")).order_by())
    closed = reopened = 0
    missing = [_of_bucket(warehouse, bucket) for bucket in Bucket.values if bucket not in before]
    if loads_judged:
        closed = _close(sessions.filter(kind=SessionKind.LOAD, status=SessionStatus.ACTIVE), at)
        reopened = _reopen(sessions.filter(kind=SessionKind.LOAD, status=SessionStatus.CLOSED, closed_by=ClosedBy.SYNC))
        missing += _of_loads(warehouse, at)
    ScanSession.objects.bulk_create(missing)
    return SessionCounts(len(missing), reopened, closed, sum(before.values()) - reopened - closed)


def close(actor: Actor, session: ScanSession, reason: str = "") -> ScanSession:
    """Close the session of a load for good; no sync opens it again. Safe to repeat.

    Raises NotAllowed, AlwaysOpen for the session of a bucket, ValidationError for a reason of more than 200 characters.
    """
    actor.require("session.edit")
    reason = trimmed(reason)
    if len(reason) > LONGEST_REASON:
        raise ValidationError({"reason": f"A reason has at most {LONGEST_REASON} characters; this one has {len(reason)}."})
    with transaction.atomic():
        stored = _locked(actor, session)
        if stored.kind == SessionKind.BUCKET:
            raise AlwaysOpen(f"The session of bucket {stored.bucket} is always open.", hint="Only sessions of loads are closed.")
        if stored.closed_by == ClosedBy.PERSON:
            return stored
        return _change(
            actor,
            stored,
            status=SessionStatus.CLOSED,
            closed_by=ClosedBy.PERSON,
            closed_reason=reason or f"Closed by {actor.label}"[:LONGEST_REASON],
            closed_at=timezone.now(),
        )


def reopen(actor: Actor, session: ScanSession) -> ScanSession:
    """Open a session again that a person had closed. Safe to repeat.

    Raises NotAllowed, ClosedBySync for what a sync closed: that opens again by itself once the load is back.
    """
    actor.require("session.edit")
    with transaction.atomic():
        stored = _locked(actor, session)
        if stored.status == SessionStatus.ACTIVE:
            return stored
        if stored.closed_by == ClosedBy.SYNC:
            raise ClosedBySync(
                f"A sync closed this session: {stored.closed_reason}", hint="A sync opens it again when units of the load are on hand."
            )
        note = f"Opened again by {actor.label}"[:LONGEST_REASON]
        return _change(
            actor,
            stored,
            status=SessionStatus.ACTIVE,
            closed_by=ClosedBy.NOBODY,
            closed_reason="",
            closed_at=None,
            empty_runs=0,
            note=note,
        )


def _locked(actor: Actor, session: ScanSession) -> ScanSession:
    rows = ScanSession.objects.select_for_update(of=("self",), no_key=True).select_related("load", "warehouse")
    return rows.get(pk=session.pk, account=actor.account)


def _change(actor: Actor, session: ScanSession, **values: object) -> ScanSession:
    kept = ("status", "closed_by", "closed_reason")
    before = {name: getattr(session, name) for name in kept}
    for name, value in values.items():
        setattr(session, name, value)
    session.save(update_fields=list(values))
    after = {name: getattr(session, name) for name in kept}
    record(actor, entity="ScanSession", entity_id=session.pk, action="CHANGE", before=before, after=after)
    return session


def _close(active: QuerySet[ScanSession], at: datetime) -> int:
    """Close what has to be, count the syncs that found a load empty; how many were closed."""
    delivered = Q(load__in=Load.objects.filter(DELIVERED))
    not_reported = Q(load__not_reported_at__isnull=False)
    by_sync = {"status": SessionStatus.CLOSED, "closed_by": ClosedBy.SYNC, "closed_at": at}
    away = active.filter(delivered | not_reported)
    closed = away.update(closed_reason=Case(When(delivered, then=Value(IS_DELIVERED)), default=Value(IS_NOT_REPORTED)), **by_sync)
    empty = active.filter(~_on_hand("load"))
    closed += empty.filter(empty_runs__gte=EMPTY_RUNS_TO_CLOSE - 1).update(
        closed_reason=IS_EMPTY, empty_runs=EMPTY_RUNS_TO_CLOSE, **by_sync
    )
    counted = Case(When(_on_hand("load"), then=Value(0)), default=F("empty_runs") + 1)
    active.filter(~_on_hand("load") | Q(empty_runs__gt=0)).update(empty_runs=counted)
    return closed


def _reopen(closed: QuerySet[ScanSession]) -> int:
    here = Load.objects.filter(~DELIVERED, _on_hand("pk"), not_reported_at__isnull=True)
    return closed.filter(load__in=here).update(
        status=SessionStatus.ACTIVE, closed_by=ClosedBy.NOBODY, closed_reason="", closed_at=None, empty_runs=0, note=IS_BACK
    )


def _on_hand(load: str) -> Exists:
    return Exists(Unit.objects.filter(load=OuterRef(load), gone_at__isnull=True))


def _of_bucket(warehouse: Warehouse, bucket: str) -> ScanSession:
    return ScanSession(account_id=warehouse.account_id, warehouse=warehouse, kind=SessionKind.BUCKET, bucket=bucket)


def _of_loads(warehouse: Warehouse, at: datetime) -> list[ScanSession]:
    """Sessions for the loads without one: open where units are here, closed from the start where the load is delivered."""
    loads = Load.objects.filter(DELIVERED | Q(_on_hand("pk"), not_reported_at__isnull=True), warehouse=warehouse, session__isnull=True)
    away = loads.order_by("number").values_list("pk", Case(When(DELIVERED, then=Value(True)), default=Value(False)))
    return [
        ScanSession(
            account_id=warehouse.account_id,
            warehouse=warehouse,
            kind=SessionKind.LOAD,
            load_id=load,
            **(
                {"status": SessionStatus.CLOSED, "closed_by": ClosedBy.SYNC, "closed_reason": IS_DELIVERED, "closed_at": at} if gone else {}
            ),
        )
        for load, gone in away
    ]
