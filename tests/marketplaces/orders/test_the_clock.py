"""By the clock: a sale on one shop is on the other within two minutes; nothing is read that must not be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.errors import NotAllowed
from accounts.roles import Role
from jobs import lease
from jobs.models import Lease
from marketplaces import orders
from marketplaces.lots import RemoteLot
from marketplaces.models import Listing, Shop
from marketplaces.orders import clock
from sync.models import CallBudget, Connection
from sync.wire.errors import RetryLater
from tests.build import make_account, make_actor
from tests.marketplaces.orders.build import OrderRemote, counts, line_of, lot_of, make_item, make_shop, pushed, read, told

pytestmark = pytest.mark.django_db


class Clock:
    """Time that passes only when told to, and the queue that it fills."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = timezone.now()
        self.queue: list[int] = []
        for module in ("clock", "importing"):
            monkeypatch.setattr(f"marketplaces.orders.{module}.moment.now", lambda: self.now)
        monkeypatch.setattr(clock, "enqueue", lambda _task, shop_id, cluster: self.queue.append(shop_id))

    def tick(self, seconds: float = 60) -> list[int]:
        """The shops whose orders the tick after so many seconds lets be read; a worker reads them at once."""
        self.now += timedelta(seconds=seconds)
        self.queue.clear()
        orders.poll_due()
        asked = list(self.queue)
        for shop_id in asked:
            orders.poll(shop_id)
        return asked


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_a_sale_is_on_the_other_shop_within_two_minutes(time: Clock) -> None:
    account = make_account()
    (one, here), (other, there) = make_shop(account, "One"), make_shop(account, "Other")
    item = make_item(account, quantity=100)
    pushed(one, other)
    waits = []
    for number in range(30):
        time.tick(59 + number % 3)
        # At any time between two ticks of a minute.
        sold_at = time.now + timedelta(seconds=2 * number)
        here.order(str(31000001 + number), (lot_of(one, item), 1))
        while there.quantity(item.token) != 99 - number:
            time.tick()
            pushed(one, other)
        waits.append(time.now - sold_at)
    assert max(waits) <= timedelta(minutes=2)
    assert counts(item) == (70, 30)
    assert (told(one, item), told(other, item)) == (70, 70)


def test_each_minute_and_seldom_when_few_calls_are_left(time: Clock) -> None:
    shop, _store = make_shop(make_account())
    budget = CallBudget.objects.create(
        account=shop.account, connection=shop.connection, name="day", window_seconds=86_400, limit=5000, reserved=200
    )
    assert [bool(time.tick()) for _ in range(3)] == [True, True, True]
    # 4800 - 3301 = 1499 are left.
    slot = int(timezone.now().timestamp() * 60 / 86_400)
    CallBudget.objects.filter(pk=budget.pk).update(spent=[[slot, 3301]])
    assert [bool(time.tick()) for _ in range(6)] == [False, False, False, False, True, False]


def test_asked_for_it_is_read_at_once(time: Clock) -> None:
    account = make_account()
    shop, _store = make_shop(account)
    time.tick()
    assert time.tick(seconds=5) == []
    orders.poll_now(make_actor(account, Role.STAFF), shop)
    assert time.queue == [shop.pk]
    Shop.objects.update(orders_asked_at=time.now + timedelta(seconds=1))
    assert time.tick(seconds=5) == [shop.pk]
    with pytest.raises(NotAllowed):
        orders.poll_now(make_actor(account, Role.VIEWER), shop)
    with pytest.raises(Shop.DoesNotExist):
        orders.poll_now(make_actor(make_account("8QX")), shop)


@pytest.mark.parametrize(
    "off",
    [
        lambda shop: Connection.objects.update(enabled=False),
        lambda shop: Connection.objects.update(paused_at=timezone.now()),
        lambda shop: Shop.objects.update(stopped_at=timezone.now()),
        lambda shop: Shop.objects.update(resting_until=timezone.now() + timedelta(hours=1)),
    ],
    ids=["disabled", "paused", "stopped", "resting"],
)
def test_what_must_not_be_called_is_not(time: Clock, off: Any) -> None:
    shop, store = make_shop(make_account())
    off(shop)
    assert time.tick() == []
    assert not orders.import_now(shop)
    assert store.calls == []


def test_with_calls_switched_off_nothing_is_read(time: Clock, settings: Any) -> None:
    shop, store = make_shop(make_account())
    settings.DISABLE_EXTERNAL_CALLS = True
    assert time.tick() == []
    assert not orders.import_now(shop)
    assert store.calls == []


