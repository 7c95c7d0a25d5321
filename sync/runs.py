"""Runs are started, watched, approved, cancelled and undone by these verbs, whatever door the wish came through (docs/engine.md)."""

from __future__ import annotations

import time
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.acting import Actor
from accounts.audit import record
from accounts.errors import Problem
from jobs import schedule
from sync import stuck
from sync.choosing import usable
from sync.engine import undo as undoing
from sync.engine.closing import go_on, wake, written
from sync.engine.execute import execute
from sync.engine.reverse import UndoPlan, UndoStep
from sync.engine.source import Source
from sync.models import ACTIVE, Connection, Kind, Phase, Status, SyncRun, Trigger
from sync.schedules import schedules_of
from sync.systems import system

__all__ = [
    "AlreadyRunning",
    "NotCancellable",
    "NotUndoable",
    "NothingToReview",
    "UndoPlan",
    "UndoStep",
    "UnknownScope",
    "approve",
    "cancel",
    "discard",
    "execute",
    "preview_undo",
    "start",
    "undo",
    "wait",
]

_POLL_SECONDS = 0.25
MOST_UNDONE = 20_000
"""Changes that one transaction can take back in reasonable time."""
_TRIES = 5


class AlreadyRunning(Problem):
    """Refused: one run at a time works on the same data of a connection; `run` is the one that does, `scope` what was to be done."""

    status = 409
    hint = "Wait until it is done, or cancel it."

    def __init__(self, run: SyncRun, scope: str) -> None:
        super().__init__(f"Run {run.pk} is already at it.")
        self.run, self.scope = run, scope


class UnknownScope(Problem):
    """Refused: the system has no such part."""


class NothingToReview(Problem):
    """Refused: the run does not wait for a review."""

    status = 409


class NotCancellable(Problem):
    """Refused: the run is over."""

    status = 409


class NotUndoable(Problem):
    """Refused: there is nothing of the run that could be taken back."""

    status = 409


def start(actor: Actor, connection: Connection, scope: str, *, kind: Kind = Kind.SYNC, trigger: Trigger) -> SyncRun:
    """Queue a sync of one part of a connection, or, with Kind.PREVIEW, only its plan.

    Raises NotAllowed, UnknownScope, AlreadyRunning, ConnectionDisabled, ConnectionPaused and CredentialsUnreadable.
    """
    actor.require("run.preview" if kind == Kind.PREVIEW else "run.start")
    connection = Connection.objects.get(pk=connection.pk, account=actor.account)
    scopes = system(connection.system).scopes
    if scope not in scopes:
        there = f"There are: {', '.join(scopes)}." if scopes else f"{system(connection.system).label} is not synced."
        raise UnknownScope(f"There is no “{scope}” to sync here. {there}")
    usable(connection)
    resolve = system(connection.system).resolve
    chosen, why = resolve(connection, scope) if resolve else (scope, "")
    return _queue(actor, connection, chosen, kind=kind, trigger=trigger, asked=(scope, why) if why else ("", ""))


def _queue(
    actor: Actor,
    connection: Connection,
    scope: str,
    *,
    kind: Kind,
    trigger: Trigger,
    undo_of: SyncRun | None = None,
    asked: tuple[str, str] = ("", ""),
) -> SyncRun:
    dataset = system(connection.system).dataset_of(scope)
    for tries_left in reversed(range(_TRIES)):
        try:
            with transaction.atomic():
                run = SyncRun.objects.create(
                    account=actor.account,
                    connection=connection,
                    dataset=dataset,
                    scope=scope,
                    asked_scope=asked[0],
                    asked_why=asked[1][:300],
                    kind=kind,
                    trigger=trigger,
                    requested_by=actor.user,
                    requested_label=actor.label[:200],
                    undo_of=undo_of,
                )
                wake(run.pk)
                return run
        except IntegrityError:
            active = _active(connection, dataset)
            if active is not None and not stuck.heal(active, actor):
                raise AlreadyRunning(active, scope) from None
            if not tries_left:
                raise
            # It ended between the two statements, or stood still and was closed: the place is free now.
    raise AssertionError("the last try returns or raises")


def _active(connection: Connection, dataset: str) -> SyncRun | None:
    return SyncRun.objects.filter(connection=connection, dataset=dataset, status__in=ACTIVE).first()


def _own(actor: Actor, run: SyncRun) -> SyncRun:
    return SyncRun.objects.select_related("account", "connection").get(pk=run.pk, account=actor.account)


def cancel(actor: Actor, run: SyncRun) -> SyncRun:
    """Stop a run before it writes: at once while it waits for a worker, else as soon as its worker looks. Audited.

    Raises NotAllowed and, for a run that is over, NotCancellable.
    """
    actor.require("run.cancel")
    run = _own(actor, run)
    who = actor.label[:200]
    with transaction.atomic():
        waiting = SyncRun.objects.filter(pk=run.pk, status=Status.QUEUED)
        said = f"Cancelled by {who}; {written(run)}."
        stopped = waiting.update(status=Status.CANCELLED, cancelled_by=who, message=said, finished_at=Now())
        if stopped:
            go_on(run)
        else:
            stopped = SyncRun.objects.filter(pk=run.pk, status=Status.RUNNING).update(cancel_requested=True, cancelled_by=who)
        if not stopped:
            raise NotCancellable(f"Run {run.pk} is over; there is nothing to cancel.")
        record(actor, entity="SyncRun", entity_id=run.pk, action="CANCEL", correlation=run.correlation)
    run.refresh_from_db()
    return run


