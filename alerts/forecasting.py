"""Forecasts of an account, worked out and kept up to date (docs/forecast.md)."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import Error, transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.db.models.lookups import IsNull

from accounts.acting import Actor
from accounts.audit import record
from accounts.models import Account
from alerts import forecastrows
from alerts.errors import AlreadyForecasting
from alerts.forecastreading import Ground, Known, ground, pages
from alerts.forecastsettings import settings_of
from alerts.models import Forecast, ForecastSettings
from inventory import moment, supply
from inventory.models import Demand, Product, Supply
from jobs import schedule
from jobs.lease import named
from jobs.queue import enqueue
from sync.models import Status

AT_ONCE = 2_000
"""Products in one transaction."""
OVERLAP = timedelta(minutes=5)
"""Looked at again, as a change may be committed later than its time says."""
TASK = "alerts.forecast"
FOLLOW = "alerts.forecasting.follow"
KEY = "forecast:nightly"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """How many products were looked at, how many forecasts are others now, and how many are gone as nothing is there of them any more."""

    products: int = 0
    changed: int = 0
    removed: int = 0

    @property
    def sentence(self) -> str:
        if not self.products and not self.removed:
            return "No product had changed."
        looked = f"{self.products:,} {'product' if self.products == 1 else 'products'} looked at"
        changed = f"{self.changed:,} {'forecast' if self.changed == 1 else 'forecasts'} changed"
        return f"{looked}, {changed}, {self.removed:,} removed." if self.removed else f"{looked}, {changed}."


def start(actor: Actor) -> Outcome:
    """Work out all forecasts of the account now. Raises NotAllowed, AlreadyForecasting."""
    actor.require("forecast.start")
    found = run(actor.account)
    if found is None:
        raise AlreadyForecasting
    record(actor, entity="Forecast", entity_id="", action="RUN", after={"result": found.sentence})
    return found


def run(account: Account, product_ids: Collection[int] | None = None) -> Outcome | None:
    """Work out the forecasts of these products, of all with None; None where another is at it already.

    Reads and writes for 2,000 products at once, a constant number of statements each and in a transaction of its own; what is the same is
    not written. It can be stopped anywhere and begun again. Outside of a transaction.
    """
    with named(f"forecast:{account.pk}") as held:
        if held is None:
            return None
        now, settings = moment.now(), settings_of(account)
        seen = Demand.objects.filter(account=account).aggregate(newest=Max("id"))["newest"] or 0
        known = ground(account, settings, now)
        outcome = Outcome()
        for page in pages(known, AT_ONCE, product_ids):
            if held.lost:
                return outcome
            outcome = _added(outcome, _page(known, page))
        outcome = _added(outcome, Outcome(removed=_left(account, product_ids)))
        _mark(account, settings, now, seen, full=product_ids is None)
        return outcome


def _left(account: Account, product_ids: Collection[int] | None) -> int:
    """Remove the forecasts of products that are not active any more, or never reordered; how many there were."""
    rows = Forecast.objects.filter(~Exists(Supply.objects.filter(product=OuterRef("product"))), account=account)
    if product_ids is None:
        return rows.delete()[0]
    # In parts: a statement takes only so many parameters.
    wanted = sorted(product_ids)
    return sum(rows.filter(product__in=wanted[start : start + AT_ONCE]).delete()[0] for start in range(0, len(wanted), AT_ONCE))


def _page(known: Ground, page: dict[int, Known]) -> Outcome:
    found = [forecastrows.row_of(known, product, each) for product, each in page.items() if each.matters]
    gone = [product for product, each in page.items() if not each.matters]
    with transaction.atomic():
        changed = forecastrows.store(known.account.pk, known.now, found)
        removed = forecastrows.forget(known.account.pk, gone)
        demand = {row["product_id"]: forecastrows.told(row) for row in found}
        supply.set_demand(known.account.pk, {**dict.fromkeys(gone), **demand})
    return Outcome(len(page), len(changed), removed)


def _added(one: Outcome, other: Outcome) -> Outcome:
    return Outcome(one.products + other.products, one.changed + other.changed, one.removed + other.removed)


def _mark(account: Account, settings: ForecastSettings, now: datetime, seen: int, *, full: bool) -> None:
    """Remember how far it came; not where the settings were changed meanwhile, as all is to be worked out anew then."""
    ForecastSettings.objects.bulk_create([ForecastSettings(account=account)], ignore_conflicts=True)
    # Made once and never again: its owner may have set it otherwise.
    schedule.install(account, KEY, "Forecast what sells", TASK, cron="0 4 * * *")
    values = {"ran_at": now, "demand_seen": seen, **({"full_at": now} if full else {})}
    same = Q(ran_at__isnull=True) if settings.ran_at is None else Q(ran_at=settings.ran_at)
    ForecastSettings.objects.filter(same, account=account).update(**values)


def changed(account: Account) -> list[int] | None:
    """The ids of products whose forecast was worked out of something else than what is there now; None where all are meant.

    Sales show in the supply of what is kept here, or come as lines of demand. Four statements.
    """
    settings = settings_of(account)
    if settings.ran_at is None:
        return None
    since = settings.ran_at - OVERLAP
    own = Forecast.objects.filter(product=OuterRef("product"))
    same = own.filter(
        available=OuterRef("available"),
        on_order=OuterRef("on_order"),
    ).filter(_alike("reorder_point"), _alike("reorder_quantity"))
    nothing = Q(on_hand=0, available=0, on_order=0, reorder_point__isnull=True)
    stands = Supply.objects.filter(account=account, changed_at__gt=since).exclude(Exists(same)).exclude(nothing & ~Exists(own))
    edited = Product.objects.filter(account=account, updated_at__gt=since)
    told = Demand.objects.filter(account=account, pk__gt=settings.demand_seen)
    return sorted(
        {
            *stands.order_by().values_list("product", flat=True),
            *edited.order_by().values_list("pk", flat=True),
            *told.order_by().values_list("product", flat=True),
        }
    )


def _alike(name: str) -> Q:
    """The same as of the supply; null is like null."""
    return Q(**{name: OuterRef(name)}) | (Q(**{f"{name}__isnull": True}) & Q(IsNull(OuterRef(name), True)))


def follow(account_id: int) -> str:
    """Work out the forecasts of what changed since the last time; a sentence about it. Safe at any time."""
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        return "The business account is gone."
    found = changed(account)
    if found == []:
        return Outcome().sentence
    outcome = run(account, found)
    return "Another is at it." if outcome is None else outcome.sentence


def on_run_closed(*, account_id: int, status: str, **_signal: Any) -> None:
    """Receiver of sync.signals.run_closed: what a sync brought is in the forecasts at once."""
    if status in (Status.SUCCEEDED, Status.PARTIAL):
        enqueue(FOLLOW, account_id)


def tick() -> None:
    """Every minute: sales that were entered here, and whatever else changed, find their way into the forecasts."""
    for account in Account.objects.filter(Exists(Supply.objects.filter(account=OuterRef("pk")))).order_by("pk"):
        try:
            if changed(account) != []:
                enqueue(FOLLOW, account.pk)
        except Error:
            log.exception("Forecasts of business account %s could not follow.", account.pk)


def scheduled(account: Account) -> str:
    """What the nightly schedule does. A sentence about it."""
    outcome = run(account)
    return "Another is at it." if outcome is None else outcome.sentence


def declare() -> None:
    """Let schedules name the nightly task, and have the tick look for changes."""
    schedule.declare(TASK, "alerts.forecasting.scheduled")
    schedule.every_tick("alerts.forecasting.tick")
