"""The health page names the connections that wait for somebody."""

from __future__ import annotations

from accounts.acting import Actor
from jobs.health import State
from sync import connections
from sync.connectionhealth import examine
from sync.models import Breaker, BreakerState, Connection
from tests.build import make_account


def said(owner: Actor) -> list[tuple[str, State]]:
    return [(check.name, check.state) for check in examine(owner.account)]


def test_nothing_is_said_where_nothing_is_connected(owner: Actor) -> None:
    assert said(owner) == []


def test_one_line_says_that_all_is_well(owner: Actor, connection: Connection) -> None:
    connections.add(owner, system="ge", name="South", settings={"org": "7QX"})

    assert said(owner) == [("connections", State.OK)]


def test_connection_whose_login_was_refused_is_named(owner: Actor, connection: Connection) -> None:
    Breaker.objects.create(account=connection.account, connection=connection, state=BreakerState.STOPPED)

    assert said(owner) == [("connection GE", State.WARN)]
    assert list(examine(make_account("Elsewhere"))) == []


def test_paused_and_resting_ones_wait_for_nobody(owner: Actor, connection: Connection) -> None:
    connections.pause(owner, connection)
    resting = connections.add(owner, system="ge", name="South", settings={"org": "7QX"})
    Breaker.objects.create(account=resting.account, connection=resting, state=BreakerState.OPEN)

    assert said(owner) == [("connections", State.OK)]


def test_installation_as_a_whole_does_not_depend_on_connections(connection: Connection) -> None:
    Breaker.objects.create(account=connection.account, connection=connection, state=BreakerState.STOPPED)

    assert list(examine(None)) == []
