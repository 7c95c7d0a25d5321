"""Which sync “smart” stands for, by how long ago stock was last read (docs/finale-paths.md)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from sync.models import Connection, Kind, Status, SyncRun

SMART, CRITICAL, INVENTORY, ACTIVE, FULL = "smart", "critical", "inventory", "active", "full"

CLOCK: Collection[str] = (INVENTORY, ACTIVE, FULL)
"""The syncs whose success sets the clock: those that read all stock."""

STEPS: tuple[tuple[timedelta, str, str], ...] = (
    (timedelta(minutes=30), CRITICAL, "30 minutes"),
    (timedelta(hours=2), INVENTORY, "2 hours"),
    (timedelta(hours=24), ACTIVE, "24 hours"),
)
"""Below which age of the newest success which sync is enough; from the last on, only the full one is."""


@dataclass(frozen=True)
class Success:
    """A sync of `scope` that succeeded, and when it ended."""

    scope: str
    at: datetime


def choose(newest: Success | None, now: datetime) -> tuple[str, str]:
    """The scope that “smart” means at `now`, and a sentence why. A success in the future (a clock was set back) counts as now."""
    if newest is None:
        return FULL, "No inventory, active or full sync has succeeded yet, so everything is read."
    age = max(now - newest.at, timedelta(0))
    since = f"The last {newest.scope} sync succeeded {_in_words(age)} ago"
    for limit, scope, named in STEPS:
        if age < limit:
            return scope, f"{since}, less than {named}: {scope} is enough."
    return FULL, f"{since}, which is {STEPS[-1][2]} or more: everything is read."


def resolve(connection: Connection, scope: str) -> tuple[str, str]:
    """The scope to run for the one that was asked for, and why; blank where it is that one. One query for “smart”, else none."""
    if scope != SMART:
        return scope, ""
    return choose(newest_success(connection), timezone.now())


def newest_success(connection: Connection) -> Success | None:
    """The success that sets the clock of `connection`, if there is one."""
    ended = SyncRun.objects.filter(connection=connection, kind=Kind.SYNC, status=Status.SUCCEEDED, scope__in=CLOCK)
    scope, at = ended.order_by("-finished_at").values_list("scope", "finished_at").first() or ("", None)
    return Success(scope, at) if at is not None else None


def _in_words(age: timedelta) -> str:
    """“12 seconds”, “1 minute”, “3 hours 5 minutes”, “8 days”: never more than it is."""
    minutes, seconds = divmod(int(age.total_seconds()), 60)
    if not minutes:
        return _counted(seconds, "second")
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _counted(minutes, "minute")
    if hours < 48:
        return f"{_counted(hours, 'hour')} {_counted(rest, 'minute')}" if rest else _counted(hours, "hour")
    return _counted(hours // 24, "day")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
