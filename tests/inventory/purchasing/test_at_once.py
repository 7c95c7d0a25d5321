"""Several who do the same with an order at the same moment."""

from __future__ import annotations

import pytest

from inventory import ledger, purchasing
from inventory.errors import ChangedMeanwhile, ToldTwice
from inventory.models import Purchase, PurchaseOrder
from inventory.purchasing import OrderedLine
from tests.inventory.ledger.proof import prove
from tests.inventory.purchasing.build import Business, fresh, line_of
from tests.inventory.test_two_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_draft_one_edit_and_one_delivery() -> None:
    shop = Business()
    lines = [OrderedLine(shop.tea, 10)]
    numbers = at_once(lambda: purchasing.draft(shop.actor, shop.north, shop.shop, lines).order.number)
    assert (len(set(numbers)), PurchaseOrder.objects.count()) == (1, 1)
    order = PurchaseOrder.objects.get()

    def edit() -> str:
        try:
            purchasing.edit(shop.actor, order, version=1, lines={line_of(order, shop.tea).pk: {"quantity": 12}})
        except ChangedMeanwhile as late:
            return late.code
        return "changed"

    assert at_once(edit) == ["changed", "changed_meanwhile", "changed_meanwhile", "changed_meanwhile"]
    purchasing.approve(shop.actor, order)

    def receive() -> str:
        try:
            return str(shop.came(order, tea=5, source_key="van 7").repeated)
        except ToldTwice as told:
            return told.code

    assert at_once(receive) == ["False", "True", "True", "True"]
    assert (shop.level(shop.tea), Purchase.objects.count(), line_of(order, shop.tea).received) == (5, 1, 5)


def test_deliveries_and_a_correction_do_not_wait_in_a_circle() -> None:
    shop = Business()
    order = shop.approved(tea=100, cake=None)
    purchase = shop.came(order, tea=7).receipts[0].purchase
    assert purchase is not None
    turns = iter(["edit", "come", "come", "come"])

    def one() -> str:
        if next(turns) == "edit":
            ledger.edit_purchase(shop.actor, purchase, quantity=8)
        else:
            shop.came(order, tea=5)
        return "done"

    assert at_once(one) == ["done"] * 4
    assert (line_of(order, shop.tea).received, shop.level(shop.tea), fresh(order).state) == (23, 23, "partly")
    prove(shop.account)
