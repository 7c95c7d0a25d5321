"""A worker killed at any point of a push: nothing is made twice, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from marketplaces import push
from marketplaces.models import Listing, ListingState, Shop
from marketplaces.push import attempts, working
from tests.build import make_account
from tests.marketplaces.push.toy import Killed, ToyRemote, after_a_kill, make_item, make_shop

pytestmark = pytest.mark.django_db(transaction=True)


def killed_before(function: Callable[..., object]) -> Callable[..., object]:
    def die(*_args: object, **_options: object) -> object:
        raise Killed

    return die


def killed_after(function: Callable[..., object]) -> Callable[..., object]:
    def act_and_die(*args: object, **options: object) -> object:
        function(*args, **options)
        raise Killed

    return act_and_die


POINTS = {
    "claimed": (working, "_step", killed_before),
    "before the attempt is written": (attempts, "opened", killed_before),
    "before sending": (attempts, "opened", killed_after),
    "after sending, before the commit": (ToyRemote, "{call}", killed_after),
    "after the commit": (attempts, "{closed}", killed_after),
}
CALLS = {"create": ("create", "created"), "update": ("update", "updated"), "delete": ("delete", "deleted")}


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("operation", CALLS)
def test_killed_at(point: str, operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    wanted = 10
    if operation != "create":
        push.drain(shop.pk)
        wanted = 7 if operation == "update" else 0
        item.quantity_available = wanted
        item.save()
    call, closed = CALLS[operation]
    where, name, how = POINTS[point]
    name = name.format(call=call, closed=closed)
    with monkeypatch.context() as patch:
        patch.setattr(where, name, how(getattr(where, name)))
        with pytest.raises(Killed):
            push.drain(shop.pk)
    for _ in range(4):
        after_a_kill()
        push.drain(shop.pk)
    listing = Listing.objects.get()
    assert (listing.state, listing.told_quantity) == (ListingState.SYNCED, wanted)
    assert sum(lot.quantity for lot in store.lots.values()) == wanted
    assert len(store.lots) == (1 if wanted else 0)
    assert store.count("create") == 1


def test_killed_in_the_drain_leaves_the_shop_to_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    account = make_account()
    shop, store = make_shop(account)
    make_item(account, quantity=10)
    with monkeypatch.context() as patch:
        patch.setattr("marketplaces.push.draining.work", killed_before(working.work))
        with pytest.raises(Killed):
            push.drain(shop.pk)
    # A kill leaves the lease behind; a drain that comes while it lasts does nothing.
    Shop.objects.filter(pk=shop.pk).update(lease_until="2099-01-01T00:00:00Z")
    push.drain(shop.pk)
    assert store.calls == []
    after_a_kill()
    push.drain(shop.pk)
    assert store.calls == ["create"]


def test_a_worker_that_comes_back_late_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lease is over, another has done the work: what it learnt is out of date."""
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    create = ToyRemote.create

    def slow(self: ToyRemote, *args: object) -> object:
        made = create(self, *args)  # type: ignore[arg-type]
        monkeypatch.setattr(ToyRemote, "create", create)
        after_a_kill()
        push.drain(shop.pk)
        return made

    monkeypatch.setattr(ToyRemote, "create", slow)
    push.drain(shop.pk)
    listing = Listing.objects.get()
    assert (listing.state, listing.lot_id, listing.told_quantity) == (ListingState.SYNCED, "700000001", 10)
    assert store.calls == ["create", "find"]
    assert store.quantity(item.token) == 10
