"""A till (point of sale) whose SQL database is read, as a system that connections can be made to (docs/till.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo, available_timezones

from sync.sources.settings import Limits, Timed, brake, day, number, schedules, tested_by
from sync.systems import Scope, Secret, Setting, SettingKind, System

KEY = "pos"
LABEL = "Till (SQL Server)"
SQLSERVER, POSTGRESQL, SQLITE = "sqlserver", "postgresql", "sqlite"
SALES, RETURNS, BRANCHES, TODAY = "sales", "sales_returns", "branches", "today"
"""The feeds; today's sales are sales, too, and have a run and a mark of their own."""
VERIFIED, INSECURE = "verified", "insecure"

FEEDS = {SALES: "Sales", RETURNS: "Sales returns", BRANCHES: "Branches"}
_SERVERS = ("dialect", (SQLSERVER, POSTGRESQL))


def host_of(text: str) -> str:
    """A host's name or address. Raises ValueError with the end of a sentence that begins with the setting's name."""
    host = text.strip()
    if "\\" in host:
        raise ValueError("must be the machine alone: give the port instead of the instance's name.")
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._:-]{0,251}[A-Za-z0-9])?", host) or "://" in host or re.fullmatch(r"[^:]*:\d+", host):
        raise ValueError("must be a machine's name or address alone, for example till.example.com; the port stands by itself.")
    return host


def zone_of(text: str) -> ZoneInfo:
    """A time zone by its name. Raises ValueError with the end of a sentence that begins with the setting's name."""
    name = text.strip()
    if name not in available_timezones():
        raise ValueError("must be the name of a time zone, for example Europe/Berlin.")
    return ZoneInfo(name)


def _zone(text: str) -> str:
    return zone_of(text).key


_WHERE = "Where it is"
_DAYS = "Days"
_CALLS = "Calls"

SETTINGS = (
    Setting(
        "dialect",
        "Database",
        "SQL Server needs the packages of requirements-sqlserver.txt. PostgreSQL is for copies of the till's tables in a schema dbo, "
        "SQLite for files.",
        SettingKind.CHOICE,
        SQLSERVER,
        choices=((SQLSERVER, "SQL Server"), (POSTGRESQL, "PostgreSQL"), (SQLITE, "SQLite file")),
        section=_WHERE,
    ),
    Setting("host", "Server", "The machine, without instance and port.", required=True, when=_SERVERS, section=_WHERE, check=host_of),
    number("port", "Port", "0: the usual one, 1433 for SQL Server and 5432 for PostgreSQL.", 0, _WHERE, least=0, most=65_535),
    Setting("database", "Name of the database", required=True, when=_SERVERS, section=_WHERE),
    Setting(
        "file",
        "File",
        "Its name, seen from the folder that the operator has named with TILL_FILES.",
        required=True,
        when=("dialect", (SQLITE,)),
        section=_WHERE,
    ),
    Setting(
        "encryption",
        "Encryption",
        "Without it everybody in between can read the login and the sales: for old tills that know no other way. Each sync says so.",
        SettingKind.CHOICE,
        VERIFIED,
        choices=((VERIFIED, "On, with the server's certificate checked"), (INSECURE, "Off")),
        when=_SERVERS,
        section=_WHERE,
    ),
    Setting(
        "certificate_name",
        "Name in the certificate",
        "Where it is another one than the server is called by here, for example with an address instead of a name.",
        when=_SERVERS,
        section=_WHERE,
        check=lambda text: host_of(text) if text.strip() else "",
    ),
    Setting(
        "time_zone",
        "Time zone of the till",
        "The till's times have none. Blank: the business account's.",
        section=_DAYS,
        check=lambda text: _zone(text) if text.strip() else "",
    ),
    Setting(
        "start",
        "First day",
        "The first sync begins with it. Blank: 90 days back. What was sold before a warehouse was opened here is kept as history.",
        section=_DAYS,
        check=lambda text: day(text) if text.strip() else "",
    ),
    Setting("earliest", "Earliest day", "A line from before is a mistake, and held.", default="2000-01-01", section=_DAYS, check=day),
    number(
        "lookback_days",
        "Days looked back",
        "So many days are read again each night: bills typed in late, corrected or voided.",
        3,
        _DAYS,
        least=0,
        most=366,
    ),
    number(
        "offline_days",
        "Days a branch may be silent",
        "For so long the days since its last bill are read again, in case it was only offline.",
        30,
        _DAYS,
        least=0,
        most=366,
    ),
    Setting(
        "late_lines",
        "Look for late lines",
        "Each night days further back are read again, too, in which lines were recorded since. It needs the column trDateTime; without an "
        "index there it takes a while.",
        SettingKind.SWITCH,
        default=True,
        section=_DAYS,
    ),
    Setting(
        "returns",
        "Sales returns",
        "Read the tables of sales returns. Negative lines of bills are returns in any case.",
        SettingKind.SWITCH,
        default=True,
        section=_DAYS,
    ),
    *brake(
        "lines",
        removed=Limits(50, 20),
        changed=Limits(500, 60),
        remove="void",
        gone="Voided",
        among="the stored ones of the days that were read,",
        each="lines",
    ),
    number("page_rows", "Lines in a page", "", 5_000, _CALLS, least=100, most=10_000),
    number(
        "run_lines", "Lines in a sync", "A sync that has read so many leaves the other days to the next one.", 300_000, _CALLS, least=1_000
    ),
    number("connect_seconds", "Seconds to connect", "", 10, _CALLS, most=60),
    number("query_seconds", "Seconds for an answer", "", 60, _CALLS, most=600),
    number("lock_seconds", "Seconds behind a lock", "So long the till's own writing is waited for.", 5, _CALLS, most=60),
)

