"""What the outside system of a mirror tells of our orders."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditLog
from inventory import purchasing
from inventory.models import OrderReceipt, PurchaseOrder
from inventory.purchasing import follow_upstream
from inventory.purchasing.follow_upstream import UpstreamOrder, UpstreamReceipt, arrived, number_in, seen
from inventory.signals import orders_changed
from tests.build import make_account
from tests.inventory.purchasing.build import Business, fresh, line_of

pytestmark = pytest.mark.django_db

URL = "/exampleco/api/order/881"
DAY = date(2026, 11, 20)


def tell(shop: Business, reference: str, status: str = "open", upstream: str = URL, **quantities: int) -> list[int]:
    said = {product.pk: Decimal(quantities[name]) for name, product in (("tea", shop.tea), ("cake", shop.cake)) if name in quantities}
    return seen(shop.account, [shop.mirror.pk], [UpstreamOrder(reference, upstream, status, said)], by="Finale")


def come(shop: Business, key: str, tea: int, upstream: str = URL, day: date = DAY) -> list[int]:
    return arrived(shop.account, [UpstreamReceipt(upstream, key, shop.tea.pk, Decimal(tea), day)], by="Finale")


@pytest.mark.parametrize(
    ("reference", "number"),
    [("PO-2026-0001", "PO-2026-0001"), ("our po-2026-0012 / Mara", "PO-2026-0012"), ("XPO-2026-0001", ""), ("PO-2026-1", ""), ("", "")],
)
def test_our_number_is_found_in_what_people_type(reference: str, number: str) -> None:
    assert number_in(reference) == number


def test_seen_upstream_it_counts_there_from_then_on() -> None:
    shop = Business()
    order = shop.approved(place=shop.mirror)
    assert tell(shop, f"{order.number} thanks", status="draft") == [order.pk]
    assert (fresh(order).upstream, fresh(order).upstream_at) == (URL, None)
    assert tell(shop, order.number, tea=9, cake=4) == [order.pk]
    first = fresh(order)
    assert (first.upstream_at is not None, first.state) == (True, "approved")
    assert AuditLog.objects.filter(action="SEEN_UPSTREAM").order_by("-id")[0].after["differs"] == {"QTX-TEA": "9 there, 10 here"}
    assert tell(shop, "", tea=9, cake=4) == []
    assert (fresh(order).version, fresh(order).upstream_at) == (first.version, first.upstream_at)


def test_orders_of_other_places_accounts_and_systems_are_left_alone() -> None:
    shop = Business()
    here, there = shop.approved(), shop.approved(place=shop.mirror)
    assert tell(shop, here.number) == []
    assert seen(shop.account, [], [UpstreamOrder(there.number, URL, "open", {})]) == []
    assert seen(make_account("8QX"), [shop.mirror.pk], [UpstreamOrder(there.number, URL, "open", {})]) == []
    assert not PurchaseOrder.objects.exclude(upstream="").exists()


def test_completed_or_cancelled_there_closes_it_here() -> None:
    shop = Business()
    order = shop.approved(place=shop.mirror)
    tell(shop, order.number, status="completed")
    assert (fresh(order).state, fresh(order).closed_why) == ("received", "Completed in the outside system.")
    other = shop.approved(place=shop.mirror)
    tell(shop, other.number, status="cancelled", upstream="/exampleco/api/order/882")
    assert (fresh(other).state, fresh(other).closed_why) == ("cancelled", "Cancelled in the outside system.")


def test_cancelled_and_entered_again_there_the_new_one_counts() -> None:
    shop = Business()
    order = shop.approved(place=shop.mirror)
    tell(shop, order.number)
    again = [UpstreamOrder(order.number, URL, "cancelled", {}), UpstreamOrder(order.number, "/exampleco/api/order/900", "open", {})]
    seen(shop.account, [shop.mirror.pk], again)
    assert (fresh(order).upstream, fresh(order).state) == ("/exampleco/api/order/900", "approved")


def test_a_draft_that_is_there_already_is_known_when_it_is_approved() -> None:
    shop = Business()
    order = shop.draft(place=shop.mirror)
    tell(shop, order.number)
    assert (fresh(order).state, fresh(order).upstream_at is not None) == ("draft", True)
    tell(shop, order.number, status="cancelled")
    assert (fresh(order).state, fresh(order).upstream) == ("draft", "")


def test_what_came_there_is_counted_once_corrected_and_closes_the_order() -> None:
    shop = Business()
    order = shop.approved(cake=None, place=shop.mirror)
    tell(shop, order.number)
    assert come(shop, "ship 1 line 0", 6) == [order.pk]
    assert come(shop, "ship 1 line 0", 6) == []
    assert (fresh(order).state, line_of(order, shop.tea).received) == ("partly", 6)
    come(shop, "ship 2 line 0", 4)
    assert (fresh(order).state, line_of(order, shop.tea).received) == ("received", 10)
    come(shop, "ship 2 line 0", -1)
    assert (fresh(order).state, line_of(order, shop.tea).received) == ("partly", 5)
    come(shop, "ship 1 line 0", 0)
    assert line_of(order, shop.tea).received == 0
    assert OrderReceipt.objects.count() == 2


def test_received_here_and_there_is_not_received_twice() -> None:
    shop = Business()
    order = shop.approved(cake=None, place=shop.mirror)
    tell(shop, order.number)
    shop.came(order, tea=6)
    come(shop, "ship 1 line 0", 6)
    assert (line_of(order, shop.tea).received, fresh(order).state) == (6, "partly")
    come(shop, "ship 2 line 0", 4)
    assert (line_of(order, shop.tea).received, fresh(order).state) == (10, "received")


def test_units_that_came_fill_packs_that_were_ordered() -> None:
    shop = Business()
    shop.tea.units_per_pack = Decimal(12)
    shop.tea.save()
    order = shop.approved(cake=None, place=shop.mirror)
    tell(shop, order.number)
    come(shop, "ship 1 line 0", 60)
    assert line_of(order, shop.tea).received == 5


def test_arrivals_on_what_is_not_ours_are_passed_over() -> None:
    shop = Business()
    order = shop.approved(tea=None, place=shop.mirror)
    tell(shop, order.number)
    assert come(shop, "ship 1 line 0", 6) == []
    assert come(shop, "ship 2 line 0", 6, upstream="/exampleco/api/order/1") == []
    assert not OrderReceipt.objects.exists()


def test_statements_grow_with_nothing(django_assert_max_num_queries: Any) -> None:
    shop = Business()
    order = shop.approved(place=shop.mirror)
    said = [UpstreamOrder("", f"/exampleco/api/order/{number}", "open", {}) for number in range(400)]
    with django_assert_max_num_queries(3):
        assert seen(shop.account, [shop.mirror.pk], said) == []
    with django_assert_max_num_queries(30):
        assert seen(shop.account, [shop.mirror.pk], [*said, UpstreamOrder(order.number, URL, "open", {})]) == [order.pk]
    receipts = [
        UpstreamReceipt(URL, f"ship {number}", product.pk, Decimal(1), DAY) for number in range(4) for product in (shop.tea, shop.cake)
    ]
    for part in (receipts[:1], receipts):
        with django_assert_max_num_queries(36):
            arrived(shop.account, part)
    assert purchasing.cancel(shop.actor, order).state == "received"


def test_all_orders_are_locked_before_anybody_hears_of_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who hears of it holds what is said of stock until the end; an order that is locked after that could be waited for in a circle."""
    monkeypatch.setattr(follow_upstream, "BATCH", 1)
    shop = Business()
    orders = [shop.approved(place=shop.mirror), shop.approved(place=shop.mirror)]
    heard: list[tuple[int, int]] = []

    def listen(*, product_ids: list[int], **_signal: object) -> None:
        heard.append((len(product_ids), len(queries.captured_queries)))

    orders_changed.connect(listen)
    try:
        with CaptureQueriesContext(connection) as queries:
            said = [UpstreamOrder(order.number, f"/x/api/order/{order.pk}", "open") for order in reversed(orders)]
            assert seen(shop.account, [shop.mirror.pk], said) == [orders[1].pk, orders[0].pk]
        with CaptureQueriesContext(connection) as queries:
            came = [UpstreamReceipt(f"/x/api/order/{order.pk}", f"s{order.pk}", shop.tea.pk, Decimal(1), DAY) for order in reversed(orders)]
            assert arrived(shop.account, came) == [orders[0].pk, orders[1].pk]
    finally:
        orders_changed.disconnect(listen)
    # Once each, after everything else that the verb does.
    assert [products for products, _ in heard] == [2, 2]
    after = [row["sql"] for row in queries.captured_queries[heard[1][1] :]]
    assert not [sql for sql in after if 'FROM "inventory_purchaseorder"' in sql]
