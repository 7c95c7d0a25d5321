"""The schedules of a Finale connection, by strategy, and whether they start anything."""

from __future__ import annotations

from collections.abc import Mapping

from jobs.models import Schedule
from sync.models import Connection
from sync.schedules import TASK

INVENTORY = "inventory"


def timetable(connection: Connection | None) -> dict[str, Schedule]:
    """The schedule of each strategy that has one, in the order of their names. One query."""
    if connection is None:
        return {}
    rows = Schedule.objects.filter(account_id=connection.account_id, task=TASK).order_by("pk")
    found = [(row.arguments.get("scope", ""), row) for row in rows if row.arguments.get("connection") == connection.pk]
    return {scope: row for scope, row in found if scope}


def on(connection: Connection, rows: Mapping[str, Schedule]) -> bool:
    """Whether schedules start syncs of `connection`: its switch is on, nobody has paused it, and one of its schedules is on."""
    usable = connection.enabled and connection.paused_at is None and connection.auto_sync
    return usable and any(row.enabled for row in rows.values())
