"""The grocer of the Odoo demo at its counters: four branches, two weeks of bills, and what a till's data look like."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sandbox.odoo.goods import ARTICLES
from sandbox.till.tables import BRANCHES
from sandbox.till.world import Line, Till

DAYS = 14
SHOPS = (
    ("001", "Clifton", ""),
    ("002", "Saddar", ""),
    ("003", "Korangi", "Warehouse Central"),
    ("010", "Clifton, night counter", "Clifton"),
)
"""Two counters are in one shop; the third sells what lies in the store."""
_SOLD = [article for article in ARTICLES if article.barcode and article.rate]
_OLD_LABEL, _UNKNOWN = "8964000199990", "8964000199983"
_OPENS, _CLOSES = 9, 21


def demo(till: Till, now: datetime) -> None:
    """The state of the till at the hour `now`: two weeks up to this very hour."""
    with till.open():
        _fill(till, now)


def _fill(till: Till, now: datetime) -> None:
    for code, name, address in SHOPS:
        till.branch(code, name, address)
    for article in _SOLD:
        till.item(article.barcode, article.name)
    # The till's list has one barcode twice, and one that it has not is sold all the same.
    till.item(_SOLD[0].barcode, f"{_SOLD[0].name} (old price)")
    rng = Random("levelstock sandbox till")
    for ago in range(DAYS, -1, -1):
        day = (now - timedelta(days=ago)).replace(hour=0, minute=0, second=0, microsecond=0)
        business(till, day, until=now, rng=rng)
    till.sell("003", [(_SOLD[3].barcode, 1)], now - timedelta(days=2), returned=True)


def business(till: Till, day: datetime, *, until: datetime, rng: Random, share: float = 1.0) -> int:
    """Bills of one day in every branch, none of them later than `until`; how many."""
    bills = 0
    for code, *_ in till.rows(f"SELECT BranchCode FROM {BRANCHES} ORDER BY BranchCode"):
        for number in range(round(16 * share)):
            minutes = (_OPENS * 60) + (_CLOSES - _OPENS) * 60 * number // max(round(16 * share), 1) + rng.randint(0, 20)
            at = day + timedelta(minutes=minutes)
            if at <= until:
                till.sell(code, _basket(rng), at)
                bills += 1
    return bills


def _basket(rng: Random) -> list[Line]:
    lines: list[Line] = []
    for article in rng.choices(_SOLD, weights=[article.rate for article in _SOLD], k=rng.randint(1, 4)):
        weighed = article.unit == "kilo"
        lines.append((_written(article.barcode, rng), round(rng.uniform(0.3, 2.5), 3) if weighed else rng.choice((1, 1, 1, 2))))
    if rng.random() < 0.03:
        lines.append((rng.choice((_OLD_LABEL, _UNKNOWN)), 1))
    if rng.random() < 0.02:
        # Brought back with the next purchase: a negative line of the bill.
        lines.append((rng.choice(_SOLD).barcode, -1))
    return lines


def _written(barcode: str, rng: Random) -> str:
    """As scanners and people write it: some with blanks."""
    return f"{barcode}  " if rng.random() < 0.2 else barcode
