"""Levels of a mirror that become what a table of an outside system's rows says, all at once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import models

from accounts.acting import Actor
from accounts.models import Account
from inventory import mirror
from inventory.ledger.bulktables import NUMBER, Table, fill, made
from inventory.ledger.counters import Key
from inventory.models import Level, Movement, MovementKind, Product, Warehouse
from inventory.signals import levels_changed
from tests.build import make_account
from tests.inventory.build import make_warehouse
from tests.inventory.stock import LONG_AGO, make_ledger, make_level, make_product

pytestmark = pytest.mark.django_db

SAID = Table("said_rows", dict.fromkeys(("product_id", "warehouse_id", "on_hand", "reserved", "on_order"), NUMBER))
ONE = uuid.UUID(int=1)


@pytest.fixture
def account() -> Account:
    return make_account()


@pytest.fixture
def place(account: Account) -> Warehouse:
    return make_warehouse(account)


@pytest.fixture
def told() -> Iterator[list[dict[str, Any]]]:
    heard: list[dict[str, Any]] = []

    def hear(**signal: Any) -> None:
        heard.append(signal)

    levels_changed.connect(hear)
    yield heard
    levels_changed.disconnect(hear)


Said = tuple[models.Model, models.Model, int | None, int | None, int | None]
"""Product, warehouse, on hand, reserved, on order, in whole units; a null is not said."""


def follow(account: Account, *said: Said) -> list[Key]:
    with saying(*said):
        return mirror.follow_rows(Actor.system(account, "Finale sync"), SAID.name, correlation=ONE)


@contextmanager
def saying(*said: Said) -> Iterator[None]:
    rows = []
    for product, place, *figures in said:
        stored = [None if figure is None else figure * 1000 for figure in figures]
        rows.append(dict(zip(SAID.columns, [product.pk, place.pk, *stored], strict=True)))
    with made(SAID):
        fill(SAID, rows)
        yield


def shown(product: Product) -> tuple[Decimal, Decimal, Decimal]:
    row = Level.objects.get(product=product)
    return row.units, row.reserved_units, row.on_order_units


def test_level_is_made_with_a_movement(account: Account, place: Warehouse) -> None:
    tea = make_product(account)
    assert follow(account, (tea, place, 52, 5, 40)) == [Key(tea.pk, place.pk)]
    assert shown(tea) == (52, 5, 40)
    move = Movement.objects.get()
    assert (move.kind, move.unit_kind, move.level_delta, move.level_after) == (MovementKind.SNAPSHOT, "units", 52, 52)
    assert (move.cause, move.actor_label, move.correlation) == ("source_sync", "Finale sync", ONE)


def test_difference_is_what_moves(account: Account, place: Warehouse) -> None:
    tea = make_product(account)
    make_level(tea, place, units=10, reserved_units=1)
    follow(account, (tea, place, 7, 1, 0))
    assert shown(tea) == (7, 1, 0)
    assert (Movement.objects.get().level_delta, Movement.objects.get().level_after) == (-3, 7)
    assert Level.objects.get().changed_at > LONG_AGO


def test_reserving_and_ordering_move_nothing_but_are_told(account: Account, place: Warehouse, told: list[dict[str, Any]]) -> None:
    tea, mug = make_product(account), make_product(account, "QTX20")
    make_level(tea, place, units=10)
    make_level(mug, place, units=10)
    assert follow(account, (mug, place, 10, 0, 6), (tea, place, 10, 4, 0)) == [Key(tea.pk, place.pk), Key(mug.pk, place.pk)]
    assert (shown(tea), shown(mug)) == ((10, 4, 0), (10, 0, 6))
    assert not Movement.objects.exists()
    assert [signal["keys"] for signal in told] == [[(tea.pk, place.pk), (mug.pk, place.pk)]]
    assert (told[0]["cause"], told[0]["correlation"], told[0]["account_id"]) == ("source_sync", ONE, account.pk)


def test_what_is_so_already_is_left_alone(account: Account, place: Warehouse, told: list[dict[str, Any]]) -> None:
    tea, mug = make_product(account), make_product(account, "QTX20")
    make_level(tea, place, units=10)
    make_level(mug, place, units=3, reserved_units=1, on_order_units=2)
    assert follow(account, (tea, place, 10, 0, 0), (mug, place, 4, 1, 2)) == [Key(mug.pk, place.pk)]
    assert Level.objects.get(product=tea).changed_at == LONG_AGO
    assert follow(account, (tea, place, 10, 0, 0), (mug, place, 4, 1, 2)) == []
    assert len(told) == 1


def test_nothing_there_makes_no_level(account: Account, place: Warehouse) -> None:
    assert follow(account, (make_product(account), place, 0, 0, 0)) == []
    assert not Level.objects.exists()


def test_less_than_nothing_on_hand_but_never_reserved(account: Account, place: Warehouse) -> None:
    tea = make_product(account)
    follow(account, (tea, place, -2, -3, 0))
    assert shown(tea) == (-2, 0, 0)


def test_rows_of_one_key_are_added(account: Account, place: Warehouse) -> None:
    tea = make_product(account)
    follow(account, (tea, place, 30, 2, None), (tea, place, 5, -1, 8))
    assert shown(tea) == (35, 1, 8)


def test_what_is_not_said_stays(account: Account, place: Warehouse) -> None:
    tea = make_product(account)
    make_level(tea, place, units=9, reserved_units=3, on_order_units=7)
    follow(account, (tea, place, 8, None, None))
    assert shown(tea) == (8, 3, 7)
    follow(account, (tea, place, None, 1, None))
    assert shown(tea) == (8, 1, 7)


def test_packs_are_left_alone(account: Account, place: Warehouse) -> None:
    tea = make_product(account)
    make_level(tea, place, packs=4)
    follow(account, (tea, place, 8, 0, 0))
    assert Level.objects.get().packs == 4


def test_only_the_account_s_own_mirrors(account: Account, place: Warehouse) -> None:
    tea, other = make_product(account), make_account("Other Traders")
    with pytest.raises(ValueError, match="Warehouse MAIN keeps a ledger"):
        follow(account, (tea, make_ledger(account), 1, 0, 0))
    with pytest.raises(Product.DoesNotExist):
        follow(account, (make_product(other), place, 1, 0, 0))
    with pytest.raises(Warehouse.DoesNotExist):
        follow(account, (tea, make_warehouse(other, "OTHER"), 1, 0, 0))
    assert not Level.objects.exists()


def test_statements_are_as_many_for_one_row_as_for_many(account: Account, place: Warehouse, django_assert_num_queries: Any) -> None:
    products = [make_product(account, f"QTX{number}") for number in range(30)]
    actor, receivers = Actor.system(account, "Finale sync"), 3
    for said, statements in ((products[:1], 6 + receivers), (products, 6 + receivers), (products, 4)):
        with saying(*((product, place, 6, 1, 0) for product in said)), django_assert_num_queries(statements):
            mirror.follow_rows(actor, SAID.name, correlation=ONE)
