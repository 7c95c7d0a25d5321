"""A plan that takes away or moves too much waits for a manager (docs/engine.md, “The brake”)."""

from __future__ import annotations

import pytest

from sync import runs
from sync.models import Status
from tests.sync.ge.files import on_hand
from tests.sync.ge.shop import Shop, changes, make_shop, types

pytestmark = pytest.mark.django_db


def with_a_hundred(**settings: int) -> Shop:
    shop = make_shop(**settings)
    shop.day(FG=on_hand(100))
    return shop


def test_as_many_as_the_limit_go_at_once() -> None:
    # A quarter of a hundred: more than 20 %, but not more than 25 units.
    run = with_a_hundred().day(FG=on_hand(75))
    assert types(run) == {"item_disappeared": 25}


def test_one_more_waits_and_nothing_is_written() -> None:
    shop = with_a_hundred()
    run = shop.day(FG=on_hand(74))
    assert (run.status, run.applied_at) == (Status.NEEDS_REVIEW, None)
    assert run.message.startswith("It would remove 26 of 100 units; more than 25 need a manager's approval.")
    assert (changes(run), len(shop.on_hand())) == ([], 100)
    assert run.plan.filter(type="item_disappeared").count() == 26


def test_what_a_manager_approves_is_written_by_the_same_run() -> None:
    shop = with_a_hundred()
    run = shop.day(FG=on_hand(74))
    shop.work(runs.approve(shop.manager, run))
    assert run.pk == shop.last.pk
    assert shop.last.status == Status.SUCCEEDED
    assert (types(shop.last), len(shop.on_hand())) == ({"item_disappeared": 26}, 74)


def test_units_that_move_are_braked_by_limits_of_their_own() -> None:
    shop = with_a_hundred(brake_changed_rows=10, brake_changed_percent=10)
    moved = on_hand(11)
    run = shop.day(FG=on_hand(89, first=12), ASIS=moved)
    assert run.status == Status.NEEDS_REVIEW
    assert run.message.startswith("It would change or move 11 of 100 units; more than 10 need a manager's approval.")
    assert types(shop.day(FG=on_hand(90, first=11), ASIS=moved[:10])) == {"item_migrated": 10}


def test_first_sync_of_a_warehouse_is_not_braked() -> None:
    run = make_shop().day(FG=on_hand(500))
    assert types(run) == {"item_appeared": 500}
