"""Reconcile and sales of the same level at the same time. Only PostgreSQL locks rows; SQLite lets one write after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from inventory import reconcile
from inventory.models import Cause, DriftOutcome, Level, Movement, Reconciliation, ReconciliationStatus
from inventory.reconcile import chunks, dirty
from tests.inventory.ledger.build import Shop
from tests.inventory.reconcile.build import Store, ends, off_by, passed
from tests.jobs.conftest import PATIENCE

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL locks rows"),
]


@contextmanager
def elsewhere(do: Callable[[], Any]) -> Iterator[Callable[[], None]]:
    """Another connection is in a transaction in which it has done this; what the block is given ends it, as its end does."""
    ready, done = threading.Event(), threading.Event()

    def work() -> None:
        try:
            with transaction.atomic():
                do()
                ready.set()
                done.wait(PATIENCE)
        finally:
            ready.set()
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait(PATIENCE)

    def end() -> None:
        done.set()
        thread.join()

    try:
        yield end
    finally:
        end()


def locked(level: Level) -> Callable[[], Any]:
    return lambda: Level.objects.select_for_update(no_key=True).get(pk=level.pk)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "WAITS", (0.0, 0.0, 0.0))


def test_a_level_that_stays_locked_is_skipped_and_the_others_are_not(quick: None) -> None:
    store = Store()
    one, other = store.more(2)
    for product in (one, other):
        off_by(product, store.place, 1)
    with elsewhere(locked(store.level(one))):
        run = passed(store)
    assert run.status == ReconciliationStatus.PARTIAL
    assert ends(run) == {"scanned": 2, "drifted": 2, "corrected": 1, "skipped": 1}
    assert run.drifts.get(product=one).outcome == DriftOutcome.SKIPPED
    assert (store.counters(one).packs, store.counters(other).packs) == (11, 10)
    assert ends(passed(store)) == {"scanned": 2, "drifted": 1, "corrected": 1}


def test_a_level_that_is_free_again_in_the_next_round_is_set_right(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store()
    [product] = store.more(1)
    off_by(product, store.place, 1)
    with elsewhere(locked(store.level(product))) as end:
        monkeypatch.setattr(chunks.time, "sleep", lambda _: end())
        run = passed(store)
    assert ends(run) == {"scanned": 1, "drifted": 1, "corrected": 1}


def test_a_sale_between_looking_and_locking_makes_no_false_correction(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sale heals the level it finds wrong and books its own; the pass finds nothing left to do."""
    shop = Shop()
    shop.buy(20)
    off_by(shop.tea, shop.place, 5)
    original = chunks._chunk

    def chunk(*arguments: Any) -> Any:
        monkeypatch.setattr(chunks, "_chunk", original)
        shop.sell(8)
        return original(*arguments)

    monkeypatch.setattr(chunks, "_chunk", chunk)
    run = passed(shop)
    assert ends(run) == {"scanned": 1, "drifted": 1, "gone": 1}
    assert shop.packs == 12
    assert Movement.objects.get(kind="correction").found_on_write


def test_a_sale_waits_for_a_chunk_and_sees_what_it_has_written() -> None:
    shop = Shop()
    shop.buy(20)
    off_by(shop.tea, shop.place, 5)
    key = (shop.tea.pk, shop.place.pk)
    with elsewhere(lambda: reconcile.reconcile(shop.actor, [key], Cause.MANUAL)) as end:
        seller = threading.Thread(target=lambda: (shop.sell(8), connection.close()))
        seller.start()
        seller.join(0.3)
        assert seller.is_alive()
        end()
        seller.join()
    assert shop.packs == 12
    assert Movement.objects.filter(kind="correction").count() == 1


def test_the_minute_pass_leaves_a_busy_level_for_the_next_minute() -> None:
    shop = Shop()
    shop.buy(20)
    level = Level.objects.get()
    off_by(shop.tea, shop.place, 5)
    with elsewhere(locked(level)):
        assert dirty.heal(shop.account.pk) == "0 levels proved, 0 of them set right."
    assert dirty.heal(shop.account.pk) == "1 levels proved, 1 of them set right."


def test_two_passes_started_at_once_are_one() -> None:
    store = Store()
    outcomes: list[str] = []
    barrier = threading.Barrier(4)

    def begin() -> None:
        barrier.wait(PATIENCE)
        try:
            reconcile.start(store.actor, cause=Cause.MANUAL)
            outcomes.append("started")
        except Exception as refused:
            outcomes.append(type(refused).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["AlreadyReconciling"] * 3 + ["started"]
    assert Reconciliation.objects.count() == 1
