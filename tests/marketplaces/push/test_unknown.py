"""A call whose outcome is not known is settled by reading back, never by sending it again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inventory.models import Item
from marketplaces import push
from marketplaces.models import Attempt, AttemptState, Listing, ListingState
from marketplaces.push import attempts
from tests.build import make_account, make_actor
from tests.marketplaces.push.toy import BUSY, SILENT, ToyRemote, ToyStore, hurry, import_sales, make_item, make_shop

pytestmark = pytest.mark.django_db(transaction=True)


def the_listing() -> Listing:
    return Listing.objects.get()


def edit(item: Item, quantity: int) -> None:
    item.refresh_from_db()
    item.quantity_available = quantity
    item.save()


@pytest.fixture
def world() -> tuple[int, ToyStore, Item]:
    account = make_account()
    shop, store = make_shop(account)
    return shop.pk, store, make_item(account, quantity=10)


@pytest.mark.parametrize("error", [BUSY, SILENT], ids=["500", "time-out"])
def test_a_create_that_was_done_though_it_failed_makes_one_lot(world: tuple[int, ToyStore, Item], error: Exception) -> None:
    shop, store, _ = world
    store.fail(error, after=True)
    push.drain(shop)
    assert (the_listing().state, the_listing().lot_id) == (ListingState.UNKNOWN, "")
    hurry()
    push.drain(shop)
    assert store.calls == ["create", "find"]
    assert (the_listing().state, the_listing().lot_id, the_listing().told_quantity) == (ListingState.SYNCED, "700000001", 10)
    assert Attempt.objects.get().was_unknown


def test_a_create_that_was_not_done_is_looked_for_twice_and_then_made(world: tuple[int, ToyStore, Item]) -> None:
    shop, store, _ = world
    store.fail(BUSY)
    push.drain(shop)
    for _ in range(2):
        hurry()
        push.drain(shop)
    assert store.calls == ["create", "find", "find", "create"]
    assert list(store.lots) == ["700000001"]
    assert the_listing().state == ListingState.SYNCED


def test_edits_while_a_create_is_unknown_wait_for_it(world: tuple[int, ToyStore, Item]) -> None:
    shop, store, item = world
    store.fail(SILENT, after=True)
    push.drain(shop)
    edit(item, 4)
    assert the_listing().state == ListingState.UNKNOWN
    hurry()
    push.drain(shop)
    assert store.calls == ["create", "find", "update 700000001 -6 -"]
    assert store.quantity(item.token) == the_listing().told_quantity == 4


def test_a_sale_on_a_lot_not_yet_known_to_be_ours_is_not_put_back(world: tuple[int, ToyStore, Item]) -> None:
    shop, store, item = world
    store.fail(SILENT, after=True)
    push.drain(shop)
    store.sell("700000001", 3)
    hurry()
    push.drain(shop)
    # Told what was sent: the order, once imported, lowers item and told alike.
    assert (the_listing().told_quantity, store.quantity(item.token)) == (10, 7)
    from marketplaces import orders

    orders.import_now(the_listing().shop)
    item.refresh_from_db()
    push.drain(shop)
    assert (item.quantity_available, the_listing().told_quantity, store.quantity(item.token)) == (7, 7, 7)
    assert store.count("update") == 0


def test_several_lots_that_could_be_it_are_for_a_person(world: tuple[int, ToyStore, Item]) -> None:
    shop, store, item = world
    store.fail(SILENT, after=True)
    push.drain(shop)
    store.lots["55"] = replace(store.lots["700000001"], lot_id="55")
    hurry()
    push.drain(shop)
    waiting = the_listing()
    assert (waiting.state, waiting.code) == (ListingState.NEEDS_PERSON, "several_lots")
    assert "700000001" in waiting.sentence
    assert "55" in waiting.sentence
    edit(item, 5)
    hurry()
    push.drain(shop)
    assert store.count("update") == store.count("create") - 1 == 0
    manager = make_actor(waiting.account)
    assert [choice.key for choice in push.choices_of(waiting)] == ["adopt:700000001", "adopt:55"]
    push.resolve(manager, waiting, "adopt:55")
    push.drain(shop)
    assert (the_listing().lot_id, the_listing().state) == ("55", ListingState.SYNCED)
    assert (store.lots["55"].quantity, store.lots["700000001"].quantity) == (5, 10)


@pytest.mark.parametrize("done", [True, False], ids=["done", "not done"])
def test_a_movement_of_unknown_outcome_is_read_before_anything_is_sent(world: tuple[int, ToyStore, Item], done: bool) -> None:
    shop, store, item = world
    push.drain(shop)
    edit(item, 7)
    store.fail(SILENT, after=done)
    push.drain(shop)
    assert the_listing().state == ListingState.UNKNOWN
    hurry()
    push.drain(shop)
    sent = ["create", "update 700000001 -3 -", "read 700000001"]
    assert store.calls == (sent if done else [*sent, "update 700000001 -3 -"])
    assert store.quantity(item.token) == the_listing().told_quantity == 7
    assert the_listing().state == ListingState.SYNCED


def test_a_sale_between_an_unknown_movement_and_its_reading_is_counted_first(world: tuple[int, ToyStore, Item]) -> None:
    shop, store, item = world
    push.drain(shop)
    edit(item, 7)
    store.fail(SILENT, after=True)
    push.drain(shop)
    store.sell("700000001", 3)
    hurry()
    push.drain(shop)
    item.refresh_from_db()
    assert item.quantity_available == store.quantity(item.token) == the_listing().told_quantity == 4


def test_a_number_that_no_order_explains_is_for_a_person(world: tuple[int, ToyStore, Item]) -> None:
    shop, store, item = world
    push.drain(shop)
    edit(item, 7)
    store.fail(SILENT)
    push.drain(shop)
    store.lots["700000001"] = replace(store.lots["700000001"], quantity=42)
    for _ in range(3):
        hurry()
        push.drain(shop)
    waiting = the_listing()
    assert (waiting.state, waiting.code, waiting.seen_quantity) == (ListingState.NEEDS_PERSON, "unclear", 42)
    push.resolve(make_actor(waiting.account), waiting, "ours")
    push.drain(shop)
    assert store.quantity(item.token) == the_listing().told_quantity == 7


def test_a_price_of_unknown_outcome_is_simply_sent_again(world: tuple[int, ToyStore, Item]) -> None:
    shop, store, item = world
    push.drain(shop)
    item.refresh_from_db()
    item.notes = "like new"
    item.save()
    store.fail(SILENT, after=True)
    push.drain(shop)
    hurry()
    push.drain(shop)
    assert store.calls == ["create", "update 700000001 +0 - notes", "update 700000001 +0 - notes"]
    assert the_listing().state == ListingState.SYNCED


def test_a_lot_deleted_at_the_shop_is_for_a_person_and_not_made_again(world: tuple[int, ToyStore, Item]) -> None:
    shop, store, item = world
    push.drain(shop)
    store.lots.clear()
    edit(item, 7)
    push.drain(shop)
    waiting = the_listing()
    assert (waiting.state, waiting.code) == (ListingState.NEEDS_PERSON, "lot_vanished")
    edit(item, 6)
    push.sweep()
    push.drain(shop)
    assert store.count("create") == 1
    push.resolve(make_actor(waiting.account), waiting, "recreate")
    push.drain(shop)
    assert (store.count("create"), the_listing().told_quantity, the_listing().state) == (2, 6, ListingState.SYNCED)


def test_a_lot_that_was_sold_out_is_made_again_without_asking(world: tuple[int, ToyStore, Item]) -> None:
    shop, store, item = world
    push.drain(shop)
    store.sell("700000001", 10)
    edit(item, 12)
    push.drain(shop)
    item.refresh_from_db()
    assert item.quantity_available == 2
    assert store.quantity(item.token) == the_listing().told_quantity == 2
    assert the_listing().state == ListingState.SYNCED


def test_a_delete_that_is_told_twice_is_done(world: tuple[int, ToyStore, Item]) -> None:
    shop, store, item = world
    push.drain(shop)
    edit(item, 0)
    store.fail(SILENT, after=True)
    push.drain(shop)
    hurry()
    push.drain(shop)
    assert store.calls == ["create", "delete 700000001", "delete 700000001"]
    assert (the_listing().state, the_listing().lot_id) == (ListingState.SYNCED, "")
    assert Attempt.objects.filter(state=AttemptState.SUCCEEDED).count() == 2


def test_a_movement_on_more_than_was_left_is_read_before_the_next(
    world: tuple[int, ToyStore, Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shop that stops at zero: pieces were sold, and their order read, while it was told of less."""
    shop, store, item = world
    push.drain(shop)
    edit(item, 2)
    update = ToyRemote.update

    def sold_meanwhile(self: ToyRemote, lot_id: str, *, difference: int, **options: object) -> object:
        store.sell(lot_id, 5)
        import_sales(the_listing().shop)
        return update(self, lot_id, difference=max(difference, -5), **options)  # type: ignore[arg-type]

    store.vanish_at_zero = False
    with monkeypatch.context() as patch:
        patch.setattr(ToyRemote, "update", sold_meanwhile)
        push.drain(shop)
    assert the_listing().told_quantity == 0
    edit(item, 4)
    hurry()
    push.drain(shop)
    assert store.quantity(item.token) == the_listing().told_quantity == 4


