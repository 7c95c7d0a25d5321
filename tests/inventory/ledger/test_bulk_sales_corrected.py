"""Sales that an outside system corrects: the difference is booked under the next revision."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from inventory import ledger
from inventory.ledger import BulkOutcome, SaleFact, sell_many
from inventory.models import Allocation, Batch, Level, Movement, Sale
from tests.inventory.ledger.build import Shop, in_days, make_product
from tests.inventory.ledger.proof import prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    """A 10 expires first, C 10 never."""
    made = Shop()
    made.buy(10, cost="3")
    made.buy(10, cost="1", expires_at=in_days(100))
    return made


def told(shop: Shop, quantity: Any, revision: int = 0, key: str = "x", **given: Any) -> BulkOutcome:
    values = {
        "product_id": shop.tea.pk,
        "warehouse_id": shop.place.pk,
        "unit_kind": "packs",
        "sold_at": timezone.now() - timedelta(minutes=5),
        **given,
    }
    outcome = sell_many(shop.actor, [SaleFact(source_key=key, quantity=quantity, revision=revision, **values)])
    prove(shop.account)
    return outcome


def left() -> list[Decimal]:
    """Of the batches, the one that expires first first."""
    return list(Batch.objects.order_by("undated", "expires_at").values_list("remaining", flat=True))


def booked(key: str) -> list[tuple[str, Decimal]]:
    return list(Movement.objects.filter(source_key=key).order_by("id").values_list("kind", "batch_delta"))


def the_sale() -> Sale:
    return Sale.objects.get(source_key="x")


def test_smaller_gives_back_what_was_taken_last(shop: Shop) -> None:
    told(shop, 15)
    assert told(shop, 8, 1).corrected == 1
    assert left() == [2, 10]
    assert booked("x#1") == [("sale_reversal", 5), ("sale_reversal", 2)]
    assert (the_sale().quantity, the_sale().cost, the_sale().revision) == (8, 8, 1)


def test_smaller_is_less_short_first(shop: Shop) -> None:
    told(shop, 25)
    told(shop, 22, 1)
    assert (the_sale().shortfall, shop.packs, booked("x#1")) == (2, 0, [])
    told(shop, 18, 2)
    assert (the_sale().shortfall, shop.packs, booked("x#2")) == (0, 2, [("sale_reversal", 2)])


def test_larger_takes_more(shop: Shop) -> None:
    told(shop, 8)
    told(shop, 14, 1)
    assert left() == [0, 6]
    assert booked("x#1") == [("sale", -2), ("sale", -4)]
    assert (the_sale().quantity, the_sale().cost) == (14, 22)


def test_larger_than_what_is_there_is_short(shop: Shop) -> None:
    told(shop, 8)
    told(shop, 23, 1)
    assert (the_sale().shortfall, shop.packs) == (3, 0)


@pytest.mark.parametrize("gone", [{"quantity": 0}, {"quantity": 15, "void": True}])
def test_void_gives_all_back(shop: Shop, gone: dict[str, Any]) -> None:
    told(shop, 15)
    told(shop, revision=1, **gone)
    assert left() == [10, 10]
    assert (the_sale().status, the_sale().cost) == ("cancelled", 0)
    assert told(shop, revision=1, **gone).repeated == 1


def test_void_of_what_was_never_known_is_nothing(shop: Shop) -> None:
    assert told(shop, 0, 1).empty == 1
    assert not Sale.objects.exists()


def test_void_that_is_taken_back_is_booked_anew(shop: Shop) -> None:
    told(shop, 5)
    told(shop, 0, 1)
    told(shop, 7, 2)
    assert (the_sale().quantity, the_sale().revision, shop.packs) == (7, 2, 13)
    assert Sale.objects.get(source_key="x#1").status == "cancelled"


def test_other_product_is_cancelled_here_and_booked_there(shop: Shop) -> None:
    milk = make_product(shop.account, "QTX-MILK")
    shop.buy(3, product=milk)
    told(shop, 5)
    assert told(shop, 5, 1, product_id=milk.pk).corrected == 1
    assert (shop.packs, shop.level(milk).packs) == (20, 0)
    assert (the_sale().product, the_sale().shortfall) == (milk, 2)
    assert Sale.objects.exclude(pk=the_sale().pk).get().status == "cancelled"


def test_other_kind_is_cancelled_here_and_booked_there(shop: Shop) -> None:
    told(shop, 5)
    told(shop, 5, 1, unit_kind="units")
    assert (shop.packs, the_sale().unit_kind, the_sale().shortfall) == (20, "units", 5)


def test_price_and_bill_follow_without_a_movement(shop: Shop) -> None:
    told(shop, 5)
    told(shop, 5, 1, price="9.99", reference="bill 8")
    assert (the_sale().price, the_sale().reference, booked("x#1")) == (Decimal("9.99"), "bill 8", [])


def test_stock_that_comes_back_goes_to_sales_that_are_short(shop: Shop) -> None:
    told(shop, 20)
    told(shop, 6, key="y")
    assert told(shop, 15, 1).settled == 5
    assert Sale.objects.get(source_key="y").shortfall == 1


def test_what_comes_back_to_an_expired_batch_does_not_count(shop: Shop) -> None:
    told(shop, 10)
    Batch.objects.filter(undated=False).update(expires_at=timezone.now() - timedelta(seconds=1))
    told(shop, 4, 1)
    assert left() == [6, 10]
    assert shop.packs == 10


def test_smaller_than_what_came_back_is_held(shop: Shop) -> None:
    told(shop, 10)
    ledger.take_back(shop.actor, sale=the_sale(), quantity=4)
    outcome = told(shop, 3, 1)
    assert outcome.held[0][1].startswith("x: 4 of it came back already")
    assert told(shop, 4, 1).corrected == 1
    assert shop.packs == 20


def test_quarantined_batches_get_nothing_back(shop: Shop) -> None:
    told(shop, 10)
    Level.objects.update(quarantined_at=timezone.now())
    assert "contradict themselves" in told(shop, 3, 1).held[0][1]
    assert told(shop, 12, 1).corrected == 1
    assert the_sale().shortfall == 2
    assert told(shop, 11, 2).corrected == 1
    assert Allocation.objects.filter(released__gt=0).count() == 0


def test_sale_moved_before_the_opening_is_taken_back(shop: Shop) -> None:
    told(shop, 10)
    shop.place.opened_at = timezone.now() - timedelta(hours=1)
    shop.place.save()
    told(shop, 10, 1, sold_at=timezone.now() - timedelta(hours=2))
    assert (the_sale().status, shop.packs) == ("cancelled", 20)
