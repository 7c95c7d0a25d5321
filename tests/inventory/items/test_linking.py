"""An item is linked to a product, follows it, and is unlinked again."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from inventory import items
from inventory.errors import NotReady
from tests.build import make_account
from tests.inventory.items.build import available, last, make_item, make_linked, now
from tests.inventory.ledger.build import Shop, make_place, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_a_link_takes_over_the_number_and_unlinking_keeps_it(shop: Shop) -> None:
    shop.buy(30)
    item = make_item(shop, quantity_available=12)
    linked = items.link(shop.actor, item, shop.tea, [shop.place], share=50, maximum=14, reason="Same thing")
    assert (linked.quantity_available, available(item), linked.unit_kind) == (14, 14, "packs")
    change = last(item)
    assert (change.kind, change.delta_available, change.reason) == ("link", 2, "Same thing")
    assert change.changes == {
        "unit_kind": ["units", "packs"],
        "maximum": [None, 14],
        "share": [100, 50],
        "product": [None, shop.tea.pk],
        "warehouses": [[], [shop.place.pk]],
    }
    assert linked.version == now(item).version
    items.unlink(shop.actor, item, "By hand again")
    items.unlink(shop.actor, item)
    shop.sell(10)
    assert (available(item), last(item).kind, items.warehouses_of(item)) == (14, "unlink", [])
    assert not now(item).linked


def test_rules_changed_later_count_anew_at_once(shop: Shop) -> None:
    shop.buy(30)
    item = make_linked(shop)
    edited = items.edit(shop.actor, item, pack=4, price="9")
    # 30 / 4
    assert (edited.quantity_available, available(item), edited.version) == (7, 7, now(item).version)
    assert (last(item).changes, last(item).delta_available) == ({"pack": ["1", "4"], "price": ["2.5", "9"]}, -23)
    other = make_linked(shop)
    items.edit_many(shop.actor, [item.pk, other.pk], buffer=10)
    # 20 / 4 and 20 / 1
    assert (available(item), available(other)) == (5, 20)


def test_several_warehouses_are_offered_together_in_their_order(shop: Shop) -> None:
    back, cellar = make_place(shop.account, "BACK"), make_place(shop.account, "CELLAR")
    shop.buy(30)
    shop.buy(7, warehouse=back)
    item = items.link(shop.actor, make_item(shop), shop.tea, [back, shop.place, back])
    assert (item.quantity_available, items.warehouses_of(item)) == (37, [back.pk, shop.place.pk])
    relinked = items.link(shop.actor, item, shop.tea, [cellar, back], buffer=2)
    assert (relinked.quantity_available, items.warehouses_of(item)) == (5, [cellar.pk, back.pk])
    # Nothing lies there yet, so there is no level yet; the first one counts.
    shop.buy(4, warehouse=cellar)
    assert available(item) == 9


def test_an_archived_item_follows_again_when_it_is_restored(shop: Shop) -> None:
    shop.buy(30)
    item = make_linked(shop)
    items.archive(shop.actor, item)
    shop.sell(10)
    assert available(item) == 30
    assert items.restore(shop.actor, item).quantity_available == 20
    assert (available(item), last(item).delta_available) == (20, -10)


def test_what_can_not_be_linked_is_refused(shop: Shop) -> None:
    stranger = Shop(make_account("Other"))
    item = make_item(shop)
    with pytest.raises(ValidationError, match="Choose at least one warehouse"):
        items.link(shop.actor, item, shop.tea, [])
    with pytest.raises(ValidationError, match="There is no such warehouse"):
        items.link(shop.actor, item, shop.tea, [stranger.place])
    with pytest.raises(ValidationError, match="There is no such product"):
        items.link(shop.actor, item, stranger.tea, [shop.place])
    with pytest.raises(ValidationError, match="This is no rule of a link"):
        items.link(shop.actor, item, shop.tea, [shop.place], price="1")
    with pytest.raises(ValidationError, match="Offering at most 1 contradicts"):
        items.link(shop.actor, item, shop.tea, [shop.place], minimum=2, maximum=1)
    items.reserve(shop.actor, item, 3, "For Ada")
    with pytest.raises(NotReady, match="3 pieces of 3001 are reserved"):
        items.link(shop.actor, item, shop.tea, [shop.place])
    assert not now(item).linked


def test_a_product_that_an_item_offers_is_not_deleted(shop: Shop) -> None:
    from inventory.catalogue import delete_product
    from inventory.errors import InUse

    milk = make_product(shop.account, "QTX-MILK")
    items.link(shop.actor, make_item(shop), milk, [shop.place])
    with pytest.raises(InUse, match="1 item"):
        delete_product(shop.actor, milk)
