"""Write-offs and transfers: entered after a look, and reversed after one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from accounts.roles import Role
from inventory import ledger
from inventory.models import Transfer, Warehouse, WriteOff
from tests.admin.bookings import Filled, address, entry, hidden, said
from tests.admin.pages import page, queries_of
from tests.build import make_account
from tests.inventory.ledger.build import Shop, let_expire, make_place


@pytest.fixture
def shop(account: Account) -> Shop:
    shop = Shop(account)
    shop.buy(40, lot="L1")
    return shop


@pytest.fixture
def back(shop: Shop) -> Warehouse:
    return make_place(shop.account, "BACK")


def gone(shop: Shop, quantity: int = 3) -> WriteOff:
    given: dict[str, Any] = {"product": shop.tea, "warehouse": shop.place, "unit_kind": "packs", "quantity": quantity}
    return ledger.write_off(shop.actor, **given, reason="damaged", note="Fell")


def moved(shop: Shop, back: Warehouse, quantity: int = 5) -> Transfer:
    given: dict[str, Any] = {"product": shop.tea, "source": shop.place, "target": back, "unit_kind": "packs", "quantity": quantity}
    return ledger.transfer(shop.actor, **given)


def test_write_off_is_shown_and_booked_once(staff: Client, shop: Shop) -> None:
    form = Filled(staff, "writeoff", product="qtx-tea", warehouse=shop.place.pk, quantity=3, reason="damaged", note="Fell off the shelf")
    shown = said(form.show())
    assert "3 packs of QTX-TEA Tea in Shop MAIN would be gone: Fell off the shelf" in shown
    assert "L1 – −3 packs 37 7.50 37 packs" in shown
    assert shop.packs == 40
    assert "is booked: 3 packs of QTX-TEA Tea." in said(form.book())
    assert "was booked with this form before" in said(form.book())
    assert shop.packs == 37


def test_what_a_write_off_lacks_is_said_at_its_fields(staff: Client, shop: Shop) -> None:
    answer = Filled(staff, "writeoff", product="qtx-tea", warehouse=shop.place.pk, quantity=3, reason="", note="").show()
    for field in ("reason", "note"):
        assert f'id="id_{field}_error"' in answer.content.decode()
    many = Filled(staff, "writeoff", product="qtx-tea", warehouse=shop.place.pk, quantity=300, reason="lost", note="Gone")
    assert "Only 40 packs" in said(many.show())
    named = Filled(staff, "writeoff", product="qtx-tea", warehouse=shop.place.pk, quantity=3, reason="lost", note="Gone", batch=999999)
    assert "There is no batch 999999." in said(named.show())


def test_what_has_expired_is_written_off_from_its_batch(staff: Client, shop: Shop) -> None:
    purchase = shop.buy(7, lot="OLD")
    let_expire(purchase)
    shop.sell(1)
    content = staff.get(f"{entry('writeoff')}?batch={purchase.batch_id}").content.decode()
    assert f'value="{purchase.batch_id}"' in content
    assert 'value="7"' in content
    form = Filled(
        staff,
        "writeoff",
        product="qtx-tea",
        warehouse=shop.place.pk,
        quantity=7,
        reason="expired",
        note="Thrown away",
        batch=purchase.batch_id,
    )
    assert "OLD" in said(form.show())
    form.book()
    assert WriteOff.objects.get().batch_id == purchase.batch_id
    assert shop.packs == 39


def test_manager_reverses_a_write_off_after_a_look(manager: Client, staff: Client, shop: Shop) -> None:
    row = gone(shop)
    reverse = address("writeoff", row.pk, act="reverse")
    assert staff.get(reverse).status_code == 403
    assert staff.post(reverse).status_code == 403
    assert "+3 packs 40" in page(manager, reverse)
    assert shop.packs == 37
    assert f"Write-off {row.pk} is reversed." in said(manager.post(reverse, follow=True))
    assert "was reversed before" in said(manager.post(reverse, follow=True))
    assert shop.packs == 40


def test_transfer_shows_both_sides(staff: Client, shop: Shop, back: Warehouse) -> None:
    form = Filled(staff, "transfer", product="qtx-tea", source=shop.place.pk, target=back.pk, quantity=5)
    shown = said(form.show())
    assert "5 packs of QTX-TEA Tea would go from Shop MAIN to Shop BACK" in shown
    assert "Shop BACK A new batch L1" in shown
    assert "is booked: 5 packs of QTX-TEA Tea to Shop BACK." in said(form.book())
    assert shop.packs == 35
    same = Filled(staff, "transfer", product="qtx-tea", source=shop.place.pk, target=shop.place.pk, quantity=5).show()
    assert 'id="id_target_error"' in same.content.decode()
    assert hidden(same, "shown") == ""


def test_manager_reverses_a_transfer_unless_what_arrived_is_used(manager: Client, staff: Client, shop: Shop, back: Warehouse) -> None:
    row = moved(shop, back)
    reverse = address("transfer", row.pk, act="reverse")
    assert staff.get(reverse).status_code == 403
    assert "Transfer out" in page(manager, reverse)
    sale = shop.sell(2, warehouse=back)
    refused = manager.get(reverse)
    assert "This can't be done now" in said(refused)
    assert f'href="{address("sale", sale.pk)}"' in refused.content.decode()
    ledger.cancel_sale(shop.actor, sale)
    done = said(manager.post(reverse, follow=True))
    assert "is reversed. The stock is back in Shop MAIN." in done
    assert shop.packs == 40


def test_viewers_look_and_other_accounts_find_nothing(
    viewer: Client, browser_as: Callable[[Role], Client], shop: Shop, back: Warehouse
) -> None:
    assert "Fell" in page(viewer, address("writeoff", gone(shop).pk))
    assert "5 packs" in page(viewer, address("transfer", moved(shop, back).pk))
    other = Shop(make_account("Other"))
    other.buy(40)
    theirs = {"writeoff": gone(other), "transfer": moved(other, make_place(other.account, "BACK"))}
    owner = browser_as(Role.OWNER)
    for model, row in theirs.items():
        assert viewer.get(entry(model)).status_code == 403
        assert owner.get(address(model, row.pk)).status_code == 404
        assert owner.post(address(model, row.pk, act="reverse")).status_code == 404


@pytest.mark.parametrize("model", ["writeoff", "transfer", "customerreturn"])
def test_lists_ask_the_same_for_many_rows(viewer: Client, shop: Shop, back: Warehouse, model: str) -> None:
    def one() -> None:
        if model == "writeoff":
            gone(shop, 1)
        elif model == "transfer":
            moved(shop, back, 1)
        else:
            given: dict[str, Any] = {"product": shop.tea, "warehouse": shop.place, "unit_kind": "packs"}
            ledger.take_back(shop.actor, quantity=1, **given)

    one()
    few = queries_of(viewer, address(model))
    for _ in range(3):
        one()
    assert queries_of(viewer, address(model)) == few
