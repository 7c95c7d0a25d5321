"""The health checks of background work: clusters, queue, failures, schedules."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count, Min
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import ngettext
from django_q.brokers import get_broker
from django_q.models import OrmQ, Task

from accounts.models import Account
from jobs import health
from jobs.health import Check, State
from jobs.models import Beat, Schedule
from jobs.queue import CLUSTERS, broker_is_database

SILENT_AFTER = timedelta(seconds=60)
WAITS_TOO_LONG = timedelta(minutes=5)
OVERDUE_AFTER = timedelta(minutes=3)


def register() -> None:
    for examine in (clusters, queue, failures, schedules):
        health.register(examine)


def clusters(_account: Account | None) -> Iterable[Check]:
    """Each cluster works on at least one host."""
    beats = list(Beat.objects.annotate(now=Now()))
    for name in CLUSTERS:
        found = [_judge(beat, beat.now) for beat in beats if beat.cluster == name]
        best = min(found, key=lambda check: list(State).index(check.state), default=None)
        yield best or Check(f"cluster {name}", State.BAD, f"No worker runs cluster {name}. Start one with “make worker”.", timezone.now())


def _judge(beat: Beat, now: datetime) -> Check:
    name = f"cluster {beat.cluster}"
    if beat.looked_at is None:
        starting = Check(name, State.WARN, f"Cluster {beat.cluster} on {beat.host} is starting.", beat.started_at)
        gone = Check(name, State.BAD, f"Cluster {beat.cluster} on {beat.host} has not come up.", beat.started_at)
        return starting if now - beat.started_at < SILENT_AFTER else gone
    if now - beat.looked_at > SILENT_AFTER:
        sentence = f"The worker on {beat.host} is gone. Start it with “make worker”."
        return Check(name, State.BAD, sentence, beat.looked_at)
    if beat.busy >= beat.workers:
        return Check(name, State.OK, f"All {beat.workers} workers of cluster {beat.cluster} are busy.", beat.looked_at)
    if beat.beat_at is None or now - beat.beat_at > SILENT_AFTER:
        return Check(name, State.BAD, f"Cluster {beat.cluster} on {beat.host} starts no tasks and is being restarted.", beat.looked_at)
    return Check(name, State.OK, f"Cluster {beat.cluster} works: {beat.busy} of {beat.workers} workers busy.", beat.beat_at)


def queue(_account: Account | None) -> Iterable[Check]:
    """How many tasks wait for each cluster, and how long the oldest has."""
    now = timezone.now()
    if not broker_is_database():
        for name in CLUSTERS:
            yield Check(f"queue {name}", State.OK, f"{_tasks(get_broker(name).queue_size())} for cluster {name}.", now)
        return
    waiting = OrmQ.objects.filter(lock__lte=now).values("key").annotate(number=Count("pk"), oldest=Min("lock"))
    by_name = {row["key"]: row for row in waiting}
    for name in CLUSTERS:
        row = by_name.get(name)
        if row is None:
            yield Check(f"queue {name}", State.OK, f"Nothing waits for cluster {name}.", now)
            continue
        # A task that nobody has taken keeps the time it was queued at as its lock.
        age = now - row["oldest"]
        state = State.WARN if age > WAITS_TOO_LONG else State.OK
        sentence = f"{_tasks(row['number'])} for cluster {name}, the oldest for {age.total_seconds():.0f} seconds."
        yield Check(f"queue {name}", state, sentence, now)


def _tasks(number: int) -> str:
    return ngettext("%d task waits", "%d tasks wait", number) % number


def failures(_account: Account | None) -> Iterable[Check]:
    """Tasks that failed within a day."""
    now = timezone.now()
    number = Task.objects.filter(success=False, stopped__gt=now - timedelta(days=1)).count()
    if number:
        counted = ngettext("%d task failed", "%d tasks failed", number) % number
        yield Check("failed tasks", State.WARN, f"{counted} in the last 24 hours. The operator finds the details under failed tasks.", now)
    else:
        yield Check("failed tasks", State.OK, "No task failed in the last 24 hours.", now)


def schedules(account: Account | None) -> Iterable[Check]:
    """Schedules that are due and were not sent: the tick does not come."""
    now = timezone.now()
    rows = Schedule.objects.filter(enabled=True, next_due_at__lt=now - OVERDUE_AFTER)
    overdue = (rows if account is None else rows.filter(account=account)).count()
    if overdue:
        counted = ngettext("%d schedule is overdue", "%d schedules are overdue", overdue) % overdue
        yield Check("schedules", State.WARN, f"{counted} and will run when a worker is there.", now)
    else:
        yield Check("schedules", State.OK, "No schedule is overdue.", now)
