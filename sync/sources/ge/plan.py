"""What all lists of a run together say should be stored: the same whatever order they came in (docs/ge-rules.md). Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import Any

from sync.engine.tables import Missing, TablePlan
from sync.sources.ge.lists import BUCKETS
from sync.sources.ge.loadplan import KnownLoad, Loads, load_table, roster_table
from sync.sources.ge.rows import LoadRow, RosterRow, StockFeed, StockRow
from sync.sources.ge.tables import UNITS

EVERYTHING = "inventory"
"""The scope that reads every list, and so the only one that can prove that a unit is gone."""
STAGED = "STA"
ON_THE_MOVE = "No list has it, but units were on the move while the lists were taken; it is gone if the next sync does not find it either."
HELD = "Its row in the list is held, so nothing is known of it better than before."
_LONGEST = 1000
"""Characters of what is told about a bulk line."""
_RANK = {bucket: rank for rank, bucket in enumerate(BUCKETS)}
"""A unit that several lists have is where the last of them says: staged before ASIS before FG."""


@dataclass(frozen=True)
class Inputs:
    """What was read, and what is stored.

    `stock` has the lists that could be believed. `loads` are both load lists merged; None when they were not asked for or not believed:
    then loads, rosters and the load of every unit stay as they are. `rosters` were read now, by load; those `with_held` rows may not name
    all of their units; those of `unread` were wanted and did not come. `known_rosters` are stored pairs of load and serial key for loads
    not read whole now, `rostered` the serial keys ever on a roster.
    `loads_held`: a row of a load list is held, so that a load may be missing for that. Times without a zone are in `zone`. `patient`: in a
    run that sees units on the move, an absence has to be seen twice.
    """

    scope: str
    stock: Mapping[str, StockFeed]
    loads: Sequence[LoadRow] | None = None
    rosters: Mapping[str, Sequence[RosterRow]] | None = None
    with_held: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()
    known_loads: Mapping[str, KnownLoad] | None = None
    known_rosters: Iterable[tuple[str, str]] = ()
    rostered: frozenset[str] = frozenset()
    loads_held: bool = False
    zone: tzinfo = UTC
    patient: bool = True


@dataclass(frozen=True)
class Repeated:
    """A serial that is twice in one list, with different content: the last row counts."""

    bucket: str
    serial_key: str
    serial: str
    sides: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Facts:
    """What a plan found on its way, for people and counters. `believed` are the buckets whose list counted."""

    believed: tuple[str, ...]
    listed: Mapping[str, int]
    bulk_lines: Mapping[str, int]
    bulk_units: Mapping[str, int]
    duplicate_rows: int
    overlaps: int
    """Units that several lists have."""
    skipped: int
    """Rows that repeat a serial of their own list or of a list that ranks higher."""
    repeated: tuple[Repeated, ...]
    open_loads: Mapping[str, tuple[str, ...]]
    """By serial key: the loads in the lists that are not delivered and have it, newest first; only where there are several."""
    mismatched: tuple[tuple[str, int, int], ...]
    """Loads whose number of units is not what their roster adds up to: number, announced, on the roster."""
    for_sale: int
    picked: int
    roster_units: int
    rostered_serials: frozenset[str]
    """On the rosters read now."""


@dataclass(frozen=True)
class Desired:
    tables: tuple[TablePlan, ...]
    facts: Facts


@dataclass(frozen=True, slots=True)
class _Piece:
    """One unit or bulk line as a list has it, repeats folded."""

    bucket: str
    row: StockRow
    quantity: int
    status: str
    message: str


def plan(inputs: Inputs) -> Desired:
    """The desired rows of units and, where the load lists were believed, of loads and rosters; and what becomes of other stored rows."""
    folded = {bucket: _fold(bucket, inputs.stock[bucket]) for bucket in BUCKETS if bucket in inputs.stock}
    pieces: dict[str, _Piece] = {}
    overlaps: set[str] = set()
    for found, _, _ in folded.values():
        # In the order of rank: the later list wins.
        overlaps |= pieces.keys() & found.keys()
        pieces.update(found)
    for bucket in folded:
        for subject in inputs.stock[bucket].unbooked:
            # Part of a bulk line is no quantity, and a lower list does not speak for one whose row is held.
            key = _key(bucket, *subject) if subject else ""
            if key in pieces and (not pieces[key].row.serial_key or _RANK[pieces[key].bucket] < _RANK[bucket]):
                del pieces[key]
    loads = Loads(
        inputs.loads or (),
        inputs.rosters or {},
        with_held=inputs.with_held,
        known=inputs.known_loads or {},
        known_rosters=inputs.known_rosters,
    )
    tables = [_units(inputs, pieces, loads, overlapping=bool(overlaps))]
    if inputs.loads is not None:
        may_be_gone = inputs.scope == EVERYTHING and not inputs.loads_held
        first = load_table(loads, unread=inputs.unread, zone=inputs.zone, may_be_gone=may_be_gone)
        tables = [first, *tables, roster_table(loads)]
    lines = {bucket: [piece for piece in pieces.values() if piece.bucket == bucket] for bucket in BUCKETS}
    bulk = {bucket: [piece.quantity for piece in found if not piece.row.serial_key] for bucket, found in lines.items()}
    duplicates = sum(repeats for _, repeats, _ in folded.values())
    facts = Facts(
        believed=tuple(folded),
        listed={bucket: len(found) for bucket, found in lines.items()},
        bulk_lines={bucket: len(found) for bucket, found in bulk.items()},
        bulk_units={bucket: sum(found) for bucket, found in bulk.items()},
        duplicate_rows=duplicates,
        overlaps=len(overlaps),
        skipped=duplicates + sum(len(found) for found, _, _ in folded.values()) - len(pieces),
        repeated=tuple(each for _, _, repeated in folded.values() for each in repeated),
        open_loads={serial: listed for serial in sorted(loads.of_serial) if len(listed := loads.listed(serial)) > 1},
        mismatched=loads.mismatched(),
        for_sale=sum(1 for row in inputs.loads or () if row.sale_status == "FOR SALE"),
        picked=sum(1 for row in inputs.loads or () if row.sale_status == "SOLD" and row.order_status == "Picked"),
        roster_units=sum(loads.pieces.values()),
        rostered_serials=frozenset(serial for _, serial, *_ in loads.lines.values() if serial),
    )
    return Desired(tuple(tables), facts)


def _fold(bucket: str, feed: StockFeed) -> tuple[dict[str, _Piece], int, list[Repeated]]:
    """The units and bulk lines of one list by their keys, how many rows repeat a serial, and which of those say something else."""
    serials: dict[str, list[StockRow]] = defaultdict(list)
    models: dict[str, list[StockRow]] = defaultdict(list)
    for row in feed.rows:
        (serials[row.serial_key] if row.serial_key else models[row.model_key]).append(row)
    pieces: dict[str, _Piece] = {}
    repeated: list[Repeated] = []
    for serial, rows in serials.items():
        last = rows[-1]
        pieces[_key(bucket, serial, "")] = _Piece(bucket, last, 1, last.status, last.message)
        sides = list(dict.fromkeys((row.model, row.status, row.message) for row in rows))
        if len(sides) > 1:
            told = tuple({"model": model, "status": status, "message": message} for model, status, message in sides)
            repeated.append(Repeated(bucket, serial, last.serial, told))
    for model, rows in models.items():
        # Nothing of a line hangs on the order of its rows, or it would seem to change from day to day.
        quantity = sum(row.quantity for row in rows)
        message = "; ".join(sorted({row.message for row in rows if row.message}))[:_LONGEST]
        pieces[_key(bucket, "", model)] = _Piece(bucket, min(rows, key=lambda row: row.model), quantity, _breakdown(rows), message)
    return pieces, sum(len(rows) - 1 for rows in serials.values()), repeated


def _breakdown(rows: Sequence[StockRow]) -> str:
    """The status of a bulk line; where its rows have several, how many pieces are in each."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row.status] += row.quantity
    if len(counts) == 1:
        return rows[0].status
    return ", ".join(f"{count} {status or 'without status'}" for status, count in sorted(counts.items()))[:_LONGEST]


