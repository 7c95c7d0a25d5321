"""A full sync whose worker is killed (-9) anywhere ends, taken up by another, exactly as one that nobody disturbed."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import Account
from jobs.models import Lease
from sync import runs
from sync.models import Connection, Status, SyncChange, SyncRun
from tests.build import make_account
from tests.jobs.conftest import wait_until
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.crash import POINTS
from tests.sync.finale.doing import begin, dump, later, synced
from tests.sync.finale.worlds import START, young
from tests.sync.killing import work_and_die

pytestmark = pytest.mark.django_db(transaction=True)


def changed(finale: FinaleStandIn) -> None:
    """What happened there since the first sync: something of everything."""
    world = finale.world
    world.remove_product("ART-2")
    world.add_product("NEW-1", "New", cost=3)
    world.set_stock("NEW-1", 5)
    world.edit_product("ART-3", internalName="Renamed", cost=99)
    world.edit_party("10021", groupName="Greener Source")
    world.sell_out("ART-4")
    world.ship("SOIL-25", 7)
    world.buy("Mineral Works", {"PERLITE-4CF": 20})


def died(point: str, run: SyncRun, folder: Path) -> None:
    """Another process works on the run and is killed; its lease is short."""
    work_and_die("tests.sync.finale.crash", point, run, folder, RUN_LEASE_SECONDS="1", RUN_CHUNK_ROWS="2")


@pytest.fixture
def account() -> Account:
    return make_account()


Outcome = tuple[dict[str, int], int, list[str]]
_CALM: dict[str, Outcome] = {}


def world(finale: FinaleStandIn) -> None:
    finale.have(young(16, stocked=(4, 5)))
    finale.turn_on("cut", feeds="products", size=14)


def begun(account: Account, finale: FinaleStandIn) -> Connection:
    """Everything was read once, and then something happened there."""
    world(finale)
    connection = finale_connection(account, finale, cut_rows=14, hard_cut=14, start=START)
    synced(connection)
    changed(finale)
    return connection


def outcome(connection: Connection, run: SyncRun) -> Outcome:
    assert SyncChange.objects.filter(run=run).count() == run.changes_logged
    return run.counters, run.changes_logged, dump(connection).decode().splitlines()


def undisturbed(finale: FinaleStandIn) -> Outcome:
    """What comes of it where nobody is killed, in another business; found out once."""
    if not _CALM:
        connection = begun(make_account("Other"), finale)
        _CALM["it"] = outcome(connection, synced(connection))
    return _CALM["it"]


@pytest.mark.parametrize("point", sorted(POINTS))
def test_killed_full_sync_ends_as_an_undisturbed_one(
    account: Account, finale: FinaleStandIn, point: str, tmp_path: Path, settings: Settings
) -> None:
    settings.RUN_CHUNK_ROWS = 2
    calm = undisturbed(finale)
    connection = begun(account, finale)
    run = begin(connection)
    died(point, run, tmp_path)
    run.refresh_from_db()
    assert run.status == Status.RUNNING
    # So have its leases run out, of the run as of the stock.
    Lease.objects.update(lease_until=None)
    wait_until("the lease has run out", lambda: "is done" in runs.execute(run.pk))
    run.refresh_from_db()
    assert (run.status, run.attempt) == (Status.SUCCEEDED, 2), run.message
    for mine, its in zip(outcome(connection, run), calm, strict=True):
        assert mine == its


def test_takeover_waits_for_the_stock_that_the_dead_worker_still_holds(
    account: Account, finale: FinaleStandIn, tmp_path: Path, settings: Settings
) -> None:
    connection = begun(account, finale)
    run = begin(connection)
    died("end", run, tmp_path)
    wait_until("the lease has run out", lambda: "is done" in runs.execute(run.pk))
    run.refresh_from_db()
    assert (run.status, run.slices) == (Status.QUEUED, 1)
    Lease.objects.update(lease_until=None)
    assert later(run).status == Status.SUCCEEDED
