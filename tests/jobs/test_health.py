from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.utils import timezone
from django_q.models import OrmQ, Task

from accounts.models import Account
from jobs import health
from jobs.health import Check, State
from jobs.models import Beat
from tests.build import make_account
from tests.jobs.build import make_schedule

pytestmark = pytest.mark.django_db


def ago(**span: float) -> object:
    return timezone.now() - timedelta(**span)


def make_beat(cluster: str = "sync", **values: object) -> Beat:
    """A cluster of two workers on host shop-1 that was looked at and started a task just now."""
    given = {
        "host": "shop-1",
        "pid": 4711,
        "started_at": ago(hours=1),
        "beat_at": ago(seconds=2),
        "looked_at": ago(seconds=1),
        "workers": 2,
    }
    return Beat.objects.create(cluster=cluster, **{**given, **values})


def answers(account: Account | None = None) -> dict[str, tuple[str, str]]:
    return {check.name: (check.state.value, check.sentence) for check in health.checks(account)}


def test_everything_well() -> None:
    make_beat("push")
    make_beat("sync", busy=1)
    assert answers() == {
        "database": ("ok", "The database answers."),
        "cluster push": ("ok", "Cluster push works: 0 of 2 workers busy."),
        "cluster sync": ("ok", "Cluster sync works: 1 of 2 workers busy."),
        "queue push": ("ok", "Nothing waits for cluster push."),
        "queue sync": ("ok", "Nothing waits for cluster sync."),
        "failed tasks": ("ok", "No task failed in the last 24 hours."),
        "schedules": ("ok", "No schedule is overdue."),
    }
    assert health.is_up(health.checks(None))


def test_no_worker_at_all() -> None:
    assert answers()["cluster push"] == ("bad", "No worker runs cluster push. Start one with “make worker”.")
    assert not health.is_up(health.checks(None))


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        ({"looked_at": "old"}, ("bad", "The worker on shop-1 is gone. Start it with “make worker”.")),
        ({"beat_at": "old"}, ("bad", "Cluster sync on shop-1 starts no tasks and is being restarted.")),
        ({"beat_at": "old", "busy": 2}, ("ok", "All 2 workers of cluster sync are busy.")),
        ({"beat_at": None, "looked_at": None, "started_at": "now"}, ("warn", "Cluster sync on shop-1 is starting.")),
        ({"beat_at": None, "looked_at": None}, ("bad", "Cluster sync on shop-1 has not come up.")),
    ],
)
def test_cluster_in_trouble_is_told_from_a_busy_one(values: dict[str, object], answer: tuple[str, str]) -> None:
    times = {"old": ago(minutes=2), "now": ago(seconds=1)}
    make_beat(**{name: times.get(value, value) if isinstance(value, str) else value for name, value in values.items()})
    assert answers()["cluster sync"] == answer


def test_cluster_on_another_host_is_enough() -> None:
    make_beat(looked_at=ago(hours=3))
    make_beat(host="shop-2")
    assert answers()["cluster sync"][0] == "ok"


def test_queue_depth_and_age_leave_out_what_is_taken() -> None:
    OrmQ.objects.create(key="sync", payload="", lock=ago(seconds=40))
    OrmQ.objects.create(key="push", payload="", lock=ago(minutes=6))
    OrmQ.objects.create(key="push", payload="", lock=ago(minutes=1))
    OrmQ.objects.create(key="push", payload="", lock=timezone.now() + timedelta(minutes=12))
    told = answers()
    assert told["queue sync"][0] == "ok"
    assert told["queue push"][0] == "warn"
    assert told["queue push"][1].startswith("2 tasks wait for cluster push, the oldest for 36")


def test_failures_of_the_last_day_are_counted() -> None:
    for number, hours in enumerate((1, 23, 25)):
        Task.objects.create(id=f"{number:032}", name="note", func="note", started=ago(hours=hours), stopped=ago(hours=hours), success=False)
    assert answers()["failed tasks"] == ("warn", "2 tasks failed in the last 24 hours. The operator finds the details under failed tasks.")


def test_overdue_schedules_are_those_of_the_account() -> None:
    mine, theirs = make_account(), make_account("8QX")
    make_schedule(mine, timezone.now() - timedelta(minutes=4))
    make_schedule(mine, timezone.now() - timedelta(minutes=1), key="just due")
    make_schedule(mine, timezone.now() - timedelta(minutes=4), key="off", enabled=False)
    make_schedule(theirs, timezone.now() - timedelta(minutes=4))
    assert answers(mine)["schedules"] == ("warn", "1 schedule is overdue and will run when a worker is there.")
    assert answers(None)["schedules"][1].startswith("2 schedules are")


def test_registered_check_is_asked_for_the_account() -> None:
    asked = []

    def stale_feeds(account: Account | None) -> Iterable[Check]:
        asked.append(account)
        return [Check("feeds", State.WARN, "Two feeds are a day old.", timezone.now())]

    account = make_account()
    with patch.object(health, "_registered", []):
        health.register(stale_feeds)
        health.register(stale_feeds)
        assert answers(account)["feeds"] == ("warn", "Two feeds are a day old.")
    assert asked == [account]


def test_database_that_does_not_answer_is_a_bad_check_and_not_an_error() -> None:
    with patch("jobs.health.connection.cursor", side_effect=OperationalError("password=geheim")):
        found = health.checks(None)
        assert not health.is_up(health.checks(None))
    assert (found[0].name, found[0].state) == ("database", State.BAD)
    assert found[0].sentence == "Could not be checked, because the database does not answer."
