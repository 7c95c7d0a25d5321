"""What GE's lists say, typed: stock, loads, rosters, and what had to be held or pointed out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sync.engine.source import Held


@dataclass(frozen=True, slots=True)
class StockRow:
    """One on-hand row. With a serial it is one unit; without (`serial_key` blank) it is a bulk line of `quantity` pieces."""

    row: int
    model: str
    model_key: str
    serial: str
    serial_key: str
    quantity: int
    status: str
    message: str


@dataclass(frozen=True)
class Footer:
    """What a stock list announces: how many serials and how many pieces without serials; None for a number it leaves out."""

    serial_count: int | None
    bulk_units: int | None


@dataclass(frozen=True)
class Warning_:
    """Something to look at; what was read is used all the same. `row` is None when it is about the whole file."""

    code: str
    sentence: str
    row: int | None = None


@dataclass(frozen=True)
class StockFeed:
    """A stock list: its rows as read, repeats included, footer excluded.

    `rows_read` counts the rows, held ones included, footer excluded; `serials_read` those with a serial; `bulk_units_read` the pieces
    on the others. `unbooked` says what each held row is about, as (serial key, model key), or None where that can't be told.
    """

    rows: tuple[StockRow, ...]
    footer: Footer | None
    held: tuple[Held, ...]
    warnings: tuple[Warning_, ...]
    serials_read: int
    bulk_units_read: int
    rows_read: int
    unbooked: tuple[tuple[str, str] | None, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadRow:
    """One load. Blank text is `""`; None is a text whose column the list does not have, or a number or time that is not given.

    Times are the warehouse's local time, without a zone, as GE prints them; they carry a zone only when the answer of a server does.
    """

    number: str
    org: str | None = None
    units: int | None = None
    notes: str | None = None
    scanned_at: datetime | None = None
    submitted_at: datetime | None = None
    order_number: str | None = None
    sale_status: str | None = None
    order_status: str | None = None
    pricing: str | None = None


@dataclass(frozen=True)
class LoadFeed:
    """A list of loads, each number once."""

    rows: tuple[LoadRow, ...]
    held: tuple[Held, ...]
    warnings: tuple[Warning_, ...]


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One line of the list a load was sold with; pieces without a serial have a blank `serial_key`."""

    row: int
    load_number: str
    model: str
    model_key: str
    serial: str
    serial_key: str
    quantity: int
    ordc: str


@dataclass(frozen=True)
class RosterFeed:
    """The units of one load or of several."""

    rows: tuple[RosterRow, ...]
    held: tuple[Held, ...]
    warnings: tuple[Warning_, ...]
