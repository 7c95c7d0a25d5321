"""What approving a count books."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditLog
from inventory import ledger
from inventory.errors import AlreadyDecided, AlreadyOpened, Quarantined
from inventory.ledger import CountedLine
from inventory.models import Batch, Count, Level, Movement, Product, Sale
from tests.inventory.ledger.build import Shop, batch_of, in_days, let_expire, make_place, make_product
from tests.inventory.ledger.proof import prove

pytestmark = pytest.mark.django_db

MAY = date(2031, 5, 1)


@pytest.fixture
def shop() -> Shop:
    return Shop(packs_per_pallet=40)


def line(shop: Shop, counted: Any, **given: Any) -> CountedLine:
    return CountedLine(**{"product": shop.tea, "unit_kind": "packs", "counted": counted, **given})


def enter(shop: Shop, *lines: CountedLine, **given: Any) -> Count:
    return ledger.enter_count(shop.actor, **{"warehouse": shop.place, "lines": lines, **given})


def approve(shop: Shop, *lines: CountedLine, **given: Any) -> Count:
    return ledger.approve_count(shop.actor, enter(shop, *lines, **given))


def test_loss_goes_first_expired_first(shop: Shop) -> None:
    never, soon = shop.buy(10, cost="4.00"), shop.buy(3, cost="2.00", expires_at=in_days(50))
    count = approve(shop, line(shop, 8))
    assert (batch_of(soon).written_off, batch_of(never).written_off) == (3, 2)
    assert (shop.packs, count.status, count.value) == (8, "approved", -14)
    assert count.lines.get().booked == -5
    movements = Movement.objects.filter(kind="count_loss").order_by("id")
    assert list(movements.values_list("batch_delta", "document_id", "cause")) == [
        (-3, count.lines.get().pk, "stock_count"),
        (-2, count.lines.get().pk, "stock_count"),
    ]
    prove(shop.account)


def test_gain_is_a_batch_of_its_own(shop: Shop) -> None:
    shop.buy(10, cost="2.00")
    shop.buy(30, cost="4.00")
    count = approve(shop, line(shop, 44))
    found = Batch.objects.get(origin="count")
    assert (found.gained, found.received, found.remaining, found.unit_cost) == (4, 0, 4, Decimal("3.5"))
    assert (found.packs_per_pallet, found.received_at) == (40, count.counted_at)
    assert (shop.packs, count.value) == (44, 14)
    assert Movement.objects.get(batch=found).kind == "count_gain"
    prove(shop.account)


def test_gain_has_the_lot_the_day_and_the_cost_that_were_given(shop: Shop) -> None:
    approve(shop, line(shop, 4, lot="L7", expires_on=MAY, unit_cost="3.00"))
    found = Batch.objects.get(origin="count")
    assert (found.lot, found.expires_on, found.unit_cost) == ("L7", MAY, 3)
    assert found.expires_at == datetime(2031, 5, 2, tzinfo=UTC)


def test_gain_of_unknown_cost_has_none(shop: Shop) -> None:
    count = approve(shop, line(shop, 4))
    assert (Batch.objects.get().unit_cost, count.value) == (None, None)
    prove(shop.account)


def test_gain_beside_a_named_batch_is_like_it(shop: Shop) -> None:
    bought = shop.buy(10, cost="2.00", lot="L7", expires_on=MAY)
    approve(shop, line(shop, 12, batch=batch_of(bought)))
    found, like = Batch.objects.get(origin="count"), batch_of(bought)
    assert (found.parent_id, found.lot, found.expires_on, found.expires_at) == (like.pk, "L7", MAY, like.expires_at)
    assert (found.unit_cost, found.remaining, like.remaining) == (2, 2, 10)
    prove(shop.account)


def test_loss_of_a_named_batch_or_lot_leaves_the_others(shop: Shop) -> None:
    soon, lot, named = shop.buy(9, expires_at=in_days(50)), shop.buy(9, lot="L7"), shop.buy(9)
    approve(shop, line(shop, 5, lot="L7"), line(shop, 6, batch=batch_of(named)))
    assert [batch_of(each).remaining for each in (soon, lot, named)] == [9, 5, 6]
    prove(shop.account)


def test_an_expired_batch_that_is_gone_leaves_the_counter(shop: Shop) -> None:
    old = shop.buy(9, expires_at=in_days(1))
    shop.buy(5)
    let_expire(old)
    approve(shop, line(shop, 0, batch=batch_of(old)))
    assert (batch_of(old).remaining, batch_of(old).written_off, shop.packs) == (0, 9, 5)
    prove(shop.account)


def test_only_the_difference_is_booked_whatever_was_sold_since(shop: Shop) -> None:
    shop.buy(10)
    count = enter(shop, line(shop, 8))
    shop.sell(3)
    shop.buy(20)
    ledger.approve_count(shop.actor, count)
    assert shop.packs == 25
    prove(shop.account)


def test_loss_larger_than_what_is_left_takes_what_is_there_and_says_so(shop: Shop) -> None:
    shop.buy(10)
    count = enter(shop, line(shop, 4, note="Top shelf."))
    shop.sell(8)
    count = ledger.approve_count(shop.actor, count)
    stored = count.lines.get()
    assert (shop.packs, count.status, stored.booked) == (0, "adjusted", -2)
    assert stored.note == "Top shelf. Only 2 of 6 were left to take."
    prove(shop.account)


def test_nothing_left_to_lose_is_adjusted_too(shop: Shop) -> None:
    shop.buy(10)
    count = enter(shop, line(shop, 4))
    shop.sell(10)
    assert ledger.approve_count(shop.actor, count).status == "adjusted"
    assert shop.packs == 0


def test_what_agrees_books_nothing(shop: Shop) -> None:
    shop.buy(10)
    count = approve(shop, line(shop, 10))
    assert (count.status, count.value, Movement.objects.count()) == ("approved", 0, 1)


def test_kinds_are_never_turned_into_each_other(shop: Shop) -> None:
    shop.buy(2, "pallets", cost="90.00")
    approve(shop, line(shop, 1, unit_kind="pallets"), line(shop, 40))
    assert shop.level() == (1, 40, 0)
    prove(shop.account)


def test_counter_that_was_wrong_is_set_right_before_the_difference(shop: Shop) -> None:
    shop.buy(10)
    count = enter(shop, line(shop, 8))
    Level.objects.update(packs=Decimal(15))
    ledger.approve_count(shop.actor, count)
    assert shop.packs == 8
    prove(shop.account)


def test_found_goods_settle_what_sales_are_short_of(shop: Shop) -> None:
    where = {"product": shop.tea, "warehouse": shop.place, "unit_kind": "packs", "sold_at": timezone.now()}
    short = Sale.objects.create(account=shop.account, quantity=Decimal(3), shortfall=Decimal(3), **where)
    approve(shop, line(shop, 5))
    short.refresh_from_db()
    assert (short.shortfall, shop.packs) == (0, 2)
    prove(shop.account)


def test_approved_once_with_one_audit_row(shop: Shop) -> None:
    shop.buy(10)
    count = approve(shop, line(shop, 7), line(shop, 2, unit_kind="units"))
    with pytest.raises(AlreadyDecided):
        ledger.approve_count(shop.actor, count)
    row = AuditLog.objects.get(entity="Count", action="APPROVE")
    assert (row.before["status"], row.after["status"], row.after["lines"]) == ("pending", "approved", 2)
    assert {kind: Decimal(value) for kind, value in row.after["gained"].items()} == {"pallets": 0, "packs": 0, "units": 2}
    assert {kind: Decimal(value) for kind, value in row.after["lost"].items()} == {"pallets": 0, "packs": 3, "units": 0}


def test_one_quarantined_product_stops_the_whole_count(shop: Shop) -> None:
    mug = make_product(shop.account, "QTX-MUG")
    shop.buy(10)
    shop.buy(10, product=mug)
    count = enter(shop, line(shop, 7), line(shop, 7, product=mug))
    Level.objects.filter(product=mug).update(quarantined_at=timezone.now())
    with pytest.raises(Quarantined) as refused:
        ledger.approve_count(shop.actor, count)
    assert "QTX-MUG" in refused.value.sentence
    assert (shop.packs, Count.objects.get().status) == (10, "pending")


class TestOpening:
    @pytest.fixture(autouse=True)
    def _place(self, shop: Shop) -> None:
        self.new = make_place(shop.account, "NEW")

    def test_a_warehouse_begins_with_what_was_counted(self, shop: Shop) -> None:
        lines = (
            line(shop, 5, lot="A", expires_on=MAY, unit_cost="2.00"),
            line(shop, 7, lot="B", unit_cost="3.00"),
            line(shop, 2),
            line(shop, 0, unit_kind="pallets"),
        )
        count = approve(shop, *lines, warehouse=self.new, opening=True)
        rows = Batch.objects.filter(warehouse=self.new).order_by("id")
        assert list(rows.values_list("origin", "lot", "expires_on", "unit_cost", "remaining")) == [
            ("opening", "A", MAY, 2, 5),
            ("opening", "B", None, 3, 7),
            ("opening", "", None, None, 2),
        ]
        assert set(Movement.objects.values_list("cause", "happened_at")) == {("opening", self.new.opened_at)}
        assert (shop.level(place=self.new), count.value) == ((0, 14, 0), 31)
        prove(shop.account)

    def test_goods_that_expired_before_are_kept_and_not_counted(self, shop: Shop) -> None:
        approve(shop, line(shop, 5, expires_on=date(2020, 5, 1)), warehouse=self.new, opening=True)
        assert (Batch.objects.get().state, shop.level(place=self.new).packs) == ("EXPIRED", 0)
        prove(shop.account)

    def test_only_while_nothing_is_booked_there(self, shop: Shop) -> None:
        first = enter(shop, line(shop, 5), warehouse=self.new, opening=True)
        second = enter(shop, line(shop, 6), warehouse=self.new, opening=True)
        ledger.approve_count(shop.actor, second)
        with pytest.raises(AlreadyOpened):
            ledger.approve_count(shop.actor, first)
        with pytest.raises(AlreadyOpened):
            enter(shop, line(shop, 1), warehouse=self.new, opening=True)
        assert shop.level(place=self.new).packs == 6

    def test_counted_before_the_opening_is_what_it_is_for(self, shop: Shop) -> None:
        counted_at = self.new.opened_at - timedelta(days=1)
        assert approve(shop, line(shop, 5), warehouse=self.new, opening=True, counted_at=counted_at).status == "approved"


def make_many(shop: Shop, number: int) -> list[Product]:
    """Products of which there are ten packs each, in two batches."""
    names = [f"QTX-{each:05}" for each in range(number)]
    products = [
        Product(account=shop.account, sku=name, sku_key=name, model_key=name.replace("-", ""), name=name, unit_kind="packs")
        for name in names
    ]
    products = Product.objects.bulk_create(products)
    lines = [line(shop, 6, product=each, lot="A") for each in products]
    approve(shop, *lines, *[line(shop, 4, product=each, lot="B") for each in products], opening=True)
    return products


def statements(shop: Shop, products: list[Product]) -> int:
    """How many statements the approval takes of a count in which of every other product two are missing or two are found."""
    lines = [line(shop, 10 + 2 * (-1) ** place, product=each) for place, each in enumerate(products)]
    count = enter(shop, *lines)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        ledger.approve_count(shop.actor, count)
    return len(asked)


def test_statements_do_not_grow_with_the_lines(shop: Shop) -> None:
    products = make_many(shop, 120)
    few, many = statements(shop, products[:20]), statements(shop, products[20:])
    # Rows are written in portions, which are smaller on SQLite.
    assert many - few <= 8
    prove(shop.account)
