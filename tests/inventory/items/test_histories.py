"""Whatever happens to stock, linked items say what it offers: random histories."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.errors import Problem
from inventory import items, ledger
from inventory.ledger.counters import Counters, Key
from inventory.mirror import Snapshot, set_levels
from inventory.models import Item, ItemChange, Sale
from tests.build import make_account
from tests.inventory.build import make_warehouse
from tests.inventory.items.build import available, make_item
from tests.inventory.ledger.build import Shop, make_place

pytestmark = pytest.mark.django_db

small = st.integers(1, 12)
steps = st.one_of(
    st.tuples(st.sampled_from(["buy", "sell", "move", "show", "hold", "buffer", "pack"]), small),
    st.tuples(st.sampled_from(["cancel", "release", "unlink", "link", "archive", "restore", "undo"]), st.just(0)),
)


class Business:
    """A ledger, a second one and a mirror, and an item that offers all three."""

    def __init__(self) -> None:
        self.shop = Shop(make_account(f"7QX {uuid.uuid4()}"))
        self.actor, self.tea = self.shop.actor, self.shop.tea
        self.back, self.mirror = make_place(self.shop.account, "BACK"), make_warehouse(self.shop.account)
        self.item = make_item(self.shop, quantity_available=0)
        self.holds = 0
        self.link(0)

    def link(self, _: int) -> None:
        items.link(self.actor, self.item, self.tea, [self.shop.place, self.back, self.mirror])

    def unlink(self, _: int) -> None:
        items.unlink(self.actor, self.item)

    def buy(self, number: int) -> None:
        self.shop.buy(number)

    def sell(self, number: int) -> None:
        self.shop.sell(number)

    def cancel(self, _: int) -> None:
        ledger.cancel_sale(self.actor, Sale.objects.filter(account=self.shop.account).latest("pk"))

    def move(self, number: int) -> None:
        places = {"source": self.shop.place, "target": self.back}
        ledger.transfer(self.actor, product=self.tea, unit_kind="packs", quantity=number, **places)

    def show(self, number: int) -> None:
        set_levels(self.actor, {Key(self.tea.pk, self.mirror.pk): Snapshot(Counters(packs=Decimal(number - 4)))})

    def hold(self, number: int) -> None:
        self.holds += 1
        about: dict[str, Any] = {"unit_kind": "packs", "source_key": str(self.holds), "correlation": uuid.uuid4()}
        items.hold(self.actor, self.tea, self.mirror, number, **about)

    def release(self, _: int) -> None:
        items.release_hold(self.actor, str(self.holds), "Shown", correlation=uuid.uuid4())

    def buffer(self, number: int) -> None:
        items.edit(self.actor, self.item, buffer=number)

    def pack(self, number: int) -> None:
        items.edit(self.actor, self.item, pack=number)

    def archive(self, _: int) -> None:
        items.archive(self.actor, self.item)

    def restore(self, _: int) -> None:
        items.restore(self.actor, self.item)

    def undo(self, _: int) -> None:
        items.undo(self.actor, ItemChange.objects.filter(item=self.item).latest("pk"), "Wrong")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps, max_size=14))
def test_a_linked_item_never_says_anything_else_than_its_stock(history: list[tuple[str, int]]) -> None:
    business = Business()
    for name, number in history:
        step: Callable[[int], None] = getattr(business, name)
        # Refused, or nothing there to do it with: nothing may have happened then.
        with suppress(Problem, Sale.DoesNotExist):
            step(number)
        assert items.differing(business.shop.account.pk) == [], (name, history)
    # The history explains the number to the last piece.
    moved = ItemChange.objects.filter(item=business.item).values_list("delta_available", flat=True)
    assert (sum(moved), Item.objects.get(pk=business.item.pk).quantity_sold) == (available(business.item), 0)
