"""Stock in the audit log."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import Account, AuditLog
from inventory import ledger
from inventory.models import Level
from tests.admin.pages import page, queries_of
from tests.inventory.ledger.build import Shop, in_days, let_expire, make_product

LOG = "/admin/accounts/auditlog/"


@pytest.fixture
def shop(account: Account) -> Shop:
    return Shop(account)


def test_correction_shows_before_and_after_side_by_side_with_the_difference(viewer: Client, shop: Shop) -> None:
    shop.buy(100)
    Level.objects.update(packs=Decimal(105))
    shop.sell(1)
    row = AuditLog.objects.get(action="AUTO_SYNC_CORRECTION")
    assert "QTX-TEA: packs 105 → 100 (−5)" in page(viewer, LOG)
    shown = page(viewer, f"{LOG}{row.pk}/change/")
    assert "Field Before After Difference" in shown
    assert "packs 105 100 −5" in shown
    assert "pallets 0 0 0" in shown
    assert "triggeredBy sale_creation sale_creation" in shown


def test_a_product_is_followed_through_all_that_is_booked_of_it(viewer: Client, shop: Shop) -> None:
    oil = make_product(shop.account, "QTX-OIL", name="Olive")
    bought, other = shop.buy(10, expires_at=in_days(3)), shop.buy(10, product=oil)
    sale = shop.sell(2)
    written = ledger.write_off(shop.actor, product=shop.tea, warehouse=shop.place, unit_kind="packs", quantity=1, reason="lost", note="x")
    let_expire(bought)
    Level.objects.filter(product=shop.tea).update(packs=Decimal(50))
    shop.buy(1)
    of_tea = {row.entity for row in AuditLog.objects.exclude(entity="Purchase", entity_id=str(other.pk))}
    assert of_tea == {"Purchase", "Sale", "WriteOff", "Batch", "WarehouseInventory"}
    content = viewer.get(f"{LOG}?product=qtx-tea").content.decode()
    links = ("purchase", bought.pk), ("sale", sale.pk), ("writeoff", written.pk), ("batch", bought.batch_id)
    for name, pk in (*links, ("level", Level.objects.get(product=shop.tea).pk)):
        assert f'href="/admin/inventory/{name}/{pk}/change/"' in content, name
    assert f"/admin/inventory/purchase/{other.pk}/change/" not in content
    assert "/admin/inventory/" not in "".join(
        line for line in viewer.get(f"{LOG}?product=nowhere").content.decode().splitlines() if "/change/" in line
    )


def test_filtered_by_cause_action_and_correlation(viewer: Client, shop: Shop) -> None:
    bought, sale = shop.buy(10), shop.sell(2)
    for query, seen, unseen in (
        ("cause=sale_creation", f"/sale/{sale.pk}/", f"/purchase/{bought.pk}/"),
        (f"correlation={bought.correlation}", f"/purchase/{bought.pk}/", f"/sale/{sale.pk}/"),
        (f"correlation={sale.correlation}", f"/sale/{sale.pk}/", f"/purchase/{bought.pk}/"),
    ):
        content = viewer.get(f"{LOG}?{query}").content.decode()
        assert seen in content, query
        assert unseen not in content, query
    assert "Auto sync correction" not in page(viewer, f"{LOG}?action=AUTO_SYNC_CORRECTION").replace("All Add Auto sync correction", "")
    assert "No row matches" in page(viewer, f"{LOG}?correlation=nonsense")


def test_it_asks_the_same_for_many_rows(viewer: Client, shop: Shop) -> None:
    shop.buy(10)
    few = queries_of(viewer, f"{LOG}?product=tea")
    for _ in range(10):
        shop.buy(1)
    assert queries_of(viewer, f"{LOG}?product=tea") == few
    assert few <= 13