def _units(inputs: Inputs, pieces: Mapping[str, _Piece], loads: Loads, *, overlapping: bool) -> TablePlan:
    columns = [
        "stock_key",
        "serial",
        "serial_key",
        "model",
        "model_key",
        "quantity",
        "bucket",
        "status",
        "message",
        "origin",
        "first_origin",
    ]
    with_loads = inputs.loads is not None
    if with_loads:
        columns += ["load", "order_number"]
    rostered = inputs.rostered | {serial for _, serial, _, _ in loads.lines.values()}
    rows: list[tuple[Any, ...]] = []
    for key in sorted(pieces):
        piece = pieces[key]
        row, serial = piece.row, piece.row.serial_key
        origin = None if piece.bucket == STAGED else piece.bucket
        first = "ASIS" if serial and serial in rostered else ""
        values = (key, row.serial, serial or None, row.model or None, row.model_key or None, piece.quantity, piece.bucket)
        values += (piece.status, piece.message, origin, first)  # type: ignore[assignment]
        if with_loads:
            load = loads.current(serial) if serial else None
            values += (load, loads.order_numbers.get(load, "") if load else "")  # type: ignore[assignment]
        rows.append(values)
    return TablePlan(UNITS, tuple(columns), rows, missing=_missing(inputs, overlapping), blocked=_blocked(inputs))


