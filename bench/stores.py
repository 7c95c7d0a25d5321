"""Databases made once and copied for every repetition, so that each begins with the same."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.db import connection


class Stores:
    """Copies of the database that the process is connected to now. Nothing may use the connection of another thread meanwhile."""

    def __init__(self) -> None:
        self._template = str(connection.settings_dict["NAME"])
        self._made: list[str] = []

    def copy(self, name: str) -> str:
        """A copy; its full name. One of the same name is replaced."""
        connection.close()
        if connection.vendor == "sqlite":
            full = str(Path(self._template).with_name(f"{name}.sqlite3"))
            for ending in ("-wal", "-shm"):
                Path(full + ending).unlink(missing_ok=True)
            shutil.copyfile(self._template, full)
        else:
            full = f"{self._template}_{name}"
            with self._admin() as admin:
                admin.execute(f'DROP DATABASE IF EXISTS "{full}" WITH (FORCE)')
                admin.execute(f'CREATE DATABASE "{full}" TEMPLATE "{self._template}"')
        self._made.append(full)
        return full

    def use(self, full: str) -> None:
        """Django's connection goes to this one from now on."""
        connection.close()
        connection.settings_dict["NAME"] = full

    def drop(self) -> None:
        """Remove all copies."""
        self.use(self._template)
        for full in set(self._made):
            if connection.vendor == "sqlite":
                for ending in ("", "-wal", "-shm"):
                    Path(full + ending).unlink(missing_ok=True)
            else:
                with self._admin() as admin:
                    admin.execute(f'DROP DATABASE IF EXISTS "{full}" WITH (FORCE)')

    def bare(self, full: str) -> Any:
        """A connection to this one past Django, with the same settings: the caller begins and commits, and closes it."""
        if connection.vendor == "sqlite":
            import sqlite3

            raw = sqlite3.connect(full, isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
                raw.execute(f"PRAGMA {pragma}")
            return raw
        import psycopg

        return psycopg.connect(**{**self._parameters(), "dbname": full}, autocommit=True)

    def _admin(self) -> Any:
        import psycopg

        return psycopg.connect(**{**self._parameters(), "dbname": "postgres"}, autocommit=True)

    def _parameters(self) -> dict[str, Any]:
        known = connection.get_connection_params()
        return {name: known[name] for name in ("host", "port", "user", "password") if name in known}
