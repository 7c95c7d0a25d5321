from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Account
from inventory.models import Item
from marketplaces.models import Difference, Shop, Verification
from tests.api.pushbuild import make_difference, make_item, make_listing, make_lot, make_shop, make_verification
from tests.api.shop import ids
from tests.build import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(account: Account) -> Shop:
    return make_shop(account)


@pytest.fixture
def run(shop: Shop) -> Verification:
    return make_verification(shop, read_at=timezone.now())


def differs(run: Verification) -> Difference:
    """The shop has 4 of what should be 10, at another price."""
    listing = make_listing(run.shop)
    make_lot(listing)
    given = {"listing": listing, "item": listing.item, "lot_id": listing.lot_id}
    return make_difference(run, "differs", fields={"quantity": [10, 4], "price": ["0.125", "0.200"]}, **given)


def test_comparison_is_started_once_and_has_an_address(staff: APIClient, shop: Shop) -> None:
    answer = staff.post("/api/verifications", {"shop": shop.pk}, headers={"Idempotency-Key": "one"})
    run = Verification.objects.get()
    assert (answer.status_code, answer["Location"], answer.json()["status"]) == (202, f"/api/verifications/{run.pk}", "queued")
    again = staff.post("/api/verifications", {"shop": shop.pk}, headers={"Idempotency-Key": "one"})
    assert (again.status_code, again.json()["id"], again["Idempotency-Replayed"]) == (202, run.pk, "true")
    busy = staff.post("/api/verifications", {"shop": shop.pk})
    assert (busy.status_code, busy.json()["code"], busy.json()["data"]["id"]) == (409, "already_verifying", run.pk)
    assert busy["Location"] == answer["Location"]
    theirs = staff.post("/api/verifications", {"shop": make_shop(make_account("Other")).pk})
    assert (theirs.status_code, list(theirs.json()["errors"])) == (400, ["shop"])


