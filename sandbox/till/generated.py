"""Many bills: a till of any size, the same one for the same seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, NamedTuple

from sandbox.till.world import Till, text

LINES_OF_A_BILL = 4
_AT_ONCE = 20_000


class Sizes(NamedTuple):
    """`lines` in all, spread over `days` days that end with `last`; one line in `unknown_in` has a barcode that nobody knows."""

    lines: int
    last: date
    days: int = 1
    branches: Sequence[str] = ("001", "002", "003")
    barcodes: Sequence[str] = ()
    unknown_in: int = 100
    return_in: int = 60


def fill(till: Till, sizes: Sizes, *, seed: int = 1) -> None:
    """Add the lines to the file."""
    for code in sizes.branches:
        till.branch(code, f"Branch {code}")
    with till.open() as raw:
        batch: list[tuple[Any, ...]] = []
        for row in rows(sizes, seed=seed):
            batch.append(row)
            if len(batch) >= _AT_ONCE:
                till.insert(raw, batch)
                batch = []
        till.insert(raw, batch)


def rows(sizes: Sizes, *, seed: int = 1) -> Iterator[tuple[Any, ...]]:
    """Lines as the file stores them: bills of a few lines each, through the opening hours of every day."""
    rng = Random(seed)
    per_day = -(-sizes.lines // sizes.days)
    made = bill = 0
    for number in range(sizes.days):
        day = sizes.last - timedelta(days=sizes.days - 1 - number)
        opens = datetime.combine(day, time(9))
        today = min(per_day, sizes.lines - made)
        for line in range(today):
            if line % LINES_OF_A_BILL == 0:
                bill += 1
                branch = sizes.branches[bill % len(sizes.branches)]
                moment = text(opens + timedelta(seconds=line * 39_600 // max(per_day, 1)))
            place = made + line
            unknown = sizes.unknown_in and place % sizes.unknown_in == sizes.unknown_in - 1
            barcode = f"999{place % 50:09d}" if unknown or not sizes.barcodes else rng.choice(sizes.barcodes)
            quantity = rng.choice((1, 1, 1, 2, 3))
            if sizes.return_in and place % sizes.return_in == 7:
                quantity = -1
            yield branch, f"B{bill:07d}", line % LINES_OF_A_BILL + 1, barcode, quantity, moment, moment, "till", None, None
        made += today
