"""A run can be stopped until it writes."""

from __future__ import annotations

import pytest

from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from sync import runs
from sync.models import Status
from tests.sync.engine.shelf import NOW, Keeper, make_keeper, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper() -> Keeper:
    put(("A1", "FG", "Free", ""))
    return make_keeper()


def test_a_waiting_run_is_cancelled_at_once(keeper: Keeper) -> None:
    run = runs.cancel(keeper.owner, keeper.start())
    assert (run.status, run.message) == (Status.CANCELLED, "Cancelled by Mara; nothing was written.")
    keeper.work(run)
    assert keeper.stock() == {}


def test_a_running_one_stops_before_it_writes(keeper: Keeper) -> None:
    run = keeper.start()
    NOW.also = lambda: runs.cancel(keeper.owner, run) and None
    keeper.work(run)
    assert (run.status, run.message) == (Status.CANCELLED, "Cancelled by Mara; nothing was written.")
    assert run.lease_until is None
    assert run.finished_at is not None
    assert keeper.stock() == {}


def test_a_run_that_is_over_can_not_be_cancelled(keeper: Keeper) -> None:
    run = keeper.sync()
    with pytest.raises(runs.NotCancellable):
        runs.cancel(keeper.owner, run)


def test_a_viewer_cancels_nothing(keeper: Keeper) -> None:
    run = keeper.start()
    with pytest.raises(NotAllowed):
        runs.cancel(keeper.actor(Role.VIEWER), run)


def test_cancelling_is_audited(keeper: Keeper) -> None:
    run = runs.cancel(keeper.owner, keeper.start())
    assert AuditLog.objects.get(action="CANCEL").entity_id == str(run.pk)


def test_after_a_cancelled_run_another_may_start(keeper: Keeper) -> None:
    runs.cancel(keeper.owner, keeper.start())
    assert keeper.sync().status == Status.SUCCEEDED
