from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import Task

from jobs import retention
from jobs.models import Beat, Lease

pytestmark = pytest.mark.django_db


def make_task(name: str, days: float, *, success: bool) -> None:
    when = timezone.now() - timedelta(days=days)
    Task.objects.create(id=f"{name:0>32}", name=name, func="note", started=when, stopped=when, success=success)


def test_old_results_and_silent_beats_go() -> None:
    make_task("old success", 1.1, success=True)
    make_task("new success", 0.9, success=True)
    make_task("old failure", 31, success=False)
    make_task("new failure", 29, success=False)
    for host, days in (("gone", 1.1), ("quiet", 0.9)):
        when = timezone.now() - timedelta(days=days)
        Beat.objects.create(cluster="sync", host=host, pid=1, started_at=when, looked_at=when)
    assert retention.once_a_day()
    assert sorted(Task.objects.values_list("name", flat=True)) == ["new failure", "new success"]
    assert Beat.objects.get().host == "quiet"


def test_once_a_day() -> None:
    assert retention.once_a_day()
    assert not retention.once_a_day()
    Lease.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert retention.once_a_day()
