"""A counter is made wrong behind the application's back, while a real worker runs: by the clock it is right again, and by the button."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditLog
from accounts.roles import Role
from inventory.models import DirtyKey, Level
from jobs import schedule
from jobs.models import Schedule
from tests.build import make_member
from tests.inventory.ledger.build import Shop
from tests.jobs.conftest import Worker
from tests.journeys.conftest import Visitor

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 60.0


@pytest.fixture
def shop(start_worker: Callable[..., Worker], transactional_db: None) -> Shop:
    shop = Shop()
    shop.buy(20)
    # The minute pass has been at it since.
    DirtyKey.objects.all().delete()
    start_worker().wait_for_beats()
    return shop


def type_sql(shop: Shop) -> None:
    """Five packs too many."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE inventory_level SET packs = packs + 5000")
    assert shop.packs == 25


def corrected(shop: Shop) -> AuditLog:
    """The audit row of the correction, once the worker has made it."""
    deadline = time.monotonic() + PATIENCE
    while Level.objects.get().packs != 20:
        assert time.monotonic() < deadline, "the counter was not set right"
        time.sleep(0.1)
    return AuditLog.objects.get(action="AUTO_SYNC_CORRECTION")


def test_five_minute_schedule_sets_it_right(shop: Shop) -> None:
    type_sql(shop)
    # The five minutes are over.
    Schedule.objects.filter(key="stock:reconcile").update(next_due_at=timezone.now())
    schedule.tick()
    row = corrected(shop)
    assert (row.cause, row.actor) == ("scheduled_cron", None)
    assert row.before is not None
    assert row.after is not None
    assert (row.before["packs"], row.after["packs"], row.after["difference"]["packs"]) == (25, 20, -5)


def test_button_sets_it_right(shop: Shop, enter: Callable[..., Visitor]) -> None:
    make_member(shop.account, Role.STAFF, "staff")
    staff = enter("staff")
    # The clock, too, would set it right, if its five minutes were over now.
    Schedule.objects.filter(key="stock:reconcile").update(enabled=False)
    type_sql(shop)
    staff.go(reverse("admin:inventory_reconciliation_changelist"))
    staff.choose("Reconcile now")
    assert corrected(shop).cause == "manual"
    staff.reads("1 of 1 levels differed: 1 set right.")
