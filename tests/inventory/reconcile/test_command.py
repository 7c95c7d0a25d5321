"""`manage.py stock`: what it prints, and its exit codes."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditLog
from inventory.models import Batch, Cause, Level, Movement, Product, Reconciliation, Warehouse
from inventory.reconcile import start
from tests.inventory.ledger.build import in_days
from tests.inventory.reconcile.build import Store, digest, make_batch, make_level, off_by


def stock(*words: Any) -> tuple[str, int]:
    """What the command prints, and its exit code."""
    out = StringIO()
    try:
        call_command("stock", words[0], "--account", "7qx", *words[1:], stdout=out, stderr=StringIO())
    except SystemExit as ended:
        return out.getvalue(), int(str(ended.code))
    except CommandError as refused:
        return f"{out.getvalue()}{refused}", refused.returncode
    return out.getvalue(), 0


def test_verify_of_what_agrees(store: Store) -> None:
    store.more(3)
    assert stock("verify") == ("Verify: manual (reconcile by hand)\nAll 3 levels agree with their batches.\n", 0)


def test_verify_tells_all_three_unit_kinds_of_what_differs(store: Store) -> None:
    make_batch(store.tea, store.place, 98)
    make_batch(store.tea, store.place, "2.5", "units")
    make_level(store.tea, store.place, packs=100, pallets=1)
    out, code = stock("verify")
    assert code == 1
    assert out.splitlines()[1:] == [
        "QTX-TEA in MAIN: pallets 1 → 0 (-1), packs 100 → 98 (-2), units 0 → 2.5 (+2.5); MISMATCH",
        "1 of 1 levels differ: 1 MISMATCH.",
    ]


def test_verify_for_programs(store: Store) -> None:
    store.stock(30)
    off_by(store.tea, store.place, 5)
    out, code = stock("verify", "--json")
    [drift] = json.loads(out)["drifts"]
    assert (code, drift["class"], drift["difference"]) == (1, "MISMATCH", {"pallets": "0", "packs": "-5", "units": "0"})


def test_reconcile_sets_right_and_says_so(store: Store) -> None:
    store.stock(30)
    off_by(store.tea, store.place, 5)
    out, code = stock("reconcile")
    run = Reconciliation.objects.get()
    assert code == 1
    assert out.splitlines() == [
        "Reconcile: manual (reconcile by hand)",
        "QTX-TEA in MAIN: pallets 0 → 0 (0), packs 35 → 30 (-5), units 0 → 0 (0); MISMATCH",
        f"Reconciliation {run.pk}: 1 of 1 levels differed: 1 set right.",
    ]
    assert store.counters().packs == 30
    out, code = stock("reconcile")
    assert (out.splitlines()[-1].split(": ", 1)[1], code) == ("The level agrees with its batches.", 0)


def test_a_dry_run_leaves_the_database_as_it_is(store: Store) -> None:
    store.stock(30)
    off_by(store.tea, store.place, 5)
    before = digest()
    out, code = stock("reconcile", "--dry-run")
    assert digest() == before
    assert code == 1
    assert "packs 35 → 30 (-5)" in out
    assert out.endswith("1 of 1 levels differed: 1 set right. It was a dry run: all of it was rolled back.\n")


def test_a_limit_stops_and_asks(store: Store) -> None:
    store.stock(30)
    off_by(store.tea, store.place, 5)
    out, code = stock("reconcile", "--limit-qty", "4.5", "--json")
    answer = json.loads(out)
    assert (code, answer["status"], answer["stopped_by"]) == (1, "needs_review", "limit")
    assert store.counters().packs == 35


def test_one_product_and_one_warehouse_are_named(store: Store) -> None:
    one, other = store.more(2)
    off_by(one, store.place, 1)
    off_by(other, store.place, 1)
    assert stock("reconcile", "--product", "qtx-1", "--warehouse", "MAIN")[1] == 1
    assert (store.counters(one).packs, store.counters(other).packs) == (11, 10)


def test_what_is_not_there_is_refused(store: Store) -> None:
    assert stock("verify", "--product", "NONE") == ("7QX has no product with the SKU “NONE”.", 2)
    assert stock("verify", "--warehouse", "NONE") == ("7QX has no warehouse “NONE”. There are: MAIN.", 2)


def test_a_second_pass_at_once_is_refused(store: Store) -> None:
    active = start(store.actor, cause=Cause.MANUAL)
    said, code = stock("reconcile")
    assert code == 2
    assert f"Reconciliation {active.pk} is already at it." in said


def test_expire_books_what_has_expired(store: Store) -> None:
    make_batch(store.tea, store.place, 4, expires_at=in_days(-1))
    make_level(store.tea, store.place, packs=4)
    out, code = stock("expire")
    assert (out.splitlines()[-1], code) == ("1 batches expired; 0 will soon and were told.", 0)
    assert store.counters().packs == 0


def test_selftest_heals_its_own_drift_and_leaves_nothing_for_sale(store: Store) -> None:
    for _ in range(2):
        out, code = stock("selftest")
        assert code == 0, out
        assert out.splitlines()[-1] == "Reconcile works."
    product, place = Product.objects.get(sku="SELFTEST"), Warehouse.objects.get(code="SELFTEST")
    assert (product.active, place.active) == (False, False)
    assert Level.objects.get(product=product).packs == 0
    assert not Batch.objects.filter(product=product, remaining__gt=0).exists()
    assert Movement.objects.filter(kind="correction", cause="selftest", drift=-5).count() == 2
    assert AuditLog.objects.filter(action="AUTO_SYNC_CORRECTION").count() == 2


def test_selftest_tells_when_nothing_is_healed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inventory.reconcile.selftest.reconcile", lambda *_: ())
    out, code = stock("selftest")
    assert code == 2
    assert "FAILED: Reconcile found one drift of five packs." in out
