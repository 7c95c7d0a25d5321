"""A worker that is killed (-9) anywhere in a run leaves nothing half done, and another finishes the run."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from django_q.models import OrmQ

from inventory.models import Load, LoadUnit, Unit
from sync import clock, runs
from sync.models import Status, SyncChange, SyncRun, Trigger
from tests.jobs.conftest import wait_until
from tests.sync.ge import files
from tests.sync.ge.crash import POINTS
from tests.sync.ge.shop import Shop, make_shop, types
from tests.sync.killing import work_and_die

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> Shop:
    """A shop on the morning of its second day."""
    shop = make_shop()
    shop.bring(files.day_one())
    shop.sync()
    shop.bring(files.next_day())
    return shop


def died(point: str, run: SyncRun, folder: Path) -> None:
    """Another process works on the run and is killed; its lease is short."""
    work_and_die("tests.sync.ge.crash", point, run, folder, RUN_LEASE_SECONDS="1")


def stored() -> list[object]:
    """Everything a sync writes about stock."""
    rows: list[object] = []
    for model in (Unit, Load, LoadUnit):
        rows += model._default_manager.order_by("pk").values_list()
    return rows


@pytest.mark.parametrize("point", sorted(POINTS))
def test_killed_run_is_finished_by_another_worker(shop: Shop, point: str, tmp_path: Path) -> None:
    before = stored()
    run = runs.start(shop.owner, shop.connection, "inventory", trigger=Trigger.BUTTON)
    died(point, run, tmp_path)
    assert stored() == before
    assert not SyncChange.objects.filter(run=run).exists()
    wait_until("the lease has run out", lambda: "is done" in runs.execute(run.pk))
    run.refresh_from_db()
    assert (run.status, run.attempt) == (Status.SUCCEEDED, 2)
    assert (run.changes_logged, types(run)["item_migrated"]) == (16, 4)
    assert SyncChange.objects.filter(run=run).count() == 16
    assert shop.sync().changes_logged == 0


def test_sweep_finds_the_run_of_a_killed_worker(shop: Shop, tmp_path: Path) -> None:
    run = runs.start(shop.owner, shop.connection, "inventory", trigger=Trigger.BUTTON)
    died("apply", run, tmp_path)
    OrmQ.objects.all().delete()
    time.sleep(1.1)
    clock.sweep()
    assert OrmQ.objects.count() == 1
