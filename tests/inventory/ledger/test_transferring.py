from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory import ledger
from inventory.errors import AlreadyUndone, BatchInUse, BeforeOpening, InsufficientStock, NoBatches, NotALedger, Quarantined
from inventory.models import Batch, Level, Movement, Product, Sale, Transfer, Warehouse
from tests.build import make_account, make_actor
from tests.inventory.ledger.build import Shop, batch_of, in_days, let_expire, make_place
from tests.inventory.ledger.proof import prove

pytestmark = pytest.mark.django_db


class Pair(Shop):
    """A shop with a second place."""

    def __init__(self) -> None:
        super().__init__(packs_per_pallet=40)
        self.branch = make_place(self.account, "BRANCH")

    def send(self, quantity: Any, **given: Any) -> Transfer:
        values = {"product": self.tea, "source": self.place, "target": self.branch, "unit_kind": "packs", **given}
        return ledger.transfer(self.actor, quantity=quantity, **values)

    def both(self) -> tuple[Decimal, Decimal]:
        return self.packs, self.level(place=self.branch).packs

    def arrived(self) -> list[Batch]:
        return list(Batch.objects.filter(warehouse=self.branch).order_by("id"))


@pytest.fixture
def shop() -> Pair:
    return Pair()


def test_each_batch_arrives_as_what_it_was(shop: Pair) -> None:
    never = shop.buy(10, cost="4.00")
    soon = shop.buy(3, cost="2.50", expires_at=in_days(50), lot="L7", bought_at=timezone.now() - timedelta(days=3))
    moved = shop.send(5)
    assert (batch_of(soon).moved_out, batch_of(never).moved_out) == (3, 2)
    assert shop.both() == (8, 5)
    first, second = shop.arrived()
    parent = batch_of(soon)
    assert (first.parent_id, first.origin, first.received, first.remaining) == (parent.pk, "transfer", 3, 3)
    kept = ("lot", "expires_at", "expires_on", "unit_cost", "received_at", "packs_per_pallet", "units_per_pack", "unit_kind")
    assert {name: getattr(first, name) for name in kept} == {name: getattr(parent, name) for name in kept}
    assert (second.parent_id, second.received) == (never.batch_id, 2)
    movements = Movement.objects.filter(document_id=moved.pk, cause="transfer").order_by("id")
    assert list(movements.values_list("kind", "batch_delta")) == [
        ("transfer_out", -3),
        ("transfer_in", 3),
        ("transfer_out", -2),
        ("transfer_in", 2),
    ]
    prove(shop.account)


def test_three_places_have_three_sums(shop: Pair) -> None:
    third = make_place(shop.account, "KIOSK")
    shop.buy(10)
    shop.send(4)
    ledger.transfer(shop.actor, product=shop.tea, source=shop.branch, target=third, unit_kind="packs", quantity=1)
    assert (*shop.both(), shop.level(place=third).packs) == (6, 3, 1)
    prove(shop.account)


def test_first_expired_stays_first_in_the_target(shop: Pair) -> None:
    old = shop.buy(4, expires_at=in_days(30))
    shop.buy(4, warehouse=shop.branch, expires_at=in_days(60))
    shop.send(4)
    sale = shop.sell(4, warehouse=shop.branch)
    assert [each.batch.parent_id for each in sale.allocations.select_related("batch")] == [old.batch_id]


def test_what_is_short_in_the_target_is_settled(shop: Pair) -> None:
    shop.buy(10)
    short = Sale.objects.create(
        account=shop.account,
        product=shop.tea,
        warehouse=shop.branch,
        unit_kind="packs",
        quantity=Decimal(2),
        shortfall=Decimal(2),
        sold_at=timezone.now(),
    )
    shop.send(5)
    short.refresh_from_db()
    assert (short.shortfall, short.allocations.get().quantity) == (0, 2)
    assert shop.both() == (5, 3)
    prove(shop.account)


def test_more_than_is_there_is_refused(shop: Pair) -> None:
    let_expire(shop.buy(5, expires_at=in_days(1)))
    with pytest.raises(NoBatches):
        shop.send(1)
    shop.buy(3)
    with pytest.raises(InsufficientStock) as refused:
        shop.send(4)
    assert refused.value.details == {"available": 3, "asked": 4, "unit_kind": "packs"}
    assert shop.both() == (3, 0)
    assert not Transfer.objects.exists()


def test_reversal_is_the_exact_inverse(shop: Pair) -> None:
    soon, never = shop.buy(3, expires_at=in_days(50)), shop.buy(10)
    reversed_ = ledger.reverse_transfer(shop.actor, shop.send(5))
    assert [(batch_of(each).remaining, batch_of(each).moved_out) for each in (soon, never)] == [(3, 0), (10, 0)]
    assert [(each.state, each.remaining) for each in shop.arrived()] == [("VOID", 0), ("VOID", 0)]
    assert shop.both() == (13, 0)
    assert (reversed_.transfer.status, reversed_.notes) == ("reversed", ())
    with pytest.raises(AlreadyUndone):
        ledger.reverse_transfer(shop.actor, reversed_.transfer)
    prove(shop.account)


