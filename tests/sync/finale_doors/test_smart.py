from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from sync.models import Connection, Kind, Status
from sync.sources.finale.strategies import Success, choose, resolve
from tests.api.build import make_run
from tests.build import make_account

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


@pytest.mark.parametrize(
    ("age", "scope"),
    [
        ({"seconds": 0}, "critical"),
        ({"minutes": 29, "seconds": 59}, "critical"),
        ({"minutes": 30}, "inventory"),
        ({"hours": 1, "minutes": 59, "seconds": 59}, "inventory"),
        ({"hours": 2}, "active"),
        ({"hours": 23, "minutes": 59, "seconds": 59}, "active"),
        ({"hours": 24}, "full"),
        ({"days": 400}, "full"),
        ({"minutes": -5}, "critical"),
    ],
)
@pytest.mark.parametrize("last", ["inventory", "active", "full"])
def test_the_older_the_newest_success_the_wider_the_sync(age: dict[str, float], scope: str, last: str) -> None:
    assert choose(Success(last, ago(**age)), NOW)[0] == scope


def test_without_a_success_everything_is_read() -> None:
    assert choose(None, NOW) == ("full", "No inventory, active or full sync has succeeded yet, so everything is read.")


@pytest.mark.parametrize(
    ("success", "why"),
    [
        (
            Success("inventory", ago(minutes=12)),
            "The last inventory sync succeeded 12 minutes ago, less than 30 minutes: critical is enough.",
        ),
        (Success("full", ago(minutes=61)), "The last full sync succeeded 1 hour 1 minute ago, less than 2 hours: inventory is enough."),
        (Success("active", ago(hours=3)), "The last active sync succeeded 3 hours ago, less than 24 hours: active is enough."),
        (
            Success("active", ago(days=3, hours=2)),
            "The last active sync succeeded 3 days ago, which is 24 hours or more: everything is read.",
        ),
        (Success("full", ago(minutes=-5)), "The last full sync succeeded 0 seconds ago, less than 30 minutes: critical is enough."),
    ],
)
def test_the_choice_says_why(success: Success, why: str) -> None:
    assert choose(success, NOW)[1] == why


@pytest.fixture
def connection(db: None) -> Connection:
    return Connection.objects.create(account=make_account(), system="finale", name="Finale")


def ended(connection: Connection, scope: str, minutes: float, status: Status = Status.SUCCEEDED, **values: Any) -> None:
    make_run(connection, status, scope=scope, dataset="x", finished_at=ago(minutes=minutes), **values)


@time_machine.travel(NOW, tick=False)
def test_the_clock_is_the_newest_success_of_those_that_read_all_stock(
    connection: Connection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ended(connection, "full", 60 * 30)
    ended(connection, "inventory", 90)
    # None of these moves it.
    ended(connection, "critical", 5)
    ended(connection, "vendors", 5)
    ended(connection, "orders", 5)
    ended(connection, "inventory", 5, Status.PARTIAL)
    ended(connection, "inventory", 4, Status.FAILED)
    ended(connection, "inventory", 3, Status.NEEDS_REVIEW)
    ended(connection, "full", 2, kind=Kind.PREVIEW)
    ended(connection, "full", 1, kind=Kind.UNDO)
    other = Connection.objects.create(account=connection.account, system="finale", name="Other")
    ended(other, "full", 1)
    with django_assert_num_queries(1):
        scope, why = resolve(connection, "smart")
    assert (scope, why[:49]) == ("inventory", "The last inventory sync succeeded 1 hour 30 minut")


@time_machine.travel(NOW, tick=False)
def test_a_run_that_was_approved_late_counts_from_its_end(connection: Connection) -> None:
    ended(connection, "full", 10)
    ended(connection, "inventory", 40)
    assert resolve(connection, "smart")[0] == "critical"


@pytest.mark.parametrize("scope", ["full", "active", "inventory", "critical", "vendors", "orders"])
def test_what_was_named_is_what_runs(connection: Connection, scope: str) -> None:
    assert resolve(connection, scope) == (scope, "")
