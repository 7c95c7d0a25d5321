"""Doing to the database by hand what the ledger never does, past its constraints."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from accounts.append_only import maintenance
from accounts.models import Account
from inventory import integrity
from inventory.models import IntegrityReport
from tests.build import make_actor

CONSTRAINTS = {
    "inventory_batch": ("batch_balances", "void_batch_is_empty", "batch_expired_has_expiry"),
    "inventory_level": ("ledger_level_not_negative", "level_reserved_not_negative"),
    "inventory_allocation": ("allocation_of_something",),
    "inventory_sale": ("sale_of_something", "sale_not_more_than_all", "cancelled_sale_is_not_short"),
    "inventory_reconciliation": (),
}


def by_hand(sql: str, *parameters: Any) -> None:
    """Run a statement as somebody with a database tool would who has switched off what was in the way."""
    with _unconstrained(), maintenance("a test breaks it"), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        assert cursor.rowcount > 0, "the statement hit no row"


@contextmanager
def _unconstrained() -> Iterator[None]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table, names in CONSTRAINTS.items():
                for name in names:
                    cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
        try:
            yield
        finally:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA ignore_check_constraints = OFF")


def broken(account: Account) -> dict[str, int]:
    """How many offend, by invariant; those that hold are left out."""
    return {answer["invariant"]: answer["offenders"] for answer in checked(account).checks if answer["offenders"]}


def checked(account: Account) -> IntegrityReport:
    return integrity.check(make_actor(account))


def trouble(account: Account, invariant: str) -> list[str]:
    """What the report says in words of the offenders of an invariant."""
    (answer,) = [each for each in checked(account).checks if each["invariant"] == invariant]
    return [f"{offender['label']}: {offender['trouble']}" for offender in answer["sample"]]
