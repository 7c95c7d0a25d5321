"""How well forecasts would have done, on invented demand (docs/forecast.md). Pure; the same for the same seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from itertools import pairwise

from alerts.forecast import plain, rate
from alerts.past import Past, past
from alerts.reordering import Standing, Terms, factor_of, plan
from alerts.series import KINDS, LEARNED, LENGTH, Series, generated

HORIZON = 30
"""Days that one forecast is for."""
LEAD, COVER = 14, 45
"""Days until an order arrives and days it is to last, for whoever orders."""
LOOKED_AT = 7
"""Orders are made once in so many days."""
FIRST_DELIVERY = 45.0
"""Pieces that a new product begins with, whoever orders."""
SEED, EACH = 2026, 40
METHODS = ("ours", "plain", "naive")


@dataclass
class Errors:
    """Of forecasts of what 30 days sell. `scaled` are absolute errors over what the last month as forecast errs by in what was learned."""

    absolute: list[float] = field(default_factory=list)
    actual: list[float] = field(default_factory=list)
    scaled: list[float] = field(default_factory=list)

    def add(self, forecast: float, actual: float, scale: float | None) -> None:
        error = abs(forecast - actual)
        self.absolute.append(error)
        self.actual.append(actual)
        if scale:
            self.scaled.append(error / scale)


@dataclass
class Service:
    """What customers wanted and got, the days on which somebody went away with nothing, and the stock that was kept for it."""

    wanted: float = 0.0
    got: float = 0.0
    days: int = 0
    days_short: int = 0
    stock: float = 0.0


@dataclass(frozen=True)
class Score:
    """One line of the table. Errors are in pieces for a month; `wape` and `filled` are shares; `stock_days` is the mean stock in days of
    what is wanted in one."""

    kind: str
    method: str
    mae: float
    rmse: float
    wape: float
    mase: float | None
    filled: float
    days_short: float
    stock_days: float

    def stored(self) -> dict[str, object]:
        return {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(self).items()}


def run(seed: int = SEED, each: int = EACH) -> list[Score]:
    """Each method on so many series of each kind; then on all of them together."""
    errors = {(kind, method): Errors() for kind in (*KINDS, "all") for method in METHODS}
    service = {(kind, method): Service() for kind in (*KINDS, "all") for method in METHODS}
    for series in generated(seed, each):
        for method in METHODS:
            for forecast, actual, scale in _forecasts(series, method):
                for kind in (series.kind, "all"):
                    errors[kind, method].add(forecast, actual, scale)
            for kind in (series.kind, "all"):
                _keep(series, method, service[kind, method])
    return [_score(kind, method, errors[kind, method], service[kind, method]) for kind, method in errors]


def _score(kind: str, method: str, errors: Errors, service: Service) -> Score:
    count, wanted = len(errors.absolute), sum(errors.actual)
    return Score(
        kind,
        method,
        sum(errors.absolute) / count,
        math.sqrt(sum(error * error for error in errors.absolute) / count),
        sum(errors.absolute) / wanted if wanted else 0.0,
        sum(errors.scaled) / len(errors.scaled) if errors.scaled else None,
        service.got / service.wanted if service.wanted else 1.0,
        service.days_short / service.days,
        service.stock / service.wanted if service.wanted else 0.0,
    )


def _forecasts(series: Series, method: str) -> Iterator[tuple[float, float, float | None]]:
    """Forecasts every 30 days of what customers want in the next 30, what they want then, and the scale of errors."""
    seen = series.seen
    for origin in range(LEARNED, LENGTH - HORIZON + 1, HORIZON):
        if origin < series.begins + 14:
            continue
        yield HORIZON * DAILY[method](series, seen, origin), sum(series.wanted[origin : origin + HORIZON]), _scale(seen[:origin])


def _scale(seen: Sequence[float]) -> float | None:
    """The mean absolute difference of one month to the one before (Hyndman and Koehler 2006); None where nothing differs."""
    months = [sum(seen[end - HORIZON : end]) for end in range(len(seen), HORIZON - 1, -HORIZON)]
    differences = [abs(later - earlier) for later, earlier in pairwise(months)]
    return sum(differences) / len(differences) if any(differences) else None


def _past(sold: Sequence[float], out: frozenset[int], begins: int, day: int) -> Past:
    first = max(day - LEARNED, begins)
    return past({each: sold[each] for each in range(first, day) if sold[each]}, out, first, day - 1)


def _ours(series: Series, seen: Sequence[float], day: int) -> float:
    return rate(_past(seen, series.out, series.begins, day)).daily or 0.0


def _plainly(_: Series, seen: Sequence[float], day: int) -> float:
    return plain(sum(seen[day - 30 : day]), 0.0).daily


def _naively(_: Series, seen: Sequence[float], day: int) -> float:
    """As in the last week."""
    return sum(seen[day - 7 : day]) / 7


DAILY: dict[str, Callable[[Series, Sequence[float], int], float]] = {"ours": _ours, "plain": _plainly, "naive": _naively}


def _keep(series: Series, method: str, service: Service) -> None:
    """A shop that orders as the method says, over the days that are not learned from. Who finds nothing goes away.

    What is seen are its own sales: where it had none to sell, it sold none.
    """
    sold, out = list(series.seen[:LEARNED]), {day for day in series.out if day < LEARNED}
    stock, coming = COVER * sum(sold[-90:]) / 90, dict[int, float]()
    for day in range(LEARNED, LENGTH):
        stock += coming.pop(day, 0.0) + (FIRST_DELIVERY if series.begins == day else 0.0)
        wanted = series.wanted[day]
        got = min(wanted, math.floor(stock))
        if day >= series.begins:
            service.wanted += wanted
            service.got += got
            service.days += 1
            service.days_short += got < wanted
            service.stock += stock
        if stock < 1 and not got:
            out.add(day)
        stock -= got
        sold.append(got)
        if day % LOOKED_AT == 0 and day >= series.begins:
            quantity = _order(method, series, sold, frozenset(out), day + 1, stock, sum(coming.values()))
            if quantity:
                coming[day + 1 + LEAD] = coming.get(day + 1 + LEAD, 0.0) + quantity


def _order(method: str, series: Series, sold: Sequence[float], out: frozenset[int], day: int, stock: float, on_order: float) -> float:
    """What is ordered on that day: by our plan, or by the plain rule (7 days before it runs out, for 45 days) with the method's rate."""
    if method == "ours":
        found = rate(_past(sold, out, series.begins, day))
        standing = Standing(Decimal(str(stock)), Decimal(str(on_order)))
        made = plan(
            Decimal(str(round(found.daily or 0.0, 3))),
            Decimal(str(round(found.deviation, 3))),
            standing,
            Terms(LEAD + LOOKED_AT, COVER, factor_of(95)),
        )
        return float(made.quantity) if made.reorder_in == 0 else 0.0
    daily = _plainly(series, sold, day) if method == "plain" else _naively(series, sold, day)
    # The plain rule knows nothing of orders on their way, and nobody would order every week what is coming.
    if on_order or daily <= 0:
        return 0.0
    due = stock <= 0 or math.floor(stock / daily) - 7 <= 0
    return float(math.ceil(daily * COVER)) if due else 0.0
