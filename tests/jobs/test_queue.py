from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import OrmQ

from jobs.queue import enqueue, free_taken

RETRY = timedelta(seconds=settings.Q_CLUSTER["retry"])


def make_row(key: str, lock: datetime) -> OrmQ:
    return OrmQ.objects.create(key=key, payload="", lock=lock)


@pytest.mark.django_db
def test_enqueue_is_part_of_the_transaction() -> None:
    with transaction.atomic():
        enqueue("tests.jobs.tasks.note", "path", "line", cluster="push")
        assert OrmQ.objects.count() == 1
        transaction.set_rollback(True)
    assert OrmQ.objects.count() == 0


@pytest.mark.django_db
def test_each_cluster_takes_only_its_own_tasks() -> None:
    enqueue("tests.jobs.tasks.note", "path", "for push", cluster="push")
    enqueue("tests.jobs.tasks.note", "path", "for sync", cluster="sync")
    assert sorted(OrmQ.objects.values_list("key", flat=True)) == ["push", "sync"]
    taken = get_broker("push").dequeue()
    assert [OrmQ.objects.get(pk=pk).task["args"] for pk, _ in taken] == [("path", "for push")]
    assert OrmQ.objects.get(key="sync").lock <= timezone.now()


def test_unknown_cluster_is_refused() -> None:
    with pytest.raises(ValueError, match="There is no cluster “fast”; use one of push, sync"):
        enqueue("tests.jobs.tasks.note", cluster="fast")


@pytest.mark.django_db
def test_free_taken_puts_back_what_the_dead_cluster_took_and_nothing_else() -> None:
    started, died = timezone.now() - timedelta(minutes=5), timezone.now()
    taken = make_row("sync", started + timedelta(minutes=2) + RETRY)
    waiting = make_row("sync", started)
    of_push = make_row("push", started + timedelta(minutes=2) + RETRY)
    taken_by_successor = make_row("sync", died + timedelta(seconds=5) + RETRY)
    delayed = make_row("sync", died + timedelta(hours=2))
    earlier = make_row("sync", started - timedelta(seconds=5) + RETRY)
    untouched = {row.pk: row.lock for row in (waiting, of_push, taken_by_successor, delayed, earlier)}

    assert free_taken("sync", since=started, until=died) == 1
    taken.refresh_from_db()
    assert taken.lock <= timezone.now()
    assert {row.pk: row.lock for row in OrmQ.objects.exclude(pk=taken.pk)} == untouched


@pytest.mark.django_db
def test_free_taken_at_the_first_start_reaches_all_that_was_ever_taken() -> None:
    now = timezone.now()
    make_row("sync", now + timedelta(seconds=1))
    make_row("sync", now + RETRY)
    make_row("sync", now + RETRY + timedelta(seconds=1))
    assert free_taken("sync", since=None, until=now) == 2
