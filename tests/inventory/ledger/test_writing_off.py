from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.utils import timezone

from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory import ledger
from inventory.errors import AlreadyUndone, BeforeOpening, InsufficientStock, NoBatches, NotALedger, Quarantined
from inventory.models import Batch, Level, Movement, Product, Warehouse, WriteOff
from tests.build import make_account, make_actor
from tests.inventory.ledger.build import Shop, batch_of, in_days, let_expire, make_product
from tests.inventory.ledger.proof import prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return Shop()


def lose(shop: Shop, quantity: Any, **given: Any) -> WriteOff:
    values = {"product": shop.tea, "warehouse": shop.place, "unit_kind": "packs", "reason": "damaged", "note": "Fell down.", **given}
    return ledger.write_off(shop.actor, quantity=quantity, **values)


def test_first_expired_goes_first_and_costs_what_it_cost(shop: Shop) -> None:
    never = shop.buy(10, cost="4.00")
    soon = shop.buy(3, cost="2.50", expires_at=in_days(50))
    gone = lose(shop, 5)
    assert (batch_of(soon).written_off, batch_of(never).written_off) == (3, 2)
    assert gone.cost == Decimal("15.5")
    assert shop.packs == 8
    movements = list(Movement.objects.filter(kind="write_off").order_by("id").values_list("document_id", "batch_delta", "reason", "cause"))
    assert movements == [(gone.pk, -3, "Fell down.", "write_off"), (gone.pk, -2, "Fell down.", "write_off")]
    prove(shop.account)


def test_named_batch_is_the_one(shop: Shop) -> None:
    soon, later = shop.buy(3, expires_at=in_days(50)), shop.buy(10)
    gone = lose(shop, 4, batch=batch_of(later))
    assert (batch_of(soon).written_off, batch_of(later).written_off) == (0, 4)
    assert gone.batch_id == later.batch_id
    prove(shop.account)


def test_expired_batch_is_thrown_away_and_the_counter_stays(shop: Shop) -> None:
    old, new = shop.buy(6, expires_at=in_days(1)), shop.buy(10)
    let_expire(old)
    lose(shop, 6, batch=batch_of(old), reason="expired")
    assert (batch_of(old).remaining, batch_of(old).written_off, batch_of(old).state) == (0, 6, "DEPLETED")
    assert batch_of(new).remaining == 10
    assert shop.packs == 10
    prove(shop.account)


def test_what_has_expired_is_not_taken_unless_it_is_named(shop: Shop) -> None:
    let_expire(shop.buy(6, expires_at=in_days(1)))
    with pytest.raises(NoBatches) as refused:
        lose(shop, 1)
    assert "expired" in refused.value.hint


def test_more_than_is_there_is_refused_with_figures(shop: Shop) -> None:
    shop.buy(3)
    with pytest.raises(InsufficientStock) as refused:
        lose(shop, 4)
    assert refused.value.details == {"available": 3, "asked": 4, "unit_kind": "packs"}
    assert not WriteOff.objects.exists()
    assert shop.packs == 3


def test_more_than_the_named_batch_has_is_refused(shop: Shop) -> None:
    small = shop.buy(3)
    shop.buy(10)
    with pytest.raises(InsufficientStock) as refused:
        lose(shop, 4, batch=batch_of(small))
    assert refused.value.details == {"available": 3, "asked": 4, "unit_kind": "packs", "batch": small.batch_id}
    lose(shop, 3, batch=batch_of(small))
    with pytest.raises(NoBatches):
        lose(shop, 1, batch=batch_of(small))


def test_reversal_gives_each_batch_what_was_taken_from_it(shop: Shop) -> None:
    soon, never = shop.buy(3, expires_at=in_days(50)), shop.buy(10)
    reversed_ = ledger.reverse_write_off(shop.actor, lose(shop, 5))
    assert [(batch_of(each).remaining, batch_of(each).written_off) for each in (soon, never)] == [(3, 0), (10, 0)]
    assert shop.packs == 13
    assert (reversed_.write_off.status, reversed_.notes) == ("reversed", ())
    prove(shop.account)


def test_reversed_once_only(shop: Shop) -> None:
    shop.buy(10)
    gone = lose(shop, 5)
    ledger.reverse_write_off(shop.actor, gone)
    with pytest.raises(AlreadyUndone):
        ledger.reverse_write_off(shop.actor, gone)
    assert shop.packs == 10


