"""Stock, loads and products for tests, in plain lines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from accounts.models import Account
from inventory.keys import model_key, serial_key
from inventory.models import Bucket, Load, LoadUnit, Unit, Warehouse

DAY_1 = datetime(2026, 2, 3, 9, 15, tzinfo=UTC)
DAY_2 = datetime(2026, 2, 4, 9, 15, tzinfo=UTC)
DAY_3 = datetime(2026, 2, 5, 9, 15, tzinfo=UTC)


def make_warehouse(account: Account, code: str = "7QX") -> Warehouse:
    return Warehouse.objects.create(account=account, name=f"Warehouse {code}", code=code)


def make_load(warehouse: Warehouse, number: str = "7QX20260203091500", **values: Any) -> Load:
    given = {"sale_status": "FOR SALE", "first_seen_at": DAY_1, **values}
    return Load.objects.create(account_id=warehouse.account_id, warehouse=warehouse, number=number, **given)


def make_unit(warehouse: Warehouse, serial: str, model: str = "QTX10FRIDGE", bucket: str = Bucket.ASIS, **values: Any) -> Unit:
    given = {"serial_key": serial_key(serial), "model_key": model_key(model), "status": "Available", "first_seen_at": DAY_1, **values}
    return Unit.objects.create(account_id=warehouse.account_id, warehouse=warehouse, serial=serial, model=model, bucket=bucket, **given)


def make_bulk(warehouse: Warehouse, model: str, quantity: int, bucket: str = Bucket.ASIS, **values: Any) -> Unit:
    given = {"model_key": model_key(model), "first_seen_at": DAY_1, **values}
    return Unit.objects.create(account_id=warehouse.account_id, warehouse=warehouse, model=model, quantity=quantity, bucket=bucket, **given)


def make_line(load: Load, serial: str, model: str = "QTX10FRIDGE", **values: Any) -> LoadUnit:
    """A line of the load's roster."""
    given = {"line_key": f"{load.number} {serial or model}", "serial_key": serial_key(serial), "model_key": model_key(model), **values}
    return LoadUnit.objects.create(
        account_id=load.account_id, warehouse_id=load.warehouse_id, load=load, serial=serial, model=model, **given
    )
