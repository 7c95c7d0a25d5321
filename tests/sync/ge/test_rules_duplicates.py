"""A serial more than once in one list (docs/ge-rules.md, “Repeats”)."""

from __future__ import annotations

import pytest

from inventory.models import Conflict, Unit
from tests.sync.ge.files import unit
from tests.sync.ge.shop import changes, changes_of, make_shop

pytestmark = pytest.mark.django_db

ONE = unit("QTX10FRIDGE", "ZZ900101")


def test_equal_rows_are_one_unit() -> None:
    shop = make_shop()
    run = shop.day(ASIS=[ONE, ONE, ONE])
    assert changes(run) == [("item_appeared", "ZZ900101", None, None)]
    assert (run.stats["duplicateRows"], run.stats["totalGEItems"], run.counters["skipped"]) == (2, 1, 2)
    assert not Conflict.objects.exists()


def test_serial_in_another_writing_is_the_same_one() -> None:
    shop = make_shop()
    run = shop.day(ASIS=[ONE, unit("QTX10FRIDGE", "zz900101 ")])
    assert Unit.objects.count() == 1
    assert run.stats["duplicateRows"] == 1


def test_of_rows_that_disagree_the_last_counts_and_a_person_is_asked() -> None:
    shop = make_shop()
    run = shop.day(ASIS=[ONE, unit("QTX10FRIDGE", "ZZ900101", "Reserved")])
    assert shop.unit("ZZ900101").status == "Reserved"
    assert changes(run) == [
        ("item_appeared", "ZZ900101", None, None),
        ("conflict_opened", "ASIS ZZ900101", None, "duplicate_in_feed"),
    ]
    conflict = Conflict.objects.get()
    assert conflict.unit == shop.unit("ZZ900101")
    assert conflict.details == {
        "sides": [
            {"model": "QTX10FRIDGE", "status": "Available", "message": ""},
            {"model": "QTX10FRIDGE", "status": "Reserved", "message": "Not Available"},
        ]
    }
    assert run.stats["conflictsOpened"] == 1


def test_what_the_last_row_changes_is_told_by_field() -> None:
    shop = make_shop()
    shop.day(ASIS=[ONE])
    run = shop.day(ASIS=[ONE, unit("QTX10FRIDGE", "ZZ900101", "Reserved")])
    assert changes_of(run, "ZZ900101") == [("item_reserved", "Available", "Reserved"), ("item_message_changed", "", "Not Available")]


def test_rows_that_disagree_again_change_nothing() -> None:
    shop = make_shop()
    shop.day(ASIS=[ONE, unit("QTX10FRIDGE", "ZZ900101", "Reserved")])
    assert changes(shop.sync()) == []


def test_question_is_settled_when_the_rows_agree() -> None:
    shop = make_shop()
    shop.day(ASIS=[ONE, unit("QTX10FRIDGE", "ZZ900101", "Reserved")])
    run = shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900101", "Reserved")])
    assert changes(run) == [("conflict_resolved", "ASIS ZZ900101", "duplicate_in_feed", None)]
    assert Conflict.objects.get().status == "resolved"


def test_the_same_serial_in_two_lists_is_no_repeat_within_one() -> None:
    shop = make_shop()
    run = shop.day(FG=[ONE], STA=[unit("QTX10FRIDGE", "ZZ900101", "Reserved")])
    assert (run.stats["duplicateRows"], run.stats["overlaps"]) == (0, 1)
    assert not Conflict.objects.exists()
