from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django_q.models import Schedule as QueueSchedule

from jobs.clock import install_tick


@pytest.mark.django_db(transaction=True)
def test_two_installations_at_once_make_one_tick() -> None:
    QueueSchedule.objects.all().delete()
    together = threading.Barrier(4)

    def install(_number: int) -> None:
        try:
            together.wait(timeout=150)
            install_tick()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(install, range(4)))
    row = QueueSchedule.objects.get()
    assert (row.func, row.cluster, row.schedule_type, row.minutes, row.repeats) == ("jobs.schedule.tick", "push", "I", 1, -1)


@pytest.mark.django_db(transaction=True)
def test_tick_that_was_changed_is_left_alone() -> None:
    install_tick()
    QueueSchedule.objects.update(minutes=2)
    install_tick()
    assert QueueSchedule.objects.get().minutes == 2
