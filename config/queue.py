"""django-q2's settings, from what was measured with it (docs/worker.md)."""

from __future__ import annotations

from typing import Any

TASK_SECONDS = 600
"""A task that runs longer is stopped."""


def queue_settings(*, redis_url: str = "", push_workers: int = 2, sync_workers: int = 2) -> dict[str, Any]:
    """Q_CLUSTER for the ORM broker, or for Redis when `redis_url` is given: cluster sync, and cluster push as its alternative.

    A cluster takes the alternative's values when it is started with Q_CLUSTER_NAME=push in its environment; the name of the first one also
    signs the tasks of both, so that either may enqueue for the other.
    """
    broker: dict[str, Any] = {"redis": redis_url} if redis_url else {"orm": "default"}
    return {
        "name": "sync",
        "workers": sync_workers,
        "timeout": TASK_SECONDS,
        # Longer than the timeout, or a task that still runs is started a second time.
        "retry": TASK_SECONDS + 120,
        "max_attempts": 5,
        # Our rows decide about retries; a task that raised is done for the queue.
        "ack_failures": True,
        # A schedule missed while the worker was off runs once, not once per missed minute.
        "catch_up": False,
        "bulk": 5,
        "poll": 0.5,
        "queue_limit": 10,
        # Pruning successes after every task costs more than the tasks; failures are always kept.
        "save_limit": -1,
        "recycle": 200,
        # kB. A worker that idles after a large import is what the kernel kills first.
        "max_rss": 700_000,
        "ALT_CLUSTERS": {"push": {"poll": 0.1, "workers": push_workers}},
        **broker,
    }
