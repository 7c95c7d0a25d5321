from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import pytest

from marketplaces import push, verify
from marketplaces.lots import RemoteLot
from marketplaces.models import Attempt, Listing
from marketplaces.push import batching
from marketplaces.verify import repairing
from sync.wire.errors import Unreachable
from tests.marketplaces.push.toy import TOY, ToyRemote
from tests.marketplaces.verify.build import World

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Written:
    outcome: str
    sentence: str = ""
    lot: RemoteLot | None = None


class Batching(ToyRemote):
    """A line that takes many quantities at once; `answers` says otherwise of a lot than that it was done."""

    answers: dict[str, str] = {}
    error: Exception | None = None

    def batch_quantities(self, quantities: Mapping[str, int], spending: Any) -> dict[str, Written]:
        self.there.calls.append("batch")
        if self.error:
            raise self.error
        said = {}
        for lot_id, quantity in quantities.items():
            outcome = self.answers.get(lot_id, "done")
            if outcome in ("done", "unknown"):
                self.there.lots[lot_id] = replace(self.there.lots[lot_id], quantity=quantity)
            said[lot_id] = Written(outcome, "Said.", self.there.lots[lot_id])
        return said


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """Thirty lots of ten pieces, of which the shop has nine."""
    made = World()
    made.listed(10)
    made.many_listed(29)
    for listing in Listing.objects.filter(shop=made.shop):
        made.change_there(listing, quantity=9)
    monkeypatch.setattr(Batching, "answers", {})
    monkeypatch.setattr(Batching, "error", None)
    monkeypatch.setattr(type(TOY), "open", lambda _toy, shop: _opened(shop.pk))
    verify.decide_many(made.actor, [each.pk for each in made.found()], "repair")
    made.store.calls.clear()
    return made


def _opened(shop: int) -> Any:
    return nullcontext(Batching(TOY.stores[shop]))


def quantities(world: World) -> set[int]:
    return {lot.quantity for lot in world.store.lots.values()}


def test_many_quantities_are_set_by_few_calls_and_nothing_is_left_for_the_push(world: World) -> None:
    world.carry_out()

    assert world.store.calls == ["lots", "batch"]
    assert quantities(world) == {10}
    assert set(Listing.objects.values_list("told_quantity", "state", "lease_until")) == {(10, "synced", None)}
    attempt = Attempt.objects.order_by("-pk")[0]
    assert (attempt.absolute, attempt.difference, attempt.baseline, attempt.state) == (True, 1, 9, "succeeded")


def test_what_is_refused_or_unknown_is_read_again_and_moved_by_the_push(world: World) -> None:
    refused, unknown = Listing.objects.order_by("pk")[:2]
    Batching.answers.update({refused.lot_id: "refused", unknown.lot_id: "unknown"})

    world.carry_out()

    assert world.store.count("read") == 2
    assert [call for call in world.store.calls if call.startswith("update")] == [f"update {refused.lot_id} +1 -"]
    assert quantities(world) == {10}
    assert world.found() == []


def test_when_nothing_could_be_sent_the_push_goes_one_by_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Batching, "error", Unreachable("No connection.", code="connect"))

    world.carry_out()

    assert world.store.count("batch") == 1
    assert world.store.count("update") == 30
    assert quantities(world) == {10}
    assert not Attempt.objects.filter(absolute=True).exists()


def test_a_worker_that_died_in_a_batch_leaves_nothing_undone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*_arguments: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(batching, "_close", dies)
        with pytest.raises(KeyboardInterrupt):
            verify.carry_out(world.shop.pk)
    assert Attempt.objects.filter(state="in_flight").count() == 30
    Listing.objects.update(lease_until=None)

    world.push()

    assert quantities(world) == {10}
    assert not Attempt.objects.filter(state="in_flight").exists()
    assert world.found() == []


def test_a_shop_in_maintenance_is_sent_nothing(world: World) -> None:
    push.set_maintenance(world.actor, world.shop, True)

    world.carry_out()

    assert world.store.calls == ["lots"]


def test_few_lots_are_moved_by_the_push(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repairing, "ONE_BY_ONE", 30)

    world.carry_out()

    assert world.store.count("batch") == 0
    assert quantities(world) == {10}
