"""A worker that is killed (-9) in the middle of a pass leaves whole chunks, and another goes on after them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from inventory import reconcile
from inventory.models import Cause, Level, ReconciliationStatus
from tests.inventory.reconcile.build import Store, corrections, ends, off_by
from tests.jobs.conftest import database_url, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_killed_pass_is_finished_by_another_worker(tmp_path: Path) -> None:
    store = Store()
    for product in store.more(7):
        off_by(product, store.place, 1)
    run = reconcile.start(store.actor, cause=Cause.MANUAL)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database_url(),
        "DATA_DIR": str(tmp_path),
        "RUN_LEASE_SECONDS": "1",
    }
    command = [sys.executable, "-m", "tests.inventory.reconcile.crash", "3", str(run.pk)]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, timeout=300, check=False)
    assert done.returncode == -signal.SIGKILL
    # Two chunks stand, the third is gone with its audit rows.
    assert Level.objects.filter(packs=10).count() == 4
    assert len(corrections(store)) == 4
    wait_until("the lease has run out", lambda: "was worked on" in reconcile.execute(run.pk))
    run.refresh_from_db()
    assert (run.status, run.attempt) == (ReconciliationStatus.SUCCEEDED, 2)
    assert ends(run) == {"scanned": 7, "drifted": 7, "corrected": 7}
    assert len(corrections(store)) == 7
    assert reconcile.verify(store.actor).drifted == 0