def test_an_order_that_comes_to_light_later_explains_a_lot_that_is_gone(world: tuple[int, ToyStore, Item]) -> None:
    shop, store, item = world
    push.drain(shop)
    store.sell("700000001", 10)
    hidden, store.sales = store.sales, []
    edit(item, 12)
    push.drain(shop)
    assert the_listing().code == "lot_vanished"
    store.sales = hidden
    import_sales(the_listing().shop)
    push.drain(shop)
    assert (the_listing().state, the_listing().told_quantity, store.quantity(item.token)) == (ListingState.SYNCED, 2, 2)


def test_a_lot_left_to_the_shop_at_the_last_moment_is_not_deleted(
    world: tuple[int, ToyStore, Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, store, item = world
    push.drain(shop)
    edit(item, 0)
    open_attempt = attempts.opened

    def left_just_before(*args: object, **options: object) -> object:
        monkeypatch.setattr(attempts, "opened", open_attempt)
        push.keep_off(make_actor(the_listing().account), item, the_listing().shop, True, leave=True)
        return open_attempt(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(attempts, "opened", left_just_before)
    push.drain(shop)
    assert list(store.lots) == ["700000001"]
    assert (the_listing().state, store.count("delete")) == (ListingState.KEPT_OFF, 0)


def test_a_site_that_shows_more_than_anybody_has_breaks_nothing(world: tuple[int, ToyStore, Item]) -> None:
    shop, store, item = world
    push.drain(shop)
    store.lots["700000001"] = replace(store.lots["700000001"], quantity=10**15)
    item.refresh_from_db()
    item.notes = "like new"
    item.save()
    push.drain(shop)
    assert (the_listing().state, the_listing().code) == (ListingState.SYNCED, "shop_has_more")
    assert the_listing().seen_quantity == 2**31 - 1
