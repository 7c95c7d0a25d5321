"""The page of a product that says why there is so much of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, AuditLog
from accounts.roles import Role
from inventory import ledger, mirror
from inventory.models import Level, Movement, Sale, Warehouse
from tests.admin.pages import page, queries_of
from tests.build import make_account
from tests.inventory.build import make_unit, make_warehouse
from tests.inventory.ledger.build import Shop, in_days, let_expire, make_place
from tests.inventory.stock import LONG_AGO, make_level, make_movement


@pytest.fixture
def shop(account: Account) -> Shop:
    return Shop(account)


def address(shop: Shop, query: str = "") -> str:
    return f"/admin/inventory/level/product/{shop.tea.pk}/{query}"


def test_level_is_explained_by_batches_that_add_up(viewer: Client, shop: Shop) -> None:
    shop.buy(100, lot="A-17", reference="INV-501")
    shop.sell(10, reference="BILL-1")
    shown = page(viewer, address(shop))
    assert "90 packs available" in shown
    assert "Shop MAIN, packs 100 −10 = 90 packs 90 packs" in shown
    assert "lot A-17" in shown
    assert "100 10 sold" in shown


def test_movements_say_what_why_who_and_what_was_there_then(viewer: Client, shop: Shop) -> None:
    shop.buy(100, reference="INV-501")
    shop.sell(10, reference="BILL-1")
    shown = page(viewer, address(shop))
    told = shown[shown.index("newest first") :]
    assert re.search(r"Sale Shop MAIN Batch \d+ −10 packs 90 packs Sale \d+, BILL-1 Mara", told)
    assert re.search(r"Receipt Shop MAIN Batch \d+ \+100 packs 100 packs Purchase \d+, INV-501 Mara", told)
    assert told.index("BILL-1") < told.index("INV-501")


def test_document_and_batch_are_a_click_away(viewer: Client, shop: Shop) -> None:
    purchase = shop.buy(100)
    content = viewer.get(address(shop)).content.decode()
    assert f'href="/admin/inventory/purchase/{purchase.pk}/change/"' in content
    assert f'href="/admin/inventory/batch/{purchase.batch_id}/change/"' in content


def test_correction_shows_what_was_found_and_what_it_was_set_to(viewer: Client, shop: Shop) -> None:
    shop.buy(100)
    Level.objects.update(packs=Decimal(105))
    shop.sell(1)
    shown = page(viewer, address(shop))
    assert "found 105 packs, set right to 100 packs (−5)" in shown
    assert "Found when something else was booked (sale entered)" in shown


def test_what_has_expired_and_is_not_booked_is_called_out_and_not_counted(viewer: Client, shop: Shop) -> None:
    let_expire(shop.buy(5, expires_at=in_days(3)))
    Level.objects.filter(product=shop.tea).update(packs=Decimal(5))
    shown = page(viewer, address(shop))
    assert "0 packs available" in shown
    assert "5 packs expired and not booked out yet" in shown
    assert "Out of stock" in shown


def test_none_loose_of_what_lies_in_pallets_is_not_called_out_of_stock(viewer: Client, shop: Shop) -> None:
    shop.buy(2, "pallets")
    shown = page(viewer, address(shop))
    assert "Out of packs" in shown
    assert "Out of stock" not in shown


def test_quarantine_is_in_words(viewer: Client, shop: Shop) -> None:
    shop.buy(5)
    Level.objects.update(quarantined_at=timezone.now(), quarantine_reason="Batch 1 has received 5 but 4 are accounted for.")
    shown = page(viewer, address(shop))
    assert "Quarantined since" in shown
    assert "Batch 1 has received 5 but 4 are accounted for." in shown


def test_open_shortfall_is_told(viewer: Client, shop: Shop) -> None:
    shop.buy(5)
    sold = {"account": shop.account, "product": shop.tea, "warehouse": shop.place, "unit_kind": "packs", "sold_at": timezone.now()}
    Sale.objects.create(quantity=4, shortfall=3, **sold)
    assert "3 packs went out before any of it was here, in 1 sale." in page(viewer, address(shop))


def test_mirror_says_what_it_follows(viewer: Client, shop: Shop, warehouse: Warehouse) -> None:
    make_unit(warehouse, "ZZ900101", product=shop.tea)
    make_unit(warehouse, "ZZ900102", bucket="FG", status="Reserved", product=shop.tea)
    make_unit(warehouse, "ZZ900103", bucket="STA", product=shop.tea)
    mirror.follow_units(shop.account)
    shown = page(viewer, address(shop))
    assert "It follows the appliances here: 1 in FG, 1 in ASIS, 1 in STA. What is in STA does not count." in shown
    assert "Units 2 1 1" in shown


class TestThePast:
    """100 came in on day one, 10 went on day three."""

    @pytest.fixture(autouse=True)
    def _moved(self, shop: Shop) -> None:
        self.shop = shop
        make_level(shop.tea, shop.place, packs=Decimal(90))
        make_movement(shop.tea, shop.place, 100, 100, booked_at=LONG_AGO, actor_label="Ann")
        make_movement(shop.tea, shop.place, -10, 90, kind="sale", booked_at=LONG_AGO + timedelta(days=2), actor_label="Ben")

    def test_shows_the_numbers_then_and_what_made_them(self, viewer: Client) -> None:
        shown = page(viewer, address(self.shop, "?at=2026-01-03T12:00"))
        assert "Shop MAIN 100 packs add_circle Receipt +100 packs 2026-01-02 09:00:00" in shown
        assert "Ben" not in shown[shown.index("Movements up to") :]

    def test_moment_is_the_account_s(self, viewer: Client) -> None:
        Account.objects.update(time_zone="Asia/Tokyo")
        # The receipt was at 18:00 there.
        assert "Nothing had moved by then" in page(viewer, address(self.shop, "?at=2026-01-02T17:59"))
        assert "100 packs add_circle Receipt" in page(viewer, address(self.shop, "?at=2026-01-02T18:01"))

    @pytest.mark.parametrize("nonsense", ["yesterday", "2026-02-31T10:00", "99999-01-01T00:00", "%00"])
    def test_no_moment_is_said_to_be_none(self, viewer: Client, nonsense: str) -> None:
        response = viewer.get(address(self.shop, f"?at={nonsense}"))
        assert response.status_code in (200, 400)
        if response.status_code == 200:
            assert "is no moment" in response.content.decode()


def test_year_is_drawn_with_the_same_in_a_table(viewer: Client, shop: Shop) -> None:
    came = timezone.now() - timedelta(days=200)
    make_level(shop.tea, shop.place, packs=Decimal(90))
    make_movement(shop.tea, shop.place, 100, 100, booked_at=came)
    make_movement(shop.tea, shop.place, -10, 90, kind="sale", booked_at=came + timedelta(days=2))
    content = viewer.get(address(shop, "?days=365")).content.decode()
    assert '<path class="ls-chart-line" d="M0,' in content
    shown = page(viewer, address(shop, "?days=365"))
    assert "From 0 packs to 90 packs; lowest 0, highest 100." in shown


def test_narrowed_to_a_warehouse_and_a_unit_kind(viewer: Client, shop: Shop) -> None:
    other = make_place(shop.account, "BACK")
    shop.buy(7)
    shop.receive(2, "pallets", warehouse=other)
    only = page(viewer, address(shop, f"?warehouse={other.pk}"))
    assert "7 packs" not in only
    assert "+2 pallets" in only
    assert "+2 pallets" not in page(viewer, address(shop, "?kind=packs"))


def test_older_movements_are_a_page_further(viewer: Client, shop: Shop) -> None:
    for number in range(52):
        make_movement(shop.tea, shop.place, 1, number + 1, actor_label=f"Hand {number}.")
    first = viewer.get(address(shop)).content.decode()
    assert "Hand 51." in first
    assert "Hand 1." not in first
    older = re.search(r'href="(\?[^"]*before=\d+[^"]*)#movements">Older', first)
    assert older is not None
    shown = page(viewer, address(shop, older.group(1).replace("&amp;", "&")))
    assert "Hand 1." in shown
    assert "Hand 2." not in shown


class TestReconcileNow:
    def test_staff_sets_a_wrong_counter_right_and_is_told_so(self, staff: Client, shop: Shop) -> None:
        shop.buy(100)
        Level.objects.update(packs=Decimal(105))
        answer = staff.post(f"{address(shop)}reconcile/", follow=True)
        assert "Set right: Shop MAIN from 105 packs to 100 packs." in answer.content.decode()
        assert shop.packs == 100
        assert AuditLog.objects.get(action="AUTO_SYNC_CORRECTION").cause == "manual"

    def test_nothing_wrong_writes_nothing(self, staff: Client, shop: Shop) -> None:
        shop.buy(100)
        before = Movement.objects.count()
        answer = staff.post(f"{address(shop)}reconcile/", follow=True)
        assert "agrees with its batches. Nothing was changed." in answer.content.decode()
        assert Movement.objects.count() == before

    def test_viewer_is_refused_and_not_offered_it(self, viewer: Client, shop: Shop) -> None:
        shop.buy(100)
        Level.objects.update(packs=Decimal(105))
        assert viewer.post(f"{address(shop)}reconcile/").status_code == 403
        assert "Reconcile this product now" not in page(viewer, address(shop))
        assert shop.packs == 105

    def test_looking_at_the_address_does_nothing(self, staff: Client, shop: Shop) -> None:
        assert staff.get(f"{address(shop)}reconcile/").status_code == 405


class TestReorderPoint:
    def test_manager_sets_it(self, manager: Client, shop: Shop) -> None:
        shop.buy(15)
        given = {"warehouse": shop.place.pk, "point": "20", "quantity": "100"}
        answer = manager.post(f"{address(shop)}reorder/", given, follow=True)
        shown = answer.content.decode()
        assert "is to be ordered when Shop MAIN has 20 packs or fewer" in shown
        assert "Order more at 20 packs or fewer, then 100 packs." in shown
        level = Level.objects.get()
        assert (level.reorder_point, level.reorder_quantity) == (20, 100)

    def test_what_is_no_number_is_refused_in_words(self, manager: Client, shop: Shop) -> None:
        shop.buy(15)
        answer = manager.post(f"{address(shop)}reorder/", {"warehouse": shop.place.pk, "point": "many"}, follow=True)
        assert "“many” is not a number." in answer.content.decode()
        assert Level.objects.get().reorder_point is None

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.STAFF])
    def test_others_are_refused(self, browser_as: Callable[[Role], Client], shop: Shop, role: Role) -> None:
        shop.buy(15)
        browser = browser_as(role)
        assert browser.post(f"{address(shop)}reorder/", {"warehouse": shop.place.pk, "point": "20"}).status_code == 403
        assert 'name="point"' not in browser.get(address(shop)).content.decode()

    def test_warehouse_of_another_account_is_not_there(self, manager: Client, shop: Shop, foreign: Warehouse) -> None:
        assert manager.post(f"{address(shop)}reorder/", {"warehouse": foreign.pk, "point": "20"}).status_code == 404


def test_product_of_another_account_is_not_there(manager: Client) -> None:
    theirs = Shop(make_account("Other"))
    theirs.buy(5)
    assert manager.get(address(theirs)).status_code == 404
    assert manager.post(f"{address(theirs)}reconcile/").status_code == 404
    assert manager.post(f"{address(theirs)}reorder/", {"warehouse": theirs.place.pk}).status_code == 404


def test_it_asks_the_same_for_much_as_for_little(viewer: Client, shop: Shop) -> None:
    shop.buy(10, reference="INV")
    shop.sell(1)
    ledger.write_off(shop.actor, product=shop.tea, warehouse=shop.place, unit_kind="packs", quantity=1, reason="lost", note="Gone")
    few = queries_of(viewer, address(shop))
    for _ in range(10):
        shop.buy(10)
        shop.sell(1)
    shop.receive(5, warehouse=make_place(shop.account, "BACK"))
    make_warehouse(shop.account, "3QX")
    assert queries_of(viewer, address(shop)) == few
    assert few <= 29
