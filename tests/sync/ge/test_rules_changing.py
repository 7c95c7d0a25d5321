"""What differs of a unit that stays in its bucket: a change row for each field (docs/ge-rules.md, “Changes”)."""

from __future__ import annotations

import pytest

from inventory.models import Conflict, Unit
from sync.changetypes import CHANGE_TYPES
from sync.models import SyncChange
from sync.sources.ge.tables import LOADS, UNITS
from tests.sync.ge.files import unit
from tests.sync.ge.shop import changes, make_shop, types

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("bucket", ["FG", "ASIS", "STA"])
def test_unit_that_becomes_reserved(bucket: str) -> None:
    shop = make_shop()
    shop.day(**{bucket: [("QTX10FRIDGE", "ZZ900001", "", "Available", "")]})
    run = shop.day(**{bucket: [("QTX10FRIDGE", "ZZ900001", "", "Reserved", "")]})
    assert changes(run) == [("item_reserved", "ZZ900001", "Available", "Reserved")]
    assert (run.stats["updatedItems"], run.stats["unchangedItems"]) == (1, 0)


def test_unit_that_is_available_again() -> None:
    shop = make_shop()
    shop.day(ASIS=[("QTX10FRIDGE", "ZZ900001", "", "Reserved", "")])
    run = shop.day(ASIS=[("QTX10FRIDGE", "ZZ900001", "", "Available", "")])
    assert changes(run) == [("item_status_changed", "ZZ900001", "Reserved", "Available")]


@pytest.mark.parametrize("bucket", ["FG", "ASIS"])
def test_unit_of_which_only_the_message_differs(bucket: str) -> None:
    shop = make_shop()
    shop.day(**{bucket: [("QTX10FRIDGE", "ZZ900001", "", "Reserved", "")]})
    run = shop.day(**{bucket: [("QTX10FRIDGE", "ZZ900001", "", "Reserved", "Not Available")]})
    assert changes(run) == [("item_message_changed", "ZZ900001", "", "Not Available")]
    assert run.stats["updatedItems"] == 1


def test_status_and_message_are_two_rows_of_one_update() -> None:
    shop = make_shop()
    shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900001")])
    run = shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900001", "Reserved")])
    assert types(run) == {"item_reserved": 1, "item_message_changed": 1}
    assert run.stats["updatedItems"] == 1


def test_change_row_has_the_field_before_and_after_and_nothing_else() -> None:
    shop = make_shop()
    shop.day(ASIS=[("QTX10FRIDGE", "ZZ900001", "", "Available", "")])
    change = SyncChange.objects.get(run=shop.day(ASIS=[("QTX10FRIDGE", "ZZ900001", "", "On Hold", "")]))
    assert (change.type, change.field, change.old, change.new) == ("item_status_changed", "status", "Available", "On Hold")
    assert (change.before, change.after) == ({"status": "Available"}, {"status": "On Hold"})
    assert change.entity_id == shop.unit("ZZ900001").pk


def test_model_that_is_only_written_differently_is_updated_without_a_question() -> None:
    shop = make_shop()
    shop.day(ASIS=[unit("QTX-10FRIDGE", "ZZ900001")])
    run = shop.day(ASIS=[unit("qtx10 fridge", "ZZ900001")])
    assert changes(run) == [("item_model_changed", "ZZ900001", "QTX-10FRIDGE", "qtx10 fridge")]
    assert shop.unit("ZZ900001").model == "qtx10 fridge"
    assert not Conflict.objects.exists()


def test_another_model_under_the_same_serial_is_taken_and_asked_about() -> None:
    shop = make_shop()
    shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900001")])
    row = shop.unit("ZZ900001").pk
    run = shop.day(ASIS=[unit("QTX20WASHER", "ZZ900001")])
    assert changes(run) == [
        ("item_model_changed", "ZZ900001", "QTX10FRIDGE", "QTX20WASHER"),
        ("conflict_opened", "ZZ900001", None, "model_mismatch"),
    ]
    after = shop.unit("ZZ900001")
    assert (after.pk, after.model, after.model_key) == (row, "QTX20WASHER", "QTX20WASHER")
    conflict = Conflict.objects.get()
    assert (conflict.kind, conflict.unit, conflict.details) == ("model_mismatch", after, {"was": "QTX10FRIDGE", "now": "QTX20WASHER"})


def test_serial_that_comes_back_as_another_model_is_asked_about() -> None:
    shop = make_shop()
    shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900001"), unit("QTX10FRIDGE", "ZZ900002")])
    shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900002")])
    run = shop.day(ASIS=[unit("QTX20WASHER", "ZZ900001"), unit("QTX10FRIDGE", "ZZ900002")])
    assert types(run) == {"item_appeared": 1, "conflict_opened": 1}
    assert Conflict.objects.get().details == {"was": "QTX10FRIDGE", "now": "QTX20WASHER"}


