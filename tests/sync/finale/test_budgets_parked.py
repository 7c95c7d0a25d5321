"""A run that has spent the hour's lists is put down with the moment from which it goes on, and reads nothing twice then."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import Account
from inventory.models import Product
from sync import runs
from sync.models import Status
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import begin, later, on_hand, synced, work
from tests.sync.finale.worlds import START, young

pytestmark = pytest.mark.django_db


def test_run_is_put_down_and_taken_up_where_it_was(account: Account, finale: FinaleStandIn) -> None:
    finale.have(young(12))
    finale.turn_on("cut", feeds="products", size=8)
    connection = finale_connection(
        account, finale, cut_rows=8, hard_cut=8, start=START, collections_hour=9, reserved_hour=3, get_minute=1000
    )
    run = work(begin(connection))
    assert (run.status, run.slices) == (Status.QUEUED, 1), run.message
    assert "collections_hour" in run.message
    assert run.resume_at is not None
    assert run.resume_at > timezone.now()
    assert finale.calls() == 6
    # Not before its time, whoever comes.
    runs.execute(run.pk)
    assert finale.calls() == 6
    # What is kept for stock is there for it.
    finale.world.set_stock("SOIL-25", 44)
    synced(connection, "inventory")
    connection.settings = {**connection.settings, "collections_hour": 1000}
    connection.save()
    run = later(run)
    assert run.status == Status.SUCCEEDED, run.message
    assert Product.objects.count() == 16
    assert on_hand()["SOIL-25"] == 56
    windows = [tuple(asked["lastUpdatedDate"]) for asked in finale.asked("products") if asked]
    assert len(windows) == len(set(windows))
    assert finale.asked("products").count({}) == 1


def test_spent_hour_of_finales_own_parks_too(account: Account, finale: FinaleStandIn) -> None:
    connection = finale_connection(account, finale)
    finale.turn_on("over_budget", feeds="products", column="collections_hour", seconds=1800)
    run = work(begin(connection))
    assert (run.status, run.slices) == (Status.QUEUED, 1), run.message
    assert run.resume_at is not None
    assert 1700 < (run.resume_at - timezone.now()).total_seconds() < 1900
    finale.clear()
    run = later(run)
    assert run.status == Status.SUCCEEDED, run.message
    # Suppliers and locations had been read before.
    assert (finale.calls("vendors"), finale.calls("places")) == (1, 1)
