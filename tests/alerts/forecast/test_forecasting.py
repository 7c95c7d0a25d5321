"""Forecasts of an account: what is read, what is written, and when again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.errors import NotAllowed
from accounts.models import Account, AuditLog
from accounts.roles import Role
from alerts import forecasting
from alerts.errors import AlreadyForecasting
from alerts.forecastsettings import edit_settings, settings_of
from alerts.models import Forecast, ForecastSettings
from inventory.models import Level, Product, Supply, Warehouse
from jobs import lease
from jobs.models import Schedule
from sync.models import SyncRun
from sync.signals import run_closed
from tests.alerts.forecast.build import ago, make_stocked, make_vendor, sell, stand
from tests.build import make_account, make_actor
from tests.inventory.build import make_warehouse
from tests.inventory.stock import make_movement, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lease needs no thread that keeps it."""
    monkeypatch.setattr(lease.Hold, "_beat", lambda self: None)


@pytest.fixture(scope="module")
def account(of_module: Callable[[], AbstractContextManager[None]]) -> Iterator[Account]:
    with of_module():
        account = make_account()
        place = make_warehouse(account)
        vendor = make_vendor(account, lead_time_days=14)
        steady = make_stocked(account, place, "STEADY", 52, vendor=vendor)
        sell(steady, place, dict.fromkeys(range(2, 181, 2), 1))
        seldom = make_stocked(account, place, "SELDOM", 3, vendor=vendor, units_per_pack=12)
        sell(seldom, place, dict.fromkeys(range(28, 181, 28), 2))
        make_stocked(account, place, "DEAD", 40)
        make_stocked(account, place, "POINT", 0, reorder_point=28)
        make_stocked(account, place, "NEW", 5, since=2, created_at=ago(2))
        make_stocked(account, place, "GONE", 7, active=False)
        make_product(account, "NOTHING", unit_kind="units")
        stand(account)
        yield account


@pytest.fixture
def place(account: Account) -> Warehouse:
    return Warehouse.objects.get(account=account)


def forecasts(account: Account) -> dict[str, Forecast]:
    return {row.product.sku: row for row in Forecast.objects.filter(account=account).select_related("product")}


def sums(forecast: Forecast) -> dict[str, str]:
    return {step["name"]: step["sum"] for step in forecast.explanation}


def test_products_that_matter_have_a_forecast(account: Account, place: Warehouse) -> None:
    outcome = forecasting.run(account)
    assert outcome == forecasting.Outcome(products=6, changed=5)
    found = forecasts(account)
    assert set(found) == {"STEADY", "SELDOM", "DEAD", "POINT", "NEW"}
    assert {row.warehouse for row in found.values()} == {place}


def test_even_demand(account: Account) -> None:
    """15 in the last 30 days, 45 in 90: 0.5 a day. Days of 0 and 1 in turn differ by 0.5: 1.645 × 0.5 × √14 = 3.078 to be safe.

    0.5 × 14 + 3.078 = 10.078; 52 − 10.078 lasts 83 days. 45 days sell 22.5.
    """
    forecasting.run(account)
    row, today = forecasts(account)["STEADY"], timezone.now().date()
    assert (row.basis, row.daily, row.velocity_30, row.velocity_90) == ("velocity", Decimal("0.5"), Decimal("0.5"), Decimal("0.5"))
    assert (row.pattern, row.trend, row.trend_percent, row.speed) == ("smooth", "stable", 0, "medium")
    assert (row.deviation, row.order_at) == (Decimal("0.5"), Decimal("10.078"))
    assert (row.lead_days, row.lead_from) == (14, "vendor")
    assert (row.days_left, row.runs_out_on) == (104, today + timedelta(days=104))
    assert (row.reorder_on, row.quantity) == (today + timedelta(days=83), 23)
    assert sums(row)["Runs out"] == "52 units available ÷ 0.5 a day = 104 whole days."


def test_demand_now_and_then_is_bought_in_packs(account: Account) -> None:
    """Two every fourth week; TSB ends near a quarter of two in a week. Rounded up to packs of 12."""
    forecasting.run(account)
    row = forecasts(account)["SELDOM"]
    assert (row.basis, row.pattern, row.speed) == ("intermittent", "intermittent", "slow")
    assert Decimal("0.05") < row.daily < Decimal("0.09")
    assert row.quantity == 12


