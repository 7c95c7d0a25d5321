"""A row that can't be booked still says that its unit is there: it is neither written nor gone."""

from __future__ import annotations

import pytest

from inventory.models import Unit
from sync.models import Status, Unconfirmed
from tests.sync.ge import files
from tests.sync.ge.shop import Shop, make_shop

pytestmark = pytest.mark.django_db

LONG = "x" * 101
TWO = [files.unit("QTX10FRIDGE", "ZZ900001"), files.unit("QTX20WASHER", "ZZ900002")]
REST = {"ASIS": [files.unit("QTX30RANGE", "ZZ900103")], "STA": [files.unit("QTX30RANGE", "ZZ900202", "Reserved")]}


@pytest.fixture
def shop() -> Shop:
    shop = make_shop()
    shop.stock(FG=[*TWO, files.bulk("QTXPARTKIT", 4)], **REST)
    shop.loads()
    shop.sync()
    return shop


def test_unit_whose_row_is_held_is_not_gone(shop: Shop) -> None:
    shop.stock(FG=[TWO[0], ("QTX20WASHER", "ZZ900002", "", LONG, ""), files.bulk("QTXPARTKIT", 4)])
    run = shop.sync()
    assert run.status == Status.SUCCEEDED
    assert (run.counters["held"], run.counters["unconfirmed"], run.counters["removed"]) == (1, 1, 0)
    assert shop.unit("ZZ900002").status == "Available"
    assert list(Unconfirmed.objects.values_list("label", flat=True)) == ["ZZ900002"]


def test_the_others_can_still_be_gone(shop: Shop) -> None:
    shop.stock(FG=[("QTX20WASHER", "ZZ900002", "", LONG, ""), files.bulk("QTXPARTKIT", 4)])
    assert shop.sync().counters["removed"] == 1
    assert shop.unit("ZZ900001").gone_at is not None


def test_row_that_does_not_tell_its_unit_keeps_all_that_are_missing(shop: Shop) -> None:
    shop.stock(FG=[("QTX20WASHER", "ZZ9\x070002", "", "Available", ""), files.bulk("QTXPARTKIT", 4)])
    run = shop.sync()
    assert (run.counters["held"], run.counters["unconfirmed"], run.counters["removed"]) == (1, 2, 0)
    assert {"ZZ900001", "ZZ900002"} <= set(shop.on_hand())


def test_part_of_a_bulk_line_is_no_quantity(shop: Shop) -> None:
    rows = [*TWO, files.bulk("QTXPARTKIT", 3), ("QTXPARTKIT", "", "a few", "Available", "")]
    shop.upload("stock:FG", files.stock_csv(rows, files.total(2, 3)))
    run = shop.sync()
    assert (run.counters["held"], run.counters["unconfirmed"]) == (1, 1)
    assert shop.bulk("FG", "QTXPARTKIT").quantity == 4


def test_lower_list_does_not_move_a_unit_whose_row_above_is_held(shop: Shop) -> None:
    staged = [("QTX30RANGE", "ZZ900202", "", LONG, "")]
    shop.stock(FG=[*TWO, files.bulk("QTXPARTKIT", 4), files.unit("QTX30RANGE", "ZZ900202")], STA=staged)
    assert shop.sync().counters["moved"] == 0
    assert shop.on_hand()["ZZ900202"] == "STA"


def test_load_whose_row_is_held_still_counts_as_listed(shop: Shop) -> None:
    number = "7QX20260203091500"
    shop.loads(files.load(number))
    shop.sync()
    shop.upload("loads:history", files.loads_xls([("7QX", number, "", "9" * 70, "SOLD", "", "", "2")], history=True))
    shop.upload("loads:open", files.loads_xls([]))
    run = shop.sync()
    assert run.counters["held"] == 1
    assert shop.load(number).not_reported_at is None


def test_held_row_that_becomes_clear_is_booked(shop: Shop) -> None:
    shop.stock(FG=[TWO[0], ("QTX20WASHER", "ZZ900002", "", LONG, ""), files.bulk("QTXPARTKIT", 4)])
    shop.sync()
    shop.stock(FG=[*TWO, files.bulk("QTXPARTKIT", 4)])
    run = shop.sync()
    assert (run.counters["held"], run.counters["unconfirmed"], run.changes_logged) == (0, 0, 0)
    assert not Unconfirmed.objects.exists()
    assert Unit.objects.filter(gone_at=None).count() == 5


def test_file_with_many_rosters_is_told_once(shop: Shop) -> None:
    numbers = ("7QX20260203091500", "7QX20260204091500")
    rows = [files.listed(number, "QTX30RANGE", f"ZZ9009{place}{piece}") for place, number in enumerate(numbers) for piece in range(2)]
    unclear = ("7QX", "QTX30RANGE", "", "a few", numbers[0])
    shop.loads(*(files.load(number) for number in numbers), rosters={"all": [*rows, unclear]})
    run = shop.sync()
    assert sorted(run.feeds.filter(feed="load:units").values_list("part", "rows", "held")) == [(numbers[0], 3, 1), (numbers[1], 2, 0)]
    assert run.counters["held"] == 1
