"""Loads and rosters as they should be stored, and which load a unit belongs to (docs/ge-rules.md, “Loads and rosters”). Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sync.engine.tables import Missing, TablePlan
from sync.sources.ge.rows import LoadRow, RosterRow
from sync.sources.ge.tables import LOADS, ROSTERS

_DELIVERED = "delivered"
_LOAD_COLUMNS = ("org", "units", "notes", "scanned_at", "submitted_at", "order_number", "sale_status", "order_status", "pricing")


@dataclass(frozen=True)
class KnownLoad:
    """A stored load, as far as a plan asks."""

    order_status: str
    order_number: str


class Loads:
    """Which loads there are and which serial is on which of them, from the lists where they were read, else from what is stored.

    `listed` are both load lists merged, `rosters` those read now, by load; `with_held` of them may not name all units of the load. `known`
    are the stored loads by number, `known_rosters` stored pairs of load and serial key for loads whose roster was not read whole now.
    """

    def __init__(
        self,
        listed: Sequence[LoadRow],
        rosters: Mapping[str, Sequence[RosterRow]],
        *,
        with_held: Collection[str],
        known: Mapping[str, KnownLoad],
        known_rosters: Iterable[tuple[str, str]],
    ) -> None:
        self.rows = {row.number: row for row in listed}
        self.order_numbers = {number: load.order_number for number, load in known.items()}
        self.order_numbers.update((number, row.order_number) for number, row in self.rows.items() if row.order_number is not None)
        self.open = not_delivered(listed, {number: load.order_status for number, load in known.items()})
        self.lines: dict[str, tuple[str, str, RosterRow, int]] = {}
        self.read = sorted(number for number in rosters if number in self.rows)
        self.whole = [number for number in self.read if number not in with_held]
        self.pieces: Counter[str] = Counter()
        for number in self.read:
            self._add(number, rosters[number])
        on: dict[str, set[str]] = defaultdict(set)
        for number, serial, _, _ in self.lines.values():
            if serial and number in self.open:
                on[serial].add(number)
        for number, serial in known_rosters:
            if serial and number in self.open and number not in self.whole:
                on[serial].add(number)
        # A load that the lists have comes before one they left out; numbers end with the time of making, so the newest is the largest.
        self.of_serial = {
            serial: sorted(found, key=lambda number: (number in self.rows, number), reverse=True) for serial, found in on.items()
        }

    def _add(self, number: str, rows: Sequence[RosterRow]) -> None:
        self.pieces[number] = 0
        for row in rows:
            key = f"{number} {row.serial_key}" if row.serial_key else f"{number} bulk {row.model_key}"
            before = self.lines[key][3] if key in self.lines else 0
            quantity = before + row.quantity if not row.serial_key else row.quantity
            self.lines[key] = (number, row.serial_key, row, quantity)
            self.pieces[number] += quantity - before

    def current(self, serial: str) -> str | None:
        """The load a unit belongs to now: the newest that has it and is not delivered."""
        found = self.of_serial.get(serial)
        return found[0] if found else None

    def listed(self, serial: str) -> tuple[str, ...]:
        """The loads in the lists that have a unit and are not delivered, newest first."""
        return tuple(number for number in self.of_serial.get(serial, ()) if number in self.rows)

    def mismatched(self) -> tuple[tuple[str, int, int], ...]:
        announced = ((number, self.rows[number].units) for number in self.whole)
        return tuple((number, units, self.pieces[number]) for number, units in announced if units not in (None, self.pieces[number]))


def load_table(loads: Loads, *, unread: Collection[str], zone: tzinfo, may_be_gone: bool) -> TablePlan:
    """The loads as they should be stored. Those of `unread` keep the roster they have; times without a zone are in `zone`.

    `may_be_gone`: a stored load that is not listed is not reported any more.
    """
    rows = []
    for number in sorted(loads.rows):
        row = loads.rows[number]
        told = [getattr(row, name) for name in _LOAD_COLUMNS]
        told = [_aware(value, zone) if isinstance(value, datetime) else value for value in told]
        read = number in loads.pieces
        whole = number in loads.whole
        stale = not whole if read else True if number in unread else None
        rows.append((number, *told, stale, loads.pieces[number] if whole else None))
    missing = (Missing("remove"),) if may_be_gone else ()
    return TablePlan(LOADS, ("number", *_LOAD_COLUMNS, "roster_stale", "roster_units"), rows, missing=missing)


def _aware(moment: datetime, zone: tzinfo) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def roster_table(loads: Loads) -> TablePlan:
    """The rosters that were read, line by line."""
    columns = ("line_key", "load", "serial", "serial_key", "model", "model_key", "quantity", "ordc")
    rows = []
    for key in sorted(loads.lines):
        number, serial, row, quantity = loads.lines[key]
        rows.append((key, number, row.serial, serial, row.model, row.model_key, quantity, row.ordc))
    return TablePlan(ROSTERS, columns, rows, missing=(Missing("remove", where=("load", loads.whole)),) if loads.whole else ())


def not_delivered(loads: Sequence[LoadRow], stored: Mapping[str, str]) -> set[str]:
    """The numbers of all loads, listed now or stored, that are not delivered. `stored` has the order status by number."""
    statuses = {**stored, **{row.number: row.order_status for row in loads if row.order_status is not None}}
    numbers = {*stored, *(row.number for row in loads)}
    return {number for number in numbers if statuses.get(number, "").casefold() != _DELIVERED}


def wanted_rosters(loads: Sequence[LoadRow], stored: Mapping[str, tuple[str, str, int | None, bool]]) -> list[str]:
    """The loads whose roster a run has to read: not delivered, new, changed in state or units, or not read last time.

    `stored` has sale status, order status, units and whether the roster is stale, by number.
    """
    wanted = []
    for row in loads:
        before = stored.get(row.number)
        changed = before is not None and any(
            now is not None and now != was for now, was in zip((row.sale_status, row.order_status, row.units), before[:3], strict=True)
        )
        if before is None or changed or before[3] or (row.order_status or "").casefold() != _DELIVERED:
            wanted.append(row.number)
    return sorted(wanted)
