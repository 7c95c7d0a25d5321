"""System checks: the queue's settings are the ones it was proven with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import register as register_check


def queue_problems(queue: Mapping[str, Any], database: Mapping[str, Any]) -> list[CheckMessage]:
    """What is dangerous about django-q2's settings `queue` on the DATABASES entry `database`."""
    found: list[CheckMessage] = []
    if not queue.get("timeout") or queue["timeout"] >= queue.get("retry", 60):
        found.append(
            Error(
                "Q_CLUSTER's timeout is not below retry: a task that still runs would be started a second time.",
                hint="Set retry at least two minutes above timeout.",
                id="jobs.E001",
            )
        )
    if queue.get("catch_up", True):
        found.append(
            Error(
                "Q_CLUSTER's catch_up is on: after a pause every missed minute would be run.",
                hint="Set catch_up to False.",
                id="jobs.E002",
            )
        )
    if not queue.get("ack_failures", False):
        found.append(
            Error(
                "Q_CLUSTER's ack_failures is off: a task that raises would be run again for ever.",
                hint="Set ack_failures to True; our own rows decide about retries.",
                id="jobs.E003",
            )
        )
    options = database.get("OPTIONS", {})
    if "sqlite3" in database["ENGINE"]:
        if options.get("transaction_mode") != "IMMEDIATE" or "journal_mode=wal" not in str(options.get("init_command", "")).lower():
            found.append(
                Error(
                    "SQLite is not in WAL mode with immediate transactions: tasks would fail with “database is locked”.",
                    hint="Set OPTIONS transaction_mode to IMMEDIATE and init_command to PRAGMA journal_mode=WAL.",
                    id="jobs.E004",
                )
            )
    elif queue.get("orm") and not _keeps_connections(database):
        found.append(
            Error(
                "CONN_MAX_AGE is 0: with the queue in the database every enqueue would connect anew, thirty times slower.",
                hint="Set CONN_MAX_AGE to 60.",
                id="jobs.E005",
            )
        )
    return found


def _keeps_connections(database: Mapping[str, Any]) -> bool:
    # None means for ever.
    age = database.get("CONN_MAX_AGE", 0)
    return age is None or age > 0


def check_queue(**_arguments: Any) -> list[CheckMessage]:
    return queue_problems(settings.Q_CLUSTER, settings.DATABASES["default"])


def register() -> None:
    register_check(check_queue)
