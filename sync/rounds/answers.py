"""A round as an answer: how it stands, the sums over its runs, and each step with its run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet

from accounts.acting import Actor
from sync import answers
from sync.models import ACTIVE, Round, RoundStep, Stage, Status, SyncRun
from sync.rounds.deciding import ENDED
from sync.rounds.starting import RoundRunning
from sync.systems import SYSTEMS

MOST_ERRORS = 50
"""So many are listed; `errorsTotal` counts all."""


def answerable(rows: QuerySet[Round]) -> QuerySet[Round]:
    """Rounds with all that their envelopes need, in three queries however many there are."""
    runs = SyncRun.objects.defer("stats", "warnings")
    steps = RoundStep.objects.select_related("connection").prefetch_related(Prefetch("run", runs)).order_by("seq")
    return rows.prefetch_related(Prefetch("steps", steps))


def of_actor(actor: Actor, number: int) -> Round:
    """The round as it is now, with all that its envelope needs. Raises Round.DoesNotExist for one of another account."""
    return answerable(Round.objects.filter(account=actor.account)).get(pk=number)


def envelope(found: Round) -> dict[str, Any]:
    """`found` as the API and `--json` answer it: {"success", "message", "data"}.

    The sums are over the newest run of each step: recordsProcessed = recordsInserted + recordsUpdated + recordsSkipped. `success` is false
    as soon as the round has ended with a step that did not succeed. `duration` is in milliseconds, null while it goes on.
    """
    steps = list(found.steps.all())
    told = [_step(step) for step in steps]
    errors = [error for step in steps for error in _errors(step)]
    done = sum(step.status == Status.SUCCEEDED for step in steps)
    open_ = [step for step in steps if step.status not in ENDED]
    return {
        "success": found.status in (*ACTIVE, Status.SUCCEEDED),
        "message": message(found),
        "data": {
            "round": found.pk,
            "state": found.status,
            "status": answers.WORDS[found.status],
            "stage": _stage(open_) if found.is_active else None,
            "trigger": found.trigger,
            "requestedBy": found.requested_label,
            "totalSyncs": len(steps),
            "successfulSyncs": done,
            "failedSyncs": len(steps) - done - len(open_),
            "pendingSyncs": len(open_),
            **answers.records(sums(steps)),
            "createdAt": found.created_at,
            "startedAt": found.started_at,
            "finishedAt": found.finished_at,
            "duration": _milliseconds(found),
            "errors": errors[:MOST_ERRORS],
            "errorsTotal": len(errors),
            "details": told,
        },
    }


def already_running(actor: Actor, problem: RoundRunning) -> dict[str, Any]:
    """The answer to who wanted to start a round while another is at it: that one, and that nothing was started."""
    running = envelope(of_actor(actor, problem.round.pk))
    return {"code": problem.code, "success": False, "message": problem.sentence, "hint": problem.hint, "data": running["data"]}


def message(found: Round) -> str:
    """One sentence on how a round stands; asks for its steps."""
    if not found.is_active:
        return found.message or f"{found.get_status_display()}."
    steps = list(found.steps.all())
    done = sum(step.status in ENDED for step in steps)
    stopping = " It will stop: somebody cancelled it." if found.cancel_requested else ""
    stage = _stage([step for step in steps if step.status not in ENDED])
    return f"{Stage(stage).label if stage else 'Ending'}: {done} of {len(steps)} syncs are done.{stopping}"


def closing_sentence(statuses: Sequence[Status], *, cancelled_by: str = "") -> str:
    """What came of a round whose steps ended so."""
    done = sum(status == Status.SUCCEEDED for status in statuses)
    if cancelled_by:
        return f"Cancelled by {cancelled_by}; {done} of {len(statuses)} syncs had been done."
    if done == len(statuses):
        return f"All {done} syncs succeeded." if done != 1 else "The one sync succeeded."
    counted = Counter(statuses)
    words = {
        Status.PARTIAL: "in part",
        Status.FAILED: "failed",
        Status.NEEDS_REVIEW: "waits for a review" if counted[Status.NEEDS_REVIEW] == 1 else "wait for a review",
        Status.CANCELLED: "cancelled",
    }
    rest = ", ".join(f"{counted[status]} {word}" for status, word in words.items() if counted[status])
    return f"{done} of {len(statuses)} syncs succeeded; {rest}."


def sums(steps: Iterable[RoundStep]) -> dict[str, int]:
    """The counters of the steps' runs, added up; a run that several steps wait for counts once."""
    runs = {step.run.pk: step.run for step in steps if step.run}
    total: Counter[str] = Counter()
    for run in runs.values():
        total.update({name: number for name, number in run.counters.items() if isinstance(number, int)})
    return dict(total)


def sentence(step: RoundStep) -> str:
    """How a step stands, in words."""
    if step.run and (step.status == step.run.status or step.status == Status.RUNNING):
        return answers.message(step.run)
    if step.status == Status.QUEUED and not step.message:
        return "Waits for its turn."
    return step.message


def label(step: RoundStep) -> str:
    """What a step does, for example “Master data”."""
    known = SYSTEMS.get(step.connection.system)
    scope = known.scopes.get(step.scope) if known else None
    return scope.label if scope else step.scope


def _step(step: RoundStep) -> dict[str, Any]:
    run = step.run
    return {
        "type": step.scope,
        "label": label(step),
        "stage": step.stage,
        "system": step.connection.system,
        "connection": {"id": step.connection_id, "name": step.connection.name},
        "state": step.status,
        "status": answers.WORDS[step.status],
        "success": step.status in (*ACTIVE, Status.SUCCEEDED),
        "message": sentence(step),
        "run": step.run_id,
        "tries": step.tries,
        **answers.records(run.counters if run else {}),
        "duration": answers.duration(run) if run else None,
        "details": run.details if run else {},
    }


def _errors(step: RoundStep) -> list[dict[str, Any]]:
    of = {"type": step.scope, "connection": step.connection.name, "run": step.run_id}
    if step.code:
        return [{**of, "code": step.code, "message": step.message, "hint": ""}]
    return [{**of, **_plain(error)} for error in step.run.errors] if step.run else []


def _plain(error: Mapping[str, Any]) -> dict[str, Any]:
    return {name: error[name] for name in ("code", "message", "hint", "feed", "part", "reference") if error.get(name)}


def _stage(open_: Sequence[RoundStep]) -> str | None:
    return next((stage.value for stage in Stage if any(step.stage == stage for step in open_)), None)


def _milliseconds(found: Round) -> int | None:
    if found.finished_at is None:
        return None
    return round((found.finished_at - (found.started_at or found.created_at)).total_seconds() * 1000)
