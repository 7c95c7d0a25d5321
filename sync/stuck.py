"""Runs that stand still: their worker is gone and no other has taken them up. They are closed, so that the next can run (docs/engine.md).

All times are the database's.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import Min, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from accounts.acting import Actor
from accounts.models import Account
from jobs import schedule
from jobs.models import Beat, Schedule
from sync.engine.closing import close
from sync.engine.job import LeaseLost
from sync.models import Connection, Status, SyncRun
from sync.systems import synced

STUCK_AFTER = timedelta(minutes=30)
OFTEN = 3
"""More than so many in a week want somebody to look at the workers."""
CODE = "stuck"
"""What the error of a run is called that was closed so."""

TASK = KEY = "sync.stuck"
_CLUSTER = "sync"
_ALIVE = timedelta(minutes=2)


def declare() -> None:
    """Let schedules name the sweep, and have the tick give every account that syncs one; for ready()."""
    schedule.declare(TASK, "sync.stuck.sweep")
    schedule.every_tick("sync.stuck.install_missing")


def install_missing() -> None:
    """The five-minute schedule for each account that has something to sync and never had it."""
    syncing = Connection.objects.filter(system__in=synced()).values("account")
    having = Schedule.objects.filter(key=KEY).values("account")
    for account in Account.objects.filter(pk__in=syncing).exclude(pk__in=having).order_by("pk"):
        schedule.install(account, KEY, "Close syncs that stand still", TASK, cron="*/5 * * * *")


def standing(account: Account | None = None) -> QuerySet[SyncRun]:
    """The runs whose worker has not been heard of for STUCK_AFTER, though another had as long to take them up. Parked ones are not.

    Two queries. Where workers are supervised and none is alive, none is: nothing could run in their place.
    """
    rows = SyncRun.objects.filter(status=Status.RUNNING).select_related("account", "connection", "requested_by").order_by("pk")
    if account is not None:
        rows = rows.filter(account=account)
    rows = rows.alias(silent_since=Coalesce("lease_until", "started_at", "queued_at"))
    return rows.filter(silent_since__lt=Now() - STUCK_AFTER) if _had_their_time() else rows.none()


def _had_their_time() -> bool:
    """Whether the workers have been up for long enough to have taken up what was left."""
    beats = Beat.objects.filter(cluster=_CLUSTER)
    alive = Q(looked_at__gt=Now() - _ALIVE)
    seen = beats.aggregate(any=Min("pk"), long=Min("pk", filter=alive & Q(started_at__lt=Now() - STUCK_AFTER)))
    return seen["any"] is None or seen["long"] is not None


def heal(run: SyncRun, by: Actor | None = None) -> bool:
    """Close the run as failed if it stands still; whether it was closed. What it has written stays.

    Audited as every end of a run is: as done by whoever closed it, or wanted to start another, if somebody did.
    """
    found = standing().filter(pk=run.pk).first()
    if found is None:
        return False
    since: datetime = found.lease_until or found.started_at or found.queued_at
    said = f"Its worker has not been heard of since {since.astimezone(UTC):%Y-%m-%d %H:%M} UTC. It was closed so that the next can run."
    error = {"feed": "", "part": "", "code": CODE, "message": said, "hint": "What it had written stays; sync again to get the rest."}
    try:
        close(found, found.fence, Status.FAILED, said, by=by, errors=[*found.errors, error])
    except LeaseLost:
        # A worker has taken it up meanwhile: it moves again.
        return False
    return True


def sweep(account: Account) -> str:
    """What the five-minute schedule does: close the account's runs that stand still. A sentence about it."""
    sweeper = Actor.system(account, "The sweep of stuck syncs")
    closed = [run for run in standing(account) if heal(run, sweeper)]
    if not closed:
        return "No sync stands still."
    numbers = ", ".join(str(run.pk) for run in closed)
    return f"Closed run {numbers}." if len(closed) == 1 else f"Closed runs {numbers}."


def closed_lately(connection: Connection) -> int:
    """How many runs of the connection were closed so in the last seven days."""
    rows = SyncRun.objects.filter(connection=connection, status=Status.FAILED, finished_at__gt=Now() - timedelta(days=7))
    return sum(any(error.get("code") == CODE for error in errors) for errors in rows.values_list("errors", flat=True))
