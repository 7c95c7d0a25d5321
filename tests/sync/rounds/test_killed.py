"""A worker that dies in a pass, wake-ups that get lost or come twice."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from itertools import accumulate, count
from typing import Any

import pytest
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from jobs import schedule
from sync import runs
from sync.models import ACTIVE, Round, RoundStep, Status, SyncRun, Trigger
from sync.rounds import advancing, starting
from tests.sync.rounds.fake import READ, Chain, cut_off


class Killed(BaseException):
    """The worker is gone."""


def dying(monkeypatch: pytest.MonkeyPatch, deaths: Collection[int]) -> list[int]:
    """The worker dies after each of these of the things that its passes do, counted through; those that it has died after."""
    did, died = count(1), list[int]()

    def wrap(owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def counted(*arguments: Any, **options: Any) -> Any:
            result = real(*arguments, **options)
            number = next(did)
            if number in deaths:
                died.append(number)
                raise Killed
            return result

        monkeypatch.setattr(owner, name, counted)

    wrap(runs, "start")
    wrap(advancing._Pass, "_keep")
    wrap(advancing._Pass, "_close")
    return died


def test_wherever_the_worker_dies_each_step_is_done_once(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    # After 1, 3, 6, 10, 15 … things: in the first pass and the last, before and after a run was kept with its step.
    died = dying(monkeypatch, list(accumulate(range(1, 12))))
    chain.next("Odoo", "master", cut_off)
    found = chain.start()
    while found.is_active:
        with contextlib.suppress(Killed):
            chain.go(found)
        found.refresh_from_db()
    assert (found.status, len(READ), len(died) > 6) == (Status.SUCCEEDED, 6, True)
    assert (len({*READ}), READ.count(("Odoo", "master"))) == (5, 2)


def test_a_wake_up_that_comes_twice_starts_nothing_twice(chain: Chain) -> None:
    found = chain.start()
    advancing.advance(found.pk)
    advancing.advance(found.pk)
    assert SyncRun.objects.count() == 2


def test_the_end_of_a_run_wakes_its_round_and_the_tick_those_whose_wake_up_was_lost(chain: Chain) -> None:
    found = chain.start()
    advancing.advance(found.pk)
    OrmQ.objects.all().delete()
    runs.execute(SyncRun.objects.earliest("pk").pk)
    assert [task.task["func"] for task in OrmQ.objects.all()].count(starting.ADVANCE) == 1
    OrmQ.objects.all().delete()
    advancing.sweep()
    assert [task.task["args"] for task in OrmQ.objects.all()] == [(found.pk,)]


def test_what_the_queue_and_the_tick_call_is_there() -> None:
    assert import_string(starting.ADVANCE) is advancing.advance
    assert {"sync.rounds.advancing.sweep", "sync.rounds.nightly.install_missing"} <= {*schedule._sweepers}


def test_a_round_that_is_over_wakes_nobody(chain: Chain) -> None:
    chain.sync()
    OrmQ.objects.all().delete()
    runs.execute(runs.start(chain.owner, chain.connections["Odoo"], "master", trigger=Trigger.API).pk)
    advancing.sweep()
    assert starting.ADVANCE not in [task.task["func"] for task in OrmQ.objects.all()]
    assert advancing.advance(Round.objects.get().pk) == f"Round {Round.objects.get().pk} is over."


def test_a_run_that_was_deleted_is_no_reason_to_wait(chain: Chain) -> None:
    found = chain.start()
    advancing.advance(found.pk)
    SyncRun.objects.filter(status__in=ACTIVE, scope="master").delete()
    assert chain.go(found).status == Status.PARTIAL
    assert RoundStep.objects.get(round=found, scope="master").code == "run_gone"
