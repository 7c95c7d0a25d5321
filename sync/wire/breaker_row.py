"""A connection's breaker in the database: read, judged by the pure rules, written back by compare-and-set. All times are the database's."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from django.db.models.functions import Now

from sync.models.breaker import Breaker, BreakerState
from sync.models.connection import Connection
from sync.wire.breaker import Circuit, Outcome, admit, in_words, record
from sync.wire.errors import BreakerOpen

logger = logging.getLogger("levelstock.wire")


@dataclass(frozen=True)
class ConnectionBreaker:
    """The breaker of one connection, as a WireSession asks it."""

    connection_id: int

    def enter(self) -> None:
        """Ask to send a call. Raises BreakerOpen when the connection rests or is stopped; in dry run it only says so in the log."""
        sent = True

        def ask(circuit: Circuit, now: datetime) -> Circuit:
            nonlocal sent
            changed, sent = admit(circuit, now)
            return changed

        row, circuit, now = self._change(ask)
        if sent:
            return
        sentence = in_words(circuit, now)
        if row.dry_run:
            logger.warning("connection %s: would have been held back (dry run). %s", self.connection_id, sentence)
            return
        if circuit.state == BreakerState.STOPPED:
            raise BreakerOpen(sentence, until=None, hint="Enter the credentials of this connection again and test it.")
        raise BreakerOpen(sentence, until=circuit.until, hint="Nothing to do: it is tried again by itself.")

    def record(self, outcome: Outcome) -> None:
        """Tell how a call that was sent ended."""
        self._change(lambda circuit, now: record(circuit, outcome, now))

    def clear(self) -> None:
        """Forget all failures: after a person has changed the connection, or a test of it went well."""
        self._change(lambda _circuit, _now: Circuit())

    def words(self) -> str:
        """The state as a sentence for people."""
        _, circuit, now = self._change(lambda circuit, _now: circuit)
        return in_words(circuit, now)

    def _change(self, rule: Callable[[Circuit, datetime], Circuit]) -> tuple[Breaker, Circuit, datetime]:
        while True:
            row = Breaker.objects.filter(connection_id=self.connection_id).annotate(clock=Now()).first()
            if row is None:
                self._create()
                continue
            now: datetime = row.clock
            before = _circuit(row)
            after = rule(before, now)
            if after == before:
                return row, after, now
            # Of several writers at once one wins; the others look again, since the winner changed what they judged by.
            unchanged = Breaker.objects.filter(pk=row.pk, version=row.version)
            if unchanged.update(version=row.version + 1, **asdict(after)):
                return row, after, now

    def _create(self) -> None:
        account_id = Connection.objects.values_list("account_id", flat=True).get(pk=self.connection_id)
        # The constraint decides between two at once.
        Breaker.objects.bulk_create([Breaker(account_id=account_id, connection_id=self.connection_id)], ignore_conflicts=True)


def words_of(row: Breaker | None, now: datetime) -> str:
    """The state of a breaker that was read already, as a sentence for people; None where no call was made yet."""
    return in_words(_circuit(row) if row else Circuit(), now)


def _circuit(row: Breaker) -> Circuit:
    return Circuit(**{field.name: getattr(row, field.name) for field in fields(Circuit)})
