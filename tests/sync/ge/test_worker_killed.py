"""The background workers as processes of their own, reading the sandbox over HTTP: one is killed, two clicks come at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import requests
from django.db.models.functions import Now

from inventory.models import Unit
from jobs import schedule
from sandbox.server import Sandbox, start
from sync import runs
from sync.models import FINISHED, Phase, Status, SyncChange, SyncRun, Trigger
from tests.build import make_member, make_token
from tests.jobs.conftest import PATIENCE, Worker, gone, wait_until
from tests.sync.ge.shop import Shop, make_sandbox_shop

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with start(data=tmp_path / "sandbox") as running:
        yield running


@pytest.fixture
def shop(sandbox: Sandbox) -> Shop:
    return make_sandbox_shop(sandbox)


def test_worker_killed_while_reading_is_replaced_and_the_run_goes_on(
    sandbox: Sandbox, shop: Shop, start_worker: Callable[..., Worker]
) -> None:
    sandbox.control("ge", "switch", name="slow", seconds=600, feeds=["stock:STA"])
    worker = start_worker()
    worker.wait_for_beats()
    run = runs.start(shop.owner, shop.connection, "inventory", trigger=Trigger.BUTTON)

    def reading() -> bool:
        run.refresh_from_db()
        return run.phase == Phase.READING and run.documents.exists()

    wait_until("the run is being read", reading)
    killed = worker.cluster("sync").children(recursive=True)
    for process in killed:
        # Some die with their parent before their turn comes.
        with suppress(psutil.NoSuchProcess):
            process.kill()
    wait_until("nobody works on it", lambda: gone(killed))
    sandbox.control("ge", "off", name="slow")
    SyncRun.objects.filter(pk=run.pk).update(lease_until=Now())
    # What the worker's own clock does once a minute.
    schedule.tick()

    def finished() -> bool:
        run.refresh_from_db()
        return run.status in FINISHED

    wait_until("another worker has finished the run", finished)
    assert (run.status, run.attempt) == (Status.SUCCEEDED, 2)
    assert Unit.objects.filter(gone_at=None).count() == run.counters["inserted"]
    assert SyncChange.objects.filter(run=run).count() == run.changes_logged


def test_of_two_clicks_at_once_one_starts_and_the_other_is_told_which(shop: Shop, live_server: object) -> None:
    token = make_token(make_member(shop.account))

    def click(_number: int) -> requests.Response:
        address = f"{live_server}/api/sync/inventory"
        return requests.post(address, json={}, headers={"Authorization": f"Token {token}"}, timeout=PATIENCE)

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(click, range(2)), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [202, 409]
    run = SyncRun.objects.get()
    assert answers[0].json()["data"]["run"] == run.pk
    assert f"{run.pk}" in answers[1].text
