"""Forecasts as they are stored: worked out of what is known, and written where they differ."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import models

from alerts import argument
from alerts.argument import Case
from alerts.forecast import Basis, daily, rate, shown, speed
from alerts.forecastreading import Ground, Known, past_of, place_of
from alerts.models import Forecast
from alerts.reordering import Standing, lead_time, plan, step_of
from alerts.trend import LONG
from inventory.dialect import differs, quoted
from inventory.ledger.bulktables import NUMBER, Table, fill, insert, made, rows, run
from inventory.models import UnitKind

LEFT = ("id", "account", "changed_at")
COLUMNS = {column.attname: column for column in Forecast._meta.concrete_fields if column.name not in LEFT}
NEW = Table(
    "forecast_new",
    {name: NUMBER if isinstance(column, models.ForeignKey) else column for name, column in COLUMNS.items()},
)
"""Forecasts as they are from now on."""
MOST_PERCENT = 99_999


def row_of(ground: Ground, product: int, known: Known) -> dict[str, Any]:
    """The forecast of a product, by column."""
    past = past_of(ground, known)
    point = None if known.reorder_point is None else float(known.reorder_point)
    found = rate(past, sales_known=ground.sales_since is not None, reorder_point=point)
    each = daily(found)
    lead_days, lead_from = lead_time(known.lead_days, known.vendor_lead_days, ground.settings.lead_days)
    in_units = known.unit_kind == UnitKind.UNITS
    step = step_of(fractional=known.fractional, counted_in_units=in_units, units_per_pack=known.units_per_pack)
    standing = Standing(known.available, known.on_order, known.reorder_point, known.reorder_quantity, step)
    terms = ground.terms(lead_days)
    planned = plan(each, shown(found.deviation), standing, terms)
    case = Case(past, found, each, planned, standing, terms, lead_from, known.unit_kind, ground.today)
    return {
        "product_id": product,
        "warehouse_id": place_of(ground, known),
        "basis": found.basis.value,
        "daily": each,
        "deviation": shown(found.deviation),
        "velocity_30": None if found.recent is None else shown(found.recent.mean),
        "velocity_90": None if found.long is None else shown(found.long.mean),
        "trend": found.trend.direction.value,
        "trend_percent": None if found.trend.change is None else min(round(found.trend.change * 100), MOST_PERCENT),
        "pattern": found.kind.pattern.value if found.kind else "",
        "speed": speed(found).value,
        "days_out": past.out(LONG),
        "lead_days": lead_days,
        "lead_from": lead_from,
        "available": known.available,
        "on_order": known.on_order,
        "reorder_point": known.reorder_point,
        "reorder_quantity": known.reorder_quantity,
        "days_left": planned.days_left,
        "runs_out_on": _in_days(ground, planned.days_left),
        "order_at": planned.level,
        "reorder_on": _in_days(ground, planned.reorder_in),
        "quantity": planned.quantity,
        "explanation": [step.stored() for step in argument.steps(case)],
    }


def told(row: Mapping[str, Any]) -> Decimal | None:
    """What the supply of a product is told of its demand: an estimate that no sale stands behind makes nothing critical."""
    each: Decimal | None = row["daily"]
    return None if row["basis"] == Basis.REORDER_POINT else each


def _in_days(ground: Ground, days: int | None) -> Any:
    return None if days is None else ground.today + timedelta(days=days)


def store(account_id: int, now: datetime, found: Sequence[Mapping[str, Any]]) -> list[int]:
    """Write the forecasts that differ from what is stored; the ids of their products. Inside a transaction; a constant number of
    statements."""
    if not found:
        return []
    forecast = quoted(Forecast._meta.db_table)
    names = [name for name in COLUMNS if name != "product_id"]
    apart = " OR ".join(differs(f"f.{name}", f"n.{name}") for name in names)
    same = f"SELECT n.product_id FROM {NEW.name} n JOIN {forecast} f ON f.product_id = n.product_id WHERE NOT ({apart})"
    sets = ", ".join(f"{name} = excluded.{name}" for name in (*names, "changed_at"))
    with made(NEW):
        fill(NEW, found)
        # What is the same is no write at all.
        run(f"DELETE FROM {NEW.name} WHERE product_id IN ({same})")
        insert(
            Forecast,
            {name: f"t.{name}" for name in COLUMNS},
            f"FROM {NEW.name} t WHERE TRUE ON CONFLICT (product_id) DO UPDATE SET {sets}",
            account_id=account_id,
            changed_at=now,
        )
        return [product for (product,) in rows(f"SELECT product_id FROM {NEW.name} ORDER BY product_id")]


def forget(account_id: int, product_ids: Collection[int]) -> int:
    """Remove the forecasts of these products; how many there were."""
    if not product_ids:
        return 0
    removed, _ = Forecast.objects.filter(account=account_id, product__in=list(product_ids)).delete()
    return removed
