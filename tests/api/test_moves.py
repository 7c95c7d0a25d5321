"""Write-offs, transfers, returns and opened pallets over the API."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Account
from inventory import ledger
from tests.api.shop import about, ids
from tests.inventory.ledger.build import Shop, batch_of, in_days, let_expire, make_place

pytestmark = pytest.mark.django_db

GONE = {"reason": "damaged", "note": "Fell off the shelf."}


def test_write_off_says_what_it_took_and_is_reversed_once(staff: APIClient, manager: APIClient, shop: Shop) -> None:
    bought = shop.buy(10, cost="2")
    answer = staff.post("/api/write-offs", about(shop, 3, **GONE), headers={"Idempotency-Key": "one"})
    body = answer.json()
    assert (answer.status_code, body["quantity"], body["reason"], body["cost"], body["status"]) == (201, 3, "damaged", "6.0000", "booked")
    assert [(each["batch"], each["kind"], each["batch_delta"]) for each in body["movements"]] == [(bought.batch_id, "write_off", -3)]
    assert staff.post("/api/write-offs", about(shop, 3, **GONE), headers={"Idempotency-Key": "one"}).json() == body
    assert (staff.get(f"/api/write-offs/{body['id']}").json(), shop.packs) == (body, 7)
    let_expire(bought)
    answer = manager.post(f"/api/write-offs/{body['id']}/reverse")
    assert (answer.status_code, answer.json()["status"], len(answer.json()["notes"])) == (200, "reversed", 1)
    assert batch_of(bought).remaining == 10
    again = manager.post(f"/api/write-offs/{body['id']}/reverse")
    assert (again.status_code, again.json()["code"]) == (409, "already_undone")


def test_write_off_of_more_than_there_is(staff: APIClient, shop: Shop) -> None:
    shop.buy(3)
    answer = staff.post("/api/write-offs", about(shop, 4, **GONE))
    assert (answer.status_code, answer.json()["code"]) == (409, "INSUFFICIENT_STOCK")
    assert (answer.json()["details"]["available"], answer.json()["details"]["asked"]) == (3, 4)


@pytest.mark.parametrize(
    ("change", "field"), [({"reason": "bored"}, "reason"), ({"note": " "}, "note"), ({"happened_at": "later"}, "happened_at")]
)
def test_write_off_says_why(staff: APIClient, shop: Shop, change: dict[str, str], field: str) -> None:
    shop.buy(3)
    answer = staff.post("/api/write-offs", about(shop, 1, **{**GONE, **change}))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_transfer_takes_lot_and_expiry_along(staff: APIClient, manager: APIClient, shop: Shop) -> None:
    second = make_place(shop.account, "SECOND")
    shop.buy(10, lot="L1", expires_at=in_days(90))
    wanted = {"product": shop.tea.pk, "source": shop.place.pk, "target": second.pk, "unit_kind": "packs", "quantity": 4}
    answer = staff.post("/api/transfers", wanted)
    body = answer.json()
    assert (answer.status_code, body["source_code"], body["target_code"], body["quantity"]) == (201, "MAIN", "SECOND", 4)
    moved = [(each["warehouse"], each["lot"], each["kind"], each["level_delta"]) for each in body["movements"]]
    assert moved == [(shop.place.pk, "L1", "transfer_out", -4), (second.pk, "L1", "transfer_in", 4)]
    assert (shop.packs, shop.level(place=second).packs) == (6, 4)
    sale = shop.sell(1, warehouse=second)
    held = manager.post(f"/api/transfers/{body['id']}/reverse")
    assert (held.status_code, held.json()["code"]) == (409, "BATCH_IN_USE")
    assert [each["sale"] for each in held.json()["details"]["sales"]] == [sale.pk]
    ledger.cancel_sale(shop.actor, sale)
    back = manager.post(f"/api/transfers/{body['id']}/reverse")
    assert (back.status_code, back.json()["status"], back.json()["notes"], shop.packs) == (200, "reversed", [], 10)


def test_transfer_to_where_it_is(staff: APIClient, shop: Shop) -> None:
    wanted = {"product": shop.tea.pk, "source": shop.place.pk, "target": shop.place.pk, "unit_kind": "packs", "quantity": 4}
    answer = staff.post("/api/transfers", wanted)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["target"])


def test_return_without_a_sale_makes_a_batch(staff: APIClient, shop: Shop) -> None:
    shop.buy(10, lot="L1")
    shop.sell(4)
    answer = staff.post("/api/returns", about(shop, 2, note="no bill"))
    body = answer.json()
    assert (answer.status_code, body["sale"], body["quantity"], shop.packs) == (201, None, 2, 8)
    assert [(each["batch"], each["lot"], each["kind"], each["batch_delta"]) for each in body["movements"]] == [
        (body["batch"], "L1", "return", 2)
    ]
    assert staff.get(f"/api/returns/{body['id']}").json() == body


def test_return_of_more_than_was_sold(staff: APIClient, shop: Shop) -> None:
    shop.buy(10)
    sale = shop.sell(4)
    answer = staff.post("/api/returns", {"sale": sale.pk, "quantity": 5})
    assert answer.status_code in (400, 409)
    assert shop.packs == 6


def test_pallet_is_opened_once(staff: APIClient, account: Account) -> None:
    shop = Shop(account, packs_per_pallet=40)
    pallet = shop.buy(2, "pallets", cost="80")
    wanted = about(shop, 1, unit_kind="pallets")
    answer = staff.post("/api/stock/open", wanted, headers={"Idempotency-Key": "one"})
    (opened,) = answer.json()["opened"]
    assert (answer.status_code, opened["batch"], opened["quantity"], opened["into_unit_kind"], opened["pieces"]) == (
        201,
        pallet.batch_id,
        1,
        "packs",
        40,
    )
    assert staff.post("/api/stock/open", wanted, headers={"Idempotency-Key": "one"}).json() == answer.json()
    assert (shop.level().pallets, shop.packs) == (1, 40)
    too_many = staff.post("/api/stock/open", about(shop, 2, unit_kind="pallets"))
    assert (too_many.status_code, too_many.json()["code"]) == (409, "not_openable")


def test_lists_narrow_and_their_statements_do_not_grow(
    viewer: APIClient, shop: Shop, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    second = make_place(shop.account, "SECOND")
    shop.buy(50)
    sale = shop.sell(9)
    for _ in range(4):
        ledger.take_back(shop.actor, sale=sale, quantity=1)
        gone = ledger.write_off(shop.actor, product=shop.tea, warehouse=shop.place, unit_kind="packs", quantity=1, **GONE)
        moved = ledger.transfer(shop.actor, product=shop.tea, source=shop.place, target=second, unit_kind="packs", quantity=1)
    ledger.reverse_write_off(shop.actor, gone)
    ledger.reverse_transfer(shop.actor, moved)
    assert ids(viewer, "/api/write-offs?status=reversed&reason=damaged&sku=qtx-tea") == [gone.pk]
    assert ids(viewer, f"/api/transfers?status=reversed&warehouse={second.pk}") == [moved.pk]
    assert ids(viewer, f"/api/transfers?source={second.pk}") == ids(viewer, "/api/returns?sale=999999") == []
    assert len(ids(viewer, f"/api/returns?sale={sale.pk}&unit_kind=packs")) == 4
    for path in ("/api/write-offs", "/api/transfers", "/api/returns"):
        with django_assert_num_queries(2):
            assert len(ids(viewer, path)) == 4
