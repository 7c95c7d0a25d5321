from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.acting import Actor
from accounts.models import Account
from accounts.roles import Role
from jobs.models import Schedule


def make_account(name: str = "7QX", time_zone: str = "UTC") -> Account:
    return Account.objects.create(name=name, slug=name.lower(), time_zone=time_zone)


def make_actor(account: Account, role: Role = Role.OWNER) -> Actor:
    return Actor(account=account, user=None, role=role, label="Mara")


def make_schedule(account: Account, next_due_at: datetime | None, **values: Any) -> Schedule:
    """A schedule of the task "note" at minute 0 of every hour."""
    given = {"key": "hourly", "name": "Hourly note", "task": "note", "arguments": {"line": "done"}, "cron": "0 * * * *", **values}
    return Schedule.objects.create(account=account, next_due_at=next_due_at, **given)
