"""An older list of stock never takes the place of a newer one."""

from __future__ import annotations

import pytest

from accounts.models import Account
from jobs import lease
from sync.models import Connection, FeedState, Status
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import begin, later, on_hand, sync, synced, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(account: Account, finale: FinaleStandIn) -> Connection:
    connection = finale_connection(account, finale)
    synced(connection)
    return connection


def test_full_that_was_put_down_reads_stock_again_after_an_inventory_run(
    connection: Connection, finale: FinaleStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    finale.world.restock("PERLITE-4CF", 10)
    finale.world.edit_product("SOIL-25", internalName="Soil")
    run = begin(connection)
    with monkeypatch.context() as patch:
        # Time is up when the first of the tables is written: stock has been read by then.
        patch.setattr("sync.engine.job.Job.slice_over", property(lambda job: job.run.phase == "saving" and bool(job.run.changes_logged)))
        patch.setattr("django.conf.settings.RUN_CHUNK_ROWS", 1)
        run = work(run)
    assert (run.status, run.slices) == (Status.QUEUED, 1), run.message
    finale.world.sell_out("PERLITE-4CF")
    finale.world.restock("TRAY 10/20", 2)
    synced(connection, "inventory")
    run = later(run)
    assert run.status == Status.SUCCEEDED, run.message
    assert on_hand() == {"SOIL-25": 52, "TRAY 10/20": 2, "OLD-KIT": 2}
    assert FeedState.objects.get(feed="stock").run_id == run.pk


def test_two_runs_are_not_at_the_same_stock(connection: Connection, finale: FinaleStandIn) -> None:
    finale.world.sell_out("OLD-KIT")
    with lease.named(f"finale stock {connection.pk}") as held:
        assert held is not None
        run = sync(connection, "inventory")
        # It waits for the other one, instead of failing.
        assert (run.status, finale.calls("stock")) == (Status.QUEUED, 1)
        assert "is at the stock" in run.message
    assert later(run).status == Status.SUCCEEDED
    assert "OLD-KIT" not in on_hand()
