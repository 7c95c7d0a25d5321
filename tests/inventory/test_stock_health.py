from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account
from inventory import integrity, stockhealth
from inventory.models import DirtyKey, Drift, Level, Reconciliation
from jobs.health import Check
from tests.build import make_account
from tests.inventory.integrity.breaking import by_hand
from tests.inventory.ledger.build import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.buy(10)
    shop.sell(4)
    return shop


def said(account: Account, name: str) -> tuple[str, str]:
    (check,) = [check for check in stockhealth.examine(account) if check.name == name]
    return check.state.value, check.sentence


def a_pass(shop: Shop, status: str = "succeeded", *, minutes: int = 1, **values: Any) -> Reconciliation:
    at = timezone.now() - timedelta(minutes=minutes)
    given = {
        "cause": "scheduled_cron",
        "asked_by": "Schedule",
        "queued_at": at,
        "finished_at": at,
        "message": "Nothing differed.",
        **values,
    }
    return Reconciliation.objects.create(account=shop.account, status=status, **given)


def test_an_account_without_a_ledger_hears_nothing_of_stock() -> None:
    assert list(stockhealth.examine(make_account("Other"))) == []
    assert list(stockhealth.examine(None)) == []


def test_all_that_is_looked_at_has_a_name(shop: Shop) -> None:
    names = [check.name for check in stockhealth.examine(shop.account)]
    assert names == [f"stock {each}" for each in ("reconcile", "drifts", "hooks", "audit", "quarantine", "integrity")]


def test_the_last_pass_says_how_it_went(shop: Shop) -> None:
    assert said(shop.account, "stock reconcile")[0] == "warn"
    a_pass(shop)
    assert said(shop.account, "stock reconcile") == ("ok", "The last pass: Nothing differed.")
    a_pass(shop, "needs_review", message="It would correct 40 levels.")
    assert said(shop.account, "stock reconcile") == ("warn", "The last pass: It would correct 40 levels.")
    a_pass(shop, "failed", message="The database was gone.")
    assert said(shop.account, "stock reconcile") == ("bad", "The last pass: The database was gone.")


def test_a_pass_that_does_not_come_is_overdue(shop: Shop) -> None:
    a_pass(shop, minutes=40)
    assert said(shop.account, "stock reconcile") == ("warn", "The last pass over all levels was 40 minutes ago.")


def test_a_pass_of_one_product_is_no_pass_over_everything(shop: Shop) -> None:
    a_pass(shop, product=shop.tea)
    assert said(shop.account, "stock reconcile")[0] == "warn"


def test_differences_that_wait_for_a_manager_are_counted(shop: Shop) -> None:
    DirtyKey.objects.all().delete()
    assert said(shop.account, "stock drifts")[0] == "ok"
    review = a_pass(shop, "needs_review")
    Drift.objects.create(
        account=shop.account, reconciliation=review, product=shop.tea, warehouse=shop.place, drift_class="MISMATCH", outcome="found"
    )
    assert said(shop.account, "stock drifts") == ("warn", "1 difference waits for a manager to approve or discard.")


def test_keys_that_nobody_looks_at_are_told(shop: Shop) -> None:
    assert said(shop.account, "stock drifts")[0] == "ok"
    DirtyKey.objects.update(noted_at=timezone.now() - timedelta(minutes=20))
    assert said(shop.account, "stock drifts")[0] == "warn"


def test_expiries_that_nobody_books_are_told(shop: Shop) -> None:
    by_hand("UPDATE inventory_batch SET expires_at = %s", timezone.now() - timedelta(hours=2))
    assert said(shop.account, "stock drifts") == ("warn", "1 batch has expired and not been taken out of the counters yet.")


def test_what_a_booking_found_wrong_is_told(shop: Shop) -> None:
    assert said(shop.account, "stock hooks")[0] == "ok"
    by_hand("UPDATE inventory_level SET packs = 99000, units = 1000")
    shop.sell(1)
    assert said(shop.account, "stock hooks") == ("warn", "2 counters were found wrong by a booking in the last 24 hours, and set right.")


def test_a_movement_without_a_trail_is_bad(shop: Shop) -> None:
    assert said(shop.account, "stock audit")[0] == "ok"
    by_hand("UPDATE inventory_movement SET correlation = %s WHERE kind = 'sale'", "0" * 32)
    assert said(shop.account, "stock audit") == ("bad", "1 movement has no row in the audit log.")


def test_quarantine_is_bad(shop: Shop) -> None:
    Level.objects.update(quarantined_at=timezone.now(), quarantine_reason="Batch 1 does not add up.")
    assert said(shop.account, "stock quarantine")[0] == "bad"


def test_the_last_report_is_told_with_its_age(shop: Shop) -> None:
    assert said(shop.account, "stock integrity") == ("warn", "The invariants have not been checked yet.")
    report = integrity.check(shop.actor)
    assert said(shop.account, "stock integrity") == ("ok", "All invariants hold.")
    report.finished_at -= timedelta(days=2)
    report.save()
    assert said(shop.account, "stock integrity")[0] == "warn"
    by_hand("UPDATE inventory_level SET packs = 0")
    integrity.check(shop.actor)
    assert said(shop.account, "stock integrity") == ("bad", "2 things break an invariant: I1 1, I11 1.")


def test_looking_takes_few_statements(shop: Shop, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(12):
        found = list(stockhealth.examine(shop.account))
    assert all(isinstance(check, Check) for check in found)