def test_what_no_sale_stands_behind(account: Account) -> None:
    forecasting.run(account)
    found = forecasts(account)
    assert (found["DEAD"].basis, found["DEAD"].daily, found["DEAD"].days_left) == ("no_sales", 0, None)
    assert (found["DEAD"].speed, found["DEAD"].reorder_on) == ("dead", None)
    assert (found["NEW"].basis, found["NEW"].daily) == ("unknown", None)
    # Never in stock as far as is known, so no sale could show: its point is the only thing known.
    assert (found["POINT"].basis, found["POINT"].daily, found["POINT"].reorder_on) == ("reorder_point", 2, timezone.now().date())


def test_supply_is_told_of_demand_but_not_of_estimates(account: Account) -> None:
    forecasting.run(account)
    told = dict(Supply.objects.filter(account=account).values_list("product__sku", "daily_demand"))
    assert told["STEADY"] == Decimal("0.5")
    assert (told["DEAD"], told["POINT"], told["NEW"], told["NOTHING"]) == (0, None, None, None)
    assert Supply.objects.get(product__sku="STEADY").days_left == 104


def test_days_without_stock_are_read_from_the_movements(account: Account, place: Warehouse) -> None:
    """One a day, out for 20 days of the last 30: 10 in 10 days."""
    product = make_stocked(account, place, "OUT", 30)
    sell(product, place, {days: 1 for days in range(1, 121) if not 6 <= days <= 25})
    make_movement(product, place, -30, 0, kind="snapshot", unit_kind="units", booked_at=ago(26))
    make_movement(product, place, 30, 30, kind="snapshot", unit_kind="units", booked_at=ago(5))
    stand(account)
    forecasting.run(account, [product.pk])
    row = Forecast.objects.get(product=product)
    assert (row.velocity_30, row.velocity_90, row.days_out) == (1, 1, 20)
    assert "20 days of the last 90 without stock are left out." in sums(row)["Demand"]


def test_a_second_warehouse_with_stock_keeps_a_product_in_stock(account: Account, place: Warehouse) -> None:
    product = make_stocked(account, place, "TWO", 0)
    other = make_warehouse(account, "8RY")
    Level.objects.create(account=account, product=product, warehouse=other, ledger=False, units=9, changed_at=ago(150))
    make_movement(product, other, 9, 9, kind="snapshot", unit_kind="units", booked_at=ago(150))
    sell(product, other, dict.fromkeys(range(1, 91, 3), 1))
    stand(account)
    forecasting.run(account, [product.pk])
    row = Forecast.objects.get(product=product)
    assert (row.days_out, row.warehouse) == (0, other)


def test_a_new_product_counts_from_the_day_it_came(account: Account, place: Warehouse) -> None:
    """It came 10 days ago and has sold two a day since: not 20 in 30 days. The day it came on counts."""
    product = make_stocked(account, place, "CAME", 30, since=10)
    sell(product, place, dict.fromkeys(range(1, 11), 2))
    stand(account)
    forecasting.run(account, [product.pk])
    row = Forecast.objects.get(product=product)
    assert (row.velocity_30, row.velocity_90) == (2, 2)


def test_sales_from_before_it_was_known_here_are_over_all_days(account: Account, place: Warehouse) -> None:
    """The first sync was yesterday, and told of 15 shipped in the last 30 days."""
    product = make_stocked(account, place, "TOLD", 52, since=1)
    sell(product, place, {16: 6, 9: 9})
    stand(account)
    forecasting.run(account, [product.pk])
    assert Forecast.objects.get(product=product).velocity_30 == Decimal("0.5")


def test_what_is_the_same_is_not_written_again(account: Account) -> None:
    forecasting.run(account)
    before = dict(Forecast.objects.values_list("product", "changed_at"))
    assert forecasting.run(account) == forecasting.Outcome(products=6, changed=0)
    assert dict(Forecast.objects.values_list("product", "changed_at")) == before


def test_a_product_that_is_not_active_any_more_has_none(account: Account) -> None:
    forecasting.run(account)
    Product.objects.update(updated_at=ago(1))
    Product.objects.filter(sku="STEADY").update(active=False, updated_at=timezone.now())
    stand(account)
    assert forecasting.follow(account.pk) == "0 products looked at, 0 forecasts changed, 1 removed."
    assert "STEADY" not in forecasts(account)


def test_only_what_changed_is_worked_out_again(account: Account, place: Warehouse) -> None:
    Product.objects.update(updated_at=ago(1))
    assert forecasting.changed(account) is None
    forecasting.run(account)
    assert forecasting.changed(account) == []
    steady = Product.objects.get(sku="STEADY")
    Level.objects.filter(product=steady).update(units=20)
    sell(Product.objects.get(sku="DEAD"), place, {1: 4})
    stand(account)
    assert forecasting.changed(account) == sorted(Product.objects.filter(sku__in=("STEADY", "DEAD")).values_list("pk", flat=True))
    assert forecasting.follow(account.pk) == "2 products looked at, 2 forecasts changed."
    assert forecasts(account)["STEADY"].days_left == 40
    assert forecasting.changed(account) == []
    assert forecasting.follow(account.pk) == "No product had changed."


