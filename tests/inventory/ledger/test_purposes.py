"""What goes out and comes in for other purposes than sales and purchases."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.acting import Actor
from accounts.errors import NotAllowed
from accounts.roles import Role
from inventory import documents, rebuild
from inventory.issued import issued, split
from inventory.ledger import BulkOutcome, PurchaseFact, SaleFact, cancel_sale, receive_many, sell_many, take_back
from inventory.models import Batch, Movement, Purchase, Sale
from tests.inventory.integrity.breaking import broken, by_hand
from tests.inventory.ledger.build import Shop, batch_of, in_days, let_expire
from tests.inventory.ledger.proof import prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return Shop()


def about(shop: Shop, quantity: Any, key: str, **given: Any) -> dict[str, Any]:
    values = {"product_id": shop.tea.pk, "warehouse_id": shop.place.pk, "unit_kind": "packs"}
    return {"source_key": key, "quantity": quantity, **values, **given}


def issue(shop: Shop, quantity: Any, purpose: str, key: str = "x", **given: Any) -> BulkOutcome:
    at = timezone.now() - timedelta(minutes=5)
    outcome = sell_many(shop.actor, [SaleFact(**about(shop, quantity, key, **{"sold_at": at, **given}), purpose=purpose)])
    prove(shop.account)
    return outcome


def receipt(shop: Shop, quantity: Any, purpose: str, key: str = "p", **given: Any) -> BulkOutcome:
    at = timezone.now() - timedelta(minutes=5)
    outcome = receive_many(shop.actor, [PurchaseFact(**about(shop, quantity, key, **{"bought_at": at, **given}), purpose=purpose)])
    prove(shop.account)
    return outcome


def moved(key: str) -> list[tuple[str, Decimal]]:
    return list(Movement.objects.filter(source_key=key).order_by("id").values_list("kind", "batch_delta"))


def batch(key: str = "p") -> Batch:
    return Batch.objects.select_related("purchase").get(purchase__source_key=key)


@pytest.mark.parametrize(
    ("purpose", "kind", "name"),
    [
        ("vendor_return", "vendor_return", "Vendor return"),
        ("consumption", "consumption", "Consumption"),
        ("wastage", "wastage", "Wastage"),
        ("transfer", "sent", "Goods sent"),
    ],
)
def test_an_issue_takes_and_gives_back_under_its_own_name(shop: Shop, purpose: str, kind: str, name: str) -> None:
    goods = shop.buy(10, cost="2")
    assert issue(shop, 4, purpose).booked == 1
    sale = Sale.objects.get()
    assert (str(sale), sale.purpose, sale.cost) == (f"{name} {sale.pk}", purpose, 8)
    assert issue(shop, 3, purpose, revision=1).corrected == 1
    assert (moved("x"), moved("x#1")) == ([(kind, -4)], [("issue_reversal", 1)])
    assert (batch_of(goods).sold, shop.packs) == (3, 7)
    (movement,) = Movement.objects.filter(source_key="x")
    assert documents.documents_of([movement])[movement.pk].label == f"{name} {sale.pk}"
    assert split(Decimal(3), issued([batch_of(goods)])[goods.batch_id]) == [(sale.get_purpose_display(), 3)]
    assert issue(shop, 0, purpose, revision=2).corrected == 1
    assert shop.packs == 10
    assert broken(shop.account) == {}


def test_an_issue_that_is_short_is_settled_as_what_it_is(shop: Shop) -> None:
    assert issue(shop, 4, "wastage").short == 1
    shop.buy(3)
    receipt(shop, 5, "found")
    assert shop.packs == 4
    # By hand and by the thousand alike.
    taken = Movement.objects.filter(document_id=Sale.objects.get().pk, kind="wastage").order_by("id")
    assert list(taken.values_list("batch_delta", flat=True)) == [-3, -1]
    assert not Movement.objects.filter(kind="sale").exists()
    cancel_sale(shop.actor, Sale.objects.get())
    assert Movement.objects.filter(kind="issue_reversal").count() == 2
    assert broken(shop.account) == {}


@pytest.mark.parametrize(
    ("purpose", "origin", "name"),
    [("manufacture", "made", "Production"), ("found", "found", "Goods found"), ("purchase", "purchase", "Purchase")],
)
def test_a_receipt_is_born_under_its_own_name(shop: Shop, purpose: str, origin: str, name: str) -> None:
    assert receipt(shop, 4, purpose, unit_cost="1.50").booked == 1
    born = batch()
    assert (born.origin, born.unit_cost, str(born.purchase)) == (origin, Decimal("1.5"), f"{name} {born.purchase.pk}")
    assert moved("p") == [("receipt" if purpose == "purchase" else purpose, 4)]
    assert receipt(shop, 3, purpose, revision=1, unit_cost="1.50").corrected == 1
    assert receipt(shop, 0, purpose, revision=2).corrected == 1
    assert shop.packs == 0
    assert broken(shop.account) == {}


def test_what_customers_bring_back_is_what_was_sold_last(shop: Shop) -> None:
    shop.buy(5, cost="3", lot="NEW")
    shop.buy(5, cost="2", lot="OLD", expires_at=in_days(50))
    issue(shop, 7, "sale", "s")
    # Thrown away is not sold.
    issue(shop, 3, "wastage", "w")
    receipt(shop, 1, "sale_return")
    back = batch()
    assert (back.lot, back.unit_cost, back.expires_at, back.origin) == ("NEW", 3, None, "return")
    assert moved("p") == [("sale_return", 1)]
    # What it says itself counts; the rest is as it was found.
    receipt(shop, 1, "sale_return", "q", unit_cost="9")
    receipt(shop, 1, "sale_return", "r", lot="OTHER")
    assert (batch("q").lot, batch("q").unit_cost) == ("NEW", 9)
    assert (batch("r").lot, batch("r").unit_cost) == ("OTHER", 3)
    # A correction does not look again.
    receipt(shop, 3, "sale_return", revision=1)
    assert (batch().lot, batch().unit_cost, batch().received) == ("NEW", 3, 3)
    # By hand it is the same.
    by_hand_back = take_back(shop.actor, quantity=1, product=shop.tea, warehouse=shop.place, unit_kind="packs")
    assert by_hand_back.batch is not None
    assert by_hand_back.batch.lot == "NEW"
    assert broken(shop.account) == {}


def test_of_what_was_never_sold_nothing_is_known(shop: Shop) -> None:
    shop.buy(5, cost="3", lot="L")
    receipt(shop, 2, "sale_return")
    assert (batch().lot, batch().unit_cost, batch().expires_at) == ("", None, None)
    assert not batch().purchase.free_goods


def test_what_comes_back_expired_does_not_count_and_what_is_short_takes_the_rest(shop: Shop) -> None:
    goods = shop.buy(5, lot="L", expires_at=in_days(5))
    issue(shop, 5, "sale", "s")
    let_expire(goods)
    receipt(shop, 2, "sale_return")
    assert (batch().state, shop.packs) == ("EXPIRED", 0)
    issue(shop, 3, "sale", "short")
    receipt(shop, 2, "sale_return", "fresh", lot="M")
    assert Sale.objects.get(source_key="short").shortfall == 1


def test_another_purpose_is_booked_anew(shop: Shop) -> None:
    shop.buy(10)
    issue(shop, 4, "sale")
    assert issue(shop, 4, "wastage", revision=1).corrected == 1
    assert dict(Sale.objects.values_list("source_key", "status")) == {"x": "booked", "x#0": "cancelled"}
    assert moved("x#1") == [("sale_reversal", 4), ("wastage", -4)]
    receipt(shop, 2, "purchase")
    assert receipt(shop, 2, "found", revision=1).corrected == 1
    assert dict(Purchase.objects.exclude(source_key=None).values_list("source_key", "purpose")) == {"p": "found", "p#0": "purchase"}
    assert shop.packs == 8


def test_a_purpose_there_is_not_is_held(shop: Shop) -> None:
    ((_, sentence),) = issue(shop, 1, "gift").held
    assert "there is no purpose “gift”. Use sale, vendor_return," in sentence
    ((_, sentence),) = receipt(shop, 1, "sale").held
    assert "there is no purpose “sale”. Use purchase, sale_return," in sentence


def test_who_may_tell_of_sales_may_not_tell_of_all(shop: Shop) -> None:
    shop.buy(5)
    till = Actor(account=shop.account, user=None, role=Role.STAFF, label="Till", scopes=("sale.add", "purchase.add"))
    assert sell_many(till, [SaleFact(**about(shop, 1, "s", sold_at=timezone.now()))]).booked == 1
    for purpose in ("wastage", "consumption", "transfer"):
        with pytest.raises(NotAllowed):
            sell_many(till, [SaleFact(**about(shop, 1, "w", sold_at=timezone.now()), purpose=purpose)])
    with pytest.raises(NotAllowed):
        receive_many(till, [PurchaseFact(**about(shop, 1, "p", bought_at=timezone.now()), purpose="sale_return")])
    assert shop.packs == 4


def test_only_what_was_sold_comes_back_by_its_sale(shop: Shop) -> None:
    shop.buy(5)
    issue(shop, 2, "wastage")
    with pytest.raises(ValidationError, match="went to no customer"):
        take_back(shop.actor, quantity=1, sale=Sale.objects.get())


def test_a_column_that_was_overwritten_is_rebuilt_from_all_of_them(shop: Shop) -> None:
    goods = shop.buy(10)
    for number, purpose in enumerate(("sale", "vendor_return", "consumption", "wastage")):
        issue(shop, number + 1, purpose, purpose)
    receipt(shop, 2, "manufacture")
    by_hand("UPDATE inventory_batch SET sold = sold + 7000, remaining = remaining - 7000, received = received + 1000")
    assert "I11" in broken(shop.account)
    plan = rebuild.preview(shop.actor, shop.tea)
    rebuild.rebuild(shop.actor, shop.tea, digest=plan.digest)
    assert (batch_of(goods).sold, batch().received) == (10, 2)
    prove(shop.account)
