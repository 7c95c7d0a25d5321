from __future__ import annotations

import pytest

from config.database import database
from config.queue import queue_settings
from jobs.checks import queue_problems

SQLITE = database("sqlite:////tmp/levelstock.sqlite3")
POSTGRES = database("postgres://user:secret@127.0.0.1:5432/levelstock")


def ids(queue: dict[str, object], entry: dict[str, object]) -> list[str | None]:
    return [problem.id for problem in queue_problems(queue, entry)]


def test_queue_is_in_the_database_unless_redis_is_named() -> None:
    assert queue_settings()["orm"] == "default"
    assert "redis" not in queue_settings()
    with_redis = queue_settings(redis_url="redis://127.0.0.1:6379/0")
    assert with_redis["redis"] == "redis://127.0.0.1:6379/0"
    assert "orm" not in with_redis


def test_each_cluster_has_its_own_number_of_workers() -> None:
    queue = queue_settings(push_workers=3, sync_workers=5)
    assert (queue["name"], queue["workers"], queue["ALT_CLUSTERS"]["push"]["workers"]) == ("sync", 5, 3)


@pytest.mark.parametrize("entry", [SQLITE, POSTGRES])
@pytest.mark.parametrize("redis_url", ["", "redis://127.0.0.1:6379/0"])
def test_our_settings_pass_the_checks(entry: dict[str, object], redis_url: str) -> None:
    assert ids(queue_settings(redis_url=redis_url), entry) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"timeout": 720}, "jobs.E001"),
        ({"timeout": None}, "jobs.E001"),
        ({"retry": 600}, "jobs.E001"),
        ({"catch_up": True}, "jobs.E002"),
        ({"ack_failures": False}, "jobs.E003"),
    ],
)
def test_dangerous_queue_settings_are_named(change: dict[str, object], problem: str) -> None:
    assert ids({**queue_settings(), **change}, SQLITE) == [problem]


def test_sqlite_needs_wal_and_immediate_transactions() -> None:
    assert ids(queue_settings(), {**SQLITE, "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL;"}}) == ["jobs.E004"]
    assert ids(queue_settings(), {**SQLITE, "OPTIONS": {"transaction_mode": "IMMEDIATE"}}) == ["jobs.E004"]


def test_postgresql_needs_kept_connections_for_a_queue_in_the_database() -> None:
    fresh = {**POSTGRES, "CONN_MAX_AGE": 0}
    assert ids(queue_settings(), fresh) == ["jobs.E005"]
    assert ids(queue_settings(), {**POSTGRES, "CONN_MAX_AGE": None}) == []
    assert ids(queue_settings(redis_url="redis://127.0.0.1:6379/0"), fresh) == []
