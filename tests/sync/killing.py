"""A process of its own that works on a run, and kills itself (-9) at a named point of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from sync.models import SyncRun
from tests.jobs.conftest import database_url


def work_and_die(program: str, point: str, run: SyncRun, folder: Path, **environment: str) -> None:
    """`program`, a module, is given the point and the run, on the test database; what else its environment has is named."""
    done = subprocess.run(
        [sys.executable, "-m", program, point, str(run.pk)],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": database_url(),
            "DATA_DIR": str(folder),
            **environment,
        },
        timeout=300,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]
