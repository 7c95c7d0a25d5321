from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.models import Account
from jobs.models import Schedule


def make_schedule(account: Account, next_due_at: datetime | None, **values: Any) -> Schedule:
    """A schedule of the task "note" at minute 0 of every hour."""
    given = {"key": "hourly", "name": "Hourly note", "task": "note", "arguments": {"line": "done"}, "cron": "0 * * * *", **values}
    return Schedule.objects.create(account=account, next_due_at=next_due_at, **given)
