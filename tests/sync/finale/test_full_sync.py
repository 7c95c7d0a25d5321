"""Everything read once: products, suppliers, locations, stock and points stand here as they stand in Finale."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.models import Account
from inventory.models import Level, Product, Vendor, Warehouse
from sync import runs
from sync.models import Connection, Status, SyncRun, Trigger
from tests.build import make_actor
from tests.sync.finale.build import FinaleStandIn, finale_connection

pytestmark = pytest.mark.django_db


def sync(connection: Connection, scope: str = "full") -> SyncRun:
    run = runs.start(make_actor(connection.account), connection, scope, trigger=Trigger.BUTTON)
    runs.execute(run.pk)
    run.refresh_from_db()
    return run


@pytest.fixture
def connection(account: Account, finale: FinaleStandIn) -> Connection:
    return finale_connection(account, finale)


def totals() -> dict[str, tuple[int, int, int]]:
    """On hand, reserved and on order by SKU, over all warehouses."""
    found: dict[str, tuple[int, int, int]] = {}
    for level in Level.objects.select_related("product"):
        before = found.get(level.product.sku, (0, 0, 0))
        now = (level.units, level.reserved_units, level.on_order_units)
        found[level.product.sku] = tuple(int(a + b) for a, b in zip(before, now, strict=True))  # type: ignore[assignment]
    return found


def test_totals_of_the_sample_are_exact(connection: Connection) -> None:
    run = sync(connection)
    assert run.status == Status.SUCCEEDED, run.message
    assert {sku: found for sku, found in totals().items() if any(found)} == {
        "SOIL-25": (52, 18, 100),
        "PERLITE-4CF": (6, 9, 0),
        "OLD-KIT": (2, 0, 0),
    }


def test_products_carry_what_finale_says(connection: Connection) -> None:
    sync(connection)
    soil = Product.objects.get(sku="SOIL-25")
    assert (soil.name, soil.purchase_price, soil.lead_time_days, soil.active) == ("Potting soil 25 l", Decimal("7.35"), 14, True)
    assert soil.vendor is not None
    assert (soil.vendor.name, soil.vendor.email) == ("Green Source Ltd", "orders@greensource.example")
    assert list(soil.aliases.values_list("text", flat=True)) == ["085000123450"]
    old = Product.objects.get(sku="OLD-KIT")
    # A cost of nothing is not known, and it is not to be reordered.
    assert (old.active, old.reorder_excluded, old.purchase_price) == (False, True, None)
    assert sorted(Vendor.objects.values_list("name", flat=True)) == ["Green Source Ltd", "Mineral Works"]
    assert list(Warehouse.objects.filter(references__isnull=False).values_list("name", flat=True)) == ["Main warehouse"]


def test_reorder_point_is_known_or_null_and_never_nought(connection: Connection) -> None:
    sync(connection)
    points = {level.product.sku: level.reorder_point for level in Level.objects.select_related("product")}
    assert points["PERLITE-4CF"] == 24
    assert points["SOIL-25"] is None


def test_second_sync_changes_nothing(connection: Connection) -> None:
    sync(connection)
    run = sync(connection)
    assert (run.status, run.changes_logged) == (Status.SUCCEEDED, 0), run.message
    # Locations, suppliers, products and stock lines. The orders are older than what is read again.
    assert run.counters["processed"] == run.counters["unchanged"] == 4 + 2 + 4 + 4
