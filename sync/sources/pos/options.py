"""What a till connection's settings mean to those who read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from accounts.errors import Problem
from sync.models.connection import Connection
from sync.sources.pos.system import SYSTEM, VERIFIED, zone_of
from sync.sources.settings import day_of


class SettingsIncomplete(Problem):
    """Needs a person: a setting without which a connection can't be used is missing or makes no sense."""

    hint = "Correct it in the connection's settings."


@dataclass(frozen=True)
class Options:
    """How a till is read. Days, rows and seconds are whole numbers; `start` is None where the first sync goes 90 days back.

    `account` is the short name of the business account.
    """

    account: str
    dialect: str
    host: str
    port: int
    database: str
    file: str
    encrypted: bool
    certificate_name: str
    zone: ZoneInfo
    start: date | None
    earliest: date
    late_lines: bool
    returns: bool
    lookback_days: int
    offline_days: int
    page_rows: int
    run_lines: int
    connect_seconds: int
    query_seconds: int
    lock_seconds: int


def options_of(connection: Connection) -> Options:
    """The settings of `connection`, defaults filled in. Raises SettingsIncomplete naming the one that is missing or wrong."""
    values = SYSTEM.complete(connection.settings)
    for setting in SYSTEM.settings:
        if setting.required and setting.applies(values) and not values[setting.name]:
            raise SettingsIncomplete(f"The setting “{setting.label}” of “{connection}” is missing.")
    try:
        zone = zone_of(str(values["time_zone"]) or connection.account.time_zone)
        start = day_of(str(values["start"])) if values["start"] else None
        earliest = day_of(str(values["earliest"]))
    except ValueError as error:
        raise SettingsIncomplete(f"The settings of “{connection}” can't be used: {error}") from error
    return Options(
        account=connection.account.slug,
        dialect=str(values["dialect"]),
        host=str(values["host"]),
        port=int(values["port"]),
        database=str(values["database"]),
        file=str(values["file"]),
        encrypted=values["encryption"] == VERIFIED,
        certificate_name=str(values["certificate_name"]).strip(),
        zone=zone,
        start=start,
        earliest=earliest,
        late_lines=bool(values["late_lines"]),
        returns=bool(values["returns"]),
        **{name: int(values[name]) for name in _NUMBERS},
    )


_NUMBERS = ("lookback_days", "offline_days", "page_rows", "run_lines", "connect_seconds", "query_seconds", "lock_seconds")
