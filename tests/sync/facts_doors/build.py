"""Held lines of a till, in plain lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from accounts.models import Account
from inventory.models import Product, Warehouse
from sync.facts.booking import book_waiting
from sync.models import Connection, SourceFact, WarehouseRef
from tests.sync.facts.build import BILLED, line, product, shop, stock

DAY, DAY_AFTER = date(2026, 5, 1), date(2026, 5, 2)


@dataclass
class Held:
    """Branch 001 is assigned, 002 is not. Of the lines: two in 002, three of the barcode 9001, one of 9002 that two products have,
    one without a quantity, and one that is booked."""

    account: Account
    connection: Connection
    store: Warehouse
    soap: Product
    towel: Product

    def states(self) -> dict[str, str]:
        """The state of each line by its key, with the reason where it is held."""
        rows = SourceFact.objects.filter(connection=self.connection).values_list("external_id", "state", "code")
        return {key: f"{state} {code}".strip() for key, state, code in rows}

    def book(self) -> None:
        """What a worker does."""
        book_waiting(self.connection)


def make_held(account: Account) -> Held:
    store = shop(account, "One")
    soap = product(account, "SOAP", "4001", "9002", name="Soap")
    towel = product(account, "TOWEL", "9002", name="Towel")
    stock(account, soap, store, 100)
    return sell(Held(account, make_till(account, store), store, soap, towel))


def make_second(held: Held) -> Held:
    """Another till of the same account, of which the same is held."""
    connection = make_till(held.account, held.store, "Second")
    return sell(Held(held.account, connection, held.store, held.soap, held.towel), f"POS@{connection.pk}")


def make_till(account: Account, store: Warehouse, name: str = "Till") -> Connection:
    connection = Connection.objects.create(account=account, system="pos", name=name, settings={"dialect": "sqlite", "file": "till.sqlite3"})
    for code, warehouse in (("001", store), ("002", None)):
        WarehouseRef.objects.create(
            account=account, connection=connection, external_id=code, name=f"Branch {code}", warehouse=warehouse, first_seen_at=BILLED
        )
    return connection


def sell(held: Held, prefix: str = "POS") -> Held:
    connection = held.connection
    line(connection, f"{prefix}:001:B1:1", 2, day=DAY)
    line(connection, f"{prefix}:002:B5:1", 3, place="002", day=DAY)
    line(connection, f"{prefix}:002:B5:2", 4, place="002", day=DAY_AFTER)
    for number in (1, 2, 3):
        line(connection, f"{prefix}:001:B2:{number}", number, barcode="9001", day=DAY)
    line(connection, f"{prefix}:001:B3:1", 1, barcode="9002", day=DAY)
    line(connection, f"{prefix}:001:B4:1", None, day=DAY, said_problem="bad_quantity")
    held.book()
    assert held.states()[f"{prefix}:001:B1:1"] == "booked"
    return held
