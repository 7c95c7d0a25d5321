"""The lists of levels, batches and movements."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from inventory import ledger
from inventory.models import Batch, Category, Level, Movement, Vendor
from tests.admin.pages import page, queries_of
from tests.build import make_account
from tests.inventory.ledger.build import Shop, in_days, let_expire, make_place, make_product

LEVELS, BATCHES, MOVEMENTS = "/admin/inventory/level/", "/admin/inventory/batch/", "/admin/inventory/movement/"


@pytest.fixture
def shop(account: Account) -> Shop:
    return Shop(account)


class TestLevels:
    def test_a_level_is_in_words(self, viewer: Client, shop: Shop) -> None:
        shop.buy(15)
        Level.objects.update(reserved_packs=Decimal(4), reorder_point=Decimal(20))
        assert "QTX-TEA Tea Shop MAIN 15 packs 4 packs 11 packs shopping_cart Order more at 20 packs" in page(viewer, LEVELS)

    def test_states(self, viewer: Client, shop: Shop) -> None:
        gone, low, held = (make_product(shop.account, f"QTX-{name}") for name in ("GONE", "LOW", "HELD"))
        shop.buy(15)
        shop.buy(15, product=low)
        shop.buy(15, product=held)
        shop.buy(3, product=gone)
        shop.sell(3, product=gone)
        Level.objects.filter(product=low).update(reorder_point=Decimal(20))
        Level.objects.filter(product=held).update(quarantined_at=timezone.now(), quarantine_reason="Batch 3 contradicts itself.")
        skus = {"QTX-TEA", "QTX-GONE", "QTX-LOW", "QTX-HELD"}
        for state, expected in {
            "all": skus,
            "there": skus - {"QTX-GONE"},
            "low": {"QTX-LOW"},
            "out": {"QTX-GONE"},
            "zero": {"QTX-GONE"},
            "quarantined": {"QTX-HELD"},
        }.items():
            shown = page(viewer, f"{LEVELS}?state={state}")
            assert {sku for sku in skus if sku in shown} == expected, state
        assert "Batch 3 contradicts itself." in page(viewer, f"{LEVELS}?state=quarantined")

    def test_what_has_expired_is_out_though_nothing_has_booked_it(self, viewer: Client, shop: Shop) -> None:
        let_expire(shop.buy(5, expires_at=in_days(3)))
        shown = page(viewer, f"{LEVELS}?state=out")
        assert "0 packs event_busy 5 packs expired" in shown

    def test_narrowed_by_warehouse_category_and_vendor(self, viewer: Client, shop: Shop) -> None:
        food = Category.objects.create(account=shop.account, name="Food", name_key="FOOD")
        hot = Category.objects.create(account=shop.account, name="Hot", name_key="HOT", parent=food)
        leaf = Vendor.objects.create(account=shop.account, name="Leaf", name_key="LEAF")
        other, back = make_product(shop.account, "QTX-OIL", name="Oil"), make_place(shop.account, "BACK")
        shop.buy(5)
        shop.buy(5, product=other, warehouse=back)
        shop.tea.category, shop.tea.vendor = hot, leaf
        shop.tea.save()
        for query in (f"warehouse__id__exact={shop.place.pk}", f"category={food.pk}", f"product__vendor__id__exact={leaf.pk}", "q=tea"):
            shown = page(viewer, f"{LEVELS}?{query}")
            assert "QTX-TEA" in shown, query
            assert "QTX-OIL" not in shown, query
        assert "QTX-TEA" not in page(viewer, f"{LEVELS}?category=x")

    def test_a_level_s_own_address_leads_to_its_product(self, viewer: Client, shop: Shop) -> None:
        shop.buy(5)
        answer = viewer.get(f"{LEVELS}{Level.objects.get().pk}/change/")
        assert answer.headers["Location"] == f"/admin/inventory/level/product/{shop.tea.pk}/?warehouse={shop.place.pk}"

    def test_nobody_writes_levels_by_hand(self, manager: Client, shop: Shop) -> None:
        shop.buy(5)
        pk = Level.objects.get().pk
        assert manager.get(f"{LEVELS}add/").status_code == 403
        assert manager.post(f"{LEVELS}{pk}/delete/", {"post": "yes"}).status_code == 403
        manager.post(f"{LEVELS}{pk}/change/", {"packs": "9"})
        assert shop.packs == 5


class TestBatches:
    def test_a_batch_is_in_words(self, viewer: Client, shop: Shop) -> None:
        shop.buy(20, lot="A-17", reference="INV-501", expires_at=in_days(4.5))
        shop.sell(3)
        shown = page(viewer, BATCHES)
        assert "lot A-17 QTX-TEA Tea Shop MAIN check_circle Active 17 packs 20 3 sold" in shown
        assert "5 days left hourglass_bottom Expires soon 2.50 Purchase" in shown

    def test_states(self, viewer: Client, shop: Shop) -> None:
        shop.buy(1, lot="ACTIVE-1")
        let_expire(shop.buy(2, lot="EXPIRED-1", expires_at=in_days(3)))
        ledger.void_purchase(shop.actor, shop.buy(3, lot="VOID-1"))
        used = shop.buy(4, lot="USED-1", expires_at=in_days(1))
        Batch.objects.filter(purchase=used).update(sold=Decimal(4), remaining=0)
        lots = {"ACTIVE-1", "EXPIRED-1", "VOID-1", "USED-1"}
        for state, expected in {"active": "ACTIVE-1", "expired": "EXPIRED-1", "void": "VOID-1", "depleted": "USED-1"}.items():
            shown = page(viewer, f"{BATCHES}?state={state}")
            assert {lot for lot in lots if lot in shown} == {expected}, state
        assert all(lot in page(viewer, f"{BATCHES}?state=all") for lot in lots)

    def test_a_lot_is_found_in_any_state(self, viewer: Client, shop: Shop) -> None:
        ledger.void_purchase(shop.actor, shop.buy(3, lot="VOID-1"))
        shop.buy(3, lot="OTHER-1")
        shown = page(viewer, f"{BATCHES}?q=void-1")
        assert "lot VOID-1" in shown
        assert "OTHER-1" not in shown

    def test_page_adds_up_and_names_sales_and_movements(self, viewer: Client, shop: Shop) -> None:
        batch = shop.buy(20).batch
        sale = shop.sell(3, reference="BILL-1")
        ledger.write_off(shop.actor, product=shop.tea, warehouse=shop.place, unit_kind="packs", quantity=2, reason="lost", note="Gone")
        ledger.cancel_sale(shop.actor, sale)
        shop.sell(1)
        shown = page(viewer, f"{BATCHES}{batch.pk}/change/")
        assert "Received 20 Sold − 1 Written off − 2 Left = 17 packs" in shown
        assert "Sale 1 BILL-1" in shown.replace(f"Sale {sale.pk}", "Sale 1")
        # Newest first: 17 = 20 − 3 − 2 + 3 − 1.
        told = shown[shown.index("newest first") :]
        assert [word for word in ("17 packs", "18 packs", "15 packs", "20 packs") if word in told] == [
            "17 packs",
            "18 packs",
            "15 packs",
            "20 packs",
        ]
        assert "contradict" not in shown

    def test_expired_batch_says_that_it_left_the_counter(self, viewer: Client, shop: Shop) -> None:
        purchase = shop.buy(5, expires_at=in_days(3))
        let_expire(purchase)
        shop.buy(1)
        shown = page(viewer, f"{BATCHES}{purchase.batch_id}/change/")
        assert "What is left has expired; it left the counter" in shown
        assert "−5 in the counter; the batch keeps them 5 packs" in shown

    def test_nobody_changes_batches(self, manager: Client, shop: Shop) -> None:
        pk = shop.buy(5).batch_id
        assert manager.get(f"{BATCHES}add/").status_code == 403
        assert manager.post(f"{BATCHES}{pk}/change/", {"remaining": "9"}).status_code == 403
        assert manager.post(f"{BATCHES}{pk}/delete/", {"post": "yes"}).status_code == 403


class TestMovements:
    def test_filters(self, viewer: Client, shop: Shop) -> None:
        back, oil = make_place(shop.account, "BACK"), make_product(shop.account, "QTX-OIL")
        shop.buy(20, reference="INV-1")
        shop.sell(3, reference="BILL-1")
        shop.buy(7, product=oil, warehouse=back, reference="INV-2")
        tomorrow = (timezone.now() + timedelta(days=1)).date()
        for query, seen, unseen in (
            ("kind__exact=sale", "BILL-1", "INV-1"),
            ("cause__exact=purchase_creation", "INV-1", "BILL-1"),
            (f"warehouse__id__exact={back.pk}", "INV-2", "INV-1"),
            ("q=qtx-oil", "INV-2", "INV-1"),
            (f"correlation={Movement.objects.get(kind='sale').correlation}", "BILL-1", "INV-1"),
        ):
            shown = page(viewer, f"{MOVEMENTS}?{query}")
            assert seen in shown, query
            assert unseen not in shown, query
        assert "INV-1" not in page(viewer, f"{MOVEMENTS}?booked_at_from_0={tomorrow}")
        assert "INV-1" not in page(viewer, f"{MOVEMENTS}?correlation=nonsense")

    def test_page_leads_to_all_from_the_same_fact(self, viewer: Client, shop: Shop) -> None:
        shop.buy(20)
        movement = Movement.objects.get()
        content = viewer.get(f"{MOVEMENTS}{movement.pk}/change/").content.decode()
        assert f"/admin/inventory/movement/?correlation={movement.correlation}" in content
        assert f"/admin/accounts/auditlog/?correlation={movement.correlation}" in content
        answer = viewer.get(f"{MOVEMENTS}{movement.pk}/history/")
        assert answer.headers["Location"] == f"/admin/accounts/auditlog/?correlation={movement.correlation}"

    def test_nobody_changes_movements(self, manager: Client, shop: Shop) -> None:
        shop.buy(5)
        pk = Movement.objects.get().pk
        assert manager.get(f"{MOVEMENTS}add/").status_code == 403
        assert manager.post(f"{MOVEMENTS}{pk}/change/", {"level_delta": "9"}).status_code == 403
        assert manager.post(f"{MOVEMENTS}{pk}/delete/", {"post": "yes"}).status_code == 403


def test_another_account_s_stock_is_not_there(manager: Client, shop: Shop) -> None:
    theirs = Shop(make_account("Other"), sku="QTX-THEIRS")
    batch = theirs.buy(5, lot="THEIRS-1").batch
    for address in (LEVELS, f"{BATCHES}?state=all", MOVEMENTS, f"{BATCHES}?q=THEIRS-1", f"{LEVELS}?q=QTX-THEIRS"):
        assert "QTX-THEIRS" not in page(manager, address).replace('value="QTX-THEIRS"', ""), address
    level, movement = Level.objects.get(product=theirs.tea), Movement.objects.get(batch=batch)
    for address in (f"{LEVELS}{level.pk}", f"{BATCHES}{batch.pk}", f"{MOVEMENTS}{movement.pk}"):
        assert manager.get(f"{address}/change/").status_code == 404, address


@pytest.mark.parametrize(("address", "most"), [(LEVELS, 12), (BATCHES, 15), (MOVEMENTS, 13)])
def test_lists_ask_the_same_for_many_rows_as_for_few(viewer: Client, shop: Shop, address: str, most: int) -> None:
    shop.buy(5)
    shop.sell(1)
    few = queries_of(viewer, address)
    for number in range(12):
        product = make_product(shop.account, f"QTX-{number}")
        shop.buy(5, product=product)
        shop.sell(1, product=product)
    assert queries_of(viewer, address) == few
    assert few <= most
