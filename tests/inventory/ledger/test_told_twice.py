"""The same source key for two levels at once: their locks do not keep the two apart, the database does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import models
from django.db.models.signals import pre_save

from inventory import ledger
from inventory.errors import ToldTwice
from inventory.ledger import CountedLine, SaleFact, sell_many
from inventory.models import Count, CustomerReturn, Movement, Product, Purchase, Sale, Transfer, Warehouse, WriteOff
from tests.inventory.ledger.build import Shop, make_place, make_product
from tests.inventory.ledger.proof import prove

pytestmark = pytest.mark.django_db


class World:
    def __init__(self) -> None:
        self.shop = Shop()
        self.cake, self.back = make_product(self.shop.account, "QTX-CAKE"), make_place(self.shop.account, "BACK")
        for product in (self.shop.tea, self.cake):
            self.shop.buy(9, product=product)

    def of(self, product: Product) -> dict[str, Any]:
        return {"product": product, "warehouse": self.shop.place, "unit_kind": "packs", "quantity": 1, "source_key": "order 7"}

    def buys(self, product: Product) -> Any:
        return ledger.receive(self.shop.actor, unit_cost=1, **self.of(product))

    def sells(self, product: Product) -> Any:
        return ledger.sell(self.shop.actor, **self.of(product))

    def writes_off(self, product: Product) -> Any:
        return ledger.write_off(self.shop.actor, reason="damaged", note="Fell.", **self.of(product))

    def takes_back(self, product: Product) -> Any:
        return ledger.take_back(self.shop.actor, **self.of(product))

    def transfers(self, product: Product) -> Any:
        moved = self.of(product)
        return ledger.transfer(self.shop.actor, source=moved.pop("warehouse"), target=self.back, **moved)

    def counts(self, product: Product) -> Any:
        place: Warehouse = self.shop.place if product == self.cake else self.back
        return ledger.enter_count(self.shop.actor, warehouse=place, lines=[CountedLine(product, "packs", 1)], source_key="order 7")


@pytest.mark.parametrize(
    ("model", "verb"),
    [
        (Sale, World.sells),
        (WriteOff, World.writes_off),
        (CustomerReturn, World.takes_back),
        (Transfer, World.transfers),
        (Count, World.counts),
    ],
)
def test_the_second_is_asked_to_come_again_and_gets_the_first(model: type[models.Model], verb: Callable[[World, Product], Any]) -> None:
    world = World()

    def rival(**_signal: Any) -> None:
        # Between the look for the key and the row.
        pre_save.disconnect(rival, sender=model)
        verb(world, world.cake)

    before = Movement.objects.count()
    pre_save.connect(rival, sender=model)
    with pytest.raises(ToldTwice):
        verb(world, world.shop.tea)
    # Here the rival wrote within the transaction of the one it was in the way of.
    assert (Movement.objects.count(), model._default_manager.filter(source_key="order 7").count()) == (before, 0)
    first = verb(world, world.cake)
    again = verb(world, world.shop.tea)
    assert _row(again) == _row(first)
    prove(world.shop.account)


def test_the_second_purchase_gets_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    world, stored = World(), Purchase.objects.bulk_create

    def rival(*rows: Any, **options: Any) -> Any:
        monkeypatch.undo()
        world.buys(world.cake)
        return stored(*rows, **options)

    monkeypatch.setattr(Purchase.objects, "bulk_create", rival)
    with pytest.raises(ToldTwice):
        world.buys(world.shop.tea)
    assert not Purchase.objects.filter(source_key="order 7").exists()
    assert world.buys(world.cake).purchase == world.buys(world.shop.tea).purchase
    prove(world.shop.account)


def test_facts_of_outside_systems_too(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    about = {"warehouse_id": world.shop.place.pk, "unit_kind": "packs", "quantity": 1, "sold_at": world.shop.buy(1).created_at}
    facts = [SaleFact(source_key="order 7", product_id=product.pk, **about) for product in (world.cake, world.shop.tea)]
    assert sell_many(world.shop.actor, facts[:1]).booked == 1
    with monkeypatch.context() as blind:
        blind.setattr("inventory.ledger.bulkselling.stored_of", lambda *_: {})
        with pytest.raises(ToldTwice):
            sell_many(world.shop.actor, facts[1:])
    assert sell_many(world.shop.actor, facts[1:]).repeated == 1
    prove(world.shop.account)


def _row(booked: Any) -> models.Model:
    """The document itself, which some verbs hand out with more about it."""
    row: models.Model = getattr(booked, "sale", None) or getattr(booked, "purchase", None) or booked
    return row
