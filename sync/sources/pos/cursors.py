"""How far a till was read: the last complete day, for each feed and for each branch of it (docs/till.md, “Days”)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sync.models import Connection, Cursor
from sync.sources.pos.mapping import midnight

_LONGEST = 60


@dataclass(frozen=True)
class Marks:
    """`day` is the last complete one that was read of all branches, `branches` the last ones in which each had lines."""

    day: date | None = None
    branches: Mapping[str, date] = field(default_factory=dict)


def marks_of(connection: Connection, feed: str, zone: ZoneInfo) -> Marks:
    """How far `feed` of the connection was read."""
    rows = Cursor.objects.filter(connection=connection, feed__startswith=feed).values_list("feed", "read_to")
    days = {name: moment.astimezone(zone).date() for name, moment in rows}
    start = f"{feed}/"
    return Marks(days.get(feed), {name.removeprefix(start): day for name, day in days.items() if name.startswith(start)})


def keep(connection: Connection, feed: str, zone: ZoneInfo, *, day: date, branches: Mapping[str, date], at: datetime) -> None:
    """Remember that `feed` was read to the end of `day`, and the last day of each branch. Within the transaction that applies the run."""
    named = {feed: day, **{f"{feed}/{branch}": last for branch, last in branches.items() if len(f"{feed}/{branch}") <= _LONGEST}}
    Cursor.objects.bulk_create(
        [
            Cursor(account_id=connection.account_id, connection=connection, feed=name, read_to=midnight(last, zone), complete_at=at)
            for name, last in named.items()
        ],
        update_conflicts=True,
        unique_fields=["connection", "feed"],
        update_fields=["read_to", "complete_at"],
    )
