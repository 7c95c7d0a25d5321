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
from inventory.errors import AlreadyUndone, BeforeOpening, NotALedger, NothingToGiveBack, Quarantined
from inventory.models import Allocation, Batch, CustomerReturn, Level, Movement, Product, Sale, Warehouse
from tests.build import make_account, make_actor
from tests.inventory.ledger.build import Shop, batch_of, in_days, let_expire, make_product
from tests.inventory.ledger.proof import prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return Shop()


def back(shop: Shop, quantity: Any, sale: Sale | None = None, **given: Any) -> CustomerReturn:
    what: dict[str, Any] = {"product": shop.tea, "warehouse": shop.place, "unit_kind": "packs"} if sale is None else {"sale": sale}
    return ledger.take_back(shop.actor, quantity=quantity, **{**what, **given})


def make_short(shop: Shop, quantity: int, *, short: int) -> Sale:
    """A sale of which so much was not here when it became known."""
    where = {"product": shop.tea, "warehouse": shop.place, "unit_kind": "packs", "sold_at": timezone.now()}
    if short == quantity:
        return Sale.objects.create(account=shop.account, quantity=Decimal(quantity), shortfall=Decimal(short), **where)
    sale = shop.sell(quantity - short)
    Sale.objects.filter(pk=sale.pk).update(quantity=Decimal(quantity), shortfall=Decimal(short))
    return Sale.objects.get(pk=sale.pk)


class TestOfAKnownSale:
    @pytest.fixture(autouse=True)
    def _sold(self, shop: Shop) -> None:
        """10 are sold: 3 of what expires soon at 2.50, 7 of what never does at 4.00."""
        self.never = shop.buy(10, cost="4.00")
        self.soon = shop.buy(3, cost="2.50", expires_at=in_days(50))
        self.sale = shop.sell(10)

    def left(self) -> tuple[Decimal, Decimal]:
        return batch_of(self.soon).remaining, batch_of(self.never).remaining

    def test_what_was_taken_last_goes_back_first(self, shop: Shop) -> None:
        taken = back(shop, 8, self.sale)
        assert self.left() == (1, 10)
        assert shop.packs == 11
        self.sale.refresh_from_db()
        assert (self.sale.returned, self.sale.quantity, self.sale.cost) == (8, 10, 5)
        movements = Movement.objects.filter(kind="sale_reversal").order_by("id")
        assert list(movements.values_list("document_id", "batch_delta", "cause", "reason")) == [
            (self.sale.pk, 7, "customer_return", f"Return {taken.pk}."),
            (self.sale.pk, 1, "customer_return", f"Return {taken.pk}."),
        ]
        prove(shop.account)

    def test_named_batch_of_the_sale_gets_it(self, shop: Shop) -> None:
        taken = back(shop, 2, self.sale, batch=batch_of(self.soon))
        assert self.left() == (2, 3)
        assert taken.batch_id == self.soon.batch_id
        prove(shop.account)

    def test_named_batch_gets_no_more_than_the_sale_took_from_it(self, shop: Shop) -> None:
        with pytest.raises(NothingToGiveBack) as refused:
            back(shop, 4, self.sale, batch=batch_of(self.soon))
        assert refused.value.details == {"available": 3, "asked": 4}
        other = shop.buy(5)
        with pytest.raises(NothingToGiveBack):
            back(shop, 1, self.sale, batch=batch_of(other))
        assert self.left() == (0, 3)
        assert not CustomerReturn.objects.exists()

    def test_never_more_than_was_sold(self, shop: Shop) -> None:
        back(shop, 8, self.sale)
        with pytest.raises(NothingToGiveBack) as refused:
            back(shop, 3, self.sale)
        assert refused.value.details == {"available": 2, "asked": 3}
        back(shop, 2, self.sale)
        assert self.left() == (3, 10)
        prove(shop.account)

    def test_cancelling_afterwards_gives_back_the_rest(self, shop: Shop) -> None:
        back(shop, 4, self.sale)
        ledger.cancel_sale(shop.actor, self.sale)
        assert self.left() == (3, 10)
        with pytest.raises(AlreadyUndone):
            back(shop, 1, self.sale)
        prove(shop.account)

    def test_expired_meanwhile_it_is_kept_and_not_counted(self, shop: Shop) -> None:
        let_expire(self.soon)
        back(shop, 10, self.sale)
        assert (batch_of(self.soon).remaining, batch_of(self.soon).state) == (3, "EXPIRED")
        assert shop.packs == 10
        prove(shop.account)

    def test_one_audit_row_says_what_changed(self, shop: Shop) -> None:
        taken = back(shop, 4, self.sale, note="Wrong taste.")
        row = AuditLog.objects.get(entity="CustomerReturn", entity_id=str(taken.pk))
        assert (row.action, row.cause, row.after["note"], row.after["sale"]) == ("ADD", "customer_return", "Wrong taste.", self.sale.pk)
        assert Decimal(row.after["sale_returned"]) == 4

    def test_another_product_than_the_sales_is_refused(self, shop: Shop) -> None:
        with pytest.raises(ValidationError) as refused:
            back(shop, 1, self.sale, product=make_product(shop.account, "QTX-MUG"), unit_kind="units")
        assert sorted(refused.value.message_dict) == ["product", "unit_kind"]