def _missing(inputs: Inputs, overlapping: bool) -> tuple[Missing, ...]:
    """What becomes of units that are not desired. A row that is held names its unit all the same: that one is not gone."""
    named, unclear = _held_keys(inputs)
    if unclear:
        reason = f"{_lists(unclear)} had rows that do not tell what they are about; they are held."
        return (Missing("hold", where=None if inputs.scope == EVERYTHING else ("bucket", unclear), reason=reason),)
    others = replace(_absent(inputs, overlapping), but=sorted(named))
    return (Missing("hold", keys=sorted(named), reason=HELD), others) if named else (others,)


def _held_keys(inputs: Inputs) -> tuple[set[str], list[str]]:
    """The keys of what held rows are about, and the buckets whose list has held rows that do not tell."""
    named: set[str] = set()
    unclear: list[str] = []
    for bucket in BUCKETS:
        unbooked = inputs.stock[bucket].unbooked if bucket in inputs.stock else ()
        named.update(_key(bucket, *subject) for subject in unbooked if subject is not None)
        if None in unbooked:
            unclear.append(bucket)
    return named, unclear


def _key(bucket: str, serial: str, model: str) -> str:
    return f"unit {serial}" if serial else f"bulk {bucket} {model}"


def _absent(inputs: Inputs, overlapping: bool) -> Missing:
    unread = [bucket for bucket in BUCKETS if bucket not in inputs.stock]
    if inputs.scope == EVERYTHING:
        if unread:
            return Missing("hold", reason=f"{_lists(unread)} could not be used in this sync.")
        return Missing("remove", reason=ON_THE_MOVE if overlapping and inputs.patient else "")
    bucket = inputs.scope.upper()
    why = "could not be used in this sync." if bucket in unread else "does not have it, and the other lists were not read."
    return Missing("hold", where=("bucket", [bucket]), reason=f"The {bucket} list {why}")


def _lists(buckets: Sequence[str]) -> str:
    if len(buckets) == 1:
        return f"The {buckets[0]} list"
    return f"The {', '.join(buckets[:-1])} and {buckets[-1]} lists"


def _blocked(inputs: Inputs) -> dict[tuple[str, str], str]:
    """Moves to a bucket that ranks lower, away from one whose list is not known: the unit may stand in both lists."""
    return {
        (old, new): f"The {new} list has it, but whether the {old} list still has it is not known: that list was not read."
        for old in BUCKETS
        for new in inputs.stock
        if _RANK[old] > _RANK[new] and old not in inputs.stock
    }
