"""What a product is expected to sell in a day (docs/forecast.md). Pure: values in, values out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import TextChoices

from alerts.intermittent import Expected, Kind, Pattern, classify, tsb
from alerts.past import LEAST_DAYS, Past, weeks
from alerts.trend import LONG, RECENT, UNKNOWN_TREND, Trend, Window, deviation, trend, window

WEEK = 7
FINEST = Decimal("0.001")
POINT_DAYS = 14
"""A reorder point that somebody set is taken to last so many days, where nothing is known of sales."""
LUCK = 0.01
EVEN = (Pattern.SMOOTH, Pattern.ERRATIC)


class Basis(TextChoices):
    """What a rate rests on."""

    VELOCITY = "velocity", "Sales of the last 30 and 90 days"
    INTERMITTENT = "intermittent", "Sales now and then"
    STOPPED = "stopped", "Sold once, but no longer"
    NO_SALES = "no_sales", "Nothing was sold"
    REORDER_POINT = "reorder_point", "The reorder point, not sales"
    UNKNOWN = "unknown", "Not known yet"


class Speed(TextChoices):
    """How fast a product sells: more than 1 a day, more than 0.1, anything, nothing."""

    FAST = "fast", "Fast"
    MEDIUM = "medium", "Medium"
    SLOW = "slow", "Slow"
    DEAD = "dead", "Dead"
    UNKNOWN = "unknown", "Unknown"


@dataclass(frozen=True)
class Rate:
    """What is expected to be sold in a day, in what the product is counted in, and how much days differ (a standard deviation).

    `daily` is None while nothing is known. `silent` is for how many days that count nothing was sold, where that is a basis.
    """

    basis: Basis
    daily: float | None
    deviation: float = 0.0
    recent: Window | None = None
    long: Window | None = None
    trend: Trend = UNKNOWN_TREND
    kind: Kind | None = None
    expected: Expected | None = None
    silent: int | None = None


def rate(past: Past, *, sales_known: bool = True, reorder_point: float | None = None) -> Rate:
    """What `past` says of a day to come. Never negative; twice the sales give twice the rate.

    Smooth and erratic demand is half the mean of the last 30 days and half that of the last 90, or that of the last 30 alone where the
    trend is clear; intermittent and lumpy demand, by weeks that count, is what TSB expects. Nothing sold is 0 once enough days count, and
    so is a silence that is no bad luck any more. Otherwise the reorder point is taken to last 14 days, which says nothing of sales.
    `sales_known` is False where the account's sales are not known at all.
    """
    counted = past.counted() if sales_known else []
    if not any(counted):
        return _unsold(len(counted), reorder_point)
    recent, long, told = window(past, RECENT), window(past, LONG), trend(past)
    silent = silence(counted)
    if silent is not None:
        return Rate(Basis.STOPPED, 0.0, 0.0, recent, long, told, silent=silent)
    periods = weeks(counted)
    kind, expected = classify(periods), tsb(periods)
    if kind is None or expected is None or kind.pattern in EVEN:
        each = recent.mean if told.clear else (recent.mean + long.mean) / 2
        return Rate(Basis.VELOCITY, each, deviation(counted[-LONG:]), recent, long, told, kind)
    return Rate(Basis.INTERMITTENT, expected.mean / WEEK, deviation(counted), recent, long, told, kind, expected)


def _unsold(days: int, reorder_point: float | None) -> Rate:
    """Nothing was sold on so many days that count. A month of it says more than the reorder point does, less than a week nothing."""
    if days >= RECENT or (days >= LEAST_DAYS and not reorder_point):
        return Rate(Basis.NO_SALES, 0.0, silent=days)
    if reorder_point:
        return Rate(Basis.REORDER_POINT, reorder_point / POINT_DAYS)
    return Rate(Basis.UNKNOWN, None)


def silence(counted: Sequence[float]) -> int | None:
    """For how many days that count nothing was sold, where that is more than bad luck: at least 30 of them, and by the share of days that
    sold something before there was less than one chance in a hundred of it. None else."""
    silent = next((place for place, sold in enumerate(reversed(counted)) if sold), len(counted))
    before = counted[: len(counted) - silent]
    if silent < RECENT or not before:
        return None
    share = sum(1 for sold in before if sold) / len(before)
    return silent if (1 - share) ** silent < LUCK else None


def daily(rate: Rate) -> Decimal | None:
    """The rate in thousandths, worked out of the rounded numbers that are shown with it, so that the sum that is told adds up."""
    if rate.basis is Basis.VELOCITY and rate.recent is not None and rate.long is not None:
        both = shown(rate.recent.mean) + shown(rate.recent.mean if rate.trend.clear else rate.long.mean)
        return _rounded(both / 2, rate.daily)
    if rate.expected is not None:
        return _rounded(shown(rate.expected.size) * shown(rate.expected.chance) / WEEK, rate.daily)
    return None if rate.daily is None else shown(rate.daily)


def shown(number: float) -> Decimal:
    """In thousandths. More than nothing stays more than nothing."""
    return _rounded(Decimal(number), number)


def _rounded(number: Decimal, really: float | None) -> Decimal:
    rounded = number.quantize(FINEST, ROUND_HALF_UP)
    return FINEST if really and not rounded else rounded


def speed(rate: Rate) -> Speed:
    """The class of a rate that rests on sales."""
    if rate.daily is None or rate.basis is Basis.REORDER_POINT:
        return Speed.UNKNOWN
    if rate.daily > 1:
        return Speed.FAST
    if rate.daily > 0.1:
        return Speed.MEDIUM
    return Speed.SLOW if rate.daily > 0 else Speed.DEAD


@dataclass(frozen=True)
class Plain:
    """What the plain formula says: see `plain`."""

    daily: float
    days_left: int | None
    reorder_in: int | None
    quantity: int


def plain(sold_in_30_days: float, stock: float, reorder_point: float = 0.0, *, lead_days: int = 7, cover_days: int = 45) -> Plain:
    """The plain formula that ours is compared with (docs/forecast.md): a thirtieth of what 30 days sold; without sales a fourteenth of the
    reorder point; without that a tenth of the stock in a month. Only what is in stock is forecast: None else."""
    without_sales = reorder_point / POINT_DAYS if reorder_point > 0 else max(stock, 0.0) * 0.1 / 30
    each = sold_in_30_days / 30 if sold_in_30_days > 0 else without_sales
    quantity = math.ceil(each * cover_days)
    if stock <= 0 or each <= 0:
        return Plain(each, None, None, quantity)
    left = math.floor(stock / each)
    return Plain(each, left, max(0, left - lead_days), quantity)
