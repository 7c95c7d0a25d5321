"""Sales of outside systems: booked for what is there, the rest kept in sight."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditLog
from inventory.ledger import BulkOutcome, SaleFact, sell_many
from inventory.models import Allocation, Batch, DirtyKey, Level, Movement, Sale, Warehouse
from tests.build import make_account
from tests.inventory.ledger.build import Shop, in_days, let_expire, make_place, make_product
from tests.inventory.ledger.proof import prove

pytestmark = pytest.mark.django_db


def sale(shop: Shop, key: str, quantity: Any, **given: Any) -> SaleFact:
    values = {
        "product_id": shop.tea.pk,
        "warehouse_id": shop.place.pk,
        "unit_kind": "packs",
        "sold_at": timezone.now() - timedelta(minutes=5),
        **given,
    }
    return SaleFact(source_key=key, quantity=quantity, **values)


def sold(shop: Shop, *facts: SaleFact) -> BulkOutcome:
    outcome = sell_many(shop.actor, facts)
    assert outcome.processed == len(facts)
    prove(shop.account)
    return outcome


def taken(key: str) -> list[tuple[int, Decimal]]:
    return list(Allocation.objects.filter(sale__source_key=key).order_by("id").values_list("batch_id", "quantity"))


class TestThreeBatches:
    """A 10 expires first, B 20 later, C 30 never."""

    @pytest.fixture(autouse=True)
    def _bought(self) -> None:
        self.shop = Shop()
        self.c = self.shop.buy(30, cost="3").batch_id
        self.b = self.shop.buy(20, cost="2", expires_at=in_days(200)).batch_id
        self.a = self.shop.buy(10, cost="1", expires_at=in_days(100)).batch_id

    def test_first_expired_goes_first_over_all_sales(self) -> None:
        outcome = sold(self.shop, sale(self.shop, "x", 4), sale(self.shop, "y", 10), sale(self.shop, "z", 21))
        assert (outcome.booked, outcome.short) == (3, 0)
        assert taken("x") == [(self.a, 4)]
        assert taken("y") == [(self.a, 6), (self.b, 4)]
        assert taken("z") == [(self.b, 16), (self.c, 5)]
        costs = dict(Sale.objects.values_list("source_key", "cost"))
        assert costs == {"x": Decimal(4), "y": Decimal(14), "z": Decimal(47)}
        assert self.shop.packs == 25

    def test_movements_run_through_the_counter_and_name_their_fact(self) -> None:
        sold(self.shop, sale(self.shop, "x", 4, reference="bill 7"), sale(self.shop, "y", 10))
        rows = Movement.objects.filter(kind="sale").order_by("id").values_list("source_key", "batch_delta", "level_after", "cause")
        assert list(rows) == [("x", -4, 56, "source_sync"), ("y", -6, 50, "source_sync"), ("y", -4, 46, "source_sync")]
        first = Sale.objects.get(source_key="x")
        assert first.reference == "bill 7"
        assert set(Movement.objects.filter(document_id=first.pk, kind="sale").values_list("correlation", flat=True)) == {first.correlation}
        assert first.correlation != Sale.objects.get(source_key="y").correlation

    def test_earlier_sale_takes_first_whatever_the_order_of_the_call(self) -> None:
        now = timezone.now()
        sold(self.shop, sale(self.shop, "late", 10, sold_at=now), sale(self.shop, "early", 10, sold_at=now - timedelta(hours=1)))
        assert taken("early") == [(self.a, 10)]
        assert taken("late") == [(self.b, 10)]

    def test_what_is_not_there_is_a_shortfall(self) -> None:
        outcome = sold(self.shop, sale(self.shop, "x", 55), sale(self.shop, "y", 9), sale(self.shop, "z", 2))
        assert (outcome.booked, outcome.short) == (1, 2)
        assert dict(Sale.objects.values_list("source_key", "shortfall")) == {"x": 0, "y": 4, "z": 2}
        assert taken("z") == []
        assert self.shop.packs == 0

    def test_expired_batch_is_passed_over_and_leaves_the_counter(self) -> None:
        Batch.objects.filter(pk=self.a).update(expires_at=timezone.now() - timedelta(seconds=1))
        sold(self.shop, sale(self.shop, "x", 5))
        assert taken("x") == [(self.b, 5)]
        assert self.shop.packs == 45
        assert list(Movement.objects.order_by("id").values_list("kind", flat=True))[-2:] == ["expiry", "sale"]


def test_same_fact_again_is_repeated() -> None:
    shop = Shop()
    shop.buy(10)
    sold(shop, sale(shop, "x", 4))
    outcome = sold(shop, sale(shop, "x", 4), sale(shop, "y", 1), sale(shop, "y", 1))
    assert (outcome.booked, outcome.repeated) == (1, 2)
    assert Sale.objects.count() == 2
    assert shop.packs == 5


def test_newest_revision_within_a_call_counts() -> None:
    shop = Shop()
    shop.buy(10)
    outcome = sold(shop, sale(shop, "x", 4), sale(shop, "x", 3, revision=1))
    assert (outcome.booked, outcome.repeated) == (1, 1)
    assert Sale.objects.get().quantity == 3
    assert Movement.objects.get(kind="sale").source_key == "x#1"


def test_facts_from_before_the_opening_are_history() -> None:
    shop = Shop()
    shop.buy(10)
    shop.place.opened_at = timezone.now() - timedelta(hours=1)
    shop.place.save()
    outcome = sold(shop, sale(shop, "old", 4, sold_at=timezone.now() - timedelta(hours=2)), sale(shop, "new", 1))
    assert (outcome.history, outcome.booked) == (1, 1)
    assert shop.packs == 9


def test_what_can_not_be_booked_is_held_and_the_rest_goes_on() -> None:
    shop = Shop()
    shop.buy(10)
    other = make_account("8QX")
    mirror = Warehouse.objects.create(account=shop.account, name="Depot", code="DEPOT")
    facts = [
        sale(shop, "no-product", 1, product_id=10**9),
        sale(shop, "their-product", 1, product_id=make_product(other).pk),
        sale(shop, "their-place", 1, warehouse_id=make_place(other).pk),
        sale(shop, "mirror", 1, warehouse_id=mirror.pk),
        sale(shop, "zero", 0),
        sale(shop, "negative", -1),
        sale(shop, "half", "0.5"),
        sale(shop, "words", "a few"),
        sale(shop, "kind", 1, unit_kind="boxes"),
        sale(shop, "tomorrow", 1, sold_at=in_days(1)),
        sale(shop, "price", 1, price="-1"),
        sale(shop, "", 1),
        sale(shop, "good", 1),
    ]
    outcome = sold(shop, *facts)
    assert outcome.booked == 1
    assert [key for key, _ in outcome.held] == [fact.source_key for fact in facts[:-1]]
    assert all(sentence.startswith(f"{key}: ") for key, sentence in outcome.held if key)
    assert "no product 1000000000 in this business account" in outcome.held[0][1]
    assert "follows an outside system" in outcome.held[3][1]
    assert shop.packs == 9


def test_sale_of_something_never_seen_is_all_shortfall() -> None:
    shop = Shop()
    outcome = sold(shop, sale(shop, "x", 3))
    assert outcome.short == 1
    assert Sale.objects.get().shortfall == 3
    assert shop.packs == 0


def test_next_receipt_settles_the_oldest_first() -> None:
    shop = Shop()
    now = timezone.now()
    sold(shop, sale(shop, "second", 3, sold_at=now), sale(shop, "first", 3, sold_at=now - timedelta(hours=1)))
    assert shop.receive(4).settled == 4
    prove(shop.account)
    assert dict(Sale.objects.values_list("source_key", "shortfall")) == {"first": 0, "second": 2}


def test_quarantined_batches_are_left_alone() -> None:
    shop = Shop()
    shop.buy(10)
    Level.objects.update(quarantined_at=timezone.now())
    outcome = sold(shop, sale(shop, "x", 3))
    assert outcome.short == 1
    assert shop.packs == 10
    assert Batch.objects.get().remaining == 10


def test_fractions_are_exact() -> None:
    shop = Shop(fractional=True)
    shop.buy("0.3", cost="0.01")
    sold(shop, sale(shop, "x", "0.1"), sale(shop, "y", "0.1"), sale(shop, "z", "0.1"))
    assert shop.packs == 0
    assert Sale.objects.filter(shortfall=0, cost=Decimal("0.001")).count() == 3


def test_levels_of_several_products_and_places_in_one_call() -> None:
    shop = Shop()
    milk, back = make_product(shop.account, "QTX-MILK"), make_place(shop.account, "BACK")
    shop.buy(5)
    shop.buy(5, product=milk)
    shop.buy(5, warehouse=back)
    sold(shop, sale(shop, "a", 1), sale(shop, "b", 2, product_id=milk.pk), sale(shop, "c", 3, warehouse_id=back.pk))
    assert (shop.packs, shop.level(milk).packs, shop.level(place=back).packs) == (4, 3, 2)
    assert DirtyKey.objects.count() == 3


def test_one_audit_row_tells_of_the_chunk() -> None:
    shop = Shop()
    shop.buy(5)
    sold(shop, sale(shop, "a", 1), sale(shop, "b", 9), sale(shop, "c", 0))
    row = AuditLog.objects.get(action="BOOK_MANY")
    counts = {name: row.after[name] for name in ("booked", "short", "corrected", "levels")}
    assert counts == {"booked": 1, "short": 1, "corrected": 0, "levels": 1}
    assert (row.entity, row.cause, row.actor_label) == ("Sale", "source_sync", "Mara")


def test_correlation_of_the_source_is_kept() -> None:
    shop = Shop()
    shop.buy(5)
    given = uuid.uuid4()
    sold(shop, sale(shop, "a", 1, correlation=given))
    assert Sale.objects.get().correlation == Movement.objects.get(kind="sale").correlation == given


def test_counter_that_was_wrong_is_healed_on_the_way() -> None:
    shop = Shop()
    shop.buy(10)
    Level.objects.update(packs=15)
    sell_many(shop.actor, [sale(shop, "a", 1)])
    assert shop.packs == 9
    assert AuditLog.objects.filter(action="AUTO_SYNC_CORRECTION").count() == 1


def test_expired_goods_alone_leave_the_sale_short() -> None:
    shop = Shop()
    let_expire(shop.buy(10, expires_at=in_days(1)))
    assert sold(shop, sale(shop, "a", 1)).short == 1
    assert shop.packs == 0
