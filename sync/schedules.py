"""Which schedules sync a connection."""

from __future__ import annotations

from jobs.models import Schedule
from sync.models import Connection

TASK = "sync.run"
"""The declared task that such schedules name."""


def schedules_of(connection: Connection) -> list[Schedule]:
    """The schedules that sync `connection` and are switched on."""
    rows = Schedule.objects.filter(account_id=connection.account_id, task=TASK, enabled=True).order_by("pk")
    return [row for row in rows if row.arguments.get("connection") == connection.pk]
