"""Processes that are killed (-9) at any statement: what is not finished never happened, and the next call finishes it."""

from __future__ import annotations

import sys
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from inventory.ledger import PurchaseFact, SaleFact, bulkreceiving, bulkselling, receive_many, sell_many
from inventory.models import Allocation, Movement, Product, Purchase, Sale
from tests.inventory.ledger.build import Shop, make_product
from tests.inventory.ledger.processes import KILLED, dies_at
from tests.inventory.ledger.proof import prove

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform != "linux", reason="The processes are forked."),
]
MOST = 400


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Facts are booked in chunks of four."""
    for module in (bulkselling, bulkreceiving):
        monkeypatch.setattr(module, "chunks", partial(module.chunks, facts=4))
    made = Shop()
    make_product(made.account, "QTX-MILK")
    make_product(made.account, "QTX-RICE")
    return made


def facts(shop: Shop, kind: Any, time: str, quantity: int, revision: int = 0) -> list[Any]:
    """Twelve facts of three products."""
    products = list(Product.objects.filter(account=shop.account).order_by("pk"))
    began = timezone.now() - timedelta(hours=1)
    return [
        kind(
            source_key=f"{time} {number}",
            product_id=products[number % 3].pk,
            warehouse_id=shop.place.pk,
            unit_kind="packs",
            quantity=quantity,
            revision=revision,
            **{time: began + timedelta(minutes=number)},
        )
        for number in range(12)
    ]


def test_sale_by_hand_is_there_whole_or_not_at_all(shop: Shop) -> None:
    shop.buy(5)
    shop.buy(5)
    for statement in range(1, MOST):
        if dies_at(lambda: shop.sell(8).pk, statement) != KILLED:
            break
        assert (Sale.objects.count(), Allocation.objects.count(), shop.packs) == (0, 0, 10)
    assert statement > 5
    assert (Sale.objects.count(), Allocation.objects.count(), shop.packs) == (1, 2, 2)
    prove(shop.account)


def test_facts_killed_again_and_again_are_booked_once(shop: Shop) -> None:
    """Each process gets further than the one before it; finished chunks stay."""
    told = [
        partial(receive_many, shop.actor, facts(shop, PurchaseFact, "bought_at", 3)),
        partial(sell_many, shop.actor, facts(shop, SaleFact, "sold_at", 4)),
        partial(sell_many, shop.actor, facts(shop, SaleFact, "sold_at", 2, revision=1)),
        partial(receive_many, shop.actor, facts(shop, PurchaseFact, "bought_at", 1, revision=1)),
    ]
    deaths = 0
    for book in told:
        statement = 7
        while dies_at(lambda book=book: book().processed, statement) == KILLED:
            prove(shop.account)
            deaths += 1
            # Some more of them each time, or none would ever end a chunk.
            statement += 7
        outcome = book()
        assert (outcome.processed, outcome.repeated) == (12, 12)
    assert deaths > 12
    assert (Purchase.objects.count(), Sale.objects.count()) == (12, 12)
    # Of each product 4 came in and 8 were sold.
    assert sum(Sale.objects.values_list("quantity", flat=True)) == 24
    assert sum(Sale.objects.values_list("shortfall", flat=True)) == 12
    assert shop.packs == 0
    assert Movement.objects.filter(kind="receipt").count() == 12
    prove(shop.account)
