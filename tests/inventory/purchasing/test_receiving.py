"""Goods that come in on a purchase order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory import ledger, purchasing
from inventory.errors import ExpiredProduct, NotOpen
from inventory.models import Batch, Level, Movement, OrderReceipt, Purchase, PurchaseOrder, Sale
from inventory.purchasing import Arrival, OrderedLine
from tests.build import make_account, make_actor
from tests.inventory.ledger.build import make_product
from tests.inventory.ledger.proof import prove
from tests.inventory.purchasing.build import Business, fresh, line_of

pytestmark = pytest.mark.django_db


def test_two_parts_become_batches_and_the_order_is_received() -> None:
    shop = Business()
    order = shop.approved(tea=10, cake=4)
    first = shop.came(order, tea=6, reference="DN 17")
    assert (fresh(order).state, line_of(order, shop.tea).outstanding, shop.level(shop.tea)) == ("partly", 4, 6)
    assert first.warnings == ()
    shop.came(order, tea=4, cake=4)
    order = fresh(order)
    assert (order.state, order.closed_at is not None, order.closed_why) == ("received", True, "")
    assert (shop.level(shop.tea), shop.level(shop.cake)) == (10, 4)
    batches = Batch.objects.order_by("id").values_list("product__sku", "received", "unit_kind", "unit_cost")
    assert list(batches) == [
        ("QTX-TEA", 6, "packs", Decimal("2.5")),
        ("QTX-TEA", 4, "packs", Decimal("2.5")),
        ("QTX-CAKE", 4, "units", Decimal("1.2")),
    ]
    purchase = first.receipts[0].purchase
    assert purchase is not None
    assert (purchase.vendor, purchase.reference, purchase.correlation) == (shop.north, "DN 17", order.correlation)
    assert Purchase.objects.exclude(pk=purchase.pk).values_list("reference", flat=True).distinct().get() == order.number
    told = AuditLog.objects.filter(action="RECEIVE").order_by("id")[0].after
    assert told == {"state": "partly", "lines": [{"sku": "QTX-TEA", "came": "6 packs", "purchase": purchase.pk}]}
    prove(shop.account)


def test_lots_of_one_line_apart_with_their_own_cost_and_expiry() -> None:
    shop = Business()
    order = shop.approved(tea=10, cake=None)
    line, soon = line_of(order, shop.tea).pk, timezone.now().date() + timedelta(days=400)
    arrivals = [
        Arrival(line, 6, lot="L1", expires_on=soon),
        Arrival(line, 4, unit_cost="3", lot="L2"),
        Arrival(line, 1, free_goods=True, lot="L1"),
    ]
    done = purchasing.receive(shop.actor, order, arrivals)
    rows = Batch.objects.order_by("id").values_list("received", "lot", "expires_on", "unit_cost")
    assert list(rows) == [(6, "L1", soon, Decimal("2.5")), (4, "L2", None, 3), (1, "L1", None, 0)]
    assert done.warnings == ("QTX-TEA: 1 pack more than was ordered.",)
    assert fresh(order).state == "received"


def test_sent_twice_it_is_booked_once() -> None:
    shop = Business()
    order = shop.approved()
    first = shop.came(order, tea=10, cake=4, source_key="van 7")
    again = shop.came(order, tea=10, cake=4, source_key="van 7")
    assert (first.repeated, again.repeated, again.receipts) == (False, True, first.receipts)
    assert (shop.level(shop.tea), Purchase.objects.count(), fresh(order).version) == (10, 2, 3)


def test_what_can_not_be_booked_leaves_nothing() -> None:
    shop = Business()
    order = shop.approved()
    tea, cake = line_of(order, shop.tea).pk, line_of(order, shop.cake).pk
    wrong: list[tuple[Arrival, str]] = [
        (Arrival(cake, 1), "QTX-CAKE, unit_cost: Enter what one costs, or say that the goods are free."),
        (Arrival(cake, "1.5", unit_cost=1), "QTX-CAKE, quantity: QTX-CAKE Cake is counted in whole numbers"),
        (Arrival(cake, 0, unit_cost=1), "QTX-CAKE, quantity: Enter a quantity above zero"),
    ]
    for arrival, said in wrong:
        with pytest.raises(ValidationError) as error:
            purchasing.receive(shop.actor, order, [Arrival(tea, 2), arrival])
        assert error.value.message_dict["lines"][0].startswith(said)
    with pytest.raises(ExpiredProduct):
        purchasing.receive(shop.actor, order, [Arrival(tea, 2), Arrival(cake, 1, unit_cost=1, expires_on=date(2026, 1, 1))])
    with pytest.raises(ValidationError, match="There is no line 0"):
        purchasing.receive(shop.actor, order, [Arrival(tea, 2), Arrival(0, 1)])
    with pytest.raises(ValidationError, match="future"):
        shop.came(order, tea=1, received_at=timezone.now() + timedelta(days=1))
    with pytest.raises(ValidationError, match="between 1 and"):
        purchasing.receive(shop.actor, order, [])
    assert (fresh(order).state, line_of(order, shop.tea).received) == ("approved", 0)
    assert not Batch.objects.exists()
    assert not OrderReceipt.objects.exists()


def test_nothing_comes_on_a_draft_or_a_closed_order() -> None:
    shop = Business()
    order = shop.draft()
    with pytest.raises(NotOpen, match="is a draft"):
        shop.came(order, tea=1)
    purchasing.approve(shop.actor, order)
    shop.came(order, tea=10, cake=4)
    with pytest.raises(NotOpen, match="is received"):
        shop.came(order, tea=1)


def test_sales_that_were_short_take_from_it() -> None:
    shop = Business()
    order = shop.approved(tea=10, cake=None)
    Level.objects.create(account=shop.account, product=shop.tea, warehouse=shop.shop, ledger=True, changed_at=timezone.now())
    Sale.objects.create(
        account=shop.account, product=shop.tea, warehouse=shop.shop, unit_kind="packs", quantity=3, shortfall=3, sold_at=timezone.now()
    )
    shop.came(order, tea=10)
    assert (shop.level(shop.tea), Sale.objects.get().shortfall) == (7, 0)
    prove(shop.account)


def test_in_a_mirror_it_is_history_and_no_stock() -> None:
    shop = Business()
    order = shop.approved(place=shop.mirror)
    done = shop.came(order, tea=10, cake=4, received_at=datetime(2026, 11, 2, 23, 30, tzinfo=UTC))
    assert done.warnings[0].startswith("The stock of Hall follows its outside system, so nothing was booked")
    assert (fresh(order).state, OrderReceipt.objects.filter(purchase=None, received_on=date(2026, 11, 2)).count()) == ("received", 2)
    assert not Movement.objects.exists()
    assert not Purchase.objects.exists()


def test_an_order_follows_the_correction_of_what_came() -> None:
    shop = Business()
    order = shop.approved(tea=10, cake=None)
    purchase = shop.came(order, tea=10).receipts[0].purchase
    assert purchase is not None
    ledger.edit_purchase(shop.actor, purchase, quantity=8)
    assert (fresh(order).state, line_of(order, shop.tea).received, fresh(order).closed_at) == ("partly", 8, None)
    ledger.void_purchase(shop.actor, purchase)
    assert (fresh(order).state, line_of(order, shop.tea).received) == ("approved", 0)
    audit = AuditLog.objects.filter(action="CORRECT_RECEIPT").order_by("id")
    assert [(row.before["QTX-TEA"], row.after["QTX-TEA"]) for row in audit] == [("10 packs", "8 packs"), ("8 packs", "0 packs")]


def test_taking_back_the_rest_opens_it_again_but_not_what_was_given_up() -> None:
    shop = Business()
    order = shop.approved(tea=10, cake=None)
    purchase = shop.came(order, tea=4).receipts[0].purchase
    assert purchase is not None
    ledger.sell(shop.actor, product=shop.tea, warehouse=shop.shop, unit_kind="packs", quantity=1)
    purchasing.cancel(shop.actor, order)
    ledger.void_rest(shop.actor, purchase)
    assert (fresh(order).state, line_of(order, shop.tea).received) == ("received", 1)


def test_statements_do_not_grow_with_lines(django_assert_max_num_queries: Any) -> None:
    shop = Business()
    products = [make_product(shop.account, f"QTX-{number}") for number in range(25)]
    for place in (shop.shop, shop.mirror):
        lines = [OrderedLine(product, 2, unit_price=1) for product in products]
        order = purchasing.approve(shop.actor, purchasing.draft(shop.actor, shop.north, place, lines).order)
        rows = list(order.lines.values_list("pk", flat=True))
        for some in (rows[:1], rows[1:]):
            with django_assert_max_num_queries(55):
                purchasing.receive(shop.actor, order, [Arrival(row, 1, lot="L1") for row in some])
    prove(shop.account)


def test_roles_and_accounts() -> None:
    shop = Business()
    order = shop.approved()
    arrivals = [Arrival(line_of(order, shop.tea).pk, 1)]
    purchasing.receive(make_actor(shop.account, Role.STAFF), order, arrivals)
    with pytest.raises(NotAllowed):
        purchasing.receive(make_actor(shop.account, Role.VIEWER), order, arrivals)
    with pytest.raises(PurchaseOrder.DoesNotExist):
        purchasing.receive(make_actor(make_account("8QX")), order, arrivals)
