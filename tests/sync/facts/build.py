"""A shop with a till, and lines of its bills as stored facts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from accounts.models import Account
from inventory import ledger
from inventory.catalogue import add_alias, add_product
from inventory.models import AliasKind, Level, Product, Warehouse
from inventory.warehouses import add_warehouse
from sync.models import Connection, FactKind, SourceFact, WarehouseRef
from tests.build import make_actor

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
BILLED = datetime(2026, 5, 1, 12, tzinfo=UTC)


def till(account: Account, *branches: tuple[str, Warehouse | None]) -> Connection:
    """A connection that tells of these branches."""
    connection = Connection.objects.create(account=account, system="finale", name="Till", settings={})
    for code, warehouse in branches:
        WarehouseRef.objects.create(
            account=account, connection=connection, external_id=code, name=f"Branch {code}", warehouse=warehouse, first_seen_at=BILLED
        )
    return connection


def shop(account: Account, code: str = "S", *, mode: str = "ledger") -> Warehouse:
    """A warehouse that was opened here long before anything was billed."""
    made = add_warehouse(make_actor(account), name=f"Shop {code}", code=code, mode=mode)
    made.opened_at = OPENED
    made.save()
    return made


def product(account: Account, sku: str = "SOAP", *barcodes: str, **about: Any) -> Product:
    made = add_product(make_actor(account), sku=sku, unit_kind="units", **about)
    for barcode in barcodes:
        add_alias(make_actor(account), made, AliasKind.BARCODE, barcode)
    return made


def line(
    connection: Connection, key: str, quantity: int | None = 1, *, barcode: str = "4001", place: str = "001", **about: Any
) -> SourceFact:
    """A waiting fact, by default a sale of so many pieces in branch 001."""
    values = {"kind": FactKind.SALE, "feed": "sales", "happened_at": BILLED, "document": key.rpartition(":")[0], **about}
    return SourceFact.objects.create(
        account=connection.account,
        connection=connection,
        external_id=key,
        barcode=barcode,
        barcode_key=barcode,
        place_there=place,
        quantity=quantity,
        first_seen_at=BILLED,
        **values,
    )


def stock(account: Account, product_: Product, warehouse: Warehouse, quantity: int) -> None:
    ledger.receive(make_actor(account), product=product_, warehouse=warehouse, unit_kind="units", quantity=quantity, unit_cost=2)


def units(product_: Product, warehouse: Warehouse) -> int:
    """How many are in the level."""
    return int(Level.objects.filter(product=product_, warehouse=warehouse).values_list("units", flat=True).first() or 0)
