"""Sales that are cancelled or changed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.append_only import maintenance
from accounts.errors import NotAllowed, Problem
from accounts.models import AuditLog
from accounts.roles import Role
from inventory import ledger
from inventory.errors import AlreadyUndone, InsufficientStock, NothingToGiveBack
from inventory.models import Allocation, Batch, BatchState, Level, Movement, Sale, SaleStatus
from inventory.signals import sale_changing
from tests.build import make_account, make_actor
from tests.inventory.ledger.build import Shop, batch_of, in_days, let_expire

pytestmark = pytest.mark.django_db


def stock() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """What batches and levels say, without times."""
    columns = ("pk", "received", "gained", "sold", "written_off", "moved_out", "broken", "voided", "remaining", "state", "expiry_booked_at")
    return list(Batch.objects.order_by("pk").values_list(*columns)), list(Level.objects.values_list("pk", "pallets", "packs", "units"))


def test_create_and_delete_is_a_no_op_but_for_history() -> None:
    shop = Shop()
    shop.buy(10, expires_at=in_days(100))
    shop.buy(285)
    before = stock()
    ledger.cancel_sale(shop.actor, shop.sell(295))
    assert stock() == before


def test_each_batch_has_after_the_delete_what_it_had_before_the_sale() -> None:
    shop = Shop()
    a, b = shop.buy(20, expires_at=in_days(100)), shop.buy(30)
    shop.sell(5)
    before = [(batch_of(each).sold, batch_of(each).remaining) for each in (a, b)]
    ledger.cancel_sale(shop.actor, shop.sell(18))
    assert [(batch_of(each).sold, batch_of(each).remaining) for each in (a, b)] == before == [(5, 15), (0, 30)]


def test_stock_goes_back_to_where_it_came_from_even_when_another_batch_would_be_first_now() -> None:
    shop = Shop()
    late = shop.buy(10, expires_at=in_days(300))
    sale = shop.sell(4)
    early = shop.buy(10, expires_at=in_days(100))
    ledger.cancel_sale(shop.actor, sale)
    assert (batch_of(late).remaining, batch_of(early).remaining) == (10, 10)


class TestExpiredMeanwhile:
    @pytest.mark.parametrize("all_of_it", [True, False])
    def test_what_comes_back_is_expired_and_not_counted(self, all_of_it: bool) -> None:
        shop = Shop()
        bought = shop.buy(10, expires_at=in_days(1))
        sale = shop.sell(10 if all_of_it else 4)
        let_expire(bought)
        cancelled = ledger.cancel_sale(shop.actor, sale)
        batch = batch_of(bought)
        assert (batch.remaining, batch.sold, batch.state) == (10, 0, BatchState.EXPIRED)
        assert shop.packs == 0
        assert cancelled.notes == (f"Batch {batch.pk} has expired meanwhile: what came back to it is not for sale.",)
        assert Movement.objects.get(kind="sale_reversal").level_delta == 0

    def test_sold_out_batch_does_not_expire(self) -> None:
        shop = Shop()
        bought = shop.buy(10, expires_at=in_days(1))
        shop.sell(10)
        let_expire(bought)
        shop.buy(1)
        assert batch_of(bought).state == BatchState.DEPLETED
        assert not Movement.objects.filter(kind="expiry").exists()


def test_second_delete_is_refused_and_gives_nothing_back() -> None:
    shop = Shop()
    shop.buy(10)
    sale = shop.sell(4)
    ledger.cancel_sale(shop.actor, sale)
    with pytest.raises(AlreadyUndone) as refused:
        ledger.cancel_sale(shop.actor, sale)
    assert refused.value.status == 409
    assert shop.packs == 10


def test_sale_whose_batches_nobody_knows_is_neither_deleted_nor_made_smaller() -> None:
    shop = Shop()
    shop.buy(10)
    values = {"product": shop.tea, "warehouse": shop.place, "unit_kind": "packs", "quantity": 3, "sold_at": timezone.now()}
    old = Sale.objects.create(account=shop.account, **values)
    with pytest.raises(NothingToGiveBack) as refused:
        ledger.cancel_sale(shop.actor, old)
    assert "return" in refused.value.hint
    with pytest.raises(NothingToGiveBack):
        ledger.edit_sale(shop.actor, old, quantity=1)
    old.refresh_from_db()
    assert (old.status, old.quantity) == (SaleStatus.BOOKED, 3)


def test_sale_of_another_account_is_unknown() -> None:
    shop = Shop()
    shop.buy(10)
    sale = shop.sell(1)
    with pytest.raises((Sale.DoesNotExist, type(shop.tea).DoesNotExist)):
        ledger.cancel_sale(make_actor(make_account("Other")), sale)
    assert shop.packs == 9


def test_cancelled_sale_is_kept_with_its_audit_trail() -> None:
    shop = Shop()
    shop.buy(10)
    sale = shop.sell(4)
    ledger.cancel_sale(shop.actor, sale)
    sale.refresh_from_db()
    assert (sale.status, sale.quantity, sale.cost) == (SaleStatus.CANCELLED, 4, 0)
    row = AuditLog.objects.get(entity="Sale", action="DELETE")
    assert row.before is not None
    assert (row.before["quantity"], row.before["status"], row.cause, row.correlation) == ("4", "booked", "sale_deletion", sale.correlation)
    assert Allocation.objects.get().released == 4


def test_staff_may_not_cancel() -> None:
    shop = Shop()
    shop.buy(10)
    sale = shop.sell(4)
    with pytest.raises(NotAllowed):
        ledger.cancel_sale(make_actor(shop.account, Role.STAFF), sale)


class TestEdit:
    def test_more_is_taken_from_what_is_there(self) -> None:
        shop = Shop()
        a, b = shop.buy(5, expires_at=in_days(100), cost=1), shop.buy(5, cost=2)
        sale = ledger.edit_sale(shop.actor, shop.sell(4), quantity=7)
        assert (batch_of(a).remaining, batch_of(b).remaining, shop.packs) == (0, 3, 3)
        assert (sale.quantity, sale.cost) == (7, Decimal(9))

    def test_less_gives_back_what_was_taken_last(self) -> None:
        shop = Shop()
        a, b = shop.buy(5, expires_at=in_days(100), cost=1), shop.buy(5, cost=2)
        sale = ledger.edit_sale(shop.actor, shop.sell(8), quantity=4)
        assert (batch_of(a).remaining, batch_of(b).remaining, shop.packs) == (1, 5, 6)
        assert (sale.quantity, sale.cost) == (4, Decimal(4))

    def test_more_than_is_there_changes_nothing(self) -> None:
        shop = Shop()
        shop.buy(5)
        sale = shop.sell(4)
        with pytest.raises(InsufficientStock):
            ledger.edit_sale(shop.actor, sale, quantity=6, price=3)
        sale.refresh_from_db()
        assert (sale.quantity, sale.price, shop.packs) == (4, None, 1)

    def test_price_has_no_effect_on_stock(self) -> None:
        shop = Shop()
        shop.buy(5)
        sale = shop.sell(4)
        before = stock()
        ledger.edit_sale(shop.actor, sale, price="9.90")
        assert stock() == before
        assert Movement.objects.count() == 2

    def test_cancelled_sale_is_not_changed(self) -> None:
        shop = Shop()
        shop.buy(5)
        sale = shop.sell(4)
        ledger.cancel_sale(shop.actor, sale)
        with pytest.raises(AlreadyUndone):
            ledger.edit_sale(shop.actor, sale, quantity=2)

    def test_shortfall_goes_first(self) -> None:
        shop = Shop()
        shop.buy(5)
        sale = shop.sell(4)
        Sale.objects.filter(pk=sale.pk).update(quantity=6, shortfall=2)
        sale = ledger.edit_sale(shop.actor, sale, quantity=3)
        assert (sale.quantity, sale.shortfall, shop.packs) == (3, 0, 2)


class TestRuleOfTheBusiness:
    """Somebody still owes money for the sale, which another part of the program knows."""

    @pytest.fixture(autouse=True)
    def _owed(self) -> Iterator[None]:
        def refuse(*, cancels: bool, **_signal: object) -> None:
            raise Problem("It is not paid yet.", code="OUTSTANDING_DEBT", status=409, details={"cancels": cancels})

        sale_changing.connect(refuse)
        yield
        sale_changing.disconnect(refuse)

    def test_refuses_a_cancel_before_anything_moves(self) -> None:
        shop = Shop()
        shop.buy(10)
        sale = shop.sell(4)
        with pytest.raises(Problem) as refused:
            ledger.cancel_sale(shop.actor, sale)
        assert (refused.value.code, refused.value.details) == ("OUTSTANDING_DEBT", {"cancels": True})
        assert shop.packs == 6

    def test_refuses_a_change(self) -> None:
        shop = Shop()
        shop.buy(10)
        sale = shop.sell(4)
        with pytest.raises(Problem) as refused:
            ledger.edit_sale(shop.actor, sale, quantity=2)
        assert refused.value.details == {"cancels": False}
        assert shop.packs == 6


def test_history_can_not_be_rewritten() -> None:
    shop = Shop()
    shop.buy(5)
    with pytest.raises(Exception, match="append-only"):
        Movement.objects.update(level_delta=3)


def test_maintenance_is_the_one_way_round() -> None:
    shop = Shop()
    shop.buy(5)
    with maintenance("test"):
        Movement.objects.update(reason="looked at")
    assert Movement.objects.get().reason == "looked at"
