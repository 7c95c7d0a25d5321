"""What tests of Finale's syncs do again and again, and what they look at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.models import Demand, Level, Product, Supply, Vendor
from sync import runs
from sync.models import CallBudget, Connection, FeedState, OrderRef, ProductRef, Status, StockRef, SyncRun, Trigger, VendorRef, WarehouseRef
from tests.build import make_actor


def begin(connection: Connection, scope: str = "full") -> SyncRun:
    return runs.start(make_actor(connection.account), connection, scope, trigger=Trigger.BUTTON)


def work(run: SyncRun) -> SyncRun:
    """A worker takes the run up."""
    runs.execute(run.pk)
    run.refresh_from_db()
    return run


def sync(connection: Connection, scope: str = "full") -> SyncRun:
    return work(begin(connection, scope))


def synced(connection: Connection, scope: str = "full") -> SyncRun:
    """A sync that has to succeed."""
    run = sync(connection, scope)
    assert run.status == Status.SUCCEEDED, run.message
    return run


def later(run: SyncRun) -> SyncRun:
    """The time has come for a run that was put down: its moment is past and the budgets are free again."""
    CallBudget.objects.filter(connection=run.connection).update(spent=[], blocked_until=None)
    SyncRun.objects.filter(pk=run.pk).update(resume_at=timezone.now() - timedelta(seconds=1))
    return work(run)


def on_hand() -> dict[str, int]:
    """Whole units on hand by SKU, over all warehouses; what has none is left out."""
    found: dict[str, int] = {}
    for sku, units in Level.objects.values_list("product__sku", "units"):
        found[sku] = found.get(sku, 0) + int(units)
    return {sku: units for sku, units in found.items() if units}


def code_of(run: SyncRun, feed: str) -> str:
    """What a run says is wrong with a feed."""
    return str(run.feeds.filter(feed=feed, part="").values_list("error_code", flat=True).get())


def dump(connection: Connection) -> bytes:
    """What a connection says and what follows from it here, sorted by keys: without ids, runs and our own times."""
    mine = {"account": connection.account_id}
    gone = [(ref.external_id, bool(ref.gone_at)) for ref in ProductRef.objects.filter(connection=connection).order_by("external_id")]
    return json.dumps(
        {
            "products": _rows(
                ProductRef, connection, "external_id", "sku", "name", "barcode", "cost", "guidelines", "product__sku", "problem"
            ),
            "gone": gone,
            "vendors": _rows(VendorRef, connection, "external_id", "name", "email", "vendor__name"),
            "places": _rows(WarehouseRef, connection, "external_id", "name", "counts", "warehouse__name"),
            "stock": _rows(StockRef, connection, "key", "sku", "on_hand", "reserved", "on_order"),
            "orders": _rows(OrderRef, connection, "external_id", "status", "lines"),
            "here": sorted(
                Product.objects.filter(**mine).values_list(
                    "sku", "name", "active", "purchase_price", "vendor__name", "lead_time_days", "category__name", "reorder_excluded"
                ),
                key=str,
            ),
            "sellers": sorted(Vendor.objects.filter(**mine).values_list("name", "email", "phone", "address", "active"), key=str),
            "levels": sorted(
                Level.objects.filter(**mine).values_list(
                    "product__sku", "warehouse__name", "units", "reserved_units", "on_order_units", "reorder_point", "reorder_quantity"
                ),
                key=str,
            ),
            "supply": sorted(Supply.objects.filter(**mine).values_list("product__sku", "state", "available", "reorder_point"), key=str),
            "demand": sorted(
                Demand.objects.filter(**mine).values_list("document", "line", "product__sku", "warehouse__name", "day", "quantity"), key=str
            ),
            "measures": sorted(FeedState.objects.filter(connection=connection).values_list("feed", "rows"), key=str),
        },
        default=str,
        sort_keys=True,
        indent=1,
    ).encode()


def _rows(model: Any, connection: Connection, *columns: str) -> list[Any]:
    return list(model.objects.filter(connection=connection).order_by(columns[0]).values_list(*columns))


@contextmanager
def counting() -> Iterator[CaptureQueriesContext]:
    """The statements of a block."""
    with CaptureQueriesContext(database) as seen:
        yield seen
