from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.core import Metric

from inventory import integrity
from inventory.metrics import StockCollector
from inventory.models import Level, Reconciliation, Sale
from tests.build import make_account
from tests.inventory.integrity.breaking import by_hand
from tests.inventory.ledger.build import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.buy(10, expires_at=timezone.now() + timedelta(days=10))
    shop.sell(4)
    return shop


def numbers(shop: Shop, name: str) -> dict[tuple[str, ...], float]:
    """The samples of a metric by the values of their labels."""
    found: list[Metric] = [metric for metric in StockCollector(shop.account).collect() if metric.name == f"levelstock_{name}"]
    return {tuple(sample.labels.values()): sample.value for metric in found for sample in metric.samples}


def a_pass(shop: Shop, **values: Any) -> None:
    now = timezone.now()
    given = {"cause": "manual", "asked_by": "Mara", "queued_at": now, "finished_at": now, "status": "succeeded", **values}
    Reconciliation.objects.create(account=shop.account, **given)


def test_passes_are_counted_by_status_and_those_that_never_were_are_zero(shop: Shop) -> None:
    a_pass(shop)
    a_pass(shop)
    a_pass(shop, status="failed")
    found = numbers(shop, "reconciliations")
    assert (found["succeeded",], found["failed",], found["cancelled",]) == (2, 1, 0)


def test_the_last_clean_pass_has_an_age_once_there_was_one(shop: Shop) -> None:
    assert numbers(shop, "last_clean_pass_age_seconds") == {}
    a_pass(shop, counters={"drifted": 0}, finished_at=timezone.now() - timedelta(hours=1))
    a_pass(shop, counters={"drifted": 3})
    (age,) = numbers(shop, "last_clean_pass_age_seconds").values()
    assert 3599 < age < 3700


def test_corrections_are_counted_by_class_and_by_who_found_them(shop: Shop) -> None:
    by_hand("UPDATE inventory_level SET packs = 99000")
    shop.sell(1)
    by_hand("UPDATE inventory_level SET packs = 98000")
    shop.sell(1)
    assert numbers(shop, "corrections_24h") == {("MISMATCH", "true"): 2}


def test_what_waits_for_somebody_is_counted(shop: Shop) -> None:
    Level.objects.update(quarantined_at=timezone.now())
    sold = Sale.objects.get()
    Sale.objects.create(
        account=shop.account, product=shop.tea, warehouse=shop.place, unit_kind="packs", quantity=5, shortfall=2, sold_at=sold.sold_at
    )
    assert numbers(shop, "quarantined_levels") == {(): 1}
    assert numbers(shop, "dirty_keys") == {(): 1}
    assert numbers(shop, "drifts_open") == {(): 0}
    assert numbers(shop, "shortfalls_open") == {("packs",): 1}
    assert numbers(shop, "shortfall_quantity") == {("packs",): 2}


def test_batches_are_counted_by_when_they_expire(shop: Shop) -> None:
    shop.buy(1, expires_at=timezone.now() + timedelta(days=3))
    assert numbers(shop, "batches_expiring") == {("7",): 1, ("14",): 2, ("30",): 2, ("60",): 2}
    by_hand("UPDATE inventory_batch SET expires_at = %s WHERE sold > 0", timezone.now() - timedelta(days=1))
    assert numbers(shop, "batches_expired_unbooked") == {(): 1}
    assert numbers(shop, "batches_expired") == {(): 0}
    shop.sell(1)
    assert numbers(shop, "batches_expired_unbooked") == {(): 0}
    assert numbers(shop, "batches_expired") == {(): 1}


def test_movements_of_the_last_day_are_counted_by_kind(shop: Shop) -> None:
    shop.sell(1)
    by_hand("UPDATE inventory_movement SET booked_at = %s WHERE kind = 'receipt'", timezone.now() - timedelta(days=2))
    assert numbers(shop, "movements_24h") == {("sale",): 2}


def test_the_last_report_is_there_by_invariant(shop: Shop) -> None:
    assert numbers(shop, "integrity_offenders") == {}
    by_hand("UPDATE inventory_level SET packs = 99000")
    integrity.check(shop.actor)
    found = numbers(shop, "integrity_offenders")
    assert (found["I1",], found["I2",]) == (1, 0)


def test_another_accounts_stock_is_not_counted(shop: Shop) -> None:
    other = Shop(make_account("Other"))
    assert numbers(other, "movements_24h") == {}
    assert numbers(shop, "movements_24h") == {("receipt",): 1, ("sale",): 1}


def test_more_stock_takes_no_more_statements(shop: Shop) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            list(StockCollector(shop.account).collect())
        return len(queries)

    few = asked()
    for _ in range(3):
        shop.buy(4)
        shop.sell(1)
    assert asked() == few <= 16
