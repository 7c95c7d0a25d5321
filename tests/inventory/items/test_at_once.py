"""Several people and programs at the same items at the same moment, each a process of its own."""

from __future__ import annotations

import sys
import uuid
from collections import Counter
from decimal import Decimal

import pytest

from inventory import items, ledger
from inventory.ledger.counters import Counters, Key
from inventory.mirror import Snapshot, set_levels
from inventory.models import Item, ItemChange
from tests.inventory.build import make_warehouse
from tests.inventory.items.build import available, last, make_item, now
from tests.inventory.ledger.build import Shop, make_place
from tests.inventory.ledger.processes import flat, times, together

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform != "linux", reason="The processes are forked."),
]


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_sales_in_two_warehouses_of_one_item_end_with_the_right_sum(shop: Shop) -> None:
    back = make_place(shop.account, "BACK")
    shop.buy(100)
    shop.buy(100, warehouse=back)
    both = items.link(shop.actor, make_item(shop), shop.tea, [shop.place, back])
    one = items.link(shop.actor, make_item(shop), shop.tea, [back], pack=3)
    told = together(
        times(20, lambda: shop.sell(1).pk and "sold"),
        times(20, lambda: shop.sell(2, warehouse=back).pk and "sold"),
        times(
            10,
            lambda: (
                ledger.transfer(shop.actor, product=shop.tea, source=shop.place, target=back, unit_kind="packs", quantity=1).pk and "moved"
            ),
        ),
    )
    assert Counter(flat(told)) == {"sold": 40, "moved": 10}
    # 200 - 20 - 40 in both; 100 - 40 + 10 at the back, of which three make a piece.
    assert (available(both), available(one)) == (140, 23)
    assert items.differing(shop.account.pk) == []
    assert sum(ItemChange.objects.filter(item=both).values_list("delta_available", flat=True)) == 140


def test_rules_changed_while_stock_moves_never_leave_an_old_number(shop: Shop) -> None:
    shop.buy(200)
    item = items.link(shop.actor, make_item(shop), shop.tea, [shop.place])
    buffers = iter(range(1, 16))
    together(
        times(20, lambda: shop.sell(1).pk),
        times(15, lambda: items.edit(shop.actor, item, buffer=next(buffers)).pk),
        times(5, lambda: items.heal(shop.account.pk)),
    )
    # 200 - 20 sold - 15 kept back.
    assert (available(item), items.differing(shop.account.pk)) == (165, [])


def test_an_item_linked_while_its_stock_is_sold_misses_no_sale(shop: Shop) -> None:
    shop.buy(100)
    for _ in range(5):
        made = [make_item(shop) for _ in range(3)]
        links = [lambda item=item: items.link(shop.actor, item, shop.tea, [shop.place]).pk for item in made]
        together(*links, times(3, lambda: shop.sell(1).pk))
        assert items.differing(shop.account.pk) == []


def test_holds_and_snapshots_of_a_mirror_at_once(shop: Shop) -> None:
    mirror = make_warehouse(shop.account)
    key = Key(shop.tea.pk, mirror.pk)
    set_levels(shop.actor, {key: Snapshot(Counters(packs=Decimal(100)))})
    item = items.link(shop.actor, make_item(shop), shop.tea, [mirror])

    def holds(name: str) -> int:
        for number in range(5):
            items.hold(shop.actor, shop.tea, mirror, 2, unit_kind="packs", source_key=f"{name} {number}", correlation=uuid.uuid4())
        return 0

    def shows() -> int:
        for packs in (90, 80, 70):
            set_levels(shop.actor, {key: Snapshot(Counters(packs=Decimal(packs)))})
        return 0

    together(lambda: holds("a"), lambda: holds("b"), lambda: holds("a"), shows)
    # 70 shown, 10 holds of 2: each told once, whoever told it.
    assert (available(item), items.differing(shop.account.pk)) == (50, [])


def test_pieces_are_sold_once_and_undone_once(shop: Shop) -> None:
    item = make_item(shop, quantity_available=10)
    short = together(*[times(4, lambda: items.sold(shop.actor, item, 1, source="order", correlation=uuid.uuid4()))] * 4)
    assert Counter(flat(short)) == {0: 10, 1: 6}
    assert (now(item).quantity_available, now(item).quantity_sold) == (0, 10)
    items.adjust(shop.actor, item, 5, "Found")
    change = last(item)
    told = together(*[lambda: items.undo(shop.actor, change, "Wrong").kind] * 3)
    assert Counter(told) == {"undo": 1, "AlreadyUndone": 2}
    assert available(item) == 0


def test_one_of_two_editors_who_saw_the_same_version_is_refused(shop: Shop) -> None:
    item = make_item(shop)

    def edits(price: str) -> int:
        return items.edit(shop.actor, item, version=1, price=price).version

    told = together(lambda: edits("2"), lambda: edits("3"))
    assert sorted(map(str, told)) == ["2", "ChangedMeanwhile"]
    assert Item.objects.get().version == 2
