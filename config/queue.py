"""django-q2's settings."""

from __future__ import annotations

from typing import Any


def queue_settings(*, redis_url: str) -> dict[str, Any]:
    """Q_CLUSTER for the ORM broker, or for Redis when `redis_url` is given."""
    broker: dict[str, Any] = {"redis": redis_url} if redis_url else {"orm": "default"}
    return {
        "name": "sync",
        "workers": 2,
        "timeout": 600,
        "retry": 720,
        "max_attempts": 5,
        "ack_failures": True,
        "catch_up": False,
        "bulk": 5,
        "poll": 0.5,
        "queue_limit": 10,
        "save_limit": -1,
        "recycle": 200,
        "max_rss": 700_000,
        "ALT_CLUSTERS": {"push": {"poll": 0.1}},
        **broker,
    }
