"""How much there was over time, as a line that a page draws without any script. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from inventory.history import Point
from inventory.ledgerwords import number

WIDTH, HEIGHT = 1000, 200
DATES = 5


@dataclass(frozen=True)
class Tick:
    """A label so many per cent along its axis: from the left, or from the top."""

    percent: float
    label: str

    @property
    def y(self) -> float:
        """In the box, from its top."""
        return self.percent * HEIGHT / 100


@dataclass(frozen=True)
class Chart:
    """Paths in a box of WIDTH by HEIGHT, which is stretched to the page; labels stand beside it, so that they are not.

    `mark` is where a chosen moment is, in per cent from the left. `points` are what is drawn, newest first, for who wants numbers.
    """

    line: str
    area: str
    amounts: tuple[Tick, ...]
    dates: tuple[Tick, ...]
    points: tuple[Point, ...]
    lowest: Decimal
    highest: Decimal
    mark: float | None


def draw(points: Sequence[Point], first: datetime, last: datetime, *, moment: datetime | None = None) -> Chart:
    """The chart of `points`, the first of which is at `first`, up to `last`; `moment` is marked where it lies between."""
    quantities = [point.quantity for point in points]
    low, high = min(Decimal(0), *quantities), max(Decimal(0), *quantities)
    step = step_of(high - low)
    bottom = multiple(low, step, up=False)
    top = max(multiple(high, step, up=True), bottom + step)
    span = (last - first).total_seconds()

    def x(at: datetime) -> float:
        return round((at - first).total_seconds() / span * WIDTH, 1)

    def y(quantity: Decimal) -> float:
        return round(float((top - quantity) / (top - bottom)) * HEIGHT, 1)

    # It stays as it was until it changes.
    line = f"M0,{y(points[0].quantity)}" + "".join(f"H{x(point.at)}V{y(point.quantity)}" for point in points[1:]) + f"H{WIDTH}"
    return Chart(
        line,
        f"{line}V{y(Decimal(0))}H0Z",
        tuple(Tick(y(amount) / HEIGHT * 100, number(amount)) for amount in amounts_between(bottom, top, step)),
        tuple(_dates(first, last)),
        tuple(reversed(points)),
        min(quantities),
        max(quantities),
        x(moment) / WIDTH * 100 if moment is not None and first <= moment <= last else None,
    )


def step_of(span: Decimal) -> Decimal:
    """A round distance between labels, of which a span has two to five."""
    if span <= 0:
        return Decimal(1)
    size = Decimal(1).scaleb((span / 4).adjusted())
    return next(size * times for times in (1, 2, 5, 10) if size * times * 4 >= span)


def multiple(value: Decimal, step: Decimal, *, up: bool) -> Decimal:
    """The multiple of the step that lies next to the value, above or below it."""
    whole = value // step
    return step * (whole + 1 if up and whole * step < value else whole - 1 if not up and whole * step > value else whole)


def amounts_between(bottom: Decimal, top: Decimal, step: Decimal) -> list[Decimal]:
    """The amounts at which labels stand."""
    # In plain digits, whatever exponent the steps have come with.
    return [Decimal(f"{bottom + step * count:f}") for count in range(int((top - bottom) / step) + 1)]


def _dates(first: datetime, last: datetime) -> list[Tick]:
    pattern = "%Y-%m-%d" if (last - first).days >= DATES else "%m-%d %H:%M"
    found = []
    for count in range(DATES):
        at = first + (last - first) * count / (DATES - 1)
        found.append(Tick(count / (DATES - 1) * 100, f"{timezone.localtime(at):{pattern}}"))
    return found
