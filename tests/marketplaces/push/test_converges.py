"""Whatever happens in whatever order, both shops end with what the item has, and never offer more than that once they are told."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from inventory.models import Item
from marketplaces import push
from marketplaces.models import Listing, ListingState, Shop
from marketplaces.push import attempts
from tests.build import make_account
from tests.marketplaces.push.toy import Killed, ToyRemote, ToyStore, after_a_kill, error_named, hurry, import_sales, make_item, make_shop

pytestmark = pytest.mark.django_db(transaction=True)

SHOPS = st.sampled_from([0, 1])
FAULTS = st.sampled_from(["busy", "silent", "unreached"])
POINTS = st.sampled_from([(attempts, "opened"), (ToyRemote, "create"), (ToyRemote, "update"), (ToyRemote, "delete"), (attempts, "updated")])
STEPS = st.one_of(
    st.tuples(st.just("set"), st.integers(0, 12)),
    st.tuples(st.just("sql"), st.integers(0, 12)),
    st.tuples(st.just("price"), st.integers(1, 9)),
    st.tuples(st.just("condition"), st.sampled_from(["new", "used"])),
    st.tuples(st.just("sell"), SHOPS, st.integers(1, 4)),
    st.tuples(st.just("import"), SHOPS),
    st.tuples(st.just("drain"), SHOPS),
    st.tuples(st.just("fail"), SHOPS, FAULTS, st.booleans()),
    st.tuples(st.just("kill"), SHOPS, POINTS),
    st.tuples(st.just("wait")),
    st.tuples(st.just("sweep")),
)


class World:
    def __init__(self, account: Account, zero_stock: str) -> None:
        built = [make_shop(account, name, zero_stock=zero_stock) for name in ("One", "Other")]
        self.shops: list[Shop] = [shop for shop, _ in built]
        self.stores: list[ToyStore] = [store for _, store in built]
        self.item = make_item(account, quantity=5)

    def do(self, what: str, *arguments: Any) -> None:
        getattr(self, f"_{what}")(*arguments)
        self.holds()

    def _set(self, quantity: int) -> None:
        self._save(quantity_available=quantity)

    def _price(self, price: int) -> None:
        self._save(price=f"0.{price}")

    def _condition(self, condition: str) -> None:
        self._save(condition=condition)

    def _save(self, **fields: Any) -> None:
        item = Item.objects.get(pk=self.item.pk)
        for name, value in fields.items():
            setattr(item, name, value)
        item.save()

    def _sql(self, quantity: int) -> None:
        Item.objects.filter(pk=self.item.pk).update(quantity_available=quantity)

    def _sell(self, shop: int, pieces: int) -> None:
        for lot_id in list(self.stores[shop].lots):
            if not self.stores[shop].lots[lot_id].fields.get("hidden"):
                self.stores[shop].sell(lot_id, pieces)

    def _import(self, shop: int) -> None:
        import_sales(self.shops[shop])

    def _drain(self, shop: int) -> None:
        push.drain(self.shops[shop].pk)

    def _fail(self, shop: int, name: str, after: bool) -> None:
        self.stores[shop].fail(error_named(name), after=after and name != "unreached")

    def _kill(self, shop: int, point: tuple[Any, str]) -> None:
        where, name = point
        honest = getattr(where, name)

        def act_and_die(*args: Any, **options: Any) -> None:
            honest(*args, **options)
            raise Killed

        setattr(where, name, act_and_die)
        try:
            self._drain(shop)
        except Killed:
            pass
        finally:
            setattr(where, name, honest)

    def _wait(self) -> None:
        after_a_kill()

    def _sweep(self) -> None:
        push.sweep()

    def holds(self) -> None:
        available = Item.objects.values_list("quantity_available", flat=True).get(pk=self.item.pk)
        for shop, store in zip(self.shops, self.stores, strict=True):
            listing = Listing.objects.filter(shop=shop).first()
            shown = [lot for lot in store.lots.values() if not lot.fields.get("hidden")]
            assert len(shown) <= 1, "One item is on sale as two lots."
            assert all(lot.quantity >= 0 for lot in store.lots.values())
            if listing and listing.state == ListingState.SYNCED and listing.due_at is None and listing.told_quantity == available:
                unknown = sum(pieces for _, pieces, _ in store.sales)
                assert store.quantity(self.item.token) <= available + unknown

    def settle(self) -> None:
        for store in self.stores:
            store.faults.clear()
        for _ in range(6):
            after_a_kill()
            push.sweep()
            for shop in self.shops:
                import_sales(shop)
                push.drain(shop.pk)
            hurry()

    def agrees(self) -> None:
        item = Item.objects.get(pk=self.item.pk)
        for shop, store in zip(self.shops, self.stores, strict=True):
            listing = Listing.objects.get(shop=shop)
            assert not store.sales
            assert (listing.state, listing.told_quantity) == (ListingState.SYNCED, item.quantity_available), listing.sentence
            assert sum(lot.quantity for lot in store.lots.values()) == item.quantity_available
            assert len(store.lots) <= 1
            if listing.lot_id:
                there = store.lots[listing.lot_id]
                assert (there.identity["condition"], there.fields["price"]) == (item.condition, f"{item.price:.3f}")


@given(zero_stock=st.sampled_from(["delete", "keep"]), steps=st.lists(STEPS, max_size=25))
@settings(
    max_examples=int(os.environ.get("PUSH_HISTORIES", "12")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_both_shops_end_with_what_the_item_has(zero_stock: str, steps: list[tuple[Any, ...]]) -> None:
    Listing.objects.update(due_at=None)
    world = World(make_account(f"7QX {Account.objects.count()}"), zero_stock)
    for step in steps:
        world.do(*step)
    world.settle()
    world.agrees()