def test_in_maintenance_orders_are_read_all_the_same(time: Clock) -> None:
    shop, _store = make_shop(make_account())
    Shop.objects.update(maintenance_at=timezone.now())
    assert time.tick() == [shop.pk]


def test_what_was_sold_while_orders_were_switched_off_is_history_and_the_lots_are_in_doubt(time: Clock) -> None:
    account = make_account()
    shop, store = make_shop(account, orders=False)
    item = make_item(account, quantity=10)
    pushed(shop)
    store.order("31000001", (lot_of(shop, item), 3))
    time.tick()
    assert store.count("orders") == 0
    assert orders.import_now(shop)
    Connection.objects.update(settings={"orders": True})
    time.tick()
    assert (line_of("31000001").booking, counts(item)) == ("history", (10, 0))
    assert Listing.objects.get().reread
    # Told ten, it has seven: read back, it is filled up again.
    item.refresh_from_db()
    item.quantity_available = 9
    item.save()
    Shop.objects.update(orders_polled_at=None)
    pushed(shop)
    assert (told(shop, item), store.quantity(item.token)) == (9, 9)


def test_after_a_gap_only_lots_that_the_list_shows_otherwise_are_in_doubt(time: Clock) -> None:
    account = make_account()
    shop, store = make_shop(account, orders=False)
    names = ("kept", "sold", "gone", "raised", "sending", "doubted")
    made = {name: make_item(account, quantity=10, part_number=name) for name in names}
    pushed(shop)
    lots = {name: lot_of(shop, item) for name, item in made.items()}
    store.order("31000001", (lots["sold"], 3))
    del store.lots[lots["gone"]]
    # Set by hand and sold: the list shows what was told, and the sale is in it.
    store.order("31000002", (lots["raised"], 2))
    store._set(store.lots[lots["raised"]], quantity=10)
    listings = {name: Listing.objects.get(item=item) for name, item in made.items()}
    Listing.objects.filter(pk=listings["sending"].pk).update(lease_until=timezone.now() + timedelta(minutes=1), fence=7)
    Listing.objects.filter(pk=listings["doubted"].pk).update(reread=True)
    time.tick()
    Connection.objects.update(settings={"orders": True})
    time.tick()
    in_doubt = {name for name, listing in listings.items() if Listing.objects.get(pk=listing.pk).reread}
    assert in_doubt == {"sold", "gone", "sending"}
    assert [store.count("lots"), store.count("read")] == [1, 0]
    assert {told(shop, item) for item in made.values()} == {10}
    time.tick()
    assert store.count("lots") == 1


def test_after_a_gap_all_lots_are_in_doubt_where_the_list_fails_or_a_push_is_faster(time: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    account = make_account()
    shop, store = make_shop(account, orders=False)
    make_item(account, quantity=10)
    pushed(shop)
    time.tick()
    Connection.objects.update(settings={"orders": True})

    def overtaken(_remote: OrderRemote, _spending: object) -> Iterator[RemoteLot]:
        yield from store.lots.values()
        Listing.objects.update(fence=F("fence") + 1)

    monkeypatch.setattr(OrderRemote, "lots", overtaken)
    time.tick()
    assert Listing.objects.get().reread

    def failing(_remote: OrderRemote, _spending: object) -> Iterator[RemoteLot]:
        raise RetryLater("The shop is away.", after=1)

    Listing.objects.update(reread=False)
    Shop.objects.update(orders_mark=None, orders_polled_at=None)
    monkeypatch.setattr(OrderRemote, "lots", failing)
    time.tick()
    assert Listing.objects.get().reread
    assert Shop.objects.get().orders_mark == time.now


def test_two_workers_don_t_read_the_same_shop(time: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, store = make_shop(make_account())
    monkeypatch.setattr(clock, "PATIENCE", 0)
    row = Lease.objects.create(name=f"orders of shop {shop.pk}")
    fence = lease.claim(Lease, row.pk)
    orders.poll(shop.pk)
    assert not orders.import_now(shop)
    assert store.calls == []
    assert fence is not None
    lease.release(Lease, row.pk, fence)
    read(shop)
    assert store.count("orders") == 1


def test_far_back_is_asked_once_an_hour(time: Clock) -> None:
    _shop, store = make_shop(make_account())
    time.now = datetime(2027, 1, 5, 10, 57, tzinfo=time.now.tzinfo)
    for _ in range(5):
        time.tick()
    asked = [None if each is None else time.now - each for each in store.asked_since]
    assert [each is not None and each > timedelta(days=80) for each in asked] == [True, False, True, False, False]
