"""The lists a person reads changes in."""

from __future__ import annotations

import pytest

from accounts.models import Account
from sync.changetypes import CHANGE_TYPES
from sync.lists import Listed, in_list, listed
from sync.models import PlanRow
from tests.api.build import make_connection, make_plan_row, make_run
from tests.build import make_account

EXPECTED = {
    "item_appeared": Listed.ADDED,
    "load_appeared": Listed.ADDED,
    "item_disappeared": Listed.GONE,
    "load_disappeared": Listed.GONE,
    "item_migrated": Listed.MOVED,
    "item_reserved": Listed.CHANGED,
    "load_sold": Listed.CHANGED,
    "conflict_opened": Listed.CONFLICTS,
    "held": Listed.HELD,
    "unconfirmed": Listed.UNCONFIRMED,
}


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


@pytest.mark.parametrize(("type", "name"), EXPECTED.items())
def test_type_is_in_its_list(type: str, name: Listed) -> None:
    assert listed(type) == name


def test_the_database_finds_each_type_in_the_same_list_and_in_no_other(account: Account) -> None:
    run = make_run(make_connection(account))
    for seq, type in enumerate(CHANGE_TYPES, start=1):
        make_plan_row(run, seq, type)
    for name in Listed:
        found = set(PlanRow.objects.filter(in_list(name)).values_list("type", flat=True))
        assert found == {type for type in CHANGE_TYPES if listed(type) == name}, name