def approve(actor: Actor, run: SyncRun) -> SyncRun:
    """Have the plan of a run that needs review written: queued again, and applied if what it would write is still the same. Audited.

    Raises NotAllowed, NothingToReview, AlreadyRunning and what makes a connection unusable.
    """
    actor.require("run.approve")
    run = _own(actor, run)
    usable(run.connection)
    try:
        with transaction.atomic():
            queued = SyncRun.objects.filter(pk=run.pk, status=Status.NEEDS_REVIEW).update(
                status=Status.QUEUED,
                approved_digest=run.plan_digest,
                approved_by=actor.label[:200],
                approved_at=Now(),
                attempt=0,
                got_on=0,
                queued_at=Now(),
                finished_at=None,
                phase=Phase.WAITING,
            )
            if not queued:
                raise NothingToReview(f"Run {run.pk} does not wait for a review.")
            record(actor, entity="SyncRun", entity_id=run.pk, action="APPROVE", cause=run.message, correlation=run.correlation)
            wake(run.pk)
    except IntegrityError:
        active = _active(run.connection, run.dataset)
        if active is None:
            raise
        if stuck.heal(active, actor):
            return approve(actor, run)
        raise AlreadyRunning(active, run.scope) from None
    run.refresh_from_db()
    return run


def discard(actor: Actor, run: SyncRun) -> SyncRun:
    """Put the plan of a run that needs review aside for good. Audited. Raises NotAllowed and NothingToReview."""
    actor.require("run.approve")
    run = _own(actor, run)
    with transaction.atomic():
        done = SyncRun.objects.filter(pk=run.pk, status=Status.NEEDS_REVIEW).update(
            status=Status.CANCELLED,
            cancelled_by=actor.label[:200],
            message=f"Discarded by {actor.label}; nothing was written.",
            finished_at=Now(),
        )
        if not done:
            raise NothingToReview(f"Run {run.pk} does not wait for a review.")
        record(actor, entity="SyncRun", entity_id=run.pk, action="DISCARD", correlation=run.correlation)
    run.refresh_from_db()
    return run


def preview_undo(actor: Actor, run: SyncRun) -> UndoPlan:
    """What undoing the run would take back, keep and refuse, as things stand. Raises NotAllowed and NotUndoable."""
    actor.require("run.undo")
    run = _own(actor, run)
    _check_undoable(run)
    return undoing.look(_source(run), run)[0]


def undo(actor: Actor, run: SyncRun, *, pause_schedules: bool = False, trigger: Trigger = Trigger.BUTTON) -> SyncRun:
    """Queue a run that takes back what `run` wrote, and, if asked to, switch the connection's schedules off. Audited.

    Raises NotAllowed, NotUndoable and AlreadyRunning.
    """
    actor.require("run.undo")
    run = _own(actor, run)
    _check_undoable(run)
    with transaction.atomic():
        undoing_run = _queue(actor, run.connection, run.scope, kind=Kind.UNDO, trigger=trigger, undo_of=run)
        # Again, with the place taken: another undo of it may have run to its end since.
        _check_undoable(run, but=undoing_run)
        if pause_schedules:
            for row in schedules_of(run.connection):
                schedule.change(actor, row, enabled=False)
    return undoing_run


def _check_undoable(run: SyncRun, *, but: SyncRun | None = None) -> None:
    if run.kind == Kind.UNDO:
        raise NotUndoable(f"Run {run.pk} is an undo itself.", hint="Sync again: that brings back what the outside system says.")
    if run.applied_at is None or not run.changes_logged:
        raise NotUndoable(f"Run {run.pk} has changed nothing.")
    if run.changes_logged > MOST_UNDONE:
        raise NotUndoable(
            f"Run {run.pk} made {run.changes_logged:,} changes; more than {MOST_UNDONE:,} can't be taken back at once.",
            hint="Correct the outside system and sync again, or restore the database from before the run.",
        )
    if run.applied_at < timezone.now() - timedelta(days=settings.CHANGE_RETENTION_DAYS):
        raise NotUndoable(f"Run {run.pk} is older than {settings.CHANGE_RETENTION_DAYS} days; its changes are not kept that long.")
    undos = run.undone_by.filter(Q(status=Status.SUCCEEDED) | Q(status__in=ACTIVE))
    undone = (undos.exclude(pk=but.pk) if but else undos).first()
    if undone is not None:
        raise NotUndoable(f"Run {run.pk} was undone by run {undone.pk}.")


def _source(run: SyncRun) -> Source:
    source: Source = import_string(system(run.connection.system).source)(run.connection, run.scope)
    return source


def wait(run: SyncRun, seconds: float) -> SyncRun:
    """The run as it is when it is over or waits for a person, else after `seconds`. Not within a transaction."""
    until = time.monotonic() + seconds
    while True:
        run.refresh_from_db()
        if not run.is_active or time.monotonic() >= until:
            return run
        time.sleep(min(_POLL_SECONDS, max(until - time.monotonic(), 0.01)))
