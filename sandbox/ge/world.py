"""The dealer's warehouse on its first day: invented, always the same, of realistic size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

ORG = "7QX"
FIRST_DAY = datetime(2026, 2, 3, 7, 0)
BUCKETS = ("FG", "ASIS", "STA")

FG_UNITS, ASIS_UNITS, STA_UNITS = 100, 850, 600
BULK_LINES = {"FG": 5, "ASIS": 8, "STA": 18}
FOR_SALE, SHIPPED, PICKED, DELIVERED = 9, 2, 6, 28
RESOLD = 12
"""Serials of a delivered load that came back and are in an open load again."""

_KINDS = ("FRIDGE", "WASHER", "DRYER", "RANGE", "HOOD", "DISHW", "MICRO", "FREEZER", "COOKTOP", "WALLOVEN")
MODELS = tuple(f"QTX{size}{kind}{colour}" for kind in _KINDS for size in (10, 18, 24) for colour in ("WW", "BB"))
KITS = tuple(f"QTXKIT{number:02d}" for number in range(1, 31))
_SIZES = (60, 60, 60, 54, 60, 60, 66, 60, 50, 60, 60, 57)


@dataclass(frozen=True)
class Unit:
    """One appliance on hand."""

    serial: str
    model: str
    bucket: str
    reserved: bool = False


@dataclass(frozen=True)
class BulkLine:
    """Pieces of one model without serials."""

    model: str
    bucket: str
    quantity: int
    reserved: bool = False


@dataclass(frozen=True)
class RosterRow:
    """One line of the list a load was built from."""

    model: str
    serial: str
    quantity: int = 1


@dataclass(frozen=True)
class Load:
    """A truckload of open-box units, sold as one lot."""

    number: str
    notes: str
    scanned_at: datetime
    roster: tuple[RosterRow, ...]
    submitted_at: datetime | None = None
    order: str = ""
    sale: str = "FOR SALE"
    pricing: str = ""
    order_status: str = ""

    @property
    def units(self) -> int:
        """The number GE prints beside the load."""
        return sum(row.quantity for row in self.roster)

    @property
    def serials(self) -> list[str]:
        """The serials of the roster, in its order."""
        return [row.serial for row in self.roster if row.serial]


@dataclass
class World:
    """Everything GE would report, on one day."""

    day: int
    units: dict[str, Unit]
    bulk: list[BulkLine]
    loads: dict[str, Load]
    made: int
    orders: int

    @classmethod
    def bare(cls) -> World:
        """A warehouse with nothing in it."""
        return cls(0, {}, [], {}, 0, 0)

    @property
    def now(self) -> datetime:
        """The day's morning, warehouse time."""
        return FIRST_DAY + timedelta(days=self.day)

    def copy(self) -> World:
        """A world that can be changed without changing this one."""
        return World(self.day, dict(self.units), list(self.bulk), dict(self.loads), self.made, self.orders)

    def new_unit(self, rng: Random) -> RosterRow:
        """An appliance that never existed before."""
        self.made += 1
        return RosterRow(rng.choice(MODELS), serial(self.made))

    def new_order(self) -> str:
        """The next ten-digit order number."""
        self.orders += 1
        return f"{9_000_000_000 + self.orders}"

    def put(self, row: RosterRow, bucket: str, *, reserved: bool = False) -> None:
        """The unit of `row` is on hand in `bucket`."""
        self.units[row.serial] = Unit(row.serial, row.model, bucket, reserved)

    def move(self, serials: list[str], bucket: str, *, reserved: bool) -> None:
        """Book the units of `serials` that are on hand into `bucket`."""
        for key in serials:
            if key in self.units:
                self.units[key] = replace(self.units[key], bucket=bucket, reserved=reserved)

    def in_open_loads(self) -> set[str]:
        """Serials on the roster of a load that has not been delivered."""
        return {key for load in self.loads.values() if load.order_status != "Delivered" for key in load.serials}


def serial(number: int) -> str:
    """The number-th serial: two letters and six digits; about one in a hundred has a suffix, a few have eight digits."""
    if number % 401 == 7:
        return f"ZZ{10_000_000 + number}"
    # 37 has no common factor with 900,000: neighbours look unrelated and no serial comes twice.
    text = f"ZZ{100_000 + number * 37 % 900_000:06d}"
    return f"{text}-AD1" if number % 97 == 5 else text


def load_number(scanned_at: datetime) -> str:
    """GE's key of a load: organisation and the time it was built."""
    return f"{ORG}{scanned_at:%Y%m%d%H%M%S}"


