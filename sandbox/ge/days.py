"""How the warehouse changes over night. Pure: the same day always ends the same way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from random import Random

from sandbox.ge.world import FOR_SALE, BulkLine, Load, RosterRow, World, load_number, note

LOAD_SIZE = 60
LEAST_LOAD = 50


def next_day(world: World) -> World:
    """The world one day later: each load moves on as a whole, units are staged, arrive, leave, come back."""
    after = world.copy()
    after.day += 1
    rng = Random(f"levelstock sandbox GE day {after.day}")
    _deliver(after)
    _stage_picked(after)
    _pick(after)
    _sell(after)
    _delete_load(after)
    _stage_and_leave(after, rng)
    _cancel_and_repair(world, after)
    _arrive(after, rng)
    _build_loads(after, rng)
    _bulk(after, rng)
    return after


def _oldest(world: World, order_status: str, sale: str = "SOLD") -> list[Load]:
    return sorted(
        (load for load in world.loads.values() if (load.order_status, load.sale) == (order_status, sale)), key=lambda load: load.number
    )


def _staged(world: World, load: Load) -> bool:
    here = [world.units[key] for key in load.serials if key in world.units]
    return bool(here) and sum(unit.bucket == "STA" for unit in here) > len(here) / 2


def _deliver(world: World) -> None:
    """The oldest staged load leaves; units that a newer open load lists stay."""
    for load in _oldest(world, "Picked"):
        if _staged(world, load):
            world.loads[load.number] = replace(load, order_status="Delivered")
            still_listed = world.in_open_loads()
            for key in load.serials:
                if key not in still_listed:
                    world.units.pop(key, None)
            return


def _stage_picked(world: World) -> None:
    """Loads picked yesterday are booked into staging."""
    for load in _oldest(world, "Picked"):
        world.move(load.serials, "STA", reserved=True)


def _pick(world: World) -> None:
    """The oldest sold load is picked: its units stay in ASIS for now, but are reserved."""
    for load in _oldest(world, "Shipped")[:1]:
        world.loads[load.number] = replace(load, order_status="Picked")
        world.move(load.serials, "ASIS", reserved=True)


def _sell(world: World) -> None:
    for load in _oldest(world, "", "FOR SALE")[:1]:
        world.loads[load.number] = replace(
            load,
            sale="SOLD",
            order_status="Shipped",
            order=world.new_order(),
            submitted_at=world.now + timedelta(hours=3, minutes=2, seconds=11),
            pricing="MODEL" if world.day % 2 else "",
        )


def _delete_load(world: World) -> None:
    """Every third day a clerk deletes the newest load for sale; its units stay, in no load."""
    if world.day % 3 == 0:
        for load in _oldest(world, "", "FOR SALE")[-1:]:
            del world.loads[load.number]


def _loose(world: World, bucket: str, *, reserved: bool) -> list[str]:
    listed = world.in_open_loads()
    return sorted(key for key, unit in world.units.items() if unit.bucket == bucket and unit.reserved == reserved and key not in listed)


def _cancel_and_repair(before: World, after: World) -> None:
    """One order is cancelled (staged back to ASIS), one open-box unit is repaired (ASIS to FG); neither has moved today already."""
    staged = [key for key in _loose(after, "STA", reserved=True) if key in before.units and before.units[key].bucket == "STA"]
    open_box = [key for key in _loose(after, "ASIS", reserved=False) if key in before.units and before.units[key].bucket == "ASIS"]
    after.move(staged[:1], "ASIS", reserved=False)
    after.move(open_box[-1:], "FG", reserved=False)


def _sample(rng: Random, keys: list[str], count: int) -> Iterable[str]:
    return rng.sample(keys, min(count, len(keys)))


def _stage_and_leave(world: World, rng: Random) -> None:
    """Consumer deliveries leave, and the next ones are staged, mostly from FG."""
    for key in _sample(rng, _loose(world, "STA", reserved=True), 18):
        del world.units[key]
    world.move(list(_sample(rng, _loose(world, "FG", reserved=False), 14)), "STA", reserved=True)
    world.move(list(_sample(rng, _loose(world, "ASIS", reserved=False), 4)), "STA", reserved=True)
    world.move(_loose(world, "ASIS", reserved=True)[:1], "STA", reserved=True)
    world.move(list(_sample(rng, _loose(world, "ASIS", reserved=False), 1)), "ASIS", reserved=True)


def _arrive(world: World, rng: Random) -> None:
    """New units into FG, returns into ASIS; one of the returns is a unit of a delivered load."""
    for _ in range(13):
        world.put(world.new_unit(rng), "FG")
    for _ in range(61):
        world.put(world.new_unit(rng), "ASIS")
    gone = sorted(
        (
            row
            for load in world.loads.values()
            if load.order_status == "Delivered"
            for row in load.roster
            if row.serial and row.serial not in world.units
        ),
        key=lambda row: row.serial,
    )
    if gone:
        world.put(rng.choice(gone), "ASIS")


def _build_loads(world: World, rng: Random) -> None:
    """Loose open-box units make new loads, until as many are for sale as on the first day."""
    for hour in range(2, 2 + FOR_SALE - len(_oldest(world, "", "FOR SALE"))):
        free = _loose(world, "ASIS", reserved=False)
        if len(free) < LEAST_LOAD:
            return
        scanned = world.now + timedelta(hours=hour, minutes=rng.randrange(60), seconds=rng.randrange(60))
        roster = tuple(_row(world, key) for key in sorted(_sample(rng, free, LOAD_SIZE)))
        load = Load(load_number(scanned), note(40 + world.day + hour, scanned), scanned, roster)
        # GE lists the newest load first.
        world.loads = {load.number: load, **world.loads}


def _row(world: World, key: str) -> RosterRow:
    unit = world.units[key]
    return RosterRow(unit.model, unit.serial)


def _bulk(world: World, rng: Random) -> None:
    """One piece of a bulk line goes from ASIS to staging; a line that is used up comes back as a delivery of five."""
    chosen = rng.choice([line for line in world.bulk if line.bucket == "ASIS"])
    world.bulk = [line for line in world.bulk if line is not chosen]
    world.bulk.append(replace(chosen, quantity=chosen.quantity - 1 or 5))
    staged = next((line for line in world.bulk if (line.bucket, line.model) == ("STA", chosen.model)), None)
    if staged is None:
        world.bulk.append(BulkLine(chosen.model, "STA", 1, reserved=True))
    else:
        world.bulk[world.bulk.index(staged)] = replace(staged, quantity=staged.quantity + 1)
