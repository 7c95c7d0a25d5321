"""Questions the lists leave open: opened once, settled by a sync that finds them no more or by a person (docs/ge-rules.md, “Conflicts”)."""

from __future__ import annotations

import pytest

from inventory import conflicts
from inventory.models import Conflict
from sync.models import SyncChange
from tests.sync.ge import files
from tests.sync.ge.files import listed, load, total, unit
from tests.sync.ge.shop import Shop, changes, make_shop, types

pytestmark = pytest.mark.django_db

OLD, NEW = "7QX20260203091500", "7QX20260204101500"
UNIT = unit("QTX10FRIDGE", "ZZ900101")
BOTH = {number: [listed(number, "QTX10FRIDGE", "ZZ900101")] for number in (OLD, NEW)}


def with_a_unit_in_two_loads() -> Shop:
    shop = make_shop()
    run = shop.day(ASIS=[UNIT], loads=[load(OLD, units=1), load(NEW, units=1)], rosters=BOTH)
    assert types(run)["conflict_opened"] == 1
    return shop


def test_unit_in_two_open_loads_is_asked_about() -> None:
    shop = with_a_unit_in_two_loads()
    conflict = Conflict.objects.get()
    assert (conflict.kind, conflict.key, conflict.unit) == ("in_two_open_loads", "ZZ900101", shop.unit("ZZ900101"))
    assert conflict.details == {"loads": [NEW, OLD]}


def test_opening_is_told_as_a_change_of_the_conflict() -> None:
    with_a_unit_in_two_loads()
    change = SyncChange.objects.get(type="conflict_opened")
    assert (change.entity, change.entity_id, change.label) == ("conflict", Conflict.objects.get().pk, "ZZ900101")
    assert change.after == {"kind": "in_two_open_loads", "loads": [NEW, OLD]}


def test_question_is_not_asked_again() -> None:
    shop = with_a_unit_in_two_loads()
    run = shop.sync()
    assert changes(run) == []
    assert run.stats["conflictsOpened"] == 0
    assert Conflict.objects.count() == 1


def test_question_is_settled_when_one_of_the_loads_is_delivered() -> None:
    shop = with_a_unit_in_two_loads()
    run = shop.day(ASIS=[UNIT], loads=[load(OLD, "SOLD", cso="9000000001", cso_status="Delivered", units=1), load(NEW, units=1)])
    assert types(run)["conflict_resolved"] == 1
    settled = Conflict.objects.get()
    assert (settled.status, settled.resolved_by, settled.resolution) == ("resolved", "sync", "A sync did not find it any more.")


def test_question_is_settled_when_one_of_the_loads_is_taken_back() -> None:
    shop = with_a_unit_in_two_loads()
    run = shop.day(ASIS=[UNIT], loads=[load(OLD, units=1)])
    assert types(run) == {"load_disappeared": 1, "item_load_changed": 1, "conflict_resolved": 1}


def test_question_is_asked_of_a_unit_that_is_not_on_hand_too() -> None:
    shop = make_shop()
    shop.day(loads=[load(OLD, units=1), load(NEW, units=1)], rosters=BOTH)
    assert Conflict.objects.get().unit is None


def test_question_that_a_person_has_answered_is_not_asked_again() -> None:
    shop = with_a_unit_in_two_loads()
    conflicts.resolve(shop.manager, Conflict.objects.get(), "It is in the new one.")
    assert changes(shop.sync()) == []
    assert Conflict.objects.get().resolved_by == "Mara"


def test_question_that_a_person_has_answered_is_asked_again_when_the_sides_differ() -> None:
    shop = with_a_unit_in_two_loads()
    conflicts.resolve(shop.manager, Conflict.objects.get(), "It is in the new one.")
    third = "7QX20260205101500"
    run = shop.day(
        ASIS=[UNIT],
        loads=[load(OLD, units=1), load(NEW, units=1), load(third, units=1)],
        rosters={third: [listed(third, "QTX10FRIDGE", "ZZ900101")]},
    )
    assert types(run)["conflict_opened"] == 1
    assert Conflict.objects.get(status="open").details == {"loads": [third, NEW, OLD]}


def test_question_stays_open_while_the_loads_are_not_read() -> None:
    shop = with_a_unit_in_two_loads()
    shop.upload("loads:history", files.loads_xls([("8RY", "8RY20260101010101", "", "", "SOLD", "", "", "1")], history=True))
    shop.sync()
    assert Conflict.objects.get().status == "open"


def test_question_about_a_list_stays_open_while_that_list_is_not_believed() -> None:
    shop = make_shop()
    shop.day(ASIS=[UNIT, unit("QTX10FRIDGE", "ZZ900101", "Reserved")])
    shop.upload("stock:ASIS", files.stock_csv([UNIT], total(2, 0)))
    shop.sync()
    assert Conflict.objects.get().status == "open"


def test_question_about_a_list_stays_open_in_a_sync_of_another_one() -> None:
    shop = make_shop()
    shop.day(ASIS=[UNIT, unit("QTX10FRIDGE", "ZZ900101", "Reserved")])
    shop.sync("fg")
    assert Conflict.objects.get().status == "open"


def test_question_about_a_model_is_for_a_person() -> None:
    shop = make_shop()
    shop.day(ASIS=[UNIT])
    shop.day(ASIS=[unit("QTX20WASHER", "ZZ900101")])
    assert changes(shop.sync()) == []
    assert Conflict.objects.get().status == "open"
    conflicts.resolve(shop.manager, Conflict.objects.get(), "Another appliance with an old serial.")
    assert changes(shop.sync()) == []
