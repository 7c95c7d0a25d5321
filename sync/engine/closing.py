"""The end of a run: its row, its audit row, and the run that a schedule asked for meanwhile, in one transaction."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.acting import Actor
from accounts.audit import record
from accounts.roles import Role
from jobs.queue import enqueue
from sync.engine.job import Job, LeaseLost, Parked
from sync.models import Connection, Kind, Phase, Status, SyncRun, Trigger
from sync.signals import run_closed

EXECUTE = "sync.engine.execute.execute"


def wake(run_id: int) -> None:
    """Send the run to a worker. It may come there twice."""
    enqueue(EXECUTE, run_id)


def close(run: SyncRun, fence: int, status: Status, message: str, *, by: Actor | None = None, **values: object) -> None:
    """The run ends as `status`; its lease goes with it. `by` is who ended it, where it was not its worker.

    Raises LeaseLost when another worker has it.
    """
    with transaction.atomic():
        changed = SyncRun.objects.filter(pk=run.pk, fence=fence, status=Status.RUNNING).update(
            status=status,
            message=message,
            phase=Phase.WAITING,
            lease_until=None,
            worker="",
            finished_at=Now(),
            **values,
        )
        if not changed:
            raise LeaseLost
        if status == Status.SUCCEEDED and run.kind == Kind.SYNC:
            Connection.objects.filter(pk=run.connection_id).update(last_success_at=Now())
        record(
            by or who_asked(run),
            entity="SyncRun",
            entity_id=run.pk,
            action=run.kind.upper(),
            after={"scope": run.scope, "status": status, **({"counters": values["counters"]} if "counters" in values else {})},
            cause=message,
            correlation=run.correlation,
        )
        go_on(run)
        run_closed.send(sender=SyncRun, run=run, account_id=run.account_id, status=status)


def park(job: Job, parked: Parked) -> None:
    """Put the run down: it is queued again, and taken up by itself when its time has come. Raises LeaseLost."""
    run = job.run
    with transaction.atomic():
        changed = SyncRun.objects.filter(pk=run.pk, fence=job.fence, status=Status.RUNNING).update(
            status=Status.QUEUED,
            message=parked.sentence,
            lease_until=None,
            worker="",
            attempt=0,
            got_on=0,
            slices=F("slices") + 1,
            queued_at=Now(),
            resume_at=parked.until or Now(),
        )
        if not changed:
            raise LeaseLost
        if parked.until is None:
            wake(run.pk)


def written(run: SyncRun) -> str:
    """How much of a run that ends early stands, as the end of a sentence."""
    logged = SyncRun.objects.filter(pk=run.pk).values_list("changes_logged", flat=True).first()
    return f"what was written before stays ({logged:,} {'change' if logged == 1 else 'changes'})" if logged else "nothing was written"


def who_asked(run: SyncRun) -> Actor:
    """For whom the run's worker acts."""
    return Actor(run.account, run.requested_by, Role.OWNER, run.requested_label or "The worker")


def go_on(run: SyncRun) -> None:
    """Queue what a schedule asked for while `run` was active. In the transaction in which it ceases to be so."""
    waiting = SyncRun.objects.filter(pk=run.pk).exclude(again_scope="")
    scope = waiting.values_list("again_scope", flat=True).first()
    # Once: an approved run becomes active a second time.
    if not scope or not waiting.update(again_scope=""):
        return
    following = SyncRun.objects.create(
        account_id=run.account_id,
        connection_id=run.connection_id,
        dataset=run.dataset,
        scope=scope,
        trigger=Trigger.SCHEDULE,
        requested_label="Schedule",
    )
    wake(following.pk)
