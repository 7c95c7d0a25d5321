"""Weeks of a warehouse as chance has them, through the real engine: good and broken lists, single syncs, scans and undos.

After every run its sums are checked, what is on hand is what the rules of docs/ge-rules.md say, a second run finds nothing to do, and no
unit ever loses its row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from inventory.models import Scan, Unit
from sync.models import Status, SyncRun
from sync.sources.ge import source
from sync.sources.ge.lists import BUCKETS
from tests.sync.ge import files
from tests.sync.ge.offering import Offering
from tests.sync.ge.shop import Shop, changes, make_shop

pytestmark = pytest.mark.django_db

DAYS = 6
RANK = {bucket: rank for rank, bucket in enumerate(BUCKETS)}
ON_HAND = ("serial_key", "bucket", "origin", "status", "message", "model", "quantity", "load__number", "order_number")


@dataclass
class World:
    """Where GE says each unit is (sometimes in two places), the pieces without serials, and the loads."""

    chance: Random
    units: dict[str, set[str]] = field(default_factory=dict)
    status: dict[str, str] = field(default_factory=dict)
    pieces: dict[tuple[str, str], int] = field(default_factory=dict)
    loads: dict[str, str] = field(default_factory=dict)
    rosters: dict[str, set[str]] = field(default_factory=dict)
    made: int = 0

    def night(self) -> None:
        """Some units come, go, move, are listed twice or reserved; loads are built, sold, delivered and taken back."""
        chance = self.chance
        for serial in list(self.units):
            roll = chance.random()
            if roll < 0.08:
                del self.units[serial]
            elif roll < 0.30:
                self.units[serial] = {chance.choice(BUCKETS)}
            elif roll < 0.36:
                self.units[serial] = set(chance.sample(BUCKETS, 2))
            if chance.random() < 0.1:
                self.status[serial] = chance.choice(["Available", "Reserved", "Hold"])
        for _ in range(chance.randint(0, 5)):
            # Old serials too: a unit comes back.
            serial = f"ZZ9{chance.randint(0, max(self.made, 1)):05d}" if chance.random() < 0.3 else f"ZZ9{self.made:05d}"
            self.made += 1
            self.units[serial] = {chance.choice(BUCKETS)}
        for bucket in BUCKETS:
            self.pieces[bucket, f"QTXKIT{chance.randint(1, 3)}"] = chance.randint(0, 5)
        if chance.random() < 0.5:
            number = f"7QX202602{len(self.rosters) + 1:02d}091500"
            self.loads[number] = ""
            self.rosters[number] = set(chance.sample(sorted(self.units), min(4, len(self.units))))
        for number in list(self.loads):
            if chance.random() < 0.3:
                self.loads[number] = {"": "Shipped", "Shipped": "Picked", "Picked": "Delivered", "Delivered": "Picked"}[self.loads[number]]
            elif chance.random() < 0.1:
                del self.loads[number]

    def lists(self) -> dict[str, bytes]:
        stock = {}
        for bucket in BUCKETS:
            rows = [files.unit("QTX10FRIDGE", key, self.status.get(key, "Available")) for key, at in self.units.items() if bucket in at]
            rows += [files.bulk(model, pieces) for (place, model), pieces in self.pieces.items() if place == bucket and pieces]
            self.chance.shuffle(rows)
            stock[bucket] = rows
        history = [
            files.load(number, "SOLD", cso=f"9{number[9:15]}", cso_status=state, units=len(self.rosters[number]))
            if state
            else files.load(number, units=len(self.rosters[number]))
            for number, state in self.loads.items()
        ]
        opened = [files.for_sale(number, len(self.rosters[number])) for number, state in self.loads.items() if not state]
        rosters = {
            number: [files.listed(number, "QTX10FRIDGE", serial) for serial in sorted(self.rosters[number])] for number in self.loads
        }
        found = {f"stock:{bucket}": files.stock_csv(rows) for bucket, rows in stock.items()}
        found["loads:open"] = files.csv_bytes(files.LOADS_OPEN, opened)
        found["loads:history"] = files.csv_bytes(files.LOADS_HISTORY, history)
        return found | {f"load:units:{number}": files.roster_csv(rows) for number, rows in rosters.items()}


def expected(before: dict[str, str], world: World, read: set[str], scope: str) -> dict[str, str]:
    """Bucket by serial after a run that could use the stock lists `read`."""
    after = dict(before)
    for serial, places in world.units.items():
        listed = places & read
        if not listed:
            continue
        highest = max(listed, key=RANK.__getitem__)
        was = before.get(serial)
        if was is None or was in read or RANK[highest] >= RANK[was]:
            after[serial] = highest
    if scope == "inventory" and read == set(BUCKETS):
        after = {serial: bucket for serial, bucket in after.items() if serial in world.units}
    return after


def on_hand(shop: Shop) -> list[tuple[Any, ...]]:
    units = Unit.objects.filter(warehouse=shop.connection.warehouse, gone_at=None)
    return list(units.order_by("stock_key").values_list(*ON_HAND))


def rows_by_serial(shop: Shop) -> dict[str | None, int]:
    units = Unit.objects.filter(warehouse=shop.connection.warehouse, serial_key__isnull=False)
    return dict(units.values_list("serial_key", "pk"))


def check_moves(run: SyncRun, before: dict[str, str], after: dict[str, str]) -> None:
    """What was logged of units with serials is what became of them."""
    told = {(type_, label, old, new) for type_, label, old, new in changes(run) if label.startswith("ZZ")}
    moved = {("item_migrated", key, before[key], now) for key, now in after.items() if before.get(key, now) != now}
    assert {change for change in told if change[0] == "item_migrated"} == moved
    assert {label for type_, label, *_ in told if type_ == "item_appeared"} == after.keys() - before.keys()
    assert {label for type_, label, *_ in told if type_ == "item_disappeared"} == before.keys() - after.keys()


@pytest.mark.parametrize("seed", range(5))
def test_days_as_chance_has_them(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = Random(seed)
    world = World(chance)
    # Its lists are small: what looks odd in them is tested elsewhere.
    shop = make_shop(patient=False, brake_removed_rows=1000, brake_changed_rows=1000)
    known: dict[str | None, int] = {}
    for _ in range(DAYS):
        world.night()
        lists = world.lists()
        broken = {bucket for bucket in BUCKETS if chance.random() < 0.12}
        for bucket in broken:
            lists[f"stock:{bucket}"] = files.stock_csv([files.unit("QTX10FRIDGE", "ZZ900000")], files.total(2, 0))
        monkeypatch.setattr(source, "client_for", lambda _, lists=lists: Offering(lists, in_parallel=False))
        scope = chance.choice(["inventory", "inventory", "inventory", "fg", "asis", "sta"])
        read = set(BUCKETS) - broken if scope == "inventory" else {scope.upper()} - broken
        before, stood = shop.on_hand(), on_hand(shop)
        run = shop.sync(scope)
        after = shop.on_hand()
        assert after == expected(before, world, read, scope)
        check_moves(run, before, after)
        again = shop.sync(scope)
        assert (again.status, again.changes_logged) == (run.status, 0)
        rows = rows_by_serial(shop)
        assert known.items() <= rows.items()
        known = rows
        for serial in chance.sample(sorted(after), min(1, len(after))):
            scan(shop, serial)
        assert Scan.objects.filter(unit__isnull=True).count() == 0
        if run.changes_logged and chance.random() < 0.5:
            undone_and_done_again(shop, run, stood, scope)


def scan(shop: Shop, serial: str) -> None:
    """Somebody scans a unit where it is expected, if that session is open."""
    unit = shop.unit(serial)
    place = unit.load.number if unit.load else unit.bucket
    if shop.session(place).status == "active":
        shop.scan(place, serial)


def undone_and_done_again(shop: Shop, run: SyncRun, stood: list[tuple[Any, ...]], scope: str) -> None:
    """Without scans in between an undo brings the stock back, and the next sync what the undone one had made of it."""
    made = on_hand(shop)
    Scan.objects.all().delete()
    undo = shop.undo(run)
    assert (undo.status, undo.stats["undoRefused"]) == (Status.SUCCEEDED, 0)
    assert {step["reason"] for step in undo.details["undo"]["kept"]} <= {"It follows from the stock by itself."}
    assert on_hand(shop) == stood
    assert shop.sync(scope).status == run.status
    assert on_hand(shop) == made