SECRETS = (
    Secret("user", "Login", "One that may read the till's tables and nothing else.", when=_SERVERS),
    Secret("password", "Password", when=_SERVERS),
    Secret(
        "ca",
        "Certificate authority",
        "The certificate (PEM) by which the server's own one is checked; a self-signed one is its own. Blank: the public authorities.",
        when=_SERVERS,
    ),
)

SCOPES = {
    scope.key: scope
    for scope in (
        Scope(
            "sales",
            "sales",
            "The bill lines of the days since the last sync and a few before, with what was typed in late or voided.",
            "Sync sales",
        ),
        Scope("today", "today's sales", "The bill lines of today.", "Sync today's sales", TODAY),
        Scope("sales-returns", "sales returns", "The lines of sales returns, as for sales.", "Sync sales returns", RETURNS),
        Scope("branches", "branches", "The names of the branches. It makes no warehouses.", "Sync branches", BRANCHES),
    )
}

_CRONS = {
    scope: Timed(cron, scope, SCOPES[scope].label)
    for scope, cron in (("today", "*/5 * * * *"), ("sales", "0 1 * * *"), ("sales-returns", "15 1 * * *"), ("branches", "45 0 * * *"))
}

ENVIRONMENT: Mapping[str, str] = {
    "DB_HOST": "settings.host",
    "DB_SERVER": "settings.host",
    "DB_PORT": "settings.port",
    "DB_NAME": "settings.database",
    "DB_DATABASE": "settings.database",
    "DB_USER": "secrets.user",
    "DB_PASSWORD": "secrets.password",
}


SYSTEM = System(
    key=KEY,
    label=LABEL,
    settings=SETTINGS,
    secrets=SECRETS,
    scopes=SCOPES,
    primary_scope="sales",
    dataset=SALES,
    source="sync.sources.pos.source.Source",
    test=tested_by("sync.sources.pos.probing.test"),
    needs_url=lambda _values: False,
    schedules=schedules(KEY, _CRONS),
    feeds=FEEDS,
    in_parts=frozenset({SALES, RETURNS}),
    warehouse_mode=None,
    # A day of a till is told again and again: what it said is in the lines themselves.
    document_days=2,
    unmapped_place="unmapped_branch",
    tells_stock=False,
    environment=ENVIRONMENT,
)
