"""Stock for tests of the admin, in plain lines, beside that of tests.inventory.build."""

from __future__ import annotations

from typing import Any

from accounts.models import Account
from inventory.keys import model_key, sku_key
from inventory.models import Bucket, Conflict, Load, Product, Scan, ScanSession, Unit, Warehouse
from tests.inventory.build import DAY_1


def make_session(load: Load, **values: Any) -> ScanSession:
    return ScanSession.objects.create(account=load.account, warehouse=load.warehouse, kind="load", load=load, **values)


def make_bucket_session(warehouse: Warehouse, bucket: str = Bucket.ASIS) -> ScanSession:
    return ScanSession.objects.create(account=warehouse.account, warehouse=warehouse, kind="bucket", bucket=bucket)


def make_scan(session: ScanSession, unit: Unit, **values: Any) -> Scan:
    given = {"text": unit.serial, "scanned_by_label": "Stan", **values}
    return Scan.objects.create(account=session.account, session=session, unit=unit, **given)


def make_conflict(warehouse: Warehouse, key: str = "ZZ900101", **values: Any) -> Conflict:
    given = {"kind": "model_mismatch", "details": {"stored": "QTX10FRIDGE", "listed": "QTX20WASHER"}, "opened_at": DAY_1, **values}
    return Conflict.objects.create(account=warehouse.account, warehouse=warehouse, key=key, **given)


def make_product(account: Account, sku: str = "QTX10FRIDGE", **values: Any) -> Product:
    return Product.objects.create(account=account, sku=sku, sku_key=sku_key(sku), model_key=model_key(sku), **values)
