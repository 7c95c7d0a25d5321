"""Transfers that outside systems tell of: out of one warehouse, into another, by the pieces that were taken."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from inventory.errors import ToldOutside
from inventory.ledger import (
    BulkOutcome,
    PurchaseFact,
    SaleFact,
    TransferFact,
    cancel_sale,
    edit_purchase,
    edit_sale,
    receive_many,
    reverse_write_off,
    sell_many,
    transfer_many,
    void_purchase,
    write_off,
)
from inventory.models import Batch, Movement, Purchase, Sale, Warehouse, WarehouseMode
from tests.build import make_actor
from tests.inventory.ledger.build import Shop, in_days, make_place
from tests.inventory.ledger.proof import prove

pytestmark = pytest.mark.django_db
AGO = timedelta(hours=1)


class Two:
    """A shop with tea, A 10 that expire first at 1, B 10 that never do at 3, and a store without."""

    def __init__(self) -> None:
        self.shop = Shop()
        self.account, self.actor, self.tea, self.here = self.shop.account, self.shop.actor, self.shop.tea, self.shop.place
        self.store = make_place(self.account, "STORE")
        self.b = self.shop.buy(10, cost="3", lot="B").batch
        self.a = self.shop.buy(10, cost="1", lot="A", expires_at=in_days(100)).batch

    def fact(self, quantity: Any, revision: int = 0, key: str = "m", **given: Any) -> TransferFact:
        values = {
            "product_id": self.tea.pk,
            "unit_kind": "packs",
            "moved_at": timezone.now() - AGO,
            "from_id": self.here.pk,
            "to_id": self.store.pk,
            **given,
        }
        return TransferFact(source_key=key, quantity=quantity, revision=revision, **values)

    def tell(self, *facts: TransferFact) -> BulkOutcome:
        outcome = transfer_many(self.actor, facts)
        assert outcome.processed == len(facts)
        prove(self.account)
        return outcome

    def told(self, quantity: Any, revision: int = 0, **given: Any) -> BulkOutcome:
        return self.tell(self.fact(quantity, revision, **given))

    @property
    def packs(self) -> tuple[Decimal, Decimal]:
        """Here and in the store."""
        return self.shop.level().packs, self.shop.level(place=self.store).packs

    def arrived(self, place: Warehouse | None = None) -> list[tuple[Decimal, str, Decimal | None]]:
        """What stands in the store of each piece: how much, lot and cost, by lot."""
        rows = Batch.objects.filter(warehouse=place or self.store, remaining__gt=0).order_by("lot")
        return list(rows.values_list("remaining", "lot", "unit_cost"))


@pytest.fixture
def two() -> Two:
    return Two()


def out() -> Sale:
    return Sale.objects.get(source_key="m:out")


def piece(tail: Any) -> Purchase:
    return Purchase.objects.select_related("batch", "arrival").get(source_key=f"m:in:{tail}")


def test_each_batch_that_is_taken_from_arrives_as_what_it_was(two: Two) -> None:
    assert two.told(12, reference="WH/INT/7").booked == 1
    assert two.packs == (8, 12)
    assert (out().purpose, out().quantity, out().cost, out().reference) == ("transfer", 12, 16, "WH/INT/7")
    first, second = piece(two.a.pk), piece(two.b.pk)
    assert (first.batch.received, first.batch.lot, first.batch.unit_cost, first.batch.expires_at) == (10, "A", 1, two.a.expires_at)
    assert (second.batch.received, second.batch.lot, second.batch.unit_cost, second.batch.expires_at) == (2, "B", 3, None)
    assert (first.batch.parent_id, first.batch.origin, first.batch.received_at) == (two.a.pk, "transfer", two.a.received_at)
    assert (first.purpose, first.arrival.transfer_key, first.arrival.sent_id) == ("transfer", "m", out().pk)
    kinds = list(Movement.objects.filter(correlation=out().correlation).order_by("id").values_list("kind", "batch_delta"))
    assert kinds == [("sent", -10), ("sent", -2), ("arrived", 10), ("arrived", 2)]


def test_told_again_nothing_is_done(two: Two) -> None:
    two.told(12)
    before = Movement.objects.count()
    assert two.told(12).repeated == 1
    assert Movement.objects.count() == before


def test_what_is_not_there_arrives_all_the_same(two: Two) -> None:
    assert two.told(25).short == 1
    assert two.packs == (0, 25)
    assert out().shortfall == 5
    unknown = piece("short").batch
    assert (unknown.received, unknown.unit_cost, unknown.expires_at, unknown.parent_id) == (5, None, None, None)
    # What comes in is what was sent already, and the same told again is no other goods.
    receive_many(two.actor, [bought(two, "p", 7)])
    assert two.packs == (2, 25)
    assert two.told(25).repeated == 1
    assert two.packs == (2, 25)
    # Only a correction looks at it anew: five of the new goods are what had arrived without a name.
    assert two.told(24, 1).corrected == 1
    assert two.packs == (3, 24)
    new = Batch.objects.get(purchase__source_key="p")
    assert (piece("short").status, piece(new.pk).batch.remaining, piece(new.pk).batch.unit_cost) == ("voided", 4, Decimal("2.5"))


def test_a_smaller_one_gives_back_what_was_taken_last(two: Two) -> None:
    two.told(12)
    sell_many(two.actor, [sold(two, "s", 11)])
    assert two.told(10, 1).corrected == 1
    # Both of B go back; one of them was sold in the store, which is short of it now.
    assert two.packs == (10, 0)
    assert piece(two.b.pk).status == "voided"
    assert Sale.objects.get(source_key="s").shortfall == 1
    assert [out().quantity, out().revision, piece(two.a.pk).revision] == [10, 1, 1]
    assert list(Movement.objects.filter(source_key="m:out#1").values_list("kind", "batch_delta")) == [("issue_reversal", 2)]


def test_a_larger_one_brings_more(two: Two) -> None:
    two.told(8)
    assert two.told(12, 1).corrected == 1
    assert two.packs == (8, 12)
    assert (piece(two.a.pk).batch.received, piece(two.b.pk).batch.received) == (10, 2)
    assert two.told(8).repeated == 1
    assert two.packs == (8, 12)


def test_a_void_one_never_was(two: Two) -> None:
    assert two.told(3, 1, void=True).empty == 1
    two.told(12)
    assert two.told(0, 1).corrected == 1
    assert two.packs == (20, 0)
    assert (out().status, set(Purchase.objects.filter(purpose="transfer").values_list("status", flat=True))) == ("cancelled", {"voided"})
    assert two.told(0, 1).repeated == 1
    # It was, all the same.
    assert two.told(5, 2).corrected == 1
    assert two.packs == (15, 5)


def test_another_target_takes_over_what_arrived(two: Two) -> None:
    cellar = make_place(two.account, "CELLAR")
    two.told(12)
    assert two.told(12, 1, to_id=cellar.pk).corrected == 1
    assert two.packs == (8, 0)
    assert two.arrived(cellar) == [(10, "A", 1), (2, "B", 3)]
    assert Purchase.objects.filter(source_key=f"m:in:{two.a.pk}#0", status="voided").exists()


def test_what_was_used_otherwise_is_held_until_it_is_taken_back(two: Two) -> None:
    two.told(12)
    about = {"product": two.tea, "warehouse": two.store, "unit_kind": "packs", "reason": "lost", "note": "Gone."}
    gone = write_off(two.actor, quantity=1, batch=piece(two.b.pk).batch, **about)
    outcome = two.told(10, 1)
    assert [key for key, _ in outcome.held] == ["m"]
    assert outcome.held[0][1].startswith("m: 1 of batch")
    # Where it left it is corrected; the other side follows as soon as it can.
    assert two.packs == (10, 11)
    assert two.told(10, 1).held
    reverse_write_off(two.actor, gone)
    assert two.told(10, 1).corrected == 1
    assert two.packs == (10, 10)
    assert two.told(10, 1).repeated == 1


def test_killed_between_its_sides_nothing_is_booked(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("inventory.ledger.bulkreceiving.book", dies)
        with pytest.raises(KeyboardInterrupt):
            two.told(12)
    assert two.packs == (20, 0)
    assert not Movement.objects.filter(kind="sent").exists()
    assert two.told(12).booked == 1
    assert two.packs == (8, 12)


def test_what_comes_from_the_way_is_what_was_sent_on_it(two: Two) -> None:
    assert two.told(12, to_id=None).booked == 1
    assert two.packs == (8, 0)
    first = two.fact(11, key="n", from_id=None, pairs=("m",))
    second = two.fact(3, key="o", from_id=None, pairs=("m",), moved_at=timezone.now() - AGO / 2)
    assert two.tell(second, first).booked == 2
    sale = out().pk
    told = dict(Purchase.objects.filter(purpose="transfer").values_list("source_key", "batch__received"))
    # Twelve were sent: the eleven are ten of A and one of B; of the three, one is of B, and nobody knows of the others.
    assert told == {f"n:in:{sale}.{two.a.pk}": 10, f"n:in:{sale}.{two.b.pk}": 1, f"o:in:{sale}.{two.b.pk}": 1, "o:in:short": 2}
    assert two.packs == (8, 14)


def test_what_comes_from_nowhere_is_of_unknown_origin(two: Two) -> None:
    assert two.told(4, from_id=None).booked == 1
    assert two.packs == (20, 4)
    assert (piece("short").batch.unit_cost, piece("short").arrival.sent_id) == (None, None)
    # What was found out about it meanwhile stays.
    edit_purchase(two.actor, piece("short"), unit_cost="2", lot="X")
    assert two.told(6, 1, from_id=None).corrected == 1
    assert two.arrived() == [(6, "X", 2)]


def test_what_leaves_again_at_once_is_known_by_then(two: Two) -> None:
    cellar = make_place(two.account, "CELLAR")
    on = two.fact(12, key="on", from_id=two.store.pk, to_id=cellar.pk, moved_at=timezone.now() - AGO / 2)
    assert two.tell(on, two.fact(12)).booked == 2
    assert two.packs == (8, 0)
    assert two.arrived(cellar) == [(10, "A", 1), (2, "B", 3)]


def test_sides_that_are_not_kept_here_are_left_out(two: Two) -> None:
    mirror = Warehouse.objects.create(account=two.account, name="Elsewhere", code="ELSE", mode=WarehouseMode.MIRROR)
    early = timezone.now() - timedelta(days=2000)
    outcome = two.tell(
        two.fact(1, key="to", to_id=mirror.pk),
        two.fact(2, key="from", from_id=mirror.pk),
        two.fact(4, key="both", moved_at=early),
        two.fact(8, key="elsewhere", from_id=mirror.pk, to_id=None),
    )
    assert (outcome.booked, outcome.history, outcome.held) == (2, 2, ())
    assert two.packs == (19, 2)
    Warehouse.objects.filter(pk=two.store.pk).update(opened_at=timezone.now() - AGO / 2)
    assert two.tell(two.fact(5, key="early")).booked == 1
    assert two.packs == (14, 2)


def test_what_can_not_be_booked_is_held_with_a_sentence(two: Two) -> None:
    outcome = two.tell(
        two.fact(1, key="nowhere", from_id=None, to_id=None),
        two.fact(1, key="same", to_id=two.here.pk),
        two.fact(1, key="gone", to_id=10**9),
        two.fact("1.5", key="half"),
        two.fact(1, key="x" * 151),
        two.fact(2, key="good"),
    )
    assert outcome.booked == 1
    said = dict(outcome.held)
    assert "neither where it left nor where it arrived" in said["nowhere"]
    assert "goes where it came from" in said["same"]
    assert "there is no warehouse" in said["gone"]
    assert "counted in whole numbers" in said["half"]
    assert "more than 150 characters" in said["x" * 151]
    assert two.packs == (18, 2)


def test_a_transfer_is_corrected_by_who_may_take_it_back(two: Two) -> None:
    staff = make_actor(two.account, Role.STAFF)
    transfer_many(staff, [two.fact(3)])
    ((_, sentence),) = transfer_many(staff, [two.fact(2, 1)]).held
    assert "Let a manager send it" in sentence
    for refused in (
        lambda: cancel_sale(two.actor, out()),
        lambda: edit_sale(two.actor, out(), quantity=1),
        lambda: void_purchase(two.actor, piece(two.a.pk)),
        lambda: edit_purchase(two.actor, piece(two.a.pk), quantity=1),
    ):
        with pytest.raises(ToldOutside):
            refused()
    assert two.packs == (17, 3)


def test_statements_do_not_grow_with_transfers(two: Two) -> None:
    def statements(*facts: TransferFact) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert transfer_many(two.actor, facts).processed == len(facts)
        return len(asked)

    def several(number: int, revision: int = 0) -> list[TransferFact]:
        return [two.fact(1, revision, key=f"{number}/{each}") for each in range(number)]

    few, many = statements(*several(2)), statements(*several(15))
    assert many <= few
    assert statements(*several(15, 1)) <= statements(*several(2, 1))
    prove(two.account)


def test_to_and_fro_each_leg_costs_the_same_and_no_table_of_its_own(two: Two) -> None:
    def to_and_fro(legs: int) -> list[str]:
        ways = [(two.here.pk, two.store.pk), (two.store.pk, two.here.pk)]
        began = timezone.now() - AGO
        facts = [
            two.fact(12, key=f"{legs}/{each}", from_id=ways[each % 2][0], to_id=ways[each % 2][1], moved_at=began + timedelta(seconds=each))
            for each in range(legs)
        ]
        with CaptureQueriesContext(connection) as asked:
            assert transfer_many(two.actor, facts).booked == legs
        assert two.packs == (20, 0)
        prove(two.account)
        return [each["sql"] for each in asked]

    # The first makes the level of the store besides.
    _, few, more, most = [to_and_fro(legs) for legs in (2, 4, 6, 8)]
    assert len(most) - len(more) <= len(more) - len(few)
    # PostgreSQL has room for the locks of some thousand tables in all: a chain must not make some for each leg.
    assert len([sql for sql in most if "TEMPORARY" in sql]) == len([sql for sql in few if "TEMPORARY" in sql]) <= 12
    # A piece of A went to and fro twenty times, and is what it was.
    known = Batch.objects.get(warehouse=two.here, remaining__gt=0, lot="A")
    assert (known.remaining, known.unit_cost, known.expires_at) == (10, 1, two.a.expires_at)


def bought(two: Two, key: str, quantity: Any) -> PurchaseFact:
    about = {"product_id": two.tea.pk, "warehouse_id": two.here.pk, "unit_kind": "packs", "unit_cost": "2.50"}
    return PurchaseFact(source_key=key, quantity=quantity, bought_at=timezone.now(), **about)


def sold(two: Two, key: str, quantity: Any) -> SaleFact:
    about = {"product_id": two.tea.pk, "warehouse_id": two.store.pk, "unit_kind": "packs"}
    return SaleFact(source_key=key, quantity=quantity, sold_at=timezone.now(), **about)
