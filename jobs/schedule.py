"""Work that comes by the clock: what may be scheduled, when it is due, and the tick that sends it to the workers (docs/worker.md)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.acting import Actor
from accounts.audit import record
from accounts.errors import Problem
from accounts.models import Account
from jobs import lease, retention
from jobs.cron import next_due
from jobs.models import Schedule
from jobs.queue import CLUSTERS, enqueue

RUN = "jobs.schedule.run"

logger = logging.getLogger(__name__)


class UnknownTask(Problem):
    """Needs a person: the schedule names a task that this version of the program does not have."""

    status = 409


@dataclass(frozen=True)
class Declared:
    """A task that schedules may name. The function is called with the account and the schedule's arguments as keywords, and may return a
    sentence about what it did. It may come twice, and must be safe to kill."""

    name: str
    function: str
    cluster: str


_declared: dict[str, Declared] = {}
_sweepers: list[str] = []


def declare(name: str, function_path: str, cluster: str = "sync") -> None:
    """Let schedules name the function at `function_path` as `name`, to be run by `cluster`. For apps, in ready().

    Raises ValueError when the name means another function already, or the cluster does not exist.
    """
    task = Declared(name, function_path, cluster)
    if cluster not in CLUSTERS:
        raise ValueError(f"There is no cluster “{cluster}”; use one of {', '.join(CLUSTERS)}.")
    if _declared.setdefault(name, task) != task:
        raise ValueError(f"The task “{name}” is declared already, as {_declared[name].function}.")


def every_tick(function_path: str) -> None:
    """Call the function at `function_path`, without arguments, at each tick: for short sweeps that find work which got lost."""
    if function_path not in _sweepers:
        _sweepers.append(function_path)


def install(
    account: Account, key: str, name: str, task: str, arguments: Mapping[str, Any] | None = None, *, cron: str, enabled: bool = True
) -> Schedule:
    """The account's schedule `key`, made now if it never existed. One that exists is left as its owner has set it.

    Raises CronRefused for a cron that is none, ValueError for a task that is not declared.
    """
    if task not in _declared:
        raise ValueError(f"The task “{task}” is not declared.")
    values = {
        "name": name,
        "task": task,
        "arguments": dict(arguments or {}),
        "cron": cron,
        "enabled": enabled,
        "next_due_at": next_due(cron, account.time_zone, timezone.now()) if enabled else None,
    }
    return Schedule.objects.get_or_create(account=account, key=key, defaults=values)[0]


def change(actor: Actor, schedule: Schedule, *, cron: str | None = None, enabled: bool | None = None) -> Schedule:
    """Give the schedule another cron, or switch it on or off; it is next due by the new one. Audited.

    Raises NotAllowed, Schedule.DoesNotExist for a schedule of another account, and CronRefused for a cron that is none.
    """
    actor.require("schedule.edit")
    with transaction.atomic():
        row = Schedule.objects.select_for_update().select_related("account").get(pk=schedule.pk, account=actor.account)
        before = {"cron": row.cron, "enabled": row.enabled}
        row.cron = row.cron if cron is None else " ".join(cron.split())
        row.enabled = row.enabled if enabled is None else enabled
        due = next_due(row.cron, row.account.time_zone, timezone.now())
        after = {"cron": row.cron, "enabled": row.enabled}
        if after != before:
            row.next_due_at = due if row.enabled else None
            row.save(update_fields=["cron", "enabled", "next_due_at"])
            record(actor, entity="Schedule", entity_id=row.pk, action="CHANGE", before=before, after=after)
    return row


def run_now(actor: Actor, schedule: Schedule) -> None:
    """Send the schedule's task to the workers at once, whether it is switched on or not; when it is next due stays. Audited.

    Raises NotAllowed, Schedule.DoesNotExist for a schedule of another account, and UnknownTask.
    """
    actor.require("schedule.edit")
    row = Schedule.objects.get(pk=schedule.pk, account=actor.account)
    with transaction.atomic():
        record(actor, entity="Schedule", entity_id=row.pk, action="RUN_NOW")
        Schedule.objects.filter(pk=row.pk).update(last_result=f"Started by {actor.label}.")
        enqueue(RUN, row.pk, cluster=_task_of(row).cluster)


def _task_of(schedule: Schedule) -> Declared:
    try:
        return _declared[schedule.task]
    except KeyError as error:
        raise UnknownTask(f"This version has no task “{schedule.task}”.", hint=f"Switch the schedule “{schedule.name}” off.") from error


def follow_time_zone(account: Account) -> None:
    """The account's zone may have changed: what is not yet due is next due by the zone it has now."""
    now = timezone.now()
    for row in Schedule.objects.filter(account=account, enabled=True, next_due_at__gt=now):
        due = next_due(row.cron, account.time_zone, now)
        Schedule.objects.filter(pk=row.pk, next_due_at=row.next_due_at).update(next_due_at=due)