def note(index: int, scanned_at: datetime) -> str:
    """What a floor clerk writes on the index-th load."""
    day = scanned_at.day
    ordinal = "TH" if 10 <= day % 100 <= 20 else {1: "ST", 2: "ND", 3: "RD"}.get(day % 10, "TH")
    return (
        f"LETTER {chr(65 + index % 26)}",
        f"{day}{ordinal}",
        f"{scanned_at.month}/{day}- DEALER DIRECT",
        f"SALVAGE LOAD {index}",
        f"LETTER {chr(65 + (index + 7) % 26)}",
    )[index % 5]


def first_world() -> World:
    """Day 0. The same on every machine."""
    rng = Random("levelstock sandbox GE")
    world = World.bare()
    for load in _first_loads(world, rng):
        world.loads[load.number] = load
    _stock_of_loads(world)
    _loose_stock(world, rng)
    _bulk(world, rng)
    return world


def _first_loads(world: World, rng: Random) -> list[Load]:
    """Newest first: for sale, shipped, picked, delivered."""
    states = ["FOR SALE"] * FOR_SALE + ["Shipped"] * SHIPPED + ["Picked"] * PICKED + ["Delivered"] * DELIVERED
    loads: list[Load] = []
    for age, state in enumerate(states):
        scanned = (
            FIRST_DAY - timedelta(days=age + 1) + timedelta(hours=rng.randrange(1, 9), minutes=rng.randrange(60), seconds=rng.randrange(60))
        )
        size = _SIZES[age % len(_SIZES)]
        roster = [world.new_unit(rng) for _ in range(size)]
        sold = state != "FOR SALE"
        loads.append(
            Load(
                number=load_number(scanned),
                notes=note(len(states) - age, scanned),
                scanned_at=scanned,
                roster=tuple(roster),
                submitted_at=scanned + timedelta(days=6, hours=2, minutes=11) if sold else None,
                order=world.new_order() if sold else "",
                sale="SOLD" if sold else "FOR SALE",
                pricing="MODEL" if sold and age % 3 == 0 else "",
                order_status=state if sold else "",
            )
        )
    _rows_without_serial(loads)
    _serials_in_two_loads(loads)
    return loads


def _rows_without_serial(loads: list[Load]) -> None:
    for place, quantity in ((2, 2), (12, 1), (20, 3), (30, 1)):
        load = loads[place]
        loads[place] = replace(load, roster=(*load.roster[:-1], RosterRow(KITS[place % len(KITS)], "", quantity)))


def _serials_in_two_loads(loads: list[Load]) -> None:
    """Twelve units of open loads were in a delivered one before; two are in two open loads at once."""
    pairs = [(18 + n, n % (FOR_SALE + SHIPPED)) for n in range(RESOLD)] + [(1, 0), (4, 3)]
    for target, source in pairs:
        row = loads[source].roster[target + 3]
        load = loads[target]
        loads[target] = replace(load, roster=(row, *load.roster[1:]))


def _stock_of_loads(world: World) -> None:
    newest_first = list(world.loads.values())
    early = next(load for load in newest_first if load.order_status == "Picked")
    for load in reversed(newest_first):
        rows = [row for row in load.roster if row.serial]
        if load.order_status == "Delivered":
            continue
        staged = load.order_status == "Picked" and load is not early
        for row in rows:
            world.put(row, "STA" if staged else "ASIS", reserved=load.order_status == "Picked")
    picked = [load for load in newest_first if load.order_status == "Picked"]
    world.move(picked[1].serials[-2:], "ASIS", reserved=True)
    delivered = next(load for load in newest_first if load.order_status == "Delivered")
    for row in delivered.roster[10:14]:
        world.put(row, "STA", reserved=True)


def _loose_stock(world: World, rng: Random) -> None:
    """Units of no load: returns in ASIS, consumer deliveries in STA, new ones in FG."""
    for bucket, wanted in (("FG", FG_UNITS), ("ASIS", ASIS_UNITS), ("STA", STA_UNITS)):
        present = sum(unit.bucket == bucket for unit in world.units.values())
        for _ in range(wanted - present):
            world.put(world.new_unit(rng), bucket, reserved=bucket == "STA")


def _bulk(world: World, rng: Random) -> None:
    for bucket in BUCKETS:
        for model in KITS[: BULK_LINES[bucket]]:
            world.bulk.append(BulkLine(model, bucket, rng.randrange(2, 9), reserved=bucket == "STA"))
