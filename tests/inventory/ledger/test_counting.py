"""What a count notes before anybody decides about it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory import ledger
from inventory.errors import AlreadyDecided, BeforeOpening, NotALedger, Quarantined
from inventory.ledger import CountedLine
from inventory.models import Batch, Count, CountLine, Level, Movement, Product, Warehouse
from tests.build import make_account, make_actor
from tests.inventory.ledger.build import Shop, batch_of, in_days, let_expire, make_product
from tests.inventory.ledger.proof import prove

pytestmark = pytest.mark.django_db

MAY = date(2031, 5, 1)


@pytest.fixture
def shop() -> Shop:
    return Shop()


def line(shop: Shop, counted: Any, **given: Any) -> CountedLine:
    return CountedLine(**{"product": shop.tea, "unit_kind": "packs", "counted": counted, **given})


def enter(shop: Shop, *lines: CountedLine, **given: Any) -> Count:
    return ledger.enter_count(shop.actor, **{"warehouse": shop.place, "lines": lines, **given})


def noted(count: Count) -> list[tuple[Decimal, Decimal, Decimal | None]]:
    return [(each.counted, each.system, each.value) for each in count.lines.all()]


def test_a_count_books_nothing_by_itself(shop: Shop) -> None:
    shop.buy(10)
    count = enter(shop, line(shop, 7))
    assert count.status == "pending"
    assert (shop.packs, Movement.objects.count()) == (10, 1)


def test_system_and_value_stand_beside_what_was_counted(shop: Shop) -> None:
    shop.buy(10, cost="2.00")
    shop.buy(30, cost="4.00")
    shop.buy(2, "pallets", cost="90.00")
    count = enter(shop, line(shop, 38), line(shop, 2, unit_kind="pallets"), line(shop, 5, unit_kind="units"))
    # One pack cost 3.50 on average; of units nobody knows what one costs, and pallets agree.
    assert noted(count) == [(38, 40, -7), (2, 2, 0), (5, 0, None)]
    assert count.value == -7


def test_nothing_known_is_worth_nothing_known(shop: Shop) -> None:
    assert enter(shop, line(shop, 5)).value is None


def test_what_was_found_is_worth_its_own_cost_where_it_has_one(shop: Shop) -> None:
    shop.buy(10, cost="2.00")
    assert enter(shop, line(shop, 12, unit_cost="3.00")).value == 6
    assert enter(shop, line(shop, 9, unit_cost="3.00")).value == -2


def test_unknown_cost_of_some_is_left_out_of_the_average(shop: Shop) -> None:
    shop.buy(10, cost="2.00")
    unknown = shop.buy(10, cost="9.00")
    Batch.objects.filter(pk=unknown.batch_id).update(unit_cost=None)
    assert enter(shop, line(shop, 19)).value == -2


def test_what_has_expired_is_not_expected(shop: Shop) -> None:
    let_expire(shop.buy(4, expires_at=in_days(1)))
    shop.buy(6)
    assert noted(enter(shop, line(shop, 6))) == [(6, 6, 0)]


def test_counter_that_is_wrong_does_not_mislead_the_count(shop: Shop) -> None:
    shop.buy(10)
    Level.objects.update(packs=Decimal(15))
    assert noted(enter(shop, line(shop, 10))) == [(10, 10, 0)]


def test_a_batch_or_lot_is_compared_with_what_remains_of_it(shop: Shop) -> None:
    first = shop.buy(10, lot="A", expires_on=MAY, cost="2.00")
    shop.buy(20, lot="B", cost="5.00")
    let_expire(first)
    count = enter(shop, line(shop, 9, batch=batch_of(first)), line(shop, 21, lot="B"))
    assert noted(count) == [(9, 10, -2), (21, 20, 5)]
    assert noted(enter(shop, line(shop, 9, expires_on=MAY), line(shop, 1, expires_on=date(2031, 6, 1)))) == [(9, 10, -2), (1, 0, 5)]


def test_several_batches_without_lot_stand_in_one_count(shop: Shop) -> None:
    one, two = shop.buy(10), shop.buy(20)
    count = enter(shop, line(shop, 9, batch=batch_of(one)), line(shop, 20, batch=batch_of(two)))
    assert noted(count) == [(9, 10, Decimal("-2.5")), (20, 20, 0)]


@pytest.mark.parametrize(
    ("first", "second"),
    [({}, {}), ({}, {"lot": "A"}), ({"lot": "A"}, {"lot": "A", "expires_on": MAY}), ({"lot": "A"}, {"expires_on": MAY})],
)
def test_the_same_goods_are_not_counted_twice(shop: Shop, first: dict[str, Any], second: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        enter(shop, line(shop, 1, **first), line(shop, 1, **second))
    assert refused.value.message_dict == {
        "lines": ["Line 2: packs of QTX-TEA Tea are counted in line 1 already. Enter their sum once."],
    }


def test_a_batch_and_its_lot_are_not_counted_both(shop: Shop) -> None:
    mine, other = shop.buy(5, lot="A"), shop.buy(5)
    with pytest.raises(ValidationError):
        enter(shop, line(shop, 1, batch=batch_of(mine)), line(shop, 1, lot="A"))
    assert len(noted(enter(shop, line(shop, 1, batch=batch_of(other)), line(shop, 1, lot="A")))) == 2


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("counted", {"counted": -1}),
        ("counted", {"counted": "0.5"}),
        ("counted", {"counted": 10**15}),
        ("counted", {"counted": "many"}),
        ("unit_kind", {"unit_kind": "boxes"}),
        ("lot", {"lot": "x" * 81}),
        ("unit_cost", {"unit_cost": "-2"}),
        ("note", {"note": "x" * 301}),
    ],
)
def test_bad_line_is_named_with_its_number_and_field(shop: Shop, field: str, given: dict[str, Any]) -> None:
    mug = make_product(shop.account, "QTX-MUG")
    with pytest.raises(ValidationError) as refused:
        enter(shop, line(shop, 1), line(shop, **{"counted": 1, "product": mug, **given}))
    (sentence,) = refused.value.message_dict["lines"]
    assert sentence.startswith(f"Line 2, {field}: ")
    assert not Count.objects.exists()


def test_a_count_without_lines_is_none(shop: Shop) -> None:
    with pytest.raises(ValidationError) as refused:
        enter(shop)
    assert list(refused.value.message_dict) == ["lines"]


def test_same_source_key_is_entered_once(shop: Shop) -> None:
    first = enter(shop, line(shop, 1), source_key="sheet/7")
    assert enter(shop, line(shop, 2), source_key="sheet/7").pk == first.pk
    assert noted(first) == [(1, 0, None)]


def test_refused_where_stock_is_mirrored_quarantined_or_not_open_yet(shop: Shop) -> None:
    shop.buy(10)
    with pytest.raises(BeforeOpening):
        enter(shop, line(shop, 1), counted_at=timezone.now() - timedelta(days=2000))
    Level.objects.update(quarantined_at=timezone.now())
    with pytest.raises(Quarantined):
        enter(shop, line(shop, 1))
    Level.objects.update(quarantined_at=None)
    Warehouse.objects.update(mode="mirror")
    with pytest.raises(NotALedger):
        enter(shop, line(shop, 1))
    assert not Count.objects.exists()


def test_what_another_account_has_is_not_there(shop: Shop) -> None:
    other = Shop(make_account("8RY"))
    with pytest.raises(Product.DoesNotExist):
        enter(shop, line(other, 1))
    with pytest.raises(Warehouse.DoesNotExist):
        enter(shop, line(shop, 1), warehouse=other.place)
    with pytest.raises(ValidationError) as refused:
        enter(shop, line(shop, 1, batch=batch_of(other.buy(1))))
    assert refused.value.message_dict["lines"][0].startswith("Line 1, batch: ")
    count = enter(shop, line(shop, 1))
    with pytest.raises(Count.DoesNotExist):
        ledger.approve_count(other.actor, count)
    with pytest.raises(Count.DoesNotExist):
        ledger.change_count_line(other.actor, count.lines.get(), counted=2)


class TestLinesOfACountThatWaits:
    @pytest.fixture(autouse=True)
    def _counted(self, shop: Shop) -> None:
        shop.buy(10, cost="2.00")
        self.count = enter(shop, line(shop, 7))
        self.line = self.count.lines.get()

    def test_added(self, shop: Shop) -> None:
        shop.buy(2, "pallets", cost="90.00")
        ledger.add_count_line(shop.actor, self.count, line(shop, 1, unit_kind="pallets"))
        assert noted(self.count) == [(7, 10, -6), (1, 2, -90)]
        self.count.refresh_from_db()
        assert self.count.value == -96

    def test_the_same_again_is_refused(self, shop: Shop) -> None:
        with pytest.raises(ValidationError):
            ledger.add_count_line(shop.actor, self.count, line(shop, 1, lot="A"))
        assert noted(self.count) == [(7, 10, -6)]

    def test_a_typing_error_is_corrected_and_what_was_known_stays(self, shop: Shop) -> None:
        shop.sell(5)
        ledger.change_count_line(shop.actor, self.line, counted=9)
        assert noted(self.count) == [(9, 10, -2)]
        row = AuditLog.objects.get(action="CHANGE_LINE")
        assert (Decimal(row.before["counted"]), Decimal(row.after["counted"])) == (7, 9)

    def test_another_lot_is_compared_anew(self, shop: Shop) -> None:
        shop.buy(4, lot="A", cost="3.00")
        ledger.change_count_line(shop.actor, self.line, counted=3, lot="A")
        assert noted(self.count) == [(3, 4, -3)]

    def test_removed(self, shop: Shop) -> None:
        ledger.remove_count_line(shop.actor, self.line)
        assert not CountLine.objects.exists()
        with pytest.raises(ValidationError):
            ledger.approve_count(shop.actor, self.count)

    def test_nothing_changes_once_it_is_decided(self, shop: Shop) -> None:
        rejected = ledger.reject_count(shop.actor, self.count, note="Shelf 3 is missing.")
        assert (rejected.status, rejected.note, rejected.decided_by) == ("rejected", "Rejected: Shelf 3 is missing.", "Mara")
        for again in (
            lambda: ledger.add_count_line(shop.actor, self.count, line(shop, 1, unit_kind="units")),
            lambda: ledger.change_count_line(shop.actor, self.line, counted=1),
            lambda: ledger.remove_count_line(shop.actor, self.line),
            lambda: ledger.reject_count(shop.actor, self.count),
            lambda: ledger.approve_count(shop.actor, self.count),
        ):
            with pytest.raises(AlreadyDecided):
                again()
        assert shop.packs == 10
        assert AuditLog.objects.get(action="REJECT").after["why"] == "Shelf 3 is missing."
        prove(shop.account)

    def test_only_who_may(self, shop: Shop) -> None:
        staff, viewer = make_actor(shop.account, Role.STAFF), make_actor(shop.account, Role.VIEWER)
        with pytest.raises(NotAllowed):
            ledger.approve_count(staff, self.count)
        with pytest.raises(NotAllowed):
            ledger.reject_count(staff, self.count)
        with pytest.raises(NotAllowed):
            ledger.change_count_line(viewer, self.line, counted=1)
        shop.actor = viewer
        with pytest.raises(NotAllowed):
            enter(shop, line(shop, 1))
