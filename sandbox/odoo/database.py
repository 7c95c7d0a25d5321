"""A database of Odoo: its tables, its transactions, and how records are found."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from sandbox.odoo.fields import Model
from sandbox.odoo.records import (
    Category,
    Company,
    Currency,
    Line,
    Location,
    Move,
    Order,
    Orderpoint,
    Partner,
    Picking,
    PickingType,
    Product,
    Production,
    Quant,
    Row,
    Scrap,
    Template,
    Unit,
    User,
    Warehouse,
)
from sandbox.odoo.tables import Table
from sandbox.system import ActionError

R = TypeVar("R", bound=Row)
VERSIONS = (16, 17, 18, 19)
LANGUAGES = ("en_US", "de_DE", "ur_PK")
_OLD = {
    "Vendors": "Partners/Vendors",
    "Customers": "Partners/Customers",
    "Inventory adjustment": "Virtual Locations/Inventory adjustment",
    "Scrap": "Virtual Locations/Scrap",
    "Production": "Virtual Locations/Production",
    "Inter-warehouse transit": "Physical Locations/Inter-warehouse transit",
}
"""What standard locations are called up to 18, by what they are called from 19 on."""


def real_now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass
class Late:
    """A transaction that has begun: its time is fixed, and ids of records to come are drawn."""

    at: datetime
    ids: dict[int, list[int]] = field(default_factory=dict)


class Database:
    """What a new database has. All that reads or changes it holds `lock`."""

    def __init__(self, version: int = 19, now: Callable[[], datetime] = real_now) -> None:
        self.lock = threading.RLock()
        self.now = now
        self.day = 0
        self._stamp: datetime | None = None
        self._late: Late | None = None
        self._version = version
        self.currencies: Table[Currency] = Table(1)
        self.companies: Table[Company] = Table(1)
        self.users: Table[User] = Table(9)
        self.units: Table[Unit] = Table(1)
        self.partners: Table[Partner] = Table(41)
        self.categories: Table[Category] = Table(11)
        self.templates: Table[Template] = Table(301)
        self.products: Table[Product] = Table(401)
        self.locations: Table[Location] = Table(1)
        self.picking_types: Table[PickingType] = Table(1)
        self.warehouses: Table[Warehouse] = Table(4)
        self.orderpoints: Table[Orderpoint] = Table(21)
        self.quants: Table[Quant] = Table(1001)
        self.orders: Table[Order] = Table(51)
        self.lines: Table[Line] = Table(151)
        self.pickings: Table[Picking] = Table(81)
        self.moves: Table[Move] = Table(2001)
        self.scraps: Table[Scrap] = Table(5)
        self.productions: Table[Production] = Table(3)
        with self.transaction():
            self._install()

    def _install(self) -> None:
        self.rupees = self._new(self.currencies, Currency, name="PKR")
        self.company = self._new(self.companies, Company, name="Freshmart", currency=self.rupees)
        self.user = self._new(
            self.users, User, name="Stock sync", login="sync@freshmart.example", company=self.company, companies=[self.company]
        )
        self.piece = self._new(self.units, Unit, name="Units", size=1.0, rounding=0.01)
        self.dozen = self._new(self.units, Unit, name="Dozens", size=12.0, rounding=0.01, family=self.piece)
        self.kilo = self._new(self.units, Unit, name="kg", size=1.0, rounding=0.001)
        self.gram = self._new(self.units, Unit, name="g", size=0.001, rounding=1.0, family=self.kilo)
        self.vendors = self._place("Vendors", "supplier")
        self.customers = self._place("Customers", "customer")
        self.losses = self._place("Inventory adjustment", "inventory")
        self.scrapped = self._place("Scrap", "inventory", scrap=True)
        self.making = self._place("Production", "production")
        self.transit = self._place("Inter-warehouse transit", "transit")
        if self._version >= 19:
            self.locations.drop(self.scrapped)

    def _place(self, name: str, usage: str, **more: Any) -> Location:
        complete = name if self._version >= 19 else _OLD[name]
        return self._new(self.locations, Location, name=name, usage=usage, complete_name=complete, **more)

    @property
    def version(self) -> int:
        """Odoo's major version."""
        return self._version

    def upgrade(self, version: int) -> None:
        """Be that version from now on, with all data. Raises ActionError."""
        if version not in VERSIONS:
            raise ActionError(f"There is no version {version}. There are: {', '.join(map(str, VERSIONS))}.")
        with self.transaction():
            self._version = version
            for place in (self.vendors, self.customers, self.losses, self.scrapped, self.making, self.transit):
                place.complete_name = place.name if version >= 19 else _OLD[place.name]
                self._touch(place)
            there = self.locations.get(self.scrapped.id) is not None
            if version < 19 and not there:
                self.locations.put(self.scrapped)

    def table(self, model: Model) -> Table[Any]:
        """The records of a model."""
        found: Table[Any] = getattr(self, model.table)
        return found

    # Transactions

    @contextmanager
    def transaction(self, at: datetime | None = None) -> Iterator[datetime]:
        """All that is written in it has the time at which it began. One inside another is the same one."""
        with self.lock:
            if self._stamp is not None:
                yield self._stamp
                return
            self._stamp = at or self.now()
            try:
                yield self._stamp
            finally:
                self._stamp = None

    @contextmanager
    def at(self, moment: datetime | str) -> Iterator[None]:
        """What is done in it is done at that time, UTC."""
        fixed = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        fixed = fixed.astimezone(UTC).replace(tzinfo=None) if fixed.tzinfo else fixed
        with self.lock:
            before, self.now = self.now, lambda: fixed
            try:
                yield
            finally:
                self.now = before

    def begin(self) -> Late:
        """A transaction that begins now; nothing of it is seen before it is finished. Its new records have their ids already."""
        with self.lock:
            return Late(self.now())

    def reserve(self, late: Late, table: Table[Any], count: int = 1) -> None:
        """Draw ids for `count` records which the late transaction will make, before others draw theirs."""
        with self.lock:
            late.ids.setdefault(id(table), []).extend(table.next_id() for _ in range(count))

    @contextmanager
    def finish(self, late: Late) -> Iterator[None]:
        """What is done in it becomes visible now, stamped with the time at which the transaction began."""
        with self.transaction(late.at):
            self._late = late
            try:
                yield
            finally:
                self._late = None

    @property
    def stamp(self) -> datetime:
        assert self._stamp is not None, "only inside a transaction"
        return self._stamp

    def _new(self, table: Table[R], made: type[R], /, **values: Any) -> R:
        drawn = self._late.ids.get(id(table)) if self._late else None
        number = drawn.pop(0) if drawn else table.next_id()
        return table.put(made(id=number, created=self.stamp, written=self.stamp, **values))

    def _touch(self, *rows: Row) -> None:
        for row in rows:
            row.written = self.stamp

    def touch(self, *rows: Row) -> None:
        """Write the same values again: nothing changes but the time of the last change."""
        with self.transaction():
            self._touch(*rows)

    # Lookups

    def product(self, product: Product | str | int) -> Product:
        """By itself, its id, its code or its barcode. Raises ActionError."""
        if isinstance(product, Product):
            return product
        given = str(product).strip()
        for row in self.products:
            if given in (row.code, row.barcode) or (given == str(row.id)):
                return row
        raise ActionError(f"There is no product “{given}”.")

    def warehouse(self, warehouse: Warehouse | str) -> Warehouse:
        """By itself, its code or its name. Raises ActionError."""
        return self._one(self.warehouses, "warehouse", warehouse, "code", "name")

    def partner(self, partner: Partner | str) -> Partner:
        """By itself or its name. Raises ActionError."""
        return self._one(self.partners, "partner", partner, "name")

    def category(self, category: Category | str) -> Category:
        """By itself, its name or its complete name. Raises ActionError."""
        return self._one(self.categories, "category", category, "complete_name", "name")

    def _one(self, table: Table[R], what: str, given: R | str, *names: str) -> R:
        if isinstance(given, Row):
            return given
        for name in names:
            for row in table:
                if getattr(row, name).casefold() == str(given).strip().casefold():
                    return row
        raise ActionError(f"There is no {what} “{given}”.")
