"""The audit log can't be written: then nothing is booked, whatever it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from inventory import ledger
from inventory.ledger import CountedLine, PurchaseFact, SaleFact
from tests.inventory.ledger.build import Shop, in_days, let_expire, make_place
from tests.inventory.ledger.histories import ROWS
from tests.inventory.ledger.proof import prove

pytestmark = pytest.mark.django_db


class World:
    """Stock of all kinds, and one of everything that can be undone."""

    def __init__(self) -> None:
        self.shop = Shop(packs_per_pallet=4)
        self.actor, self.back = self.shop.actor, make_place(self.shop.account, "BACK")
        self.of = {"product": self.shop.tea, "warehouse": self.shop.place, "unit_kind": "packs"}
        self.ids = {"product_id": self.shop.tea.pk, "warehouse_id": self.shop.place.pk, "unit_kind": "packs", "quantity": 2}
        self.shop.buy(3, "pallets")
        self.bought = self.shop.buy(20)
        self.sale = self.shop.sell(2)
        self.unsold = self.shop.buy(5)
        self.gone = ledger.write_off(self.actor, quantity=1, reason="damaged", note="Fell.", **self.of)
        self.moved = self.move()
        lines = [CountedLine(self.shop.tea, "packs", 1)]
        self.count = ledger.enter_count(self.actor, warehouse=self.shop.place, lines=lines)

    def move(self) -> Any:
        return ledger.transfer(self.actor, product=self.shop.tea, source=self.shop.place, target=self.back, unit_kind="packs", quantity=2)


VERBS: dict[str, Callable[[World], Any]] = {
    "receive": lambda world: world.shop.buy(1),
    "edit_purchase": lambda world: ledger.edit_purchase(world.actor, world.bought, quantity=25),
    "void_purchase": lambda world: ledger.void_purchase(world.actor, world.unsold),
    "void_rest": lambda world: ledger.void_rest(world.actor, world.bought),
    "sell": lambda world: world.shop.sell(1),
    "edit_sale": lambda world: ledger.edit_sale(world.actor, world.sale, quantity=1),
    "cancel_sale": lambda world: ledger.cancel_sale(world.actor, world.sale),
    "take_back": lambda world: ledger.take_back(world.actor, sale=world.sale, quantity=1),
    "write_off": lambda world: ledger.write_off(world.actor, quantity=1, reason="damaged", note="Fell.", **world.of),
    "reverse_write_off": lambda world: ledger.reverse_write_off(world.actor, world.gone),
    "transfer": World.move,
    "reverse_transfer": lambda world: ledger.reverse_transfer(world.actor, world.moved),
    "open_packs": lambda world: ledger.open_packs(world.actor, **{**world.of, "unit_kind": "pallets"}, quantity=1),
    "approve_count": lambda world: ledger.approve_count(world.actor, world.count),
    "receive_many": lambda world: ledger.receive_many(world.actor, [PurchaseFact(source_key="p", bought_at=timezone.now(), **world.ids)]),
    "sell_many": lambda world: ledger.sell_many(world.actor, [SaleFact(source_key="s", sold_at=timezone.now(), **world.ids)]),
}


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_is_booked(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    before = everything()
    with monkeypatch.context() as full:
        full.setattr("accounts.audit._row", refuse)
        with pytest.raises(OSError, match="full"):
            VERBS[verb](world)
    assert everything() == before
    VERBS[verb](world)
    assert everything() != before
    prove(world.shop.account)


def test_no_expiry_is_booked_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop()
    let_expire(shop.buy(5, expires_at=in_days(5)))
    before = everything()
    monkeypatch.setattr("accounts.audit._row", refuse)
    with pytest.raises(OSError, match="full"):
        shop.buy(1)
    assert everything() == before


def refuse(*_: Any) -> None:
    raise OSError("The audit log is full.")


def everything() -> list[Any]:
    return [list(model._default_manager.order_by("pk").values_list()) for model in ROWS]