class TestOfASaleThatIsShort:
    def test_the_shortfall_goes_first(self, shop: Shop) -> None:
        bought = shop.buy(6)
        sale = make_short(shop, 10, short=4)
        back(shop, 3, sale)
        sale.refresh_from_db()
        assert (sale.shortfall, sale.returned, shop.packs) == (1, 3, 0)
        back(shop, 2, sale)
        sale.refresh_from_db()
        assert (sale.shortfall, sale.returned, shop.packs) == (0, 5, 1)
        assert batch_of(bought).sold == 5
        prove(shop.account)

    def test_all_of_it_short_needs_no_batch(self, shop: Shop) -> None:
        sale = make_short(shop, 5, short=5)
        back(shop, 2, sale)
        sale.refresh_from_db()
        assert (sale.shortfall, sale.returned) == (3, 2)
        prove(shop.account)

    def test_a_return_settles_what_another_sale_is_short_of(self, shop: Shop) -> None:
        shop.buy(6)
        first = shop.sell(6)
        short = make_short(shop, 4, short=4)
        back(shop, 3, first)
        short.refresh_from_db()
        assert (short.shortfall, shop.packs) == (1, 0)
        prove(shop.account)


class TestOfASaleWhoseBatchesNobodyKnows:
    @pytest.fixture(autouse=True)
    def _sold(self, shop: Shop) -> None:
        where = {"product": shop.tea, "warehouse": shop.place, "unit_kind": "packs", "sold_at": timezone.now()}
        self.sale = Sale.objects.create(account=shop.account, quantity=Decimal(5), cost=Decimal(9), **where)

    def test_without_a_batch_it_is_refused(self, shop: Shop) -> None:
        with pytest.raises(NothingToGiveBack) as refused:
            back(shop, 2, self.sale)
        assert "Choose the batch" in refused.value.hint
        assert not CustomerReturn.objects.exists()

    def test_it_goes_to_the_batch_that_is_chosen(self, shop: Shop) -> None:
        bought = shop.buy(3)
        taken = back(shop, 2, self.sale, batch=batch_of(bought))
        assert (batch_of(bought).received, batch_of(bought).remaining, shop.packs) == (5, 5, 5)
        self.sale.refresh_from_db()
        assert (self.sale.returned, self.sale.cost) == (2, 9)
        assert Movement.objects.get(kind="return").document_id == taken.pk
        prove(shop.account, unknown_sales=[self.sale.pk])

    def test_voided_batch_takes_nothing(self, shop: Shop) -> None:
        bought = shop.buy(3)
        ledger.void_purchase(shop.actor, bought)
        with pytest.raises(ValidationError) as refused:
            back(shop, 2, self.sale, batch=batch_of(bought))
        assert list(refused.value.message_dict) == ["batch"]


