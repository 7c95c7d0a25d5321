"""Each invariant of the drill notices what it is there for."""

from __future__ import annotations

import pytest

from bench.invariants import violations
from inventory.models import Unit
from sync.models import RunFeed, Status, SyncChange, SyncRun
from tests.sync.ge import files
from tests.sync.ge.shop import make_shop


@pytest.fixture
def run(db: None) -> SyncRun:
    shop = make_shop()
    shop.bring(files.day_one())
    return shop.sync()


def broken(run: SyncRun) -> set[str]:
    run.refresh_from_db()
    return {name for name, wrong in violations(run).items() if wrong}


def test_healthy_shop_breaks_none(run: SyncRun) -> None:
    assert run.status == Status.SUCCEEDED
    assert broken(run) == set()


def test_row_that_was_changed_past_the_log_is_noticed(run: SyncRun) -> None:
    unit = Unit.objects.filter(bucket="FG", serial_key__isnull=False).first()
    assert unit is not None
    Unit.objects.filter(pk=unit.pk).update(status="Lost")
    assert broken(run) == {"the log played back is the store"}


def test_lost_change_row_is_noticed(run: SyncRun) -> None:
    last = SyncChange.objects.filter(run=run, entity="load").latest("seq")
    SyncChange.objects.filter(pk=last.pk).delete()
    assert broken(run) == {"the log played back is the store", "all change rows of a run, or none"}


def test_unit_that_vanished_is_noticed(run: SyncRun) -> None:
    Unit.objects.filter(serial_key="ZZ900001").delete()
    assert broken(run) == {"the log played back is the store", "counters add up"}


def test_removal_by_a_list_that_could_not_be_believed_is_noticed(run: SyncRun) -> None:
    RunFeed.objects.filter(run=run, feed="stock:STA").update(verdict="invalid", document=None)
    RunFeed.objects.filter(run=run).update(document=None)
    change = SyncChange.objects.filter(run=run, entity="unit").latest("seq")
    SyncChange.objects.filter(pk=change.pk).update(type="item_disappeared")
    assert "nothing gone without proof" in broken(run)


def test_run_that_never_ended_is_noticed(run: SyncRun) -> None:
    SyncRun.objects.filter(pk=run.pk).update(status=Status.RUNNING)
    assert broken(run) == {"no run is stuck"}


def test_other_shops_are_not_looked_at(run: SyncRun) -> None:
    other = make_shop("8QX")
    other.bring(files.day_one())
    theirs = other.sync()
    Unit.objects.filter(warehouse=other.connection.warehouse).update(status="Lost")
    assert broken(theirs)
    assert broken(run) == set()
