"""The way onto the queue."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.tasks import async_task

CLUSTERS = ("push", "sync")


def broker_is_database() -> bool:
    """Whether queued tasks are rows of our own database, so that they commit with the caller's."""
    return bool(Conf.ORM)


def enqueue(task: str, *args: Any, cluster: str = "sync") -> None:
    """Wake a worker of `cluster` to call the function at the dotted path `task` with `args`.

    With the queue in the database the wake-up commits or rolls back with the caller's transaction; with Redis it is sent after the commit.
    It may come twice, or be lost with Redis: the function must look at its row and find the work done. Pass primary keys, never secrets or
    whole objects. Raises ValueError for a cluster that does not exist.
    """
    if cluster not in CLUSTERS:
        raise ValueError(f"There is no cluster “{cluster}”; use one of {', '.join(CLUSTERS)}.")
    send = partial(async_task, task, *args, cluster=cluster)
    if broker_is_database():
        send()
    else:
        # Robust: the caller's rows are committed and a sweep wakes them again, so an unreachable Redis must not fail the request.
        transaction.on_commit(send, robust=True)


def free_taken(cluster: str, *, since: datetime | None, until: datetime) -> int:
    """Put back the tasks of `cluster` that were taken between `since` (None: ever) and `until` and never finished; how many.

    For a cluster that is dead: its tasks then run again at once instead of when the queue's retry time is over. Taking a task sets its
    row's lock to the worker's clock plus the retry time, so the same clock gives `since` and `until`; a lock beyond that window is
    somebody's delay and left alone.
    """
    if not broker_is_database():
        return 0
    retry, now = timedelta(seconds=Conf.RETRY), timezone.now()
    after = now if since is None else max(now, since + retry)
    freed: int = OrmQ.objects.filter(key=cluster, lock__gt=after, lock__lte=until + retry).update(lock=now)
    return freed
