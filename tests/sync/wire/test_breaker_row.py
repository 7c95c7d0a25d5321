from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from sync.models.breaker import Breaker, BreakerState
from sync.wire.breaker import Outcome
from sync.wire.breaker_row import ConnectionBreaker
from sync.wire.errors import BadCredentials, BreakerOpen, Refused, RetryLater
from sync.wire.session import WireSession
from tests.sync.wire.rows import at_once, make_connection
from tests.sync.wire.server import Server, document, status

Open = Callable[..., WireSession]


def opened(breaker: ConnectionBreaker) -> ConnectionBreaker:
    for _ in range(5):
        breaker.record(Outcome.FAILURE)
    return breaker


@pytest.mark.django_db
def test_first_call_makes_the_row_of_its_account() -> None:
    connection = make_connection()
    ConnectionBreaker(connection.pk).enter()
    row = Breaker.objects.get(connection=connection)
    assert (row.account, row.state) == (connection.account, BreakerState.CLOSED)


@pytest.mark.django_db
def test_opened_breaker_says_until_when_and_in_words() -> None:
    breaker = opened(ConnectionBreaker(make_connection().pk))
    with pytest.raises(BreakerOpen, match="Resting after too many failures") as caught:
        breaker.enter()
    assert caught.value.until == Breaker.objects.get().until
    assert breaker.words().startswith("Resting after too many failures; the next trial call goes out in ")


@pytest.mark.django_db
def test_rest_ends_by_the_clock_of_the_database() -> None:
    breaker = opened(ConnectionBreaker(make_connection().pk))
    Breaker.objects.update(until=Now() - timedelta(seconds=1))
    breaker.enter()
    assert Breaker.objects.get().state == BreakerState.HALF_OPEN
    with pytest.raises(BreakerOpen):
        breaker.enter()


@pytest.mark.django_db
def test_dry_run_sends_and_says_what_it_would_have_done(caplog: pytest.LogCaptureFixture) -> None:
    breaker = opened(ConnectionBreaker(make_connection().pk))
    Breaker.objects.update(dry_run=True)
    with caplog.at_level(logging.WARNING, logger="levelstock.wire"):
        breaker.enter()
    assert "would have been held back (dry run). Resting after too many failures" in caplog.text


@pytest.mark.django_db
def test_stopped_connection_waits_for_a_person_and_is_cleared_by_one() -> None:
    breaker = ConnectionBreaker(make_connection().pk)
    for _ in range(3):
        breaker.record(Outcome.LOGIN_REFUSED)
    with pytest.raises(BreakerOpen, match="login was refused 3 times") as caught:
        breaker.enter()
    assert caught.value.until is None
    breaker.clear()
    breaker.enter()
    assert breaker.words() == "Calls go out."


@pytest.mark.django_db(transaction=True)
def test_failures_told_at_once_are_all_counted() -> None:
    breaker = ConnectionBreaker(make_connection().pk)
    assert at_once(4, lambda: breaker.record(Outcome.FAILURE)) == []
    assert Breaker.objects.get().failures == 4


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_a_single_trial_goes_out() -> None:
    breaker = opened(ConnectionBreaker(make_connection().pk))
    Breaker.objects.update(until=Now() - timedelta(seconds=1))
    raised = at_once(6, breaker.enter)
    assert [type(error) for error in raised] == [BreakerOpen] * 5


@pytest.mark.django_db
def test_call_with_all_its_tries_counts_once(server: Server, open_session: Open) -> None:
    connection = make_connection()
    server.on("/stock", status(500))
    with pytest.raises(RetryLater):
        open_session(breaker=ConnectionBreaker(connection.pk)).get_json("/stock", expect=dict)
    assert len(server.seen) == 3
    assert Breaker.objects.get().failures == 1


@pytest.mark.django_db
def test_failing_server_is_left_alone_after_five_calls(server: Server, open_session: Open) -> None:
    session = open_session(breaker=ConnectionBreaker(make_connection().pk))
    server.on("/lots", status(503))
    for _ in range(5):
        with pytest.raises(RetryLater):
            session.write_json("POST", "/lots", json={}, expect=dict)
    with pytest.raises(BreakerOpen):
        session.write_json("POST", "/lots", json={}, expect=dict)
    assert len(server.seen) == 5


@pytest.mark.django_db
def test_plain_no_does_not_count_and_refused_login_does(server: Server, open_session: Open) -> None:
    session = open_session(breaker=ConnectionBreaker(make_connection().pk))
    server.on("/lots", status(400), status(401), document({}))
    with pytest.raises(Refused):
        session.get_json("/lots", expect=dict)
    with pytest.raises(BadCredentials):
        session.get_json("/lots", expect=dict)
    row = Breaker.objects.get()
    assert (row.failures, row.successes, row.refused_logins) == (0, 1, 1)
    session.get_json("/lots", expect=dict)
    row.refresh_from_db()
    assert (row.successes, row.refused_logins) == (2, 0)