def test_serial_that_comes_back_as_the_same_model_is_not_asked_about() -> None:
    shop = make_shop()
    shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900001"), unit("QTX10FRIDGE", "ZZ900002")])
    shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900002")])
    run = shop.day(ASIS=[unit("qtx-10-fridge", "ZZ900001"), unit("QTX10FRIDGE", "ZZ900002")])
    assert types(run) == {"item_appeared": 1}


def test_unit_without_a_model_is_kept_with_a_remark() -> None:
    shop = make_shop()
    run = shop.day(ASIS=[unit("", "ZZ900001")])
    assert (shop.unit("ZZ900001").model, shop.unit("ZZ900001").model_key) == ("", "")
    assert changes(run) == [("item_appeared", "ZZ900001", None, None)]
    assert [warning["code"] for warning in run.warnings] == ["missing_model"]
    assert changes(shop.sync()) == []


def test_model_that_is_learned_later_is_no_question_and_is_not_forgotten() -> None:
    shop = make_shop()
    shop.day(ASIS=[unit("", "ZZ900001")])
    run = shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900001")])
    assert changes(run) == [("item_model_changed", "ZZ900001", "", "QTX10FRIDGE")]
    assert changes(shop.day(ASIS=[unit("", "ZZ900001")])) == []
    assert shop.unit("ZZ900001").model == "QTX10FRIDGE"


@pytest.mark.parametrize("written", ["zz900104-ad1", "  ZZ900104-AD1  ", "Zz900104-aD1\u00a0"])
def test_serial_written_in_another_way_is_the_same_unit(written: str) -> None:
    shop = make_shop()
    shop.day(ASIS=[unit("QTX40HOOD", "ZZ900104-AD1")])
    run = shop.day(ASIS=[unit("QTX40HOOD", written)])
    assert changes(run) == []
    assert Unit.objects.count() == 1


def test_serial_with_a_suffix_is_another_unit() -> None:
    shop = make_shop()
    run = shop.day(ASIS=[unit("QTX40HOOD", "ZZ900104"), unit("QTX40HOOD", "ZZ900104-AD1")])
    assert types(run) == {"item_appeared": 2}


def test_unit_of_an_unknown_model_has_no_product_and_is_counted() -> None:
    shop = make_shop()
    run = shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900001"), unit("QTX-10FRIDGE", "ZZ900002"), unit("QTX20WASHER", "ZZ900003")])
    assert shop.unit("ZZ900001").product is None
    assert run.stats["unknownModels"] == 2


def test_unit_of_a_known_model_gets_its_product_and_its_type() -> None:
    shop = make_shop()
    product = shop.product("QTX10FRIDGE", product_type="Refrigerator")
    run = shop.day(ASIS=[unit("qtx-10fridge", "ZZ900001"), unit("QTX20WASHER", "ZZ900003")])
    assert shop.unit("ZZ900001").product == product
    assert run.stats["unknownModels"] == 1


def test_unit_goes_by_the_serial_it_was_first_written_with() -> None:
    shop = make_shop()
    shop.day(ASIS=[unit("QTX40HOOD", "ZZ900104-AD1")])
    run = shop.day(STA=[unit("QTX40HOOD", "zz900104-ad1")])
    assert changes(run) == [("item_migrated", "ZZ900104-AD1", "ASIS", "STA")]
    assert shop.unit("ZZ900104-AD1").serial == "ZZ900104-AD1"


def test_texts_of_any_kind_are_kept_as_they_are_and_told_so() -> None:
    shop = make_shop()
    shop.day(ASIS=[("QTX%s", "ZZ9%S", "", 'It\'s 100% "ok"; --', "ÄÖ 😀")])
    run = shop.day(ASIS=[("QTX%s", "ZZ9%S", "", "%(status)s {0}", "ÄÖ 😀")])
    assert changes(run) == [("item_status_changed", "ZZ9%S", 'It\'s 100% "ok"; --', "%(status)s {0}")]
    assert shop.unit("ZZ9%S").message == "ÄÖ 😀"


def test_every_change_has_words() -> None:
    told = {target.appeared for target in (UNITS, LOADS)} | {target.disappeared for target in (UNITS, LOADS)}
    for field in (*UNITS.fields, *LOADS.fields):
        told |= {field.change, *field.named.values()} - {""}
    assert told <= CHANGE_TYPES.keys()
