"""The worker command as a real process: work gets done, dead parts are mended, nothing is left behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from django.db import connection, transaction
from django_q.models import OrmQ, Task

from jobs.models import Beat
from jobs.queue import enqueue
from tests.jobs.conftest import Worker, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

NOTE = "tests.jobs.tasks.note"
WORK = "tests.jobs.tasks.work"

Notes = Callable[[], list[str]]
StartWorker = Callable[..., Worker]


def gone(processes: list[psutil.Process]) -> bool:
    """Whether all have ended; zombies have, too: in a container nobody may be there to collect them."""
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


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
    enqueue(WORK, path, "last", 1.0, cluster="sync")
    wait_until("the last task has begun", lambda: "begin last" in notes())
    family = worker.family()

    assert worker.stop() == 0
    assert "end last" in notes()
    assert gone(family)
    assert not Beat.objects.exists()
    assert not OrmQ.objects.exists()
    assert not list((tmp_path / "worker").glob("*.json"))


def test_cluster_wedged_by_a_killed_idle_worker_is_repaired(start_worker: StartWorker, notes: Notes, tmp_path: Path) -> None:
    worker = start_worker()
    worker.wait_for_beats()
    path = str(tmp_path / "notes")
    push, sync = worker.cluster("push"), worker.cluster("sync")
    wait_until("both workers are idle", lambda: len(worker.idle_workers("sync")) == 2)
    for idle in worker.idle_workers("sync"):
        idle.kill()
    for number in range(5):
        enqueue(NOTE, path, f"task {number}", cluster="sync")
    wait_until("the waiting tasks ran", lambda: len(notes()) >= 5)
    wait_until("the queue is empty but for beats", lambda: OrmQ.objects.filter(key="sync").count() <= 1)
    assert sorted(notes()) == [f"task {number}" for number in range(5)]
    assert worker.cluster("sync").pid != sync.pid
    assert worker.cluster("push").pid == push.pid
    assert "no task was started" in worker.log.read_text()


def test_busy_cluster_is_not_taken_for_wedged(start_worker: StartWorker, notes: Notes, tmp_path: Path) -> None:
    worker = start_worker("--wedge-seconds=1.5")
    worker.wait_for_beats()
    path = str(tmp_path / "notes")
    sync = worker.cluster("sync")
    for name in ("a", "b", "c"):
        enqueue(WORK, path, name, 5.0, cluster="sync")
    wait_until("all three are done", lambda: sum(line.startswith("end") for line in notes()) == 3)
    assert sum(line.startswith("begin") for line in notes()) == 3
    assert worker.cluster("sync").pid == sync.pid
    assert "restarted" not in worker.log.read_text()


def test_killed_supervisor_leaves_no_process_and_the_next_one_finishes_its_work(
    start_worker: StartWorker, notes: Notes, tmp_path: Path
) -> None:
    worker = start_worker()
    worker.wait_for_beats()
    path = str(tmp_path / "notes")
    enqueue(WORK, path, "cut off", 2.0, cluster="sync")
    wait_until("the task has begun", lambda: notes() == ["begin cut off"])
    family = worker.family()
    assert len(family) == 12  # per cluster: the first process, its guard, pusher, monitor and two workers
    os.kill(worker.process.pid, signal.SIGKILL)
    worker.process.wait()
    wait_until("the family is gone", lambda: gone(family))
    assert notes() == ["begin cut off"]

    start_worker()
    wait_until("the task ran to its end", lambda: notes() == ["begin cut off", "begin cut off", "end cut off"])


def test_second_supervisor_on_the_same_folder_refuses(start_worker: StartWorker) -> None:
    first = start_worker()
    wait_until("the first holds the lock", lambda: (first.log.parent / "worker" / "push.json").exists())
    second = start_worker()
    assert second.process.wait(timeout=40) == 2
    assert f"is running already (process {first.process.pid})" in second.log.read_text()
    assert first.process.poll() is None


@pytest.mark.skipif(connection.vendor == "sqlite", reason="a file does not go away")
def test_database_gone_and_back_is_survived(start_worker: StartWorker, notes: Notes, tmp_path: Path) -> None:
    worker = start_worker()
    worker.wait_for_beats()
    name = connection.settings_dict["NAME"]
    connection.close()
    with connection._nodb_cursor() as outside:
        outside.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')
        outside.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        wait_until("the supervisor notices", lambda: "The database does not answer" in worker.log.read_text())
        outside.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true')
    wait_until("the supervisor notices that too", lambda: "The database answers again" in worker.log.read_text())
    for cluster in ("push", "sync"):
        enqueue(NOTE, str(tmp_path / "notes"), cluster, cluster=cluster)
    wait_until("both clusters work", lambda: set(notes()) == {"push", "sync"})
    assert worker.stop() == 0
