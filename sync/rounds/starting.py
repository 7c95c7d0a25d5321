"""Rounds are started, cancelled and waited for by these verbs, whatever door the wish came through (docs/sync-all.md)."""

from __future__ import annotations

import time

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.acting import Actor
from accounts.audit import record
from accounts.errors import Problem
from jobs.queue import enqueue
from sync.models import ACTIVE, Connection, Round, RoundStep, Trigger
from sync.rounds.types import STEPS, SYSTEMS
from sync.systems import SYSTEMS as REGISTERED

ADVANCE = "sync.rounds.advancing.advance"
"""The task that brings a round on."""
ENTITY = "Round"

_POLL_SECONDS = 0.25
_TRIES = 5


class RoundRunning(Problem):
    """Refused: one round at a time; `round` is the one that is at it."""

    status = 409
    code = "already_running"
    hint = "Wait until it is done, or cancel it."

    def __init__(self, found: Round) -> None:
        super().__init__(f"Round {found.pk} is already at it.")
        self.round = found


class NothingToSync(Problem):
    """Refused: no system is connected that a round could read."""

    code = "connection_required"


class RoundOver(Problem):
    """Refused: the round has ended."""

    status = 409
    code = "not_cancellable"


def connected(actor: Actor) -> QuerySet[Connection]:
    """The connections that a round would sync."""
    return Connection.objects.filter(account=actor.account, system__in=SYSTEMS, enabled=True).order_by("pk")


def start(actor: Actor, *, trigger: Trigger) -> Round:
    """Begin a round over all connections that are switched on. Raises NotAllowed, NothingToSync and RoundRunning."""
    actor.require("run.start")
    connections = [each for each in connected(actor) if each.system in REGISTERED]
    if not connections:
        labels = " and no ".join(REGISTERED[key].label for key in SYSTEMS if key in REGISTERED) or "system"
        raise NothingToSync(f"There is no {labels} connection that is switched on.", hint="An owner adds one under Connections.")
    for tries_left in reversed(range(_TRIES)):
        try:
            with transaction.atomic():
                return _begin(actor, connections, trigger)
        except IntegrityError:
            active = Round.objects.filter(account=actor.account, status__in=ACTIVE).first()
            if active is not None:
                raise RoundRunning(active) from None
            if not tries_left:
                raise
            # It ended between the two statements: the place is free now.
    raise AssertionError("the last try returns or raises")


def _begin(actor: Actor, connections: list[Connection], trigger: Trigger) -> Round:
    found = Round.objects.create(account=actor.account, trigger=trigger, requested_by=actor.user, requested_label=actor.label[:200])
    wanted = [(stage, each, scope) for stage, system, scope in STEPS for each in connections if each.system == system]
    RoundStep.objects.bulk_create(
        RoundStep(
            account=actor.account,
            round=found,
            seq=seq,
            stage=stage,
            connection=each,
            scope=scope,
            dataset=REGISTERED[each.system].dataset_of(scope),
        )
        for seq, (stage, each, scope) in enumerate(wanted, start=1)
    )
    enqueue(ADVANCE, found.pk)
    return found


def cancel(actor: Actor, wanted: Round) -> Round:
    """Stop a round: what has not begun is not begun, and its runs stop before they write. Audited. Raises NotAllowed and RoundOver."""
    actor.require("run.cancel")
    with transaction.atomic():
        rows = Round.objects.filter(pk=wanted.pk, account=actor.account, status__in=ACTIVE)
        if not rows.update(cancel_requested=True, cancelled_by=actor.label[:200]):
            raise RoundOver(f"Round {wanted.pk} is over; there is nothing to cancel.")
        record(actor, entity=ENTITY, entity_id=wanted.pk, action="CANCEL", correlation=wanted.correlation)
        enqueue(ADVANCE, wanted.pk)
    wanted.refresh_from_db()
    return wanted


def wait(found: Round, seconds: float) -> Round:
    """The round as it is when it is over, else after `seconds`. Not within a transaction."""
    until = time.monotonic() + seconds
    while True:
        found.refresh_from_db()
        if not found.is_active or time.monotonic() >= until:
            return found
        time.sleep(min(_POLL_SECONDS, max(until - time.monotonic(), 0.01)))
