"""A level that is set right again and again is told: corrections hide bugs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.append_only import maintenance
from inventory import signals
from inventory.ledger.counters import Key
from inventory.models import Cause, Movement, StockSettings
from inventory.offenders import offenders
from inventory.reconcile import reconcile
from tests.inventory.reconcile.build import Store, off_by, passed


@pytest.fixture
def told() -> Any:
    heard: list[dict[str, Any]] = []

    def hear(sender: Any, signal: Any, **about: Any) -> None:
        heard.append(about)

    signals.drift_found_often.connect(hear)
    yield heard
    signals.drift_found_often.disconnect(hear)


def drift(store: Store, times: int) -> None:
    for _ in range(times):
        off_by(store.tea, store.place, 1)
        reconcile(store.actor, [store.key], Cause.MANUAL)


def test_the_third_correction_within_a_week_is_told_with_its_causes(store: Store, told: Any) -> None:
    store.stock(10)
    drift(store, 2)
    assert (told, offenders(store.account)) == ([], [])
    off_by(store.tea, store.place, 1)
    passed(store)
    where = {"account_id": store.account.pk, "product_id": store.tea.pk, "warehouse_id": store.place.pk}
    assert told == [{**where, "times": 3, "causes": ["manual", "scheduled_cron"]}]
    [offender] = offenders(store.account)
    assert (offender.key, offender.times, offender.causes) == (Key(store.tea.pk, store.place.pk), 3, ("manual", "scheduled_cron"))


def test_corrections_of_long_ago_do_not_count(store: Store, told: Any) -> None:
    store.stock(10)
    drift(store, 2)
    with maintenance("a test"):
        Movement.objects.update(booked_at=timezone.now() - timedelta(days=8))
    drift(store, 1)
    assert told == []


def test_one_correction_of_all_three_kinds_counts_once(store: Store, told: Any) -> None:
    store.stock(10)
    level = store.level()
    level.packs, level.units, level.pallets = 11, 1, 1
    level.save()
    reconcile(store.actor, [store.key], Cause.MANUAL)
    assert Movement.objects.count() == 3
    assert told == []


def test_how_often_is_the_accounts_own(store: Store, told: Any) -> None:
    StockSettings.objects.create(account=store.account, offender_times=1)
    store.stock(10)
    drift(store, 1)
    assert [each["times"] for each in told] == [1]
