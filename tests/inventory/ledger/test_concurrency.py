"""Several people and programs at one ledger at the same moment, each a process of its own."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditLog
from inventory import expiry, ledger, reconcile
from inventory.ledger import SaleFact, sell_many
from inventory.models import Allocation, Batch, Cause, Movement, PurchaseStatus, Sale
from tests.inventory.ledger.build import Shop, batch_of, make_place, make_product
from tests.inventory.ledger.processes import flat, times, together
from tests.inventory.ledger.proof import prove

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform != "linux", reason="The processes are forked."),
]


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_fifty_sales_of_one_against_a_stock_of_twenty(shop: Shop) -> None:
    bought = shop.buy(20)
    told = flat(together(*[times(5, lambda: shop.sell(1).pk and "sold")] * 10))
    refused = Counter(each for each in told if each != "sold")
    assert Counter(told)["sold"] == 20
    assert refused == {"NoBatches": 30}
    assert (shop.packs, batch_of(bought).sold, Allocation.objects.count()) == (0, 20, 20)
    prove(shop.account)


def test_work_on_many_levels_in_opposite_orders_never_ends_in_a_deadlock(shop: Shop) -> None:
    back = make_place(shop.account, "BACK")
    products = [shop.tea, *(make_product(shop.account, f"QTX-{number}") for number in range(5))]
    for product in products:
        for place in (shop.place, back):
            for days in (30, 10, 20):
                shop.buy(30, product=product, warehouse=place, expires_at=timezone.now() + timedelta(days=days))

    def facts(name: str, round_: int, order: int) -> list[SaleFact]:
        return [
            SaleFact(
                source_key=f"{name} {round_} {product.pk} {place.pk}",
                product_id=product.pk,
                warehouse_id=place.pk,
                unit_kind="packs",
                quantity=7,
                sold_at=timezone.now(),
            )
            for product in products[::order]
            for place in (shop.place, back)[::order]
        ]

    def sells(name: str, order: int) -> Any:
        return lambda: [sell_many(shop.actor, facts(name, round_, order)).processed for round_ in range(4)]

    def moves(source: Any, target: Any) -> Any:
        def move() -> str:
            for product in products:
                ledger.transfer(shop.actor, product=product, source=source, target=target, unit_kind="packs", quantity=2)
            return "moved"

        return times(3, move)

    told = together(sells("a", 1), sells("b", -1), moves(shop.place, back), moves(back, shop.place))
    assert told[:2] == [[12] * 4] * 2
    assert set(flat(told[2:])) <= {"moved", "InsufficientStock", "NoBatches"}
    assert Sale.objects.count() == 96
    prove(shop.account)


def test_one_order_told_twice_at_once_is_one_sale(shop: Shop) -> None:
    shop.buy(20)
    fact = SaleFact(
        source_key="order 7", product_id=shop.tea.pk, warehouse_id=shop.place.pk, unit_kind="packs", quantity=3, sold_at=timezone.now()
    )
    counts = together(*[lambda: (lambda found: [found.booked, found.repeated])(sell_many(shop.actor, [fact]))] * 4)
    assert sorted(counts) == [[0, 1]] * 3 + [[1, 0]]
    assert shop.packs == 17
    prove(shop.account)


def test_a_sale_cancelled_twice_at_once_is_restored_once(shop: Shop) -> None:
    shop.buy(20)
    sale = shop.sell(8)
    told = together(*[lambda: ledger.cancel_sale(shop.actor, sale).sale.status] * 4)
    assert Counter(told) == {"cancelled": 1, "AlreadyUndone": 3}
    assert shop.packs == 20
    assert Movement.objects.filter(kind="sale_reversal").count() == 1
    prove(shop.account)


def test_a_purchase_voided_while_it_is_sold_leaves_no_sale_without_goods(shop: Shop) -> None:
    for _ in range(8):
        bought = shop.buy(5)
        before = Sale.objects.count()
        sold, voided = together(lambda: shop.sell(5).pk and "sold", lambda bought=bought: ledger.void_purchase(shop.actor, bought).status)
        assert (sold, voided) in {("sold", "BatchInUse"), ("NoBatches", PurchaseStatus.VOIDED.value)}
        assert Sale.objects.count() - before == (sold == "sold")
        assert shop.packs == 0
    prove(shop.account)


def test_a_sale_gets_a_batch_before_it_expires_or_not_at_all(shop: Shop) -> None:
    soon = shop.buy(500)
    shop.buy(500)
    ends = timezone.now() + timedelta(seconds=1)
    Batch.objects.filter(pk=soon.batch_id).update(expires_at=ends)

    # Each begins its last call after the end, however late it comes to it.
    def until_after_the_end(does: Callable[[], Any]) -> Callable[[], int]:
        def again() -> int:
            over = False
            while not over:
                over = timezone.now() >= ends + timedelta(seconds=0.3)
                does()
                time.sleep(0.01)
            return 0

        return again

    sells = until_after_the_end(lambda: shop.sell(1))
    together(sells, sells, until_after_the_end(lambda: expiry.expire(shop.account.pk)))
    late = Movement.objects.filter(kind="sale", batch=soon.batch_id, booked_at__gte=ends)
    assert not late.exists()
    assert Movement.objects.filter(kind="expiry", batch=soon.batch_id).count() == 1
    prove(shop.account)


def test_reconcile_beside_sales_finds_nothing_to_correct(shop: Shop) -> None:
    shop.buy(1000)
    milk = make_product(shop.account, "QTX-MILK")
    shop.buy(1000, product=milk)

    def for_a_while() -> Iterator[None]:
        """From when the process is let go, once at least."""
        began = time.monotonic()
        yield
        while time.monotonic() < began + 1.5:
            yield

    def sells(product: Any) -> Any:
        def sell() -> int:
            for _ in for_a_while():
                shop.sell(1, product=product)
            return 0

        return sell

    def passes() -> int:
        done = 0
        for _ in for_a_while():
            run = reconcile.start(shop.actor, cause=Cause.SCHEDULED_CRON)
            reconcile.execute(run.pk)
            reconcile.reconcile(shop.actor, [(shop.tea.pk, shop.place.pk), (milk.pk, shop.place.pk)], Cause.SCHEDULED_MINUTE)
            done += 1
        return done

    *_, done = together(sells(shop.tea), sells(milk), passes)
    assert done > 0
    assert not AuditLog.objects.filter(action="AUTO_SYNC_CORRECTION").exists()
    prove(shop.account)
