"""What is done at night, once stock was recalculated: errors are recovered from at 03:00 (docs/sync-all.md)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Max, Q
from django.db.models.functions import Now
from django.utils.translation import ngettext

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.models import Account
from jobs import schedule
from jobs.models import Schedule
from sync import runs
from sync.facts import releasing, worklist
from sync.models import Connection, FactState, Kind, SourceFact, Status, SyncRun, Trigger
from sync.rounds.deciding import BY_MORNING, passes
from sync.rounds.types import SYSTEMS
from sync.systems import SYSTEMS as REGISTERED

RECOVER, RECOVER_KEY = "sync.recover", "sync:recover"
"""The declared task that the schedule names, and the schedule's key."""
NIGHT = timedelta(hours=12)
"""What failed longer ago was tried again by its own schedule since, or is nobody's wish any more."""
_BATCH = 5000


def declare() -> None:
    """Let schedules name the task, and have the tick give one to every account that has something which moves; for ready()."""
    schedule.declare(RECOVER, "sync.rounds.nightly.recover")
    schedule.every_tick("sync.rounds.nightly.install_missing")


def install_missing() -> None:
    """The schedule for each account that has a connection which rounds sync, and never had it."""
    moving = Connection.objects.filter(system__in=SYSTEMS).values("account")
    having = Schedule.objects.filter(key=RECOVER_KEY).values("account")
    for account in Account.objects.filter(pk__in=moving).exclude(pk__in=having).order_by("pk"):
        schedule.install(account, RECOVER_KEY, "Recover from errors and clean up", RECOVER, cron="0 3 * * *")


def recover(account: Account) -> str:
    """What the 03:00 schedule does: run again what failed by chance, let held lines try again, and forget what is old."""
    again = _run_again(account)
    released = _release(account)
    forgotten = _forget(account)
    said = [
        f"Started {', '.join(f'run {run.pk}' for run in again)} again." if again else "Nothing has failed that could be run again.",
        ngettext("%d held line is tried again.", "%d held lines are tried again.", released) % released,
    ]
    if forgotten:
        said.append(ngettext("The text of %d old line was deleted.", "The texts of %d old lines were deleted.", forgotten) % forgotten)
    return " ".join(said)


def _run_again(account: Account) -> list[SyncRun]:
    """Start whatever failed this night for a reason that may be gone: each scope once, unless a later run did its work."""
    connections = Connection.objects.filter(account=account, system__in=SYSTEMS, enabled=True, auto_sync=True, paused_at__isnull=True)
    started: list[SyncRun] = []
    for connection in connections.order_by("pk"):
        known = REGISTERED.get(connection.system)
        if known is None:
            continue
        rows = SyncRun.objects.filter(connection=connection, kind=Kind.SYNC, created_at__gt=Now() - NIGHT).order_by()
        newest = dict(rows.values_list("scope").annotate(Max("pk")))
        well = dict(rows.filter(status=Status.SUCCEEDED).values_list("scope").annotate(Max("pk")))
        for run in SyncRun.objects.filter(pk__in=newest.values(), scope__in=known.scopes).order_by("pk"):
            wider = well.get(known.widest(run.dataset), 0)
            if wider > run.pk or not passes(Status(run.status), run.errors, BY_MORNING):
                continue
            try:
                started.append(runs.start(Actor.system(account, "Error recovery"), connection, run.scope, trigger=Trigger.SCHEDULE))
            except Problem:
                # Another run is at it, or somebody has to mend the connection first: its page says so.
                continue
    return started


def _release(account: Account) -> int:
    """Let what is held wait again where its reason may be gone; the workers book it."""
    held = worklist.held(account)
    released = 0
    for connection in Connection.objects.filter(pk__in=held.values("connection"), enabled=True).select_related("account"):
        refused = held.filter(connection=connection, code="refused").update(state=FactState.WAITING)
        number = refused + releasing.release_known(connection)
        if number:
            releasing.wake(connection.pk)
        released += number
    return released


def _forget(account: Account) -> int:
    """Delete the text of lines that are settled and older than documents are kept: what they say stays in their columns."""
    old = SourceFact.objects.filter(account=account, first_seen_at__lt=Now() - timedelta(days=settings.DOCUMENT_RETENTION_DAYS))
    settled = old.exclude(raw="").exclude(Q(state=FactState.WAITING) | Q(state=FactState.HELD))
    forgotten = last = 0
    while True:
        # After the last one: what is forgotten already is not looked through again and again.
        batch = list(settled.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:_BATCH])
        if not batch:
            return forgotten
        last = batch[-1]
        forgotten += SourceFact.objects.filter(pk__in=batch).update(raw="")
