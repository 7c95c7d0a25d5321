"""The invented warehouse adds up, on the first day and on every later one."""

from __future__ import annotations

from collections import Counter

import pytest

from sandbox.ge.days import next_day
from sandbox.ge.documents import document
from sandbox.ge.world import World, first_world


def after(days: int) -> World:
    world = first_world()
    for _ in range(days):
        world = next_day(world)
    return world


def test_first_day_has_the_promised_size() -> None:
    world = first_world()
    assert Counter(unit.bucket for unit in world.units.values()) == {"FG": 100, "ASIS": 850, "STA": 600}
    assert Counter(line.bucket for line in world.bulk) == {"FG": 5, "ASIS": 8, "STA": 18}
    assert Counter(load.order_status or load.sale for load in world.loads.values()) == {
        "FOR SALE": 9,
        "Shipped": 2,
        "Picked": 6,
        "Delivered": 28,
    }


def test_fourteen_serials_are_in_two_loads_two_of_them_in_two_open_ones() -> None:
    loads = list(first_world().loads.values())
    listed = Counter(key for load in loads for key in load.serials)
    open_listed = Counter(key for load in loads if load.order_status != "Delivered" for key in load.serials)
    assert sorted(Counter(listed.values())) == [1, 2]
    assert sum(times == 2 for times in listed.values()) == 14
    assert sum(times == 2 for times in open_listed.values()) == 2


def test_four_roster_rows_have_no_serial() -> None:
    assert sum(not row.serial for load in first_world().loads.values() for row in load.roster) == 4


def test_some_serials_have_a_suffix() -> None:
    suffixed = [key for key in first_world().units if key.endswith("-AD1")]
    assert 5 <= len(suffixed) <= 40


@pytest.mark.parametrize("days", [0, 1, 2, 3, 7, 30])
def test_picked_loads_are_wholly_in_one_bucket_give_or_take_three(days: int) -> None:
    world = after(days)
    for load in world.loads.values():
        if load.order_status == "Picked":
            where = Counter(world.units[key].bucket for key in load.serials if key in world.units)
            assert sum(where.values()) - max(where.values()) <= 3


@pytest.mark.parametrize("days", [0, 1, 30])
def test_availability_follows_the_bucket_and_the_load(days: int) -> None:
    world = after(days)
    assert {unit.reserved for unit in world.units.values() if unit.bucket == "FG"} == {False}
    assert {unit.reserved for unit in world.units.values() if unit.bucket == "STA"} == {True}


@pytest.mark.parametrize("days", [0, 5, 30])
def test_no_bulk_model_comes_twice_in_one_export(days: int) -> None:
    lines = [(line.bucket, line.model) for line in after(days).bulk]
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize("days", [0, 5, 30])
def test_footers_announce_the_rows_above_them(days: int) -> None:
    world = after(days)
    for bucket in ("FG", "ASIS", "STA"):
        source = document(world, f"stock:{bucket}")
        assert source.totals is not None
        serials = [row["serial"] for row in source.rows if row["serial"]]
        assert source.totals["serialCount"] == len(serials) == len(set(serials))
        assert source.totals["bulkUnits"] == sum(row["qty"] for row in source.rows if not row["serial"])


@pytest.mark.parametrize("days", [0, 5, 30])
def test_the_open_list_is_the_for_sale_part_of_the_history(days: int) -> None:
    world = after(days)
    history = document(world, "loads:history").rows
    assert [row["loadNumber"] for row in document(world, "loads:open").rows] == [
        row["loadNumber"] for row in history if row["saleStatus"] == "FOR SALE"
    ]
    assert [row["loadNumber"] for row in history] == sorted((row["loadNumber"] for row in history), reverse=True)


@pytest.mark.parametrize("days", [0, 5, 30])
def test_units_of_a_load_are_the_sum_of_its_roster(days: int) -> None:
    world = after(days)
    for row in document(world, "loads:history").rows:
        assert row["units"] == sum(line["qty"] for line in document(world, "load:units", row["loadNumber"]).rows)


def test_the_size_stays_realistic_over_a_month() -> None:
    held = Counter(unit.bucket for unit in after(30).units.values())
    assert 80 <= held["FG"] <= 120
    assert 650 <= held["ASIS"] <= 950
    assert 500 <= held["STA"] <= 700
