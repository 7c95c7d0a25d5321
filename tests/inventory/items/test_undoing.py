"""What a person did to an item is taken back: once, with a reason, and never over what came later."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory import items
from inventory.errors import AlreadyUndone, FollowsStock, ItemArchived, NotUndoable
from inventory.models import ItemChange
from tests.build import make_actor
from tests.inventory.items.build import available, heard, last, make_item, make_linked, now
from tests.inventory.ledger.build import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_an_edit_goes_back_to_its_old_values(shop: Shop) -> None:
    item = make_item(shop, tiers=[[50, "0.110"]], bulk=2)
    items.edit(shop.actor, item, price="0.2", notes="Clean", tiers=None, bulk=None, status="sold", quantity_available=10)
    change = last(item)
    items.edit(shop.actor, item, location="A-12")
    items.adjust(shop.actor, item, 3, "Found")
    with heard() as news:
        row = items.undo(shop.actor, change, "Wrong item")
    stored = now(item)
    assert (stored.price, stored.notes, stored.tiers, stored.bulk, stored.status) == (Decimal("0.125"), "", [[50, "0.110"]], 2, "available")
    # The two that went come back; what was found and where it lies stays.
    assert (stored.quantity_available, stored.location) == (15, "A-12")
    assert (row.kind, row.undoes, row.reason, row.delta_available) == ("undo", change, "Wrong item", 2)
    assert row.changes["price"] == ["0.2", "0.125"]
    assert (row.status_from, row.status_to) == ("sold", "available")
    assert [each["cause"] for each in news] == ["undo"]
    assert AuditLog.objects.filter(entity="Item", action="UNDO", cause="Wrong item").count() == 1


def test_not_twice_and_not_itself(shop: Shop) -> None:
    item = make_item(shop)
    items.adjust(shop.actor, item, 3, "Found")
    change = last(item)
    assert items.undoable(change)
    row = items.undo(shop.actor, change, "Miscounted")
    assert not items.undoable(change)
    with pytest.raises(AlreadyUndone):
        items.undo(shop.actor, change, "Again")
    with pytest.raises(NotUndoable, match="“Undone” can't be undone"):
        items.undo(shop.actor, row, "And back")
    assert available(item) == 12


def test_a_reason_and_a_manager_are_needed(shop: Shop) -> None:
    item = make_item(shop)
    with pytest.raises(ValidationError, match="Say why"):
        items.undo(shop.actor, last(item), " ")
    with pytest.raises(NotAllowed):
        items.undo(make_actor(shop.account, Role.STAFF), last(item), "Wrong")


def test_what_was_changed_since_is_named_and_nothing_is_done(shop: Shop) -> None:
    item = make_item(shop)
    items.edit(shop.actor, item, price="0.2", notes="Clean", location="A-1")
    change = last(item)
    items.edit(shop.actor, item, price="0.3", notes="Very clean")
    with pytest.raises(NotUndoable, match="notes, price: changed since") as refused:
        items.undo(shop.actor, change, "Wrong")
    assert refused.value.details == {"fields": ["notes", "price"]}
    assert (now(item).price, now(item).location) == (Decimal("0.3"), "A-1")


def test_pieces_that_have_gone_do_not_go_again(shop: Shop) -> None:
    item = make_item(shop, quantity_available=0)
    items.adjust(shop.actor, item, 10, "Delivered")
    change = last(item)
    items.sold(shop.actor, item, 4, source="order", correlation=uuid.uuid4())
    with pytest.raises(NotUndoable, match="quantity_available: 6 pieces are left, and 10 would have to go"):
        items.undo(shop.actor, change, "Other box")
    items.reserve(shop.actor, item, 2, "For Ada")
    items.undo(shop.actor, last(item), "Ada is gone")
    assert (now(item).quantity_available, now(item).quantity_reserved) == (6, 0)


def test_what_orders_and_stock_did_is_not_undone_here(shop: Shop) -> None:
    shop.buy(30)
    item = make_linked(shop)
    shop.sell(1)
    with pytest.raises(NotUndoable, match="“Followed its stock” can't be undone here"):
        items.undo(shop.actor, last(item), "Wrong")
    other = make_item(shop)
    items.sold(shop.actor, other, 1, source="order", correlation=uuid.uuid4())
    with pytest.raises(NotUndoable, match="“Sold by an order”"):
        items.undo(shop.actor, last(other), "Wrong")


def test_making_archiving_and_restoring_are_undone(shop: Shop) -> None:
    item = make_item(shop)
    made = last(item)
    items.archive(shop.actor, item)
    with pytest.raises(ItemArchived):
        items.undo(shop.actor, made, "Twice the same")
    items.undo(shop.actor, last(item), "Still here")
    assert now(item).archived_at is None
    items.undo(shop.actor, made, "Twice the same")
    assert now(item).archived_at is not None
    items.restore(shop.actor, item)
    items.undo(shop.actor, last(item), "No, it is gone")
    assert (now(item).archived_at is not None, available(item)) == (True, 12)


def test_a_link_is_undone_and_an_unlinking_too(shop: Shop) -> None:
    shop.buy(30)
    item = make_item(shop)
    items.link(shop.actor, item, shop.tea, [shop.place], buffer=4)
    link = last(item)
    items.unlink(shop.actor, item)
    unlink = last(item)
    shop.sell(5)
    items.undo(shop.actor, unlink, "Linked after all")
    # 25 - 4
    assert (now(item).linked, available(item), last(item).delta_available) == (True, 21, -5)
    items.undo(shop.actor, link, "Another product")
    stored = now(item)
    assert (stored.linked, stored.quantity_available, stored.buffer, items.warehouses_of(item)) == (False, 21, 0, [])
    shop.sell(5)
    assert available(item) == 21


def test_the_rules_of_a_link_go_back_and_the_number_follows(shop: Shop) -> None:
    shop.buy(30)
    item = make_linked(shop)
    items.edit(shop.actor, item, buffer=10)
    change = last(item)
    shop.sell(5)
    items.undo(shop.actor, change, "No buffer")
    assert (available(item), last(item).delta_available) == (25, 10)


def test_a_number_from_before_a_link_is_not_moved(shop: Shop) -> None:
    item = make_item(shop)
    items.adjust(shop.actor, item, 3, "Found")
    change = last(item)
    items.link(shop.actor, item, shop.tea, [shop.place])
    with pytest.raises(FollowsStock):
        items.undo(shop.actor, change, "Miscounted")
    assert ItemChange.objects.filter(kind="undo").count() == 0


def test_more_than_can_be_stored_does_not_come_back(shop: Shop) -> None:
    item = make_item(shop)
    items.adjust(shop.actor, item, -3, "Lost")
    change = last(item)
    items.set_quantity(shop.actor, item, 2**31 - 1)
    with pytest.raises(NotUndoable, match="2,147,483,650 pieces would be there then"):
        items.undo(shop.actor, change, "Found")
    assert available(item) == 2**31 - 1
