"""What the clock does with runs: starts those that are due, and wakes those that lost their worker."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Case, Q, Value, When
from django.db.models.functions import Now

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.models import Account
from sync.engine.closing import wake
from sync.models import ACTIVE, Connection, Kind, Status, SyncRun, Trigger
from sync.runs import AlreadyRunning, start
from sync.schedules import schedules_of
from sync.systems import synced, system

_UNCLAIMED = timedelta(minutes=2)


def scheduled(account: Account, connection: int, scope: str) -> str:
    """What a schedule does: start a sync, or leave it to the one that is going on. A sentence about it."""
    found = Connection.objects.filter(pk=connection, account=account).first()
    if found is None:
        return "The connection is gone; delete this schedule or switch it off."
    if not found.auto_sync:
        return "Auto-sync of the connection is switched off; nothing was started."
    while True:
        try:
            run = start(Actor.system(account, "Schedule"), found, scope, trigger=Trigger.SCHEDULE)
        except AlreadyRunning as busy:
            said = _leave_to(busy.run, busy.scope, system(found.system).widest(busy.run.dataset))
            if said:
                return said
            # It ended meanwhile.
            continue
        return f"Started run {run.pk}."


def _leave_to(active: SyncRun, scope: str, widest: str) -> str:
    """What became of the wish for `scope` while `active` is at work; blank when it is so no more."""
    if active.kind == Kind.SYNC and active.scope in (scope, widest):
        return f"Left to run {active.pk}, which is at it."
    waiting = SyncRun.objects.filter(pk=active.pk, status__in=ACTIVE)
    # Two different parts are both done by the widest.
    wanted = Case(When(again_scope__in=("", scope), then=Value(scope)), default=Value(widest))
    if waiting.exclude(again_scope=widest).update(again_scope=wanted):
        return f"Follows run {active.pk}."
    return f"Left to what follows run {active.pk}." if waiting.exists() else ""


def sweep() -> None:
    """Every minute: wake runs whose worker is gone or never came, and have new connections read for the first time."""
    stale = Q(status=Status.RUNNING) & (Q(lease_until__isnull=True) | Q(lease_until__lte=Now()))
    unclaimed = Q(status=Status.QUEUED, queued_at__lt=Now() - _UNCLAIMED) & (Q(resume_at__isnull=True) | Q(resume_at__lte=Now()))
    for pk in SyncRun.objects.filter(stale | unclaimed).order_by("pk").values_list("pk", flat=True):
        SyncRun.objects.filter(pk=pk).update(queued_at=Now())
        wake(pk)
    _first_starts()


def _first_starts() -> None:
    fresh = Connection.objects.filter(system__in=synced(), runs__isnull=True, enabled=True, auto_sync=True, paused_at__isnull=True)
    for connection in fresh.select_related("account").order_by("pk"):
        if schedules_of(connection):
            try:
                scope = system(connection.system).primary_scope
                start(Actor.system(connection.account, "First start"), connection, scope, trigger=Trigger.START)
            except Problem:
                # Nothing is lost: its schedule tries again, and says what is wrong.
                continue
