"""Rows without a serial: so many pieces of a model in a bucket (docs/ge-rules.md, “Bulk lines”), and the Total row."""

from __future__ import annotations

from decimal import Decimal

import pytest

from inventory.models import Unit
from sync.models import Status
from tests.sync.ge import files
from tests.sync.ge.files import bulk, total, unit
from tests.sync.ge.shop import changes, make_shop, types

pytestmark = pytest.mark.django_db


def test_pieces_without_serials_are_one_line_of_their_bucket_and_model() -> None:
    shop = make_shop()
    run = shop.day(ASIS=[bulk("QTXTRIMKIT", 5), unit("QTX10FRIDGE", "ZZ900001")])
    line = shop.bulk("ASIS", "QTXTRIMKIT")
    assert (line.quantity, line.serial, line.serial_key) == (Decimal(5), "", None)
    assert changes(run) == [("item_appeared", "QTXTRIMKIT", None, None), ("item_appeared", "ZZ900001", None, None)]
    assert (run.stats["bulkLines"], run.stats["bulkUnits"], run.stats["totalGEItems"]) == (1, 5, 2)


def test_quantity_that_changes() -> None:
    shop = make_shop()
    shop.day(ASIS=[bulk("QTXTRIMKIT", 5)])
    run = shop.day(ASIS=[bulk("QTXTRIMKIT", 12)])
    assert changes(run) == [("item_qty_changed", "QTXTRIMKIT", "5", "12")]
    assert run.stats["updatedItems"] == 1


def test_line_that_is_not_listed_any_more_is_gone() -> None:
    shop = make_shop()
    shop.day(ASIS=[bulk("QTXTRIMKIT", 5), unit("QTX10FRIDGE", "ZZ900001")])
    run = shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900001")])
    assert changes(run) == [("item_disappeared", "QTXTRIMKIT", None, None)]


def test_rows_of_the_same_model_are_one_line_with_their_sum() -> None:
    shop = make_shop()
    run = shop.day(ASIS=[bulk("QTXTRIMKIT", 5), bulk("qtx-trim kit", 3)])
    assert shop.bulk("ASIS", "QTXTRIMKIT").quantity == Decimal(8)
    assert (run.stats["bulkLines"], run.stats["bulkUnits"], run.stats["duplicateRows"]) == (1, 8, 0)


def test_line_with_several_statuses_tells_how_many_pieces_are_in_each() -> None:
    shop = make_shop()
    shop.day(ASIS=[bulk("QTXTRIMKIT", 5)])
    run = shop.day(ASIS=[bulk("QTXTRIMKIT", 3), bulk("QTXTRIMKIT", 2, "Reserved")])
    assert shop.bulk("ASIS", "QTXTRIMKIT").status == "3 Available, 2 Reserved"
    assert changes(run) == [
        ("item_status_changed", "QTXTRIMKIT", "Available", "3 Available, 2 Reserved"),
        ("item_message_changed", "QTXTRIMKIT", "", "Not Available"),
    ]


def test_line_does_not_hang_on_the_order_of_its_rows() -> None:
    shop = make_shop()
    rows = [("QTX-TRIMKIT", "", "3", "Available", "On the shelf"), ("QTXTRIMKIT", "", "2", "Reserved", "Not Available")]
    shop.day(ASIS=rows)
    assert changes(shop.day(ASIS=rows[::-1])) == []


def test_line_put_on_top_of_the_list_changes_nothing_else() -> None:
    shop = make_shop()
    lines = [bulk("QTXTRIMKIT", 5), bulk("QTXPARTKIT", 4), unit("QTX10FRIDGE", "ZZ900001")]
    shop.day(ASIS=lines)
    run = shop.day(ASIS=[bulk("QTXNEWKIT", 9), *lines])
    assert changes(run) == [("item_appeared", "QTXNEWKIT", None, None)]


def test_the_same_model_in_two_buckets_is_two_lines() -> None:
    shop = make_shop()
    run = shop.day(FG=[bulk("QTXPARTKIT", 4)], STA=[bulk("QTXPARTKIT", 8, "Reserved")])
    assert types(run) == {"item_appeared": 2}
    assert (shop.bulk("FG", "QTXPARTKIT").quantity, shop.bulk("STA", "QTXPARTKIT").quantity) == (Decimal(4), Decimal(8))
    assert run.stats["overlaps"] == 0


