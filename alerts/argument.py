"""A forecast and its plan in words: next to every number what it rests on and the sum. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from alerts.forecast import FINEST, POINT_DAYS, Basis, Rate, shown
from alerts.intermittent import Pattern
from alerts.past import LEAST_DAYS, Past
from alerts.reordering import Plan, Standing, Terms
from alerts.trend import LONG, RECENT, Direction, Trend, Window
from inventory.ledgerwords import number, one_or_many
from inventory.quantity import plain

PATTERNS = {
    Pattern.SMOOTH: "It sells in nearly every week, about as much each time.",
    Pattern.ERRATIC: "It sells in nearly every week, but how much differs greatly.",
    Pattern.INTERMITTENT: "It sells in some weeks only, about as much each time.",
    Pattern.LUMPY: "It sells in some weeks only, and how much differs greatly.",
}
LEADS = {"product": "the product's own lead time", "vendor": "its vendor's lead time", "settings": "the lead time of the settings"}


@dataclass(frozen=True)
class Step:
    """One number, with its name and the sum that leads to it."""

    name: str
    value: str
    sum: str

    def stored(self) -> dict[str, str]:
        return {"name": self.name, "value": self.value, "sum": self.sum}


@dataclass(frozen=True)
class Case:
    """All that an argument is about. `unit_kind` is what is counted; `today` the day it is made on; `lead_from` whose lead time it is."""

    past: Past
    rate: Rate
    daily: Decimal | None
    plan: Plan
    standing: Standing
    terms: Terms
    lead_from: str
    unit_kind: str
    today: date


def steps(case: Case) -> list[Step]:
    """The argument, in the order in which it is worked out."""
    return [_daily(case), *_trend(case.rate.trend), *_left(case), *_buying(case)]


def basis(case: Case) -> str:
    """What the rate rests on, in a sentence or a few."""
    return " ".join(filter(None, (_rests_on(case), _left_out(case.past), _capped(case))))


def _daily(case: Case) -> Step:
    if case.daily is None:
        return Step("Demand", "unknown", basis(case))
    return Step("Demand", f"{_amount(case, case.daily)} a day", f"{_sum_of(case)} {basis(case)}".strip())


def _sum_of(case: Case) -> str:
    rate, daily = case.rate, _n(case.daily or Decimal(0))
    if rate.basis is Basis.VELOCITY and rate.recent is not None and rate.long is not None:
        recent, long = _n(shown(rate.recent.mean)), _n(shown(rate.long.mean))
        windows = f"Last {RECENT} days: {_mean(rate.recent)} = {recent}. Last {LONG} days: {_mean(rate.long)} = {long}."
        if rate.trend.clear:
            return f"{windows} The last {RECENT} days differ from those before by more than chance, so they alone count: {daily}."
        return f"{windows} The mean of both, ({recent} + {long}) ÷ 2 = {daily}."
    if rate.expected is not None:
        size, chance = _n(shown(rate.expected.size)), _n(shown(rate.expected.chance))
        return f"{size} in a week that sells any × {chance} of weeks ÷ 7 days = {daily}."
    if rate.basis is Basis.REORDER_POINT and case.standing.reorder_point is not None:
        return f"{_n(case.standing.reorder_point)} ÷ {POINT_DAYS} days = {daily}."
    return ""


def _mean(window: Window) -> str:
    least = f" (never fewer than {LEAST_DAYS})" if window.days < LEAST_DAYS else ""
    return f"{_n(shown(window.sold))} sold ÷ {max(window.days, LEAST_DAYS)} days{least}"


def _rests_on(case: Case) -> str:
    rate = case.rate
    if rate.basis is Basis.REORDER_POINT:
        return f"An estimate that is not based on sales: the reorder point is taken to last {POINT_DAYS} days."
    if rate.basis is Basis.UNKNOWN:
        return "Nothing is known of its sales yet, and no reorder point is set."
    if rate.basis is Basis.NO_SALES:
        return f"It was in stock on {_days(rate.silent or 0)} and none was sold."
    if rate.basis is Basis.STOPPED:
        return f"None was sold on the last {_days(rate.silent or 0)} in stock; before it sold so often that this is no bad luck."
    return PATTERNS[rate.kind.pattern] if rate.kind is not None else ""


def _left_out(past: Past) -> str:
    if past.doubted:
        return f"It sold on {_days(past.doubted)} on which there was no stock, so days without stock are not left out."
    out = past.out(LONG)
    return f"{_days(out)} of the last {LONG} without stock {'is' if out == 1 else 'are'} left out." if out else ""


def _capped(case: Case) -> str:
    past = case.past
    if not past.capped or past.ceiling is None:
        return ""
    one = past.capped == 1
    counts = f"counts as {_amount(case, shown(past.ceiling))}" + ("" if one else " each")
    return f"{_days(past.capped)} sold unusually much and {counts}." if one else f"{_days(past.capped)} sold unusually much; each {counts}."


def _trend(trend: Trend) -> list[Step]:
    if trend.direction is Direction.UNKNOWN or trend.change is None:
        return []
    percent = f"{abs(trend.change) * 100:,.0f} % {'more' if trend.change >= 0 else 'less'}"
    return [Step("Trend", trend.direction.label, f"{percent} a day in the last {RECENT} days than in the {LONG - RECENT} before them.")]


def _left(case: Case) -> list[Step]:
    left, available = case.plan.days_left, case.standing.available
    if available <= 0:
        return [Step("Runs out", "is out", f"{_amount(case, available)} available.")]
    if left is None or not case.daily:
        return []
    when = f"in {_days(left)}, on {case.today + timedelta(days=left)}"
    return [Step("Runs out", when, f"{_amount(case, available)} available ÷ {_n(case.daily)} a day = {left:,} whole days.")]


def _buying(case: Case) -> list[Step]:
    plan, terms, standing = case.plan, case.terms, case.standing
    if plan.reorder_in is None:
        return []
    daily = case.daily or Decimal(0)
    found = []
    if plan.safety:
        sums = (
            f"{_n(terms.factor)} × {_n(shown(case.rate.deviation))}, by which days differ, × √{terms.lead_days} days = {_n(plan.safety)}."
        )
        found.append(Step("Safety stock", _amount(case, plan.safety), sums))
    lasting = daily * terms.lead_days + plan.safety
    lead = f"{_n(daily)} a day × {_days(terms.lead_days)} ({LEADS[case.lead_from]}) + {_n(plan.safety)} safety stock = {_n(lasting)}."
    if standing.reorder_point is not None and standing.reorder_point >= lasting:
        lead += f" The reorder point that is set, {_n(standing.reorder_point)}, is not below that and holds."
    found.append(Step("Order at", _amount(case, plan.level), lead))
    position = standing.available + standing.on_order
    there = f"{_n(standing.available)} available + {_n(standing.on_order)} on order = {_n(position)}"
    if plan.reorder_in:
        when = f"in {_days(plan.reorder_in)}, on {case.today + timedelta(days=plan.reorder_in)}"
        sums = f"{there}; less {_n(plan.level)} is {_n(position - plan.level)}, which lasts {_days(plan.reorder_in)}."
    else:
        when = "today"
        sums = f"{there}, which is not more than {_n(plan.level)}." if position <= plan.level else f"{there}; a day's sales more than that."
    found.append(Step("Order", when, sums))
    found.append(Step("Quantity", _amount(case, plan.quantity), _quantity(case, daily)))
    return found


def _quantity(case: Case, daily: Decimal) -> str:
    plan, standing = case.plan, case.standing
    selling = daily * case.terms.cover_days
    parts = [f"{_n(daily)} a day × {case.terms.cover_days} days to cover = {_n(selling)}"]
    if plan.missing:
        parts.append(f"{_n(plan.missing)} missing to {_n(plan.level)}")
    told = " + ".join(parts) + (f" = {_n(selling + plan.missing)}" if plan.missing else "") + "."
    if plan.wanted > selling + plan.missing:
        told += f" The reorder quantity that is set, {_n(plan.wanted)}, is more and holds."
    if plan.quantity != plan.wanted:
        told += f" Rounded up to {'whole ' + case.unit_kind if standing.step in (1, FINEST) else 'packs of ' + _n(standing.step)}."
    return told


def _days(count: int) -> str:
    return f"{count:,} {'day' if count == 1 else 'days'}"


def _amount(case: Case, quantity: Decimal) -> str:
    return f"{_n(quantity)} {one_or_many(quantity, case.unit_kind)}"


def _n(quantity: Decimal) -> str:
    return number(plain(quantity))
