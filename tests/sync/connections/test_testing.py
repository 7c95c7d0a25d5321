"""A test of a connection is kept with what it found."""

from __future__ import annotations

from collections.abc import Callable

from accounts.acting import Actor
from accounts.models import AuditLog
from sync import connections
from sync.models import Breaker, BreakerState, Connection
from sync.secrets import CredentialsUnreadable
from sync.wire.errors import BadCredentials
from sync.wire.verdict import Finding, Verdict

FINE = Verdict(Finding.OK, "GE answers.")
FOREIGN = Verdict(Finding.WRONG_ACCOUNT, "This is 8QX.", "Correct the organisation.")


def stop(connection: Connection) -> None:
    Breaker.objects.create(account=connection.account, connection=connection, state=BreakerState.STOPPED, refused_logins=3)


def kept(connection: Connection) -> tuple[bool, str, str, str]:
    connection.refresh_from_db()
    return connection.tested_at is not None, connection.test_finding, connection.test_sentence, connection.test_hint


def test_finding_is_kept_and_audited(owner: Actor, connection: Connection, answers: Callable) -> None:
    answers(lambda _connection: FOREIGN)

    assert connections.test(owner, connection) == FOREIGN

    assert kept(connection) == (True, "wrong account", "This is 8QX.", "Correct the organisation.")
    audited = AuditLog.objects.get(entity="Connection", action="TEST")
    assert audited.after == {"finding": "wrong account", "sentence": "This is 8QX."}


def test_good_test_clears_the_breaker(owner: Actor, connection: Connection, answers: Callable) -> None:
    stop(connection)
    answers(lambda _connection: FINE)

    connections.test(owner, connection)

    assert Breaker.objects.get().state == BreakerState.CLOSED


def test_bad_test_leaves_the_breaker_alone(owner: Actor, connection: Connection, answers: Callable) -> None:
    stop(connection)
    answers(lambda _connection: FOREIGN)

    connections.test(owner, connection)

    assert Breaker.objects.get().state == BreakerState.STOPPED


def test_problem_becomes_a_finding(owner: Actor, connection: Connection, answers: Callable) -> None:
    def refuse(_connection: Connection) -> Verdict:
        raise BadCredentials("The login was refused.")

    answers(refuse)

    found = connections.test(owner, connection)

    assert (found.finding, found.sentence) == (Finding.BAD_SECRET, "The login was refused.")


def test_unreadable_credentials_are_a_bad_secret(owner: Actor, connection: Connection, answers: Callable) -> None:
    def locked(_connection: Connection) -> Verdict:
        raise CredentialsUnreadable

    answers(locked)

    assert connections.test(owner, connection).finding == Finding.BAD_SECRET


def test_connection_that_changed_meanwhile_keeps_no_finding(owner: Actor, connection: Connection, answers: Callable) -> None:
    stop(connection)

    def slow(_connection: Connection) -> Verdict:
        connections.set_secrets(owner, connection, {"token": "typed meanwhile"})
        stopped = Breaker.objects.filter(connection=connection)
        stopped.update(state=BreakerState.STOPPED)
        return FINE

    answers(slow)

    assert connections.test(owner, connection) == FINE

    assert kept(connection) == (False, "", "", "")
    assert Breaker.objects.get().state == BreakerState.STOPPED
