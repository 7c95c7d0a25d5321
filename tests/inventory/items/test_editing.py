"""Items are made and changed; what can't be is refused in words that name the field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.errors import NotAllowed, in_one_line
from accounts.models import AuditLog
from accounts.roles import Role
from inventory import items
from inventory.errors import ChangedMeanwhile, FollowsStock, ItemArchived
from inventory.models import Item, ItemChange
from tests.build import make_account, make_actor
from tests.inventory.items.build import heard, last, make_item, make_linked, now
from tests.inventory.ledger.build import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_an_item_is_made_with_its_history_and_its_audit_row(shop: Shop) -> None:
    with heard() as news:
        item = make_item(shop, name=" Brick 2 x 4 ", condition="U", item_type="part", tiers=[[50, "0.11"], ["100", 0.1005]])
    stored = now(item)
    assert (stored.name, stored.condition, stored.item_type, stored.price) == ("Brick 2 x 4", "used", "PART", Decimal("0.125"))
    assert (stored.tiers, stored.quantity_available, stored.version, len(stored.token)) == ([[50, "0.110"], [100, "0.1005"]], 12, 1, 8)
    assert (stored.created_by_label, stored.status) == ("Mara", "available")
    change = last(item)
    assert (change.kind, change.delta_available, change.cause, change.actor_label) == ("create", 12, "add", "Mara")
    assert (change.changes["price"], change.changes["name"]) == ([None, "0.125"], [None, "Brick 2 x 4"])
    assert "notes" not in change.changes
    assert [(each["items"], each["correlation"]) for each in news] == [([item.pk], change.correlation)]
    audit = AuditLog.objects.get(entity="Item")
    assert (audit.action, audit.before, audit.correlation) == ("CREATE", None, change.correlation)
    assert (audit.after or {})["quantity_available"] == 12


def test_only_what_changed_is_written_and_told(shop: Shop) -> None:
    item = make_item(shop)
    with heard() as news:
        edited = items.edit(shop.actor, item, version=1, price="0.140", color_id="11", notes="Clean.\r\n")
    change = last(item)
    assert change.changes == {"price": ["0.125", "0.14"], "notes": ["", "Clean."]}
    assert (edited.version, now(item).version, len(news)) == (2, 2, 1)
    again = items.edit(shop.actor, edited, price="0.14", notes="Clean.")
    assert (again.version, item.history.count(), len(news)) == (2, 2, 1)


def test_a_stale_version_is_refused(shop: Shop) -> None:
    item = make_item(shop)
    items.edit(shop.actor, item, version=1, price="0.2")
    with pytest.raises(ChangedMeanwhile, match="it has version 2, not 1") as refused:
        items.edit(shop.actor, item, version=1, price="0.3")
    assert refused.value.details == {"version": 2}
    assert now(item).price == Decimal("0.2")


def test_the_status_before_and_after_is_in_the_history(shop: Shop) -> None:
    item = make_item(shop)
    items.edit(shop.actor, item, status="sold", reason="At the fair")
    assert (last(item).status_from, last(item).status_to, last(item).reason) == ("available", "sold", "At the fair")
    assert now(item).offered == 0


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"part_number": " "}, "part_number: A number is needed: BrickLink's catalogue number, such as 3001."),
    ({"price": 0}, "price: Enter a price above 0, not 0. Leave it empty where it is not known yet: no shop is sent it until then."),
    ({"price": "-0.5"}, "price: Enter a price above 0, not -0.5. Leave it empty"),
    ({"price": "0.00049"}, "price: Enter at most four decimal places, not 0.00049."),
    ({"price": "0.0004"}, "price: Shops carry three decimal places, and 0.0004 would be 0.000 there. Enter at least 0.0005."),
    ({"price": "cheap"}, "price: “cheap” is not an amount of money"),
    ({"price": "NaN"}, "price: Enter an amount below"),
    ({"color_id": "red"}, "color_id: Enter a whole number of 0 or more, not “red”."),
    ({"color_id": -1}, "color_id: Enter a whole number of 0 or more, not “-1”."),
    ({"quantity_available": -1}, "quantity_available: Enter a whole number of 0 or more, not “-1”."),
    ({"quantity_available": 1.5}, "quantity_available: Enter a whole number of 0 or more, not “1.5”."),
    ({"quantity_reserved": 3}, "quantity_reserved: An item has no such field that can be set."),
    ({"token": "x"}, "token: An item has no such field that can be set."),
    ({"condition": "mint"}, "condition: There is no “mint” here. Use one of new, used."),
    ({"item_type": "P"}, "item_type: There is no “P” here. Use one of PART, SET,"),
    ({"completeness": "sealed"}, "completeness: Only a set is complete or not; this is of the type PART. Leave it empty."),
    ({"bulk": 0}, "bulk: Enter a whole number of 1 or more, not “0”."),
    ({"sale_percent": 100}, "sale_percent: Enter a whole number from 0 to 99, not “100”."),
    ({"cost": "-1"}, "cost: Enter a cost of 0 or more, not -1."),
    ({"name": "Brick\x00"}, "name: The text holds an invisible character"),
    ({"location": "A" * 201}, "location: The text has 201 characters, at most 200 are possible."),
    ({"tiers": "50:0.1"}, "tiers: Enter tier prices as pairs of quantity and price"),
    ({"tiers": [[1, "0.1"]] * 4}, "tiers: At most 3 tier prices are possible, not 4."),
    ({"tiers": [[50, ""]]}, "tiers: Tier 1 has no price."),
    ({"tiers": [[50, "0.11"], [50, "0.1"]]}, "tiers: Tier 2 is for 50 pieces or more; that has to be more than tier 1's 50."),
    ({"tiers": [[50, "0.11"], [60, "0.1101"]]}, "tiers: Tier 2 costs 0.1101; that has to be less than tier 1's 0.110."),
    ({"tiers": [[50, "0.1249"]]}, "tiers: The first tier costs 0.1249; that has to be less than the price of 0.125."),
    ({"maximum": 3, "minimum": 4}, "maximum: Offering at most 3 contradicts offering none below 4."),
    ({"pack": 0}, "pack: Enter a quantity above zero, not 0."),
    ({"share": 0}, "share: Enter a whole number from 1 to 100, not “0”."),
]


@pytest.mark.parametrize(("fields", "sentence"), REFUSED, ids=[sentence.split(" ")[0] + str(fields)[:30] for fields, sentence in REFUSED])
def test_what_can_not_be_is_refused_when_it_is_made_and_when_it_is_changed(shop: Shop, fields: dict[str, Any], sentence: str) -> None:
    item = make_item(shop)
    for attempt in (lambda: make_item(shop, **fields), lambda: items.edit(shop.actor, item, **fields)):
        with pytest.raises(ValidationError) as refused:
            attempt()
        assert in_one_line(refused.value).startswith(sentence)
    assert (Item.objects.count(), ItemChange.objects.count()) == (1, 1)


def test_an_item_may_wait_for_its_price(shop: Shop) -> None:
    item = make_item(shop, price=None, quantity_available=0)
    assert items.notices(item) == ["price: Without a price it is not sent to any shop."]


def test_the_number_of_a_set_gets_its_suffix_and_that_is_said(shop: Shop) -> None:
    given = {"part_number": "9999", "item_type": "SET", "completeness": "sealed"}
    item = make_item(shop, **given)
    assert now(item).part_number == "9999-1"
    assert items.notices(item, given) == ["part_number: 9999 was kept as 9999-1, as numbers of sets end with a suffix."]
    assert make_item(shop, part_number="9999-2", item_type="SET").part_number == "9999-2"
    assert make_item(shop, part_number="9999").part_number == "9999"
    part = make_item(shop, part_number="8888")
    assert items.edit(shop.actor, part, item_type="SET").part_number == "8888-1"


def test_long_notes_are_kept_whole_and_it_is_said_what_shops_are_sent(shop: Shop) -> None:
    item = make_item(shop, notes="x" * 256)
    assert len(now(item).notes) == 256
    assert items.notices(item) == ["notes: The text has 256 characters; shops are sent the first 255."]
    assert items.notices(make_item(shop, notes="x" * 255)) == []


def test_an_archived_item_is_not_changed_until_it_is_restored(shop: Shop) -> None:
    item = make_item(shop)
    assert items.archive(shop.actor, item, "Sold at a fair").offered == 0
    items.archive(shop.actor, item)
    assert [each.kind for each in item.history.all()] == ["archive", "create"]
    for attempt in (
        lambda: items.edit(shop.actor, item, price="1"),
        lambda: items.adjust(shop.actor, item, 1, "found"),
        lambda: items.reserve(shop.actor, item, 1, "for Ada"),
        lambda: items.link(shop.actor, item, shop.tea, [shop.place]),
        lambda: items.edit_many(shop.actor, [make_item(shop).pk, item.pk], price="1"),
    ):
        with pytest.raises(ItemArchived, match="3001 is archived"):
            attempt()
    assert items.restore(shop.actor, item).offered == 12
    assert items.edit(shop.actor, item, price="1").price == 1


def test_many_are_changed_or_none(shop: Shop) -> None:
    first, second, same = make_item(shop), make_item(shop, part_number="3002"), make_item(shop, price="0.5")
    with heard() as news:
        edited = items.edit_many(shop.actor, Item.objects.all(), price="0.50", reason="Fair")
    assert edited == items.Edited(changed=2, unchanged=1)
    assert {each.price for each in Item.objects.all()} == {Decimal("0.5")}
    assert [sorted(each["items"]) for each in news] == [[first.pk, second.pk]]
    assert len({last(each).correlation for each in (first, second)}) == 1
    assert same.history.count() == 1
    with pytest.raises(ValidationError, match="maximum"):
        items.edit_many(shop.actor, [first.pk, second.pk], maximum=1, minimum=2)
    linked = make_linked(shop)
    with pytest.raises(FollowsStock, match="The quantity of 3001 follows the stock of a product"):
        items.edit_many(shop.actor, [first.pk, linked.pk], quantity_available=5)
    assert now(first).quantity_available == 12


def test_twenty_kinds_of_change_are_written_as_each_was_meant(shop: Shop) -> None:
    made = [make_item(shop, part_number=str(number)) for number in range(20)]
    items.upsert_many(shop.actor, [{"id": item.pk, "price": item.pk, "notes": f"No. {item.pk}"} for item in made])
    for item in made:
        stored = now(item)
        assert (stored.price, stored.notes, stored.version, stored.created_at) == (item.pk, f"No. {item.pk}", 2, item.created_at)


def test_staff_count_and_managers_edit(shop: Shop) -> None:
    item = make_item(shop)
    staff, viewer = make_actor(shop.account, Role.STAFF), make_actor(shop.account, Role.VIEWER)
    assert items.add(staff, part_number="3003").pk
    assert items.edit(staff, item, quantity_available=13).quantity_available == 13
    assert last(item).kind == "adjust"
    for attempt in (
        lambda: items.edit(staff, item, price="1"),
        lambda: items.archive(staff, item),
        lambda: items.link(staff, item, shop.tea, [shop.place]),
        lambda: items.adjust(viewer, item, 1, "found"),
        lambda: items.add(viewer, part_number="3003"),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_items_of_another_account_are_not_there(shop: Shop) -> None:
    item = make_item(shop)
    stranger = make_actor(make_account("Other"))
    with pytest.raises(Item.DoesNotExist):
        items.edit(stranger, item, price="1")
    assert items.edit_many(stranger, Item.objects.all(), price="1") == items.Edited(0, 0)
    assert now(item).price == Decimal("0.125")
