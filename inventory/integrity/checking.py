"""Asking all invariants at one moment, keeping what was found, and quarantining what contradicts itself (docs/integrity.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils.translation import ngettext

from accounts.acting import Actor
from accounts.models import Account
from inventory import moment
from inventory.integrity.question import Asked, Question, keys, offenders
from inventory.integrity.registry import Check, checks
from inventory.ledger.counters import Key
from inventory.ledger.locking import lock
from inventory.models import Cause, IntegrityReport
from inventory.quarantine import contradictions, quarantine
from inventory.snapshot import snapshot

SAMPLE = 20
"""So many offenders of each question are kept in words."""
AT_ONCE = 500

NIGHTLY = "Nightly check"


def check(actor: Actor, *, cause: Cause = Cause.MANUAL) -> IntegrityReport:
    """Ask every invariant about the actor's account as of one moment, and keep the answer as a report.

    Writes nothing else, unless batches contradict themselves: their levels are quarantined. Statements do not grow with the stock. Raises
    NotAllowed.
    """
    actor.require("integrity.check")
    started = moment.now()
    asked = Asked(actor.account, started)
    with snapshot():
        found = [_answer(each, asked) for each in checks()]
        wrong = any(question.quarantines for question in _offending(found))
    report = IntegrityReport.objects.create(
        account=actor.account,
        asked_by=actor.label[:200],
        started_at=started,
        finished_at=moment.now(),
        offenders=sum(answer["offenders"] for _, answer, _ in found),
        checks=[answer for _, answer, _ in found],
    )
    if wrong:
        _quarantine(actor, [question for question in _offending(found) if question.quarantines], asked, cause)
    return report


def scheduled(account: Account) -> str:
    """What the schedule does each night: the outcome in one sentence."""
    return in_words(check(Actor.system(account, NIGHTLY), cause=Cause.SCHEDULED))


def in_words(report: IntegrityReport) -> str:
    """A report in one sentence."""
    broken = [f"{answer['invariant']} {answer['offenders']}" for answer in report.checks if answer["offenders"]]
    if not broken:
        return "All invariants hold."
    counted = ngettext("%d thing breaks an invariant", "%d things break an invariant", report.offenders) % report.offenders
    return f"{counted}: {', '.join(broken)}."


_Found = list[tuple[Check, dict[str, Any], list[Question]]]


def _answer(each: Check, asked: Asked) -> tuple[Check, dict[str, Any], list[Question]]:
    """What is kept of a check, and the questions that found something."""
    total, sample, offending = 0, [], []
    for question in each.questions(asked):
        number, first = offenders(question, asked, SAMPLE)
        total += number
        sample += [asdict(offender) for offender in first]
        if number:
            offending.append(question)
    answer = {"invariant": f"I{each.number}", "holds": each.holds, "offenders": total, "sample": sample, "note": each.note}
    return each, answer, offending


def _offending(found: _Found) -> Iterator[Question]:
    for _, _, questions in found:
        yield from questions


def _quarantine(actor: Actor, questions: Iterable[Question], asked: Asked, cause: Cause) -> int:
    """Look again under the locks of the levels: what somebody has rebuilt meanwhile is left alone. How many were quarantined."""
    suspects = sorted({Key(*pair) for question in questions for pair in keys(question, asked)})
    caught = 0
    for start in range(0, len(suspects), AT_ONCE):
        part = suspects[start : start + AT_ONCE]
        with transaction.atomic():
            lock(actor.account, part)
            caught += len(quarantine(actor, contradictions(part), cause=cause))
    return caught
