from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from inventory.catalogue import add_product
from inventory.errors import SkuTaken
from inventory.models import Product, Scan, ScanSession
from inventory.scanning import scan
from tests.build import make_account, make_actor
from tests.inventory.build import make_unit, make_warehouse

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(do: Callable[[], str]) -> list[str]:
    """What four threads get that do the same thing at the same moment."""
    together = threading.Barrier(4)

    def one(_number: int) -> str:
        try:
            connection.ensure_connection()
            together.wait(150)
            return do()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        return sorted(threads.map(one, range(4)))


def test_one_unit_scanned_by_many_is_one_scan() -> None:
    actor = make_actor(make_account())
    warehouse = make_warehouse(actor.account)
    make_unit(warehouse, "ZZ900101")
    session = ScanSession.objects.create(account=actor.account, warehouse=warehouse, kind="bucket", bucket="ASIS")
    assert at_once(lambda: scan(actor, session, "ZZ900101").state) == ["again", "again", "again", "new"]
    assert Scan.objects.count() == 1


def test_one_sku_added_by_many_is_one_product() -> None:
    actor = make_actor(make_account())

    def add() -> str:
        try:
            return add_product(actor, sku="FRIDGE").sku
        except SkuTaken as taken:
            return taken.code

    assert at_once(add) == ["FRIDGE", "sku_taken", "sku_taken", "sku_taken"]
    assert Product.objects.count() == 1