class TestWithoutASale:
    def test_it_has_cost_lot_and_expiry_of_what_was_sold_last(self, shop: Shop) -> None:
        shop.buy(3, cost="2.50", expires_at=in_days(50))
        bought = shop.buy(10, cost="4.00", lot="L7", expires_at=in_days(80))
        shop.sell(5)
        Batch.objects.filter(pk=bought.batch_id).update(unit_cost=Decimal(5))
        taken = back(shop, 2)
        own = Batch.objects.get(origin="return")
        assert (own.parent_id, own.unit_cost, own.lot, own.remaining) == (bought.batch_id, 4, "L7", 2)
        assert own.expires_at == batch_of(bought).expires_at
        assert own.received_at == taken.happened_at
        assert (taken.batch_id, shop.packs) == (own.pk, 10)
        prove(shop.account)

    def test_a_sale_that_was_cancelled_does_not_tell(self, shop: Shop) -> None:
        known, cancelled = shop.buy(1, cost="2.50", expires_at=in_days(50)), shop.buy(10, cost="4.00")
        shop.sell(1)
        ledger.cancel_sale(shop.actor, shop.sell(1))
        back(shop, 1)
        assert Batch.objects.get(origin="return").parent_id == known.batch_id
        assert batch_of(cancelled).remaining == 10

    def test_nothing_sold_yet_nothing_known(self, shop: Shop) -> None:
        shop.buy(3, "pallets")
        shop.sell(1, "pallets")
        back(shop, 2)
        own = Batch.objects.get(origin="return")
        assert (own.parent_id, own.unit_cost, own.expires_at, own.lot) == (None, None, None, "")
        prove(shop.account)

    def test_expired_it_is_kept_from_the_start_and_not_counted(self, shop: Shop) -> None:
        bought = shop.buy(3, expires_at=in_days(1))
        shop.sell(3)
        let_expire(bought)
        back(shop, 2)
        own = Batch.objects.get(origin="return")
        assert (own.state, own.remaining, shop.packs) == ("EXPIRED", 2, 0)
        movement = Movement.objects.get(batch=own)
        assert (movement.kind, movement.batch_delta, movement.level_delta) == ("return", 2, 0)
        prove(shop.account)

    def test_it_goes_to_the_batch_that_is_chosen(self, shop: Shop) -> None:
        bought = shop.buy(3)
        back(shop, 2, batch=batch_of(bought))
        assert batch_of(bought).remaining == 5
        assert not Batch.objects.filter(origin="return").exists()
        prove(shop.account)

    def test_what_is_missing_is_named(self, shop: Shop) -> None:
        with pytest.raises(ValidationError) as refused:
            ledger.take_back(shop.actor, quantity=1, product=shop.tea)
        assert sorted(refused.value.message_dict) == ["unit_kind", "warehouse"]


def test_same_source_key_is_booked_once(shop: Shop) -> None:
    first, second = back(shop, 2, source_key="till/7"), back(shop, 2, source_key="till/7")
    assert first.pk == second.pk
    assert shop.packs == 2


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
def test_bad_input_names_its_field(shop: Shop, field: str, given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        back(shop, **{"quantity": 1, **given})
    assert list(refused.value.message_dict) == [field]
    assert shop.packs == 0


def test_batch_of_another_kind_is_refused(shop: Shop) -> None:
    with pytest.raises(ValidationError) as refused:
        back(shop, 1, batch=batch_of(shop.buy(2, "pallets")))
    assert list(refused.value.message_dict) == ["batch"]


def test_what_another_account_has_is_not_there(shop: Shop) -> None:
    other = Shop(make_account("8RY"))
    other.buy(10)
    with pytest.raises(Product.DoesNotExist):
        back(shop, 1, product=other.tea)
    with pytest.raises(ObjectDoesNotExist):
        back(shop, 1, other.sell(2))
    assert not Allocation.objects.filter(released__gt=0).exists()


def test_nothing_comes_back_where_stock_is_mirrored_quarantined_or_not_open_yet(shop: Shop) -> None:
    shop.buy(10)
    with pytest.raises(BeforeOpening):
        back(shop, 1, happened_at=timezone.now() - timedelta(days=2000))
    Level.objects.update(quarantined_at=timezone.now())
    with pytest.raises(Quarantined):
        back(shop, 1)
    Level.objects.update(quarantined_at=None)
    Warehouse.objects.update(mode="mirror")
    with pytest.raises(NotALedger):
        back(shop, 1)
    assert shop.packs == 10


def test_only_who_may(shop: Shop) -> None:
    shop.actor = make_actor(shop.account, Role.VIEWER)
    with pytest.raises(NotAllowed):
        back(shop, 1)
