"""What was sold over time and what is expected, as a picture that a page draws without any script. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from inventory.admin.chart import HEIGHT, WIDTH, Tick, amounts_between, multiple, step_of
from inventory.ledgerwords import number
from inventory.quantity import plain

DAYS = 90
AHEAD = 30
WEEK = 7
DATES = 4


@dataclass(frozen=True)
class Bar:
    """What one day or week sold: a box in the picture, and what it says."""

    x: float
    y: float
    width: float
    height: float
    first: date
    last: date
    sold: str
    out: int


@dataclass(frozen=True)
class Stripe:
    """Days without stock."""

    x: float
    width: float


@dataclass(frozen=True)
class DemandChart:
    """In a box of WIDTH by HEIGHT, which is stretched to the page. `today` is where the past ends, in the box and in per cent.

    `expected` is the height of the line of what is expected for each day or week from today on; None while nothing is.
    """

    bars: tuple[Bar, ...]
    stripes: tuple[Stripe, ...]
    amounts: tuple[Tick, ...]
    dates: tuple[Tick, ...]
    today: float
    expected: float | None
    words: str

    @property
    def today_percent(self) -> float:
        return self.today / WIDTH * 100


def draw(sold: Mapping[date, Decimal], out: Sequence[date], today: date, daily: Decimal | None, *, days: int = DAYS) -> DemandChart:
    """The last `days` before today, by day up to 90 of them and else by week, and the month ahead."""
    length = 1 if days <= DAYS else WEEK
    count = days // length
    first = today - timedelta(days=count * length)
    unit = WIDTH / (count * length + AHEAD)
    without = set(out)
    sums = []
    for place in range(count):
        begins = first + timedelta(days=place * length)
        inside = [begins + timedelta(days=day) for day in range(length)]
        sums.append(
            (begins, inside[-1], sum((sold.get(day, Decimal(0)) for day in inside), Decimal(0)), sum(day in without for day in inside))
        )
    expected = None if daily is None else daily * length
    high = max([total for _, _, total, _ in sums] + [expected or Decimal(0)])
    low = min([total for _, _, total, _ in sums] + [Decimal(0)])
    step = step_of(high - low)
    top, bottom = max(multiple(high, step, up=True), step), multiple(low, step, up=False)

    def y(quantity: Decimal) -> float:
        return round(float((top - quantity) / (top - bottom)) * HEIGHT, 1)

    bars = []
    for place, (begins, ends, total, days_out) in enumerate(sums):
        upper, lower = sorted((y(total), y(Decimal(0))))
        x = round(place * length * unit + unit * length * 0.1, 1)
        bars.append(Bar(x, upper, round(unit * length * 0.8, 1), round(lower - upper, 1), begins, ends, number(plain(total)), days_out))
    stripes = [
        Stripe(round((begin - first).days * unit, 1), round(run * unit, 1)) for begin, run in _runs(sorted(without)) if begin >= first
    ]
    return DemandChart(
        tuple(bars),
        tuple(stripes),
        tuple(Tick(y(amount) / HEIGHT * 100, number(amount)) for amount in amounts_between(bottom, top, step)),
        tuple(_dates(first, today, unit)),
        round(count * length * unit, 1),
        None if expected is None else y(expected),
        _words(sums, expected, length, days),
    )


def _runs(days: Sequence[date]) -> list[tuple[date, int]]:
    """Days that follow each other, as the first of them and how many there are."""
    found: list[tuple[date, int]] = []
    for day in days:
        if found and found[-1][0] + timedelta(days=found[-1][1]) == day:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((day, 1))
    return found


def _dates(first: date, today: date, unit: float) -> list[Tick]:
    """The first day, some between, and today."""
    length = (today - first).days
    marks = [first + timedelta(days=length * place // (DATES - 1)) for place in range(DATES)]
    named = [Tick((day - first).days * unit / WIDTH * 100, day.isoformat()) for day in marks]
    return [*named, Tick(100, (today + timedelta(days=AHEAD)).isoformat())]


def _words(sums: Sequence[tuple[date, date, Decimal, int]], expected: Decimal | None, length: int, days: int) -> str:
    """The picture for who does not see it."""
    total = sum((total for _, _, total, _ in sums), Decimal(0))
    out = sum(out for _, _, _, out in sums)
    each = "day" if length == 1 else "week"
    told = f"{number(plain(total))} sold in {days} days, by {each}"
    told += f"; {out} {'day' if out == 1 else 'days'} without stock" if out else ""
    return told + (f"; {number(plain(expected))} expected in a {each}" if expected is not None else "; nothing is known of what is to come")
