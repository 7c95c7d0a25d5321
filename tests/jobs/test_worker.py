"""The worker command as a real process: work gets done, dead parts are mended, nothing is left behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, transaction
from django_q.models import OrmQ, Task

from jobs.models import Beat
from jobs.queue import enqueue
from tests.jobs.conftest import PATIENCE, Worker, gone, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

NOTE = "tests.jobs.tasks.note"
WORK = "tests.jobs.tasks.work"

Notes = Callable[[], list[str]]
StartWorker = Callable[..., Worker]


def test_tasks_of_both_clusters_run_and_sigterm_stops_cleanly(start_worker: StartWorker, notes: Notes, tmp_path: Path) -> None:
    worker = start_worker()
    worker.wait_for_beats()
    path = str(tmp_path / "notes")
    enqueue(NOTE, path, "pushed", cluster="push")
    enqueue(NOTE, path, "synced", cluster="sync")
    enqueue("tests.jobs.tasks.fail", path, cluster="sync")
    with transaction.atomic():
        enqueue(NOTE, path, "never committed")
        transaction.set_rollback(True)
    wait_until("all three ran", lambda: len(notes()) == 3)
    wait_until("the failure is kept", lambda: Task.objects.filter(success=False).exists())
    assert sorted(notes()) == ["failing", "pushed", "synced"]
    assert {task.cluster for task in Task.objects.all()} == {"sync"}
    enqueue(WORK, path, "last", str(tmp_path / "enough"), cluster="sync")
    wait_until("the last task has begun", lambda: "begin last" in notes())
    family = worker.family()

    worker.process.send_signal(signal.SIGTERM)
    wait_until("it is stopping", lambda: "Stopping" in worker.log.read_text())
    (tmp_path / "enough").touch()
    assert worker.process.wait(PATIENCE) == 0
    assert "end last" in notes()
    assert gone(family)
    assert not Beat.objects.exists()
    assert not OrmQ.objects.exists()
    assert not list((tmp_path / "worker").glob("*.json"))


def test_cluster_wedged_by_a_killed_idle_worker_is_repaired_and_one_that_is_busy_for_longer_goes_on(
    start_worker: StartWorker, notes: Notes, tmp_path: Path
) -> None:
    worker = start_worker("--wedge-seconds=5")
    worker.wait_for_beats()
    path, busy = str(tmp_path / "notes"), ("a", "b", "c")
    for name in busy:
        enqueue(WORK, path, name, str(tmp_path / "enough"), cluster="push")
    wait_until("both workers of push are busy", lambda: len(notes()) == 2)
    push, sync = worker.cluster("push"), worker.cluster("sync")
    worker.wedge("sync")
    for number in range(5):
        enqueue(NOTE, path, f"task {number}", cluster="sync")
    wait_until("the waiting tasks ran", lambda: len(notes()) >= 2 + 5)
    wait_until("the queue is empty but for beats", lambda: OrmQ.objects.filter(key="sync").count() <= 1)
    assert sorted(notes()[2:]) == [f"task {number}" for number in range(5)]
    assert worker.cluster("sync").pid != sync.pid
    said = worker.log.read_text()
    assert "no task was started" in said
    assert "Cluster push is restarted" not in said
    (tmp_path / "enough").touch()
    wait_until("all three are done", lambda: sum(line.startswith("end") for line in notes()) == 3)
    assert sum(line.startswith("begin") for line in notes()) == 3
    assert worker.cluster("push").pid == push.pid


def test_killed_supervisor_leaves_no_process_and_the_next_one_finishes_its_work(
    start_worker: StartWorker, notes: Notes, tmp_path: Path
) -> None:
    worker = start_worker()
    worker.wait_for_beats()
    path = str(tmp_path / "notes")
    enqueue(WORK, path, "cut off", str(tmp_path / "enough"), cluster="sync")
    wait_until("the task has begun", lambda: notes() == ["begin cut off"])
    family = worker.family()
    assert len(family) == 12  # per cluster: the first process, its guard, pusher, monitor and two workers
    os.kill(worker.process.pid, signal.SIGKILL)
    worker.process.wait()
    wait_until("the family is gone", lambda: gone(family))
    assert notes() == ["begin cut off"]

    (tmp_path / "enough").touch()
    start_worker()
    wait_until("the task ran to its end", lambda: notes() == ["begin cut off", "begin cut off", "end cut off"])


def test_second_supervisor_on_the_same_folder_refuses(start_worker: StartWorker) -> None:
    first = start_worker()
    wait_until("the first holds the lock", lambda: (first.log.parent / "worker" / "push.json").exists())
    second = start_worker()
    assert second.process.wait(timeout=PATIENCE) == 2
    assert f"is running already (process {first.process.pid})" in second.log.read_text()
    assert first.process.poll() is None


@pytest.mark.skipif(connection.vendor == "sqlite", reason="a file does not go away")
def test_database_gone_and_back_is_survived(start_worker: StartWorker, notes: Notes, tmp_path: Path) -> None:
    worker = start_worker()
    worker.wait_for_beats()
    name = connection.settings_dict["NAME"]
    connection.close()
    with connection._nodb_cursor() as outside:
        try:
            outside.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')
            outside.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            wait_until("the supervisor notices", lambda: "The database does not answer" in worker.log.read_text())
        finally:
            # All the tests after this one need it.
            outside.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true')
    wait_until("the supervisor notices that too", lambda: "The database answers again" in worker.log.read_text())
    for cluster in ("push", "sync"):
        enqueue(NOTE, str(tmp_path / "notes"), cluster, cluster=cluster)
    wait_until("both clusters work", lambda: set(notes()) == {"push", "sync"})
    assert worker.stop() == 0
