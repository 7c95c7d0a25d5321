"""A database URL becomes Django's DATABASES entry."""

from __future__ import annotations

from typing import Any

from environ import Env

SQLITE_OPTIONS: dict[str, Any] = {
    # A deferred transaction that turns into a write fails at once with "database is locked"; an immediate one waits its turn.
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


def database(url: str) -> dict[str, Any]:
    """The settings for `url` (sqlite:///path or postgres://…): WAL and immediate transactions on SQLite, kept connections on PostgreSQL."""
    entry: dict[str, Any] = dict(Env.db_url_config(url))
    if entry["ENGINE"] == "django.db.backends.sqlite3":
        entry["OPTIONS"] = {**entry.get("OPTIONS", {}), **SQLITE_OPTIONS}
    else:
        # Without kept connections every enqueue reconnects, thirty times slower.
        entry["CONN_MAX_AGE"] = 60
        entry["CONN_HEALTH_CHECKS"] = True
    return entry
