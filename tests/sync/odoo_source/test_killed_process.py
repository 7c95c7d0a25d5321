"""Processes that get SIGKILL, one after a page and one while it books: what they began ends as a run that nobody disturbed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from accounts.models import Account
from jobs.models import Lease
from sync import runs
from sync.models import Status, SyncRun
from tests.jobs.conftest import database_url
from tests.sync.odoo.build import OdooStandIn
from tests.sync.odoo_source.doing import begin, connected, synced
from tests.sync.odoo_source.test_killed import busy, same_as_read_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def work_and_die(point: str, run: SyncRun, folder: Path) -> None:
    """Another process works on the run and is killed; then its leases have run out."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database_url(),
        "DATA_DIR": str(folder),
        "RUN_CHUNK_ROWS": "12",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.sync.odoo_source.crash", point, str(run.pk)],
        cwd=django_settings.BASE_DIR,
        env=environment,
        timeout=300,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]
    run.refresh_from_db()
    assert run.status == Status.RUNNING
    SyncRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    Lease.objects.update(lease_until=None)


def test_killed_after_a_page_and_while_booking_it_ends_as_an_undisturbed_one(account: Account, odoo: OdooStandIn, tmp_path: Path) -> None:
    receipts = busy(odoo.world)
    connection = connected(account, odoo, page=6)
    synced(connection, "master")
    run = begin(connection, "transactional")
    work_and_die("page", run, tmp_path)
    odoo.world.correct(receipts[0], 33)
    work_and_die("booking", run, tmp_path)
    odoo.world.correct(receipts[1], 44)
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.status, run.attempt) == (Status.SUCCEEDED, 3), run.message
    synced(connection, "transactional")
    same_as_read_at_once(connection, odoo)