def test_what_comes_back_to_an_expired_batch_is_not_for_sale(shop: Shop) -> None:
    bought = shop.buy(10, expires_at=in_days(1))
    gone = lose(shop, 4)
    let_expire(bought)
    reversed_ = ledger.reverse_write_off(shop.actor, gone)
    assert (batch_of(bought).remaining, batch_of(bought).state) == (10, "EXPIRED")
    assert shop.packs == 0
    assert reversed_.notes == (f"Batch {bought.batch_id} has expired: what came back to it is not for sale.",)
    prove(shop.account)


def test_one_audit_row_for_each(shop: Shop) -> None:
    shop.buy(10)
    gone = lose(shop, 4)
    ledger.reverse_write_off(shop.actor, gone)
    added, undone = AuditLog.objects.filter(entity="WriteOff", entity_id=str(gone.pk)).order_by("id")
    assert (added.action, added.actor_label, added.cause) == ("ADD", "Mara", "write_off")
    assert added.after["note"] == "Fell down."
    assert Decimal(added.after["quantity"]) == 4
    assert (undone.action, undone.before["status"], undone.after["status"]) == ("REVERSE", "booked", "reversed")


def test_same_source_key_is_booked_once(shop: Shop) -> None:
    shop.buy(10)
    first, second = lose(shop, 4, source_key="quant/7"), lose(shop, 4, source_key="quant/7")
    assert first.pk == second.pk
    assert shop.packs == 6


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("quantity", {"quantity": 0}),
        ("quantity", {"quantity": -1}),
        ("quantity", {"quantity": "0.5"}),
        ("quantity", {"quantity": 10**15}),
        ("quantity", {"quantity": "many"}),
        ("unit_kind", {"unit_kind": "boxes"}),
        ("reason", {"reason": "bored"}),
        ("note", {"note": "  "}),
        ("note", {"note": "x" * 301}),
        ("happened_at", {"happened_at": timezone.now() + timedelta(days=1)}),
    ],
)
def test_bad_input_names_its_field(shop: Shop, field: str, given: dict[str, Any]) -> None:
    shop.buy(10)
    with pytest.raises(ValidationError) as refused:
        lose(shop, **{"quantity": 1, **given})
    assert list(refused.value.message_dict) == [field]
    assert shop.packs == 10


def test_batch_of_another_product_or_kind_is_refused(shop: Shop) -> None:
    shop.buy(10)
    other = make_product(shop.account, "QTX-MUG")
    for bought in (shop.buy(5, product=other), shop.buy(2, "pallets")):
        with pytest.raises(ValidationError) as refused:
            lose(shop, 1, batch=batch_of(bought))
        assert list(refused.value.message_dict) == ["batch"]


def test_what_another_account_has_is_not_there(shop: Shop) -> None:
    other = Shop(make_account("8RY"))
    other.buy(10)
    with pytest.raises(Product.DoesNotExist):
        lose(shop, 1, product=other.tea)
    with pytest.raises(Warehouse.DoesNotExist):
        lose(shop, 1, warehouse=other.place)
    with pytest.raises(ObjectDoesNotExist):
        ledger.reverse_write_off(shop.actor, lose(other, 1))


def test_nothing_is_written_off_where_stock_is_mirrored_quarantined_or_not_open_yet(shop: Shop) -> None:
    shop.buy(10)
    with pytest.raises(BeforeOpening):
        lose(shop, 1, happened_at=timezone.now() - timedelta(days=2000))
    Level.objects.update(quarantined_at=timezone.now())
    with pytest.raises(Quarantined):
        lose(shop, 1)
    Level.objects.update(quarantined_at=None)
    Warehouse.objects.update(mode="mirror")
    with pytest.raises(NotALedger):
        lose(shop, 1)
    assert Batch.objects.get().written_off == 0


def test_only_who_may(shop: Shop) -> None:
    shop.buy(10)
    gone = lose(shop, 1)
    shop.actor = make_actor(shop.account, Role.VIEWER)
    with pytest.raises(NotAllowed):
        lose(shop, 1)
    with pytest.raises(NotAllowed):
        ledger.reverse_write_off(make_actor(shop.account, Role.STAFF), gone)