def test_who_waits_is_answered_when_it_has_ended(staff: APIClient, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def worker(pk: int) -> None:
        Verification.objects.filter(pk=pk).update(status="succeeded", message="All 3 lots agree.")

    monkeypatch.setattr("marketplaces.verify.verifying.wake", worker)
    answer = staff.post("/api/verifications", {"shop": shop.pk}, headers={"Prefer": "wait=5"})
    assert (answer.status_code, answer["Preference-Applied"], answer.json()["message"]) == (200, "wait=5", "All 3 lots agree.")


def test_differences_say_what_may_be_decided(viewer: APIClient, run: Verification) -> None:
    first = differs(run)
    ours = make_difference(run, "duplicate", lot_id="801")
    make_lot(first.listing, "801")
    make_difference(run, "duplicate", lot_id="802")
    make_difference(run)
    rows = viewer.get(f"/api/verifications/{run.pk}/differences").json()["results"]
    assert [[choice["key"] for choice in row["choices"]] for row in rows] == [
        ["repair", "take", "ignore"],
        ["remove", "ignore"],
        ["ignore"],
        ["adopt", "import_item", "ignore"],
    ]
    assert rows[0]["fields"] == {"quantity": [10, 4], "price": ["0.125", "0.200"]}
    address = f"/api/verifications/{run.pk}/differences"
    for query in ("kind=differs", f"item={first.item_id}", f"listing={first.listing_id}", f"lot_id={first.lot_id}"):
        assert ids(viewer, f"{address}?{query}") == [first.pk], query
    assert ids(viewer, f"{address}?kind=duplicate&decision=open")[0] == ours.pk
    assert ids(viewer, f"{address}?decision=ignored") == []
    assert viewer.get(f"{address}?kind=x").json()["errors"].keys() == {"kind"}


def test_shops_price_is_taken_and_nothing_else(manager: APIClient, run: Verification) -> None:
    found = differs(run)
    address = f"/api/verifications/{run.pk}/differences/{found.pk}/decide"
    wrong = manager.post(address, {"choice": "remove"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "no_such_choice")
    body = manager.post(address, {"choice": "take", "fields": ["price"]}).json()
    item = Item.objects.get(pk=found.item_id)
    assert (body["decision"], body["choices"], f"{item.price:.3f}", item.quantity_available) == ("taken", [], "0.200", 10)
    assert manager.post(address, {"choice": "take"}).status_code == 409


def test_many_are_decided_alike(manager: APIClient, run: Verification) -> None:
    rows = [make_difference(run, lot_id=str(number)) for number in range(3)]
    other = differs(run)
    address = f"/api/verifications/{run.pk}/differences/decide"
    body = manager.post(address, {"choice": "ignore", "ids": [rows[0].pk]}).json()
    assert (body["decided"], body["waiting"], body["refused"], body["message"]) == (1, 0, [], "1 decided, 0 refused.")
    assert manager.post(address, {"choice": "ignore", "kind": "unknown_lot"}).json()["decided"] == 2
    refused = manager.post(address, {"choice": "adopt", "ids": [other.pk]}).json()
    assert (refused["decided"], [row["difference"] for row in refused["refused"]]) == (0, [other.pk])
    assert Difference.objects.filter(decision="ignored").count() == 3


def test_differences_that_are_not_there_are_refused_alike(manager: APIClient, run: Verification) -> None:
    row, theirs, nobodys = make_difference(run), make_difference(make_verification(make_shop(make_account("Other")))), 2**62
    address = f"/api/verifications/{run.pk}/differences/decide"
    body = manager.post(address, {"choice": "ignore", "ids": [theirs.pk, nobodys, row.pk]}).json()
    assert (body["decided"], body["message"]) == (1, "1 decided, 2 refused.")
    assert body["refused"] == [
        {"difference": pk, "message": f"There is no difference {pk} in this comparison."} for pk in (theirs.pk, nobodys)
    ]
    assert Difference.objects.get(pk=theirs.pk).decision == "open"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "choice"),
        ({"choice": "ignore"}, "ids"),
        ({"choice": "ignore", "ids": [1], "kind": "differs"}, "ids"),
        ({"choice": "ignore", "ids": []}, "ids"),
        ({"choice": "ignore", "kind": "x"}, "kind"),
    ],
)
def test_what_names_no_differences_is_refused(manager: APIClient, run: Verification, body: dict[str, Any], field: str) -> None:
    answer = manager.post(f"/api/verifications/{run.pk}/differences/decide", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_unknown_lots_are_counted_and_taken_in(manager: APIClient, shop: Shop) -> None:
    address = f"/api/shops/{shop.pk}"
    assert manager.get(f"{address}/moving-in").json()["code"] == "not_decidable"
    run = make_verification(shop)
    item = make_item(shop.account)
    make_difference(run, lot_id="1", item=item, lot={"part_number": "3001", "color_id": 5, "condition": "new"})
    make_difference(run, lot_id="2", lot={"part_number": "3002", "color_id": 5, "condition": "new"})
    make_difference(run, lot_id="3", lot={"part_number": "", "color_id": None, "condition": "new"})
    body = manager.get(f"{address}/moving-in").json()
    assert body == {"verification": run.pk, "adopted": 1, "imported": 1, "asked": 0, "untranslated": 1}
    answer = manager.post(f"{address}/adopt-all")
    assert (answer.status_code, answer.json()) == (202, {"message": "1 lot is being adopted.", "count": 1})
    assert manager.post(f"{address}/import-all").json()["count"] == 1


def test_filters(viewer: APIClient, shop: Shop) -> None:
    done, failed = make_verification(shop), make_verification(make_shop(shop.account, "South", "brickowl"), "failed", code="unreachable")
    assert ids(viewer, "/api/verifications") == [failed.pk, done.pk]
    assert ids(viewer, f"/api/verifications?shop={shop.pk}") == ids(viewer, "/api/verifications?status=succeeded") == [done.pk]
    assert ids(viewer, "/api/verifications?from=2999-01-01T00:00:00Z") == []


def test_statements_do_not_grow_with_the_rows(
    viewer: APIClient, shop: Shop, run: Verification, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        make_verification(shop)
        make_difference(run, "duplicate", lot_id=str(number))
    viewer.get("/api/verifications")
    # The token and the rows; for differences, the comparison too.
    with django_assert_num_queries(2):
        assert len(viewer.get("/api/verifications").json()["results"]) == 6
    with django_assert_num_queries(3):
        assert len(viewer.get(f"/api/verifications/{run.pk}/differences").json()["results"]) == 5