def test_reversal_is_refused_once_something_was_sold(shop: Pair) -> None:
    shop.buy(10)
    moved = shop.send(5)
    sale = shop.sell(2, warehouse=shop.branch)
    with pytest.raises(BatchInUse) as refused:
        ledger.reverse_transfer(shop.actor, moved)
    assert refused.value.details == {"sales": [{"sale": sale.pk, "purpose": "sale", "quantity": 2}], "remaining": 3}
    assert f"2 sold (sale {sale.pk})" in refused.value.sentence
    ledger.cancel_sale(shop.actor, sale)
    ledger.reverse_transfer(shop.actor, moved)
    assert shop.both() == (10, 0)
    prove(shop.account)


def test_reversal_is_refused_once_something_came_back_to_what_arrived(shop: Pair) -> None:
    shop.buy(10)
    moved = shop.send(5)
    ledger.take_back(
        shop.actor, product=shop.tea, warehouse=shop.branch, unit_kind="packs", quantity=1, batch=Batch.objects.get(warehouse=shop.branch)
    )
    with pytest.raises(BatchInUse):
        ledger.reverse_transfer(shop.actor, moved)


def test_what_has_expired_meanwhile_comes_back_uncounted(shop: Pair) -> None:
    bought = shop.buy(10, expires_at=in_days(1))
    moved = shop.send(4)
    past = timezone.now() - timedelta(seconds=1)
    Batch.objects.update(expires_at=past)
    reversed_ = ledger.reverse_transfer(shop.actor, moved)
    assert (batch_of(bought).remaining, batch_of(bought).state) == (10, "EXPIRED")
    assert shop.both() == (0, 0)
    assert len(reversed_.notes) == 1
    prove(shop.account)


def test_one_audit_row_for_each(shop: Pair) -> None:
    shop.buy(10)
    moved = shop.send(4)
    ledger.reverse_transfer(shop.actor, moved)
    rows = AuditLog.objects.filter(entity="Transfer", entity_id=str(moved.pk)).order_by("id")
    assert [(each.action, each.after["status"]) for each in rows] == [("ADD", "booked"), ("REVERSE", "reversed")]


def test_same_source_key_is_booked_once(shop: Pair) -> None:
    shop.buy(10)
    assert shop.send(4, source_key="pick/7").pk == shop.send(4, source_key="pick/7").pk
    assert shop.both() == (6, 4)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("quantity", {"quantity": 0}),
        ("quantity", {"quantity": -1}),
        ("quantity", {"quantity": "0.5"}),
        ("quantity", {"quantity": 10**15}),
        ("unit_kind", {"unit_kind": "boxes"}),
        ("note", {"note": "x" * 301}),
        ("happened_at", {"happened_at": timezone.now() + timedelta(days=1)}),
    ],
)
def test_bad_input_names_its_field(shop: Pair, field: str, given: dict[str, Any]) -> None:
    shop.buy(10)
    with pytest.raises(ValidationError) as refused:
        shop.send(**{"quantity": 1, **given})
    assert list(refused.value.message_dict) == [field]
    assert shop.both() == (10, 0)


def test_to_where_it_is_already_is_refused(shop: Pair) -> None:
    shop.buy(10)
    with pytest.raises(ValidationError) as refused:
        shop.send(1, target=shop.place)
    assert list(refused.value.message_dict) == ["target"]


def test_what_another_account_has_is_not_there(shop: Pair) -> None:
    other = Shop(make_account("8RY"))
    with pytest.raises(Product.DoesNotExist):
        shop.send(1, product=other.tea)
    with pytest.raises(Warehouse.DoesNotExist):
        shop.send(1, target=other.place)


@pytest.mark.parametrize("code", ["MAIN", "BRANCH"])
def test_neither_from_nor_to_a_mirror_or_a_quarantined_level(shop: Pair, code: str) -> None:
    shop.buy(10)
    shop.buy(10, warehouse=shop.branch)
    Level.objects.filter(warehouse__code=code).update(quarantined_at=timezone.now())
    with pytest.raises(Quarantined):
        shop.send(1)
    Level.objects.update(quarantined_at=None)
    Warehouse.objects.filter(code=code).update(opened_at=timezone.now())
    with pytest.raises(BeforeOpening):
        shop.send(1, happened_at=timezone.now() - timedelta(days=1))
    Warehouse.objects.filter(code=code).update(mode="mirror")
    with pytest.raises(NotALedger):
        shop.send(1)
    assert shop.both() == (10, 10)


def test_only_who_may(shop: Pair) -> None:
    shop.buy(10)
    moved = shop.send(1)
    with pytest.raises(NotAllowed):
        ledger.reverse_transfer(make_actor(shop.account, Role.STAFF), moved)
    shop.actor = make_actor(shop.account, Role.VIEWER)
    with pytest.raises(NotAllowed):
        shop.send(1)
