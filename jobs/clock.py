"""The one django-q2 schedule of the product: the tick, every minute."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django_q.models import Schedule as QueueSchedule

from jobs.models import Lease

NAME = "levelstock tick"
FUNCTION = "jobs.schedule.tick"


def install_tick(**_signal: Any) -> None:
    """Make the tick's schedule if it is not there (signal post_migrate). Two processes at once make one: the second waits for the first."""
    tables = connection.introspection.table_names()
    if QueueSchedule._meta.db_table not in tables or Lease._meta.db_table not in tables:
        # A migration backwards has just taken them away.
        return
    lock, _ = Lease.objects.get_or_create(name="jobs.install-tick")
    with transaction.atomic():
        # django-q2 has no unique name: a lock row stands in for it. On SQLite the immediate transaction itself is the lock.
        Lease.objects.select_for_update().get(pk=lock.pk)
        if not QueueSchedule.objects.filter(func=FUNCTION).exists():
            QueueSchedule.objects.create(
                name=NAME,
                func=FUNCTION,
                cluster="push",
                schedule_type=QueueSchedule.MINUTES,
                minutes=1,
                repeats=-1,
                next_run=timezone.now(),
            )
