"""Bringing a round on: settle what has ended, start what is due, close it when nothing is left (docs/sync-all.md).

Each pass is one short transaction that has locked the round's row, so it may be asked for by anybody at any time, twice, and be killed
anywhere: whoever comes next finds the steps as they are and goes on.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Coalesce, Now

from accounts.acting import Actor
from accounts.audit import record
from accounts.errors import Problem
from accounts.roles import Role
from inventory import moment
from jobs.queue import enqueue
from sync import runs
from sync.models import ACTIVE, Kind, Round, RoundStep, Stage, Status, SyncRun, Trigger
from sync.rounds.answers import closing_sentence
from sync.rounds.deciding import Place, Step, decide, outcome, pause
from sync.rounds.starting import ADVANCE, ENTITY
from sync.runs import AlreadyRunning, NotCancellable

PATIENCE_SECONDS = 5.0
"""So long a worker waits for the next try; what is due later the tick finds."""


def advance(round_id: int) -> str:
    """Task: bring the round as far as it goes now."""
    while True:
        with transaction.atomic():
            # On SQLite the immediate transaction itself is the lock.
            found = Round.objects.select_for_update(of=("self",)).filter(pk=round_id, status__in=ACTIVE).first()
            wait = _Pass(found).go() if found else None
        if found is None:
            return f"Round {round_id} is over."
        if wait is None or wait > PATIENCE_SECONDS:
            return f"Round {round_id} waits for its runs."
        time.sleep(wait)


def on_run_closed(*, run: SyncRun, account_id: int, **_signal: Any) -> None:
    """Signal run_closed: a round goes on that waits for this run, or for its place."""
    steps = RoundStep.objects.filter(connection=run.connection_id, status__in=ACTIVE, round__account=account_id)
    for pk in steps.filter(round__status__in=ACTIVE).order_by("round").values_list("round", flat=True).distinct():
        enqueue(ADVANCE, pk)


def sweep() -> None:
    """Every minute: wake the rounds that go on, in case a wake-up was lost."""
    for pk in Round.objects.filter(status__in=ACTIVE).order_by("pk").values_list("pk", flat=True):
        enqueue(ADVANCE, pk)


class _Pass:
    """One look at a round, in a transaction that holds its row."""

    def __init__(self, found: Round) -> None:
        self.round = found
        runs_of = SyncRun.objects.defer("stats", "details", "warnings")
        self.steps = list(found.steps.select_related("connection").order_by("seq"))
        self.runs = runs_of.in_bulk([step.run_id for step in self.steps if step.run_id])
        self.now = moment.now()
        self.actor = Actor(found.account, found.requested_by, Role.OWNER, found.requested_label or "The worker")

    def go(self) -> float | None:
        """Do what can be done now; in how many seconds the next step is due, None when none is waited for."""
        if self.round.cancel_requested:
            self._cancel()
        for step in self.steps:
            if step.status == Status.RUNNING:
                self._settle(step)
        Round.objects.filter(pk=self.round.pk).update(status=Status.RUNNING, started_at=Coalesce("started_at", Now()))
        taken: set[Place] = set()
        while True:
            decision = decide([self._as_it_is(step) for step in self.steps], at_once=settings.SYNC_ALL_AT_ONCE, taken=taken)
            if decision.over:
                self._close()
                return None
            if not decision.start:
                return decision.wait
            for step in self.steps:
                if step.seq in decision.start and not self._begin(step):
                    taken.add((step.connection_id, step.dataset))

    def _as_it_is(self, step: RoundStep) -> Step:
        due_in = (step.due_at - self.now).total_seconds() if step.due_at else 0.0
        return Step(step.seq, Stage(step.stage), Status(step.status), (step.connection_id, step.dataset), due_in)

    def _begin(self, step: RoundStep) -> bool:
        """Start the step's run, or join one of the same scope; False where another is at work in its place."""
        try:
            run = runs.start(self.actor, step.connection, step.scope, trigger=Trigger(self.round.trigger))
        except AlreadyRunning as busy:
            if busy.run.kind != Kind.SYNC or busy.run.scope != step.scope:
                self._keep(step, message=f"Waits for run {busy.run.pk}.")
                return False
            run, step.joined = busy.run, True
        except Problem as problem:
            self._keep(step, status=Status.FAILED, code=problem.code, message=f"{problem.sentence} {problem.hint}".strip()[:1000])
            return True
        self._keep(step, status=Status.RUNNING, run=run, joined=step.joined, tries=step.tries + 1, due_at=None, message="")
        return True

    def _settle(self, step: RoundStep) -> None:
        run = self.runs.get(step.run_id or 0)
        if run is None:
            self._keep(step, status=Status.FAILED, code="run_gone", message="Its run was deleted.")
        elif not run.is_active:
            again = (
                None if self.round.cancel_requested else pause(Status(run.status), run.errors, step.tries, settings.SYNC_ALL_RETRY_SECONDS)
            )
            if again is None:
                self._keep(step, status=run.status)
            else:
                due = self.now + timedelta(seconds=again)
                self._keep(step, status=Status.QUEUED, joined=False, due_at=due, message="It is tried again.")

    def _cancel(self) -> None:
        """What waits is not begun; of what goes on, what the round has begun itself is cancelled."""
        for step in self.steps:
            if step.status == Status.QUEUED:
                self._keep(step, status=Status.CANCELLED, message=f"Cancelled by {self.round.cancelled_by}.")
            elif step.status == Status.RUNNING and step.run_id in self.runs:
                run = self.runs[step.run_id]
                if step.joined:
                    # Whoever started it wants it still.
                    self._keep(step, status=Status.CANCELLED, message=f"Cancelled by {self.round.cancelled_by}; run {run.pk} goes on.")
                elif run.is_active and not run.cancel_requested:
                    try:
                        self.runs[run.pk] = runs.cancel(self.actor, run)
                    except NotCancellable:
                        run.refresh_from_db()

    def _close(self) -> None:
        statuses = [Status(step.status) for step in self.steps]
        status = outcome(statuses, cancelled=self.round.cancel_requested)
        sentence = closing_sentence(statuses, cancelled_by=self.round.cancelled_by if status == Status.CANCELLED else "")
        Round.objects.filter(pk=self.round.pk).update(status=status, message=sentence, finished_at=Now())
        steps = {f"{step.connection_id}:{step.scope}": step.status for step in self.steps}
        after = {"status": status, "steps": steps}
        correlation = self.round.correlation
        record(self.actor, entity=ENTITY, entity_id=self.round.pk, action="SYNC_ALL", after=after, cause=sentence, correlation=correlation)

    def _keep(self, step: RoundStep, **values: Any) -> None:
        for name, value in values.items():
            setattr(step, name, value)
        RoundStep.objects.filter(pk=step.pk).update(**values)