def test_as_many_statements_for_ten_products_as_for_two(account: Account, place: Warehouse) -> None:
    forecasting.run(account)

    def statements(ids: list[int]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            forecasting.run(account, ids)
        return len(caught)

    few = list(Product.objects.filter(sku__in=("STEADY", "SELDOM")).values_list("pk", flat=True))
    for number in range(8):
        sell(make_stocked(account, place, f"MORE{number}", 20), place, dict.fromkeys(range(1, 60, number + 1), 1))
    stand(account)
    many = few + list(Product.objects.filter(sku__startswith="MORE").values_list("pk", flat=True))
    forecasting.run(account, many)
    Level.objects.update(units=11)
    stand(account)
    both = statements(few), statements(many)
    assert both[0] == both[1] <= 45


def test_more_products_than_a_statement_takes_parameters(account: Account) -> None:
    one = Product.objects.get(account=account, sku="STEADY")
    found = forecasting.run(account, [one.pk, *range(10_000_000, 10_300_000)])
    assert found is not None
    assert found.products == 1


def test_one_at_a_time(account: Account) -> None:
    with lease.named(f"forecast:{account.pk}"):
        assert forecasting.run(account) is None
        with pytest.raises(AlreadyForecasting):
            forecasting.start(make_actor(account, Role.STAFF))


def test_by_hand_it_is_audited_and_not_for_viewers(account: Account) -> None:
    with pytest.raises(NotAllowed):
        forecasting.start(make_actor(account, Role.VIEWER))
    forecasting.start(make_actor(account, Role.STAFF))
    assert AuditLog.objects.get(entity="Forecast", action="RUN").after == {"result": "6 products looked at, 5 forecasts changed."}


def test_other_accounts_are_left_alone(account: Account) -> None:
    other = make_account("8RY")
    place = make_warehouse(other)
    make_stocked(other, place, "THEIRS", 5)
    stand(other)
    forecasting.run(account)
    assert not Forecast.objects.filter(account=other).exists()


def test_changed_settings_count_for_all_at_the_next_look(account: Account) -> None:
    forecasting.run(account)
    edit_settings(make_actor(account, Role.MANAGER), cover_days=90)
    assert forecasting.changed(account) is None
    forecasting.follow(account.pk)
    assert forecasts(account)["STEADY"].quantity == 45
    assert AuditLog.objects.get(entity="ForecastSettings").after["cover_days"] == 90


@pytest.mark.parametrize(
    ("given", "field"), [({"cover_days": 0}, "cover_days"), ({"service_percent": 100}, "service_percent"), ({"ran_at": None}, "ran_at")]
)
def test_settings_that_make_no_sense_are_refused(account: Account, given: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        edit_settings(make_actor(account, Role.MANAGER), **given)
    assert list(caught.value.message_dict) == [field]
    assert not ForecastSettings.objects.exists()
    with pytest.raises(NotAllowed):
        edit_settings(make_actor(account, Role.STAFF), cover_days=30)
    assert settings_of(account).cover_days == 45


def test_a_sync_that_brought_something_and_each_minute_wake_a_worker(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[tuple[str, int]] = []
    monkeypatch.setattr(forecasting, "enqueue", lambda task, *given: woken.append((task, *given)))
    wake = (forecasting.FOLLOW, account.pk)
    for status in ("succeeded", "failed", "partial"):
        forecasting.on_run_closed(account_id=account.pk, status=status)
    assert woken == [wake, wake]
    assert forecasting.on_run_closed in run_closed._live_receivers(SyncRun)[0]
    woken.clear()
    forecasting.tick()
    assert woken == [wake]
    forecasting.run(account)
    Product.objects.update(updated_at=ago(1))
    woken.clear()
    forecasting.tick()
    assert woken == []


def test_with_its_first_forecasts_an_account_gets_the_nightly_schedule(account: Account) -> None:
    forecasting.run(account)
    row = Schedule.objects.get(account=account, key=forecasting.KEY)
    assert (row.cron, row.task, row.enabled) == ("0 4 * * *", forecasting.TASK, True)
    Schedule.objects.filter(pk=row.pk).update(enabled=False)
    forecasting.run(account)
    assert not Schedule.objects.get(pk=row.pk).enabled
    assert forecasting.scheduled(account) == "6 products looked at, 0 forecasts changed."
