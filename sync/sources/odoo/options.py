"""What an Odoo connection's settings mean to those who read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.errors import Problem
from inventory.keys import name_key
from sync.models.connection import Connection
from sync.sources.odoo.system import SYSTEM, company_of, database_of, language_of
from sync.sources.settings import day_of


class SettingsIncomplete(Problem):
    """Needs a person: a setting without which a connection can't be used is missing or makes no sense."""

    hint = "Correct it in the connection's settings."


@dataclass(frozen=True)
class Options:
    """How a connection is read. `api` is auto, json2 or jsonrpc; `company` a number in Odoo, None for all that the user sees.

    `uncounted` are words in capitals: a location with one of them in its name does not count.
    """

    database: str
    login: str
    api: str
    company: int | None
    language: str
    match_sku: bool
    storable_only: bool
    ordered: bool
    """Purchases are booked as they are ordered, not as they are received."""
    deliveries: bool
    moves_deletable: bool
    book_from: datetime | None
    """From when on moves count in warehouses that are made for the connection; None is from then on."""
    uncounted: frozenset[str]
    page_rows: int
    overlap: timedelta
    connect_seconds: int
    read_seconds: int


def options_of(connection: Connection) -> Options:
    """The settings of `connection`, defaults filled in. Raises SettingsIncomplete naming the one that is missing or wrong."""
    values = SYSTEM.complete(connection.settings)
    company = str(values["company"])
    try:
        return Options(
            database=database_of(str(values["database"])),
            login=str(values["login"]),
            api=str(values["api"]),
            company=int(company_of(company)) if company else None,
            language=language_of(str(values["language"])),
            match_sku=bool(values["match_sku"]),
            storable_only=values["products_filter"] == "storable",
            ordered=values["purchases_mode"] == "ordered",
            deliveries=bool(values["deliveries"]),
            moves_deletable=bool(values["moves_deletable"]),
            book_from=_begin(str(values["book_from"]), connection),
            uncounted=frozenset(name_key(word) for word in str(values["uncounted_places"]).split(",") if word.strip()),
            page_rows=int(values["page_rows"]),
            overlap=timedelta(minutes=int(values["overlap_minutes"])),
            connect_seconds=int(values["connect_seconds"]),
            read_seconds=int(values["read_seconds"]),
        )
    except ValueError as error:
        raise SettingsIncomplete(f"The settings of “{connection}” can't be used: {error}") from error


def _begin(day: str, connection: Connection) -> datetime | None:
    """The first moment of a day in the account's zone. Raises ValueError."""
    return datetime.combine(day_of(day), time.min, ZoneInfo(connection.account.time_zone)) if day else None
