"""What a Finale connection's settings mean to those who read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from accounts.errors import Problem
from sync.models.connection import Connection
from sync.sources.finale.system import SYSTEM, account_of
from sync.sources.settings import day_of


class SettingsIncomplete(Problem):
    """Needs a person: a setting without which a connection can't be used is missing or makes no sense."""

    hint = "Correct it in the connection's settings."


@dataclass(frozen=True)
class Options:
    """How a connection is read. Seconds, days, percents and rows are whole numbers; `start` is UTC midnight of its day.

    `places` are the names of the locations that are read, in capitals; none means all. `uncounted` likewise are those whose stock does not
    count. `lines_on_lists` is auto, always or never.
    """

    account: str
    start: datetime
    window_days: int
    cut_rows: int
    hard_cut: int
    active_days: int
    sales_days: int
    stock_shrink_percent: int
    catalogue_drop_percent: int
    places: frozenset[str]
    uncounted: frozenset[str]
    match_sku: bool
    lines_on_lists: str
    connect_seconds: int
    collection_seconds: int
    record_seconds: int


def options_of(connection: Connection) -> Options:
    """The settings of `connection`, defaults filled in. Raises SettingsIncomplete naming the one that is missing or wrong."""
    values = SYSTEM.complete(connection.settings)
    numbers = {setting.name: values[setting.name] for setting in SYSTEM.settings if isinstance(setting.default, int)}
    try:
        account, start = account_of(str(values["account"])), day_of(str(values["start"]))
    except ValueError as error:
        raise SettingsIncomplete(f"The settings of “{connection}” can't be used: {error}") from error
    return Options(
        account=account,
        start=datetime(start.year, start.month, start.day, tzinfo=UTC),
        places=_names(values["places"]),
        uncounted=_names(values["uncounted_places"]),
        match_sku=bool(values["match_sku"]),
        lines_on_lists=str(values["lines_on_lists"]),
        **{name: int(numbers[name]) for name in _NUMBERS},
    )


_NUMBERS = (
    "window_days",
    "cut_rows",
    "hard_cut",
    "active_days",
    "sales_days",
    "stock_shrink_percent",
    "catalogue_drop_percent",
    "connect_seconds",
    "collection_seconds",
    "record_seconds",
)


def _names(value: object) -> frozenset[str]:
    """Names between commas, in capitals, one blank between words."""
    return frozenset(" ".join(name.split()).upper() for name in str(value).split(",") if name.strip())
