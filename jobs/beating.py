"""The end-to-end beat: a task that goes the whole way through a cluster, and the mark that workers make when they start a task."""

from __future__ import annotations

import logging
import socket
from dataclasses import dataclass
from time import monotonic
from typing import Any

from django.db import Error as DatabaseError
from django.db.models.functions import Now
from django_q.brokers import Broker, get_broker
from django_q.models import OrmQ
from django_q.tasks import async_task

from jobs.models import Beat
from jobs.queue import broker_is_database

TASK = "jobs.beating.beat"
MARK_EVERY = 1.0
"""Seconds between two marks of one worker: a busy worker must not pay for a write with every task."""

logger = logging.getLogger(__name__)
_marked_at = {"": float("-inf")}


def beat() -> None:
    """The beat task. That it was started has been marked before it is called; there is nothing else to do."""


def mark(task: dict[str, Any], **_signal: Any) -> None:
    """A worker starts `task` (django-q2's signal pre_execute): note the database's time on the beat row of its cluster and host."""
    now = monotonic()
    cluster = task.get("cluster", "")
    if now - _marked_at.get(cluster, float("-inf")) < MARK_EVERY:
        return
    try:
        Beat.objects.filter(cluster=cluster, host=socket.gethostname()).update(beat_at=Now())
        _marked_at[cluster] = now
    except DatabaseError as error:
        # The signal is sent outside of the worker's own try: what is raised here would end the worker.
        logger.warning("Could not mark that cluster %s works: %s.", cluster, type(error).__name__)


@dataclass
class _Receipt:
    """A broker for one call of async_task that remembers the queue row it made."""

    broker: Broker
    row: int | None = None

    @property
    def list_key(self) -> str:
        return str(self.broker.list_key)

    def enqueue(self, package: str) -> int | None:
        made = self.broker.enqueue(package)
        self.row = made if broker_is_database() else None
        return self.row


def send(cluster: str) -> int | None:
    """Put a beat task on the queue of `cluster`; the queue row's id, or None when the queue is not in the database."""
    receipt = _Receipt(get_broker(cluster))
    async_task(TASK, broker=receipt, cluster=cluster)
    return receipt.row


def is_waiting(row: int) -> bool:
    """Whether that beat task has not gone the whole way: taken, run and acknowledged."""
    waiting: bool = OrmQ.objects.filter(pk=row).exists()
    return waiting


def withdraw(row: int) -> None:
    """Take a beat task off the queue."""
    OrmQ.objects.filter(pk=row).delete()


class WithoutBeats(logging.Filter):
    """Keeps the lines about beat tasks, several a second, out of the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.INFO or TASK not in record.getMessage()
