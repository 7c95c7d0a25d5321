"""What changes over night, and that it is the same everywhere."""

from __future__ import annotations

from sandbox.ge.days import next_day
from sandbox.ge.world import World, first_world

FIRST, SECOND = first_world(), next_day(first_world())


def moved(before: World, after: World, source: str, target: str) -> set[str]:
    return {key for key, unit in before.units.items() if unit.bucket == source and key in after.units and after.units[key].bucket == target}


def states(world: World) -> dict[str, tuple[str, str]]:
    return {load.number: (load.sale, load.order_status) for load in world.loads.values()}


def test_the_same_day_ends_the_same_way() -> None:
    assert next_day(first_world()) == next_day(first_world())


def test_the_day_before_is_left_as_it_was() -> None:
    world = first_world()
    next_day(world)
    assert world == first_world()


def test_one_load_takes_each_step_as_a_whole() -> None:
    before, after = states(FIRST), states(SECOND)
    steps = sorted((before[number], after[number]) for number in before if number in after and before[number] != after[number])
    assert steps == [
        (("FOR SALE", ""), ("SOLD", "Shipped")),
        (("SOLD", "Picked"), ("SOLD", "Delivered")),
        (("SOLD", "Shipped"), ("SOLD", "Picked")),
    ]


def test_the_early_picked_load_is_staged() -> None:
    early = next(load for load in FIRST.loads.values() if load.order_status == "Picked")
    assert {FIRST.units[key].bucket for key in early.serials} == {"ASIS"}
    assert {SECOND.units[key].bucket for key in early.serials} == {"STA"}


def test_a_sold_load_gets_an_order_and_a_date() -> None:
    sold = next(load for load in SECOND.loads.values() if FIRST.loads.get(load.number) and FIRST.loads[load.number].sale != load.sale)
    assert sold.order == "9000000037"
    assert sold.submitted_at is not None


def test_units_are_staged_from_new_stock_and_from_open_box() -> None:
    assert len(moved(FIRST, SECOND, "FG", "STA")) == 14
    assert len(moved(FIRST, SECOND, "ASIS", "STA")) > 60


def test_one_order_is_cancelled_and_one_unit_repaired() -> None:
    assert len(moved(FIRST, SECOND, "STA", "ASIS")) == 1
    assert len(moved(FIRST, SECOND, "ASIS", "FG")) == 1


def test_units_arrive_and_units_leave() -> None:
    arrived, left = set(SECOND.units) - set(FIRST.units), set(FIRST.units) - set(SECOND.units)
    assert {SECOND.units[key].bucket for key in arrived} == {"FG", "ASIS"}
    assert left
    assert {FIRST.units[key].bucket for key in left} <= {"STA", "ASIS"}


def test_a_bulk_line_goes_piece_by_piece_from_open_box_to_staging() -> None:
    def pieces(world: World, bucket: str) -> int:
        return sum(line.quantity for line in world.bulk if line.bucket == bucket)

    assert pieces(SECOND, "ASIS") == pieces(FIRST, "ASIS") - 1
    assert pieces(SECOND, "STA") == pieces(FIRST, "STA") + 1


def test_a_load_for_sale_vanishes_on_the_third_day() -> None:
    third = next_day(next_day(SECOND))
    assert len(set(next_day(SECOND).loads) - set(third.loads)) == 1
