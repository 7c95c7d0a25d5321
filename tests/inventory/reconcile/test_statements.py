"""How many statements it takes, however many levels there are; and which indexes they read."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory import reconcile
from inventory.models import Batch, Cause, Level, StockSettings
from inventory.reconcile import chunks, detect
from inventory.reconcile.scope import scope_of
from tests.inventory.reconcile.build import Store, off_by, passed


def statements_of(store: Store, *, levels: int, drifted: int) -> int:
    """Of a pass over so many levels."""
    for product in store.more(levels)[:drifted]:
        off_by(product, store.place, 1)
    with CaptureQueriesContext(connection) as seen:
        run = passed(store)
    assert (run.counters["scanned"], run.counters["corrected"]) == (levels, drifted)
    return len(seen)


def test_a_clean_pass_takes_as_many_statements_over_three_levels_as_over_sixty(store: Store) -> None:
    few = statements_of(store, levels=3, drifted=0)
    Level.objects.all().delete()
    Batch.objects.all().delete()
    assert statements_of(store, levels=60, drifted=0) == few


def test_a_chunk_takes_as_many_statements_for_one_level_as_for_twenty(store: Store) -> None:
    few = statements_of(store, levels=200, drifted=1)
    Level.objects.all().delete()
    Batch.objects.all().delete()
    assert statements_of(store, levels=200, drifted=20) == few


def test_each_chunk_adds_as_many_statements(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "AT_ONCE", 3)
    StockSettings.objects.create(account=store.account, offender_times=100)
    products = store.more(12)
    taken = []
    for number in (3, 6, 12):
        for product in products[:number]:
            off_by(product, store.place, 1)
        with CaptureQueriesContext(connection) as seen:
            passed(store, Cause.MANUAL, limits={"rows": 100})
        taken.append(len(seen))
    assert taken[2] - taken[1] == 2 * (taken[1] - taken[0])
    assert taken[1] - taken[0] < 30


def test_verify_takes_as_many_statements_over_three_levels_as_over_sixty(store: Store) -> None:
    taken = []
    for number in (3, 60):
        Level.objects.all().delete()
        Batch.objects.all().delete()
        for product in store.more(number):
            off_by(product, store.place, 1)
        with CaptureQueriesContext(connection) as seen:
            assert reconcile.verify(store.actor, limit=1).drifted == number
        taken.append(len(seen))
    assert taken[0] == taken[1]


def test_detection_reads_what_is_left_from_its_index_and_contradictions_from_theirs(store: Store) -> None:
    store.more(3)
    # What has been sold, by far the most in any store, and which is not to be read.
    gone = {"account": store.account, "product": store.tea, "warehouse": store.place, "unit_kind": "packs", "received_at": timezone.now()}
    Batch.objects.bulk_create([Batch(**gone, received=1, sold=1) for _ in range(3000)])
    plan = explained(detect.found(scope_of(store.account)))
    # PostgreSQL takes either of two partial indexes.
    assert "batch_counted" in plan or "batch_fefo" in plan
    assert "batch_broken" in plan
    # Nothing reads the whole table of batches.
    assert "SCAN inventory_batch\n" not in plan
    assert "Seq Scan on inventory_batch" not in plan


def explained(statement: str) -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE inventory_batch")
            # So few rows would be read in one go.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {statement}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
        return "".join(f"{row[-1]}\n" for row in cursor.fetchall())
