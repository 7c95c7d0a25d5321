"""Processes that get SIGKILL, one after a page and one while it books: what they began ends as a run that nobody disturbed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import Account
from jobs.models import Lease
from sync import runs
from sync.models import Status, SyncRun
from tests.sync.killing import work_and_die
from tests.sync.odoo.build import OdooStandIn
from tests.sync.odoo_source.doing import begin, connected, synced
from tests.sync.odoo_source.test_killed import busy, same_as_read_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def died(point: str, run: SyncRun, folder: Path) -> None:
    """Another process works on the run and is killed; then its leases have run out."""
    work_and_die("tests.sync.odoo_source.crash", point, run, folder, RUN_CHUNK_ROWS="12")
    run.refresh_from_db()
    assert run.status == Status.RUNNING
    SyncRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    Lease.objects.update(lease_until=None)


def test_killed_after_a_page_and_while_booking_it_ends_as_an_undisturbed_one(account: Account, odoo: OdooStandIn, tmp_path: Path) -> None:
    receipts = busy(odoo.world)
    connection = connected(account, odoo, page=6)
    synced(connection, "master")
    run = begin(connection, "transactional")
    died("page", run, tmp_path)
    odoo.world.correct(receipts[0], 33)
    died("booking", run, tmp_path)
    odoo.world.correct(receipts[1], 44)
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.status, run.attempt) == (Status.SUCCEEDED, 3), run.message
    synced(connection, "transactional")
    same_as_read_at_once(connection, odoo)