def test_pieces_that_go_from_one_bucket_to_another_are_two_quantities_and_no_move() -> None:
    shop = make_shop()
    shop.day(ASIS=[bulk("QTXTRIMKIT", 5)], STA=[bulk("QTXTRIMKIT", 1, "Reserved")])
    run = shop.day(ASIS=[bulk("QTXTRIMKIT", 2)], STA=[bulk("QTXTRIMKIT", 4, "Reserved")])
    assert changes(run) == [("item_qty_changed", "QTXTRIMKIT", "5", "2"), ("item_qty_changed", "QTXTRIMKIT", "1", "4")]
    assert run.stats["migratedItems"] == 0


def test_line_that_comes_back_is_the_same_row() -> None:
    shop = make_shop()
    shop.day(ASIS=[bulk("QTXTRIMKIT", 5), unit("QTX10FRIDGE", "ZZ900001")])
    row = shop.bulk("ASIS", "QTXTRIMKIT").pk
    shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900001")])
    run = shop.day(ASIS=[bulk("QTXTRIMKIT", 2), unit("QTX10FRIDGE", "ZZ900001")])
    assert (shop.bulk("ASIS", "QTXTRIMKIT").pk, shop.bulk("ASIS", "QTXTRIMKIT").quantity) == (row, Decimal(2))
    assert (run.stats["revivedItems"], run.stats["newItems"]) == (1, 0)


def test_line_beside_a_unit_of_its_model_is_another_thing() -> None:
    shop = make_shop()
    run = shop.day(FG=[unit("QTXPARTKIT", "ZZ900001"), bulk("QTXPARTKIT", 4)])
    assert types(run) == {"item_appeared": 2}
    assert run.stats["unknownModels"] == 1


class TestTotalRow:
    """It is a sum to check, and no appliance."""

    def test_is_not_stored(self) -> None:
        shop = make_shop()
        run = shop.day(FG=[unit("QTX10FRIDGE", "ZZ900001"), bulk("QTXPARTKIT", 4)])
        assert not Unit.objects.filter(model__iexact="total").exists()
        assert run.stats["totalGEItems"] == 2
        feed = run.feeds.get(feed="stock:FG")
        assert (feed.rows, feed.footer) == (2, {"serialCount": 1, "bulkUnits": 4})

    @pytest.mark.parametrize(
        "footer", [total(3, 4), total(1, 4), total(2, 5), total(2, 3)], ids=["too few", "too many", "pieces missing", "pieces too many"]
    )
    def test_that_does_not_fit_keeps_the_list_out(self, footer: files.Row) -> None:
        shop = make_shop()
        first = [unit("QTX10FRIDGE", "ZZ900001"), unit("QTX10FRIDGE", "ZZ900002"), bulk("QTXPARTKIT", 4)]
        shop.day(FG=first)
        rows = [unit("QTX10FRIDGE", "ZZ900002"), unit("QTX10FRIDGE", "ZZ900003"), bulk("QTXPARTKIT", 4)]
        shop.upload("stock:FG", files.stock_csv(rows, footer))
        run = shop.sync()
        assert run.status == Status.PARTIAL
        assert [error["code"] for error in run.errors] == ["footer_mismatch"]
        assert changes(run) == []
        assert shop.on_hand() == {"ZZ900001": "FG", "ZZ900002": "FG"}

    def test_counts_repeats_as_rows_of_the_list(self) -> None:
        shop = make_shop()
        rows = [unit("QTX10FRIDGE", "ZZ900001"), unit("QTX10FRIDGE", "ZZ900001")]
        shop.day(FG=[])
        shop.upload("stock:FG", files.stock_csv(rows, total(2, 0)))
        run = shop.sync()
        assert run.status == Status.SUCCEEDED
        assert (run.stats["newItems"], run.stats["duplicateRows"]) == (1, 1)

    def test_that_is_missing_keeps_the_list_out_where_one_is_promised(self) -> None:
        shop = make_shop()
        shop.day(FG=[unit("QTX10FRIDGE", "ZZ900001")])
        shop.upload("stock:FG", files.stock_csv([unit("QTX10FRIDGE", "ZZ900002")], footer=False))
        run = shop.sync()
        assert [error["code"] for error in run.errors] == ["footer_missing"]
        assert shop.on_hand() == {"ZZ900001": "FG"}

    def test_that_is_missing_is_fine_where_none_is_promised(self) -> None:
        shop = make_shop(footer_promised=False)
        shop.day(FG=[unit("QTX10FRIDGE", "ZZ900001")])
        shop.upload("stock:FG", files.stock_csv([unit("QTX10FRIDGE", "ZZ900002")], footer=False))
        run = shop.sync()
        assert run.status == Status.SUCCEEDED
        assert shop.on_hand() == {"ZZ900002": "FG"}
