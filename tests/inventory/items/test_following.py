"""A linked item says what its stock offers, from the moment in which the stock changes."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory import expiry, items, ledger, reconcile
from inventory.items import following
from inventory.ledger.counters import Counters, Key
from inventory.mirror import Snapshot, set_levels
from inventory.models import Cause, Item, Level, Movement
from inventory.warehouses import edit_warehouse
from tests.build import make_account
from tests.inventory.build import make_warehouse
from tests.inventory.items.build import available, heard, last, make_item, make_linked, now
from tests.inventory.ledger.build import Shop, in_days, let_expire, make_place

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_a_sale_in_the_ledger_lowers_the_linked_item(shop: Shop) -> None:
    shop.buy(30)
    # 30 packs, of which 2 are kept back; a piece is 4 packs: 28 / 4 = 7.
    item = make_linked(shop, pack=4, buffer=2)
    assert item.quantity_available == 7
    with heard() as news:
        sale = shop.sell(9)
    # 21 - 2 = 19, and 19 / 4 is 4 whole pieces.
    assert available(item) == 4
    change, movement = last(item), Movement.objects.filter(kind="sale").get()
    assert (change.kind, change.delta_available, change.cause) == ("level", -3, "sale_creation")
    assert change.correlation == movement.correlation
    assert news == [{"account": shop.account.pk, "items": [item.pk], "cause": "sale_creation", "correlation": movement.correlation}]
    ledger.cancel_sale(shop.actor, sale)
    assert available(item) == 7
    assert last(item).delta_available == 3


def test_a_level_that_changes_nothing_of_the_offer_leaves_no_trace(shop: Shop) -> None:
    shop.buy(30)
    item = make_linked(shop, pack=4)
    before, version = item.history.count(), now(item).version
    with heard() as news:
        shop.sell(2)
    # 28 / 4 is 7, as 30 / 4 was.
    assert (available(item), item.history.count(), now(item).version, news) == (7, before, version, [])


def test_what_has_expired_is_not_offered_whether_that_is_booked_or_not(shop: Shop) -> None:
    old = shop.buy(10, expires_at=in_days(5))
    shop.buy(20, expires_at=in_days(50))
    item = make_linked(shop)
    assert item.quantity_available == 30
    let_expire(old)
    assert items.differing(shop.account.pk) == [item.pk]
    with heard() as news:
        assert items.heal(shop.account.pk) == 1
    assert (available(item), last(item).cause, news[0]["cause"]) == (20, "sweep", "sweep")
    expiry.expire(shop.account.pk)
    assert (shop.packs, available(item), items.differing(shop.account.pk)) == (20, 20, [])


def test_what_sql_alone_has_changed_is_found_and_healed_once(shop: Shop) -> None:
    shop.buy(30)
    first, second, archived = make_linked(shop), make_linked(shop, pack=4), make_linked(shop)
    items.archive(shop.actor, archived)
    make_item(shop)
    assert items.differing(shop.account.pk) == []
    Level.objects.filter(product=shop.tea).update(packs=5)
    assert items.differing(shop.account.pk) == [first.pk, second.pk]
    assert items.heal(shop.account.pk) == 2
    assert (available(first), available(second), available(archived)) == (5, 1, 30)
    assert items.heal(shop.account.pk) == 0


def test_more_levels_at_once_than_a_statement_takes_parameters(shop: Shop) -> None:
    shop.buy(30)
    item = make_linked(shop)
    Level.objects.filter(product=shop.tea).update(packs=5)
    many = [(product, shop.place.pk) for product in range(10_000_000, 10_300_000)]
    assert following.follow(shop.account.pk, [(shop.tea.pk, shop.place.pk), *many], "sync", uuid.uuid4()) == 1
    assert available(item) == 5


def test_a_quarantined_level_counts_as_what_it_says(shop: Shop) -> None:
    shop.buy(30)
    item = make_linked(shop)
    Level.objects.filter(product=shop.tea).update(quarantined_at=timezone.now(), quarantine_reason="Batch 1 does not add up")
    assert (items.differing(shop.account.pk), available(item)) == ([], 30)


def test_a_mirror_that_owes_something_lowers_what_another_place_offers(shop: Shop) -> None:
    mirror = make_warehouse(shop.account)
    shop.buy(30)
    item = items.link(shop.actor, make_item(shop), shop.tea, [shop.place, mirror])
    set_levels(shop.actor, {Key(shop.tea.pk, mirror.pk): Snapshot(Counters(packs=Decimal(-4)))})
    assert available(item) == 26


def test_only_the_unit_kind_of_the_item_is_offered(shop: Shop) -> None:
    shop.buy(30)
    shop.buy(7, "pallets")
    by_kind = {kind: make_linked(shop, unit_kind=kind).quantity_available for kind in ("pallets", "packs", "units")}
    assert by_kind == {"pallets": 7, "packs": 30, "units": 0}


def test_a_reconcile_that_corrects_a_level_takes_the_item_along(shop: Shop) -> None:
    shop.buy(30)
    item = make_linked(shop)
    Level.objects.filter(product=shop.tea).update(packs=35)
    items.heal(shop.account.pk)
    assert available(item) == 35
    reconcile.reconcile(shop.actor, [(shop.tea.pk, shop.place.pk)], Cause.SCHEDULED_MINUTE)
    assert (available(item), last(item).cause, last(item).delta_available) == (30, "scheduled_minute", -5)


def test_a_warehouse_that_is_out_of_use_offers_nothing(shop: Shop) -> None:
    back = make_place(shop.account, "BACK")
    old = shop.buy(10, expires_at=in_days(5))
    shop.buy(7, warehouse=back)
    item = items.link(shop.actor, make_item(shop), shop.tea, [shop.place, back])
    edit_warehouse(shop.actor, shop.place, active=False)
    assert (available(item), last(item).cause) == (7, "warehouse_edit")
    # What expires there is not taken off what lies elsewhere.
    let_expire(old)
    assert items.differing(shop.account.pk) == []
    edit_warehouse(shop.actor, shop.place, active=True)
    assert available(item) == 7


def test_another_account_is_not_followed(shop: Shop) -> None:
    shop.buy(30)
    item = make_linked(shop)
    other = make_account("Other")
    Level.objects.filter(product=shop.tea).update(packs=5)
    assert items.follow(other.pk, None, "test", uuid.uuid4()) == 0
    assert items.differing(other.pk) == []
    assert items.follow(shop.account.pk, None, "test", uuid.uuid4()) == 1
    assert available(item) == 5


def test_forty_items_take_as_many_statements_as_two(shop: Shop) -> None:
    shop.buy(1000)
    counts = []
    for number in (2, 38):
        for _ in range(number):
            make_linked(shop)
        wrong = _shifted()
        with CaptureQueriesContext(connection) as asked:
            assert items.follow_items(shop.account.pk, wrong, "test", uuid.uuid4()) == len(wrong)
        counts.append(len(asked))
    assert counts[0] == counts[1]
    with CaptureQueriesContext(connection) as looked:
        items.differing(shop.account.pk)
    assert len(looked) == 2


def test_a_booking_of_what_nobody_offers_costs_one_statement(shop: Shop) -> None:
    shop.buy(10)
    with CaptureQueriesContext(connection) as asked:
        items.follow(shop.account.pk, [(shop.tea.pk, shop.place.pk)], "test", uuid.uuid4())
    # The statement, and the savepoint around it.
    assert len(asked) == 3


def _shifted() -> list[int]:
    """All items, each of which says too little."""
    Item.objects.update(quantity_available=F("quantity_available") - 1)
    return list(Item.objects.values_list("pk", flat=True))
