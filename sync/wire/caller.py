"""One call with all its tries: asks breaker and budget, checks the address, sends, waits and tries again, and writes the log line."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import requests

from sync.wire import targets
from sync.wire.breaker import Outcome, outcome_of
from sync.wire.errors import RetryLater, TargetRefused, Unreachable, WireError
from sync.wire.exchange import Answer, Call, Sink, exchange
from sync.wire.pinned import Line
from sync.wire.retry import LONGEST_WAIT, pause_before_next

logger = logging.getLogger("levelstock.wire")

Understand = Callable[[Answer], WireError | None]
"""What an answer means once its body is read; None when it is good."""


class Budget(Protocol):
    """Spends calls before they are sent; raises BudgetSpent."""

    def spend(self, *, cost: int = 1, urgent: bool = False, share: float = 1.0, names: Sequence[str] | None = None) -> None: ...
    def block(self, seconds: float, *, names: Sequence[str] | None = None) -> None: ...


class Breaker(Protocol):
    """Lets calls out, or raises BreakerOpen, and is told how they ended."""

    def enter(self) -> None: ...
    def record(self, outcome: Outcome) -> None: ...


@dataclass(frozen=True)
class Spending:
    """Which budgets a call counts against (None: all of the connection), and whether it may use their reserved share.

    `share` is the part of the calls not reserved that this kind of call may use: with 0.7 it stops when seven tenths of them are spent.
    """

    names: Sequence[str] | None = None
    urgent: bool = False
    share: float = 1.0


@dataclass(frozen=True)
class Caller:
    """What all calls of a session share.

    `timeouts` are the seconds for connecting and for each read, `deadline` those for a call with all its tries and pauses, `longest_pause`
    those of a pause: a longer wish is the caller's matter. `who` names the connection in the log.
    """

    http: requests.Session
    line: Line
    base: targets.BaseUrl
    allowed: Sequence[targets.Network]
    lookup: targets.Lookup
    timeouts: tuple[float, float]
    deadline: float
    longest_pause: float
    budget: Budget | None
    breaker: Breaker | None
    sleep: Callable[[float], None]
    who: str

    def run(self, call: Call, sink: Sink, *, reads: bool, spending: Spending, understand: Understand | None = None) -> Answer:
        """Send `call`, again if it `reads` and that may help, and stream the accepted body into `sink`.

        `understand` has the last word on what each try brought, before breaker and budget are told. Raises WireError.
        """
        if self.breaker is not None:
            self.breaker.enter()
        started = time.monotonic()
        answer: Answer | None = None
        tries = 0
        outcome = Outcome.NEUTRAL
        try:
            while True:
                if self.budget is not None:
                    self.budget.spend(urgent=spending.urgent, share=spending.share, names=spending.names)
                tries += 1
                left = self.deadline - (time.monotonic() - started)
                answer = self._try(call, sink, left)
                if understand is not None:
                    answer = replace(answer, error=understand(answer))
                outcome = outcome_of(answer.error)
                if answer.error is None:
                    return answer
                pause = self._pause(answer.error, tries, started, reads, spending)
                if pause is None:
                    break
                self.sleep(pause)
        finally:
            self._log(call, answer, tries, time.monotonic() - started)
            if self.breaker is not None:
                self.breaker.record(outcome)
        error = answer.error
        if isinstance(error, RetryLater) and not error.after and (reads or error.code == "too_many_calls"):
            # It did not say when, and the short pauses did not help. When a write is next sent, its row decides.
            error.after = LONGEST_WAIT
        raise error

    def _try(self, call: Call, sink: Sink, left: float) -> Answer:
        try:
            target = targets.resolve(self.base.host, self.base.port, self.allowed, self.lookup)
        except (TargetRefused, Unreachable) as error:
            return Answer(error)
        with self.line.open_for(target.addresses, max(left, 0.001)):
            return exchange(self.http, self.line, call, sink, self.timeouts, self.deadline)

    def _pause(self, error: WireError, tries: int, started: float, reads: bool, spending: Spending) -> float | None:
        if isinstance(error, RetryLater) and error.code == "too_many_calls" and error.after > 0 and self.budget is not None:
            # All who share the connection keep still, not only this worker.
            self.budget.block(error.after, names=spending.names)
        if not reads:
            return None
        return pause_before_next(error, tries, self.deadline - (time.monotonic() - started), self.longest_pause)

    def _log(self, call: Call, answer: Answer | None, tries: int, seconds: float) -> None:
        error = None if answer is None else answer.error
        ended = "not_sent" if answer is None else (error.code if error else "ok")
        logger.log(
            logging.INFO if answer is not None and error is None else logging.WARNING,
            "%s %s status=%s result=%s bytes=%s ms=%d tries=%s %s",
            call.method,
            call.url,
            "-" if answer is None or answer.status is None else answer.status,
            ended,
            0 if answer is None else answer.received,
            seconds * 1000,
            tries,
            self.who,
        )
