"""Real processes: several at once on one item, and workers killed with -9 at every named point, over real HTTP."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from django.db import connections
from django.db.models.functions import Now

from inventory.models import Item
from marketplaces import orders, push
from marketplaces.models import Listing, ListingState, Shop
from marketplaces.providers.bricklink.client import BrickLink
from marketplaces.providers.brickowl.client import BrickOwlRemote
from marketplaces.push import attempts, draining, working
from tests.marketplaces.build import StandIn, drain, make_item

pytestmark = pytest.mark.django_db(transaction=True)

REMOTES = {"bricklink": BrickLink, "brickowl": BrickOwlRemote}


@pytest.fixture(autouse=True)
def no_pauses(settings: Any) -> None:
    settings.PUSH_PAUSE_PERCENT = 0


def begun(task: Callable[[], object]) -> int:
    """The process that does `task`."""
    # A forked process must not talk over its parent's connection.
    connections.close_all()
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        task()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def ended(process: int) -> int:
    """Its exit code, negative when a signal ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def dying(where: Any, name: str, *, after: bool) -> None:
    """Let this process be killed when `name` is reached, before or after it has done its work."""
    honest = getattr(where, name)

    def die(*args: Any, **options: Any) -> None:
        if after:
            honest(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(where, name, die)


def later() -> None:
    """Time passes until the leases of the dead are over and everything that waits is due."""
    Listing.objects.update(lease_until=None)
    Listing.objects.filter(due_at__isnull=False).update(due_at=Now())
    Shop.objects.update(lease_until=None, resting_until=None)


CALLS = {"create": "created", "update": "updated", "delete": "deleted"}
POINTS = ("in the drain", "claimed", "before sending", "after sending", "before the commit", "after the commit")


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", REMOTES)
def test_killed(name: str, call: str, point: str, request: pytest.FixtureRequest) -> None:
    shop: Shop = request.getfixturevalue(f"{name}_shop")
    stand_in: StandIn = request.getfixturevalue(name)
    item = make_item(shop.account)
    wanted = {"create": 12, "update": 5, "delete": 0}[call]
    if call != "create":
        drain(shop)
        Item.objects.filter(pk=item.pk).update(quantity_available=wanted, **({"archived_at": Now()} if call == "delete" else {}))
        push.sweep()

    def task() -> None:
        remote = REMOTES[name]
        where: dict[str, tuple[Any, str, bool]] = {
            "in the drain": (draining, "work", False),
            "claimed": (working, "_step", False),
            "before sending": (remote, call, False),
            "after sending": (remote, call, True),
            "before the commit": (attempts, CALLS[call], False),
            "after the commit": (attempts, CALLS[call], True),
        }
        place, function, after = where[point]
        dying(place, function, after=after)
        push.drain(shop.pk)

    assert ended(begun(task)) == -signal.SIGKILL
    for _ in range(6):
        later()
        drain(shop)
    listing = Listing.objects.get()
    assert (listing.state, listing.told_quantity) == (ListingState.SYNCED, wanted), listing.sentence
    assert sum(stand_in.quantity(lot.get("inventory_id", lot.get("lot_id"))) for lot in stand_in.lots()) == wanted
    assert len(stand_in.lots()) == (1 if wanted else 0)
    assert len(stand_in.writes("create")) == 1


def test_one_item_edited_a_hundred_times_under_two_drains_of_each_shop(
    bricklink: StandIn, brickowl: StandIn, bricklink_shop: Shop, brickowl_shop: Shop
) -> None:
    item = make_item(bricklink_shop.account)

    def work(shop: Shop) -> Callable[[], None]:
        def many() -> None:
            for _ in range(25):
                push.drain(shop.pk)

        return many

    processes = [begun(work(shop)) for shop in (bricklink_shop, brickowl_shop) for _ in range(2)]
    rng, edits = Random(11), 100
    for _ in range(edits):
        fresh = Item.objects.get(pk=item.pk)
        fresh.quantity_available = rng.randint(1, 60)
        fresh.save()
    assert [ended(process) for process in processes] == [0, 0, 0, 0]
    for shop in (bricklink_shop, brickowl_shop):
        drain(shop)
    available = Item.objects.get(pk=item.pk).quantity_available
    for shop, stand_in in ((bricklink_shop, bricklink), (brickowl_shop, brickowl)):
        listing = Listing.objects.get(shop=shop)
        assert (listing.state, listing.told_quantity) == (ListingState.SYNCED, available)
        assert stand_in.quantity(listing.lot_id) == available
        assert len(stand_in.writes("create")) == 1
        assert len(stand_in.writes("update")) <= edits


def test_a_sale_while_a_push_is_under_way_is_counted_once(bricklink: StandIn, bricklink_shop: Shop) -> None:
    item = make_item(bricklink_shop.account)
    assert orders.import_now(bricklink_shop)
    drain(bricklink_shop)
    lot = Listing.objects.get().lot_id
    # Bought between our look and our change: the shop has 10 when it is told −4.
    bricklink.turn_on("sale_before", times=1, size=2)
    Item.objects.filter(pk=item.pk).update(quantity_available=8)
    push.sweep()
    drain(bricklink_shop)
    assert bricklink.quantity(lot) == 6
    assert orders.import_now(bricklink_shop)
    drain(bricklink_shop)
    item.refresh_from_db()
    assert (item.quantity_available, Listing.objects.get().told_quantity, bricklink.quantity(lot)) == (6, 6, 6)