def tick(now: datetime | None = None) -> None:
    """Send what is due at `now` (default: this moment) to the workers, call the sweepers, and clear away what is too old once a day.

    A schedule missed any number of times is sent once. Two ticks at once: the second does nothing. What fails is logged and keeps nothing
    else from running.
    """
    now = now or timezone.now()
    with lease.named("jobs.tick") as held:
        if held is None:
            return
        due = Schedule.objects.filter(Q(next_due_at__lte=now) | Q(next_due_at__isnull=True), enabled=True).select_related("account")
        for schedule in due.order_by("next_due_at", "pk"):
            _guarded(f"Schedule {schedule.pk} ({schedule.name})", _fire, schedule, now)
        for path in _sweepers:
            _guarded(f"Sweep {path}", _call, path)
        _guarded("Retention", retention.once_a_day)


def _guarded(what: str, do: Callable[..., object], *arguments: Any) -> None:
    try:
        do(*arguments)
    except Exception:
        # The one place that closes a tick's parts: what breaks here must not stop the others.
        logger.exception("%s failed at the tick.", what)


def _call(path: str) -> None:
    import_string(path)()


def _fire(schedule: Schedule, now: datetime) -> None:
    rows = Schedule.objects.filter(pk=schedule.pk, enabled=True, next_due_at=schedule.next_due_at)
    try:
        due = next_due(schedule.cron, schedule.account.time_zone, now)
        if schedule.next_due_at is None:
            rows.update(next_due_at=due)
            return
        with transaction.atomic():
            if rows.update(next_due_at=due, last_fired_at=now, last_result="Started."):
                enqueue(RUN, schedule.pk, cluster=_task_of(schedule).cluster)
    except Problem as problem:
        # A sentence for whoever looks at the schedule; it is tried again at each tick until it is mended or switched off.
        rows.update(last_result=_in_words(problem))


def run(schedule_id: int) -> str:
    """What a worker does with a due schedule: call its function, one call at a time, and keep the sentence it returns or fails with."""
    schedule = Schedule.objects.select_related("account").filter(pk=schedule_id).first()
    if schedule is None:
        return "The schedule is gone."
    with lease.named(f"schedule {schedule_id}") as held:
        if held is None:
            return _keep(schedule_id, "Left out, because the run before it is still going.")
        try:
            said = import_string(_task_of(schedule).function)(schedule.account, **schedule.arguments)
        except Problem as problem:
            return _keep(schedule_id, _in_words(problem))
        except Exception as error:
            # The one place that closes a scheduled run; the queue keeps the failure with its traceback.
            _keep(schedule_id, f"Failed with {type(error).__name__}; the operator finds the details under failed tasks.")
            raise
        return _keep(schedule_id, said or "Done.")


def _in_words(problem: Problem) -> str:
    return f"{problem.sentence} {problem.hint}".strip()


def _keep(schedule_id: int, sentence: str) -> str:
    Schedule.objects.filter(pk=schedule_id).update(last_result=sentence)
    return sentence
